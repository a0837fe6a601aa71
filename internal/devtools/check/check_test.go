package check

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ocsso/internal/secret"
)

func TestEveryCaseHasAUniqueIDAndARequirement(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		if seen[c.ID] || !strings.Contains(c.ID, "/") {
			t.Errorf("got the id %q, want group/name, once", c.ID)
		}
		seen[c.ID] = true
		if text := c.Requirement; text.EN == "" || text.KO == "" || c.Level != Must && c.Level != Should {
			t.Errorf("%s: got the level %q and %q, want a level, and a sentence in both languages", c.ID, c.Level, text)
		}
		for number := range strings.FieldsSeq(c.Sections) {
			for _, text := range []string{section(number).EN, section(number).KO} {
				if title, body, _ := strings.Cut(text, "\n"); title == "" || body == "" {
					t.Errorf("%s: got %q as section %s, want its text in both languages", c.ID, text, number)
				}
			}
		}
	}
}

func TestSelectAcceptsIDsAndGroups(t *testing.T) {
	cases, err := Select("verify/old", "clock/")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range cases {
		ids = append(ids, c.ID)
	}
	if got, want := strings.Join(ids, " "), "verify/old clock/server clock/help-center"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := Select("clock"); err == nil {
		t.Error("got no error for a group without its slash, want one")
	}
}

func TestCasesAreSkippedWithTheFlagsThatTheyNeed(t *testing.T) {
	t.Parallel()
	report := try(t, newReference("", wayForm), false, func(target *Target) {
		target.Cookie, target.LogoutURL, target.TokenVerifyURL, target.LinkURL, target.FrameURL = secret.Text{}, "", "", "", ""
	}, Cases())
	for _, result := range report.Results {
		if result.ID == "logout/token" {
			if want := "needs --logout-url, --password-env or --cookie-env, --token-verify-url"; result.Outcome != Skip || result.Reason != want {
				t.Errorf("logout/token: got %s %q, want skip %q", result.Outcome, result.Reason, want)
			}
		}
	}
	if !report.Passed() || report.Count(OK) == 0 {
		t.Errorf("got %d ok and %d failed, want the status cases ok", report.Count(OK), report.Count(Fail))
	}
}

func TestACookieReplacesThePassword(t *testing.T) {
	t.Parallel()
	r := newReference("", wayForm)
	r.sessions["brought-along"] = true
	report := try(t, r, true, func(target *Target) { target.Password, target.Cookie = secret.Text{}, secret.New("sid=brought-along") }, Cases())
	for _, result := range report.Results {
		for _, id := range []string{"status/logged-in", "handoff/form-token", "login/already-logged-in", "verify/issued", "link/token"} {
			if result.ID == id && result.Outcome != OK {
				t.Errorf("%s: got %s %s %s, want ok", id, result.Outcome, result.Reason, result.Got)
			}
		}
	}
}

