package standin_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

const (
	loggedOut = `{"login":"false","usercode":null}`
	asAlice   = `{"login":"true","usercode":"alice"}`
	asBob     = `{"login":"true","usercode":"bob"}`
)

// order is the answer to the script's report.
type order struct {
	Location string
	Notice   bool
}

// report reports a login status call, as the script in browser b would.
func report(t *testing.T, b *browser, page string, status int, body, failure string) order {
	t.Helper()
	sent, err := json.Marshal(map[string]any{"page": page, "status": status, "body": body, "error": failure})
	if err != nil {
		t.Fatal(err)
	}
	answer := b.send(http.MethodPost, "/status", string(sent), http.Header{"Content-Type": {"application/json"}})
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("POST /status: got %d %s", answer.StatusCode, answer.text)
	}
	return decode[order](t, answer)
}

func TestTheLoginStatusDecidesWhatHappensNext(t *testing.T) {
	const home, inquiry, history = "/hangame/hc/", "/hangame/hc/ticket/", "/hangame/hc/ticket/list/"
	login := func(page string) string {
		return site + "/login?returnUrl=" + strings.NewReplacer(":", "%3A", "/", "%2F", "?", "%3F", "=", "%3D").Replace(self+page)
	}
	tests := []struct {
		name    string
		session string // "" for a guest
		guests  bool
		page    string
		answer  string
		want    string // the location; "" to stay
		left    string // the member afterwards
	}{
		{"the same member stays", "alice", false, history, asAlice, "", "alice"},
		{"the same member by a Boolean stays", "alice", false, home, `{"login":true,"usercode":"alice"}`, "", "alice"},
		{"no session yet", "", true, home, asAlice, login(home), ""},
		{"another member starts over", "alice", true, inquiry, asBob, login(inquiry), ""},
		{"logged out at home becomes a guest", "alice", false, home, loggedOut, home, ""},
		{"logged out where guests may ask becomes a guest", "alice", true, inquiry, loggedOut, inquiry, ""},
		{"logged out where guests may not ask goes to log in", "alice", false, inquiry, loggedOut, login(inquiry), ""},
		{"logged out at the history goes to log in", "alice", true, history, loggedOut, login(history), ""},
		{"a guest at home stays", "", false, home, loggedOut, "", ""},
		{"a guest who may ask stays", "", true, inquiry, loggedOut, "", ""},
		{"a guest who may not ask goes to log in", "", false, inquiry, loggedOut, login(inquiry), ""},
		{"a guest at the history goes to log in", "", true, history, loggedOut, login(history), ""},
		{"iframe=true is kept", "", false, inquiry + "?iframe=true", loggedOut, login(inquiry + "?iframe=true"), ""},
		{"handoff fields are removed", "", false, inquiry + "?usercode=a&iframe=true&time=1&accessToken=x", loggedOut, login(inquiry + "?iframe=true"), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := postSettings()
			settings.Guests = test.guests
			c := newCenter(t, settings)
			b := newBrowser(t, c)
			if test.session != "" {
				b = logIn(t, c, test.session)
			}
			if diff := cmp.Diff(order{Location: test.want}, report(t, b, test.page, http.StatusOK, test.answer, "")); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			if got := b.get("/hangame/hc/").member(t); got != test.left {
				t.Errorf("got member %q afterwards, want %q", got, test.left)
			}
		})
	}
}

func TestAFailedStatusCallCountsAsLoggedOutAndIsShown(t *testing.T) {
	tests := []struct {
		name, body, failure string
		status              int
		detail              string
	}{
		{"CORS or network", "", "TypeError: Failed to fetch", 0, "TypeError: Failed to fetch"},
		{"no JSON", "<html>", "", 200, "the answer is not the contract's JSON"},
		{"an error", asAlice, "", 503, "answered 503, not 200"},
		{"no usercode", `{"login":"true"}`, "", 200, "usercode is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := postSettings()
			settings.Guests = true
			c := newCenter(t, settings)
			b := logIn(t, c, "alice")
			want := order{Location: "/hangame/hc/ticket/", Notice: true}
			if diff := cmp.Diff(want, report(t, b, "/hangame/hc/ticket/", test.status, test.body, test.failure)); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			event := c.lastEvent(standin.KindStatus)
			if event.Outcome != standin.OutcomeRefused || !strings.Contains(event.Detail, test.detail) {
				t.Errorf("got %s %q, want refused %q", event.Outcome, event.Detail, test.detail)
			}
		})
	}
}

func TestABooleanLoginIsAWarning(t *testing.T) {
	c := newCenter(t, postSettings())
	report(t, logIn(t, c, "alice"), "/hangame/hc/", 200, `{"login":true,"usercode":"alice"}`, "")
	event := c.lastEvent(standin.KindStatus)
	if want := `login is "true", usercode alice; login is a Boolean, not a string`; event.Outcome != standin.OutcomeWarning || event.Detail != want {
		t.Errorf("got %s %q, want warning %q", event.Outcome, event.Detail, want)
	}
}

