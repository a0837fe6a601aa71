package web_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/i18n"
	"ocsso/internal/kv"
	"ocsso/internal/oidc"
	"ocsso/internal/token"
	"ocsso/web"
)

// provider is an identity provider at which minji is logged in, unless it fails.
type provider struct {
	fails     error  // at the exchange
	down      error  // at the beginning
	pad       string // what makes the provider's address longer
	left      []*token.FieldError
	exchanged *oidc.Attempt

	identity oidc.Identity // of the next login, without the member
	hint     string        // with which a logout leads there
	tokens   map[string]oidc.LogoutToken
}

func (p *provider) AuthURL(_ context.Context, a oidc.Attempt) (string, error) {
	return "https://idp.example.com/authorize?state=" + a.State + p.pad, p.down
}

func (p *provider) Exchange(
	_ context.Context, a oidc.Attempt, callback url.Values,
) (oidc.Identity, error) {
	p.exchanged = &a
	if callback.Get("state") != a.State {
		return oidc.Identity{}, oidc.ErrForged
	}
	who := p.identity
	who.Member, who.Left = minji, p.left
	return who, p.fails
}

func (p *provider) LogoutURL(_ context.Context, hint, back string) (string, error) {
	p.hint = hint
	return "https://idp.example.com/logout?back=" + url.QueryEscape(back), p.down
}

func (p *provider) VerifyLogout(_ context.Context, raw string, _ bool) (oidc.LogoutToken, error) {
	token, ok := p.tokens[raw]
	if !ok {
		return oidc.LogoutToken{}, fmt.Errorf("%w: too old", oidc.ErrLogoutToken)
	}
	return token, p.down
}

// withProvider logs members in by OpenID Connect.
func withProvider(p interface {
	web.IdentityProvider
	web.LogoutProvider
}) option {
	return withLogin(web.ProviderLogin{Provider: p, Logout: p})
}

// beginOIDC goes to a login page, with headers, and returns the state and the browser's cookie.
func beginOIDC(s *site, target string, headers ...string) (state string, cookie *http.Cookie) {
	s.t.Helper()
	resp := s.get(target, headers...)
	wantStatus(s.t, resp, http.StatusSeeOther)
	state, ok := strings.CutPrefix(resp.Header.Get("Location"), "https://idp.example.com/authorize?state=")
	if !ok || len(resp.Cookies()) != 1 {
		s.t.Fatalf("got %v and cookies %v", resp.Header, resp.Cookies())
	}
	return state, resp.Cookies()[0]
}

func callback(s *site, state string, cookies ...*http.Cookie) *http.Response {
	s.t.Helper()
	var all []string
	for _, c := range cookies {
		all = append(all, c.Name+"="+c.Value)
	}
	return s.get("/login/callback?code=x&state="+url.QueryEscape(state), "Cookie", strings.Join(all, "; "))
}

func TestAnOIDCLoginComesBackToWhereItBegan(t *testing.T) {
	for _, path := range []string{"/login", "/login/form", "/login/api"} {
		s := newSite(t, withProvider(&provider{}))
		state, pending := beginOIDC(s, loginAt(path, inquiry+"?a=1&b=2"))
		resp := callback(s, state, pending)
		wantStatus(t, resp, http.StatusSeeOther)
		wantHeader(t, resp, "Location", loginAt(path, inquiry+"?a=1&b=2")+"&loggedIn=1")
		wantState(t, s.get("/login/status", "Cookie", cookieOf(t, resp)), "minji")
	}
}

