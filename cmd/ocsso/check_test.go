package main

import (
	"encoding/json"
	"strings"
	"testing"

	"ocsso/internal/check"
)

// checkDemo runs `ocsso check` against a demo, as its member with every field.
func checkDemo(t *testing.T, d *demo, args ...string) (stdout string, code int) {
	t.Helper()
	member := d.full()
	environment := &environment{values: map[string]string{"PASSWORD": member.Password, "KEY": d.OrganizationKey}}
	stdout, stderr, code := runCommand(t, environment, append([]string{
		"check", "--help-center", d.HelpCenter, "--service", d.Service,
		"--usercode", member.UserCode, "--password-env", "PASSWORD", "--organization-key-env", "KEY",
		"--login-url", d.Site + "/login", "--login-status-url", d.Site + "/login/status", "--token-verify-url", d.Site + "/token/verify",
		"--link-url", d.Site + "/help/ticket", "--logout-url", d.Site + "/logout", "--frame-url", d.Site + "/help",
	}, args...)...)
	for _, secret := range environment.values {
		if strings.Contains(stdout+stderr, secret) {
			t.Error("got a secret in the output, want it masked")
		}
	}
	return stdout, code
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

func TestCheckFailsIfARequiredCaseFails(t *testing.T) {
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

func TestCheckTakesItsURLsFromTheConfiguration(t *testing.T) {
	d := writeSettings(t, helpCenterSection(helpCenterWithClock(t, 0), "form")).with("PASSWORD", testPassword).serve(t)
	stdout, stderr, code := runCommand(t, d.environment, "check", "--config", d.file, "--usercode", "minji", "--password-env", "PASSWORD")
	if code != 0 {
		t.Errorf("got exit code %d and %s%s, want 0", code, stdout, stderr)
	}
	for line := range strings.Lines(stdout) {
		if !strings.HasPrefix(line, "ok    ") && strings.Contains(line, "/") && !strings.Contains(line, " handoff/api-") {
			t.Errorf("got %q, want every case ok except those of an api handoff", line)
		}
	}
}

// TestCheckIsTheHelpCenterOfAnAPIHandoff leaves out the case of a silent help center, because the
// server waits for its request_timeout then.
func TestCheckIsTheHelpCenterOfAnAPIHandoff(t *testing.T) {
	address := freeAddress(t)
	d := writeSettings(t, helpCenterSection("http://"+address, "api")).with("PASSWORD", testPassword).serve(t)
	stdout, stderr, code := runCommand(t, d.environment,
		"check", "--config", d.file, "--usercode", "minji", "--password-env", "PASSWORD", "--listen-help-center", address,
		"--only", "handoff/api-redirect,handoff/api-return-url,handoff/api-fresh,handoff/api-call,handoff/api-required,handoff/api-unsent-return-url,"+
			"handoff/api-time,handoff/api-token,handoff/api-passed-on,handoff/api-refused,handoff/api-error,handoff/api-rubbish")
	if want := "12 ok, 0 failed, 0 warnings, 0 skipped"; code != 0 || !strings.Contains(stdout, want) {
		t.Errorf("got exit code %d and %s%s, want 0 and %q", code, stdout, stderr, want)
	}
}

func TestCheckExplainsWhyItCannotRun(t *testing.T) {
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"no URL", "there is no URL to check", []string{"--help-center", "https://example.test", "--service", "s", "--usercode", "u"}},
		{"no such case", `there is no case "status/nothing"`, []string{"--only", "status/nothing"}},
		{"no such variable", "the environment variable NOWHERE is not set", []string{"--password-env", "NOWHERE"}},
		{"nothing listens", "reach the integration", []string{
			"--help-center", "https://example.test", "--service", "s", "--usercode", "u", "--login-status-url", "http://" + freeAddress(t) + "/status",
		}},
	} {
		_, stderr, code := runCommand(t, nil, append([]string{"check"}, test.args...)...)
		if code != exitUsage || !strings.Contains(stderr, test.want) || !strings.Contains(stderr, "hint: ") {
			t.Errorf("%s: got exit code %d and %q, want %d, %q and a hint", test.name, code, stderr, exitUsage, test.want)
		}
	}
}

func TestCheckListsItsCases(t *testing.T) {
	stdout, _, _ := runCommand(t, nil, "check", "--list")
	if got, want := strings.Count(stdout, "\n"), len(check.Cases()); got != want {
		t.Errorf("got %d lines, want one for each of %d cases", got, want)
	}
	if want := "\nmust    status/logged-out"; !strings.Contains("\n"+stdout, want) {
		t.Errorf("got %q, want a line that starts with the level and the id", stdout)
	}
}
