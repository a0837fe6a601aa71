package config

import (
	"os"
	"strings"
	"testing"

	"ocsso/internal/secret"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// example returns config.example.yaml.
func example(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheExampleHasEverySettingAndNoOther(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(example(t)), &root); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(settingPaths(), leaves(root.Content[0], "")); diff != "" {
		t.Errorf("settings of the example differ (-want +got):\n%s", diff)
	}
}

func TestTheExampleHasTheDefaults(t *testing.T) {
	env := map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": organizationKey, "OCSSO_SESSION_KEYS": sessionKey(1)}
	got := mustLoad(t, example(t), env, nil)
	want := Default()
	// They have no default
	want.HelpCenter.Domain, want.HelpCenter.Services = "example", []string{"hangame"}
	want.HelpCenter.OrganizationKey, want.Session.Keys = secret.New(organizationKey), []secret.Text{secret.New(sessionKey(1))}
	if diff := cmp.Diff(string(want.Show()), string(got.Show())); diff != "" {
		t.Errorf("settings of the example differ (-want +got):\n%s", diff)
	}
}

func TestTheExampleLacksOnlyTheSecrets(t *testing.T) {
	_, err := load(example(t), nil, nil)
	if err == nil {
		t.Fatal("the example loads without secrets")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "organization_key: is missing") || !strings.HasSuffix(lines[1], "session.keys: is missing") {
		t.Errorf("got problems\n%v\nwant that organization_key and session.keys are missing", err)
	}
}

func TestTheExampleExplainsEverySetting(t *testing.T) {
	commented := false
	for i, line := range strings.Split(example(t), "\n") {
		name, _, isKey := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "#"):
			commented = true
		case line == "":
			commented = false
		case isKey && !commented && strings.HasPrefix(line, " "):
			t.Errorf("line %d: %s has no comment above it", i+1, name)
		}
	}
}
