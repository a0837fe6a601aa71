package check

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// loginCases test the login URL (PROTOCOL 6).
func loginCases() []Case {
	page, typed, both := []need{needLogin}, []need{needPassword}, []need{needLogin, needMember}
	return []Case{
		{"login/page", Must, "The login URL shows a page with a password form, over https unless on loopback (PROTOCOL 6)",
			page, loginPage},
		{"login/works", Must, "The right password leads to a handoff (PROTOCOL 6)", typed, loginWorks},
		{"login/wrong-password", Must, "A wrong password leads to no handoff and no session (PROTOCOL 6)",
			typed, afterWrongPassword(loginWrongPassword)},
		{"login/return-url-kept", Must, "The returnUrl survives a wrong password (PROTOCOL 6)", typed, afterWrongPassword(loginReturnURLKept)},
		{"login/return-url", Must, "The handoff after the login leads to the returnUrl (PROTOCOL 6)", typed, withMember(loginReturnURL)},
		{"login/already-logged-in", Must, "A member who is logged in is handed off at once (PROTOCOL 6)", both, withMember(loginAlready)},
		{"login/hostile-return-url", Must, "No returnUrl leads a guest away from the allowed origins (PROTOCOL D14)",
			page, loginHostileGuest},
		{"login/hostile-return-url-member", Must, "No returnUrl leads a member away from the allowed origins, and none that would is signed (PROTOCOL D14)",
			both, withMember(loginHostileMember)},
		{"login/hostile-return-url-posted", Must, "No returnUrl posted with the right password leads away from the allowed origins (PROTOCOL D14)",
			typed, loginHostilePosted},
		{"login/session-id", Must, "The session's cookie has a new value after the login, whatever it was before (PROTOCOL 6)",
			[]need{needPassword, needStatus}, withMember(loginSessionID)},
		{"login/cross-site-post", Should, "A login that another site posts is refused (PROTOCOL 6)",
			[]need{needPassword, needStatus}, withMember(loginCrossSite)},
		{"login/same-failure", Should, "A wrong password and an unknown member look the same (PROTOCOL 6)",
			typed, afterWrongPassword(loginSameFailure)},
		{"login/secret-in-url", Should, "The login form is sent by POST, so that no password gets into a URL (PROTOCOL 6)", page, loginSecretInURL},
		{"login/no-store", Should, "Neither the login page nor the handoff page is cacheable (PROTOCOL 6)", page, loginNoStore},
	}
}

