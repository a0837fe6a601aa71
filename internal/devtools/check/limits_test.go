package check

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/secret"
)

// limited refuses a login when there were more than 3 in the last two seconds, as servers do in the
// last minute.
func limited(lasting bool) func(*http.Request, *answerEdit) {
	var logins []time.Time
	return func(r *http.Request, a *answerEdit) {
		if r.Method != http.MethodPost || r.URL.Path != "/login" {
			return
		}
		logins = append(logins, time.Now())
		recent := 0
		for _, at := range logins {
			if time.Since(at) < 2*time.Second {
				recent++
			}
		}
		if recent > 3 || lasting {
			*a = answerEdit{http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, "slow down"}
		}
	}
}

func TestALoginLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newReference("", wayForm)
	r.after = limited(false)
	cases, err := Select("login/")
	if err != nil {
		t.Fatal(err)
	}
	report := try(t, r, true, func(target *Target) { target.Patience = time.Minute }, cases)
	for _, result := range report.Results {
		if result.Outcome != OK {
			t.Errorf("%s: got %s %s, want it to run after a wait", result.ID, result.Outcome, result.Reason)
		}
	}
}

func TestALastingLimitIsNamed(t *testing.T) {
	t.Parallel()
	r := newReference("", wayForm)
	r.after = limited(true)
	report := try(t, r, true, nil, Cases())
	if failed := notMet(report); len(failed) > 0 {
		t.Errorf("got %v unmet, want nothing blamed on the password", failed)
	}
	for _, result := range report.Results {
		if result.ID == "login/works" && (result.Outcome != Skip || !strings.Contains(result.Reason, "429")) {
			t.Errorf("login/works: got %s %q, want a skip that names 429", result.Outcome, result.Reason)
		}
	}
	if got := report.Unchecked(false); got == "" {
		t.Error("got a run that has checked its member, want it to say that it has not")
	}
}

func TestADeadLoginFailsAndIsNotGreen(t *testing.T) {
	t.Parallel()
	dead := func(t *Target) { t.Password, t.Cookie = secret.Text{}, secret.New("sid=long-gone") }
	for _, test := range []struct {
		name, hint string
		inBrowser  bool
		change     func(*Target)
		failed     string
	}{
		{"a dead cookie", "copy the session's cookie again", true, dead, "status/logged-in link/given"},
		{"a wrong password", "does not log the member in", true, func(t *Target) { t.Password = secret.New("not it") }, "login/works"},
		{"another member's login name", "does not log the member in", true, func(t *Target) { t.LoginID = "hyun" }, "login/works"},
		{"a dead cookie and only a status URL", "copy the session's cookie again", false, func(t *Target) {
			*t = Target{HelpCenter: t.HelpCenter, Service: t.Service, UserCode: t.UserCode, Timeout: t.Timeout, LoginStatusURL: t.LoginStatusURL}
			dead(t)
		}, "status/logged-in"},
	} {
		report := try(t, newReference("", wayForm), test.inBrowser, test.change, Cases())
		if got := strings.Join(notMet(report), " "); got != test.failed {
			t.Errorf("%s: got %s unmet, want %v", test.name, got, test.failed)
		}
		if got := firstHint(report); !strings.Contains(got, test.hint) {
			t.Errorf("%s: got the hint %q, want %q in it", test.name, got, test.hint)
		}
	}
}

// Without a browser the login can't be tried: that is right only where it was asked for.
func TestARunThatCheckedNothingSaysSo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		only, want string
		unwanted   bool // no browser was wanted
	}{
		{"handoff/api-call", "nothing was checked", false},
		{"status/logged-out", "", false},
		{"status/", "", false},
		{"status/,login/", "the login and the handoff were not checked", false},
		{"status/,login/", "", true},
		{"status/,login/,handoff/", "", false},
	} {
		cases, err := Select(strings.Split(test.only, ",")...)
		if err != nil {
			t.Fatal(err)
		}
		report := try(t, newReference("", wayForm), false, nil, cases)
		if got := report.Unchecked(test.unwanted); test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.only, got, test.want)
		}
	}
}

// TestALogoutThatTakesNoGETIsNotAFailure is for frameworks whose logout is a POST: only the flag is
// wrong.
func TestALogoutThatTakesNoGETIsNotAFailure(t *testing.T) {
	cases, err := Select("logout/")
	if err != nil {
		t.Fatal(err)
	}
	r := newReference("logout does nothing", wayForm)
	r.after = atPath("/logout", code(http.StatusMethodNotAllowed), text(""))
	for _, inBrowser := range []bool{false, true} {
		for _, result := range try(t, r, inBrowser, nil, cases).Results {
			if result.Outcome != Skip || !strings.Contains(result.Reason, "405") {
				t.Errorf("%s, in a browser %t: got %s %q, want a skip that names 405", result.ID, inBrowser, result.Outcome, result.Reason)
			}
		}
	}
}

func TestEveryTextIsInBothLanguages(t *testing.T) {
	for _, c := range Cases() {
		for _, lang := range []Lang{EN, KO} {
			if text := c.Explain(lang); !strings.Contains(text, c.ID) || !strings.Contains(text, c.Requirement.In(lang)) || len(text) < 200 {
				t.Errorf("%s in %s: got %q, want its requirement and what the contract says", c.ID, lang, text)
			}
		}
		if c.Level == Must {
			says := false
			for number := range strings.FieldsSeq(c.Sections) {
				says = says || strings.Contains(section(number).EN, "\nSource: ") && strings.Contains(section(number).KO, "\n출처: ")
			}
			if !says {
				t.Errorf("%s is a must, want a section that the vendor's pages are the source of", c.ID)
			}
		}
	}
}

// TestATokenForAnotherSiteFails checks that an open redirect, a should, fails where it gives
// an access token away.
func TestATokenForAnotherSiteFails(t *testing.T) {
	t.Parallel()
	cases, err := Select("login/hostile-return-url-member")
	if err != nil {
		t.Fatal(err)
	}
	for way, want := range map[signing.Call]Outcome{wayForm: Warn, wayAPI: Fail} {
		report := try(t, newReference("any returnUrl", way), false, nil, cases)
		if got := report.Results[0].Outcome; got != want {
			t.Errorf("by %s: got %s, want %s", way, got, want)
		}
	}
}

func TestAFailureSaysWhyTheHelpCenterRefusesTheHandoff(t *testing.T) {
	t.Parallel()
	cases, err := Select("handoff/form-time", "link/time")
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range try(t, newReference("time of an hour ago", wayForm), false, nil, cases).Results {
		if got := strings.Join(result.Evidence, "\n"); !strings.Contains(got, "the help center refuses it: time differs") {
			t.Errorf("%s: got the evidence %q, want the stand-in's reason", result.ID, got)
		}
	}
}
