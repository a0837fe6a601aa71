package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/standin"
)

// startSimulator runs `ocsso simulate` with these flags until the test ends.
func startSimulator(t *testing.T, service string, flags ...string) (origin string) {
	t.Helper()
	environment := &environment{values: map[string]string{"KEY": testKey}}
	p := start(t, environment, append([]string{"simulate", "--listen", "127.0.0.1:0", "--service", service, "--organization-key-env", "KEY",
		"--login-url", "http://localhost:1/login", "--login-status-url", "http://localhost:1/status"}, flags...)...)
	line := p.line()
	home := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/` + service + `/hc/`).FindStringSubmatch(line)
	if home == nil {
		t.Fatalf("got %q, want the start page of service %s", line, service)
	}
	return home[1]
}

func TestSimulateTakesItsSettingsFromItsFlags(t *testing.T) {
	origin := startSimulator(t, "shop", "--guests", "--type", "get", "--token-verify-url", "http://localhost:1/verify",
		"--parameter", "usercode:query", "--parameter", "token:header")
	got := callConsole[standin.Settings](t, http.DefaultClient, "GET", origin+"/console/api/settings?reveal=1", nil)
	want := standin.Settings{
		Enabled: true, Guests: true, Type: standin.TypeGET, Service: "shop", OrganizationKey: testKey,
		LoginURL: "http://localhost:1/login", LoginStatusURL: "http://localhost:1/status", TokenVerifyURL: "http://localhost:1/verify",
		Parameters: []standin.Parameter{{Name: "usercode", In: standin.InQuery}, {Name: "token", In: standin.InHeader}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings differ (-want +got):\n%s", diff)
	}
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
		{server.URL, "0s", exitFailed}, // no time to answer
		{server.URL + "/unwell", "1m", exitFailed},
		{"http://" + freeAddress(t), "1m", exitFailed},
	} {
		if _, stderr, got := runCommand(t, nil, "healthcheck", "--url", test.url, "--timeout", test.timeout); got != test.want {
			t.Errorf("%s within %s: got exit code %d and %q, want %d", test.url, test.timeout, got, stderr, test.want)
		}
	}
}

// unusual is an integration that needs flags to be checked. The field before the password of its
// login form is a search, the first password field is a PIN, and any origin may read the status.
func unusual(w http.ResponseWriter, r *http.Request) {
	known := r.Header.Get("Cookie") == "login=minji"
	switch {
	case r.URL.Path == "/status":
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		state := loggedOut
		if known {
			state = loggedIn("minji")
		}
		fmt.Fprint(w, state)
	case known || r.FormValue("member") == "minji" && r.FormValue("secret") == testPassword:
		http.Redirect(w, r, "https://help.example.com/s/hc/?usercode=minji&time=1&token=t", http.StatusFound)
	default:
		fmt.Fprint(w, `<form method="post"><input name="member"><input name="q"><input type="password" name="pin"><input name="secret"></form>`)
	}
}

func TestFlagsDescribeAnUnusualIntegrationToCheck(t *testing.T) {
	for _, test := range []struct {
		name, only    string
		always        []string
		with, without string   // what is printed with the flags, and without them
		flags         []string // under test
	}{
		{"the field of the usercode", "login/works", []string{"--password-env", "PASSWORD", "--password-field", "secret"},
			"ok    login/works", "FAIL  login/works", []string{"--username-field", "member"}},
		{"the field of the password", "login/works", []string{"--password-env", "PASSWORD", "--username-field", "member"},
			"ok    login/works", "FAIL  login/works", []string{"--password-field", "secret"}},
		{"a login elsewhere", "status/logged-in", nil,
			"ok    status/logged-in", "skip  status/logged-in", []string{"--cookie-env", "COOKIE"}},
		{"another origin that may read the status", "status/foreign-origin", nil,
			"ok    status/foreign-origin", "warn  status/foreign-origin", []string{"--also-origin", "https://attacker.example"}},
		{"an unknown certificate", "status/logged-out", nil,
			"ok    status/logged-out", "reach the integration", []string{"--insecure"}},
		{"no time to answer", "status/logged-out", []string{"--insecure"},
			"reach the integration", "ok    status/logged-out", []string{"--timeout", "1ns"}},
	} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(unusual))
		// The server logs clients that refuse its certificate.
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		if test.only == "status/logged-out" {
			server.StartTLS()
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		args := append([]string{"check", "--help-center", "https://help.example.com", "--service", "s", "--usercode", "minji",
			"--login-status-url", server.URL + "/status", "--login-url", server.URL + "/login", "--only", test.only}, test.always...)
		environment := &environment{values: map[string]string{"COOKIE": "login=minji", "PASSWORD": testPassword}}
		for _, run := range []struct {
			args []string
			want string
		}{{append(slices.Clip(args), test.flags...), test.with}, {args, test.without}} {
			stdout, stderr, _ := runCommand(t, environment, run.args...)
			if got := stdout + stderr; !strings.Contains(got, run.want) {
				t.Errorf("%s: %q: got\n%s\nwant %q", test.name, run.args, got, run.want)
			}
		}
	}
}
