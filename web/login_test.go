package web_test

import (
	"context"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/member"
	"ocsso/internal/member/membertest"
	passwords "ocsso/internal/password"
	"ocsso/internal/secret"
	"ocsso/internal/session"
	"ocsso/internal/token"
	"ocsso/web"
)

const inquiry = center + "/hangame/hc/ticket/"

// loginAt is the path of a login page with a return URL.
func loginAt(path, returnURL string) string { return path + "?returnUrl=" + url.QueryEscape(returnURL) }

// TestALoginKeepsWhereItLeads on each login page, in each language and after a mistake.
func TestALoginKeepsWhereItLeads(t *testing.T) {
	s := newSite(t)
	to := inquiry + "?a=1&b=2"
	for _, path := range []string{"/login", "/login/form", "/login/api"} {
		filled := url.Values{"usercode": {"minji"}, "password": {password}, "returnUrl": {to}}
		for _, mistake := range []struct{ field, value, invalid string }{
			{"", "", ""}, {"password", "wrong", "usercode"}, {"usercode", " ", "usercode"}, {"password", "", "password"},
		} {
			resp := s.get(loginAt(path, to))
			if mistake.field != "" {
				form := maps.Clone(filled)
				form.Set(mistake.field, mistake.value)
				resp = s.post(path, form)
				wantStatus(t, resp, http.StatusUnauthorized)
			}
			page := body(t, resp)
			wantContains(t, page, `action="`+path+`"`, `name="returnUrl" value="`+inquiry+`?a=1&amp;b=2"`,
				`href="?lang=ja&amp;returnUrl=`+url.QueryEscape(to)+`"`)
			invalid := regexp.MustCompile(`<input[^>]*name="([a-z]*)"[^>]*aria-invalid="true"`).FindStringSubmatch(page)
			if mistake.invalid != "" && (invalid == nil || invalid[1] != mistake.invalid) {
				t.Errorf("%s %q: got %v marked as invalid, want %s", mistake.field, mistake.value, invalid, mistake.invalid)
			}
		}
		resp := s.post(path, filled)
		wantHeader(t, resp, "Location", loginAt(path, to)+"&loggedIn=1")
		wantHeader(t, resp, "Cache-Control", "no-store")
		if got := resp.Header.Get("Set-Cookie"); !regexp.MustCompile(`^__Host-ocsso=[^;]+; Path=/; HttpOnly; Secure; SameSite=None$`).MatchString(got) {
			t.Errorf("got cookie %q", got)
		}
		// Our own pages need no handoff.
		wantHeader(t, s.get(loginAt(path, own+"/help"), "Cookie", cookieOf(t, resp)), "Location", own+"/help")
	}
}

// TestABrowserWithoutCookiesReadsWhy: the right password must not show the empty form again, and a
// proxy must not redirect for ever.
func TestABrowserWithoutCookiesReadsWhy(t *testing.T) {
	http := withOwn("http://localhost:8080")
	for name, test := range map[string]struct {
		login   option
		own     option
		headers []string
		says    i18n.ProblemKind
	}{
		"password over https": {func(*parts) {}, withOwn(own), nil, i18n.ProblemNoCookie},
		"password over http":  {func(*parts) {}, http, nil, i18n.ProblemNoCookieHTTP},
		"identity provider":   {withProvider(&provider{}), withOwn(own), nil, i18n.ProblemNoCookie},
		"proxy":               {withProxyLogin("192.0.2.1/32"), withOwn(own), []string{"X-User", "minji"}, i18n.ProblemNoCookie},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, test.login, test.own)
			back := loginAt("/login/form", inquiry)
			resp := s.get(back+"&loggedIn=1", append(test.headers, "Sec-Fetch-Site", "same-origin")...)
			if resp.StatusCode != 403 || len(resp.Cookies()) != 0 {
				t.Fatalf("got %d and cookies %v, want 403 and none", resp.StatusCode, resp.Cookies())
			}
			says := i18n.For(i18n.KO).Problems[test.says]
			page := body(t, resp)
			wantContains(t, page, says.Title, says.Text, `href="`+strings.TrimPrefix(back, "/login/form")+`"`)
			// A bookmark of that address is just a login page.
			resp = s.get(back+"&loggedIn=1", append(test.headers, "Sec-Fetch-Site", "none")...)
			if resp.StatusCode == 403 {
				t.Error("bookmark: got 403, want a login")
			}
		})
	}
}