// TestAnOIDCLoginLeavesAFrame: providers refuse to be framed. The member comes to the page that the
// frame was to show, in the top window.
func TestAnOIDCLoginLeavesAFrame(t *testing.T) {
	s := newSite(t, withProvider(&provider{}))
	for _, test := range []struct{ framed, top string }{
		{loginAt("/login", inquiry+"?iframe=true"), loginAt("/login", inquiry)},
		{loginAt("/login/api", inquiry+"list/?a=1&iframe=true&b=2"), loginAt("/login/api", inquiry+"list/?a=1&b=2")},
		{loginAt("/login", own+"/help/ticket"), loginAt("/login", own+"/help/ticket")},
		{"/login", loginAt("/login", center+"/hangame/hc/")},
	} {
		resp := s.get(test.framed, "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "same-origin")
		wantStatus(t, resp, http.StatusOK)
		wantContains(t, body(t, resp), `href="`+test.top+`" target="_top"`)
		if got := resp.Cookies(); len(got) != 0 {
			t.Errorf("%s: got %v, want no pending login", test.framed, got)
		}
		state, cookie := beginOIDC(s, test.top)
		wantHeader(t, callback(s, state, cookie), "Location", test.top+"&loggedIn=1")
	}
	foreign := s.get(loginAt("/login", "https://evil.test/"), "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "same-origin")
	wantStatus(t, foreign, http.StatusBadRequest)
	if page := body(t, foreign); strings.Contains(page, "evil.test") {
		t.Errorf("got the foreign address in the page: %s", page)
	}
}

func TestTwoOIDCLoginsOfOneBrowserBothComeBack(t *testing.T) {
	s := newSite(t, withProvider(&provider{}))
	state1, cookie := beginOIDC(s, loginAt("/login", inquiry))
	state2, cookie := beginOIDC(s, loginAt("/login", inquiry+"list/"), "Cookie", cookie.Name+"="+cookie.Value)
	wantHeader(t, callback(s, state1, cookie), "Location", loginAt("/login", inquiry)+"&loggedIn=1")
	wantHeader(t, callback(s, state2, cookie), "Location", loginAt("/login", inquiry+"list/")+"&loggedIn=1")
}

// TestAnOIDCCallbackThatComesAgain is the back button, a reload or a double click: a member goes
// on, and somebody logged out can't use the callback of another time.
func TestAnOIDCCallbackThatComesAgain(t *testing.T) {
	p := &provider{}
	s := newSite(t, withProvider(p))
	state, cookie := beginOIDC(s, loginAt("/login", inquiry))
	member := callback(s, state, cookie).Cookies()[0]
	p.exchanged = nil
	again := callback(s, state, cookie, member)
	wantStatus(t, again, http.StatusSeeOther)
	wantHeader(t, again, "Location", loginAt("/login", inquiry))
	wantStatus(t, callback(s, "unknown", cookie, member), http.StatusSeeOther)
	wantStatus(t, callback(s, state, cookie), http.StatusBadRequest)
	if p.exchanged != nil {
		t.Error("the code was redeemed again")
	}
}

func TestALongReturnURLLeadsToItsPage(t *testing.T) {
	s := newSite(t, withProvider(&provider{}))
	page := inquiry + "?" + strings.Repeat("a=1&", 50) + "b=2"
	for url, want := range map[string]string{
		page:                            page,
		page + strings.Repeat("&c", 99): inquiry,
		own + "/help/" + strings.Repeat("a", 400):          "",
		own + "/help/" + strings.Repeat("a", 400) + "?b=c": "",
	} {
		state, cookie := beginOIDC(s, loginAt("/login", url))
		to := loginAt("/login", want) + "&loggedIn=1"
		if want == "" {
			to = "/login?loggedIn=1"
		}
		wantHeader(t, callback(s, state, cookie), "Location", to)
	}
}

// TestAStrangerWhoseLoginIsRefusedLeavesNothing: whoever only begins, or comes back with a code
// that the provider doesn't know, must not fill the store.
func TestAStrangerWhoseLoginIsRefusedLeavesNothing(t *testing.T) {
	store := kv.NewMemory(time.Now, 10_000_000)
	p := &provider{fails: oidc.ErrRefused}
	s := newSite(t, withStore(store), withProvider(p))
	for range 100 {
		state, cookie := beginOIDC(s, "/login")
		wantStatus(t, callback(s, state, cookie), http.StatusForbidden)
		wantStatus(t, callback(s, "forged", cookie), http.StatusBadRequest)
		wantStatus(t, callback(s, state), http.StatusForbidden)
	}
	if got := store.Len(); got != 0 {
		t.Errorf("the store holds %d entries, want none", got)
	}
}

// TestAnOIDCCallbackWithoutTheCookieSaysSo: another browser or app began the login.
func TestAnOIDCCallbackWithoutTheCookieSaysSo(t *testing.T) {
	p := &provider{}
	s := newSite(t, withProvider(p))
	state, _ := beginOIDC(s, loginAt("/login", inquiry))
	_, stranger := beginOIDC(s, "/login")
	wantStatus(t, callback(s, state, stranger), http.StatusBadRequest) // an attacker's login in a victim's browser
	target := "/login/callback?code=x&state=" + url.QueryEscape(state)
	for _, site := range []string{"cross-site", "same-site", "", "none"} {
		resp := s.get(target, "Sec-Fetch-Site", site)
		wantStatus(t, resp, http.StatusForbidden)
		wantContains(t, body(t, resp), i18n.For(i18n.KO).Problems[i18n.ProblemOtherBrowser].Title, `href="/login"`)
	}
	if p.exchanged != nil {
		t.Error("the code was redeemed")
	}
}

func TestABadOIDCCallbackIsAPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &provider{}
		s := newSite(t, withProvider(p))
		state, cookie := beginOIDC(s, "/login")
		for name, resp := range map[string]*http.Response{
			"no state":       callback(s, "", cookie),
			"a forged state": callback(s, "forged-state-forged-state", cookie),
			"half the state": callback(s, state[:10], cookie),
			"an odd state":   callback(s, "a;b=c d\r\n", cookie),
		} {
			if page := body(t, resp); resp.StatusCode != http.StatusBadRequest || !strings.Contains(page, `href="/login"`) {
				t.Errorf("%s: got %d, want 400 and a way to log in again: %s", name, resp.StatusCode, page)
			}
		}
		late := s.get("/login/callback/?state=x", "Cookie", cookie.Name+"="+cookie.Value)
		wantStatus(t, late, http.StatusBadRequest)
		wantContains(t, body(t, late), `href="/login"`)
		time.Sleep(31 * time.Minute)
		wantStatus(t, callback(s, state, cookie), http.StatusBadRequest) // late
		p.down = oidc.ErrUnreachable
		wantStatus(t, s.get("/login"), http.StatusBadGateway)
		wantStatus(t, right(s, "minji"), http.StatusMethodNotAllowed)
	})
}

