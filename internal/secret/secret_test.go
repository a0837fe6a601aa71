package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestATextNeverPrintsItself(t *testing.T) {
	const text = "hunter2hunter2"
	hex := fmt.Sprintf("%x", text)
	type settings struct {
		Key    Text   `yaml:"key"`
		Keys   []Text `yaml:"keys"`
		hidden Text
	}
	value := settings{New(text), []Text{New(text)}, New(text)}

	printed := map[string]string{"an error": fmt.Errorf("with %w and %v", fmt.Errorf("%s", value.Key), value).Error()}
	for _, value := range []any{value.Key, &value.Key, value.Keys, value, &value} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
			printed[fmt.Sprintf("%s of %T", verb, value)] = fmt.Sprintf(verb, value)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("start", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "value", value)
		printed[fmt.Sprintf("slog of %T", value)] = log.String()
		asJSON, errJSON := json.Marshal(value)
		asYAML, errYAML := yaml.Marshal(value)
		if errJSON != nil || errYAML != nil {
			t.Fatalf("marshalling a %T: errors %v and %v", value, errJSON, errYAML)
		}
		printed[fmt.Sprintf("JSON of %T", value)] = string(asJSON)
		printed[fmt.Sprintf("YAML of %T", value)] = string(asYAML)
	}
	for how, got := range printed {
		for _, leak := range []string{text, hex, strings.ToUpper(hex)} {
			if strings.Contains(got, leak) {
				t.Errorf("%s prints the secret: %s", how, got)
			}
		}
	}
}

func TestATextShowsWhetherItIsSet(t *testing.T) {
	for _, test := range []struct{ text, want string }{{"hunter2", "[redacted]"}, {"", ""}} {
		secret := New(test.text)
		if got := secret.Reveal(); got != test.text {
			t.Errorf("Reveal returns %q, want %q", got, test.text)
		}
		for _, got := range []string{secret.String(), fmt.Sprint(secret), fmt.Sprintf("%x", secret)} {
			if got != test.want {
				t.Errorf("a secret of %q prints as %q, want %q", test.text, got, test.want)
			}
		}
	}
}
