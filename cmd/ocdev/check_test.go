package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/devtools/check"
)

// checkDemo runs `ocdev check` against a demo, as its member with every field.
func checkDemo(t *testing.T, d demoInfo, args ...string) (stdout string, code int) {
	t.Helper()
	member := d.Members[0]
	environment := &clitest.Environment{Values: map[string]string{"PASSWORD": member.Password, "KEY": d.OrganizationKey}}
	stdout, stderr, code := clitest.RunCommand(t, "ocdev", run, environment, append([]string{
		"check", "--help-center", d.HelpCenter, "--service", d.Service,
		"--usercode", member.UserCode, "--password-env", "PASSWORD", "--organization-key-env", "KEY",
		"--login-url", d.Site + "/login", "--login-status-url", d.Site + "/login/status", "--token-verify-url", d.Site + "/token/verify",
		"--link-url", d.Site + "/help/ticket", "--logout-url", d.Site + "/logout", "--frame-url", d.Site + "/help",
		"--post-handoff", d.HelpCenter,
	}, args...)...)
	for _, secret := range environment.Values {
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
			wantContractMet(t, handoff, output, code)
		})
	}
}

// wantContractMet checks a report: every case is ok but those of another handoff and the
// exceptions.
func wantContractMet(t *testing.T, handoff, output string, code int, exceptions ...string) {
	t.Helper()
	if code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	var got check.Report
	if err := json.Unmarshal([]byte(output), &got); err != nil {
		t.Fatal(err)
	}
	for _, result := range got.Results {
		otherHandoff := strings.HasPrefix(result.ID, "handoff/") && !strings.HasPrefix(result.ID, "handoff/"+handoff)
		if result.ID == "handoff/posted" { // to the demo's help center, which has the key
			otherHandoff = handoff != "form"
		}
		skippable := otherHandoff || result.Reason == "needs --listen-help-center"
		if slices.Contains(exceptions, result.ID) {
			continue
		}
		if result.Outcome != check.OK && !(result.Outcome == check.Skip && skippable) {
			t.Errorf("%s: got %s %s, want ok: want %s, got %s", result.ID, result.Outcome, result.Reason, result.Want, result.Got)
		}
	}
}

func TestCheckFailsIfARequiredCaseFails(t *testing.T) {
	d := startDemo(t)
	output, code := checkDemo(t, d, "--login-status-url", d.Site+"/", "--only", "status/logged-out,clock/server")
	if code != cli.ExitFailed {
		t.Errorf("got exit code %d, want %d", code, cli.ExitFailed)
	}
	for _, want := range []string{"FAIL  status/logged-out", "want  200 {", "hint  ", "ok    clock/server", "1 ok, 1 failed, 0 warnings, 0 skipped"} {
		if !strings.Contains(output, want) {
			t.Errorf("got %q, want %q in it", output, want)
		}
	}
}

func TestCheckTakesItsURLsFromTheConfiguration(t *testing.T) {
	file, member := serveSettings(t, anyHelpCenter(t), "form"), demoMembers[0]
	environment := &clitest.Environment{Values: map[string]string{"PASSWORD": member.password}}
	stdout, stderr, code := clitest.RunCommand(t, "ocdev", run, environment, "check", "--config", file, "--usercode", member.account.UserCode, "--password-env", "PASSWORD")
	if code != 0 {
		t.Errorf("got exit code %d and %s%s, want 0", code, stdout, stderr)
	}
	for line := range strings.Lines(stdout) {
		if !strings.HasPrefix(line, "ok    ") && strings.Contains(line, "/") && !strings.Contains(line, " handoff/api-") && !strings.Contains(line, " handoff/posted: ") && !strings.Contains(line, " link/") {
			t.Errorf("got %q, want every case ok except those of other handoffs", line)
		}
	}
}

