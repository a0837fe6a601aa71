package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// A setting is one leaf of Config: a string, a duration, a Secret, or a list of strings or Secrets.
type setting struct {
	path     string
	index    []int  // of the field, from Config
	duration bool   // a duration
	secret   bool   // a Secret, or a list of them
	list     bool   // a list of strings or Secrets
	twin     string // the path of a secret's file, and of a file's secret; "" for every other setting
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
		case reflect.TypeFor[time.Duration]():
			list = append(list, setting{path: path, index: at, duration: true})
		case reflect.TypeFor[Secret]():
			list = append(list, setting{path: path, index: at, secret: true})
		case reflect.TypeFor[[]string]():
			list = append(list, setting{path: path, index: at, list: true})
		case reflect.TypeFor[[]Secret]():
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

// set puts texts into c: the items of a list, or the one text of anything else.
func (s setting) set(c *Config, texts []string) error {
	switch target := s.field(c).Addr().Interface().(type) {
	case *string:
		*target = texts[0]
	case *Secret:
		*target = NewSecret(texts[0])
	case *[]string:
		*target = texts
	case *[]Secret:
		*target = make([]Secret, len(texts))
		for i, text := range texts {
			(*target)[i] = NewSecret(text)
		}
	case *time.Duration:
		d, err := time.ParseDuration(texts[0])
		if err != nil {
			return fmt.Errorf("is %q, which is no duration", texts[0])
		}
		*target = d
	}
	return nil
}
