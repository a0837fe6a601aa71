package check

import (
	"context"
	"net/http"
)

// logoutCases are what must be over after a logout (PROTOCOL D10).
func logoutCases() []Case {
	needs := []need{needLogout, needPassword}
	return []Case{
		{"logout/status", Must, "After a logout the status is false (PROTOCOL 7, D10)", append(needs, needStatus), logoutStatus},
		{"logout/token", Must, "After a logout the tokens of the session are false at the verify URL (PROTOCOL 9, D10)",
			append(needs, needVerify), logoutToken},
		{"logout/old-cookie", Must, "After a logout a copy of the old cookie is worth nothing (PROTOCOL D10)",
			append(needs, needStatus), logoutOldCookie},
	}
}

// leave logs out as a person does: by opening the page, and pressing the button if it has one.
func (s *session) leave(ctx context.Context, b *browser) error {
	a, err := b.get(ctx, s.target.LogoutURL)
	if err != nil {
		return err
	}
	if a, err = b.follow(ctx, a); err != nil {
		return err
	}
	for _, f := range a.forms() {
		if f.method == http.MethodPost && !f.asksPassword() && originOf(f.action) == originOf(a.url) {
			_, err := s.submit(ctx, b, f)
			return err
		}
	}
	return nil
}

// A departure is a logout of somebody who had just logged in.
type departure struct {
	browser *browser
	copied  *browser // with the cookies from before
	unseen  error    // why the status URL can't tell; nil where it can
	token   question // that was true before
	unasked error    // why there is no such token
}

// departure logs in and out, once in a run.
func (s *session) departure(ctx context.Context) (*departure, error) {
	if s.left != nil {
		return s.left, nil
	}
	m, err := s.logIn(ctx, s.visitor())
	if err != nil {
		return nil, errNoLogin
	}
	d := &departure{browser: m.browser, copied: m.clone()}
	if s.target.has(needStatus) {
		d.unseen = s.sees(ctx, m.browser)
	}
	if s.target.has(needVerify) {
		d.token, d.unasked = s.trueToken(ctx, m.browser)
	}
	if err := s.leave(ctx, m.browser); err != nil {
		return nil, err
	}
	s.left = d
	return d, nil
}

// trueToken is a token of b's session that the verify URL says true to.
func (s *session) trueToken(ctx context.Context, b *browser) (question, error) {
	token, err := s.issuedToken(ctx, b)
	if err != nil {
		return question{}, err
	}
	q := question{s.target.UserCode, token}
	if a, err := s.askVerify(ctx, q); err != nil || !saysTrue(a) {
		return q, skip("an issued token is not true; verify/issued says more")
	}
	return q, nil
}

func logoutStatus(ctx context.Context, s *session) error {
	d, err := s.departure(ctx)
	if err != nil {
		return err
	}
	if d.unseen != nil {
		return d.unseen
	}
	return s.wantLoggedOut(ctx, d.browser, "delete the session, and its cookie with the attributes that it was set with")
}

func (s *session) wantLoggedOut(ctx context.Context, b *browser, hint string) error {
	a, err := s.askStatus(ctx, b)
	if err != nil {
		return err
	}
	if read, err := stateOf(a); err == nil && read.loggedIn {
		return found(`{"login":"false","usercode":null}`, a.String(), hint)
	}
	return nil
}

func logoutToken(ctx context.Context, s *session) error {
	d, err := s.departure(ctx)
	if err != nil {
		return err
	}
	if d.unasked != nil {
		return d.unasked
	}
	return s.wantFalse(ctx, d.token)
}

// logoutOldCookie leaves the browser's own cookies to logout/status.
func logoutOldCookie(ctx context.Context, s *session) error {
	d, err := s.departure(ctx)
	if err != nil {
		return err
	}
	if d.unseen != nil {
		return d.unseen
	}
	if loggedIn, err := s.isLoggedIn(ctx, d.browser); err != nil || loggedIn {
		return skip("the logout doesn't work at all; logout/status says more")
	}
	return s.wantLoggedOut(ctx, d.copied, "end the session on the server; deleting the browser's cookie is not enough")
}
