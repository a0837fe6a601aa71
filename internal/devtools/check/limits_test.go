package check

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/secret"
)

// limited refuses a login when there were more than 3 in the last minute, as many servers do.
func limited(lasting bool) func(*http.Request, *answerEdit) {
	var logins []time.Time
	return func(r *http.Request, a *answerEdit) {
		if r.Method != http.MethodPost || r.URL.Path != "/login" {
			return
		}
		logins = append(logins, time.Now())
		recent := 0
		for _, at := range logins {
			if time.Since(at) < time.Minute {
				recent++
			}
		}
		if recent > 3 || lasting {
			*a = answerEdit{http.StatusTooManyRequests, http.Header{"Retry-After": {"20"}}, "slow down"}
		}
	}
}

func TestALoginLimitIsWaitedFor(t *testing.T) {
	r := newReference("", wayForm)
	r.after = limited(false)
	target := referenceTarget()
	target.Patience = 10 * time.Minute
	start := time.Now()
	report := run(t, target, r)
	if failed := notMet(report); len(failed) > 0 || time.Since(start) > time.Minute {
		t.Errorf("got %v unmet, want all met", failed)
	}
	for _, result := range report.Results {
		if strings.HasPrefix(result.ID, "login/") && result.Outcome != OK {
			t.Errorf("%s: got %s %s, want it to run after a wait", result.ID, result.Outcome, result.Reason)
		}
	}
}

func TestALastingLimitIsNamed(t *testing.T) {
	r := newReference("", wayForm)
	r.after = limited(true)
	report := run(t, referenceTarget(), r)
	if failed := notMet(report); len(failed) > 0 {
		t.Errorf("got %v unmet, want nothing blamed on the password", failed)
	}
	for _, result := range report.Results {
		if result.ID == "login/works" && (result.Outcome != Skip || !strings.Contains(result.Reason, "429")) {
			t.Errorf("login/works: got %s %q, want a skip that names 429", result.Outcome, result.Reason)
		}
	}
	if got := report.Unchecked(); got != textNoMemberRan.EN {
		t.Errorf("got %q, want %q", got, textNoMemberRan.EN)
	}
}

func TestADeadLoginFailsAndIsNotGreen(t *testing.T) {
	for _, test := range []struct {
		name, hint string
		change     func(*Target)
		failed     []string
	}{
		{"a dead cookie", "copy the session's cookie again", func(t *Target) { t.Password, t.Cookie = secret.Text{}, secret.New("sid=long-gone") },
			[]string{"status/logged-in", "login/already-logged-in"}},
		{"a wrong password", "does not log --usercode in", func(t *Target) { t.Password = secret.New("not it") },
			[]string{"status/logged-in", "login/works", "login/already-logged-in"}},
		{"another member's usercode", "does not log --usercode in", func(t *Target) { t.UserCode = "hyun" },
			[]string{"status/logged-in", "login/works", "login/already-logged-in"}},
		{"a dead cookie and only a status URL", "copy the session's cookie again", func(t *Target) {
			*t = Target{HelpCenter: t.HelpCenter, Service: t.Service, UserCode: t.UserCode, Timeout: t.Timeout, LoginStatusURL: t.LoginStatusURL,
				Cookie: secret.New("sid=long-gone")}
		}, []string{"status/logged-in"}},
	} {
		target := referenceTarget()
		test.change(&target)
		report := run(t, target, newReference("", wayForm))
		if got := strings.Join(notMet(report), " "); got != strings.Join(test.failed, " ") {
			t.Errorf("%s: got %s unmet, want %v", test.name, got, test.failed)
		}
		for _, result := range report.Results {
			if result.Outcome == Fail && !strings.Contains(result.Hint, test.hint) {
				t.Errorf("%s: %s: got the hint %q, want %q in it", test.name, result.ID, result.Hint, test.hint)
			}
		}
	}
}

func TestARunThatCheckedNothingSaysSo(t *testing.T) {
	r := newReference("", wayForm)
	for _, test := range []struct {
		only string
		want string
	}{
		{"handoff/api-call", textNothingRan.EN},
		{"status/logged-out", ""},
		{"status/", ""},
	} {
		cases, err := Select(test.only)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			report, err := Run(t.Context(), referenceTarget(), cases, r, time.Now, Reader{})
			if err != nil {
				t.Fatal(err)
			}
			if got := report.Unchecked(); got != test.want {
				t.Errorf("%s: got %q, want %q", test.only, got, test.want)
			}
		})
	}
}

func TestEveryTextIsInBothLanguages(t *testing.T) {
	for _, c := range Cases() {
		for _, lang := range []Lang{EN, KO} {
			if text := c.Explain(lang); !strings.Contains(text, c.ID) || !strings.Contains(text, c.Requirement().In(lang)) || len(text) < 200 {
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
	for way, want := range map[string]Outcome{wayForm: Warn, wayAPI: Fail} {
		for _, result := range runAll(t, newReference("any returnUrl", way), nil).Results {
			if result.ID == "login/hostile-return-url-member" && result.Outcome != want {
				t.Errorf("by %s: got %s, want %s", way, result.Outcome, want)
			}
		}
	}
}
