package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestHealthcheckAsksWhereTheServerListens runs the image's command with the settings of a running
// server.
func TestHealthcheckAsksWhereTheServerListens(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	everywhere := ":" + d.admin[strings.LastIndex(d.admin, ":")+1:]
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	for _, test := range []struct {
		name, listen, admin string
		want                int
	}{
		{"the address in the file", "", d.admin, 0},
		{"every address", "", everywhere, 0},
		{"an address of nobody", "", freeAddress(t), exitFailed},
		{"an address of another server", "", other.URL, exitFailed},
		{"no address, while members are served", d.site, "none", 0},
		{"no address, while nobody is served", freeAddress(t), "none", exitFailed},
	} {
		environment := &environment{values: map[string]string{"OCSSO_SERVER_ADMIN_LISTEN": strings.TrimPrefix(strings.Replace(test.admin, "none", "", 1), "http://")}}
		if test.listen != "" {
			environment.set("OCSSO_SERVER_LISTEN", strings.TrimPrefix(test.listen, "http://"))
		}
		if _, stderr, got := runCommand(t, environment, "healthcheck", "--config", d.file); got != test.want {
			t.Errorf("%s: got exit code %d and %q, want %d", test.name, got, stderr, test.want)
		}
	}
	if _, stderr, got := runCommand(t, nil, "healthcheck", "--config", d.file); got != 0 {
		t.Errorf("without an environment: got exit code %d and %q, want 0", got, stderr)
	}
	// A change that the server has not read, and could not
	if err := os.WriteFile(d.file, append([]byte("sesion: {}\n"), readFile(t, d.file)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, got := runCommand(t, nil, "healthcheck", "--config", d.file); got != 0 {
		t.Errorf("with a file that has become wrong: got exit code %d and %q, want 0", got, stderr)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
