package check

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A session is one run over a target. Its cases share logins, since an integration may limit them.
type session struct {
	target      Target
	transport   http.RoundTripper
	now         func() time.Time
	secrets     []string // seen so far, to be masked in the report
	pageCount   int      // of returnPage
	shared      *member
	sharedErr   error
	failedLogin *failedLogin
	logout      *logout
}

// A member is a browser in which the member is logged in.
type member struct {
	*browser
	handoff   handoff // after the login; zero without a login URL
	returnURL string  // of the login
}

// errNoLogin skips cases that need a login.
var errNoLogin = skip("nobody could log in; see login/works and status/logged-in")

// newBrowser returns a browser without cookies.
func (s *session) newBrowser() *browser {
	return &browser{transport: s.transport, timeout: s.target.Timeout, now: s.now}
}

// returnPage returns a different page of the help center each time, so that a limit on login loops
// does not stop the run.
func (s *session) returnPage() string {
	s.pageCount++
	return s.target.HelpCenter + "/" + url.PathEscape(s.target.Service) + "/hc/ticket/?check=" + strconv.Itoa(s.pageCount)
}

// openLogin opens the login URL for a returnUrl.
func (s *session) openLogin(ctx context.Context, b *browser, returnURL string) (answer, error) {
	return b.open(ctx, withQuery(s.target.LoginURL, header{"returnUrl", returnURL}))
}

// loginForm returns the form of the login page.
func (s *session) loginForm(ctx context.Context, b *browser, returnURL string) (form, error) {
	a, err := s.openLogin(ctx, b, returnURL)
	if err != nil {
		return form{}, err
	}
	if f, ok := passwordForm(a); ok {
		return f, nil
	}
	return form{}, skip("there is no password form; see login/page")
}

// passwordForm returns the page's login form.
func passwordForm(a answer) (form, bool) {
	for _, f := range a.forms() {
		if f.hasPassword() {
			return f, true
		}
	}
	return form{}, false
}

// fill types a usercode and a password into a login form.
func (s *session) fill(f form, usercode, password string) form {
	return f.filled(s.target.UserNameField, s.target.PasswordField, usercode, password)
}

// fillLogin types the member's usercode and password into a login form.
func (s *session) fillLogin(f form) form {
	return s.fill(f, s.target.UserCode, s.target.Password.Reveal())
}

// logIn logs the member in with the password.
func (s *session) logIn(ctx context.Context, b *browser) (*member, error) {
	returnURL := s.returnPage()
	f, err := s.loginForm(ctx, b, returnURL)
	if err != nil {
		return nil, err
	}
	a, err := b.submit(ctx, s.fillLogin(f))
	if err != nil {
		return nil, err
	}
	h, ok := s.findHandoff(a)
	if !ok {
		return nil, fail("a handoff to the help center after the right password", a.String(),
			"log in by hand with the same usercode and password; --username-field and --password-field name the form's fields where they are unusual")
	}
	return &member{b, h, returnURL}, nil
}

// member returns the member that the cases share. No case may log it out. A failed login is a
// failure of login/works alone: every other case that needs a login is skipped.
func (s *session) member(ctx context.Context) (*member, error) {
	if s.shared == nil && s.sharedErr == nil {
		s.shared, s.sharedErr = s.newMember(ctx)
	}
	if _, ok := errors.AsType[*failure](s.sharedErr); ok {
		return nil, errNoLogin
	}
	return s.shared, s.sharedErr
}

// withMember returns a case that runs check with the shared member.
func withMember(check func(context.Context, *session, *member) error) runFunc {
	return func(ctx context.Context, s *session) error {
		m, err := s.member(ctx)
		if err != nil {
			return err
		}
		return check(ctx, s, m)
	}
}

// withHandoff is withMember, skipped unless the login hands off in this way.
func withHandoff(way string, check func(context.Context, *session, *member) error) runFunc {
	return withMember(func(ctx context.Context, s *session, m *member) error {
		if m.handoff.way != way {
			return skip("the login URL doesn't hand off by %s", way)
		}
		return check(ctx, s, m)
	})
}

