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
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/secret"
)

func referenceTarget() Target {
	return Target{
		HelpCenter: centerOrigin, Service: testService, UserCode: minji.usercode,
		LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/status", TokenVerifyURL: siteOrigin + "/verify",
		LinkURL: siteOrigin + "/link", LogoutURL: siteOrigin + "/logout", FrameURL: siteOrigin + "/help",
		Password: secret.New(testPassword), OrganizationKey: testKey,
		Timeout: 30 * time.Second, Patience: time.Minute,
	}
}

// try runs cases against a reference, in the browser or by plain HTTP with the cookie of a login.
func try(t *testing.T, r *reference, inBrowser bool, change func(*Target), cases []Case) Report {
	t.Helper()
	target := referenceTarget()
	r.center.Listens = r.way == wayAPI
	if inBrowser {
		target.Browser = sharedBrowser(t)
	} else {
		r.sessions["brought-along"], r.logins["brought-along"] = true, time.Now()
		target.Password, target.Cookie = secret.Text{}, secret.New("sid=brought-along")
	}
	if change != nil {
		change(&target)
	}
	w := newWorld(t, r.center, r)
	if r.is("help center's clock is slow") {
		w.centerClock = -10 * time.Minute
	}
	return runIn(t, w, target, EN, cases)
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
	t.Parallel()
	seen := map[string]bool{}
	for _, way := range []signing.Call{wayForm, wayAPI} {
		report := try(t, newReference("", way), true, func(t *Target) { t.PostHandoff = realOrigin }, Cases())
		for _, result := range report.Results {
			switch result.Outcome {
			case OK:
				seen[result.ID] = true
			case Fail, Warn:
				t.Errorf("%s by %s: got %s: want %s, got %s\n%s", result.ID, way, result.Outcome, result.Want, result.Got, strings.Join(result.Evidence, "\n"))
			case Skip:
				t.Logf("%s by %s: %s", result.ID, way, result.Reason)
			}
		}
		for _, s := range report.Steps {
			t.Logf("%s: %.2f s", s.Name, s.Seconds)
		}
		t.Logf("%.2f s", report.Seconds)
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
	cases []string     // that fail or warn, in the order of Cases
	may   []string     // that fail on a slow machine, too
	shown bool         // in the browser alone, although no case of it needs one
	way   signing.Call // of the handoff; "" for form

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
	{name: "status is 401 for guests", cases: []string{"status/logged-out"}, after: to(loggedOut, atPath("/status", code(401)))},
	{name: "everybody is logged in", cases: []string{"status/logged-out"}, after: atPath("/status", change(`"false"`, `"true"`, "null", `"minji"`))},
	{name: "empty usercode for null", cases: []string{"status/keys", "verify/keys"}, after: anywhere(change("null", `""`))},
	{name: "1 for true", cases: []string{"status/logged-out", "status/logged-in", "verify/issued", "verify/shape"}, after: anywhere(change(`"true"`, "1", `"false"`, "0"))},
	{name: "status names another member", cases: []string{"status/logged-in"}, after: atPath("/status", change("minji", "somebody"))},
	{name: "Boolean", cases: []string{"status/strings", "verify/strings"}, after: anywhere(change(`"true"`, "true", `"false"`, "false"))},
	{name: "status redirects to the login", cases: []string{"status/no-redirect"}, after: to(loggedOut, atPath("/status", code(302), set("Location", "/login")))},
	{name: "slow status", cases: []string{"status/fast"}},
	{name: "wildcard CORS", cases: []string{"status/cors-origin"}, after: atPath("/status", set(allowOrigin, "*"))},
	{name: "no CORS for guests", cases: []string{"status/cors-origin"}, after: to(loggedOut, atPath("/status", remove(allowOrigin)))},
	{name: "CORS without credentials", cases: []string{"status/cors-credentials"}, after: atPath("/status", remove(allowCredentials))},
	{name: "no preflight", cases: []string{"status/preflight"}, after: preflights(code(405), remove(allowHeaders))},
	{name: "preflight without memberno", cases: []string{"status/preflight"}, after: preflights(changeHeader(allowHeaders, "memberno, ", ""))},
	{name: "preflight without credentials", cases: []string{"status/preflight"}, after: preflights(remove(allowCredentials))},
	{name: "preflight with a wildcard", cases: []string{"status/preflight"}, after: preflights(set(allowHeaders, "*"))},
	{name: "every origin is echoed", cases: []string{"status/foreign-origin", "status/null-origin", "status/look-alike-origin"}},
	{name: "the origin null", cases: []string{"status/null-origin"}},
	{name: "origins by prefix", cases: []string{"status/look-alike-origin"}},
	{name: "origins by host", cases: []string{"status/look-alike-origin"}},
	{name: "cookie without Secure", cases: []string{"status/cookie-secure"}, after: cookies("; Secure", "")},
	{name: "cookie without HttpOnly", cases: []string{"status/cookie-http-only"}, after: cookies("; HttpOnly", "")},
	{name: "Lax cookie", cases: []string{"status/cookie-same-site"}, after: cookies("SameSite=None", "SameSite=Lax")},
	{name: "usercode in the query is believed", cases: []string{"status/usercode-alone"}},
	{name: "usercode in a header is believed", cases: []string{"status/usercode-alone"}},

	{name: "login page without a form", cases: []string{"login/page"}, after: logins(text(""))},
	{name: "login page is an error", cases: []string{"login/page", "login/wrong-password"}, after: logins(code(500))},
	{name: "login posts over http", cases: []string{"login/page"}, after: logins(change(`action="/login"`, `action="http://shop.example/login"`))},
	{name: "no password is right", cases: []string{"login/works"}},
	{name: "any password", cases: []string{"login/wrong-password"}},
	{name: "returnUrl lost by a wrong password", cases: []string{"login/return-url-kept"}},
	{name: "returnUrl lost by the login", cases: []string{"login/return-url"}},
	{name: "asks a member for the password again", cases: []string{"login/already-logged-in"}},
	{name: "redirects guests to the returnUrl", cases: []string{"login/hostile-return-url"}},
	{name: "any returnUrl", cases: []string{"login/hostile-return-url-member", "login/hostile-return-url-posted"}},
	{name: "returnUrl by suffix", cases: []string{"login/hostile-return-url-member"}},
	{name: "returnUrl of any scheme", cases: []string{"login/hostile-return-url-member"}},
	{name: "returnUrl with a backslash", cases: []string{"login/hostile-return-url-member"}},
	{name: "session fixation", cases: []string{"login/session-id"}},
	{name: "login from any site", cases: []string{"login/cross-site-post"}},
	{name: "unknown members are told", cases: []string{"login/same-failure"}},
	{name: "login by GET", cases: []string{"login/secret-in-url"}, after: logins(change(`"post"`, `"get"`))},
	{name: "cacheable login page", cases: []string{"login/no-store"}, after: logins(remove("Cache-Control"))},
	{name: "cacheable handoff page", cases: []string{"login/no-store"}, shown: true, after: handoffs(set("Cache-Control", "private"))},

	{name: "the api's path", cases: []string{"handoff/form-endpoint"}, after: handoffs(change("/v2/enduser", "/api/v2/enduser"))},
	{name: "handoff to another host", cases: []string{"handoff/form-endpoint"}, after: handoffs(change(`action="`+centerOrigin, `action="https://other.oc.nhncloud.com`))},
	{name: "usercode twice", cases: []string{"handoff/form-required"}, after: handoffs(change("</form>", `<input type=hidden name=usercode value=minji></form>`))},
	{name: "no token", cases: []string{"handoff/form-required", "link/required"}},
	{name: "another service", cases: []string{"handoff/form-service", "link/token"}},
	{name: "another usercode", cases: []string{"handoff/form-usercode", "link/usercode"}},
	{name: "long username", cases: []string{"handoff/form-limits", "link/limits"}},
	{name: "time in seconds", cases: []string{"handoff/form-time", "link/time"}},
	{name: "time of an hour ago", cases: []string{"handoff/form-time", "link/time"}},
	{name: "time of ten minutes ago", cases: []string{"handoff/form-time", "link/time"}},
	{name: "returnUrl is not signed", cases: []string{"handoff/form-token"}},
	{name: "another returnUrl when logged in", cases: []string{"handoff/form-return-url"}},
	{name: "another key", cases: []string{"handoff/posted"}, target: func(t *Target) { t.OrganizationKey, t.PostHandoff = "", realOrigin }},
	{name: "redirect without accessToken", cases: []string{"handoff/api-all-three"}, way: wayAPI, after: anywhere(changeHeader("Location", "accessToken=checker%2Baccess%2Ftoken%3D&", ""))},
	{name: "redirect for another member", cases: []string{"handoff/api-redirect", "handoff/api-passed-on"}, way: wayAPI, after: anywhere(changeHeader("Location", "usercode=minji", "usercode=somebody"))},
	{name: "another returnUrl when logged in", cases: []string{"handoff/api-return-url"}, way: wayAPI},
	{name: "another service", cases: []string{"handoff/api-required", "link/token"}, way: wayAPI},
	{name: "returnUrl sent in the call", cases: []string{"handoff/api-unsent-return-url"}, way: wayAPI},
	{name: "returnUrl signed in the call", cases: []string{"handoff/api-token"}, way: wayAPI},
	{name: "time of an hour ago", cases: []string{"handoff/api-redirect", "handoff/api-time", "link/time"}, way: wayAPI},
	{name: "another time in the redirect", cases: []string{"handoff/api-passed-on"}, way: wayAPI},
	{name: "accessToken not encoded", cases: []string{"handoff/api-passed-on"}, way: wayAPI, after: anywhere(changeHeader("Location", "checker%2B", "checker+"))},
	{name: "any answer is a success", cases: []string{"handoff/api-refused", "handoff/api-error", "handoff/api-rubbish"}, way: wayAPI},
	{name: "stack trace after a failed call", cases: []string{"handoff/api-refused", "handoff/api-error", "handoff/api-rubbish", "handoff/api-silence"}, way: wayAPI},
	{name: "waits for ever", cases: []string{"handoff/api-silence"}, way: wayAPI},

	{name: "no link", cases: []string{"link/given"}, after: atPath("/link", code(404), remove("Location"))},
	{name: "link without the last slash", cases: []string{"link/path"}, after: links(func(s string) string { return strings.Replace(s, "/ticket/?", "/ticket?", 1) })},
	{name: "no email", cases: []string{"link/email"}},
	{name: "blanks in a link", cases: []string{"link/blanks"}, after: links(func(s string) string { return s + "&memberno=" })},
	{name: "a space as + in a link", cases: []string{"link/encoding-strict"}, after: links(func(s string) string { return strings.ReplaceAll(s, "%20", "+") })},
	{name: "returnUrl signed in a link", cases: []string{"link/token"}},

	{name: "verify is always false", cases: []string{"verify/issued"}},
	{name: "verify is always true", cases: []string{"verify/changed-token", "verify/other-usercode", "verify/empty", "verify/old", "logout/token"}},
	{name: "verify without usercode", cases: []string{"verify/other-usercode"}},
	{name: "verify without token", cases: []string{"verify/empty"}},
	{name: "verify signs again", cases: []string{"verify/old"}},
	{name: "verify never forgets", cases: []string{"logout/token"}},
	{name: "logout does nothing", cases: []string{"logout/status", "logout/token"}},
	{name: "logout deletes the cookie alone", cases: []string{"logout/token", "logout/old-cookie"}},

	{name: "server's clock is slow", cases: []string{"clock/server"}, after: slowBy(10 * time.Minute)},
	{name: "help center's clock is slow", cases: []string{"clock/help-center"}},
	{name: "frame with another id", cases: []string{"frame/id"}, after: atPath("/help", change("ocPage", "helpCenter"))},
	{name: "frame without iframe=true", cases: []string{"frame/source"}, after: atPath("/help", change("?iframe=true", ""))},
	{name: "policy without the help center", cases: []string{"frame/policy"}, after: atPath("/help", set(csp, "default-src 'self'"))},
	{name: "frame stays low", cases: []string{"frame/height"}, after: atPath("/help", change("height", "title"))},
	{name: "returnURL for returnUrl", cases: []string{"handoff/form-return-url"}, after: handoffs(change(`name="returnUrl"`, `name="returnURL"`))},
	{name: "button with a name", cases: []string{"handoff/form-extra"}, after: handoffs(change("</form>", `<input type=hidden name=mode value=x></form>`))},
}, signerMutants, editMutants)

