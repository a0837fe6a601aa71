package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/check"
)

// checkDemo runs `ocsso check` over the wire against a demo, as its member with every field.
func checkDemo(t *testing.T, d *demo, args ...string) (stdout string, code int) {
	t.Helper()
	member := d.full()
	environment := &environment{values: map[string]string{"PASSWORD": member.Password, "KEY": d.OrganizationKey}}
	var out, errors bytes.Buffer
	err := run(t.Context(), append([]string{
		"check", "--help-center", d.HelpCenter, "--service", d.Service,
		"--usercode", member.UserCode, "--password-env", "PASSWORD", "--organization-key-env", "KEY",
		"--login-url", d.Site + "/login", "--login-status-url", d.Site + "/login/status", "--token-verify-url", d.Site + "/token/verify",
		"--link-url", d.Site + "/help/ticket", "--logout-url", d.Site + "/logout", "--frame-url", d.Site + "/help",
	}, args...), environment.lookup, strings.NewReader(""), &out, &errors)
	for _, secret := range environment.values {
		if strings.Contains(out.String()+errors.String(), secret) {
			t.Error("got a secret in the output, want it masked")
		}
	}
	return out.String(), report(&errors, err)
}

func TestOurServerMeetsTheContractInEachHandoff(t *testing.T) {
	for _, handoff := range []string{"form", "api", "link"} {
		t.Run(handoff, func(t *testing.T) {
			output, code := checkDemo(t, startDemo(t, "--handoff", handoff), "--format", "json")
			if code != 0 {
				t.Errorf("got exit code %d, want 0", code)
			}
			var got check.Report
			if err := json.Unmarshal([]byte(output), &got); err != nil {
				t.Fatal(err)
			}
			for _, result := range got.Results {
				otherHandoff := strings.HasPrefix(result.ID, "handoff/") && !strings.HasPrefix(result.ID, "handoff/"+handoff)
				skippable := otherHandoff || result.Reason == "needs --listen-help-center"
				if result.Outcome != check.OK && !(result.Outcome == check.Skip && skippable) {
					t.Errorf("%s: got %s %s, want ok: want %s, got %s", result.ID, result.Outcome, result.Reason, result.Want, result.Got)
				}
			}
		})
	}
}

func TestCheckFailsWhereAMustIsNotMet(t *testing.T) {
	d := startDemo(t)
	output, code := checkDemo(t, d, "--login-status-url", d.Site+"/", "--only", "status/logged-out,clock/server")
	if code != exitFailed {
		t.Errorf("got exit code %d, want %d", code, exitFailed)
	}
	for _, want := range []string{"FAIL  status/logged-out", "want  200 and", "hint  ", "ok    clock/server", "1 ok, 1 failed, 0 warnings, 0 skipped"} {
		if !strings.Contains(output, want) {
			t.Errorf("got %q, want %q in it", output, want)
		}
	}
}

func TestCheckFillsItselfFromTheConfiguration(t *testing.T) {
	center := httptest.NewServer(http.NotFoundHandler()) // has a Date
	t.Cleanup(center.Close)
	server := serveWith(t, center.URL, "form")
	server.environment.set("PASSWORD", testPassword)
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"check", "--config", server.dir + "/config.yaml", "--usercode", "minji", "--password-env", "PASSWORD"},
		server.environment.lookup, strings.NewReader(""), &stdout, &stderr)
	if code := report(&stderr, err); code != 0 {
		t.Errorf("got exit code %d and %s%s, want 0", code, &stdout, &stderr)
	}
	for line := range strings.Lines(stdout.String()) {
		if !strings.HasPrefix(line, "ok    ") && strings.Contains(line, "/") && !strings.HasPrefix(line, "skip  handoff/api-") {
			t.Errorf("got %q, want every case ok but those of an api handoff", line)
		}
	}
}

// TestCheckIsTheHelpCenterOfAnAPIHandoff leaves out the silent help center, for which the server waits as long as it is configured to.
func TestCheckIsTheHelpCenterOfAnAPIHandoff(t *testing.T) {
	address := freeAddress(t)
	server := serveWith(t, "http://"+address, "api")
	server.environment.set("PASSWORD", testPassword)
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{
		"check", "--config", server.dir + "/config.yaml", "--usercode", "minji", "--password-env", "PASSWORD", "--listen-help-center", address,
		"--only", "handoff/api-redirect,handoff/api-return-url,handoff/api-call,handoff/api-required,handoff/api-unsent-return-url," +
			"handoff/api-time,handoff/api-token,handoff/api-passed-on,handoff/api-refused,handoff/api-error,handoff/api-rubbish",
	}, server.environment.lookup, strings.NewReader(""), &stdout, &stderr)
	if code := report(&stderr, err); code != 0 {
		t.Errorf("got exit code %d and %s, want 0", code, &stderr)
	}
	if want := "11 ok, 0 failed, 0 warnings, 0 skipped"; !strings.Contains(stdout.String(), want) {
		t.Errorf("got %s, want %q in it", &stdout, want)
	}
}

func TestCheckThatCannotRunSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"no URL", "there is no URL to check", []string{"--help-center", "https://example.test", "--service", "s", "--usercode", "u"}},
		{"no such case", `there is no case "status/nothing"`, []string{"--only", "status/nothing"}},
		{"no such variable", "the environment variable NOWHERE is not set", []string{"--password-env", "NOWHERE"}},
		{"nobody listens", "reach the integration", []string{
			"--help-center", "https://example.test", "--service", "s", "--usercode", "u", "--login-status-url", "http://" + freeAddress(t) + "/status",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := run(t.Context(), append([]string{"check"}, test.args...), (*environment)(nil).lookup, strings.NewReader(""), &stdout, &stderr)
			if code := report(&stderr, err); code != exitUsage {
				t.Errorf("got exit code %d, want %d", code, exitUsage)
			}
			if !strings.Contains(stderr.String(), test.want) || !strings.Contains(stderr.String(), "hint: ") {
				t.Errorf("got %q, want %q and a hint in it", &stderr, test.want)
			}
		})
	}
}

func TestCheckListsItsCases(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"check", "--list"}, (*environment)(nil).lookup, strings.NewReader(""), &stdout, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if got, want := len(lines), len(check.Cases()); got != want {
		t.Errorf("got %d lines, want one for each of %d cases", got, want)
	}
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "must    status/logged-out") }) {
		t.Errorf("got %q, want a line that starts with the level and the id", lines)
	}
}
