package config

import (
	"cmp"
	"encoding"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ocsso/internal/paste"
	"ocsso/internal/secret"
	"ocsso/internal/yamlfile"
)

// Load returns the settings: the defaults, overridden by data, which is YAML, overridden by the
// environment. Problems call the YAML name. environ is the environment, as name=value each, and
// readFile returns the whole of a file.
//
// A variable that is set and empty sets the empty text or list; null in YAML sets nothing. An empty
// secret counts as not set. A variable that begins with OCSSO_ and is no setting is a problem,
// unless Kubernetes sets it for a service called ocsso.
//
// A secret comes from its setting, or from the file that the setting with "_file" behind its name
// names, one item of a list per line. Either of the two in the environment overrides both in YAML.
//
// Every error is yamlfile.Problems, and lists all there is to fix. The Config beside it has what
// could be read.
func Load(name string, data []byte, environ []string, readFile func(string) ([]byte, error)) (Config, error) {
	c := Default()
	l := newLoader(&c)
	l.file = yamlfile.Parse(name, string(data), "write each setting as name: value, with a space behind the colon")
	l.readFile = readFile
	isReadable := l.file.Root != nil || len(l.file.Problems) == 0 // or nobody knows what is in the file
	if l.file.Root != nil {
		l.readSection(l.file.Root, "")
	}
	l.readEnvironment(environ)
	if isReadable {
		for _, s := range l.settings {
			l.readSecret(s)
		}
		l.check(&c)
	}
	c.SecretFiles = l.secretFiles()
	if len(l.file.Problems) > 0 {
		return c, l.file.Problems
	}
	return c, nil
}

// A loader overrides settings with what one source after the other says.
type loader struct {
	settings  []*setting
	paths     []string       // of all sections and settings
	file      *yamlfile.File // collects the problems of every source
	readFile  func(string) ([]byte, error)
	hasSecret bool // in the YAML, even if the environment overrides it
}

// A setting is one value of the Config that is being loaded. Its tags are yaml, for its name;
// default, the value as the environment would have it; and text, for another kind of text than one
// that is pasted without quotes or spaces around it: "key" has ASCII alone, "lines" may have spaces
// and line breaks anywhere, and "url" is tidied.
type setting struct {
	path   string // as "server.tls.cert_file"
	value  any    // a pointer to the field of the Config
	tag    reflect.StructTag
	file   *setting // of a secret: the setting that names its file
	isFile bool     // names the file of a secret
	layer  int      // what has set it: 0 for the default, inYAML or inEnvironment
	source string   // in the layer, as problems name it
}

const inYAML, inEnvironment = 1, 2

func newLoader(c *Config) *loader {
	l := &loader{file: new(yamlfile.File)}
	l.list(reflect.ValueOf(c).Elem(), "")
	return l
}

// list lists the settings of a section in the order of its fields. prefix is the section's path
// with a dot behind it, or "" for all settings.
func (l *loader) list(section reflect.Value, prefix string) {
	for i := range section.NumField() {
		field, tag := section.Field(i), section.Type().Field(i).Tag
		path := prefix + tag.Get("yaml")
		_, isText := field.Interface().(encoding.TextMarshaler)
		switch {
		case tag.Get("yaml") == "-":
		case tag.Get("yaml") == ",inline":
			l.list(field, prefix)
		case field.Kind() == reflect.Struct && !isText:
			l.paths = append(l.paths, path)
			l.list(field, path+".")
		default:
			s := &setting{path: path, value: field.Addr().Interface(), tag: tag}
			if secret := l.find(strings.TrimSuffix(path, "_file")); secret != nil {
				secret.file, s.isFile = s, true
			}
			l.paths, l.settings = append(l.paths, path), append(l.settings, s)
		}
	}
}

func (s *setting) isList() bool { return reflect.TypeOf(s.value).Elem().Kind() == reflect.Slice }

