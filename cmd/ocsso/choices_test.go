package main

import (
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/cli/clitest"
)

// TestEachChoiceThatTheSettingsAcceptIsThere reads the choices from what config check says of a
// wrong one. Another one is an error, and no default.
func TestEachChoiceThatTheSettingsAcceptIsThere(t *testing.T) {
	s := writeSettings(t, anyHelpCenter)
	cfg := s.load(t)
	for variable, test := range map[string]struct {
		setting *string
		opened  []string // nil where only a deployment shows it
	}{
		"OCSSO_STORE_KIND":   {&cfg.Store.Kind, slices.Sorted(maps.Keys(stores))},
		"OCSSO_MEMBERS_KIND": {&cfg.Members.Kind, slices.Sorted(maps.Keys(directories))},
		"OCSSO_LOGIN_WITH":   {&cfg.Login.With, nil},
	} {
		s, usual := writeSettings(t, anyHelpCenter), *test.setting
		_, stderr, _ := clitest.RunCommand(t, "ocsso", run, s.with(variable, "nonesuch").environment, "config", "check", "--config", s.file)
		list := regexp.MustCompile(`set it to (\w+(?: or \w+)+)`).FindStringSubmatch(stderr)
		if list == nil {
			t.Fatalf("%s: got %q, want what it can be", variable, stderr)
		}
		choices := strings.Split(list[1], " or ")
		missing := func(choice string) bool {
			*test.setting = choice
			defer func() { *test.setting = usual }()
			d, err := deploy(t.Context(), cfg, slog.New(slog.DiscardHandler), s.read)
			if err == nil {
				d.close()
			}
			return err != nil && strings.Contains(err.Error(), `"`+choice+`"`) // without its settings, it may be another error
		}
		if !missing("nonesuch") {
			t.Errorf("%s: got no error for nonesuch", variable)
		}
		if slices.Sort(choices); test.opened != nil && !slices.Equal(choices, test.opened) {
			t.Errorf("%s: got %q, want %q", variable, test.opened, choices)
		} else if test.opened == nil && slices.ContainsFunc(choices, missing) {
			t.Errorf("%s: one of %q is not there", variable, choices)
		}
	}
}
