package check

import (
	"context"
	"errors"
	"net/url"
	"slices"
)

// needsScript reports whether only running script can show how a login goes on from its first page.
func (s *session) needsScript(ctx context.Context, b *browser, a answer) bool {
	if h, ok := s.findHandoff(ctx, b, a); ok || h.way == wayScript {
		return !ok
	}
	if f, ok := s.passwordForm(a); ok {
		return b.isSentByScript(ctx, a, f)
	}
	return b.asksByScript(ctx, a)
}

// maxTabs is how many tabs are open at once. The others are closed, and forget what their pages
// store besides cookies.
const maxTabs = 4

// tabOf returns the browser's tab, and opens it if it isn't.
func (s *session) tabOf(ctx context.Context, b *browser) (*tab, error) {
	if at := slices.Index(s.tabs, b.tab); at >= 0 {
		s.tabs = append(slices.Delete(s.tabs, at, at+1), b.tab)
		return b.tab, nil
	}
	if len(s.tabs) == maxTabs {
		s.tabs[0].close(ctx)
		s.tabs = s.tabs[1:]
	}
	opened, err := s.chromium.openTab(ctx, s.target.HelpCenter, s.staysInside)
	if err == nil {
		b.tab = opened
		s.tabs = append(s.tabs, opened)
	}
	return opened, err
}

// staysInside reports whether a page belongs to the integration.
func (s *session) staysInside(u *url.URL) bool {
	ours := append(s.target.urls(), s.target.AlsoOrigins...)
	return slices.ContainsFunc(ours, func(text string) bool { return originOf(mustParse(text)) == originOf(u) })
}

// openInChromium opens a page of the integration in Chromium, with the browser's cookies.
func (s *session) openInChromium(ctx context.Context, b *browser, target string) (answer, error) {
	return s.stepInChromium(ctx, b, func() (answer, error) {
		t, err := s.tabOf(ctx, b)
		if err != nil {
			return answer{}, err
		}
		if err := t.setCookies(ctx, &b.jar); err != nil {
			return answer{}, err
		}
		return t.open(ctx, target, s.target.Timeout)
	})
}

// stepInChromium takes a step, and gives the browser the cookies that it leaves.
func (s *session) stepInChromium(ctx context.Context, b *browser, step func() (answer, error)) (answer, error) {
	a, err := b.patiently(ctx, func() (answer, error) {
		a, err := step()
		if err == nil {
			err = b.tab.readCookies(ctx, &b.jar, s.now())
		}
		return a, err
	})
	s.hideCookies(b)
	if errors.Is(err, errChromiumEnded) {
		err = skip(whyChromiumEnded)
	}
	return a, err
}

// openWithoutScript is openLogin that leaves Chromium out.
func (s *session) openWithoutScript(ctx context.Context, b *browser, returnURL string) (answer, error) {
	return b.open(ctx, withQuery(s.target.LoginURL, header{"returnUrl", returnURL}))
}

// sendLogin types a usercode and a password into the form f of the login page, and sends it.
func (s *session) sendLogin(ctx context.Context, b *browser, page answer, f form, usercode, password string) (answer, error) {
	if !page.inChromium {
		return b.submit(ctx, s.fill(f, usercode, password))
	}
	login := typedLogin{s.target.UserNameField, s.target.PasswordField, usercode, password}
	return s.stepInChromium(ctx, b, func() (answer, error) {
		t, err := s.tabOf(ctx, b)
		if err == nil && !t.shows(page) {
			if err = t.setCookies(ctx, &b.jar); err == nil {
				_, err = t.open(ctx, page.url.String(), s.target.Timeout)
			}
		}
		if err != nil {
			return answer{}, err
		}
		return t.logIn(ctx, login, s.target.Timeout)
	})
}