// TestTheWantedPageSurvivesALoginThatFails: the link to log in again leads on to it.
func TestTheWantedPageSurvivesALoginThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &provider{}
		s := newSite(t, withProvider(p))
		page := loginAt("/login/form", inquiry+"list/?a=1&b=2")
		wants := func(name string, resp *http.Response, status int) {
			t.Helper()
			page, text := strings.ReplaceAll(page, "&", "&amp;"), body(t, resp)
			if resp.StatusCode != status || len(resp.Cookies()) > 0 || !strings.Contains(text, `href="`+page+`"`) {
				t.Errorf("%s: got %d and %v, want %d, no session and a link to %s: %s", name, resp.StatusCode, resp.Cookies(), status, page, text)
			}
		}
		for err, status := range map[error]int{
			fmt.Errorf("%w: access_denied", oidc.ErrRefused): http.StatusForbidden, oidc.ErrForged: http.StatusBadRequest,
			oidc.ErrUnreachable: http.StatusBadGateway, oidc.ErrToken: http.StatusBadGateway,
			fmt.Errorf("claim: %w", &token.FieldError{Field: token.FieldUserCode, Reason: "is missing"}): http.StatusUnprocessableEntity,
		} {
			p.fails = err
			state, cookie := beginOIDC(s, page)
			_, other := beginOIDC(s, loginAt("/login", inquiry), "Cookie", cookie.Name+"="+cookie.Value) // in another tab
			wants(err.Error(), callback(s, state, other), status)
		}
		p.fails = nil
		state, cookie := beginOIDC(s, page)
		wants("no state", s.get("/login/callback?error=access_denied", "Cookie", cookie.Name+"="+cookie.Value), http.StatusBadRequest)
		wants("a forged state", callback(s, "forged", cookie), http.StatusBadRequest)
		time.Sleep(29 * time.Minute)
		wantStatus(t, callback(s, state, cookie), http.StatusSeeOther)
		wants("used", callback(s, state, cookie), http.StatusBadRequest)
		state, cookie = beginOIDC(s, page)
		time.Sleep(31 * time.Minute)
		wants("expired", callback(s, state, cookie), http.StatusBadRequest)
	})
}