// newMember logs in with the password, or uses the cookie of a login.
func (s *session) newMember(ctx context.Context) (*member, error) {
	b := s.newBrowser()
	if s.target.Cookie.Reveal() == "" {
		return s.logIn(ctx, b)
	}
	cookies, err := http.ParseCookie(s.target.Cookie.Reveal())
	if err != nil {
		return nil, skip("the given cookie is not name=value: %v", err)
	}
	for _, text := range s.target.urls() {
		for _, c := range cookies {
			b.setCookie(mustParse(text).Hostname(), c)
			s.secrets = append(s.secrets, c.Value)
		}
	}
	m := &member{browser: b, returnURL: s.returnPage()}
	if s.target.LoginURL == "" {
		return m, nil
	}
	m.handoff, err = s.handOff(ctx, b, m.returnURL)
	return m, err
}

// The ways of a handoff.
const (
	wayForm = "form"
	wayAPI  = "api"
	wayLink = "link"
)

// A handoff tells the help center who the member is (PROTOCOL 4, 5 and 8).
type handoff struct {
	way      string
	form     form     // by wayForm
	location *url.URL // by wayAPI and wayLink
	page     answer
	at       time.Time
}

// handOffAgain is handOff to a new return page with a skip in place of a failure, which
// login/already-logged-in reports.
func (s *session) handOffAgain(ctx context.Context, m *member) (h handoff, returnURL string, err error) {
	returnURL = s.returnPage()
	if h, err = s.handOff(ctx, m.browser, returnURL); err != nil {
		err = skip("a logged-in member isn't handed off; see login/already-logged-in")
	}
	return h, returnURL, err
}

// handOff opens the login URL in a browser that is logged in. The error is a failure when no
// handoff follows.
func (s *session) handOff(ctx context.Context, b *browser, returnURL string) (handoff, error) {
	a, err := s.openLogin(ctx, b, returnURL)
	if err != nil {
		return handoff{}, err
	}
	h, ok := s.findHandoff(a)
	if !ok {
		return handoff{}, fail("a handoff to the help center at once", a.String(), "look for the session before showing the login page")
	}
	return h, nil
}

// findHandoff returns the handoff in an answer, even if it is incomplete or wrong.
func (s *session) findHandoff(a answer) (handoff, bool) {
	h := handoff{page: a, at: s.now()}
	if to, ok := a.location(); ok {
		query := to.Query()
		h.location = to
		switch {
		case query.Has("accessToken") || query.Has("usercode") && !query.Has("token"):
			h.way = wayAPI
		case query.Has("token"):
			h.way = wayLink
		}
		s.secrets = append(s.secrets, query.Get("token"), query.Get("accessToken"))
		return h, h.way != ""
	}
	for _, f := range a.forms() {
		if isRemoteLogin(f) {
			h.way, h.form = wayForm, f
			s.secrets = append(s.secrets, f.values().Get("token"))
			return h, true
		}
	}
	return h, false
}

// isRemoteLogin reports whether a form looks like a handoff: it has two of the required fields.
func isRemoteLogin(f form) bool {
	count := 0
	for _, name := range []string{"service", "usercode", "time", "token"} {
		if f.has(name) {
			count++
		}
	}
	return count >= 2 && !f.hasPassword()
}

// values returns the fields of the handoff as the help center gets them.
func (h handoff) values() url.Values {
	if h.way == wayForm {
		return h.form.values()
	}
	if h.location == nil {
		return url.Values{}
	}
	return h.location.Query()
}

// destination is where the help center sends the member after the handoff, or "" if the handoff has
// no returnUrl.
func (h handoff) destination() string {
	if h.location != nil {
		return h.location.String()
	}
	return h.form.values().Get("returnUrl")
}

// returnsTo reports whether the handoff ends at a return page. It may have added to the query.
func (h handoff) returnsTo(returnURL string) bool {
	got, err := url.Parse(h.destination())
	want := mustParse(returnURL)
	return err == nil && withoutQuery(got) == withoutQuery(want) && got.Query().Get("check") == want.Query().Get("check")
}

