package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/web"
)

// TestNoHeaderGrowsWithTheRequest: nginx takes 4 KB of response header, all together. It answers
// 502 for more, and counts that as a failure of this server.
func TestNoHeaderGrowsWithTheRequest(t *testing.T) {
	long := strings.Repeat("a", 5000)
	korean := url.QueryEscape(strings.Repeat("가", 220))
	answer := answering(t, http.StatusOK, `{"header":{"isSuccessful":true},"result":{"content":"`+strings.Repeat("+", 800)+`"}}`)
	full := minji
	full.UserName, full.MemberNo = strings.Repeat("가", 50), strings.Repeat("나", 50)
	full.Email, full.Phone = strings.Repeat("다", 100), strings.Repeat("라", 20)
	for _, options := range [][]option{
		{}, {withHandoff(helpcenter.Link)}, {answer, withHandoff(helpcenter.API)},
		{withProvider(&provider{pad: strings.Repeat("x", 1000)})}, {withProxyLogin("192.0.2.1/32")},
	} {
		s := newSite(t, append(options, withAccount(full))...)
		cookies := []string{""}
		if resp := right(s, "minji"); resp.StatusCode == http.StatusSeeOther {
			cookies = append(cookies, cookieOf(t, resp))
		}
		for _, cookie := range cookies {
			for _, target := range []string{
				"/?" + long, "/" + long, "/help?service=" + long, "/help/home?" + long, "/help/ticket?service=" + long,
				"/help/tickets?service=" + korean, "/login?" + long, "/login?returnUrl=" + long, "/logout?" + long,
				"/login?lang=" + long, "/login/callback?state=" + long + "&code=" + long, "/login/status?usercode=" + long,
				"/token/verify?token=" + long, "/static/" + long, "/v1/members/" + long + "/sessions",
			} {
				wantShortHeaders(t, target, s.get(target, "Cookie", cookie))
			}
			for _, to := range []string{
				"/hangame/hc/?" + long[:2000], "/hangame/hc/?q=" + korean, "/hangame/" + korean, "/hangame/hc/#" + korean,
				"/hangame/hc/?" + strings.Repeat("a=1&", 480), "/hangame/hc/?" + strings.Repeat("&", 1900) + "a=b",
				"/hangame/hc/?q=" + url.QueryEscape(strings.Repeat("%", 300)), "/hangame/" + long[:2000],
				"/hangame/hc/?q=" + strings.Repeat("%EA", 465), "/hangame/hc/?q=" + strings.Repeat("%EA", 540),
			} {
				for _, origin := range []string{string(s.center), own} {
					target := loginAt("/login", origin+to)
					wantShortHeaders(t, target, s.get(target, "Cookie", cookie))
					wantShortHeaders(t, target, s.post("/login", url.Values{
						"usercode": {"minji"}, "password": {password}, "returnUrl": {origin + to},
					}))
				}
			}
		}
		wantShortHeaders(t, "long headers", s.get("/login/status", "Origin", "https://"+long, "X-Request-Id", long))
		for _, names := range []string{strings.Repeat("token,", 1000) + "token", strings.Repeat(long[:64]+",", 39) + long[:64]} {
			wantShortHeaders(t, "preflight", s.do("OPTIONS", "/login/status", nil, "Origin", string(s.center),
				"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", names))
		}
	}
}

func withAccount(m member.Member) option {
	return func(p *parts) { p.members = directory{account: &m} }
}