func TestAnOIDCClaimOfAnotherTypeIsInTheLogAndKeepsNobodyOut(t *testing.T) {
	p := &provider{left: []*token.FieldError{{Field: token.FieldPhone, Reason: "is neither text nor an integer in its claim"}}}
	p.identity.Missing = fmt.Errorf("%w: UserInfo: status 403", oidc.ErrUnreachable)
	s := newSite(t, withProvider(p))
	state, cookie := beginOIDC(s, loginAt("/login", inquiry))
	wantStatus(t, callback(s, state, cookie), http.StatusSeeOther)
	if log := s.log.String(); !strings.Contains(log, `field=phone reason="is neither text nor an integer in its claim"`) || !strings.Contains(log, "UserInfo: status 403") {
		t.Errorf("got the log %s, want lines with the field and the reasons", log)
	}
}

// newOIDCSite is a site whose members log in at p.
func newOIDCSite(t *testing.T, p *provider, options ...option) *site {
	t.Helper()
	return newSite(t, append([]option{withLogin(web.ProviderLogin{Provider: p, Logout: p, AfterLogout: own + "/logout"})}, options...)...)
}

// logInAt logs minji in at p in a new browser, and returns its cookie.
func logInAt(t *testing.T, s *site, p *provider, identity oidc.Identity) (cookie string) {
	t.Helper()
	p.identity = identity
	state, pending := beginOIDC(s, "/login")
	return cookieOf(t, callback(s, state, pending))
}

func TestLoggingOutLeadsOnToTheProvider(t *testing.T) {
	for name, test := range map[string]struct {
		idToken, hint string
	}{
		"with the ID token":              {"a.b.c", "a.b.c"},
		"an ID token too long for a URL": {strings.Repeat("x", oidc.MaxHint+1), ""},
	} {
		p := &provider{}
		s := newOIDCSite(t, p)
		cookie := logInAt(t, s, p, oidc.Identity{Subject: "s-1", IDToken: test.idToken})
		resp := s.post("/logout?post_logout_redirect_uri=https://evil.test/&returnUrl=https://evil.test/", url.Values{
			"post_logout_redirect_uri": {"https://evil.test/"}, "id_token_hint": {"forged"},
		}, "Cookie", cookie)
		wantStatus(t, resp, http.StatusOK)
		page := body(t, resp)
		to := "https://idp.example.com/logout?back=" + url.QueryEscape(own+"/logout")
		wantContains(t, page, `<meta http-equiv="refresh" content="0; url=`+to+`">`, `href="`+to+`"`)
		wantHeader(t, resp, "Cache-Control", "no-store")
		if strings.Contains(page, "https://evil.test") || p.hint != test.hint {
			t.Errorf("%s: got the hint %.20q and %s, want %.20q and our own page alone", name, p.hint, page, test.hint)
		}
		wantShortHeaders(t, name, resp)
		wantState(t, s.get("/login/status", "Cookie", cookie), "")
		if log := s.log.String(); strings.Contains(log, "a.b.c") || strings.Contains(log, "too long") != (test.hint == "") {
			t.Errorf("%s: got the log %s", name, log)
		}
	}
}

func TestLoggingOutHereAloneLeadsNowhere(t *testing.T) {
	p := &provider{}
	s := newSite(t, withProvider(p))
	cookie := logInAt(t, s, p, oidc.Identity{Subject: "s-1", IDToken: "a.b.c"})
	wantHeader(t, s.post("/logout", nil, "Cookie", cookie), "Location", "/logout")
	wantState(t, s.get("/login/status", "Cookie", cookie), "")
}

