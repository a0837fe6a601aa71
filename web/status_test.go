package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// wantState checks the exact body of the status or the verify URL (D1): usercode is logged in, or
// nobody for "".
func wantState(t testing.TB, resp *http.Response, usercode string) {
	t.Helper()
	want := `{"login":"false","usercode":null}`
	if usercode != "" {
		want = `{"login":"true","usercode":"` + usercode + `"}`
	}
	wantStatus(t, resp, http.StatusOK)
	wantHeader(t, resp, "Content-Type", "application/json")
	wantHeader(t, resp, "Cache-Control", "no-store")
	if got := body(t, resp); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func wantReadableBy(t testing.TB, resp *http.Response, origin string) {
	t.Helper()
	credentials := ""
	if origin != "" {
		credentials = "true"
	}
	wantHeader(t, resp, "Access-Control-Allow-Origin", origin)
	wantHeader(t, resp, "Access-Control-Allow-Credentials", credentials)
	if got := resp.Header.Get("Vary"); !strings.Contains(got, "Origin") {
		t.Errorf("Vary: got %q, want Origin in it", got)
	}
}

// TestOnlyTheHelpCenterAndTheExtrasReadTheStatus is D6.
func TestOnlyTheHelpCenterAndTheExtrasReadTheStatus(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	for _, origin := range []string{center, extra} {
		resp := s.get("/login/status", "Cookie", cookie, "Origin", origin)
		wantReadableBy(t, resp, origin)
		wantState(t, resp, "minji")
		resp = s.get("/login/status", "Origin", origin)
		wantReadableBy(t, resp, origin)
		wantState(t, resp, "")
	}
	for _, origin := range []string{
		"null", "*", "https://evil.test", center + ".evil.test", center + ":443", center + ":8443", center + "/", strings.ToUpper(center), own,
		strings.Replace(center, "https", "http", 1), center[:len(center)-1], strings.Replace(center, "example.", "", 1), strings.Replace(center, "example", "evil-example", 1),
	} {
		wantReadableBy(t, s.get("/login/status", "Cookie", cookie, "Origin", origin), "")
	}
}

// TestThePreflightAllowsWhatItIsAskedFor: the console's fields, and whatever monitoring agents add.
func TestThePreflightAllowsWhatItIsAskedFor(t *testing.T) {
	s := newSite(t)
	ask := func(origin, method string, names ...string) *http.Response {
		headers := []string{"Origin", origin, "Access-Control-Request-Method", method}
		if len(names) > 0 {
			headers = append(headers, "Access-Control-Request-Headers", strings.Join(names, ","))
		}
		resp := s.do("OPTIONS", "/login/status", nil, headers...)
		wantStatus(t, resp, http.StatusNoContent)
		return resp
	}
	forty := strings.Split(strings.Repeat("x,", 39)+"x", ",")
	long := strings.Repeat("n", 64)
	for _, names := range [][]string{
		nil, {"usercode"}, {"returnurl", "token"}, {"baggage", "newrelic", "traceparent", "x-b3-traceid", "x-dynatrace", "x-other"},
		{"a!#$%&'*+-.^_`|~9"}, {long}, forty,
	} {
		resp := ask(center, "GET", names...)
		wantReadableBy(t, resp, center)
		wantHeader(t, resp, "Access-Control-Allow-Headers", strings.Join(names, ","))
		wantHeader(t, resp, "Access-Control-Allow-Methods", "GET")
		wantHeader(t, resp, "Access-Control-Max-Age", "600")
	}
	for _, refused := range []*http.Response{
		ask("https://evil.test", "GET", "usercode"), ask(center, "POST"), ask(center, "GET", long+"n"), ask(center, "GET", append(forty, "x")...),
		ask(center, "GET", "usercode", "a b"), ask(center, "GET", "한글"), ask(center, "GET", "a(b)"), ask(center, "GET", "*, a:b"),
	} {
		wantReadableBy(t, refused, "")
		wantHeader(t, refused, "Access-Control-Allow-Headers", "")
	}
}

// TestTheStatusAcceptsATokenWithoutTheCookie is D8.
func TestTheStatusAcceptsATokenWithoutTheCookie(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	issued := s.issue(cookie)
	query := func(usercode, token string) string {
		return "/login/status?" + url.Values{"usercode": {usercode}, "token": {token}}.Encode()
	}
	wantState(t, s.get(query("minji", issued)), "minji")
	wantState(t, s.get("/login/status", "usercode", "minji", "token", issued), "minji")
	for _, target := range []string{
		query("minji", ""), query("", issued), query("simple", issued), query("minji", issued[1:]), "/login/status?usercode=minji",
	} {
		wantState(t, s.get(target), "")
	}
	wantState(t, s.get("/login/status", "usercode", "minji"), "")

	// The cookie wins: another member may have logged in since.
	wantState(t, s.get(query("minji", issued), "Cookie", s.logIn(simple)), "simple")

	wantStatus(t, s.post("/logout", nil, "Cookie", cookie), http.StatusSeeOther)
	wantState(t, s.get(query("minji", issued)), "")
}

// TestVerifyKnowsWhatWasIssued is CONTRACT 9 and D7.
func TestVerifyKnowsWhatWasIssued(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	issued := s.issue(cookie)
	query := func(values url.Values) string { return "/token/verify?" + values.Encode() }
	wantState(t, s.get(query(url.Values{"usercode": {"minji"}, "token": {issued}})), "minji")
	for _, values := range []url.Values{
		{}, {"usercode": {"minji"}}, {"token": {issued}}, {"usercode": {""}, "token": {issued}}, {"usercode": {"simple"}, "token": {issued}},
		{"usercode": {"minji"}, "token": {""}}, {"usercode": {"minji"}, "token": {issued + "A"}}, {"usercode": {"minji"}, "token": {strings.ToUpper(issued)}},
	} {
		// The caller is a server: a cookie means nothing here
		wantState(t, s.get(query(values), "Cookie", cookie), "")
	}
	wantStatus(t, s.post("/logout", nil, "Cookie", cookie), http.StatusSeeOther)
	wantState(t, s.get(query(url.Values{"usercode": {"minji"}, "token": {issued}})), "")
}

// TestASpaceInATokenIsAPlus: not everybody escapes the token in a query.
func TestASpaceInATokenIsAPlus(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	issued := ""
	for !strings.Contains(issued, "+") {
		_, fields := handoffForm(t, s.get("/login/form?continue=1", "Cookie", cookie))
		issued = fields.Get("token")
	}
	for _, target := range []string{"/login/status", "/token/verify"} {
		wantState(t, s.get(target+"?usercode=minji&token="+issued), "minji")
		wantState(t, s.get(target+"?usercode=minji&token="+strings.ReplaceAll(issued, "+", "%20")), "minji")
	}
	wantState(t, s.get("/login/status?usercode=minji", "token", strings.ReplaceAll(issued, "+", " ")), "minji")
}

// TestEachFieldIsReadFromTheQueryOrAHeader is D16.
func TestEachFieldIsReadFromTheQueryOrAHeader(t *testing.T) {
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	cookie := cookieOf(t, s.get("/login", "X-User", "회원 1%41"))
	_, fields := handoffForm(t, s.get("/login/form", "Cookie", cookie, "X-User", "회원 1%41"))
	token := fields.Get("token")
	const usercode = "%ED%9A%8C%EC%9B%90%201%2541" // by encodeURIComponent
	for name, resp := range map[string]*http.Response{
		"both in the query":     s.get("/login/status?usercode=" + usercode + "&token=" + url.QueryEscape(token)),
		"usercode in a header":  s.get("/login/status?token="+url.QueryEscape(token), "usercode", usercode),
		"token in a header":     s.get("/login/status?usercode="+usercode, "token", token),
		"both in headers":       s.get("/login/status", "usercode", usercode, "token", url.PathEscape(token)),
		"token, fully encoded":  s.get("/login/status?usercode="+usercode, "token", url.QueryEscape(token)),
		"usercode, not encoded": s.get("/login/status?token="+url.QueryEscape(token), "usercode", "회원 1%41"),
	} {
		t.Run(name, func(t *testing.T) { wantState(t, resp, "회원 1%41") })
	}
	// A query is decoded once.
	wantState(t, s.get("/login/status?usercode="+url.QueryEscape(usercode)+"&token="+url.QueryEscape(token)), "")
}

func TestATrailingSlashChangesNothing(t *testing.T) {
	s := newSite(t, withLinksAPI)
	cookie := s.logIn(minji)
	token := url.QueryEscape(s.issue(cookie))
	resp := s.get("/login/status/", "Cookie", cookie, "Origin", center)
	wantReadableBy(t, resp, center)
	wantState(t, resp, "minji")
	wantState(t, s.get("/token/verify/?usercode=minji&token="+token), "minji")
	wantReadableBy(t, s.do("OPTIONS", "/login/status/", nil, "Origin", center, "Access-Control-Request-Method", "GET"), center)
	for _, escaped := range []string{"simple", "a%2Fb", "%ED%9A%8C%EC%9B%90"} {
		wantStatus(t, call(s, "DELETE", "/v1/members/"+escaped+"/sessions/", ""), http.StatusNoContent)
	}
	for _, other := range []string{"/login%2Fstatus/", "/login%2Fstatus", "/login/%73tatus"} {
		wantStatus(t, s.get(other), http.StatusNotFound)
	}
	wantStatus(t, s.do("POST", "/token/verify", nil, "Sec-Fetch-Site", "same-origin"), http.StatusMethodNotAllowed)
	for _, path := range []string{"/login/", "/help/", "/logout/"} {
		wantStatus(t, s.get(path, "Cookie", cookie), http.StatusOK)
	}
	if _, fields := handoffForm(t, s.get(loginAt("/login/form/", inquiry), "Cookie", cookie)); fields.Get("token") == "" {
		t.Error("got no handoff by form")
	}
	resp = s.do("PUT", "/login/status/", nil)
	wantStatus(t, resp, http.StatusMethodNotAllowed)
	wantHeader(t, resp, "Allow", "GET, HEAD, OPTIONS")
}

func TestHEADAnswersLikeGET(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	for _, path := range []string{
		"/", "/login/status", "/token/verify?usercode=minji&token=" + url.QueryEscape(s.issue(cookie)),
	} {
		header := func(method string) http.Header {
			resp := s.do(method, path, nil, "Cookie", cookie, "Origin", center)
			wantStatus(t, resp, http.StatusOK)
			resp.Header.Del("X-Request-Id") // differs
			return resp.Header
		}
		if diff := cmp.Diff(header("GET"), header("HEAD")); diff != "" {
			t.Errorf("%s (-GET +HEAD):\n%s", path, diff)
		}
	}
}

func TestUsercodesAreWrittenAsJSONStrings(t *testing.T) {
	for usercode, want := range map[string]string{
		"회원-1": `"회원-1"`, `a"b\c`: `"a\"b\\c"`, "<b>": `"<b>"`, "a\u2028b": `"a\u2028b"`,
	} {
		s := newSite(t, withProxyLogin("192.0.2.1/32"))
		got := body(t, s.get("/login/status", "Cookie", cookieOf(t, s.get("/login", "X-User", usercode))))
		if want := `{"login":"true","usercode":` + want + "}"; got != want {
			t.Errorf("%q: got %s, want %s", usercode, got, want)
		}
	}
}

// TestSessionsOfOneMillisecondHaveTokensOfTheirOwn: they sign the same, so the later takes the next
// millisecond.
func TestSessionsOfOneMillisecondHaveTokensOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newTestStore() // of two replicas
		replicas := []*site{newSite(t, withStore(store)), newSite(t, withStore(store))}
		cookies := []string{replicas[0].logIn(minji), replicas[1].logIn(minji), replicas[0].logIn(minji)}
		seen, tokens := map[string]bool{}, []string{}
		for i, cookie := range cookies {
			for _, target := range []string{"/login/form", "/login/form", "/help/ticket", "/help/ticket"} {
				resp := replicas[i%2].get(target, "Cookie", cookie, "Sec-Fetch-Site", "none")
				token := ""
				if link, err := resp.Location(); err == nil {
					token = link.Query().Get("token")
				} else {
					_, fields := handoffForm(t, resp)
					token = fields.Get("token")
				}
				if seen[token] {
					t.Errorf("%s of session %d: got a token twice", target, i)
				}
				seen[token] = true
				tokens = append(tokens, token)
			}
		}
		wantStatus(t, replicas[1].post("/logout", nil, "Cookie", cookies[0]), http.StatusSeeOther)
		for i, token := range tokens {
			want := "minji"
			if i < 4 {
				want = ""
			}
			wantState(t, replicas[0].get("/token/verify?usercode=minji&token="+url.QueryEscape(token)), want)
		}
	})
}

