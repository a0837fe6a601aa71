package check

import (
	"bytes"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/secret"
)

func referenceTarget() Target {
	return Target{
		HelpCenter: centerOrigin, Service: testService, UserCode: minji.usercode,
		LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/status", TokenVerifyURL: siteOrigin + "/verify",
		LinkURL: siteOrigin + "/link", LogoutURL: siteOrigin + "/logout", FrameURL: siteOrigin + "/help",
		Password: secret.New(testPassword), OrganizationKey: testKey,
		Timeout: 10 * time.Second, Patience: time.Minute,
	}
}

// shownOnPage is the reader of the setup page in Korean.
var shownOnPage = Reader{Lang: KO, OnPage: true}

// runAll runs all cases against a reference, for the setup page in Korean.
func runAll(t *testing.T, r *reference, change func(*Target)) Report {
	t.Helper()
	target := referenceTarget()
	target.Center = r.center
	if change != nil {
		change(&target)
	}
	return runFor(t, shownOnPage, target, r)
}

func run(t *testing.T, target Target, r *reference) Report {
	t.Helper()
	return runFor(t, Reader{}, target, r)
}

func runFor(t *testing.T, reader Reader, target Target, r *reference) Report {
	t.Helper()
	var report Report
	synctest.Test(t, func(t *testing.T) {
		var err error
		if report, err = Run(t.Context(), target, Cases(), r, time.Now, reader); err != nil {
			t.Fatal(err)
		}
	})
	return report
}

// notMet returns the ids of the cases that failed or warned.
func notMet(report Report) []string {
	var ids []string
	for _, result := range report.Results {
		if result.Outcome == Fail || result.Outcome == Warn {
			ids = append(ids, result.ID)
		}
	}
	return ids
}

func TestTheReferencePassesEveryCase(t *testing.T) {
	seen := map[string]bool{}
	for _, way := range []string{wayForm, wayAPI} {
		for _, result := range runAll(t, newReference("", way), nil).Results {
			switch result.Outcome {
			case OK:
				seen[result.ID] = true
			case Fail, Warn:
				t.Errorf("%s by %s: got %s: want %s, got %s", result.ID, way, result.Outcome, result.Want, result.Got)
			}
		}
	}
	for _, c := range Cases() {
		if !seen[c.ID] {
			t.Errorf("%s was skipped, want it to run", c.ID)
		}
	}
}

// A mutant is a reference that breaks one requirement.
type mutant struct {
	name  string
	cases []string // that fail or warn, in the order of Cases
	way   string   // of the handoff; "" for form

	target func(*Target)                    // changes what is checked; nil: nothing
	before func(*http.Request)              // changes what the reference is asked; nil: nothing
	after  func(*http.Request, *answerEdit) // changes what it answers; nil: nothing
}

func (m mutant) reference() *reference {
	r := newReference(m.name, m.way)
	r.before, r.after = m.before, m.after
	return r
}