func TestAnUnknownMemberAndAWrongPasswordLookTheSame(t *testing.T) {
	s := newSite(t)
	var pages []string
	for _, form := range []url.Values{
		{"usercode": {"minji"}, "password": {"wrong"}, "returnUrl": {inquiry}},
		{"usercode": {"nobody"}, "password": {"wrong"}, "returnUrl": {inquiry}},
		{"usercode": {"MINJI"}, "password": {password}, "returnUrl": {inquiry}},
	} {
		resp := s.post("/login", form)
		wantStatus(t, resp, http.StatusUnauthorized)
		if got := resp.Cookies(); len(got) != 0 {
			t.Errorf("got cookies %v, want none", got)
		}
		page := body(t, resp)
		if !strings.Contains(page, `name="returnUrl" value="`+inquiry+`"`) || !strings.Contains(page, `value="`+form.Get("usercode")+`"`) {
			t.Errorf("%v: the page lost the return URL or the usercode", form)
		}
		if strings.Contains(page, form.Get("password")) {
			t.Errorf("%v: the page has the password", form)
		}
		pages = append(pages, strings.ReplaceAll(page, form.Get("usercode"), ""))
	}
	if pages[0] != pages[1] || pages[0] != pages[2] {
		t.Errorf("got different pages:\n%s\n%s\n%s", pages[0], pages[1], pages[2])
	}
}

// TestAnotherOriginIsNeverReturnedTo is D14; package helpcenter has the long table.
func TestAnotherOriginIsNeverReturnedTo(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	for _, evil := range []string{"//evil.test", `/\evil.test`, "https:evil.test", center + "@evil.test/", center + ".evil.test/", "https://evil.test/", "/help", "javascript:alert(1)"} {
		for _, path := range []string{"/login", "/login/form", "/login/api"} {
			for name, resp := range map[string]*http.Response{
				"logged out": s.get(loginAt(path, evil)),
				"logged in":  s.get(loginAt(path, evil), "Cookie", cookie),
				"posted":     s.post(path, url.Values{"usercode": {"minji"}, "password": {password}, "returnUrl": {evil}}),
			} {
				wantStatus(t, resp, http.StatusBadRequest)
				wantHeader(t, resp, "Location", "")
				if page := body(t, resp); strings.Contains(page, `name="token"`) || strings.Contains(page, `href="`+evil) {
					t.Errorf("%s %q: got a page that signs or links: %s", name, evil, page)
				}
			}
		}
	}
}

// TestAMalformedURLOfOursLeadsToTheHomePage: only foreign origins are refused.
func TestAMalformedURLOfOursLeadsToTheHomePage(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	for malformed, home := range map[string]string{
		center + "/second/hc/?q=100%":                             center + "/second/hc/",
		center + `/second/hc/a\b`:                                 center + "/second/hc/",
		center + "/hangame/hc//ticket/":                           center + "/hangame/hc/",
		center + "/second/hc/faq/A%2FB":                           center + "/second/hc/",
		center + "/second/hc/?=x":                                 center + "/second/hc/",
		center + "/second/hc/" + strings.Repeat("%ED%95%9C", 230): center + "/second/hc/",
		center + "/second/hc/?q=a b":                              center + "/second/hc/",
		center + "/second/../hc/":                                 center + "/second/hc/",
		own + "//x":                                               center + "/hangame/hc/",
	} {
		_, fields := handoffForm(t, s.get(loginAt("/login", malformed), "Cookie", cookie, "Sec-Fetch-Site", "none"))
		if got := fields.Get("returnUrl"); got != home {
			t.Errorf("%s: got %s, want %s", malformed, got, home)
		}
		wantContains(t, body(t, s.get(loginAt("/login", malformed))), `name="returnUrl" value="`+home+`"`)
		resp := s.post("/login", url.Values{"usercode": {"minji"}, "password": {password}, "returnUrl": {malformed}})
		wantHeader(t, resp, "Location", loginAt("/login", home)+"&loggedIn=1")
	}
	wantContains(t, s.log.String(), `msg="malformed returnUrl: leading to the home page" reason="has a bad percent escape"`)
	wantLacks(t, s.log.String(), "100%")
}