func TestAProviderWithoutALogoutKeepsNobodyLoggedIn(t *testing.T) {
	for _, err := range []error{oidc.ErrNoLogout, oidc.ErrUnreachable} {
		p := &provider{}
		s := newOIDCSite(t, p)
		cookie := logInAt(t, s, p, oidc.Identity{Subject: "s-1", IDToken: "a.b.c"})
		p.down = err
		resp := s.post("/logout", nil, "Cookie", cookie)
		wantStatus(t, resp, http.StatusSeeOther)
		wantHeader(t, resp, "Location", "/logout")
		wantState(t, s.get("/login/status", "Cookie", cookie), "")
		if log := s.log.String(); strings.Contains(log, err.Error()) != (err == oidc.ErrUnreachable) {
			t.Errorf("%v: got the log %s, want an outage in it alone", err, log)
		}
		var start bytes.Buffer // what has no logout is told there
		web.ProviderLogin{Provider: p, Logout: p, AfterLogout: own}.Check(t.Context(), slog.New(slog.NewTextHandler(&start, nil)))
		web.ProviderLogin{Provider: p, Logout: p}.Check(t.Context(), slog.New(slog.NewTextHandler(&start, nil)))
		if log := start.String(); strings.Count(log, "level=WARN") != 1 || strings.Contains(log, "login.oidc.logout") != (err == oidc.ErrNoLogout) {
			t.Errorf("%v: got the log of the start %s, want one warning", err, log)
		}
	}
}

// endAtProvider sends logout tokens as a provider does: without cookies, and without what browsers
// add.
func endAtProvider(s *site, tokens ...string) *http.Response {
	s.t.Helper()
	return s.do("POST", "/login/backchannel-logout", strings.NewReader(url.Values{"logout_token": tokens}.Encode()),
		"Content-Type", "application/x-www-form-urlencoded")
}

func TestTheProviderEndsSessions(t *testing.T) {
	for name, test := range map[string]struct {
		token oidc.LogoutToken
		ended [4]bool // of the sessions below
	}{
		"by its session id":              {oidc.LogoutToken{SessionID: "1"}, [4]bool{true, false, false, false}},
		"by its subject":                 {oidc.LogoutToken{Subject: "a"}, [4]bool{true, true, true, false}},
		"by both":                        {oidc.LogoutToken{SessionID: "1", Subject: "a"}, [4]bool{true, false, true, false}},
		"another one":                    {oidc.LogoutToken{SessionID: "4", Subject: "c"}, [4]bool{}},
		"a subject like a session id":    {oidc.LogoutToken{Subject: "1"}, [4]bool{}},
		"a session id like a subject":    {oidc.LogoutToken{SessionID: "a"}, [4]bool{}},
		"a subject like the usercode":    {oidc.LogoutToken{Subject: "minji"}, [4]bool{}},
		"a session id like the usercode": {oidc.LogoutToken{SessionID: "minji"}, [4]bool{}},
	} {
		p := &provider{tokens: map[string]oidc.LogoutToken{}}
		s := newOIDCSite(t, p)
		cookies := []string{
			logInAt(t, s, p, oidc.Identity{Subject: "a", SessionID: "1"}),
			logInAt(t, s, p, oidc.Identity{Subject: "a", SessionID: "2"}),
			logInAt(t, s, p, oidc.Identity{Subject: "a"}),
			logInAt(t, s, p, oidc.Identity{Subject: "b", SessionID: "3"}), // another member
		}
		issued := s.issue(cookies[0])
		test.token.ID = "t-1"
		p.tokens["token"] = test.token
		resp := endAtProvider(s, "token")
		wantStatus(t, resp, http.StatusOK)
		wantHeader(t, resp, "Cache-Control", "no-store")
		named := regexp.MustCompile(`event=(?:login|logout way=provider)\b.* (member=\S+)`).FindAllStringSubmatch(s.log.String(), -1)
		if in, out := named[0][1], named[len(named)-1][1]; len(named) != 5 || (in == out) != (test.ended != [4]bool{}) {
			t.Errorf("%s: got %q, want who has been logged out in the audit line", name, named)
		}
		for i, cookie := range cookies {
			want := "minji"
			if test.ended[i] {
				want = ""
			}
			if got := body(t, s.get("/login/status", "Cookie", cookie)); strings.Contains(got, `"minji"`) != (want != "") {
				t.Errorf("%s, session %d: got %s, want %q", name, i, got, want)
			}
		}
		if got := body(t, s.get("/token/verify?usercode=minji&token="+url.QueryEscape(issued))); strings.Contains(got, `"true"`) == test.ended[0] {
			t.Errorf("%s: the token is %s, want it to end with its session", name, got)
		}
	}
}