// mutants have their mistake in the reference, which knows it by name, or in before or after.
var mutants = slices.Concat([]mutant{
	{name: "status is 401 for guests", cases: []string{"status/logged-out"}},
	{name: "everybody is logged in", cases: []string{"status/logged-out"}},
	{name: "empty usercode for null", cases: []string{"status/keys", "verify/keys"}},
	{name: "one more key", cases: []string{"status/keys", "verify/keys"}},
	{name: "1 for true", cases: []string{"status/logged-out", "status/logged-in", "verify/issued", "verify/shape"}},
	{name: "status names another member", cases: []string{"status/logged-in"}},
	{name: "Boolean", cases: []string{"status/strings", "verify/strings"}},
	{name: "JSON as HTML", cases: []string{"status/content-type", "verify/content-type"}},
	{name: "status redirects to the login", cases: []string{"status/no-redirect"}},
	{name: "slow status", cases: []string{"status/fast"}},
	{name: "wildcard CORS", cases: []string{"status/cors-origin"}},
	{name: "no CORS for guests", cases: []string{"status/cors-origin"}},
	{name: "CORS without credentials", cases: []string{"status/cors-credentials"}},
	{name: "no preflight", cases: []string{"status/preflight"}},
	{name: "preflight without memberno", cases: []string{"status/preflight"}},
	{name: "preflight without credentials", cases: []string{"status/preflight"}},
	{name: "preflight with a wildcard", cases: []string{"status/preflight"}},
	{name: "no Vary", cases: []string{"status/vary-origin"}},
	{name: "cacheable status", cases: []string{"status/no-store"}},
	{name: "every origin is echoed", cases: []string{"status/foreign-origin", "status/null-origin", "status/look-alike-origin"}},
	{name: "the origin null", cases: []string{"status/null-origin"}},
	{name: "origins by prefix", cases: []string{"status/look-alike-origin"}},
	{name: "origins by host", cases: []string{"status/look-alike-origin"}},
	{name: "cookie without Secure", cases: []string{"status/cookie-secure"}},
	{name: "cookie without HttpOnly", cases: []string{"status/cookie-http-only"}},
	{name: "Lax cookie", cases: []string{"status/cookie-same-site"}},
	{name: "usercode in the query is believed", cases: []string{"status/usercode-alone"}},
	{name: "usercode in a header is believed", cases: []string{"status/usercode-alone"}},

	{name: "login page without a form", cases: []string{"login/page"}},
	{name: "login page is an error", cases: []string{"login/page", "login/wrong-password"}},
	{name: "login posts over http", cases: []string{"status/cookie-stored", "login/page"}},
	{name: "no password is right", cases: []string{"status/logged-in", "login/works", "login/already-logged-in"}},
	{name: "any password", cases: []string{"login/wrong-password"}},
	{name: "returnUrl lost by a wrong password", cases: []string{"login/return-url-kept"}},
	{name: "returnUrl lost by the login", cases: []string{"login/return-url"}},
	{name: "asks a member for the password again", cases: []string{"login/already-logged-in"}},
	{name: "redirects guests to the returnUrl", cases: []string{"login/hostile-return-url"}},
	{name: "any returnUrl", cases: []string{"login/hostile-return-url-member", "login/hostile-return-url-posted"}},
	{name: "returnUrl by prefix", cases: []string{"login/hostile-return-url-member", "login/hostile-return-url-posted"}},
	{name: "returnUrl that contains the host", cases: []string{"login/hostile-return-url-member", "login/hostile-return-url-posted"}},
	{name: "returnUrl by suffix", cases: []string{"login/hostile-return-url-member"}},
	{name: "returnUrl of any scheme", cases: []string{"login/hostile-return-url-member"}},
	{name: "returnUrl with a backslash", cases: []string{"login/hostile-return-url-member"}},
	{name: "session fixation", cases: []string{"login/session-id"}},
	{name: "login from any site", cases: []string{"login/cross-site-post"}},
	{name: "unknown members are told", cases: []string{"login/same-failure"}},
	{name: "login by GET", cases: []string{"login/secret-in-url"}},
	{name: "cacheable login page", cases: []string{"login/no-store"}},
	{name: "cacheable handoff page", cases: []string{"login/no-store"}},

	{name: "handoff by GET", cases: []string{"handoff/form-endpoint"}},
	{name: "the api's path", cases: []string{"handoff/form-endpoint"}},
	{name: "handoff to another host", cases: []string{"handoff/form-endpoint"}},
	{name: "multipart handoff", cases: []string{"handoff/form-endpoint"}},
	{name: "usercode twice", cases: []string{"handoff/form-required"}},
	{name: "no token", cases: []string{"handoff/form-required", "link/required"}},
	{name: "another service", cases: []string{"handoff/form-service", "link/token"}},
	{name: "another usercode", cases: []string{"handoff/form-usercode", "link/usercode"}},
	{name: "long username", cases: []string{"handoff/form-limits", "link/limits"}},
	{name: "time in seconds", cases: []string{"handoff/form-time", "link/time"}},
	{name: "time of an hour ago", cases: []string{"handoff/form-time", "link/time"}},
	{name: "returnUrl is not signed", cases: []string{"handoff/form-token"}},
	{name: "another returnUrl when logged in", cases: []string{"handoff/form-return-url"}},
	{name: "blanks are signed", cases: []string{"handoff/form-token", "link/token"}},
	{name: "redirect without time", cases: []string{"handoff/api-redirect"}, way: wayAPI},
	{name: "redirect without usercode", cases: []string{"handoff/api-redirect"}, way: wayAPI},
	{name: "redirect without accessToken", cases: []string{"handoff/api-redirect"}, way: wayAPI},
	{name: "another returnUrl when logged in", cases: []string{"handoff/api-return-url"}, way: wayAPI},
	{name: "the browser's path", cases: []string{"handoff/api-call"}, way: wayAPI},
	{name: "call by GET", cases: []string{"handoff/api-call"}, way: wayAPI},
	{name: "another service", cases: []string{"handoff/api-required", "link/token"}, way: wayAPI},
	{name: "returnUrl sent in the call", cases: []string{"handoff/api-unsent-return-url"}, way: wayAPI},
	{name: "returnUrl signed in the call", cases: []string{"handoff/api-token"}, way: wayAPI},
	{name: "time of an hour ago", cases: []string{"handoff/api-redirect", "handoff/api-time", "link/time"}, way: wayAPI},
	{name: "another time in the redirect", cases: []string{"handoff/api-passed-on"}, way: wayAPI},
	{name: "accessToken not encoded", cases: []string{"handoff/api-passed-on"}, way: wayAPI},
	{name: "any answer is a success", cases: []string{"handoff/api-refused", "handoff/api-error", "handoff/api-rubbish"}, way: wayAPI},
	{name: "failures are passed on", cases: []string{"handoff/api-refused", "handoff/api-error", "handoff/api-rubbish", "handoff/api-silence"}, way: wayAPI},
	{name: "stack trace after a failed call", cases: []string{"handoff/api-refused", "handoff/api-error", "handoff/api-rubbish", "handoff/api-silence"}, way: wayAPI},
	{name: "nothing to see after a failed call", cases: []string{"handoff/api-refused", "handoff/api-error", "handoff/api-rubbish", "handoff/api-silence"}, way: wayAPI},
	{name: "waits for ever", cases: []string{"handoff/api-silence"}, way: wayAPI},

	{name: "no link", cases: []string{"link/given"}},
	{name: "link without the last slash", cases: []string{"link/path"}},
	{name: "no email", cases: []string{"link/email"}},
	{name: "blanks in a link", cases: []string{"link/blanks"}},
	{name: "a space as + in a link", cases: []string{"link/encoding-strict"}},
	{name: "returnUrl signed in a link", cases: []string{"link/token"}},

	{name: "verify is always false", cases: []string{"verify/issued"}},
	{name: "verify is always true", cases: []string{"verify/changed-token", "verify/other-usercode", "verify/empty", "verify/plus-as-space", "verify/old", "logout/token"}},
	{name: "verify without usercode", cases: []string{"verify/other-usercode"}},
	{name: "verify without token", cases: []string{"verify/empty"}},
	{name: "a lost + is mended", cases: []string{"verify/plus-as-space"}},
	{name: "verify signs again", cases: []string{"verify/old"}},
	{name: "verify is 404 for false", cases: []string{"verify/shape"}},
	{name: "verify never forgets", cases: []string{"logout/token"}},
	{name: "logout does nothing", cases: []string{"logout/status", "logout/token"}},
	{name: "logout deletes the cookie alone", cases: []string{"logout/token", "logout/old-cookie"}},

	{name: "server's clock is slow", cases: []string{"clock/server"}},
	{name: "help center's clock is slow", cases: []string{"clock/help-center"}},
	{name: "frame with another id", cases: []string{"frame/id"}},
	{name: "frame without iframe=true", cases: []string{"frame/source"}},
	{name: "policy without the help center", cases: []string{"frame/policy"}},
}, signerMutants, editMutants)

