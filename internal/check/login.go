package check

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// loginCases are those of the login URL (PROTOCOL 6).
func loginCases() []Case {
	page, typed, both := []need{needLogin}, []need{needPassword}, []need{needLogin, needMember}
	return []Case{
		{"login/page", Must, "The login URL shows a page with a password form, over https unless on loopback (PROTOCOL 6)",
			page, loginPage},
		{"login/works", Must, "The right password leads to a handoff (PROTOCOL 6)", typed, loginWorks},
		{"login/wrong-password", Must, "A wrong password leads to no handoff and no session (PROTOCOL 6)",
			typed, loginWrongPassword},
		{"login/return-url-kept", Must, "The returnUrl survives a wrong password (PROTOCOL 6)", typed, loginReturnURLKept},
		{"login/return-url", Must, "The handoff after the login leads to the returnUrl (PROTOCOL 6)", typed, loginReturnURL},
		{"login/already-logged-in", Must, "A member who is logged in is handed off at once (PROTOCOL 6)", both, loginAlready},
		{"login/hostile-return-url", Must, "No returnUrl leads somebody logged out off the allowed origins (PROTOCOL D14)",
			page, loginHostileGuest},
		{"login/hostile-return-url-member", Must, "No returnUrl leads a member off the allowed origins, and none is signed (PROTOCOL D14)",
			both, loginHostileMember},
		{"login/hostile-return-url-posted", Must, "No returnUrl posted with the right password leads off the allowed origins (PROTOCOL D14)",
			typed, loginHostilePosted},
		{"login/session-id", Must, "The session's cookie is a new one after the login, whatever was there before (PROTOCOL 6)",
			[]need{needPassword, needStatus}, loginSessionID},
		{"login/cross-site-post", Should, "A login that another site posts is refused (PROTOCOL 6)",
			[]need{needPassword, needStatus}, loginCrossSite},
		{"login/same-failure", Should, "A wrong password and an unknown member look the same (PROTOCOL 6)",
			typed, loginSameFailure},
		{"login/secret-in-url", Should, "The login form posts: no password gets into a URL (PROTOCOL 6)", page, loginSecretInURL},
		{"login/no-store", Should, "Neither the login page nor the handoff page is cacheable (PROTOCOL 6)", page, loginNoStore},
	}
}

