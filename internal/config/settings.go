package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/paste"
	"ocsso/internal/secret"
)

// A setting is one value of a Config that is being loaded.
type setting struct {
	path   string        // as "server.tls.cert_file"
	value  reflect.Value // the field of the Config
	source string        // where the value comes from; "" for the default
	twin   *setting      // of a secret its file, of a file its secret; nil for every other setting
}

// settingsOf lists the settings of a Config in the order of its fields. YAML, the environment and
// the test of the example all take the settings that there are from here.
func settingsOf(c *Config) []*setting {
	list := appendSettings(nil, reflect.ValueOf(c).Elem(), "")
	for _, s := range list {
		if s.isSecret() {
			s.twin = find(list, s.path+"_file")
			s.twin.twin = s
		}
	}
	return list
}

func appendSettings(list []*setting, section reflect.Value, prefix string) []*setting {
	for i := range section.NumField() {
		field, path := section.Field(i), prefix+section.Type().Field(i).Tag.Get("yaml")
		switch field.Interface().(type) {
		case string, secret.Text, []string, []secret.Text, []Address, bool, int, time.Duration, Rate:
			list = append(list, &setting{path: path, value: field})
		default:
			list = appendSettings(list, field, path+".")
		}
	}
	return list
}

// find returns the setting at path, or nil. path may be that of an item of a list.
func find(list []*setting, path string) *setting {
	path, _, _ = strings.Cut(path, "[")
	if i := slices.IndexFunc(list, func(s *setting) bool { return s.path == path }); i >= 0 {
		return list[i]
	}
	return nil
}

func (s *setting) isList() bool { return s.value.Kind() == reflect.Slice }

func (s *setting) isSecret() bool {
	switch s.value.Interface().(type) {
	case secret.Text, []secret.Text:
		return true
	}
	return false
}

// isText reports whether the setting or its items are text, which YAML must not take for a number.
func (s *setting) isText() bool {
	return s.isList() || s.isSecret() || s.value.Kind() == reflect.String
}

// envPrefix begins every environment variable that is a setting.
const envPrefix = "OCSSO_"

// Variable returns the environment variable that overrides the setting at path.
func Variable(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

func (s *setting) variable() string { return Variable(s.path) }

// set sets the value to texts: the items of a list, or the one text of anything else. It returns
// what is wrong with a text that can't be read, and how to write it; or "".
func (s *setting) set(texts []string) (fault, hint string) {
	switch target := s.value.Addr().Interface().(type) {
	case *string:
		*target = texts[0]
	case *secret.Text:
		*target = secret.New(texts[0])
	case *[]string:
		*target = texts
	case *[]secret.Text:
		*target = make([]secret.Text, len(texts))
		for i, text := range texts {
			(*target)[i] = secret.New(text)
		}
	case *[]Address:
		*target = make([]Address, len(texts))
		for i, text := range texts {
			(*target)[i] = parseAddress(text)
		}
	case *bool:
		if texts[0] != "true" && texts[0] != "false" {
			return fmt.Sprintf("is %q, which is neither true nor false", texts[0]), "write true or false"
		}
		*target = texts[0] == "true"
	case *int:
		n, err := strconv.Atoi(texts[0])
		if err != nil {
			return fmt.Sprintf("is %q, which is no whole number", texts[0]), "write it in digits, such as 10"
		}
		*target = n
	case *time.Duration:
		d, err := time.ParseDuration(texts[0])
		if err != nil {
			return fmt.Sprintf("is %q, which is no duration", texts[0]), "write a number and a unit, such as 500ms, 30s, 5m or 12h"
		}
		*target = d
	case *Rate:
		rate, err := parseRate(texts[0])
		if err != nil {
			return fmt.Sprintf("is %q, which is no rate", texts[0]), "write how many in what time, such as 30/1m or 100/1h"
		}
		*target = rate
	}
	return "", ""
}

// texts returns the value as texts: the items of a list, or one. It returns none for what is no
// text.
func (s *setting) texts() []string {
	switch value := s.value.Interface().(type) {
	case string:
		return []string{value}
	case []string:
		return value
	case secret.Text:
		return []string{value.Reveal()}
	case []Address:
		texts := make([]string, len(value))
		for i, address := range value {
			texts[i] = address.HostPort
		}
		return texts
	case []secret.Text:
		texts := make([]string, len(value))
		for i, text := range value {
			texts[i] = text.Reveal()
		}
		return texts
	}
	return nil
}

// pasteFault returns what copying has done to a text of the setting, and what to do about it; or
// "".
func (s *setting) pasteFault(text string) (fault, hint string) {
	switch s.path {
	case "help_center.organization_key":
		return paste.Key(text)
	case "links_api.keys": // may be the keys instead of their hashes
		return paste.Secret(text)
	case "members.sql.query":
		return paste.Unseen(text, "\t\r\n")
	case "ui.site_name": // an emoji may have these
		return paste.Unseen(text, "\u200c\u200d\ufe0f")
	}
	if s.isSecret() {
		return paste.Secret(text)
	}
	fault, hint = paste.Text(text)
	if fault != "" && (strings.HasSuffix(s.path, "path") || strings.HasSuffix(s.path, "_file")) {
		hint += "; put a path with backslashes in single quotes: in double quotes, \\t is a tab"
	}
	return fault, hint
}

// A Rate is how often something may happen: Count times, 1 to 100000, in each Per, 1 s to 24 h. As
// text it is "30/1m".
type Rate struct {
	Count int
	Per   time.Duration
}

// parseRate reads a Rate and doesn't check its bounds.
func parseRate(text string) (Rate, error) {
	count, per, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if err != nil {
		return Rate{}, err
	}
	d, err := time.ParseDuration(per)
	return Rate{n, d}, err
}

// String returns a text that Load reads as the same Rate.
func (r Rate) String() string { return fmt.Sprintf("%d/%v", r.Count, r.Per) }

// MarshalText returns what String returns. YAML calls it.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// gone has the successors of settings that are no more.
var gone = map[string]string{
	"server.idle_timeout":                "leave it out: connections are kept for 620s, longer than load balancers keep them",
	"store.memory.max_entries":           "set store.memory.max_mb: 300000 entries were about 128",
	"store.sqlite":                       "set store.file.path to a new file: members log in once more",
	"store.sqlite.path":                  "set store.file.path to a new file: members log in once more",
	"store.redis.min_replicas":           "leave it out: Redis's own min-replicas-to-write refuses changes that no replica would get",
	"store.redis.sentinel_username":      "write it into store.redis.addresses: redis://user:password@host:port",
	"store.redis.sentinel_password":      "write it into store.redis.addresses: redis://user:password@host:port",
	"store.redis.sentinel_password_file": "write the password into store.redis.addresses: redis://user:password@host:port",
	"members.sql.max_idle":               "leave it out: connections are kept for as long as lookups need them",
	"members.sql.conn_lifetime":          "leave it out: connections are replaced in time",
}
