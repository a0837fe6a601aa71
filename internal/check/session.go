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

	"ocsso/internal/contract"
)

// A session is one run over a target, and what its cases share, so that a run needs few logins: an integration may
// limit them.
type session struct {
	target    Target
	transport http.RoundTripper
	now       func() time.Time
	secrets   []string // that came up
	pages     int      // that returnPage has made
	shared    *member
	sharedErr error // why there is none
	refused   *refusal
	left      *departure
}

// A member is a browser in which the member is logged in.
type member struct {
	*browser
	handoff   handoff // that the login ended in; none where there was no login page to go through
	returnURL string  // that the login was asked for
}

// errNoLogin stands in the way of cases that need a member.
var errNoLogin = skip("nobody could log in; login/works and status/logged-in say more")

// visitor is a browser that has never been here.
func (s *session) visitor() *browser {
	return &browser{transport: s.transport, timeout: s.target.Timeout, now: s.now}
}

// returnPage is a page of the help center, another one each time, so that what stops loops doesn't stop the checker.
func (s *session) returnPage() string {
	s.pages++
	return s.target.HelpCenter + "/" + url.PathEscape(s.target.Service) + "/hc/ticket/?check=" + strconv.Itoa(s.pages)
}

func (s *session) loginURL(returnURL string) string {
	return withQuery(s.target.LoginURL, header{"returnUrl", returnURL})
}

// openLogin goes to the login URL for returnURL, and on to where it leads on the integration's own origin.
func (s *session) openLogin(ctx context.Context, b *browser, returnURL string) (answer, error) {
	a, err := b.get(ctx, s.loginURL(returnURL))
	if err != nil {
		return answer{}, err
	}
	return b.follow(ctx, a)
}

// loginForm opens the login page for returnURL.
func (s *session) loginForm(ctx context.Context, b *browser, returnURL string) (form, error) {
	a, err := s.openLogin(ctx, b, returnURL)
	if err != nil {
		return form{}, err
	}
	if f, ok := passwordForm(a); ok {
		return f, nil
	}
	return form{}, skip("there is no password form; login/page says more")
}

// fill types a usercode and a password into a login form.
func (s *session) fill(f form, usercode string, password string) form {
	return f.filled(s.target.UserNameField, s.target.PasswordField, usercode, password)
}

// submit sends a login form and follows its redirects as far as the integration's own origin.
func (s *session) submit(ctx context.Context, b *browser, f form) (answer, error) {
	a, err := b.send(ctx, f)
	if err != nil {
		return answer{}, err
	}
	return b.follow(ctx, a)
}

// logIn logs the member in by the login page.
func (s *session) logIn(ctx context.Context, b *browser) (*member, error) {
	returnURL := s.returnPage()
	f, err := s.loginForm(ctx, b, returnURL)
	if err != nil {
		return nil, err
	}
	a, err := s.submit(ctx, b, s.fill(f, s.target.UserCode, s.target.Password.Reveal()))
	if err != nil {
		return nil, err
	}
	h, ok := s.handoffOf(a)
	if !ok {
		return nil, found("a handoff to the help center after the right password", a.String(),
			"log in by hand with the same usercode and password; --username-field and --password-field name the form's fields where they are unusual")
	}
	return &member{b, h, returnURL}, nil
}

// member is somebody logged in, the same for all cases that don't log out.
func (s *session) member(ctx context.Context) (*member, error) {
	if s.shared == nil && s.sharedErr == nil {
		s.shared, s.sharedErr = s.newMember(ctx)
	}
	if f := (*finding)(nil); errors.As(s.sharedErr, &f) {
		return nil, errNoLogin // one case reports the finding, not all
	}
	return s.shared, s.sharedErr
}