func loginPage(ctx context.Context, s *session) error {
	a, err := s.openLogin(ctx, s.visitor(), s.returnPage())
	if err != nil {
		return err
	}
	f, ok := passwordForm(a)
	switch {
	case !ok:
		return found("a page with a form that has a password field", a.String(), "a login elsewhere can be checked with --cookie-env")
	case a.status != http.StatusOK:
		return found("200", a.String(), "a page that is shown is 200; only a failed login may be another")
	}
	for _, u := range []*url.URL{a.url, f.action} {
		if u.Scheme != "https" && !isLoopback(u.Hostname()) {
			return found("a login over https", withoutQuery(u), "passwords over http can be read on the way")
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
		return s.sharedErr
	}
	return nil
}

// wrong is a password that nobody has.
const wrong = "not-the-password-0b7e"

// A refusal is what came of a wrong password.
type refusal struct {
	browser   *browser
	returnURL string
	answer    answer
}

// refusal tries a wrong password for the member, once in a run.
func (s *session) refusal(ctx context.Context) (refusal, error) {
	if s.refused != nil {
		return *s.refused, nil
	}
	r := refusal{browser: s.visitor(), returnURL: s.returnPage()}
	f, err := s.loginForm(ctx, r.browser, r.returnURL)
	if err != nil {
		return r, err
	}
	if r.answer, err = s.submit(ctx, r.browser, s.fill(f, s.target.UserCode, wrong)); err != nil {
		return r, err
	}
	s.refused = &r
	return r, nil
}

func loginWrongPassword(ctx context.Context, s *session) error {
	r, err := s.refusal(ctx)
	if err != nil {
		return err
	}
	if h, ok := s.handoffOf(r.answer); ok {
		return found("the login page again", "a handoff by "+h.way, "check the password")
	}
	return nil
}

func loginReturnURLKept(ctx context.Context, s *session) error {
	r, err := s.refusal(ctx)
	if err != nil {
		return err
	}
	if _, ok := s.handoffOf(r.answer); ok {
		return skip("a wrong password is let in; login/wrong-password says more")
	}
	f, ok := passwordForm(r.answer)
	if !ok {
		return found("the login form again after a wrong password", r.answer.String(), "show the form again, with the returnUrl in it")
	}
	if f.carries(r.returnURL) {
		return nil
	}
	// What the form doesn't carry, the session may: a second try tells.
	a, err := s.submit(ctx, r.browser, s.fill(f, s.target.UserCode, s.target.Password.Reveal()))
	if err != nil {
		return err
	}
	if h, ok := s.handoffOf(a); !ok || !leadsBack(h, r.returnURL) {
		return found("a handoff that leads to "+r.returnURL+" after a wrong password and the right one", a.String(),
			"carry the returnUrl in a hidden field of the form")
	}
	return nil
}

// passwordForm is the page's login form.
func passwordForm(a answer) (form, bool) {
	for _, f := range a.forms() {
		if f.asksPassword() {
			return f, true
		}
	}
	return form{}, false
}

// leadsTo is where the help center sends the member after the handoff; "" for the answer SUCCESS.
func (h handoff) leadsTo() string {
	if h.location != nil {
		return h.location.String()
	}
	return h.form.values().Get("returnUrl")
}

// leadsBack reports whether the handoff ends at returnURL, which has one query parameter; the handoff may add others.
func leadsBack(h handoff, returnURL string) bool {
	got, err := url.Parse(h.leadsTo())
	want, wantErr := url.Parse(returnURL)
	return err == nil && wantErr == nil && withoutQuery(got) == withoutQuery(want) && got.Query().Get("check") == want.Query().Get("check")
}

func loginReturnURL(ctx context.Context, s *session) error {
	m, err := s.member(ctx)
	if err != nil {
		return err
	}
	if !leadsBack(m.handoff, m.returnURL) {
		return found("a handoff that leads to "+m.returnURL, "one that leads to "+withoutToken(m.handoff.leadsTo()),
			"carry the returnUrl through the login form")
	}
	return nil
}

// withoutToken is the URL for a person to read.
func withoutToken(text string) string {
	address, _, _ := strings.Cut(text, "?")
	return `"` + address + `"`
}

func loginAlready(ctx context.Context, s *session) error {
	m, err := s.member(ctx)
	if err != nil {
		return err
	}
	_, err = s.handOff(ctx, m.browser, s.returnPage())
	return err
}

func loginHostileGuest(ctx context.Context, s *session) error {
	return s.eachHostile(ctx, s.visitor())
}

func loginHostileMember(ctx context.Context, s *session) error {
	m, err := s.member(ctx)
	if err != nil {
		return err
	}
	return s.eachHostile(ctx, m.clone())
}

// eachHostile asks the login URL for every hostile returnUrl.
func (s *session) eachHostile(ctx context.Context, b *browser) error {
	for _, hostile := range s.hostileReturnURLs() {
		a, err := s.openLogin(ctx, b, hostile)
		if err != nil {
			return err
		}
		if err := s.staysHere(a, hostile); err != nil {
			return err
		}
	}
	return nil
}

// staysHere judges what an answer would make a browser do.
func (s *session) staysHere(a answer, hostile string) error {
	const hint = "parse the returnUrl, compare scheme, host and port with the help center's and your own, and refuse everything else"
	want := "no way off the allowed origins for the returnUrl " + hostile
	if location := a.header.Get("Location"); a.status >= 300 && a.status <= 399 && !s.target.allows(browserOrigin(a.url, location)) {
		return found(want, "a redirect to "+location, hint)
	}
	for _, f := range a.forms() {
		if !s.target.allows(originOf(f.action)) {
			return found(want, "a form that posts to "+withoutQuery(f.action), hint)
		}
		if to := f.values().Get("returnUrl"); isRemoteLogin(f) && to != "" && !s.target.allows(browserOrigin(a.url, to)) {
			return found(want, "a signed form with it", hint)
		}
	}
	return nil
}

// postedHostile is how many hostile returnUrls are posted with the right password, each a login that counts.
const postedHostile = 4

func loginHostilePosted(ctx context.Context, s *session) error {
	for _, hostile := range s.hostileReturnURLs()[:postedHostile] {
		b, returnURL := s.visitor(), s.returnPage()
		f, err := s.loginForm(ctx, b, returnURL)
		if err != nil {
			return err
		}
		a, err := s.submit(ctx, b, s.fill(f, s.target.UserCode, s.target.Password.Reveal()).replaced(returnURL, hostile))
		if err != nil {
			return err
		}
		if err := s.staysHere(a, hostile); err != nil {
			return err
		}
	}
	return nil
}

func loginSessionID(ctx context.Context, s *session) error {
	cookies, err := s.sessionCookies(ctx)
	if err != nil {
		return err
	}
	b := s.visitor()
	planted := map[string]string{}
	login, err := url.Parse(s.target.LoginURL)
	if err != nil {
		return err
	}
	for _, c := range cookies {
		b.keep(login.Hostname(), &http.Cookie{Name: c.Name, Value: "planted-by-somebody-else"})
	}
	if _, err := s.loginForm(ctx, b, s.returnPage()); err != nil {
		return err
	}
	for _, c := range b.cookies {
		planted[c.Name] = c.Value
	}
	m, err := s.logIn(ctx, b)
	if err != nil {
		return errNoLogin
	}
	for _, c := range cookies {
		for _, after := range m.cookies {
			if after.Name == c.Name && after.Value == planted[c.Name] {
				return found("another value of the cookie "+c.Name+" after the login", "the one from before",
					"make a new session id at each login, or somebody who planted the old one is logged in as well")
			}
		}
	}
	return nil
}

func loginCrossSite(ctx context.Context, s *session) error {
	if _, err := s.seenMember(ctx); err != nil {
		return err
	}
	f, err := s.loginForm(ctx, s.visitor(), s.returnPage())
	if err != nil {
		return err
	}
	b := s.visitor() // who comes from another site has no cookie of the page
	filled := s.fill(f, s.target.UserCode, s.target.Password.Reveal())
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
		return found("no session after a post from https://attacker.example", a.String()+" and a session",
			"compare the Origin of a post with your own, or have a token in the form: a member logged in as the attacker writes to the attacker's history")
	}
	return nil
}