// inBrowser reports whether one of the mutant's cases is for the browser. The others are tried by
// plain HTTP, which is quicker.
func (m mutant) inBrowser() bool {
	return m.shown || slices.ContainsFunc(Cases(), func(c Case) bool {
		return slices.Contains(m.cases, c.ID) && (slices.Contains(c.needs, needBrowser) || c.ID == "login/page" || strings.HasPrefix(c.ID, "status/cookie-"))
	})
}

// groups are the cases of the groups that the mutant concerns.
func (m mutant) groups() []Case {
	return slices.DeleteFunc(Cases(), func(c Case) bool {
		group, _, _ := strings.Cut(c.ID, "/")
		return !slices.ContainsFunc(m.cases, func(id string) bool { return strings.HasPrefix(id, group+"/") })
	})
}

func TestEachMutantFailsExactlyItsCases(t *testing.T) {
	for _, m := range mutants {
		kind := "http"
		if m.inBrowser() {
			kind = "browser"
		}
		t.Run(kind+"/"+m.name, func(t *testing.T) {
			t.Parallel()
			r := m.reference()
			report := try(t, r, m.inBrowser(), m.target, m.groups())
			got := slices.DeleteFunc(notMet(report), func(id string) bool {
				return slices.Contains(m.may, id) || id == "status/fast" && m.name != "slow status" // on a busy machine
			})
			if diff := cmp.Diff(m.cases, got); diff != "" {
				t.Errorf("failed cases (-want +got):\n%s", diff)
				for _, result := range report.Results {
					if result.Outcome == Fail || result.Outcome == Warn {
						t.Logf("%s %s\n%s", result.Outcome, result.ID, report.detail(result))
					} else if slices.Contains(m.cases, result.ID) {
						t.Logf("%s %s %s", result.Outcome, result.ID, result.Reason)
					}
				}
			}
			wantNoSecrets(t, report, slices.Collect(maps.Keys(r.tokens)))
			if want, ok := explanations[m.name]; ok && !strings.Contains(firstHint(report), want) {
				t.Errorf("got the hint %q, want %q in it", firstHint(report), want)
			}
		})
	}
}