func TestATypedUsercodeMayBeSpelledInOtherWays(t *testing.T) {
	s := newSite(t, limited(1000, 1))
	for _, typed := range []string{"minji ", "\tminji", "\u00a0minji\u200b", "ｍｉｎｊｉ", "\u3000minji\n"} {
		resp := s.post("/login", url.Values{"usercode": {typed}, "password": {password}})
		wantStatus(t, resp, http.StatusSeeOther)
		wantState(t, s.get("/login/status", "Cookie", cookieOf(t, resp)), "minji")
	}
	// The password is never trimmed, and all spellings count as one member.
	wantStatus(t, s.post("/login", url.Values{"usercode": {"minji"}, "password": {password + " "}}), http.StatusUnauthorized)
	wantStatus(t, s.post("/login", url.Values{"usercode": {"ｍinji"}, "password": {password}}), http.StatusTooManyRequests)
}

// TestTheFormHandoff is CONTRACT 4, D2, D3, D9 and D15.
func TestTheFormHandoff(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	before := time.Now().UnixMilli()
	resp := s.get(loginAt("/login", center+"/second/hc/?a&b=1"), "Cookie", cookie)
	wantHeader(t, resp, "Cache-Control", "no-store")
	action, fields := handoffForm(t, resp)
	if want := center + "/v2/enduser/remote.json"; action != want {
		t.Errorf("action: got %s, want %s", action, want)
	}
	at, err := strconv.ParseInt(fields.Get("time"), 10, 64)
	if err != nil || at < before || at > time.Now().UnixMilli() {
		t.Errorf("time: got %q, want milliseconds of now", fields.Get("time"))
	}
	sent := token.Claims{
		Service: "second", Member: minji, ReturnURL: center + "/second/hc/?a=&b=1", Time: at,
	}
	want := url.Values{
		"service": {sent.Service}, "usercode": {sent.UserCode}, "username": {sent.UserName}, "email": {sent.Email}, "phone": {sent.Phone},
		"memberno": {sent.MemberNo}, "returnUrl": {sent.ReturnURL}, "time": {fields.Get("time")}, "token": {token.Sign(secret.New(key), sent)},
	}
	if fields.Encode() != want.Encode() {
		t.Errorf("fields: got %v, want %v", fields, want)
	}
	wantState(t, s.get("/token/verify?usercode=minji&token="+url.QueryEscape(fields.Get("token"))), "minji")
	_, fields = handoffForm(t, s.get("/login", "Cookie", cookie))
	if got, want := fields.Get("returnUrl"), center+"/hangame/hc/"; got != want { // D14
		t.Errorf("without a returnUrl: got %s, want the default service's home %s", got, want)
	}
}

const remoteLoginAnswer = `{"header":{"resultCode":200,"resultMessage":"","isSuccessful":true},"result":{"content":"access+token"}}`