// signedLink opens the link URL in a browser that is logged in. The link is a redirect, or in JSON.
func (s *session) signedLink(ctx context.Context, b *browser) (*url.URL, error) {
	a, err := b.get(ctx, s.target.LinkURL)
	if err != nil {
		return nil, err
	}
	link, ok := a.location()
	if !ok {
		var body struct{ URL string }
		if json.Unmarshal(a.body, &body) == nil && body.URL != "" {
			link, err = url.Parse(body.URL)
			ok = err == nil
		}
	}
	if !ok {
		return nil, skip("the link URL gave no link; see link/given")
	}
	s.secrets = append(s.secrets, link.Query().Get("token"))
	return link, nil
}

// issuedToken gets a new token for the member that is logged in in b, from a form or a link.
func (s *session) issuedToken(ctx context.Context, b *browser) (string, error) {
	if s.target.LoginURL != "" {
		h, err := s.handOff(ctx, b, s.returnPage())
		if token := h.values().Get("token"); err == nil && token != "" {
			return token, nil
		}
	}
	if s.target.LinkURL != "" {
		if link, err := s.signedLink(ctx, b); err == nil && link.Query().Get("token") != "" {
			return link.Query().Get("token"), nil
		}
	}
	return "", skip("no token was seen: the login URL hands off by none, and there is no --link-url that has one")
}

// A status is the body of a status or verify answer (PROTOCOL 7 and 9).
type status struct {
	loggedIn bool
	usercode string // "" for null
	boolean  bool   // login is a Boolean and not a string (D1)
}

// parseStatus accepts only a body that follows the contract, or that has a Boolean login.
func parseStatus(a answer) (status, error) {
	const want = `200 and {"login":"true","usercode":"..."} or {"login":"false","usercode":null}`
	wrong := fail(want, a.String(), "answer 200 with these two keys and no others")
	var body map[string]any
	if a.status != http.StatusOK || json.Unmarshal(a.body, &body) != nil || len(body) != 2 {
		return status{}, wrong
	}
	usercode, hasUserCode := body["usercode"]
	var got status
	switch login := body["login"].(type) {
	case string:
		if login != "true" && login != "false" {
			return status{}, wrong
		}
		got.loggedIn = login == "true"
	case bool:
		got.loggedIn, got.boolean = login, true
	default:
		return status{}, wrong
	}
	got.usercode, _ = usercode.(string)
	if !hasUserCode || got.loggedIn != (strings.TrimSpace(got.usercode) != "") || !got.loggedIn && usercode != nil {
		return status{}, wrong
	}
	return got, nil
}

// askStatus gets the status URL as the help center's script does, from its origin.
func (s *session) askStatus(ctx context.Context, b *browser) (answer, error) {
	return b.get(ctx, s.target.LoginStatusURL, header{"Origin", s.target.HelpCenter})
}

// isLoggedIn asks the status URL. An answer that breaks the contract is a skip, since the status
// cases report it.
func (s *session) isLoggedIn(ctx context.Context, b *browser) (bool, error) {
	a, err := s.askStatus(ctx, b)
	if err != nil {
		return false, err
	}
	got, err := parseStatus(a)
	if err != nil {
		return false, skip("the status URL gives no valid answer; see status/logged-out and status/logged-in")
	}
	return got.loggedIn, nil
}

// checkStatusWorks returns a skip unless the status URL says true for b, which is logged in, and
// false for a guest.
func (s *session) checkStatusWorks(ctx context.Context, b *browser) error {
	loggedIn, err := s.isLoggedIn(ctx, b)
	if err != nil {
		return err
	}
	guest, err := s.isLoggedIn(ctx, s.newBrowser())
	if err != nil {
		return err
	}
	if !loggedIn || guest {
		return skip("the status URL doesn't tell a member from a guest; see status/logged-in and status/logged-out")
	}
	return nil
}