// wantShortHeaders counts what the HTTP server adds, too.
func wantShortHeaders(t *testing.T, what string, resp *http.Response) {
	t.Helper()
	whole := len("HTTP/1.1 303 See Other\r\nDate: Mon, 30 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
	for name, values := range resp.Header {
		for _, value := range values {
			whole += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestURITooLong || whole > 3500 {
		t.Errorf("%.80s: got %d and %d bytes of header", what, resp.StatusCode, whole)
	}
}

// TestOtherSitesLoadNothing: an image of another site loads only for its visitors who are logged in
// here, so it tells that site who is.
func TestOtherSitesLoadNothing(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	type fetch struct{ site, mode, dest string }
	for _, test := range []struct {
		what   string
		fetch  fetch
		target string
		want   int
	}{
		{"an image", fetch{"cross-site", "no-cors", "image"}, loginAt("/login", own+"/static/css/ocsso.css"), http.StatusForbidden},
		{"an image", fetch{"cross-site", "no-cors", "image"}, "/help/home", http.StatusForbidden},
		{"a script", fetch{"same-site", "no-cors", "script"}, "/login", http.StatusForbidden},
		{"a fetch", fetch{"cross-site", "cors", "empty"}, "/help", http.StatusForbidden},
		{"an object", fetch{"cross-site", "navigate", "object"}, "/login", http.StatusForbidden},
		{"an embed", fetch{"cross-site", "navigate", "embed"}, "/", http.StatusForbidden},
		{"a frame", fetch{"cross-site", "navigate", "iframe"}, "/help/ticket", http.StatusForbidden},
		{"a frame", fetch{"cross-site", "navigate", "iframe"}, "/logout", http.StatusForbidden},
		{"a link", fetch{"cross-site", "navigate", "document"}, "/help/home", http.StatusSeeOther},
		{"a link", fetch{"cross-site", "navigate", "document"}, "/", http.StatusOK},
		{"our own script", fetch{"same-origin", "cors", "empty"}, "/help", http.StatusOK},
		{"a link, by a service worker", fetch{"cross-site", "navigate", "empty"}, "/help/home", http.StatusSeeOther},
		{"a link, by a service worker", fetch{"same-site", "navigate", "empty"}, "/login", http.StatusOK},
		{"a fetch, by a service worker", fetch{"cross-site", "same-origin", "empty"}, "/login", http.StatusForbidden},
		{"an image, by a service worker", fetch{"cross-site", "no-cors", "empty"}, "/login", http.StatusForbidden},
		{"an empty destination alone", fetch{"cross-site", "", "empty"}, "/login", http.StatusForbidden},
		{"an address typed", fetch{"none", "navigate", "document"}, "/login", http.StatusOK},
		{"the help center's script", fetch{"cross-site", "cors", "empty"}, "/login/status", http.StatusOK},
		{"an old browser", fetch{}, "/help", http.StatusOK},
	} {
		resp := s.get(test.target, "Cookie", cookie,
			"Sec-Fetch-Site", test.fetch.site, "Sec-Fetch-Mode", test.fetch.mode, "Sec-Fetch-Dest", test.fetch.dest)
		if resp.StatusCode != test.want {
			t.Errorf("%s at %s: got %d, want %d", test.what, test.target, resp.StatusCode, test.want)
		}
		if test.target == "/login/status" {
			continue
		}
		opener := "same-origin"
		if strings.HasPrefix(test.target, "/login") {
			opener = "same-origin-allow-popups"
		}
		wantHeader(t, resp, "Cross-Origin-Opener-Policy", opener)
		wantHeader(t, resp, "Cross-Origin-Resource-Policy", "same-origin")
		if resp.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: got no Permissions-Policy", test.target)
		}
	}
}

// A frame is how a browser asks for a page in the frame of another site, and ours how our page in
// such a frame asks for the next one.
var (
	frame = []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}
	ours  = []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}
)

// goOn follows the form of a page that was shown in a frame first.
func goOn(t testing.TB, s *site, page *http.Response, headers ...string) *http.Response {
	t.Helper()
	wantStatus(t, page, http.StatusOK)
	text := body(t, page)
	form := regexp.MustCompile(`<form id="handoff" method="get" action="([^"]*)">`).FindStringSubmatch(text)
	if form == nil {
		t.Fatalf("got no form that goes on in %s", text)
	}
	query := url.Values{}
	for _, input := range inputTag.FindAllStringSubmatch(text, -1) {
		query.Add(unescape(input[1]), unescape(input[2]))
	}
	return s.get(unescape(form[1])+"?"+query.Encode(), append(headers, ours...)...)
}