// Variable returns the environment variable that overrides the setting at path.
func Variable(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// find returns the setting at path, or nil.
func (l *loader) find(path string) *setting {
	if i := slices.IndexFunc(l.settings, func(s *setting) bool { return s.path == path }); i >= 0 {
		return l.settings[i]
	}
	return nil
}

// whole returns the path of the setting at path, which may be that of an item of a list.
func whole(path string) string {
	path, _, _ = strings.Cut(path, "[")
	return path
}

// report adds a problem with a setting, or with an item of a list.
func (l *loader) report(path, text, hint string) {
	source := cmp.Or(l.find(whole(path)).source, l.file.Name)
	l.file.Problems = append(l.file.Problems, yamlfile.Problem{Source: source, Path: path, Text: text, Hint: hint})
}

// check reports the first rule that each setting breaks, and reads the logo. It leaves out what has
// a problem already.
func (l *loader) check(c *Config) {
	check := checker(func(path string, broken bool, text, hint string) {
		isTold := func(p yamlfile.Problem) bool {
			return p.Path != "" && (p.Path == path || p.Path == whole(path) || whole(p.Path) == path ||
				p.Path == whole(path)+"_file" || strings.HasPrefix(path, p.Path+"."))
		}
		if broken && !slices.ContainsFunc(l.file.Problems, isTold) {
			l.report(path, text, hint)
		}
	})
	check.rules(*c)
	if name := c.UI.LogoFile; name != "" {
		const most = 256 << 10
		var err error
		c.Logo, err = l.readFile(name)
		check("ui.logo_file", err != nil, fmt.Sprintf("can't be read: %v", err), "check the path, and who may read the file")
		check("ui.logo_file", len(c.Logo) > most, fmt.Sprintf("has %d KiB, of at most 256", len(c.Logo)>>10), "use a smaller picture: members' browsers load it")
	}
}

// readSection reads a mapping; prefix is as for list.
func (l *loader) readSection(node *yaml.Node, prefix string) {
	names := l.names(prefix)
	values := l.file.Mapping(node, strings.TrimSuffix(prefix, "."), names, func(key string) string { return l.meant(prefix, key) })
	for _, name := range names {
		value, s := values[name], l.find(prefix+name)
		switch text, texts := "", []string(nil); {
		case value == nil:
		case s == nil:
			l.readSection(value, prefix+name+".")
		case s.isList() && l.file.Decode(value, s.path, &texts):
			l.set(s, inYAML, l.file.At(value), texts)
		case !s.isList() && l.file.Decode(value, s.path, &text):
			l.set(s, inYAML, l.file.At(value), []string{text})
		}
	}
}

// names returns the names of the settings and sections directly below prefix.
func (l *loader) names(prefix string) (names []string) {
	for _, path := range l.paths {
		if name, ok := strings.CutPrefix(path, prefix); ok && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// keyPattern is what a key may look like, mistakes included. Another may be a value.
var keyPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)

// meant returns what to do about a key below prefix that is neither setting nor section.
func (l *loader) meant(prefix, key string) (hint string) {
	if successor := gone[prefix+key]; successor != "" {
		return "it is gone: " + successor
	}
	if path := cmp.Or(yamlfile.Nearest(prefix+key, l.paths), yamlfile.Nearest(key, l.paths)); path != "" {
		return "did you mean " + path + "?"
	}
	if !keyPattern.MatchString(key) {
		return ""
	}
	return "known here: " + strings.Join(l.names(prefix), ", ")
}

// envPrefix begins every environment variable that is a setting.
const envPrefix = "OCSSO_"

// serviceLink is a variable that Kubernetes sets in each pod for a service called ocsso, or for one
// whose name begins with it, such as ocsso-redis.
var serviceLink = regexp.MustCompile(`^OCSSO_(?:SERVICE_|PORT[_=]|[A-Z0-9_]+_SERVICE_(?:HOST|PORT)[_=]|` +
	`[A-Z0-9_]+_PORT_[0-9]+_(?:TCP|UDP|SCTP)[_=]|[A-Z0-9_]+_PORT=(?:tcp|udp|sctp)://)`)

// readEnvironment reads the settings of the environment.
func (l *loader) readEnvironment(environ []string) {
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, text, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(strings.ToUpper(name), envPrefix) || serviceLink.MatchString(variable) {
			continue
		}
		if i := slices.IndexFunc(l.settings, func(s *setting) bool { return Variable(s.path) == name }); i >= 0 {
			l.set(l.settings[i], inEnvironment, "$"+name, l.settings[i].split(text))
			continue
		}
		hint := "config.example.yaml has every setting; a variable that is none must not begin with " + envPrefix
		if path := yamlfile.Nearest(name[len(envPrefix):], l.paths); l.find(path) != nil {
			hint = "did you mean " + Variable(path) + "?"
		}
		for path, successor := range gone {
			if name == Variable(path) {
				hint = "it is gone: " + successor
			}
		}
		l.file.Problems = append(l.file.Problems, yamlfile.Problem{Source: "$" + name, Text: "is no setting", Hint: hint})
	}
}

// split returns the items of a list in a text with commas, or the text.
func (s *setting) split(text string) []string {
	if s.isList() {
		return slices.DeleteFunc(strings.Split(text, ","), func(string) bool { return text == "" })
	}
	return []string{text}
}

// set gives a setting a value. An empty secret counts as not set.
func (l *loader) set(s *setting, in int, source string, texts []string) {
	if (s.file != nil || s.isFile) && strings.Join(texts, "") == "" {
		return
	}
	s.source, s.layer = source, in
	_, isAddress := s.value.(*[]Address)
	if in == inYAML && (s.file != nil && s.file.layer == 0 || isAddress && strings.Contains(strings.Join(texts, ""), "@")) {
		l.hasSecret = true
	}
	target := reflect.ValueOf(s.value).Elem()
	fresh := reflect.New(target.Type()).Elem()
	ok := s.isList() || l.read(s, s.path, fresh.Addr().Interface(), texts[0])
	if s.isList() {
		fresh.Set(reflect.MakeSlice(fresh.Type(), len(texts), len(texts)))
		for i := range texts {
			ok = l.read(s, itemPath(s.path, i), fresh.Index(i).Addr().Interface(), texts[i]) && ok
		}
	}
	if ok { // so that no rule meets half a value
		target.Set(fresh)
	}
}

// read sets target, which is s or an item of it at path, to what text says. It reports what copying
// has done to the text, and a text that it can't read.
func (l *loader) read(s *setting, path string, target any, text string) (ok bool) {
	check := paste.Text
	switch s.tag.Get("text") {
	case "key":
		check = paste.Key
	case "lines":
		check = func(text string) (string, string) {
			return paste.Password(strings.NewReplacer("\n", "", "\t", "").Replace(text))
		}
	}
	var err error
	fault, hint := check(text)
	if fault != "" {
		l.report(path, fault, hint)
		return false
	}
	if s.tag.Get("text") == "url" {
		text = TidyURL(text)
	}
	fault = fmt.Sprintf("is %q", text)
	switch target := target.(type) {
	case *string:
		*target = text
	case *secret.Text:
		*target = secret.New(text)
	case *Address: // its text may have a password
		fault, hint = "is neither host:port nor a Redis URL",
			"write it as 127.0.0.1:6379, or as redis://user:password@127.0.0.1:6379, with rediss:// for TLS; nodes of a cluster as redis+cluster://127.0.0.1:6379, sentinels with the master's name as redis+sentinel://127.0.0.1:26379/mymaster; in a password, / is %2F and @ is %40"
		*target, err = parseAddress(text)
	case *netip.Prefix:
		*target, err = parsePrefix(text)
		hint = "write an address, such as 10.0.0.5, or a network, such as 10.0.0.0/8"
	case *int:
		*target, err = strconv.Atoi(text)
		hint = "write it in digits, such as 10"
	case *time.Duration:
		*target, err = time.ParseDuration(text)
		hint = "write a number and a unit, such as 500ms, 30s, 5m or 12h"
	case *Rate:
		*target, err = parseRate(text)
		hint = "write how many in what time, such as 30/1m or 100/1h"
	}
	if err != nil {
		l.report(path, fault, hint)
	}
	return err == nil
}

// readSecret reads the file of a secret, unless a higher layer has the secret.
func (l *loader) readSecret(s *setting) {
	if s.file == nil || s.file.layer == 0 {
		return
	}
	name := s.file.value.(*string)
	data, err := l.readFile(*name)
	texts := []string{strings.TrimSuffix(strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n"), "\n")}
	if s.isList() {
		texts = strings.Split(texts[0], "\n")
	}
	switch {
	case s.layer > s.file.layer:
		*name = ""
	case s.layer == s.file.layer:
		l.report(s.path, "is set beside "+s.file.path, leaveOne)
	case err != nil:
		l.report(s.file.path, "can't be read: "+err.Error(), "name a file that this process may read; a relative name is relative to the working directory")
	case texts[0] == "":
		l.report(s.file.path, "names an empty file", "write the secret into it")
	default:
		l.set(s, s.file.layer, *name, texts)
	}
}

// secretFiles returns the files that hold secrets, or keys for TLS.
func (l *loader) secretFiles() (files []string) {
	if l.hasSecret {
		files = append(files, l.file.Name)
	}
	for _, s := range l.settings {
		if name, _ := s.value.(*string); (s.isFile || strings.HasSuffix(s.path, "key_file")) && *name != "" && !slices.Contains(files, *name) {
			files = append(files, *name)
		}
	}
	return files
}

const redisSchemes = "redis://host:port, redis+cluster://host:port or redis+sentinel://host:port/mymaster"

// gone has the hints for settings of earlier versions.
var gone = map[string]string{
	"server.idle_timeout":                "leave it out: connections are kept for 620s, longer than load balancers keep them",
	"store.memory.max_entries":           "store.memory.max_mb takes its place: 300000 entries were about 128",
	"store.sqlite":                       "store.file.path takes its place, with a new file: members log in once more",
	"store.sqlite.path":                  "store.file.path takes its place, with a new file: members log in once more",
	"store.redis.min_replicas":           "leave it out: Redis's own min-replicas-to-write refuses changes while replicas are away",
	"store.redis.sentinel_username":      "write it into store.redis.addresses: redis://user:password@host:port",
	"store.redis.sentinel_password":      "write it into store.redis.addresses: redis://user:password@host:port",
	"store.redis.sentinel_password_file": "write the password into store.redis.addresses: redis://user:password@host:port",
	"help_center.request_timeout":        "leave it out: a call of the api handoff has 5s",
	"log.level":                          "leave it out: an audit trail has no gaps",
	"login.site.timeout":                 "leave it out: your site has 3s to answer",
	"login.oauth2.pkce":                  "leave it out: PKCE's parameters are always sent, and a provider that doesn't know them ignores them",
	"store.redis.mode":                   "the scheme of store.redis.addresses says it: " + redisSchemes,
	"store.redis.master":                 "the path of store.redis.addresses says it: " + redisSchemes,
	"store.redis.tls":                    "the scheme of store.redis.addresses says it: rediss, rediss+cluster or rediss+sentinel",
	"store.redis.tls_cert_file":          "leave it out: this server logs in at Redis by user and password",
	"store.redis.tls_key_file":           "leave it out: this server logs in at Redis by user and password",
	"members.sql.max_idle":               "leave it out: members.sql.max_open alone bounds the connections",
	"members.sql.conn_lifetime":          "leave it out: connections are replaced in time",
}
