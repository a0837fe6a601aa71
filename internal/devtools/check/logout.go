package check

import (
	"context"
	"net/http"
)

// logoutCases test what a logout ends (D10).
func logoutCases() []Case {
	needs := []need{needLogout, needPassword}
	return []Case{
		{"logout/status", Must, "7 D10", append(needs, needStatus), afterLogout(logoutStatus)},
		{"logout/token", Must, "9 D10", append(needs, needVerify), afterLogout(logoutToken)},
		{"logout/old-cookie", Should, "D10", append(needs, needStatus), afterLogout(logoutOldCookie)},
	}
}

// logOut opens the logout URL, and submits the form on that page if there is one.
func (s *session) logOut(ctx context.Context, b *browser) error {
	a, err := b.open(ctx, s.target.LogoutURL)
	if err != nil {
		return err
	}
	for _, f := range a.forms() {
		if f.method == http.MethodPost && f.passwords() == 0 && originOf(f.action) == originOf(a.url) {
			_, err := b.submit(ctx, f)
			return err
		}
	}
	return nil
}

// A logout has what a login left behind before it was logged out.
type logout struct {
	browser   *browser
	copied    *browser // has the cookies from before the logout
	statusErr error    // why the status URL can't tell
	token     string   // was true before the logout
	tokenErr  error    // why there is no such token
}

// afterLogout returns a case that runs check after a login and a logout, which the cases share.
func afterLogout(check func(context.Context, *session, *logout) error) runFunc {
	return func(ctx context.Context, s *session) error {
		if s.logout == nil {
			l, err := s.logInAndOut(ctx)
			if err != nil {
				return err
			}
			s.logout = l
		}
		return check(ctx, s, s.logout)
	}
}

func (s *session) logInAndOut(ctx context.Context) (*logout, error) {
	m, err := s.logIn(ctx, s.newBrowser())
	if _, ok := err.(*failure); ok {
		err = skip(whyNoLogin)
	}
	if err != nil {
		return nil, err
	}
	l := &logout{browser: m.browser, copied: m.clone()}
	if s.target.has(needStatus) {
		l.statusErr = s.checkStatusWorks(ctx, m.browser)
	}
	if s.target.has(needVerify) {
		l.token, l.tokenErr = s.trueToken(ctx, m.browser)
	}
	return l, s.logOut(ctx, m.browser)
}

// trueToken gets a new token for which the verify URL says true.
func (s *session) trueToken(ctx context.Context, b *browser) (string, error) {
	token, err := s.issuedToken(ctx, b)
	if err != nil {
		return "", err
	}
	if a, err := s.askVerify(ctx, verifyRequest{s.target.UserCode, token}); err != nil || !saysTrue(a) {
		return "", skip(whyNotTrue)
	}
	return token, nil
}

func logoutStatus(ctx context.Context, s *session, l *logout) error {
	if l.statusErr != nil {
		return l.statusErr
	}
	return s.wantLoggedOut(ctx, l.browser, hintLogout)
}

func (s *session) wantLoggedOut(ctx context.Context, b *browser, h hint) error {
	a, err := s.askStatus(ctx, b)
	if err != nil {
		return err
	}
	if got, err := parseStatus(a); err == nil && got.loggedIn {
		return fail(`{"login":"false","usercode":null}`, a.String(), h)
	}
	return nil
}

func logoutToken(ctx context.Context, s *session, l *logout) error {
	if l.tokenErr != nil {
		return l.tokenErr
	}
	return s.wantFalseFor(ctx, verifyRequest{s.target.UserCode, l.token}, hintLogoutToken)
}

// logoutOldCookie is skipped when the browser itself is still logged in, which logout/status
// reports.
func logoutOldCookie(ctx context.Context, s *session, l *logout) error {
	if l.statusErr != nil {
		return l.statusErr
	}
	if loggedIn, err := s.isLoggedIn(ctx, l.browser); err != nil || loggedIn {
		return skip(whyNoLogout)
	}
	return s.wantLoggedOut(ctx, l.copied, hintOldCookie)
}
