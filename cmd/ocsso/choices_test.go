package main

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"ocsso/internal/cli/clitest"
)

// choices are the values that a setting accepts, as config check lists them.
func choices(t *testing.T, variable string) []string {
	t.Helper()
	s := writeSettings(t, anyHelpCenter).with(variable, "nonesuch")
	_, stderr, _ := clitest.RunCommand(t, "ocsso", run, s.environment, "config", "check", "--config", s.file)
	list := regexp.MustCompile(`set it to (\w+(?: or \w+)+)`).FindStringSubmatch(stderr)
	if list == nil {
		t.Fatalf("%s: got %q, want what it can be", variable, stderr)
	}
	return strings.Split(list[1], " or ")
}

func TestEachWayToLogInThatTheSettingsAcceptIsThere(t *testing.T) {
	s := writeSettings(t, anyHelpCenter)
	with := func(way string) error {
		cfg := s.load(t)
		cfg.Login.With = way
		running, err := deploy(t.Context(), cfg, slog.New(slog.DiscardHandler), s.read)
		if err == nil {
			running.close()
		}
		return err
	}
	const missing = `nothing here logs members in with "`
	for _, way := range choices(t, "OCSSO_LOGIN_WITH") {
		// Without its settings, a way may be an error of another kind.
		if err := with(way); err != nil && strings.Contains(err.Error(), missing) {
			t.Errorf("%s: got %v, want the way", way, err)
		}
	}
	if err := with("nonesuch"); err == nil || !strings.Contains(err.Error(), missing+"nonesuch") {
		t.Errorf("nonesuch: got %v, want an error that names it", err)
	}
}
