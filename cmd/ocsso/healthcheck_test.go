package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

// TestHealthcheckAsksWhereTheServerListens runs the image's command with the settings of a running
// server.
func TestHealthcheckAsksWhereTheServerListens(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	site, admin := strings.TrimPrefix(d.site, "http://"), strings.TrimPrefix(d.admin, "http://")
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	at := func(listen, admin string) map[string]string {
		return map[string]string{"OCSSO_SERVER_LISTEN": listen, "OCSSO_SERVER_ADMIN_LISTEN": admin}
	}
	for _, test := range []struct {
		name   string
		values map[string]string // of the environment
		flags  string
		want   int
	}{
		{"the addresses in the file", nil, "", 0},
		{"every address", at(site, ":"+admin[strings.LastIndex(admin, ":")+1:]), "", 0},
		{"an address of nobody", at(site, clitest.FreeAddress(t)), "", cli.ExitFailed},
		{"an address of another server", at(site, strings.TrimPrefix(other.URL, "http://")), "", cli.ExitFailed},
		{"no address, while members are served", at(site, ""), "", 0},
		{"no address, while nobody is served", at(clitest.FreeAddress(t), ""), "", cli.ExitFailed},
		{"no time to answer", nil, " --timeout 0s", cli.ExitFailed},
		{"a URL that is well", nil, " --timeout 1m --url " + d.admin + "/readyz", 0},
		{"a URL that isn't", nil, " --timeout 1m --url " + d.admin + "/nowhere", cli.ExitFailed},
		{"a URL of nobody", nil, " --timeout 1m --url http://" + clitest.FreeAddress(t), cli.ExitFailed},
	} {
		args := strings.Fields("healthcheck --config " + d.file + test.flags)
		if _, stderr, got := clitest.RunCommand(t, "ocsso", run, &clitest.Environment{Values: test.values}, args...); got != test.want {
			t.Errorf("%s: got exit code %d and %q, want %d", test.name, got, stderr, test.want)
		}
	}
	// A change that the server has not read, and could not
	clitest.WriteFile(t, d.file, "sesion: {}\n"+readFile(t, d.file))
	if _, stderr, got := clitest.RunCommand(t, "ocsso", run, nil, "healthcheck", "--config", d.file); got != 0 {
		t.Errorf("with a file that has become wrong: got exit code %d and %q, want 0", got, stderr)
	}
}