// newMember is somebody who logs in now, or who brings the cookie of a login.
func (s *session) newMember(ctx context.Context) (*member, error) {
	b := s.visitor()
	if s.target.Cookie.Reveal() == "" {
		return s.logIn(ctx, b)
	}
	cookies, err := http.ParseCookie(s.target.Cookie.Reveal())
	if err != nil {
		return nil, skip("the given cookie is not one: %v", err)
	}
	for _, text := range s.target.urls() {
		u, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		for _, c := range cookies {
			b.keep(u.Hostname(), c)
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

// A handoff is how an integration tells the help center who the member is (PROTOCOL 4, 5 and 8).
type handoff struct {
	way      string
	form     form     // of wayForm
	location *url.URL // of the others
	page     answer
	at       time.Time
}

// handOff opens the login page in b, where somebody is logged in. Where that hands nobody off, the error is a finding.
func (s *session) handOff(ctx context.Context, b *browser, returnURL string) (handoff, error) {
	a, err := s.openLogin(ctx, b, returnURL)
	if err != nil {
		return handoff{}, err
	}
	h, ok := s.handoffOf(a)
	if !ok {
		return handoff{}, found("a handoff to the help center at once", a.String(), "look for the session before showing the login page")
	}
	return h, nil
}

// handoffOf finds the handoff that an answer is, whatever may be wrong with it.
func (s *session) handoffOf(a answer) (handoff, bool) {
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

// isRemoteLogin reports whether a form has most of what a remote login needs.
func isRemoteLogin(f form) bool {
	count := 0
	for _, name := range []string{"service", "usercode", "time", "token"} {
		if f.has(name) {
			count++
		}
	}
	return count >= 2 && !f.asksPassword()
}

// values are the fields of the handoff as the help center gets them.
func (h handoff) values() url.Values {
	if h.way == wayForm {
		return h.form.values()
	}
	if h.location == nil {
		return url.Values{}
	}
	return h.location.Query()
}

// fields are those of a handoff for package contract.
func fields(service string, values url.Values) contract.Fields {
	return contract.Fields{
		Service: service, UserCode: values.Get("usercode"), UserName: values.Get("username"), Email: values.Get("email"),
		Phone: values.Get("phone"), MemberNo: values.Get("memberno"), ReturnURL: values.Get("returnUrl"),
		Time: values.Get("time"), Token: values.Get("token"),
	}
}

// signedLink asks for a link in b, where somebody is logged in: by a redirect, or as JSON.
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
		return nil, skip("the link URL gave no link; link/given says more")
	}
	s.secrets = append(s.secrets, link.Query().Get("token"))
	return link, nil
}

// issuedToken is a token that the integration has just issued to the member of b.
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

// A state is the body of the status and the verify URL (PROTOCOL 7 and 9).
type state struct {
	loggedIn bool
	usercode string // "" for null
	boolean  bool   // login is no string (D1)
}

// stateOf reads the body to the letter but for a Boolean.
func stateOf(a answer) (state, error) {
	const want = `200 and {"login":"true","usercode":"..."} or {"login":"false","usercode":null}`
	wrong := found(want, a.String(), "answer 200 with these two keys and no others")
	var body map[string]any
	if a.status != http.StatusOK || json.Unmarshal(a.body, &body) != nil || len(body) != 2 {
		return state{}, wrong
	}
	usercode, hasUserCode := body["usercode"]
	var read state
	switch login := body["login"].(type) {
	case string:
		if login != "true" && login != "false" {
			return state{}, wrong
		}
		read.loggedIn = login == "true"
	case bool:
		read.loggedIn, read.boolean = login, true
	default:
		return state{}, wrong
	}
	read.usercode, _ = usercode.(string)
	if !hasUserCode || read.loggedIn != (strings.TrimSpace(read.usercode) != "") || !read.loggedIn && usercode != nil {
		return state{}, wrong
	}
	return read, nil
}

// askStatus is what the help center's script asks, from its own origin.
func (s *session) askStatus(ctx context.Context, b *browser, headers ...header) (answer, error) {
	return b.get(ctx, s.target.LoginStatusURL, append([]header{{"Origin", s.target.HelpCenter}}, headers...)...)
}

// isLoggedIn asks the status URL. Another case finds out why the answer is no status, so that this one is skipped.
func (s *session) isLoggedIn(ctx context.Context, b *browser) (bool, error) {
	a, err := s.askStatus(ctx, b)
	if err != nil {
		return false, err
	}
	read, err := stateOf(a)
	if err != nil {
		return false, skip("the status URL answers no status; status/logged-out and status/logged-in say more")
	}
	return read.loggedIn, nil
}

// sees is a skip unless the status URL tells b, where somebody is logged in, from a visitor.
func (s *session) sees(ctx context.Context, b *browser) error {
	loggedIn, err := s.isLoggedIn(ctx, b)
	if err != nil {
		return err
	}
	guest, err := s.isLoggedIn(ctx, s.visitor())
	if err != nil {
		return err
	}
	if !loggedIn || guest {
		return skip("the status URL doesn't tell a member from a guest; status/logged-in and status/logged-out say more")
	}
	return nil
}

// seenMember is the shared member, if the status URL sees the login.
func (s *session) seenMember(ctx context.Context) (*member, error) {
	m, err := s.member(ctx)
	if err != nil {
		return nil, err
	}
	return m, s.sees(ctx, m.browser)
}