// wantNoSecrets checks that the report shows no token and no personal data in any encoding, and no
// long text.
func wantNoSecrets(t *testing.T, report Report, tokens []string) {
	t.Helper()
	var text bytes.Buffer
	if err := report.WriteText(&text, false); err != nil {
		t.Fatal(err)
	}
	shown := strings.ToLower(norm.NFC.String(decodedFully(text.String())))
	for _, secret := range append(tokens, testKey, testPassword, accessToken, minji.username, minji.email, minji.phone) {
		if secret != "" && strings.Contains(shown, strings.ToLower(secret)) {
			t.Errorf("got %q in the report, want it masked:\n%s", secret, shown)
		}
	}
	for _, result := range report.Results {
		if n := len([]rune(result.Got)); n > maxShown+1 {
			t.Errorf("%s: got %d characters, want at most %d", result.ID, n, maxShown+1)
		}
	}
}

func TestAMaskedExplanationShowsWhatDiffers(t *testing.T) {
	for mutant, want := range map[string][2]string{
		"email before username": {"&***username***&***email***&", "&***email***&***username***&***phone***&" + centerOrigin},
		"another letter case":   {"&***email***&", "&***email as it was signed***&"},
	} {
		r := newReference(mutant, wayForm)
		cases, err := Select("handoff/form-token")
		if err != nil {
			t.Fatal(err)
		}
		evidence := strings.Join(try(t, r, false, nil, cases).Results[0].Evidence, "\n")
		for _, each := range want {
			if !strings.Contains(evidence, each) {
				t.Errorf("%s: got no %s in\n%s", mutant, each, evidence)
			}
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
