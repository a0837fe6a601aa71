package check

import (
	"context"
	"net/http"
)

// logoutCases test what a logout ends (PROTOCOL D10).
func logoutCases() []Case {
	needs := []need{needLogout, needPassword}
	return []Case{
		{"logout/status", Must, "After a logout the status is false (PROTOCOL 7, D10)",
			append(needs, needStatus), afterLogout(logoutStatus)},
		{"logout/token", Must, "After a logout the tokens of the session are false at the verify URL (PROTOCOL 9, D10)",
			append(needs, needVerify), afterLogout(logoutToken)},
		{"logout/old-cookie", Must, "After a logout a copy of the old cookie logs nobody in (PROTOCOL D10)",
			append(needs, needStatus), afterLogout(logoutOldCookie)},
	}
}

// logOut opens the logout URL, and submits the form on that page if there is one.
func (s *session) logOut(ctx context.Context, b *browser) error {
	a, err := b.open(ctx, s.target.LogoutURL)
	if err != nil {
		return err
	}
	for _, f := range a.forms() {
		if f.method == http.MethodPost && !f.hasPassword() && originOf(f.action) == originOf(a.url) {
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
	if err != nil {
		return nil, errNoLogin
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
		return "", skip("an issued token is not true; see verify/issued")
	}
	return token, nil
}

func logoutStatus(ctx context.Context, s *session, l *logout) error {
	if l.statusErr != nil {
		return l.statusErr
	}
	return s.wantLoggedOut(ctx, l.browser, "delete the session, and its cookie with the attributes that it was set with")
}

func (s *session) wantLoggedOut(ctx context.Context, b *browser, hint string) error {
	a, err := s.askStatus(ctx, b)
	if err != nil {
		return err
	}
	if got, err := parseStatus(a); err == nil && got.loggedIn {
		return fail(`{"login":"false","usercode":null}`, a.String(), hint)
	}
	return nil
}

func logoutToken(ctx context.Context, s *session, l *logout) error {
	if l.tokenErr != nil {
		return l.tokenErr
	}
	return s.wantFalse(ctx, verifyRequest{s.target.UserCode, l.token})
}

// logoutOldCookie is skipped when the browser itself is still logged in, which logout/status
// reports.
func logoutOldCookie(ctx context.Context, s *session, l *logout) error {
	if l.statusErr != nil {
		return l.statusErr
	}
	if loggedIn, err := s.isLoggedIn(ctx, l.browser); err != nil || loggedIn {
		return skip("the logout doesn't work at all; see logout/status")
	}
	return s.wantLoggedOut(ctx, l.copied, "end the session on the server; deleting the browser's cookie is not enough")
}