// TestAHiddenFrameHasNoEffect is D25: a redirect in a frame of another site would tell that site
// who is logged in here, and many frames would push a member's tokens out.
func TestAHiddenFrameHasNoEffect(t *testing.T) {
	shop := newShop()
	for name, login := range map[string]option{
		"password": func(*parts) {}, "proxy": withProxyLogin("192.0.2.1/32"), "site": withShop(shop),
		"oidc": withProvider(&provider{}),
	} {
		for _, way := range []helpcenter.Way{helpcenter.Form, helpcenter.API, helpcenter.Link} {
			store := newTestStore()
			called := 0
			s := newSite(t, login, withStore(store), withHandoff(way), answeringWith(t, func(http.ResponseWriter, *http.Request) { called++ }),
				func(p *parts) { p.limits.Counter = store })
			headers := []string{"X-User", "minji"}
			switch name {
			case "password":
				headers = append(headers, "Cookie", s.logIn(minji))
			case "site":
				headers = append(headers, "Cookie", "sid=minjis")
			}
			asked := len(shop.asked)
			for _, dest := range []string{"cross-site", "same-site", "none", ""} {
				for _, path := range []string{"/login", "/login/form", "/login/api", "/api/login.nhn", "/login/callback"} {
					store.reads, store.changes = 0, 0
					resp := s.get(loginAt(path, string(s.center)+"/hangame/hc/?iframe=true"), append(headers, "Sec-Fetch-Site", dest, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe")...)
					if name != "oidc" && path == "/login/callback" {
						continue // no route
					}
					wantStatus(t, resp, http.StatusOK)
					wantHeader(t, resp, "Location", "")
					wantHeader(t, resp, "Set-Cookie", "")
					if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'self' "+string(s.center)) {
						t.Errorf("got the policy %s", policy)
					}
					if store.reads+store.changes+called+len(shop.asked)-asked != 0 || strings.Contains(body(t, resp), `name="token"`) {
						t.Errorf("%s, %s at %s: got %d reads and %d changes of the store, %d calls and %d questions to the site",
							name, way, path, store.reads, store.changes, called, len(shop.asked)-asked)
					}
				}
			}
		}
	}
}

// TestTheHelpCentersFrameGoesOn: what was asked for survives the page that is shown first.
func TestTheHelpCentersFrameGoesOn(t *testing.T) {
	s := newSite(t)
	member := []string{"Cookie", s.logIn(minji)}
	first := s.get(loginAt("/login/form", inquiry+"?iframe=true&a=%26b"), append(frame, member...)...)
	_, fields := handoffForm(t, goOn(t, s, first, member...))
	if got, want := fields.Get("returnUrl"), inquiry+"?iframe=true&a=%26b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	guest := goOn(t, s, s.get(loginAt("/login/form/", inquiry)+"&lang=ja", frame...))
	page := body(t, guest)
	wantContains(t, page, `<html lang="ja">`, `name="usercode"`)
	wantLacks(t, page, "<header")
	// Our own help page leads into its frame.
	handoffForm(t, s.get("/login", append(ours, member...)...))
}

// TestTheAccessTokenStaysBelowTheService: the help center may have pages that redirect to other
// sites with what is in their query.
func TestTheAccessTokenStaysBelowTheService(t *testing.T) {
	s := newSite(t, withHandoff(helpcenter.API), answering(t, http.StatusOK, `{"header":{"isSuccessful":true},"result":{"content":"secret"}}`))
	cookie := s.logIn(minji)
	at := string(s.center)
	for to, want := range map[string]string{
		"/hangame/hc/ticket/?a=1":         "/hangame/hc/ticket/?a=1&usercode=minji",
		"/second/hc/":                     "/second/hc/?usercode=minji",
		"/redirect?to=https://evil.test/": "/hangame/hc/?usercode=minji",
		"/":                               "/hangame/hc/?usercode=minji",
		"/hangamer/hc/":                   "/hangame/hc/?usercode=minji",
		"/hangame":                        "/hangame/hc/?usercode=minji",
		"/hangame/../redirect?to=https://evil.test/":  "/hangame/hc/?usercode=minji",
		"/hangame/..;/redirect?to=https://evil.test/": "/hangame/hc/?usercode=minji",
		"/second/%2e%2e/redirect":                     "/second/hc/?usercode=minji",
	} {
		resp := s.get(loginAt("/login", at+to), "Cookie", cookie, "Sec-Fetch-Site", "none")
		wantStatus(t, resp, http.StatusSeeOther)
		if got := resp.Header.Get("Location"); !strings.HasPrefix(got, at+want) || !strings.Contains(got, "accessToken=secret") || body(t, resp) != "" {
			t.Errorf("%s: got %s, want it to begin with %s", to, got, want)
		}
	}
}

// TestAClientThatGoesAwayIsNoOutage: browsers cut requests off all the time.
func TestAClientThatGoesAwayIsNoOutage(t *testing.T) {
	s := newSite(t, withStore(newTestStore()))
	cookie := s.logIn(minji)
	token := s.issue(cookie)
	s.log.Reset()
	ctx, goAway := context.WithCancel(t.Context())
	goAway()
	for _, target := range []string{
		"/", "/help", "/help/ticket", "/login", "/login/api", "/logout", "/login/status", "/nowhere",
		"/token/verify?usercode=minji&token=" + url.QueryEscape(token), "POST /login", "POST /logout",
	} {
		method, path, posted := strings.Cut(target, " ")
		if !posted {
			method, path = "GET", target
		}
		form := url.Values{"usercode": {"minji"}, "password": {password}}
		r := httptest.NewRequestWithContext(ctx, method, own+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		want := 499
		if target == "POST /logout" {
			want = http.StatusSeeOther // whoever has logged out is, also when the tab is closed at once
		}
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", target, w.Code, want)
		}
	}
	if log := s.log.String(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "path=/help status=499") {
		t.Errorf("got log %s", log)
	}
	wantState(t, s.get("/login/status", "Cookie", cookie), "")
	if metrics := scrape(s); strings.Contains(metrics, `answer="unavailable"} 1`) || strings.Contains(metrics, `outcome="out_of_order"} 1`) {
		t.Errorf("got metrics %s", metrics)
	}
}

// hangUpProvider is a provider whose member hangs up meanwhile.
type hangUpProvider struct {
	provider
	hangUp func()
}

func (p *hangUpProvider) Exchange(ctx context.Context, a oidc.Attempt, callback url.Values) (oidc.Identity, error) {
	p.hangUp()
	return p.provider.Exchange(ctx, a, callback)
}

// TestWhoHangsUpLeavesNothingBehind: neither what a login has begun to remember, nor the count of
// an attempt that succeeded.
func TestWhoHangsUpLeavesNothingBehind(t *testing.T) {
	for name, test := range map[string]struct {
		early   bool // while the store remembers the login, else while the provider is asked
		refusal error
		then    int // the answer to a login after three such
	}{
		"early":             {early: true, then: http.StatusSeeOther},
		"a member":          {then: http.StatusSeeOther},
		"a guess of a code": {refusal: oidc.ErrRefused, then: http.StatusTooManyRequests},
	} {
		store, hangUp := newTestStore(), func() {}
		p := &hangUpProvider{provider{fails: test.refusal}, func() { hangUp() }}
		s := newSite(t, limited(3, 1000), withStore(store), withLogin(web.ProviderLogin{Provider: p}), func(p *parts) {
			p.limits.Counter = newTestStore()
		})
		store.fails = func(call, _ string) error {
			if test.early && call == "increment" {
				hangUp()
			}
			return nil
		}
		for range 3 {
			state, cookie := beginOIDC(s, "/login")
			ctx, cancel := context.WithCancel(t.Context())
			hangUp = cancel
			r := httptest.NewRequestWithContext(ctx, "GET", own+"/login/callback?code=x&state="+state, nil)
			r.AddCookie(cookie)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			if w.Code != 499 {
				t.Errorf("%s: got %d, want 499", name, w.Code)
			}
		}
		if got := store.Len(); got != 0 {
			t.Errorf("%s: the store holds %d entries, want none", name, got)
		}
		hangUp = func() {}
		state, cookie := beginOIDC(s, "/login")
		wantStatus(t, callback(s, state, cookie), test.then)
	}
}

// hashless has members beside those of a directory whose hashes are of no use.
type hashless struct{ directory }

func (d hashless) Account(ctx context.Context, usercode string) (member.Account, error) {
	if hash, ok := map[string]string{"nohash": "", "row": "$2y$no-hash"}[usercode]; ok {
		return member.Account{Member: member.Member{UserCode: usercode}, PasswordHash: hash}, nil
	}
	return d.directory.Account(ctx, usercode)
}

// TestTheAuditLog answers "why could this member not log in yesterday?", and names nobody.
func TestTheAuditLog(t *testing.T) {
	s := newSite(t, withProxies("192.0.2.0/24"), withLinksAPI, func(p *parts) {
		p.members, p.limits.PerAddress.Count, p.limits.PerMember.Count = hashless{}, 7, 3
	})
	from := []string{"X-Forwarded-For", "198.51.100.77"}
	logIn := func(usercode, password string) *http.Response {
		return s.post("/login", url.Values{"usercode": {usercode}, "password": {password}}, from...)
	}
	logIn("minji", "not-hers")
	cookie := cookieOf(t, logIn("minji", password))
	s.get("/login", append(from, "Cookie", cookie)...)
	s.get("/help/ticket", append(from, "Cookie", cookie)...)
	s.post("/logout", nil, append(from, "Cookie", cookie)...)
	logIn("nobody", "x")
	logIn("nohash", "x")
	logIn("row", "x")
	logIn("ｍINJI", "x") // in full-width letters
	logIn("minji", "x")
	logIn("Minji", "x") // the fourth for her
	logIn("other", "x") // the eighth from there
	key := []string{"X-Forwarded-For", "198.51.100.77", "Authorization", "Bearer " + backendKey, "Content-Type", "application/json"}
	s.do("POST", "/v1/links", strings.NewReader(`{"usercode":"minji"}`), key...)
	s.do("DELETE", "/v1/members/minji/sessions", nil, key...)
	s.do("GET", "/v1/members/minji/sessions", nil, key...)
	s.do("DELETE", "/v1/members/minji", nil, key...)
	var got []string
	for line := range strings.Lines(s.log.String()) {
		if _, event, ok := strings.Cut(line, "msg=audit "); ok {
			event, id, _ := strings.Cut(event, " request_id=")
			if len(strings.TrimSpace(id)) < 20 {
				t.Errorf("got request id %q", id)
			}
			got = append(got, event)
		}
	}
	hash := sha256.Sum256([]byte(backendKey))
	caller := hex.EncodeToString(hash[:4])
	who := func(usercode string) string { return " member=" + testKey.ID(usercode) + " network=198.51.100.0/24" }
	want := []string{
		"event=login way=password outcome=refused reason=wrong" + who("minji"),
		"event=login way=password outcome=ok" + who("minji"),
		"event=handoff way=form outcome=sent" + who("minji"),
		"event=handoff way=link outcome=ok" + who("minji"),
		"event=logout way=member outcome=ok" + who("minji"),
		"event=login way=password outcome=refused reason=unknown" + who("nobody"),
		"event=login way=password outcome=refused reason=no_hash" + who("nohash"),
		"event=login way=password outcome=refused reason=row" + who("row"),
		"event=login way=password outcome=refused reason=unknown" + who("minji"),
		"event=login way=password outcome=refused reason=wrong" + who("minji"),
		"event=login way=password outcome=held_back reason=member_limit" + who("minji"),
		"event=login way=password outcome=held_back reason=address_limit" + who("other"),
		"event=handoff way=link outcome=ok caller=" + caller + who("minji"),
		"event=logout way=api outcome=ok caller=" + caller + who("minji"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the audit lines differ (-want +got):\n%s", diff)
	}
	for _, personal := range []string{"minji", "김민지", "example.com\"", "not-hers", "198.51.100.77"} {
		if strings.Contains(s.log.String(), personal) {
			t.Errorf("the log has %s: %s", personal, s.log)
		}
	}
}

func TestALongPathIsCutInTheLog(t *testing.T) {
	s := newSite(t)
	s.get("/" + strings.Repeat("%EA%B0%80", 500))
	for line := range strings.Lines(s.log.String()) {
		if n := strings.Count(line, "가"); n != 199 {
			t.Errorf("got %d letters, want the path cut to 200 characters: %s", n, line)
		}
	}
}
