package main

import (
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/metrics"
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

func TestEachStoreAndDirectoryThatTheSettingsAcceptIsThere(t *testing.T) {
	for variable, opened := range map[string][]string{
		"OCSSO_STORE_KIND":   slices.Sorted(maps.Keys(stores)),
		"OCSSO_MEMBERS_KIND": slices.Sorted(maps.Keys(directories)),
	} {
		if want := slices.Sorted(slices.Values(choices(t, variable))); !slices.Equal(opened, want) {
			t.Errorf("%s: got %q, want %q", variable, opened, want)
		}
	}
	_, _, err := openStore(t.Context(), config.Store{Kind: "nonesuch"}, metrics.New("test"))
	if err == nil || !strings.Contains(err.Error(), "nonesuch") {
		t.Errorf("a store: got %v, want an error that names its kind", err)
	}
	cfg := writeSettings(t, anyHelpCenter).load(t)
	cfg.Members.Kind = "nonesuch"
	if _, err := openDirectory(t.Context(), cfg, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "nonesuch") {
		t.Errorf("a directory: got %v, want an error that names its kind", err)
	}
}