func TestRunReportsAllMistakesInATarget(t *testing.T) {
	target := Target{HelpCenter: centerOrigin + "/", LoginURL: "example.com/login", AlsoOrigins: []string{"*"}}
	_, err := Run(t.Context(), target, Cases(), http.DefaultTransport, time.Now, EN, nil)
	if err == nil {
		t.Fatal("got no error, want one")
	}
	for _, want := range []string{"the help center", "the service and the usercode", "the timeout", `"example.com/login"`, `"*"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
}

// noNetwork is a network without the integration.
type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route")
}

func TestAnUnreachableIntegrationIsAnError(t *testing.T) {
	if _, err := Run(t.Context(), referenceTarget(), Cases(), noNetwork{}, time.Now, EN, nil); err == nil {
		t.Error("got no error, want one")
	}
}

func TestReportsAreWritten(t *testing.T) {
	report := Report{Target: map[string]string{"login-url": "https://x.example"}, Results: []Result{
		{ID: "a/ok", Level: Must, Requirement: "One", Outcome: OK, Note: "noted"},
		{ID: "b/fail", Level: Must, Requirement: "Two", Outcome: Fail, Want: "<b>", Got: "c", Hint: "d", Evidence: []string{"e1", "e2"}, Seconds: 1.5},
		{ID: "b/warn", Level: Should, Requirement: "Three", Outcome: Warn, Want: "e", Got: "f", Hint: "g"},
		{ID: "c/skip", Level: Must, Requirement: "Four", Outcome: Skip, Reason: "needs --x"},
	}}
	var text, object, junit, page bytes.Buffer
	if err := errors.Join(report.WriteText(&text, false), report.WriteJSON(&object), report.WriteJUnit(&junit), report.WriteHTML(&page)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text.String(), "FAIL  b/fail ") || !strings.HasSuffix(text.String(), "\n1 ok, 1 failed, 1 warnings, 1 skipped (0.0 s)\nFAIL  b/fail                              d\n") {
		t.Errorf("got %q, want the failure first and last", &text)
	}
	for _, want := range []string{"        want  <b>\n        got   c\n        hint  d\n        seen  e1\n              e2\n", "\nwarn  b/warn ", "\nok    a/ok ", "\nskip  c/skip ",
		"\nnote  a/ok ", "not checked: c/skip: needs --x\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("got %q, want %q in it", &text, want)
		}
	}
	var read struct {
		Results []Result
		Summary map[Outcome]int
		Target  map[string]string
	}
	if err := json.Unmarshal(object.Bytes(), &read); err != nil || len(read.Results) != 4 || read.Summary[Fail] != 1 || read.Target["login-url"] == "" {
		t.Errorf("got %s and %v, want 4 results, one of them failed", &object, err)
	}
	var suite junitSuite
	if err := xml.Unmarshal(junit.Bytes(), &suite); err != nil || suite.Tests != 4 || suite.Failures != 1 || suite.Skipped != 1 || suite.Cases[1].Class != "b" ||
		suite.Cases[1].Time != "1.500" || suite.Cases[1].Failure == nil || !strings.Contains(suite.Cases[1].Failure.Text, "want  <b>") ||
		suite.Cases[2].Failure != nil || !strings.Contains(suite.Output, "b/warn: warning: Three") {
		t.Errorf("got %s and %v, want 4 tests, one of them failed and one skipped, and the warning told", &junit, err)
	}
	if got := page.String(); !strings.Contains(got, "&lt;b&gt;") || !strings.Contains(got, "e1\ne2") || strings.Contains(got, "<script") {
		t.Errorf("got %s, want the failure, escaped", got)
	}
	for range few {
		report.Results = append(report.Results, report.Results[3])
	}
	text.Reset()
	if err := report.WriteText(&text, false); err != nil || !strings.Contains(text.String(), "\nFAIL  b/ ") || strings.Contains(text.String(), "\nskip  c/skip ") {
		t.Errorf("got %q, %v, want a line for each group", &text, err)
	}
	text.Reset()
	if err := report.WriteText(&text, true); err != nil || !strings.HasPrefix(text.String(), "\x1b[31mFAIL\x1b[0m") {
		t.Errorf("got %q, %v, want the failure in red", &text, err)
	}
}

func TestBrowserOriginReadsURLsAsBrowsersDo(t *testing.T) {
	base := mustParse(siteOrigin + "/login")
	for ref, want := range map[string]string{
		"/path":                                  siteOrigin,
		"path:x/":                                "",
		"?a=//b.example":                         siteOrigin,
		"//evil.example/":                        "https://evil.example",
		`/\evil.example/`:                        "https://evil.example",
		"/\t/evil.example/":                      "https://evil.example",
		"https:evil.example":                     siteOrigin,
		"http:evil.example":                      "http://evil.example",
		"HTTPS://Evil.Example/":                  "https://evil.example",
		"https://shop.example@evil.example/":     "https://evil.example",
		`https://evil.example\@shop.example/`:    "https://evil.example",
		"https://evil.example?@shop.example/":    "https://evil.example",
		" https://evil.example":                  "https://evil.example",
		"javascript:alert(1)":                    "",
		siteOrigin + "/?to=https://evil.example": siteOrigin,
	} {
		if got := browserOrigin(base, ref); got != want {
			t.Errorf("%q: got %q, want %q", ref, got, want)
		}
	}
}

func TestFortyHostileReturnURLsLeadAway(t *testing.T) {
	s := &run{target: referenceTarget()}
	seen := map[string]bool{}
	for _, hostile := range s.hostileReturnURLs() {
		seen[hostile] = true
		if s.target.allows(browserOrigin(mustParse(siteOrigin), hostile)) {
			t.Errorf("%q: got an allowed origin, want another", hostile)
		}
	}
	if len(seen) != 40 {
		t.Errorf("got %d, want 40", len(seen))
	}
}

// A verify URL that ignores case has to be told from one that takes any token.
func TestAChangedTokenDiffersByMoreThanItsCase(t *testing.T) {
	for _, token := range []string{"abc=", "Abc=", "bbc=", "+bc="} {
		if got := (verifyRequest{"minji", token}).changed().token; strings.EqualFold(got, token) {
			t.Errorf("got %s for %s, want another letter", got, token)
		}
	}
}
