package config

import (
	"fmt"
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
// The environment variable of a setting is OCSSO_ and its path in upper case, with "_" for ".":
// OCSSO_SERVER_TLS_CERT_FILE. Commas without spaces separate the items of a list. A variable that
// is set and empty sets the empty text or list; null in YAML sets nothing. An empty secret counts
// as not set. Another variable that begins with OCSSO_ is a problem, unless Kubernetes sets it for
// a service called ocsso.
//
// A secret comes from its setting, or from the file that the setting with "_file" behind its name
// names. Such a file has one item of a list per line, and its last newline doesn't count. Either of
// the two in the environment overrides both in YAML. readFile gets the name as it is written, so a
// relative one is relative to the working directory, not to the YAML.
//
// Every error is yamlfile.Problems, and lists all there is to fix: unknown, repeated and missing
// settings, values of a wrong type or out of bounds, and settings that contradict each other. The
// Config beside it has what could be read.
func Load(name string, data []byte, environ []string, readFile func(string) ([]byte, error)) (Config, error) {
	c := Default()
	l := newLoader(&c, name, data)
	ok := l.readYAML()
	l.readEnvironment(environ)
	if ok {
		for _, s := range l.settings {
			l.readFile(s, readFile)
			l.checkPasted(s)
		}
		l.check(c)
	}
	if len(l.file.Problems) > 0 {
		return c, l.file.Problems
	}
	return c, nil
}

// A loader overrides settings with what one source after the other says.
type loader struct {
	name     string
	settings []*setting
	file     *yamlfile.File // collects the problems of every source
}

// A setting is one value of the Config that is being loaded.
type setting struct {
	path   string   // as "server.tls.cert_file"
	value  any      // a pointer to the field of the Config
	twin   *setting // of a secret its file, of a file its secret; nil for every other setting
	source string   // where the value comes from; "" for the default
	layer  int      // the same for all that one source says; 0 for the default
	texts  []string // the items of a list, or the one text of anything else; none for the default
}

func newLoader(c *Config, name string, data []byte) *loader {
	file := yamlfile.Parse(name, data, "write each setting as name: value, with a space behind the colon")
	return &loader{name, settingsOf(reflect.ValueOf(c).Elem(), ""), file}
}

// settingsOf lists the settings of a section in the order of its fields. YAML, the environment,
// Show and the test of the example all take the settings that there are from here.
func settingsOf(section reflect.Value, prefix string) (list []*setting) {
	for i := range section.NumField() {
		path := prefix + section.Type().Field(i).Tag.Get("yaml")
		switch field := section.Field(i).Addr().Interface().(type) {
		case *Secret[secret.Text]:
			list = append(list, pair(path, &field.Value, &field.File)...)
		case *Secret[[]secret.Text]:
			list = append(list, pair(path, &field.Value, &field.File)...)
		case *string, *bool, *int, *time.Duration, *Rate, *[]string, *[]Address:
			list = append(list, &setting{path: path, value: field})
		default:
			list = append(list, settingsOf(section.Field(i), path+".")...)
		}
	}
	return list
}

func pair(path string, value, file any) []*setting {
	s, twin := &setting{path: path, value: value}, &setting{path: path + "_file", value: file}
	s.twin, twin.twin = twin, s
	return []*setting{s, twin}
}

func (s *setting) isList() bool { return reflect.TypeOf(s.value).Elem().Kind() == reflect.Slice }

func (s *setting) isSecret() bool { return s.twin != nil && !strings.HasSuffix(s.path, "_file") }

// Variable returns the environment variable that overrides the setting at path.
func Variable(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// find returns the setting at path, or nil. path may be that of an item of a list.
func (l *loader) find(path string) *setting {
	path, _, _ = strings.Cut(path, "[")
	if i := slices.IndexFunc(l.settings, func(s *setting) bool { return s.path == path }); i >= 0 {
		return l.settings[i]
	}
	return nil
}

// report adds a problem with a setting, or with an item of a list.
func (l *loader) report(path, text, hint string) {
	source := l.name
	if s := l.find(path); s.source != "" {
		source = s.source
	}
	l.file.Problems = append(l.file.Problems, yamlfile.Problem{Source: source, Path: path, Text: text, Hint: hint})
}

// check reports the rules that c breaks. It leaves out values that were not read: there is nothing
// more to say about them.
func (l *loader) check(c Config) {
	told := map[string]bool{}
	for _, p := range l.file.Problems {
		culprit, _, _ := strings.Cut(p.Path, "[")
		for _, s := range l.settings {
			if s.path == culprit || s.twin != nil && s.twin.path == culprit || culprit != "" && strings.HasPrefix(s.path, culprit+".") {
				told[s.path] = true
			}
		}
	}
	checker(func(path string, broken bool, text, hint string) {
		setting, _, _ := strings.Cut(path, "[")
		if broken && !told[path] && !told[setting] {
			l.report(path, text, hint)
			told[path] = true
		}
	}).rules(c)
}

// readYAML reads the settings of the YAML. It is not ok when there are none to speak of; then there
// is a problem that says so.
func (l *loader) readYAML() (ok bool) {
	if l.file.Root == nil {
		return len(l.file.Problems) == 0
	}
	return l.readSection(l.file.Root, "")
}

// readSection reads a mapping; prefix is the section's path with a dot behind it, or "" for the
// whole file. It returns false when node is no mapping.
func (l *loader) readSection(node *yaml.Node, prefix string) bool {
	names := l.names(prefix)
	values := l.file.Mapping(node, strings.TrimSuffix(prefix, "."), names, func(key string) (string, string) { return l.meant(prefix, key) })
	for _, name := range names {
		value, s := values[name], l.find(prefix+name)
		switch {
		case value == nil:
		case s == nil:
			l.readSection(value, prefix+name+".")
		case s.isList():
			if texts, ok := l.file.Texts(value, s.path); ok {
				l.set(s, inYAML, l.file.At(value), texts...)
			}
		default:
			if text, ok := l.file.Text(value, s.path); ok {
				l.set(s, inYAML, l.file.At(value), text)
			}
		}
	}
	return values != nil
}

// names returns the names of the settings and sections directly below prefix.
func (l *loader) names(prefix string) (names []string) {
	for _, s := range l.settings {
		if rest, ok := strings.CutPrefix(s.path, prefix); ok {
			name, _, _ := strings.Cut(rest, ".")
			names = append(names, name)
		}
	}
	return slices.Compact(names)
}

// meant returns what is wrong with a key below prefix that is neither setting nor section, and what to do
// about it.
func (l *loader) meant(prefix, key string) (fault, hint string) {
	if successor, ok := gone[prefix+key]; ok {
		return "is gone", successor
	}
	names := l.names(prefix)
	if name := yamlfile.Nearest(key, names); name != "" {
		return "is unknown", "did you mean " + prefix + name + "?"
	}
	for _, s := range l.settings { // elsewhere
		for path, dot := s.path, 0; dot >= 0; path = path[:max(dot, 0)] {
			dot = strings.LastIndex(path, ".")
			if yamlfile.Nearest(key, []string{path[dot+1:]}) != "" {
				return "is unknown", "did you mean " + path + "?"
			}
		}
	}
	return "is unknown", "known here: " + strings.Join(names, ", ")
}

// envPrefix begins every environment variable that is a setting.
const envPrefix = "OCSSO_"

// serviceLink is a variable that Kubernetes sets in each pod for a service called ocsso, or for one
// whose name begins with it, such as ocsso-redis.
var serviceLink = regexp.MustCompile(`^OCSSO_(?:SERVICE_|PORT[_=]|[A-Z0-9_]+_SERVICE_(?:HOST|PORT)[_=]|` +
	`[A-Z0-9_]+_PORT_[0-9]+_(?:TCP|UDP|SCTP)[_=]|[A-Z0-9_]+_PORT=(?:tcp|udp|sctp)://)`)

// readEnvironment reads the settings of the environment.
func (l *loader) readEnvironment(environ []string) {
	hints, variables, settings := map[string]string{}, []string{}, map[string]*setting{}
	for path, successor := range gone {
		hints[Variable(path)] = successor
	}
	for _, s := range l.settings {
		settings[Variable(s.path)] = s
		variables = append(variables, Variable(s.path)[len(envPrefix):])
	}
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, text, _ := strings.Cut(variable, "=")
		s := settings[name]
		switch {
		case !strings.HasPrefix(strings.ToUpper(name), envPrefix), serviceLink.MatchString(variable):
		case s == nil:
			fault, hint := "is no setting", "config.example.yaml has every setting; a variable that is none must not begin with "+envPrefix
			if successor := hints[name]; successor != "" {
				fault, hint = "is gone", successor
			} else if meant := yamlfile.Nearest(name[len(envPrefix):], variables); meant != "" {
				hint = "did you mean " + envPrefix + meant + "?"
			}
			l.file.Problems = append(l.file.Problems, yamlfile.Problem{Source: "$" + name, Text: fault, Hint: hint})
		case s.isList() && text == "":
			l.set(s, inEnvironment, "$"+name)
		case s.isList():
			l.set(s, inEnvironment, "$"+name, strings.Split(text, ",")...)
		default:
			l.set(s, inEnvironment, "$"+name, text)
		}
	}
}

// The layers of settings, from the bottom up.
const (
	inYAML = 1 + iota
	inEnvironment
	inFile
)

// set gives a setting a value, or reports that it can't be read. A secret replaces its file of a
// lower layer, and a file its secret. An empty one counts as not set.
func (l *loader) set(s *setting, layer int, source string, texts ...string) {
	if s.twin != nil && strings.Join(texts, "") == "" {
		return
	}
	s.source, s.layer, s.texts = source, layer, texts
	if s.twin != nil && s.twin.layer == layer {
		path := strings.TrimSuffix(s.path, "_file")
		l.report(path, "is set beside "+path+"_file", "leave one of the two out")
	} else if s.twin != nil && layer != inFile {
		reflect.ValueOf(s.twin.value).Elem().SetZero()
		s.twin.layer, s.twin.texts = 0, nil
	}
	var err error
	var form string
	switch target := s.value.(type) {
	case *[]string:
		*target = texts
	case *[]secret.Text:
		*target = nil
		for _, text := range texts {
			*target = append(*target, secret.New(text))
		}
	case *[]Address:
		*target = nil
		for _, text := range texts {
			*target = append(*target, parseAddress(text))
		}
	case *string:
		*target = texts[0]
	case *secret.Text:
		*target = secret.New(texts[0])
	case *bool:
		err, form = parse(target, texts[0], strconv.ParseBool), "write true or false"
	case *int:
		err, form = parse(target, texts[0], strconv.Atoi), "write it in digits, such as 10"
	case *time.Duration:
		err, form = parse(target, texts[0], time.ParseDuration), "write a number and a unit, such as 500ms, 30s, 5m or 12h"
	case *Rate:
		err, form = parse(target, texts[0], parseRate), "write how many in what time, such as 30/1m or 100/1h"
	}
	if err != nil {
		l.report(s.path, fmt.Sprintf("is %q", texts[0]), form)
	}
}

// parse sets target to what text says, or leaves it as it is.
func parse[T any](target *T, text string, read func(string) (T, error)) error {
	value, err := read(text)
	if err == nil {
		*target = value
	}
	return err
}

// readFile sets a secret that a file holds.
func (l *loader) readFile(s *setting, readFile func(string) ([]byte, error)) {
	if !s.isSecret() || !reflect.ValueOf(s.value).Elem().IsZero() || *s.twin.value.(*string) == "" {
		return
	}
	name := *s.twin.value.(*string)
	data, err := readFile(name)
	_, fault, hint := paste.File(data)
	text := strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	switch {
	case err != nil:
		l.report(s.twin.path, "can't be read: "+err.Error(),
			"name a file that this process may read; a relative name is relative to the working directory")
	case fault != "":
		l.report(s.twin.path, "names a file that "+fault, hint)
	case text == "":
		l.report(s.twin.path, "names an empty file", "write the secret into it")
	case s.isList():
		l.set(s, inFile, name, strings.Split(text, "\n")...)
	default:
		l.set(s, inFile, name, text)
	}
}

// checkPasted reports what copying has done to the texts of a setting.
func (l *loader) checkPasted(s *setting) {
	for i, text := range s.texts {
		check := paste.Text
		switch _, addresses := s.value.(*[]Address); {
		case s.path == "help_center.organization_key":
			check = paste.Key
		case s.isSecret(), addresses, s.path == "links_api.keys": // these may be the keys instead of their hashes
			check = paste.Secret
		case s.path == "members.sql.query":
			check = func(text string) (string, string) { return paste.Unseen(text, "\t\r\n") }
		case s.path == "ui.site_name": // an emoji may have these
			check = func(text string) (string, string) { return paste.Unseen(text, "\u200c\u200d\ufe0f") }
		}
		path := s.path
		if s.isList() {
			path = itemPath(path, i)
		}
		if fault, hint := check(text); strings.Contains(fault, "U+0009") {
			l.report(path, fault, hint+`; a path with backslashes goes in single quotes: in double quotes, \t is a tab`)
		} else if fault != "" {
			l.report(path, fault, hint)
		}
	}
}

// SecretFiles returns the files that hold the secrets of c, which Load has made of data. name is
// the YAML's, and is among them when a secret is set there.
func (c Config) SecretFiles(name string, data []byte) []string {
	names := []string{c.Server.TLS.KeyFile, c.Store.Redis.TLSKeyFile}
	l := newLoader(new(Config), name, data)
	l.readYAML()
	for _, s := range l.settings {
		_, addresses := s.value.(*[]Address)
		if s.isSecret() && s.source != "" || addresses && strings.Contains(strings.Join(s.texts, ""), "@") {
			names = append(names, name)
		}
	}
	for _, s := range settingsOf(reflect.ValueOf(&c).Elem(), "") {
		if s.isSecret() {
			names = append(names, *s.twin.value.(*string))
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

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
	"members.sql.max_idle":               "leave it out: members.sql.max_open alone bounds the connections",
	"members.sql.conn_lifetime":          "leave it out: connections are replaced in time",
}