// TestCheckIsTheHelpCenterOfAnAPIHandoff leaves out the case of a silent help center, because the
// server waits for some seconds then.
func TestCheckIsTheHelpCenterOfAnAPIHandoff(t *testing.T) {
	address := clitest.FreeAddress(t)
	file, member := serveSettings(t, "http://"+address, "api"), demoMembers[0]
	environment := &clitest.Environment{Values: map[string]string{"PASSWORD": member.password}}
	stdout, stderr, code := clitest.RunCommand(t, "ocdev", run, environment,
		"check", "--config", file, "--usercode", member.account.UserCode, "--password-env", "PASSWORD", "--listen-help-center", address,
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
			"--help-center", "https://example.test", "--service", "s", "--usercode", "u", "--login-status-url", "http://" + clitest.FreeAddress(t) + "/status",
		}},
	} {
		_, stderr, code := clitest.RunCommand(t, "ocdev", run, nil, append([]string{"check"}, test.args...)...)
		if code != cli.ExitUsage || !strings.Contains(stderr, test.want) || !strings.Contains(stderr, "hint: ") {
			t.Errorf("%s: got exit code %d and %q, want %d, %q and a hint", test.name, code, stderr, cli.ExitUsage, test.want)
		}
	}
}

func TestCheckListsItsCases(t *testing.T) {
	stdout, _, _ := clitest.RunCommand(t, "ocdev", run, nil, "check", "--list")
	if got, want := strings.Count(stdout, "\n"), len(check.Cases()); got != want {
		t.Errorf("got %d lines, want one for each of %d cases", got, want)
	}
	if want := "\nmust    status/logged-out"; !strings.Contains("\n"+stdout, want) {
		t.Errorf("got %q, want a line that starts with the level and the id", stdout)
	}
}