// TestTheHelpCentersFaultsAreAPage has each way in which the server call can fail.
func TestTheHelpCentersFaultsAreAPage(t *testing.T) {
	for name, test := range map[string]struct {
		center option
		log    string
	}{
		"refused":     {answering(t, 200, `{"header":{"resultCode":9001,"resultMessage":"invalid token","isSuccessful":false},"result":null}`), "code 9001: invalid token"},
		"unexpected":  {answering(t, 500, "<h1>stack trace</h1>"), "status 500"},
		"unreachable": {withCenter("http://127.0.0.1:1"), "unreachable"},
	} {
		s := newSite(t, test.center, withHandoff(helpcenter.API))
		cookie := s.logIn(minji)
		resp := s.get("/login", "Cookie", cookie)
		wantStatus(t, resp, http.StatusBadGateway)
		page := body(t, resp)
		id := resp.Header.Get("X-Request-Id")
		if id == "" || !strings.Contains(page, id) {
			t.Errorf("%s: got no request id in the page", name)
		}
		if strings.Contains(page, "stack trace") || strings.Contains(page, "9001") {
			t.Errorf("%s: the page has the help center's words: %s", name, page)
		}
		if log := s.log.String(); !strings.Contains(log, test.log) || !strings.Contains(log, id) {
			t.Errorf("%s: got log %s, want %q and the request id", name, log, test.log)
		}
	}
}

// TestTheLinkHandoff is CONTRACT 8 and D4.
func TestTheLinkHandoff(t *testing.T) {
	s := newSite(t, withHandoff(helpcenter.Link))
	resp := s.get(loginAt("/login", inquiry), "Cookie", s.logIn(minji))
	wantStatus(t, resp, http.StatusSeeOther)
	link, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(link.String(), inquiry+"?usercode=minji&username=") {
		t.Fatalf("got %v, %v", link, err)
	}
	wantState(t, s.get("/token/verify?usercode=minji&token="+url.QueryEscape(link.Query().Get("token"))), "minji")

	for _, m := range []member.Member{simple, broken} { // who have no email, or none that can be sent
		cookie := s.logIn(m)
		for _, target := range []string{"/login", "/help/ticket"} {
			wantStatus(t, s.get(target, "Cookie", cookie), http.StatusUnprocessableEntity)
		}
		resp := s.get("/help/ticket", "Cookie", cookie, "Accept", "application/json")
		wantStatus(t, resp, http.StatusUnprocessableEntity)
		wantContains(t, body(t, resp), "email")
	}
}

// TestAFieldThatCantBeSentIsLeftOut is D20.
func TestAFieldThatCantBeSentIsLeftOut(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(broken)
	for range 2 {
		_, fields := handoffForm(t, s.get("/login", "Cookie", cookie))
		if fields.Get("usercode") != broken.UserCode || fields.Has("email") {
			t.Errorf("got %v, want the usercode and no email", fields)
		}
	}
	log := s.log.String()
	if n := strings.Count(log, "field=email"); n != 1 || strings.Contains(log, broken.Email) {
		t.Errorf("got %d lines with the field, want 1 and not the value: %s", n, log)
	}
}

// TestALoopStopsInItsThirdRound is D8.
func TestALoopStopsInItsThirdRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		cookie := s.logIn(minji)
		looped := func(target string) bool {
			resp := s.get(target, "Cookie", cookie)
			wantStatus(t, resp, http.StatusOK)
			return !formTag.MatchString(body(t, resp))
		}
		want := func(what string, got, want bool) {
			t.Helper()
			if got != want {
				t.Errorf("%s: stopped %v, want %v", what, got, want)
			}
		}
		here := loginAt("/login", inquiry)
		want("first round", looped(here), false)
		time.Sleep(5 * time.Second)
		want("second round", looped(here), false)
		time.Sleep(5 * time.Second)
		want("another page", looped(loginAt("/login", center+"/hangame/hc/")), false)
		// It is the same page with a handoff's fields in its URL.
		want("third round", looped(loginAt("/login", inquiry+"?usercode=minji&time=1&accessToken=x")), true)
		want("after the button", looped(here+"&continue=1"), false)
		want("round after the button", looped(here), true)
		time.Sleep(20 * time.Second)
		want("later", looped(here), false)
	})
}