// TestAProvidersLogoutCountsForALoginOnTheWay: the member comes back from the provider after the
// provider has ended the login.
func TestAProvidersLogoutCountsForALoginOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, token := range []oidc.LogoutToken{{SessionID: "1"}, {Subject: "a"}, {SessionID: "1", Subject: "a"}} {
			token.ID = "t-1"
			p := &provider{tokens: map[string]oidc.LogoutToken{"token": token}}
			store := kv.NewMemory(time.Now, 10_000_000)
			s := newOIDCSite(t, p, withStore(store))
			p.identity = oidc.Identity{Subject: "a", SessionID: "1", IDToken: "a.b.c"}
			state, pending := beginOIDC(s, "/login")
			time.Sleep(time.Second)
			wantStatus(t, endAtProvider(s, "token"), http.StatusOK)
			entries := store.Len()
			resp := callback(s, state, pending)
			wantStatus(t, resp, http.StatusBadRequest)
			if len(resp.Cookies()) > 0 || store.Len() != entries {
				t.Errorf("%+v: got %v and %d entries in the store, want no session and %d", token, resp.Cookies(), store.Len(), entries)
			}
			time.Sleep(time.Second)
			again := logInAt(t, s, p, p.identity)
			wantState(t, s.get("/login/status", "Cookie", again), "minji")
		}
	})
}

// TestOneLoginLeavesNothingBehindAfterALogout: neither the ID token nor what ties it to the
// provider.
func TestOneLoginLeavesNothingBehindAfterALogout(t *testing.T) {
	store := kv.NewMemory(time.Now, 10_000_000)
	p := &provider{}
	s := newOIDCSite(t, p, withStore(store))
	callbacks := 0
	for range 200 {
		cookie := logInAt(t, s, p, oidc.Identity{Subject: "a", SessionID: "1", IDToken: "a.b.c"})
		callbacks++ // remembered for ten minutes
		s.issue(cookie)
		s.issue(cookie)
		wantStatus(t, s.post("/logout", nil, "Cookie", cookie), http.StatusOK)
	}
	const count = 1 // of the tokens
	if got := store.Len(); got > callbacks+count {
		t.Errorf("the store holds %d entries after 200 logins and logouts, want %d", got, callbacks+count)
	}
}

func TestALogoutTokenWorksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 10_000_000)
		p := &provider{tokens: map[string]oidc.LogoutToken{"token": {ID: "t-1", SessionID: "1"}, "other": {ID: "t-2", SessionID: "1"}}}
		s, replica := newOIDCSite(t, p, withStore(store)), newOIDCSite(t, p, withStore(store))
		wantStatus(t, endAtProvider(s, "token"), http.StatusOK)
		time.Sleep(time.Second)
		cookie := logInAt(t, s, p, oidc.Identity{Subject: "a", SessionID: "1"})
		for _, s := range []*site{s, replica} {
			resp := endAtProvider(s, "token")
			wantStatus(t, resp, http.StatusBadRequest)
			wantHeader(t, resp, "Cache-Control", "no-store")
		}
		time.Sleep(oidc.LogoutTokenLifetime - 2*time.Second)
		wantStatus(t, endAtProvider(replica, "token"), http.StatusBadRequest)
		wantState(t, s.get("/login/status", "Cookie", cookie), "minji")
		wantStatus(t, endAtProvider(replica, "other"), http.StatusOK)
		wantState(t, s.get("/login/status", "Cookie", cookie), "")
	})
}