func TestEachMutantFailsExactlyItsCases(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			r := m.reference()
			report := runAll(t, r, m.target)
			if diff := cmp.Diff(m.cases, notMet(report)); diff != "" {
				t.Errorf("failed cases (-want +got):\n%s", diff)
			}
			wantNoSecrets(t, report, slices.Collect(maps.Keys(r.tokens)))
			wantKorean(t, report)
			if want, ok := explanations[m.name]; ok {
				if got := firstHint(report); got != shownOnPage.hint(want) {
					t.Errorf("got the hint %q, want %q", got, shownOnPage.hint(want))
				}
			}
		})
	}
}

// wantNoSecrets checks that the report shows no token and no personal data in any encoding, and no
// long text.
func wantNoSecrets(t *testing.T, report Report, tokens []string) {
	t.Helper()
	var text bytes.Buffer
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	shown := decodedFully(text.String())
	for _, secret := range append(tokens, testKey, testPassword, accessToken, minji.username, minji.email, minji.phone) {
		if secret != "" && strings.Contains(shown, secret) {
			t.Errorf("got %q in the report, want it masked:\n%s", secret, shown)
		}
	}
	for _, result := range report.Results {
		if n := len([]rune(result.Got)); n > maxShown+1 {
			t.Errorf("%s: got %d characters, want at most %d", result.ID, n, maxShown+1)
		}
	}
}

// firstHint returns the hint of the first case that is not met.
func firstHint(report Report) string {
	for _, result := range report.Results {
		if result.Outcome == Fail || result.Outcome == Warn {
			return result.Hint
		}
	}
	return ""
}

// wantKorean checks that the texts are in Korean, and name no flag of the command line.
func wantKorean(t *testing.T, report Report) {
	t.Helper()
	isKorean := func(r rune) bool { return '가' <= r && r <= '힣' }
	for _, result := range report.Results {
		for _, text := range []string{result.Requirement, result.Hint, result.Reason} {
			if text != "" && !strings.ContainsFunc(text, isKorean) || strings.Contains(text, "--") || strings.Contains(text, "ocsso ") {
				t.Errorf("%s: got %q, want it in Korean and without a flag", result.ID, text)
			}
		}
	}
}

// decodedFully undoes the encodings that an answer may have, as often as they were applied.
func decodedFully(text string) string {
	percent := regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	for range 3 {
		text = percent.ReplaceAllStringFunc(html.UnescapeString(text), func(code string) string {
			decoded, _ := url.PathUnescape(code)
			return decoded
		})
	}
	return text
}

func TestEveryCaseFailsForSomeMutant(t *testing.T) {
	for _, c := range Cases() {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return slices.Contains(m.cases, c.ID) }) {
			t.Errorf("%s fails for no mutant, want one", c.ID)
		}
	}
}