// TestOnlyTheHelpCenterMakesRounds: our own links, reloads and restored tabs are no rounds of a
// loop, and with signed links there are none at all.
func TestOnlyTheHelpCenterMakesRounds(t *testing.T) {
	here := loginAt("/login", inquiry)
	s := newSite(t)
	cookie := s.logIn(minji)
	for range 5 {
		for _, site := range []string{"same-origin", "same-site", "none"} {
			handoffForm(t, s.get(here, "Cookie", cookie, "Sec-Fetch-Site", site))
		}
	}
	for round := 2; round <= 3; round++ { // the first was our own link
		page := body(t, s.get(here, "Cookie", cookie, "Sec-Fetch-Site", "cross-site"))
		if got, want := !formTag.MatchString(page), round == 3; got != want {
			t.Errorf("round %d: stopped %v, want %v", round, got, want)
		}
	}
	// The button of the loop page hands off once.
	handoffForm(t, s.get(here+"&continue=1", "Cookie", cookie, "Sec-Fetch-Site", "same-origin"))
	if page := body(t, s.get(here, "Cookie", cookie, "Sec-Fetch-Site", "cross-site")); formTag.MatchString(page) {
		t.Error("after the button: got another handoff, want the loop page")
	}
	// A help center under our registrable domain is same-site.
	s = newSite(t, withOwn("https://login.example.com"), withCenter("https://help.example.com"))
	cookie = s.logIn(minji)
	sameSite := loginAt("/login", "https://help.example.com/hangame/hc/")
	for round := range 3 {
		page := body(t, s.get(sameSite, "Cookie", cookie, "Sec-Fetch-Site", "same-site"))
		if got, want := !formTag.MatchString(page), round == 2; got != want {
			t.Errorf("same site, round %d: stopped %v, want %v", round+1, got, want)
		}
	}
	s = newSite(t, withHandoff(helpcenter.Link))
	cookie = s.logIn(minji)
	for range 5 {
		wantStatus(t, s.get(here, "Cookie", cookie, "Sec-Fetch-Site", "cross-site"), http.StatusSeeOther)
	}
}

// TestOnlyANavigationHasEffects is D19.
func TestOnlyANavigationHasEffects(t *testing.T) {
	store := newTestStore()
	s := newSite(t, withStore(store))
	cookie := s.logIn(minji)
	for _, target := range []string{
		loginAt("/login", inquiry), loginAt("/login/form", inquiry), "/login/api", "/help/home", "/help/ticket",
		"/help/tickets", "/login/",
	} {
		before := store.changes
		resp := s.do("HEAD", target, nil, "Cookie", cookie)
		wantStatus(t, resp, http.StatusOK)
		wantHeader(t, resp, "Location", "")
		for _, purpose := range []string{"prefetch", "prefetch;prerender"} {
			resp := s.get(target, "Cookie", cookie, "Sec-Purpose", purpose)
			wantStatus(t, resp, http.StatusServiceUnavailable)
			if page := body(t, resp); page != "" {
				t.Errorf("%s: got %q, want nothing", target, page)
			}
		}
		if store.changes != before {
			t.Errorf("%s: got %d changes of the store, want none", target, store.changes-before)
		}
	}
	wantHeader(t, s.do("HEAD", "/?lang=ja", nil), "Set-Cookie", "")
	wantHeader(t, s.get("/?lang=ja", "Sec-Purpose", "prefetch"), "Set-Cookie", "")

	p := &provider{}
	s = newSite(t, withProvider(p))
	state, waiting := beginOIDC(s, "/login")
	target := "/login/callback?code=x&state=" + url.QueryEscape(state)
	wantStatus(t, s.do("HEAD", target, nil, "Cookie", waiting.Name+"="+waiting.Value), http.StatusOK)
	if p.exchanged != nil {
		t.Error("HEAD redeemed the code")
	}
	wantStatus(t, callback(s, state, waiting), http.StatusSeeOther)
}

// TestTryingAgainIsNoLoop: a member presses the button of an error page again and again.
func TestTryingAgainIsNoLoop(t *testing.T) {
	s := newSite(t, withCenter("http://127.0.0.1:1"), withHandoff(helpcenter.API))
	cookie := s.logIn(minji)
	for range 5 {
		wantStatus(t, s.get("/login", "Cookie", cookie), http.StatusBadGateway)
	}
}

