package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/session"
	"ocsso/internal/sitelogin"
	"ocsso/web"
)

// A shop is a customer's site: who is logged in, by the cookie's value.
type shop struct {
	members map[string]member.Member
	down    bool
	client  netip.Addr // of the last request
	asked   []sitelogin.Purpose
	cookies []string // that each answer sets
}

func (s *shop) Check(context.Context) error { return nil }

func (s *shop) Source(r *http.Request, client netip.Addr, _ sitelogin.Purpose) string {
	s.client = client
	if sid, err := r.Cookie("sid"); err == nil {
		return sid.Value
	}
	return ""
}

func (s *shop) RecheckSource(source string, _ sitelogin.Answer) string { return source }

func (s *shop) Ask(_ context.Context, cookies string, purpose sitelogin.Purpose, _ string) (sitelogin.Answer, error) {
	if cookies != "" {
		s.asked = append(s.asked, purpose)
	}
	who, ok := s.members[cookies]
	switch {
	case s.down && cookies != "":
		return sitelogin.Answer{}, sitelogin.ErrUnavailable
	case !ok:
		return sitelogin.Answer{SetCookie: s.cookies}, sitelogin.ErrLoggedOut
	}
	return sitelogin.Answer{Member: who, SetCookie: s.cookies}, nil
}

func newShop() *shop {
	return &shop{members: map[string]member.Member{"minjis": minji, "simples": simple}}
}

func withShop(s *shop) option {
	return func(p *parts) {
		p.login = web.SiteLogin{
			Site: s, LoginURL: "https://www.example.com/login?from=help", ReturnParameter: "next",
			LogoutURL: "https://www.example.com/logout",
		}
		p.recheck = session.Recheck{Every: 30 * time.Second, Member: func(ctx context.Context, source string) (member.Member, error) {
			answer, err := s.Ask(ctx, source, sitelogin.Recheck, "")
			if errors.Is(err, sitelogin.ErrLoggedOut) {
				err = session.ErrNone
			}
			return answer.Member, err
		}}
	}
}

// logInAtShop returns the session of the shop's member with this cookie.
func logInAtShop(t *testing.T, s *site, sid string) string {
	t.Helper()
	resp := s.get("/login", "Cookie", "sid="+sid)
	wantStatus(t, resp, http.StatusSeeOther)
	return cookieOf(t, resp)
}

func TestAMemberOfTheSiteIsHandedOff(t *testing.T) {
	shop := newShop()
	s := newSite(t, withShop(shop))
	resp := s.get(loginAt("/login", inquiry), "Cookie", "sid=minjis; other=x")
	wantHeader(t, resp, "Location", loginAt("/login", inquiry)+"&loggedIn=1")
	session := cookieOf(t, resp) + "; sid=minjis"
	fresh := minji
	fresh.Email = "new@example.com"
	shop.members["minjis"] = fresh
	_, fields := handoffForm(t, s.get(loginAt("/login", inquiry), "Cookie", session))
	if fields.Get("usercode") != "minji" || fields.Get("email") != "new@example.com" {
		t.Errorf("got %v, want fresh fields of minji", fields)
	}
	wantState(t, s.get("/login/status", "Cookie", session), "minji")
	if len(shop.asked) != 2 || shop.asked[0] != sitelogin.Login || shop.asked[1] != sitelogin.Recheck {
		t.Errorf("asked %v", shop.asked)
	}
}

func TestSomebodyLoggedOutGoesToTheSitesLoginPage(t *testing.T) {
	s := newSite(t, withShop(newShop()))
	for _, cookie := range []string{"", "sid=expired"} {
		resp := s.get(loginAt("/login/form", inquiry+"?a=1&b=2"), "Cookie", cookie)
		wantStatus(t, resp, http.StatusSeeOther)
		back := own + loginAt("/login/form", inquiry+"?a=1&b=2") + "&fromSite=1"
		wantHeader(t, resp, "Location", "https://www.example.com/login?from=help&next="+url.QueryEscape(back))

		resp = s.get(strings.TrimPrefix(back, own), "Cookie", cookie)
		wantStatus(t, resp, http.StatusForbidden)
		page := body(t, resp)
		again := url.Values{"returnUrl": {inquiry + "?a=1&b=2"}}.Encode() // leads to the site's login page
		wantContains(t, page, "사이트에 로그인되어 있지 않습니다", `href="?`+again+`"`)
		resp = s.get(strings.TrimPrefix(back, own), "Cookie", "sid=minjis")
		wantHeader(t, resp, "Location", loginAt("/login/form", inquiry+"?a=1&b=2")+"&loggedIn=1")
	}
	wantStatus(t, s.get(loginAt("/login", "https://evil.test/")), http.StatusBadRequest)
	framed := s.get(loginAt("/login", inquiry+"?iframe=true"), "Sec-Fetch-Dest", "iframe", "Sec-Fetch-Site", "same-origin")
	wantStatus(t, framed, http.StatusOK)
	wantContains(t, body(t, framed), `href="`+strings.ReplaceAll(loginAt("/login", inquiry), "&", "&amp;")+`" target="_top"`)
	long := s.get(loginAt("/login", inquiry+"?q="+url.QueryEscape(strings.Repeat("가", 200))))
	wantStatus(t, long, http.StatusSeeOther)
	if n := len(long.Header.Get("Location")); n > 3000 {
		t.Errorf("got a location of %d bytes", n)
	}
}