func loginPage(ctx context.Context, s *session) error {
	a, err := s.openLogin(ctx, s.newBrowser(), s.returnPage())
	if err != nil {
		return err
	}
	f, ok := passwordForm(a)
	switch {
	case !ok:
		return fail("a page with a form that has a password field", a.String(), "where members log in elsewhere, give a cookie by --cookie-env")
	case a.status != http.StatusOK:
		return fail("200", a.String(), "the login page is 200; only the answer to a failed login may have another status")
	}
	for _, u := range []*url.URL{a.url, f.action} {
		if u.Scheme != "https" && !isLoopback(u.Hostname()) {
			return fail("a login over https", withoutQuery(u), "passwords over http can be read on the way")
		}
	}
	return nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

func loginWorks(ctx context.Context, s *session) error {
	if _, err := s.member(ctx); err != nil {
		return s.sharedErr // the failure for which member returns a skip
	}
	return nil
}

// wrongPassword is no member's password, unknownMember is no member's usercode.
const (
	wrongPassword = "not-the-password-0b7e"
	unknownMember = "nobody-4f1d"
)

// A failedLogin is a login of the member with a wrong password.
type failedLogin struct {
	browser   *browser
	returnURL string
	answer    answer
}

// afterWrongPassword returns a case that runs check after a failed login, which the cases share.
func afterWrongPassword(check func(context.Context, *session, failedLogin) error) runFunc {
	return func(ctx context.Context, s *session) error {
		if s.failedLogin == nil {
			l, err := s.failLogin(ctx, s.target.UserCode)
			if err != nil {
				return err
			}
			s.failedLogin = &l
		}
		return check(ctx, s, *s.failedLogin)
	}
}

// failLogin tries to log in with a wrong password.
func (s *session) failLogin(ctx context.Context, usercode string) (failedLogin, error) {
	l := failedLogin{browser: s.newBrowser(), returnURL: s.returnPage()}
	f, err := s.loginForm(ctx, l.browser, l.returnURL)
	if err != nil {
		return l, err
	}
	l.answer, err = l.browser.submit(ctx, s.fill(f, usercode, wrongPassword))
	return l, err
}

func loginWrongPassword(_ context.Context, s *session, l failedLogin) error {
	if h, ok := s.findHandoff(l.answer); ok {
		return fail("the login page again", "a handoff by "+h.way, "check the password")
	}
	return nil
}

func loginReturnURLKept(ctx context.Context, s *session, l failedLogin) error {
	if _, ok := s.findHandoff(l.answer); ok {
		return skip("a wrong password is accepted; see login/wrong-password")
	}
	f, ok := passwordForm(l.answer)
	if !ok {
		return fail("the login form again after a wrong password", l.answer.String(), "show the form again, with the returnUrl in it")
	}
	if f.hasValue(l.returnURL) {
		return nil
	}
	// The returnUrl may be in the session instead: log in and see.
	a, err := l.browser.submit(ctx, s.fillLogin(f))
	if err != nil {
		return err
	}
	if h, ok := s.findHandoff(a); !ok || !h.returnsTo(l.returnURL) {
		return fail("a handoff that leads to "+l.returnURL+" after a wrong password and the right one", a.String(),
			"carry the returnUrl in a hidden field of the form")
	}
	return nil
}

func loginReturnURL(_ context.Context, _ *session, m *member) error {
	if m.handoff.returnsTo(m.returnURL) {
		return nil
	}
	got, _, _ := strings.Cut(m.handoff.destination(), "?") // the query may have a token
	return fail("a handoff that leads to "+m.returnURL, `one that leads to "`+got+`"`, "carry the returnUrl through the login form")
}

func loginAlready(ctx context.Context, s *session, m *member) error {
	_, err := s.handOff(ctx, m.browser, s.returnPage())
	return err
}

func loginHostileGuest(ctx context.Context, s *session) error {
	return s.checkHostile(ctx, s.newBrowser())
}

func loginHostileMember(ctx context.Context, s *session, m *member) error {
	return s.checkHostile(ctx, m.clone())
}

// checkHostile opens the login URL with every hostile returnUrl.
func (s *session) checkHostile(ctx context.Context, b *browser) error {
	for _, hostile := range s.hostileReturnURLs() {
		a, err := s.openLogin(ctx, b, hostile)
		if err != nil {
			return err
		}
		if err := s.checkAllowed(a, hostile); err != nil {
			return err
		}
	}
	return nil
}

// checkAllowed fails if an answer leads a browser to an origin that is not allowed.
func (s *session) checkAllowed(a answer, hostile string) error {
	const hint = "parse the returnUrl, compare scheme, host and port with the help center's and your own, and refuse everything else"
	want := "nothing that leads away from the allowed origins for the returnUrl " + hostile
	if location := a.header.Get("Location"); a.status >= 300 && a.status <= 399 && !s.target.allows(browserOrigin(a.url, location)) {
		return fail(want, "a redirect to "+location, hint)
	}
	for _, f := range a.forms() {
		if !s.target.allows(originOf(f.action)) {
			return fail(want, "a form that posts to "+withoutQuery(f.action), hint)
		}
		if to := f.values().Get("returnUrl"); isRemoteLogin(f) && to != "" && !s.target.allows(browserOrigin(a.url, to)) {
			return fail(want, "a signed form with it", hint)
		}
	}
	return nil
}

// postedHostile is how many hostile returnUrls are posted. It is small because an integration may
// limit logins.
const postedHostile = 4

func loginHostilePosted(ctx context.Context, s *session) error {
	for _, hostile := range s.hostileReturnURLs()[:postedHostile] {
		b, returnURL := s.newBrowser(), s.returnPage()
		f, err := s.loginForm(ctx, b, returnURL)
		if err != nil {
			return err
		}
		a, err := b.submit(ctx, s.fillLogin(f).withValueReplaced(returnURL, hostile))
		if err != nil {
			return err
		}
		if err := s.checkAllowed(a, hostile); err != nil {
			return err
		}
	}
	return nil
}

func loginSessionID(ctx context.Context, s *session, m *member) error {
	cookies, err := s.loginCookies(ctx, m)
	if err != nil {
		return err
	}
	b := s.newBrowser()
	for _, c := range cookies {
		b.setCookie(mustParse(s.target.LoginURL).Hostname(), &http.Cookie{Name: c.Name, Value: "planted-by-somebody-else"})
	}
	if _, err := s.loginForm(ctx, b, s.returnPage()); err != nil {
		return err
	}
	before := map[string]string{}
	for _, c := range b.cookies {
		before[c.Name] = c.Value
	}
	if _, err := s.logIn(ctx, b); err != nil {
		return errNoLogin
	}
	for _, c := range cookies {
		for _, after := range b.cookies {
			if after.Name == c.Name && after.Value == before[c.Name] {
				return fail("another value of the cookie "+c.Name+" after the login", "the one from before",
					"make a new session id at each login, or somebody who planted the old one is logged in as well")
			}
		}
	}
	return nil
}

func loginCrossSite(ctx context.Context, s *session, m *member) error {
	if err := s.checkStatusWorks(ctx, m.browser); err != nil {
		return err
	}
	f, err := s.loginForm(ctx, s.newBrowser(), s.returnPage())
	if err != nil {
		return err
	}
	b := s.newBrowser() // without the page's cookies, as on a post from another site
	filled := s.fillLogin(f)
	a, err := b.do(ctx, filled.method, filled.action.String(), filled.values(),
		header{"Origin", "https://attacker.example"}, header{"Sec-Fetch-Site", "cross-site"}, header{"Sec-Fetch-Mode", "navigate"})
	if err != nil {
		return err
	}
	loggedIn, err := s.isLoggedIn(ctx, b)
	if err != nil {
		return err
	}
	if loggedIn {
		return fail("no session after a post from https://attacker.example", a.String()+" and a session",
			"compare the Origin of a post with your own, or have a token in the form: a member logged in as the attacker writes to the attacker's history")
	}
	return nil
}

func loginSameFailure(ctx context.Context, s *session, l failedLogin) error {
	other, err := s.failLogin(ctx, unknownMember)
	if err != nil {
		return err
	}
	if l.answer.status == http.StatusTooManyRequests || other.answer.status == http.StatusTooManyRequests {
		return skip("the integration limits logins for now; run again in a minute")
	}
	look := func(a answer, usercode string) string {
		return http.StatusText(a.status) + " " + strings.ReplaceAll(a.text(), usercode, "")
	}
	if member, unknown := look(l.answer, s.target.UserCode), look(other.answer, unknownMember); member != unknown {
		return fail("the same answer for a member and for an unknown usercode", member+" / "+unknown,
			"nobody may learn from the answer which usercodes exist")
	}
	return nil
}

func loginSecretInURL(ctx context.Context, s *session) error {
	f, err := s.loginForm(ctx, s.newBrowser(), s.returnPage())
	if err != nil {
		return err
	}
	if f.method != http.MethodPost {
		return fail(`<form method="post">`, "a form that sends by "+f.method, "URLs end up in logs and histories")
	}
	return nil
}

func loginNoStore(ctx context.Context, s *session) error {
	a, err := s.openLogin(ctx, s.newBrowser(), s.returnPage())
	if err != nil {
		return err
	}
	pages := map[string]answer{"login": a}
	if s.target.has(needMember) {
		if m, err := s.member(ctx); err == nil && m.handoff.way == wayForm {
			pages["handoff"] = m.handoff.page
		}
	}
	for name, page := range pages {
		if !page.lists("Cache-Control", "no-store") {
			return failHeader(page, "Cache-Control", "no-store", "set it on the "+name+" page: a handoff page has a token in it")
		}
	}
	return nil
}