func TestTheStatusCallSendsTheParametersBack(t *testing.T) {
	settings := postSettings()
	settings.LoginStatusURL = site + "/login/status?v=1"
	settings.Parameters = []standin.Parameter{
		{Name: "usercode", In: standin.InQuery}, {Name: "username", In: standin.InHeader}, {Name: "phone", In: standin.InQuery},
		{Name: "memberno", In: standin.InHeader}, {Name: "token", In: standin.InQuery},
	}
	c := newCenter(t, settings)
	fields := handoff(signing.CallForm, noon)
	fields.Set("username", "김 철수")
	fields.Set("phone", " ")
	sign(signing.CallForm, fields)
	b := newBrowser(t, c)
	b.post(formPath, fields)

	token := strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(fields.Get("token"))
	text := b.get("/hangame/hc/").text
	if got, want := attribute(t, text, "data-status-url"), site+"/login/status?v=1&usercode=alice&token="+token; got != want {
		t.Errorf("URL: got %q, want %q", got, want)
	}
	if got, want := attribute(t, text, "data-status-headers"), `{"memberno":"M-1","username":"%EA%B9%80%20%EC%B2%A0%EC%88%98"}`; got != want {
		t.Errorf("headers: got %q, want %q", got, want)
	}
	guest := newBrowser(t, c).get("/hangame/hc/").text
	if got, want := attribute(t, guest, "data-status-url"), site+"/login/status?v=1"; got != want {
		t.Errorf("URL of a guest: got %q, want %q", got, want)
	}

	report(t, b, "/hangame/hc/", 200, asAlice, "")
	sent := []standin.Field{{"usercode", "alice"}, {"username", "김 철수"}, {"memberno", "M-1"}, {"token", fields.Get("token")}}
	if diff := cmp.Diff(sent, c.lastEvent(standin.KindStatus).Fields); diff != "" {
		t.Errorf("event fields (-want +got):\n%s", diff)
	}
}

func attribute(t *testing.T, text, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, name+`="`)
	if !ok {
		t.Fatalf("the page has no %s: %s", name, text)
	}
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}

func TestTheScriptMayCallOnlyTheStatusURL(t *testing.T) {
	answer := newBrowser(t, newCenter(t, postSettings())).get("/hangame/hc/")
	if policy, want := answer.Header.Get("Content-Security-Policy"), "connect-src 'self' http://localhost:8080;"; !strings.Contains(policy, want) {
		t.Errorf("got %q, want %q in it", policy, want)
	}
}

func TestNoStatusCallOutsideTypePOST(t *testing.T) {
	off := postSettings()
	off.Enabled = false
	for name, settings := range map[string]standin.Settings{"off": off, "type GET": getSettings(newCustomer(t))} {
		c := newCenter(t, settings)
		b := newBrowser(t, c)
		if text := b.get("/hangame/hc/").text; strings.Contains(text, "status.js") || strings.Contains(text, "aria-busy") {
			t.Errorf("%s: the page calls the status URL", name)
		}
		if diff := cmp.Diff(order{}, report(t, b, "/hangame/hc/ticket/list/", 200, loggedOut, "")); diff != "" {
			t.Errorf("%s: a page that was open before: order (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnotherSiteCannotEndASession(t *testing.T) {
	c := newCenter(t, postSettings())
	b := logIn(t, c, "alice")
	body := `{"page":"/hangame/hc/","status":200,"body":"{\"login\":\"false\"}"}`
	answer := b.send(http.MethodPost, "/status", body, http.Header{
		"Content-Type": {"application/json"}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"},
	})
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("got %d, want 403", answer.StatusCode)
	}
	if got := b.get("/hangame/hc/").member(t); got != "alice" {
		t.Errorf("got member %q, want alice still", got)
	}
}

func TestInvalidStatusReportsAreRefused(t *testing.T) {
	c := newCenter(t, postSettings())
	tests := []struct{ name, contentType, body string }{
		{"a form", "text/plain", `{"page":"/hangame/hc/"}`},
		{"no JSON", "application/json", `{`},
		{"an unknown field", "application/json", `{"page":"/hangame/hc/","x":1}`},
		{"two values", "application/json", `{"page":"/hangame/hc/"}{}`},
		{"no path", "application/json", `{"page":"x"}`},
	}
	for _, test := range tests {
		answer := newBrowser(t, c).send(http.MethodPost, "/status", test.body, http.Header{"Content-Type": {test.contentType}})
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", test.name, answer.StatusCode)
		}
	}
}

func TestWithoutIntegrationEveryoneIsAGuestWhoMayAsk(t *testing.T) {
	c := newCenter(t, postSettings())
	b := logIn(t, c, "alice")
	off := postSettings()
	off.Enabled = false
	put(t, c, "/console/api/settings", off)
	if got := b.get("/hangame/hc/").member(t); got != "" {
		t.Errorf("got member %q, want a guest", got)
	}
	if got, want := b.get("/hangame/hc/ticket/list/").Header.Get("Location"), "/hangame/hc/ticket/"; got != want {
		t.Errorf("history: got Location %q, want %q", got, want)
	}
	answer := b.post("/hangame/hc/ticket/", url.Values{"title": {"t"}, "content": {"c"}, "name": {"n"}, "email": {"n@example.com"}})
	if answer.StatusCode != http.StatusSeeOther {
		t.Errorf("inquiry: got %d, want 303", answer.StatusCode)
	}
}
