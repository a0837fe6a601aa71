package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/i18n"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/token"
	"ocsso/web"
)

func withProxyLogin(from string) option {
	return withLogin(web.ProxyLogin{
		From:    []netip.Prefix{netip.MustParsePrefix(from)},
		Headers: member.Names{UserCode: "X-User", UserName: "X-Name", Email: "X-Email", Guests: member.Guests{"guest", "$..."}},
	})
}

func TestAProxysMemberIsLoggedInAndHandedOff(t *testing.T) {
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	who := []string{"X-User", "minji", "X-Name", "김민지", "X-Email", "minji@example.com"}
	resp := s.get(loginAt("/login", inquiry), who...)
	wantStatus(t, resp, http.StatusSeeOther)
	wantHeader(t, resp, "Location", loginAt("/login", inquiry)+"&loggedIn=1")
	session := cookieOf(t, resp)
	_, fields := handoffForm(t, s.get(loginAt("/login", inquiry), append(who, "Cookie", session)...))
	if got := [...]string{fields.Get("usercode"), fields.Get("username"), fields.Get("email")}; got != [...]string{"minji", "김민지", "minji@example.com"} {
		t.Errorf("got %q", got)
	}
	wantState(t, s.get("/login/status", "Cookie", session), "minji")

	// Now the proxy names another member.
	resp = s.get("/login", "X-User", "other", "Cookie", session)
	wantStatus(t, resp, http.StatusSeeOther)
	wantState(t, s.get("/login/status", "Cookie", session), "")
	wantState(t, s.get("/login/status", "Cookie", cookieOf(t, resp)), "other")
}

func TestNobodyElseLogsInByHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		from    string
		headers []string
		status  int
	}{
		"another address":     {"10.0.0.0/8", []string{"X-User", "minji"}, http.StatusForbidden},
		"a forwarded address": {"10.0.0.0/8", []string{"X-User", "minji", "X-Forwarded-For", "10.0.0.1"}, http.StatusForbidden},
		"no header":           {"192.0.2.1/32", nil, http.StatusForbidden},
		"an empty header":     {"192.0.2.1/32", []string{"X-User", ""}, http.StatusForbidden},
		"a bad field":         {"192.0.2.1/32", []string{"X-User", "a&b"}, http.StatusUnprocessableEntity},
		"two headers":         {"192.0.2.1/32", []string{"X-User", "adam", "X-User", "betty"}, http.StatusForbidden},
		"two names":           {"192.0.2.1/32", []string{"X-User", "adam", "X-Name", "a", "X-Name", "b"}, http.StatusForbidden},
		"two, folded":         {"192.0.2.1/32", []string{"X-User", "adam, betty"}, http.StatusForbidden},
		"nginx's nobody":      {"192.0.2.1/32", []string{"X-User", "-"}, http.StatusForbidden},
		"Apache's nobody":     {"192.0.2.1/32", []string{"X-User", "(null)"}, http.StatusForbidden},
		"a value of nobody":   {"192.0.2.1/32", []string{"X-User", "guest", "X-Name", "Guest"}, http.StatusForbidden},
		"nginx's variable":    {"192.0.2.1/32", []string{"X-User", "$remote_user"}, http.StatusForbidden},
		"broken UTF-8":        {"192.0.2.1/32", []string{"X-User", "min\xffji"}, http.StatusUnprocessableEntity},
	} {
		s := newSite(t, withProxyLogin(test.from))
		resp := s.get("/login", test.headers...)
		if resp.StatusCode != test.status || len(resp.Cookies()) != 0 {
			t.Errorf("%s: got %d and cookies %v, want %d and none", name, resp.StatusCode, resp.Cookies(), test.status)
		}
	}
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	wantContains(t, body(t, s.get(loginAt("/login", inquiry))), `href="?returnUrl=`+url.QueryEscape(inquiry)+`"`) // to try again
	wantStatus(t, s.post("/login", url.Values{"usercode": {"minji"}, "password": {password}}), http.StatusMethodNotAllowed)
}

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

// TestAStrangerWhoseLoginIsRefusedLeavesNothing: whoever only begins, or comes back with a code that
// the provider doesn't know, must not fill the store.
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
		wantStatus(t, s.post("/login", url.Values{"usercode": {"minji"}, "password": {password}}), http.StatusMethodNotAllowed)
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
