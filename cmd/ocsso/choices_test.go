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

// TestEachChoiceThatTheSettingsAcceptIsThere reads the choices from what config check says of a wrong
// one. Another one is an error, and no default.
func TestEachChoiceThatTheSettingsAcceptIsThere(t *testing.T) {
	for variable, opened := range map[string][]string{
		"OCSSO_STORE_KIND": slices.Sorted(maps.Keys(stores)), "OCSSO_MEMBERS_KIND": slices.Sorted(maps.Keys(directories)), "OCSSO_LOGIN_WITH": nil,
	} {
		s := writeSettings(t, anyHelpCenter)
		cfg := s.load(t)
		_, stderr, _ := clitest.RunCommand(t, "ocsso", run, s.with(variable, "nonesuch").environment, "config", "check", "--config", s.file)
		list := regexp.MustCompile(`set it to (\w+(?: or \w+)+)`).FindStringSubmatch(stderr)
		if list == nil {
			t.Fatalf("%s: got %q, want what it can be", variable, stderr)
		}
		choices := strings.Split(list[1], " or ")
		setting := map[string]*string{"OCSSO_STORE_KIND": &cfg.Store.Kind, "OCSSO_MEMBERS_KIND": &cfg.Members.Kind, "OCSSO_LOGIN_WITH": &cfg.Login.With}[variable]
		missing := func(choice string) bool {
			*setting = choice
			d, err := deploy(t.Context(), cfg, slog.New(slog.DiscardHandler), s.read)
			if err == nil {
				d.close()
			}
			return err != nil && strings.Contains(err.Error(), `"`+choice+`"`) // without its settings, it may be another error
		}
		if !missing("nonesuch") {
			t.Errorf("%s: got no error for nonesuch", variable)
		}
		if slices.Sort(choices); opened != nil && !slices.Equal(choices, opened) {
			t.Errorf("%s: got %q, want %q", variable, opened, choices)
		} else if opened == nil && slices.ContainsFunc(choices, missing) {
			t.Errorf("%s: one of %q is not there", variable, choices)
		}
	}
}