// TestCookiesOfTheSiteFitIntoTheHeader with a location and our own: a proxy would answer 502.
func TestCookiesOfTheSiteFitIntoTheHeader(t *testing.T) {
	shop := newShop()
	s := newSite(t, withShop(shop))
	for length, want := range map[int]int{100: 3, 1000: 1, 1500: 1, 3000: 0} {
		line := strings.Repeat("v", length-len("sid=; Path=/"))
		shop.cookies = []string{"sid=" + line + "; Path=/", "two=" + line + "; Path=/", "new=" + line + "; Path=/"}
		for _, sid := range []string{"minjis", "nobodys"} {
			for _, to := range []string{inquiry, inquiry + "?q=" + strings.Repeat("a", 1900), inquiry + strings.Repeat("a", 1900)} {
				resp := s.get(loginAt("/login", to), "Cookie", "sid="+sid)
				wantStatus(t, resp, http.StatusSeeOther)
				wantShortHeaders(t, fmt.Sprint(sid, " ", length), resp)
				passed := 0
				for _, c := range resp.Cookies() {
					if !strings.HasPrefix(c.Name, "__Host-") {
						passed++
					}
				}
				if passed != want {
					t.Errorf("cookies of %d bytes: got %d passed on, want %d", length, passed, want)
				}
			}
		}
	}
	wantContains(t, s.log.String(), `level=ERROR msg="a cookie of the site is too long to be passed on" bytes=3000`)
}

func TestASiteOutOfOrderInventsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop()
		s := newSite(t, withShop(shop))
		session := logInAtShop(t, s, "minjis")
		shop.down = true
		wantStatus(t, s.get("/login", "Cookie", "sid=minjis"), http.StatusServiceUnavailable)
		time.Sleep(time.Minute)
		wantState(t, s.get("/login/status", "Cookie", session), "minji")
		handoffForm(t, s.get("/login", "Cookie", session+"; sid=minjis"))

		// Somebody else may have logged in at the site in this browser: nobody can tell now.
		changed := []string{"Cookie", session + "; sid=simples"}
		for _, page := range []string{"/", "/login", loginAt("/login", inquiry), "/help", "/help/ticket"} {
			resp := s.get(page, changed...)
			wantStatus(t, resp, http.StatusServiceUnavailable)
			if strings.Contains(body(t, resp), minji.UserName) {
				t.Errorf("%s shows the member who was logged in before", page)
			}
		}
		shop.down, shop.asked = false, nil
		handoffForm(t, s.get("/login", "Cookie", session+"; sid=minjis")) // the session is as it was
		shop.down = true
		wantStatus(t, s.post("/logout", nil, changed...), http.StatusOK) // needs no site
		wantState(t, s.get("/login/status", "Cookie", session), "")
	})
}

// TestTheSitesCookieSaysWhoIsLoggedIn: somebody else may have logged in at the site in this
// browser, or planted a session of his own in it.
func TestTheSitesCookieSaysWhoIsLoggedIn(t *testing.T) {
	for name, test := range map[string]struct {
		cookie  string
		headers []string
		want    string // whom the page shows; "" is nobody
	}{
		"the same":                    {"sid=minjis", nil, minji.UserName},
		"another of the same member":  {"sid=minjis2", nil, minji.UserName},
		"another member's":            {"sid=simples", nil, ""},
		"an expired one":              {"sid=expired", nil, ""},
		"none, from another site":     {"", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, minji.UserName},
		"none, in an old browser":     {"", nil, minji.UserName},
		"none, by a link on our page": {"", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Dest", "document"}, ""},
		"none, by an address typed":   {"", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Dest", "document"}, ""},
	} {
		shop := newShop()
		shop.members["minjis2"] = minji
		s := newSite(t, withShop(shop))
		session := logInAtShop(t, s, "minjis")
		page := body(t, s.get("/", append(test.headers, "Cookie", session+"; "+test.cookie)...))
		if got := strings.Contains(page, minji.UserName); got != (test.want != "") || strings.Contains(page, "simple") {
			t.Errorf("%s: the page shows the member: %v, want %v", name, got, test.want != "")
		}
		if test.want == "" {
			wantState(t, s.get("/login/status", "Cookie", session), "")
		}
	}
}

func TestLoggingOutLeadsOnToTheSite(t *testing.T) {
	s := newSite(t, withShop(newShop()))
	session := logInAtShop(t, s, "minjis")
	resp := s.post("/logout", nil, "Cookie", session+"; sid=minjis")
	wantStatus(t, resp, http.StatusOK) // Chromium would not follow a redirect to another origin
	page := body(t, resp)
	wantContains(t, page, `<meta http-equiv="refresh" content="0; url=https://www.example.com/logout">`, `href="https://www.example.com/logout"`)
	wantState(t, s.get("/login/status", "Cookie", session), "")
	wantHeader(t, s.post("/logout", nil), "Location", "/logout")
}
