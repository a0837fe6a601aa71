package check

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ocsso/internal/devtools/signing"
)

// linkCases test the signed link (CONTRACT 8).
func linkCases() []Case {
	needs := []need{needLink, needMember}
	return []Case{
		{"link/given", Must, "8", needs, withMember(linkGiven)},
		{"link/guest", Should, "8 D8", []need{needLink}, linkGuest},
		{"link/path", Must, "8", needs, withLink(linkPath)},
		{"link/required", Must, "8", needs, withLink(linkRequired)},
		{"link/usercode", Must, "8", needs, withLink(linkUserCode)},
		{"link/email", Must, "2 D4", needs, withLink(linkEmail)},
		{"link/blanks", Should, "8", needs, withLink(linkBlanks)},
		{"link/limits", Must, "2", needs, withLink(linkLimits)},
		{"link/time", Must, "2", needs, withLink(linkTime)},
		{"link/fresh", Must, "2 8", needs, withMember(linkFresh)},
		{"link/encoding", Must, "3", needs, withMember(linkEncoding)},
		{"link/encoding-strict", Should, "3 D18", needs, withLink(linkEncodingStrict)},
		{"link/token", Must, "3", append(needs, needKey), withMember(linkToken)},
	}
}

func linkGiven(ctx context.Context, s *session, m *member) error {
	if _, err := s.signedLink(ctx, m.browser); err == nil {
		return nil
	}
	a, err := m.get(ctx, s.target.LinkURL)
	if err != nil {
		return err
	}
	return fail(`a redirect to a signed link, or {"url":"..."}`, a.String(), hintLinkGiven)
}

func linkGuest(ctx context.Context, s *session) error {
	if link, err := s.signedLink(ctx, s.newBrowser()); err == nil && link.Query().Get("token") != "" {
		return fail("no link for somebody logged out", "a link for the usercode "+link.Query().Get("usercode"), hintLinkGuest)
	}
	return nil
}

// withLink returns a case that checks a new link of the shared member.
func withLink(check func(*session, *url.URL) error) runFunc {
	return withMember(func(ctx context.Context, s *session, m *member) error {
		link, err := s.signedLink(ctx, m.browser)
		if err != nil {
			return err
		}
		return check(s, link)
	})
}

// pages are the help center's pages of the service, the home first.
func (s *session) pages() []string {
	home := s.target.HelpCenter + "/" + url.PathEscape(s.target.Service) + "/hc/"
	return []string{home, home + "ticket/", home + "ticket/list/"}
}

func linkPath(s *session, link *url.URL) error {
	pages := s.pages()
	if slices.Contains(pages, withoutQuery(link)) {
		return nil
	}
	return fail(pages[0]+", or ticket/ or ticket/list/ below it", withoutQuery(link), hintLinkPath)
}

func linkRequired(_ *session, link *url.URL) error {
	return checkRequired(link.Query(), hintNames, "usercode", "time", "token")
}

func linkUserCode(s *session, link *url.URL) error { return s.checkUserCode(link.Query()) }

func linkEmail(_ *session, link *url.URL) error {
	if strings.TrimSpace(link.Query().Get("email")) == "" {
		return fail("an email in the link", "none", hintLinkEmail)
	}
	return nil
}

func linkBlanks(_ *session, link *url.URL) error {
	for name, values := range link.Query() {
		for _, value := range values {
			if name != "email" && strings.TrimSpace(value) == "" {
				return fail("no field without a value", "an empty "+name, hintBlank)
			}
		}
	}
	return nil
}

func linkLimits(_ *session, link *url.URL) error { return checkLimits(link.Query()) }

func linkTime(s *session, link *url.URL) error { return checkTime(link.Query(), s.now()) }

func linkFresh(ctx context.Context, s *session, m *member) error {
	first, err := s.signedLink(ctx, m.browser)
	if err != nil {
		return err
	}
	if err := pause(ctx, freshPause); err != nil {
		return err
	}
	second, err := s.signedLink(ctx, m.browser)
	if err != nil {
		return err
	}
	return checkFresh(first.Query(), second.Query(), "time", "token")
}

// eachLink calls check with links until the token of one has a +, encoded or not.
func (s *session) eachLink(ctx context.Context, m *member, check func(*url.URL) error) error {
	err := tryFor(ctx, true, func() (string, error) {
		link, err := s.signedLink(ctx, m.browser)
		if err != nil {
			return "", err
		}
		return strings.ReplaceAll(link.Query().Get("token"), " ", "+"), check(link)
	})
	if errors.Is(err, errNoPlus) {
		return nil
	}
	return err
}

// linkEncoding looks at what changes a token on the way. The rest is for linkEncodingStrict.
func linkEncoding(ctx context.Context, s *session, m *member) error {
	return s.eachLink(ctx, m, func(link *url.URL) error {
		for pair := range strings.SplitSeq(link.RawQuery, "&") {
			name, value, _ := strings.Cut(pair, "=")
			_, err := url.QueryUnescape(value)
			if err != nil || name == "token" && (strings.ContainsAny(value, "+ ") || strings.Contains(value, "%25")) {
				return fail(name+" encoded once as encodeURIComponent does it", value, hintTokenEncoding)
			}
		}
		return nil
	})
}

// encodedComponent matches what encodeURIComponent returns.
var encodedComponent = regexp.MustCompile(`^(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-F]{2})*$`)

func linkEncodingStrict(_ *session, link *url.URL) error {
	for pair := range strings.SplitSeq(link.RawQuery, "&") {
		if name, value, _ := strings.Cut(pair, "="); !encodedComponent.MatchString(value) {
			return fail(name+" encoded as encodeURIComponent does it", value, hintEncoding)
		}
	}
	return nil
}

// linkToken leaves a + that arrives as a space to link/encoding.
func linkToken(ctx context.Context, s *session, m *member) error {
	return s.eachLink(ctx, m, func(link *url.URL) error {
		fields := signing.ReadFields(link.Query())
		fields.Service = s.target.Service // is in the path
		fields.Token = strings.ReplaceAll(fields.Token, " ", "+")
		return s.checkToken(signing.CallLink, fields, s.pages()...)
	})
}