// TestALoginAsksTheStoreLittle has the calls of a password login and its handoff.
func TestALoginAsksTheStoreLittle(t *testing.T) {
	store := newTestStore()
	s := newSite(t, withStore(store), func(p *parts) { p.limits.Counter = store })
	s.issue(s.logIn(minji))
	if store.reads != 1 || store.changes != 9 {
		t.Errorf("got %d reads and %d changes of the store, want 1 and 9", store.reads, store.changes)
	}
}

// TestTheStatusIsCheap: the help center asks on every page move of every member.
func TestTheStatusIsCheap(t *testing.T) {
	store := newTestStore()
	s := newSite(t, withStore(store))
	cookie := s.logIn(minji)
	issued := url.QueryEscape(s.issue(cookie))
	for _, test := range []struct {
		target, cookie     string
		allocations, reads int
	}{
		{"/login/status", cookie, 35, 1}, // gorilla/securecookie has 11 of them
		{"/login/status", "", 13, 0},
		{"/token/verify?usercode=minji&token=" + issued, "", 24, 2},
	} {
		r := httptest.NewRequest("GET", own+test.target, nil)
		r.Header.Set("Origin", center)
		r.Header.Set("Cookie", test.cookie)
		w := httptest.NewRecorder()
		store.reads, store.changes = 0, 0
		s.handler.ServeHTTP(w, r)
		if store.reads != test.reads || store.changes != 0 {
			t.Errorf("%s: got %d reads and %d changes of the store, want %d and none", test.target, store.reads, store.changes, test.reads)
		}
		got := testing.AllocsPerRun(100, func() {
			clear(w.Header())
			w.Body.Reset()
			s.handler.ServeHTTP(w, r)
		})
		if got > float64(test.allocations) {
			t.Errorf("%s: got %v allocations, want %d at most", test.target, got, test.allocations)
		}
	}
}