func TestTheLoopPageInAFrameLeadsOutOfIt(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	var page string
	for range 3 {
		first := s.get(loginAt("/login", inquiry+"?iframe=true"), append(frame, "Cookie", cookie)...)
		page = body(t, goOn(t, s, first, "Cookie", cookie))
	}
	out := strings.Index(page, `<a class="button" href="`+loginAt("/login", inquiry)+`" target="_blank" rel="noopener">`)
	if on := strings.Index(page, `id="continue"`); out < 0 || on < out {
		t.Errorf("got the way out at %d and the button to go on at %d of %s", out, on, page)
	}
	wantContains(t, page, `id="continue" href="`+loginAt("/login", inquiry+"?iframe=true")+`&amp;continue=1"`)
}

// TestABrokenStoreIsNoLogout, on pages, for the help center and for a backend.
func TestABrokenStoreIsNoLogout(t *testing.T) {
	store := newTestStore()
	s := newSite(t, withStore(store), withLinksAPI)
	cookie := s.logIn(minji)
	issued := url.QueryEscape(s.issue(cookie))
	store.fails = onFire
	for _, target := range []string{
		"GET /", "GET /login", "GET /help", "GET /logout", "GET /help/ticket", "POST /login", "POST /logout", "GET /login/status",
		"GET /token/verify?usercode=minji&token=" + issued, "POST /v1/links", "DELETE /v1/members/minji/sessions",
	} {
		method, path, _ := strings.Cut(target, " ")
		content, headers := "usercode=minji&password="+url.QueryEscape(password), []string{"Cookie", cookie, "Origin", own}
		switch {
		case strings.HasPrefix(path, "/v1/"):
			content, headers = `{"usercode":"minji"}`, []string{"Authorization", "Bearer " + backendKey}
		case path == "/login/status":
			headers[3] = center
		}
		resp := s.do(method, path, strings.NewReader(content), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
		wantStatus(t, resp, http.StatusServiceUnavailable)
		wantHeader(t, resp, "Retry-After", "2")
		if path == "/login/status" {
			wantReadableBy(t, resp, center)
		}
		if resp.Header.Get("Content-Type") == "application/json" {
			if got, want := body(t, resp), `{"login":"false","usercode":null}`; got != want {
				t.Errorf("%s: got %s, want %s", target, got, want)
			}
		}
	}
	store.fails = nil
	wantStatus(t, s.get("/", "Cookie", cookie), http.StatusOK)
}

// rows is a member directory with accounts as they are in a database.
type rows []member.Account

func (d rows) Account(_ context.Context, usercode string) (member.Account, error) {
	for _, account := range d {
		if strings.EqualFold(account.UserCode, usercode) {
			return account, nil
		}
	}
	return member.Account{}, member.ErrUnknown
}

// TestARowThatCannotBeUsedIsAWrongPasswordToTheMember: the operator's log has the column and no
// value.
func TestARowThatCannotBeUsedIsAWrongPasswordToTheMember(t *testing.T) {
	const md5 = "5f4dcc3b5aa765d61d8327deb882cf99"
	s := newSite(t, func(p *parts) {
		p.members = rows{
			{Member: member.Member{UserCode: "legacy"}, PasswordHash: md5},
			{Member: member.Member{UserCode: "a&b"}, PasswordHash: membertest.Hash},
		}
	})
	unknown := body(t, right(s, "nobody"))
	for usercode, column := range map[string]string{"legacy": "password_hash", "a&b": "usercode", "nobody": ""} {
		s.log.Reset()
		resp := right(s, usercode)
		wantStatus(t, resp, http.StatusUnauthorized)
		if body(t, resp) != strings.ReplaceAll(unknown, "nobody", html.EscapeString(usercode)) {
			t.Errorf("%s: got another page than for somebody unknown", usercode)
		}
		log := s.log.String()
		if got := strings.Contains(log, `level=ERROR msg="a member's row can't be used" column=`+column+" "); got != (column != "") {
			t.Errorf("%s: got the log %s, want an error with the column %q", usercode, log, column)
		}
		if strings.Contains(log, md5) || strings.Contains(log, "legacy") || strings.Contains(log, "a&b") {
			t.Errorf("%s: the log %s has a value", usercode, log)
		}
	}
}

// TestTheRowSaysWhoTheMemberIs: the query may ignore case.
func TestTheRowSaysWhoTheMemberIs(t *testing.T) {
	s := newSite(t, func(p *parts) { p.members = rows{{Member: simple, PasswordHash: membertest.Hash}} })
	resp := s.post("/login", url.Values{"usercode": {"SIMPLE"}, "password": {password}})
	wantStatus(t, resp, http.StatusSeeOther)
	wantState(t, s.get("/login/status", "Cookie", cookieOf(t, resp)), "simple")
}

// TestAChangedPasswordEndsTheMembersOtherSessions: whoever knows the old one may be in one of them.
func TestAChangedPasswordEndsTheMembersOtherSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := &changingHash{Directory: directory{}, hash: membertest.Hash}
		login := web.PasswordLogin{Members: members, Passwords: passwords.NewGate(1, 0)}
		s := newSite(t, withLogin(login), func(p *parts) {
			p.members = members
			p.recheck = session.Recheck{Every: time.Minute, Member: login.Recheck}
		})
		old := s.logIn(minji)
		time.Sleep(time.Minute)
		wantState(t, s.get("/login/status", "Cookie", old), "minji")
		members.hash = "$2b$04$......................................................" // another password's
		time.Sleep(time.Minute)
		wantState(t, s.get("/login/status", "Cookie", old), "")
		members.hash = membertest.Hash
		wantState(t, s.get("/login/status", "Cookie", old), "") // for good
		fresh := s.logIn(minji)
		members.hash = ""
		wantStatus(t, s.get("/login", "Cookie", fresh), http.StatusOK) // a handoff asks at once
		wantState(t, s.get("/login/status", "Cookie", fresh), "")
	})
}

