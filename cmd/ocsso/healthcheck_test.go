package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
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
		{"an address of nobody", "", clitest.FreeAddress(t), cli.ExitFailed},
		{"an address of another server", "", other.URL, cli.ExitFailed},
		{"no address, while members are served", d.site, "none", 0},
		{"no address, while nobody is served", clitest.FreeAddress(t), "none", cli.ExitFailed},
	} {
		environment := &clitest.Environment{Values: map[string]string{"OCSSO_SERVER_ADMIN_LISTEN": strings.TrimPrefix(strings.Replace(test.admin, "none", "", 1), "http://")}}
		if test.listen != "" {
			environment.Set("OCSSO_SERVER_LISTEN", strings.TrimPrefix(test.listen, "http://"))
		}
		if _, stderr, got := clitest.RunCommand(t, "ocsso", run, environment, "healthcheck", "--config", d.file); got != test.want {
			t.Errorf("%s: got exit code %d and %q, want %d", test.name, got, stderr, test.want)
		}
	}
	if _, stderr, got := clitest.RunCommand(t, "ocsso", run, nil, "healthcheck", "--config", d.file); got != 0 {
		t.Errorf("without an environment: got exit code %d and %q, want 0", got, stderr)
	}
	// A change that the server has not read, and could not
	if err := os.WriteFile(d.file, append([]byte("sesion: {}\n"), readFile(t, d.file)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, got := clitest.RunCommand(t, "ocsso", run, nil, "healthcheck", "--config", d.file); got != 0 {
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

func TestHealthcheckFailsUnlessTheServerIsWell(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/unwell" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	for _, test := range []struct {
		url, timeout string
		want         int
	}{
		{server.URL, "1m", 0},
		{server.URL, "0s", cli.ExitFailed}, // no time to answer
		{server.URL + "/unwell", "1m", cli.ExitFailed},
		{"http://" + clitest.FreeAddress(t), "1m", cli.ExitFailed},
	} {
		if _, stderr, got := clitest.RunCommand(t, "ocsso", run, nil, "healthcheck", "--url", test.url, "--timeout", test.timeout); got != test.want {
			t.Errorf("%s within %s: got exit code %d and %q, want %d", test.url, test.timeout, got, stderr, test.want)
		}
	}
}
