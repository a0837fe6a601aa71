package standin_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

// TestALoginByTheServerMayBeTakenUpInEachDocumentedForm: the vendor's pages and its sample differ.
func TestALoginByTheServerMayBeTakenUpInEachDocumentedForm(t *testing.T) {
	for name, test := range map[string]struct {
		kept    []string
		outcome standin.Outcome
		detail  string
	}{
		"all three":         {[]string{"accessToken", "usercode", "time"}, standin.OutcomeOK, ""},
		"the token alone":   {[]string{"accessToken"}, standin.OutcomeWarning, "without usercode, time"},
		"usercode and time": {[]string{"usercode", "time"}, standin.OutcomeWarning, "without accessToken"},
	} {
		c := newCenter(t, postSettings())
		fields := handoff(signing.CallAPI, noon)
		all := url.Values{"accessToken": {callAPI(t, c, fields).Result.Content}, "usercode": fields["usercode"], "time": fields["time"]}
		query := url.Values{}
		for _, field := range test.kept {
			query[field] = all[field]
		}
		b := newBrowser(t, c)
		b.get("/hangame/hc/?" + query.Encode())
		if got := b.get("/hangame/hc/").member(t); got != "alice" {
			t.Errorf("%s: got member %q, want alice", name, got)
		}
		if got := c.lastEvent(standin.KindAccessToken); got.Outcome != test.outcome || !strings.Contains(got.Detail, test.detail) {
			t.Errorf("%s: got %s %q, want %s %q", name, got.Outcome, got.Detail, test.outcome, test.detail)
		}
		again := newBrowser(t, c)
		again.get("/hangame/hc/?" + query.Encode())
		if got := again.get("/hangame/hc/").member(t); got != "" {
			t.Errorf("%s, a second time: got member %q, want a guest", name, got)
		}
	}
}

func TestAReturnURLOfAnotherServiceIsAWarning(t *testing.T) {
	for returnURL, want := range map[string]standin.Outcome{
		self + "/hangame/hc/": standin.OutcomeOK, self + "/othergame/hc/": standin.OutcomeWarning, site + "/welcome": standin.OutcomeOK,
	} {
		c := newCenter(t, postSettings())
		fields := handoff(signing.CallForm, noon)
		fields.Set("returnUrl", returnURL)
		sign(signing.CallForm, fields)
		newBrowser(t, c).post(formPath, fields)
		if got := c.lastEvent(standin.KindForm); got.Outcome != want || (want == standin.OutcomeWarning) != strings.Contains(got.Detail, "othergame") {
			t.Errorf("%s: got %s %q, want %s", returnURL, got.Outcome, got.Detail, want)
		}
	}
}

func TestAnUnknownPathIsAPageOfTheHelpCenter(t *testing.T) {
	for _, path := range []string{"/nowhere", "/hangame/hc/nowhere/", "/v3/enduser/remote.json", "/console/nowhere"} {
		answer := newBrowser(t, newCenter(t, postSettings())).get(path + "?lang=en")
		if answer.StatusCode != http.StatusNotFound || !strings.Contains(answer.text, "Page not found") {
			t.Errorf("%s: got %d %q, want the page that says 404", path, answer.StatusCode, answer.text)
		}
	}
	if answer := newBrowser(t, newCenter(t, postSettings())).get("/health"); answer.StatusCode != http.StatusOK {
		t.Errorf("/health: got %d, want 200", answer.StatusCode)
	}
}

