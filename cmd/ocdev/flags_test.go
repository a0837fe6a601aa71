package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/devtools/standin"
)

func TestSimulateTakesItsSettingsFromItsFlags(t *testing.T) {
	origin := startSimulator(t, "--listen", "127.0.0.1:0", "--service", "shop", "--guests", "--type", "get", "--token-verify-url", "http://localhost:1/verify",
		"--parameter", "usercode:query", "--parameter", "token:header")
	resp, err := http.Get(origin + "/console/api/settings?reveal=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got standin.Settings
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := standin.Settings{
		Enabled: true, Guests: true, Type: standin.TypeGET, Service: "shop", OrganizationKey: testKey,
		LoginURL: "http://localhost:1/login", LoginStatusURL: "http://localhost:1/status", TokenVerifyURL: "http://localhost:1/verify",
		Parameters: []standin.Parameter{{Name: "usercode", In: standin.InQuery}, {Name: "token", In: standin.InHeader}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings differ (-want +got):\n%s", diff)
	}
}

// TestSimulateForOtherPeoplesCI listens everywhere over TLS, prints an address that opens, and has a
// path that says that it serves.
func TestSimulateForOtherPeoplesCI(t *testing.T) {
	origin := startSimulator(t, "--listen", "0.0.0.0:0", "--tls", "--service", "shop")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Get(origin + "/health")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(origin, "https:") {
		t.Errorf("%s: got %d, want 200 by https", origin, resp.StatusCode)
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
			state = `{"login":"true","usercode":"minji"}`
		}
		fmt.Fprint(w, state)
	case known || r.FormValue("member") == "minji" && r.FormValue("secret") == testPassword:
		http.Redirect(w, r, "https://help.example.com/s/hc/?usercode=minji&time=1&token=t", http.StatusFound)
	default:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<form method="post"><input name="member"><input name="q"><input type="password" name="pin"><input name="secret"><button>Log in</button></form>`)
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
		environment := &clitest.Environment{Values: map[string]string{"COOKIE": "login=minji", "PASSWORD": testPassword}}
		for _, each := range []struct {
			args []string
			want string
		}{{append(slices.Clip(args), test.flags...), test.with}, {args, test.without}} {
			stdout, stderr, _ := clitest.RunCommand(t, "ocdev", run, environment, each.args...)
			if got := stdout + stderr; !strings.Contains(got, each.want) {
				t.Errorf("%s: %q: got\n%s\nwant %q", test.name, each.args, got, each.want)
			}
		}
	}
}
