package check

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// loginCases test the login URL (CONTRACT 6).
func loginCases() []Case {
	page, typed, both := []need{needLogin}, []need{needPassword}, []need{needLogin, needMember}
	statusToo := []need{needPassword, needStatus}
	return []Case{
		{"login/page", Must, "6", page, loginPage},
		{"login/works", Must, "6", typed, loginWorks},
		{"login/policy", Must, "6", typed, withMember(loginPolicy)},
		{"login/wrong-password", Must, "6", typed, afterWrongPassword(loginWrongPassword)},
		{"login/return-url-kept", Must, "6", typed, afterWrongPassword(loginReturnURLKept)},
		{"login/return-url", Must, "6", typed, withMember(loginReturnURL)},
		{"login/already-logged-in", Must, "6", both, loginAlready},
		{"login/hostile-return-url", Should, "D14", page, loginHostileGuest},
		{"login/hostile-return-url-member", Should, "D14", both, withMember(loginHostileMember)},
		{"login/hostile-return-url-posted", Should, "D14", typed, loginHostilePosted},
		{"login/markup", Should, "6 D14", page, loginMarkup},
		{"login/session-id", Should, "6 D12", statusToo, withMember(loginSessionID)},
		{"login/cross-site-post", Should, "6", statusToo, withMember(loginCrossSite)},
		{"login/same-failure", Should, "6", typed, afterWrongPassword(loginSameFailure)},
		{"login/secret-in-url", Should, "6", page, loginSecretInURL},
		{"login/password-passed-on", Should, "6 D14", typed, withMember(loginPassedOn)},
		{"login/no-store", Should, "6 D18", page, loginNoStore},
	}
}

func loginPage(ctx context.Context, s *session) error {
	b := s.newBrowser()
	a, err := s.openLogin(ctx, b, s.returnPage())
	if err != nil {
		return err
	}
	f, ok := s.passwordForm(a)
	if !ok {
		if b.asksByScript(ctx, a) {
			return skip(whyScript)
		}
		h := hintLoginForm
		if to, leads := a.leadsTo(); leads && originOf(to) != s.target.HelpCenter {
			h = hint{text: hintAlsoOrigin.text.with(originOf(to)), page: hintAlsoOrigin.page}
		}
		return fail("a page with a form that has a password field", a.String(), h)
	}
	if !a.isHTML() {
		return failHeader(a, "Content-Type", "text/html", hintHTML)
	}
	for _, u := range []*url.URL{a.url, f.action} {
		if u.Scheme != "https" && !isLoopback(u.Hostname()) {
			return fail("a login over https", withoutQuery(u), hintHTTPS)
		}
	}
	if a.status != http.StatusOK {
		return warn("200", a.String(), hintLoginPage200)
	}
	return nil
}

func loginWorks(ctx context.Context, s *session) error {
	m, err := s.sharedMember(ctx)
	if err != nil {
		return err
	}
	return m.noHandoff
}