func TestAnInquiryIsRefusedIfTheMemberHasChanged(t *testing.T) {
	c := newCenter(t, postSettings())
	b := logIn(t, c, "alice")
	form := b.get(inquiryPath).text
	for _, want := range []string{`name="usercode" value="alice"`, `value="홍길동" readonly`, `value="alice+1@example.com" readonly`} {
		if !strings.Contains(form, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	question := ask("mine")
	question.Set("usercode", "mallory")
	answer := b.post(inquiryPath, question)
	if answer.StatusCode != http.StatusConflict || !strings.Contains(answer.text, `value="mine"`) || !strings.Contains(answer.text, `role="alert"`) {
		t.Errorf("got %d, want 409 with what was typed:\n%s", answer.StatusCode, answer.text)
	}
	if got := c.lastEvent(standin.KindInquiry); got.Outcome != standin.OutcomeRefused || !strings.Contains(got.Detail, "mallory") {
		t.Errorf("got %s %q, want it refused", got.Outcome, got.Detail)
	}
	question.Set("usercode", "alice")
	if answer := b.post(inquiryPath, question); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("the same member: got %d, want 303", answer.StatusCode)
	}
}

func TestALoginThatRepeatsStopsAtTheFourthRound(t *testing.T) {
	c := newCenter(t, postSettings())
	b := newBrowser(t, c)
	for round := 1; round <= 3; round++ {
		if got := report(t, b, inquiryPath, http.StatusOK, loggedOut, ""); !strings.HasPrefix(got.Location, site+"/login?") {
			t.Fatalf("round %d: got %+v, want the login URL", round, got)
		}
		b.post(formPath, handoff(signing.CallForm, noon))
	}
	stopped := report(t, b, inquiryPath, http.StatusOK, loggedOut, "")
	if page := b.get(stopped.Location); page.StatusCode != http.StatusOK || !strings.Contains(page.text, "로그인이 되풀이됩니다") {
		t.Errorf("round 4: got %+v, want a page that says why", stopped)
	}
	if got := c.lastEvent(standin.KindStatus); !strings.Contains(got.Detail, "fourth round") {
		t.Errorf("round 4: got %q, want it to say so", got.Detail)
	}
	if got := report(t, b, inquiryPath, http.StatusOK, loggedOut, ""); !strings.HasPrefix(got.Location, site+"/login?") {
		t.Errorf("afterwards: got %+v, want the login URL again", got)
	}
	if got := report(t, newBrowser(t, c), inquiryPath, http.StatusOK, loggedOut, ""); !strings.HasPrefix(got.Location, site+"/login?") {
		t.Errorf("another browser: got %+v, want the login URL", got)
	}
}

// TestTheStandInSaysWhyAScriptGotNoAnswer calls status URLs that browsers hide from scripts.
func TestTheStandInSaysWhyAScriptGotNoAnswer(t *testing.T) {
	right := func(w http.ResponseWriter) {
		w.Header().Set("Access-Control-Allow-Origin", self)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
	}
	for name, test := range map[string]struct {
		customer http.HandlerFunc
		header   bool // a parameter is sent in a header
		want     string
	}{
		"a redirect":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login?secret", http.StatusFound) }, false, "a redirect (302) to /login,"},
		"no headers":  {func(http.ResponseWriter, *http.Request) {}, false, `Access-Control-Allow-Origin is ""`},
		"a preflight": {func(w http.ResponseWriter, _ *http.Request) { right(w) }, true, "it must allow usercode"},
		"all right": {func(w http.ResponseWriter, _ *http.Request) {
			right(w)
			w.Header().Set("Access-Control-Allow-Headers", "Usercode")
		}, true, "the browser stopped it"},
		"nothing": {nil, false, "no connection"},
	} {
		server := httptest.NewServer(test.customer)
		settings := postSettings()
		settings.LoginStatusURL = server.URL + "/status"
		if test.header {
			settings.Parameters = []standin.Parameter{{Name: "usercode", In: standin.InHeader}}
		}
		if test.customer == nil {
			server.Close()
		}
		c := newCenter(t, settings)
		report(t, logIn(t, c, "alice"), "/hangame/hc/", 0, "", "TypeError: Failed to fetch")
		server.Close()
		if got := c.lastEvent(standin.KindStatus).Detail; !strings.Contains(got, test.want) || strings.Contains(got, "secret") {
			t.Errorf("%s: got %q, want %q in it", name, got, test.want)
		}
	}
}

// TestCallsAreGroupedIntoVisits: a page, the status, the login URL, the handoff, and the page after
// it are one.
func TestCallsAreGroupedIntoVisits(t *testing.T) {
	c := newCenter(t, postSettings())
	b := newBrowser(t, c)
	b.get(inquiryPath)
	report(t, b, inquiryPath, http.StatusOK, loggedOut, "")
	b.post(formPath, handoff(signing.CallForm, noon))
	b.get(inquiryPath)
	report(t, b, inquiryPath, http.StatusOK, asAlice, "")
	b.get("/hangame/hc/")
	report(t, b, "/hangame/hc/", http.StatusOK, "<h1>502 Bad Gateway</h1>", "")
	var got []int
	for _, e := range c.events() {
		got = append(got, e.Visit)
	}
	if want := "[2 2 1 1 1 1 1 1]"; want != strings.ReplaceAll(strings.Trim(jsonText(t, got), " "), ",", " ") {
		t.Errorf("visits of the calls, newest first: got %v, want %s", got, want)
	}
	console := newBrowser(t, c).get("/console?lang=en").text
	for _, want := range []string{"6 calls, all right", "<title>(1) ", "&lt;h1&gt;502 Bad Gateway"} {
		if !strings.Contains(console, want) {
			t.Errorf("the console lacks %q", want)
		}
	}
	for query, want := range map[string]bool{"?only=refused": false, "?q=ALICE": true, "?q=nobody": false, "": true} {
		if got := strings.Contains(newBrowser(t, c).get("/console"+query).text, "/console/events/1"); got != want {
			t.Errorf("/console%s: got the good visit %v, want %v", query, got, want)
		}
	}
}