func loginSameFailure(ctx context.Context, s *session) error {
	const nobody = "nobody-4f1d"
	r, err := s.refusal(ctx)
	if err != nil {
		return err
	}
	b := s.visitor()
	f, err := s.loginForm(ctx, b, s.returnPage())
	if err != nil {
		return err
	}
	a, err := s.submit(ctx, b, s.fill(f, nobody, wrong))
	if err != nil {
		return err
	}
	if r.answer.status == http.StatusTooManyRequests || a.status == http.StatusTooManyRequests {
		return skip("logins are held back for now; run again in a minute")
	}
	look := func(a answer, usercode string) string {
		return http.StatusText(a.status) + " " + strings.ReplaceAll(a.text(), usercode, "")
	}
	if member, unknown := look(r.answer, s.target.UserCode), look(a, nobody); member != unknown {
		return found("the same answer for a member as for nobody", member+" / "+unknown, "who asks may not learn which usercodes exist")
	}
	return nil
}

func loginSecretInURL(ctx context.Context, s *session) error {
	f, err := s.loginForm(ctx, s.visitor(), s.returnPage())
	if err != nil {
		return err
	}
	if f.method != http.MethodPost {
		return found(`<form method="post">`, "a form that sends by "+f.method, "URLs end up in logs and histories")
	}
	return nil
}

func loginNoStore(ctx context.Context, s *session) error {
	a, err := s.openLogin(ctx, s.visitor(), s.returnPage())
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
			return found("Cache-Control: no-store on the "+name+" page", "Cache-Control: "+page.header.Get("Cache-Control"),
				"a handoff page has a token in it")
		}
	}
	return nil
}
