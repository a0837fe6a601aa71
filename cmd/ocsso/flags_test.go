package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/simulator"
)

func TestSimulateIsSetUpByItsFlags(t *testing.T) {
	environment := &environment{values: map[string]string{"KEY": testKey}}
	p := start(t, environment, "simulate", "--listen", "127.0.0.1:0", "--service", "shop", "--organization-key-env", "KEY", "--guests",
		"--type", "get", "--token-verify-url", "http://localhost:1/verify",
		"--login-url", "http://localhost:1/login", "--login-status-url", "http://localhost:1/status",
		"--parameter", "usercode:query", "--parameter", "token:header")
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("got %v from simulate; its log: %s", err, p.log)
	}
	home := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/shop/hc/`).FindStringSubmatch(line)
	if home == nil {
		t.Fatalf("got %q, want the start page of service shop", line)
	}
	resp, err := http.Get(home[1] + "/console/api/settings?reveal=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got simulator.Settings
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := simulator.Settings{
		Enabled: true, Guests: true, Type: simulator.TypeGET, Service: "shop", OrganizationKey: testKey,
		LoginURL: "http://localhost:1/login", LoginStatusURL: "http://localhost:1/status", TokenVerifyURL: "http://localhost:1/verify",
		Parameters: []simulator.Parameter{{Name: "usercode", In: simulator.InQuery}, {Name: "token", In: simulator.InHeader}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings differ (-want +got):\n%s", diff)
	}
}

// TestHealthcheckWaitsAsLongAsItIsTold has a server that is well, and no time for it to say so.
func TestHealthcheckWaitsAsLongAsItIsTold(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	for timeout, want := range map[string]int{"1m": 0, "0s": exitFailed} {
		var text strings.Builder
		err := run(t.Context(), []string{"healthcheck", "--url", server.URL, "--timeout", timeout}, (*environment)(nil).lookup, nil, &text, &text)
		if got := report(&text, err); got != want {
			t.Errorf("--timeout %s: got exit %d and %q, want %d", timeout, got, &text, want)
		}
	}
}

// unusual is an integration of no beauty: a login form whose first field is a search, with a password in plain sight beside a
// PIN, and a status that any origin may read.
func unusual(w http.ResponseWriter, r *http.Request) {
	known := r.Header.Get("Cookie") == "login=minji"
	switch {
	case r.URL.Path == "/status":
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		state := loggedOut
		if known {
			state = (&visitor{usercode: "minji"}).loggedIn()
		}
		fmt.Fprint(w, state)
	case known || r.FormValue("member") == "minji" && r.FormValue("secret") == testPassword:
		http.Redirect(w, r, "https://help.example.com/s/hc/?usercode=minji&time=1&token=t", http.StatusFound)
	default:
		fmt.Fprint(w, `<form method="post"><input name="q"><input name="member"><input type="password" name="pin"><input name="secret"></form>`)
	}
}

func TestCheckIsToldWhatIsUnusual(t *testing.T) {
	for _, test := range []struct {
		name, only    string
		always        []string
		with, without string // what is printed with the flags, and where they are left out
		flags         []string
	}{
		{"the field of the usercode", "login/works", []string{"--password-env", "PASSWORD", "--password-field", "secret"},
			"ok    login/works", "FAIL  login/works", []string{"--username-field", "member"}},
		{"the field of the password", "login/works", []string{"--password-env", "PASSWORD", "--username-field", "member"},
			"ok    login/works", "FAIL  login/works", []string{"--password-field", "secret"}},
		{"a login elsewhere", "status/logged-in", nil,
			"ok    status/logged-in", "skip  status/logged-in", []string{"--cookie-env", "COOKIE"}},
		{"an origin of ours", "status/foreign-origin", nil,
			"ok    status/foreign-origin", "warn  status/foreign-origin", []string{"--also-origin", "https://attacker.example"}},
		{"a certificate of ours", "status/logged-out", nil,
			"ok    status/logged-out", "reach the integration", []string{"--insecure"}},
		{"no patience at all", "status/logged-out", []string{"--insecure"},
			"reach the integration", "ok    status/logged-out", []string{"--timeout", "1ns"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(unusual))
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // for who takes no certificate of ours
			if test.only == "status/logged-out" {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			args := append([]string{"check", "--help-center", "https://help.example.com", "--service", "s", "--usercode", "minji",
				"--login-status-url", server.URL + "/status", "--login-url", server.URL + "/login", "--only", test.only}, test.always...)
			environment := &environment{values: map[string]string{"COOKIE": "login=minji", "PASSWORD": testPassword}}
			for _, run := range []struct {
				args []string
				want string
			}{{append(slices.Clip(args), test.flags...), test.with}, {args, test.without}} {
				if got := output(t, environment, run.args...); !strings.Contains(got, run.want) {
					t.Errorf("%q: got\n%s\nwant %q", run.args, got, run.want)
				}
			}
		})
	}
}

// output is all that a command line prints.
func output(t *testing.T, environment *environment, args ...string) string {
	var out bytes.Buffer
	report(&out, run(t.Context(), args, environment.lookup, strings.NewReader(""), &out, &out))
	return out.String()
}
