package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestSecretsDoNotPrint(t *testing.T) {
	const text = "hunter2hunter2"
	hexText := fmt.Sprintf("%x", text)
	secret := NewSecret(text)
	config := Config{
		HelpCenter: HelpCenter{OrganizationKey: secret}, Session: Session{Keys: []Secret{secret}},
		Store: Store{Redis: Redis{Password: secret}}, Login: Login{OIDC: OIDC{ClientSecret: secret}}, Members: Members{SQL: MembersSQL{DSN: secret}},
	}
	hidden := struct {
		secret Secret
		config Config
	}{secret, config}

	printed := map[string]string{}
	for _, value := range []any{secret, &secret, []Secret{secret}, config, &config, hidden, &hidden} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
			printed[fmt.Sprintf("%s of %T", verb, value)] = fmt.Sprintf(verb, value)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("start", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "value", value)
		printed[fmt.Sprintf("slog of %T", value)] = log.String()
		asJSON, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		printed[fmt.Sprintf("JSON of %T", value)] = string(asJSON)
		asYAML, err := yaml.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		printed[fmt.Sprintf("YAML of %T", value)] = string(asYAML)
	}
	printed["an error"] = fmt.Errorf("with %w and %v", fmt.Errorf("%s", secret), config).Error()
	printed["Show"] = string(config.Show())
	for how, got := range printed {
		for _, leak := range []string{text, hexText, strings.ToUpper(hexText)} {
			if strings.Contains(got, leak) {
				t.Errorf("%s prints the secret: %s", how, got)
			}
		}
	}
}

func TestASecretThatIsSetShowsThatItIs(t *testing.T) {
	for _, test := range []struct{ text, want string }{{"hunter2", "[redacted]"}, {"", ""}} {
		secret := NewSecret(test.text)
		if got := secret.Reveal(); got != test.text {
			t.Errorf("Reveal gives %q, want %q", got, test.text)
		}
		for _, got := range []string{secret.String(), fmt.Sprint(secret), fmt.Sprintf("%x", secret)} {
			if got != test.want {
				t.Errorf("a secret of %q prints as %q, want %q", test.text, got, test.want)
			}
		}
	}
}