// changingHash is a directory whose members have this hash.
type changingHash struct {
	member.Directory
	hash string
}

func (d *changingHash) Account(ctx context.Context, usercode string) (member.Account, error) {
	account, err := d.Directory.Account(ctx, usercode)
	account.PasswordHash = d.hash
	return account, err
}

// A deadlineRecorder keeps the write deadline that a handler has set last.
type deadlineRecorder struct {
	*httptest.ResponseRecorder
	deadline atomic.Pointer[time.Time]
}

func (w *deadlineRecorder) SetWriteDeadline(deadline time.Time) error {
	w.deadline.Store(&deadline)
	return nil
}

// TestOnlyTheWaitForTheHelpCenterExtendsTheWriteDeadline: a member may wait for a slow help center,
// and a client must not keep the answer waiting for as long.
func TestOnlyTheWaitForTheHelpCenterExtendsTheWriteDeadline(t *testing.T) {
	const longest = 60 * time.Second // of several calls to a provider
	w := &deadlineRecorder{ResponseRecorder: httptest.NewRecorder()}
	called := make(chan time.Duration, 1)
	s := newSite(t, withHandoff(helpcenter.API), answeringWith(t, func(w2 http.ResponseWriter, r *http.Request) {
		deadline := w.deadline.Load()
		if deadline == nil {
			deadline = new(time.Time)
		}
		called <- time.Until(*deadline)
		w2.Write([]byte(`{"header":{"isSuccessful":true},"result":{"content":"token"}}`))
	}))
	r := httptest.NewRequest("GET", own+"/login", nil)
	r.Header.Set("Cookie", s.logIn(minji))
	s.handler.ServeHTTP(w, r)
	wantStatus(t, w.Result(), http.StatusSeeOther)
	if got := <-called; got <= longest {
		t.Errorf("during the call: the deadline is in %v, want more than %v", got, longest)
	}
	if got := time.Until(*w.deadline.Load()); got > web.AnswerTimeout {
		t.Errorf("after the call: the deadline is in %v, want at most %v", got, web.AnswerTimeout)
	}
}