// loginPolicy checks the login page's own policy: Chromium applies form-action to each redirect
// after a form, the one to the help center included.
func loginPolicy(_ context.Context, s *session, m *member) error {
	if m.page.inChromium {
		return nil // Chromium has applied it
	}
	if blocked, directive := m.page.allowsForm(m.form.action, m.hops); blocked != nil {
		return fail("a Content-Security-Policy that lets the login form go to "+withoutQuery(blocked), directive, hintFormAction)
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

// afterWrongPassword returns a case that runs check after a failed login, which the cases share. A
// login that goes on by script is a skip.
func afterWrongPassword(check func(context.Context, *session, failedLogin) error) runFunc {
	return func(ctx context.Context, s *session) error {
		if _, err := s.sharedMember(ctx); err != nil {
			if _, ok := err.(*failure); !ok {
				return err
			}
		}
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
	a, f, err := s.loginForm(ctx, l.browser, l.returnURL)
	if err != nil {
		return l, err
	}
	l.answer, err = s.sendLogin(ctx, l.browser, a, f, usercode, wrongPassword)
	return l, err
}

func loginWrongPassword(ctx context.Context, s *session, l failedLogin) error {
	if h, ok := s.findHandoff(ctx, l.browser, l.answer); ok {
		return fail("the login page again", "a handoff by "+h.way, hintCheckPassword)
	}
	if l.answer.status >= http.StatusInternalServerError {
		return warn("the login page again", l.answer.String(), hintFormAgain)
	}
	if s.target.LoginStatusURL == "" {
		return nil
	}
	guest, err := s.isLoggedIn(ctx, s.newBrowser())
	if err != nil || guest {
		return nil // for status/logged-out
	}
	if in, err := s.isLoggedIn(ctx, l.browser); err == nil && in {
		return fail("no session", "a session, as the status URL says", hintCheckPassword)
	}
	return nil
}

func loginReturnURLKept(ctx context.Context, s *session, l failedLogin) error {
	if _, ok := s.findHandoff(ctx, l.browser, l.answer); ok {
		return skip(whyAnyPassword)
	}
	m, err := s.member(ctx)
	if err != nil {
		return err
	}
	if err := m.handsOff(); err != nil {
		return err
	}
	page := l.answer
	f, ok := s.passwordForm(page)
	if !ok { // a message, after which the member goes back to the form
		if page, f, err = s.loginForm(ctx, l.browser, l.returnURL); err != nil {
			return fail("the login form again after a wrong password", l.answer.String(), hintFormAgain)
		}
	}
	if f.hasValue(l.returnURL) {
		return nil
	}
	// The returnUrl may be in the session instead: log in and see.
	a, err := s.sendLogin(ctx, l.browser, page, f, s.target.UserCode, s.target.Password.Reveal())
	if err != nil {
		return err
	}
	h, ok := s.findHandoff(ctx, l.browser, a)
	if !ok {
		return fail("a handoff after a wrong password and the right one", a.String(), hintCarry)
	}
	return h.returnsTo(l.returnURL)
}

func loginReturnURL(_ context.Context, _ *session, m *member) error {
	if err := m.handsOff(); err != nil {
		return err
	}
	return m.handoff.returnsTo(m.returnURL)
}

// loginAlready fails, too, when the given cookie or password logs nobody in.
func loginAlready(ctx context.Context, s *session) error {
	m, err := s.sharedMember(ctx)
	if f, ok := err.(*failure); ok {
		return fail("a handoff to the help center at once", "nobody is logged in: "+f.got, f.hint)
	}
	if err != nil {
		return err
	}
	_, err = s.handOff(ctx, m.browser, s.returnPage())
	return err
}

func loginHostileGuest(ctx context.Context, s *session) error {
	return s.checkHostile(ctx, s.newBrowser())
}

func loginHostileMember(ctx context.Context, s *session, m *member) error {
	return s.checkHostile(ctx, m.clone())
}

// hostileInChromium is how many hostile returnUrls are opened in Chromium, which takes a second or
// more each. The others are opened without running scripts.
const hostileInChromium = 4

// checkHostile opens the login URL with every hostile returnUrl.
func (s *session) checkHostile(ctx context.Context, b *browser) error {
	for at, hostile := range s.hostileReturnURLs() {
		open := s.openLogin
		if s.byScript && at >= hostileInChromium {
			open = s.openWithoutScript
		}
		a, err := open(ctx, b, hostile)
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
	want := "nothing that leads away from the allowed origins for the returnUrl " + strconv.Quote(hostile)
	if location := a.header.Get("Location"); a.status >= 300 && a.status <= 399 && !s.target.allows(browserOrigin(a.url, location)) {
		unmet := &failure{want: want, got: "a redirect to " + strconv.Quote(location), hint: hintHostile}
		if to, err := url.Parse(location); err == nil && (to.Query().Has("accessToken") || to.Query().Has("token")) {
			s.hidePersonal(to.Query().Get)
			unmet.outcome = Fail // the vendor's pages hand it to the help center alone
		}
		return unmet
	}
	if to, ok := a.goesOn(); ok && !s.target.allows(browserOrigin(a.url, to.String())) {
		return fail(want, "a page that goes on to "+to.String(), hintHostile)
	}
	for _, f := range a.forms() {
		if !s.target.allows(originOf(f.action)) && (isRemoteLogin(f) || f.passwords() > 0) {
			return fail(want, "a form that posts to "+withoutQuery(f.action), hintHostile)
		}
		if to := f.values().Get("returnUrl"); isRemoteLogin(f) && to != "" && !s.target.allows(browserOrigin(a.url, to)) {
			return fail(want, "a signed form with it", hintHostile)
		}
	}
	return nil
}

// postedHostile is how many hostile returnUrls are posted. It is small because an integration may
// limit logins.
const postedHostile = 4

func loginHostilePosted(ctx context.Context, s *session) error {
	if _, err := s.sharedMember(ctx); err != nil {
		if _, ok := err.(*failure); !ok {
			return err
		}
	}
	if s.byScript {
		return skip(whyNotPosted)
	}
	for _, hostile := range s.hostileReturnURLs()[:postedHostile] {
		b, returnURL := s.newBrowser(), s.returnPage()
		_, f, err := s.loginForm(ctx, b, returnURL)
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
		c.value = "planted-by-somebody-else"
		b.jar.set(c, s.now())
	}
	if _, _, err := s.loginForm(ctx, b, s.returnPage()); err != nil {
		return err
	}
	before := map[string]string{}
	for _, c := range b.jar.cookies {
		before[c.name] = c.value
	}
	if _, err := s.logIn(ctx, b); err != nil {
		return skip(whyNoLogin)
	}
	for _, c := range cookies {
		for _, after := range b.jar.cookies {
			if after.name == c.name && after.value == before[c.name] {
				return fail("another value of the cookie "+c.name+" after the login", "the one from before", hintFixation)
			}
		}
	}
	return nil
}

func loginCrossSite(ctx context.Context, s *session, m *member) error {
	if s.byScript {
		return skip(whyNotPosted)
	}
	if err := s.checkStatusWorks(ctx, m.browser); err != nil {
		return err
	}
	_, f, err := s.loginForm(ctx, s.newBrowser(), s.returnPage())
	if err != nil {
		return err
	}
	b := s.newBrowser() // without the page's cookies, as on a post from another site
	posted := s.fillLogin(f).request()
	posted.headers = []header{{"Origin", "https://attacker.example"}}
	a, err := b.navigate(ctx, posted, "cross-site")
	if err != nil {
		return err
	}
	in, err := s.isLoggedIn(ctx, b)
	if err != nil {
		return err
	}
	if in {
		return fail("no session after a post from https://attacker.example", a.String()+" and a session", hintCrossSite)
	}
	return nil
}

func loginSameFailure(ctx context.Context, s *session, l failedLogin) error {
	other, err := s.failLogin(ctx, unknownMember)
	if err != nil {
		return err
	}
	look := func(a answer, usercode string) string {
		return strconv.Itoa(a.status) + " " + http.StatusText(a.status) + " " + strings.ReplaceAll(a.text(), usercode, "")
	}
	if member, unknown := look(l.answer, s.target.UserCode), look(other.answer, unknownMember); member != unknown {
		return fail("the same answer for a member and for an unknown usercode", member+" / "+unknown, hintSameFailure)
	}
	return nil
}

// injected is the id of an element that a returnUrl tries to put into a page.
const injected = "ocsso-check-injected"

// loginMarkup opens the login URL as a guest and as a member with a returnUrl that breaks out of an
// attribute, of text and of a script.
func loginMarkup(ctx context.Context, s *session) error {
	browsers := []*browser{s.newBrowser()}
	if s.target.has(needMember) {
		if m, err := s.member(ctx); err == nil {
			browsers = append(browsers, m.clone())
		}
	}
	for _, b := range browsers {
		for _, breakout := range []string{`">`, `'>`, `</script>`} {
			returnURL, _, _ := strings.Cut(s.returnPage(), "#")
			a, err := s.openLogin(ctx, b, returnURL+breakout+`<i id=`+injected+`></i>`)
			if err != nil {
				return err
			}
			for node := range a.elements("i") {
				if attribute(node, "id") == injected {
					return fail("the returnUrl as text", "a page with an element of the returnUrl "+strconv.Quote(breakout+"<i>"), hintEscape)
				}
			}
		}
	}
	return nil
}

// loginPassedOn fails when the login redirects in a way that makes a browser post the form, and so
// the password, to another origin.
func loginPassedOn(_ context.Context, s *session, m *member) error {
	if m.postedOn != nil {
		return fail("303 after a login", "a redirect to "+originOf(m.postedOn)+" that posts the form again", hintSeeOther)
	}
	return nil
}

func loginSecretInURL(ctx context.Context, s *session) error {
	b := s.newBrowser()
	a, f, err := s.loginForm(ctx, b, s.returnPage())
	if err != nil {
		return err
	}
	if m, err := s.sharedMember(ctx); a.inChromium && s.target.has(needPassword) && err == nil && m.passwordInURL {
		return fail("a password that is in no URL", "a request with it in its URL", hintPost)
	}
	if f.method != http.MethodPost && !b.isSentByScript(ctx, a, f) {
		return fail(`<form method="post">`, "a form that sends by "+f.method, hintPost)
	}
	return nil
}

func loginNoStore(ctx context.Context, s *session) error {
	a, err := s.openLogin(ctx, s.newBrowser(), s.returnPage())
	if err != nil {
		return err
	}
	pages := []answer{a}
	if s.target.has(needMember) {
		if m, err := s.member(ctx); err == nil && m.handoff.way == wayForm {
			pages = append(pages, m.handoff.page)
		}
	}
	for at, each := range pages {
		if !each.lists("Cache-Control", "no-store") {
			f := failHeader(each, "Cache-Control", "no-store", hintPageNoStore).(*failure)
			f.got = []string{"the login page: ", "the handoff page: "}[at] + f.got
			return f
		}
	}
	return nil
}