// outOfOrder is an integration that never lets anybody in.
func outOfOrder(t *testing.T) []string {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/status" {
			w.Header().Set("Access-Control-Allow-Origin", "https://help.example.com")
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, loggedOut)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<form method="post"><input name="id"><input type="password" name="pw"><button>Log in</button></form>`)
	}))
	t.Cleanup(site.Close)
	return []string{"check", "--help-center", "https://help.example.com", "--service", "s", "--usercode", "minji",
		"--login-status-url", site.URL + "/status", "--login-url", site.URL + "/login"}
}

func TestCheckIsGreenOnlyForWhatItChecked(t *testing.T) {
	environment := &clitest.Environment{Values: map[string]string{"COOKIE": "sid=long-gone", "PASSWORD": "wrong"}}
	for _, test := range []struct {
		name       string
		args       []string
		code       int
		want, hint string
	}{
		{"a dead cookie", []string{"--cookie-env", "COOKIE", "--only", "status/,login/"}, cli.ExitFailed, "FAIL  status/logged-in", "copy the session's cookie again"},
		{"a wrong password", []string{"--password-env", "PASSWORD", "--only", "login/works,handoff/"}, cli.ExitFailed, "FAIL  login/works", "does not log the member in"},
		{"nothing ran", []string{"--only", "link/"}, cli.ExitUsage, "nothing was checked", "not checked"},
		{"a dead cookie and the handoff alone", []string{"--cookie-env", "COOKIE", "--only", "handoff/"}, cli.ExitFailed, "FAIL  status/logged-in", "copy the session's cookie again"},
		{"no case of the member ran", []string{"--cookie-env", "COOKIE", "--login-url", "", "--only", "status/logged-out,handoff/"}, cli.ExitUsage, "no case that needs one could run", "not checked"},
		{"no member", []string{"--only", "status/logged-out,status/logged-in"}, 0, "not checked: status/logged-in: needs --password-env or --cookie-env", ""},
		{"warnings", []string{"--only", "status/no-store"}, 0, "0 failed, 1 warnings", ""},
		{"warnings that count", []string{"--only", "status/no-store", "--strict"}, cli.ExitFailed, "there are warnings", "without --strict"},
	} {
		stdout, stderr, code := clitest.RunCommand(t, "ocdev", run, environment, append(outOfOrder(t), test.args...)...)
		if got := stdout + stderr; code != test.code || !strings.Contains(got, test.want) || !strings.Contains(got, test.hint) {
			t.Errorf("%s: got exit code %d and\n%s\nwant %d, %q and %q", test.name, code, got, test.code, test.want, test.hint)
		}
	}
}

func TestCheckSpeaksTheLanguageOfTheEnvironmentOrTheFlag(t *testing.T) {
	args := append(outOfOrder(t), "--only", "status/logged-out,status/no-store,status/logged-in", "--strict")
	korean := []string{"로그아웃 상태는 200", "경고가 있습니다", "캐시된 응답은", "검사하지 않음: status/logged-in", "통과 1, 실패 0, 경고 1, 건너뜀 1"}
	english := []string{"Somebody logged out is 200", "there are warnings", "not checked: status/logged-in", "1 ok, 0 failed, 1 warnings, 1 skipped"}
	for _, test := range []struct {
		environment, flag string
		want              []string
	}{
		{"ko_KR.UTF-8", "", korean}, {"en_US.UTF-8", "", english}, {"en_US.UTF-8", "ko", korean}, {"ko_KR.UTF-8", "en", english},
	} {
		environment, args := &clitest.Environment{Values: map[string]string{"LANG": test.environment}}, slices.Clone(args)
		if test.flag != "" {
			args = append(args, "--lang", test.flag)
		}
		stdout, stderr, _ := clitest.RunCommand(t, "ocdev", run, environment, args...)
		for _, want := range test.want {
			if !strings.Contains(stdout+stderr, want) {
				t.Errorf("%s, --lang %q: got %s%s, want %q in it", test.environment, test.flag, stdout, stderr, want)
			}
		}
	}
}

func TestCheckExplainsACase(t *testing.T) {
	for lang, wants := range map[string][]string{
		"en": {"status/cors-origin", "must: the vendor's pages say so", "needs: --login-status-url", "Login status URL", "Access-Control-Allow-Credentials: true", "Source: the vendor's page"},
		"ko": {"status/cors-origin", "필수", "로그인 상태 URL", "출처: 벤더 문서"},
	} {
		stdout, _, code := clitest.RunCommand(t, "ocdev", run, nil, "check", "--explain", "status/cors-origin", "--lang", lang)
		for _, want := range wants {
			if code != 0 || !strings.Contains(stdout, want) {
				t.Errorf("got exit code %d and %s, want 0 and %q", code, stdout, want)
			}
		}
	}
	if _, stderr, code := clitest.RunCommand(t, "ocdev", run, nil, "check", "--explain", "status/nothing"); code != cli.ExitUsage || !strings.Contains(stderr, "there is no case") {
		t.Errorf("got exit code %d and %s, want %d for an unknown case", code, stderr, cli.ExitUsage)
	}
}

func TestCheckFindsABrowser(t *testing.T) {
	installed := func(names ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			if slices.Contains(names, name) {
				return "/usr/bin/" + name, nil
			}
			return "", exec.ErrNotFound
		}
	}
	for _, test := range []struct {
		named         string
		look          func(string) (string, error)
		want, wantErr string
	}{
		{"", installed("google-chrome", "microsoft-edge"), "/usr/bin/google-chrome", ""},
		{"", installed("firefox"), "", "no Chrome, Chromium or Edge was found"},
		{"my-chromium", installed("chromium", "my-chromium"), "/usr/bin/my-chromium", ""},
		{"my-chromium", installed("chromium"), "", "there is no program my-chromium"},
	} {
		got, err := findBrowser(test.named, test.look)
		var stderr strings.Builder
		code := cli.Terminal{Stderr: &stderr, Environ: func() []string { return nil }}.Report("ocdev", err)
		if got != test.want || (code == cli.ExitUsage) != (test.wantErr != "") || !strings.Contains(stderr.String(), test.wantErr) {
			t.Errorf("%s: got %q, exit code %d and %q; want %q, %q", test.named, got, code, &stderr, test.want, test.wantErr)
		}
	}
}

// TestCheckWithoutABrowserAsksByHTTP: what was not checked is right only where it was not wanted.
func TestCheckWithoutABrowserAsksByHTTP(t *testing.T) {
	environment := &clitest.Environment{Values: map[string]string{"PASSWORD": "p"}}
	args := append(outOfOrder(t), "--password-env", "PASSWORD", "--no-browser", "--only", "status/logged-out,login/works,handoff/form-token")
	stdout, stderr, code := clitest.RunCommand(t, "ocdev", run, environment, args...)
	if code != 0 || !strings.Contains(stdout, "1 ok, 0 failed, 0 warnings, 2 skipped") {
		t.Errorf("with --no-browser: got exit code %d, %q, %q; want 0 and the status checked", code, stdout, stderr)
	}
	t.Setenv("PATH", t.TempDir())
	args = slices.DeleteFunc(args, func(arg string) bool { return arg == "--no-browser" })
	stdout, stderr, code = clitest.RunCommand(t, "ocdev", run, environment, args...)
	if code != cli.ExitUsage || !strings.Contains(stdout, "1 ok") || !strings.Contains(stderr, "install Chrome or Edge, or name it with --browser PATH") {
		t.Errorf("with none installed: got exit code %d, %q, %q; want %d, the status checked and a hint", code, stdout, stderr, cli.ExitUsage)
	}
}
