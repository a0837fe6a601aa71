package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/secret"
)

// A setting is one leaf of Config: a string, a Secret, a list of either, or what set makes of a text.
type setting struct {
	path   string
	index  []int  // of the field, from Config
	parsed bool   // true or false, an int, a duration or a Rate
	secret bool   // a Secret, or a list of them
	list   bool   // a list of strings or Secrets
	twin   string // the path of a secret's file, and of a file's secret; "" for every other setting
}

// settings lists every setting in the order of Config's fields. It is the only list of them: what is known in YAML,
// in the environment and in the example comes from here.
func settings() []setting {
	list := appendSettings(nil, reflect.TypeFor[Config](), "", nil)
	for i, s := range list {
		file := slices.IndexFunc(list, func(other setting) bool { return s.secret && other.path == s.path+"_file" })
		if file >= 0 {
			list[i].twin, list[file].twin = list[file].path, s.path
		}
	}
	return list
}

func appendSettings(list []setting, section reflect.Type, prefix string, index []int) []setting {
	for i := range section.NumField() {
		field := section.Field(i)
		path := prefix + field.Tag.Get("yaml")
		at := append(slices.Clip(index), i)
		switch field.Type {
		case reflect.TypeFor[string]():
			list = append(list, setting{path: path, index: at})
		case reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[time.Duration](), reflect.TypeFor[Rate]():
			list = append(list, setting{path: path, index: at, parsed: true})
		case reflect.TypeFor[secret.Text]():
			list = append(list, setting{path: path, index: at, secret: true})
		case reflect.TypeFor[[]string]():
			list = append(list, setting{path: path, index: at, list: true})
		case reflect.TypeFor[[]secret.Text]():
			list = append(list, setting{path: path, index: at, list: true, secret: true})
		default:
			list = appendSettings(list, field.Type, path+".", at)
		}
	}
	return list
}

// env is the environment variable that overrides the setting.
func (s setting) env() string {
	return "OCSSO_" + strings.ToUpper(strings.ReplaceAll(s.path, ".", "_"))
}

// field is the setting's value in c.
func (s setting) field(c *Config) reflect.Value {
	return reflect.ValueOf(c).Elem().FieldByIndex(s.index)
}

// clear takes the setting out of c.
func (s setting) clear(c *Config) { s.field(c).SetZero() }

// set puts texts into c: the items of a list, or the one text of anything else. It says what is wrong with a text that
// can't be that, and how to write it; or "".
func (s setting) set(c *Config, texts []string) (fault, hint string) {
	switch target := s.field(c).Addr().Interface().(type) {
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