// TestStrangersHoldNoLogoutBack: what they send counts, and a token by a key that is known doesn't.
func TestStrangersHoldNoLogoutBack(t *testing.T) {
	p := &provider{tokens: map[string]oidc.LogoutToken{"token": {ID: "t-1", SessionID: "1"}}}
	s := newOIDCSite(t, p, limited(10, 1000))
	cookie := logInAt(t, s, p, oidc.Identity{Subject: "a", SessionID: "1"})
	for range 40 {
		endAtProvider(s, "forged")
	}
	wantStatus(t, endAtProvider(s, "forged"), http.StatusTooManyRequests)
	wantStatus(t, endAtProvider(s, "token"), http.StatusOK)
	wantState(t, s.get("/login/status", "Cookie", cookie), "")
}

func TestALogoutThatFailsCanBeSentAgain(t *testing.T) {
	store := newTestStore()
	p := &provider{tokens: map[string]oidc.LogoutToken{"token": {ID: "t-1", SessionID: "1"}}}
	s := newOIDCSite(t, p, withStore(store))
	cookie := logInAt(t, s, p, oidc.Identity{Subject: "a", SessionID: "1"})
	store.fails = func(_, key string) error {
		if strings.Contains(key, "ended/") {
			return errStore
		}
		return nil
	}
	wantStatus(t, endAtProvider(s, "token"), http.StatusServiceUnavailable)
	store.fails = nil
	wantStatus(t, endAtProvider(s, "token"), http.StatusOK)
	wantState(t, s.get("/login/status", "Cookie", cookie), "")
}

func TestABadBackChannelRequestEndsNothing(t *testing.T) {
	p := &provider{tokens: map[string]oidc.LogoutToken{"token": {ID: "t-1", Subject: "a"}, "other": {ID: "t-2", Subject: "a"}}}
	s := newOIDCSite(t, p)
	cookie := logInAt(t, s, p, oidc.Identity{Subject: "a", SessionID: "1"})
	const path, form = "/login/backchannel-logout", "application/x-www-form-urlencoded"
	for name, test := range map[string]struct {
		resp *http.Response
		want int
	}{
		"an invalid token":   {endAtProvider(s, "forged"), http.StatusBadRequest},
		"no token":           {endAtProvider(s), http.StatusBadRequest},
		"two tokens":         {endAtProvider(s, "token", "other"), http.StatusBadRequest},
		"a token in the URL": {s.do("POST", path+"?logout_token=token", strings.NewReader(""), "Content-Type", form), http.StatusBadRequest},
		"JSON":               {s.do("POST", path, strings.NewReader(`{"logout_token":"token"}`), "Content-Type", "application/json"), http.StatusBadRequest},
		"a broken form":      {s.do("POST", path, strings.NewReader("logout_token=%zz"), "Content-Type", form), http.StatusBadRequest},
		"a huge body":        {endAtProvider(s, strings.Repeat("x", 70<<10)), http.StatusRequestEntityTooLarge},
		"a GET":              {s.get(path + "?logout_token=token"), http.StatusMethodNotAllowed},
		"a PUT":              {s.do("PUT", path, strings.NewReader("logout_token=token"), "Content-Type", form), http.StatusMethodNotAllowed},
	} {
		if test.resp.StatusCode != test.want || test.resp.Header.Get("Cache-Control") != "no-store" || len(test.resp.Cookies()) > 0 {
			t.Errorf("%s: got %d and %v, want %d, no cache and no cookies", name, test.resp.StatusCode, test.resp.Header, test.want)
		}
	}
	p.down = fmt.Errorf("%w: keys", oidc.ErrUnreachable)
	wantStatus(t, endAtProvider(s, "token"), http.StatusBadGateway)
	wantState(t, s.get("/login/status", "Cookie", cookie), "minji")
}

func TestNobodyElsesLoginHasABackChannel(t *testing.T) {
	wantStatus(t, endAtProvider(newSite(t), "token"), http.StatusNotFound)
	p := &provider{}
	s := newSite(t, withLogin(web.ProviderLogin{Provider: p})) // of OAuth 2
	wantStatus(t, endAtProvider(s, "token"), http.StatusNotFound)
	cookie := logInAt(t, s, p, oidc.Identity{})
	wantState(t, s.get("/login/status", "Cookie", cookie), "minji")
	wantHeader(t, s.post("/logout", nil, "Cookie", cookie), "Location", "/logout")
}
