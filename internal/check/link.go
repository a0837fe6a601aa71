package check

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ocsso/internal/contract"
)

// linkCases test the signed link (PROTOCOL 8).
func linkCases() []Case {
	needs := []need{needLink, needMember}
	return []Case{
		{"link/given", Must, "A member gets a link, by a redirect or as JSON (PROTOCOL 8)", needs, withMember(linkGiven)},
		{"link/path", Must, "The link leads to the help center's home, inquiry or history page of the service (PROTOCOL 8)",
			needs, withLink(linkPath)},
		{"link/required", Must, "The link has usercode, time and token (PROTOCOL 8)", needs, withLink(linkRequired)},
		{"link/usercode", Must, "The link's usercode is the member's (PROTOCOL 8)", needs, withLink(linkUserCode)},
		{"link/email", Must, "The link has an email (PROTOCOL 2, D4)", needs, withLink(linkEmail)},
		{"link/blanks", Must, "Blank fields are left out of the link (PROTOCOL 8)", needs, withLink(linkBlanks)},
		{"link/limits", Must, "No field of the link is longer than its limit (PROTOCOL 2)", needs, withLink(linkLimits)},
		{"link/time", Must, "The link's time is in milliseconds and within 5 s of now (PROTOCOL 2)", needs, withLink(linkTime)},
		{"link/encoding", Must, "Each value is encoded as encodeURIComponent does it (PROTOCOL 3)", needs, withLink(linkEncoding)},
		{"link/token", Must, "The link's token is the one of its fields under the organization key (PROTOCOL 3)",
			append(needs, needKey), withLink(linkToken)},
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
	return fail(`a redirect to a signed link, or {"url":"..."}`, a.String(),
		"--link-url is a URL of yours that a logged-in member opens; check it with a member who has an email")
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

func linkPath(s *session, link *url.URL) error {
	home := s.target.HelpCenter + "/" + url.PathEscape(s.target.Service) + "/hc/"
	if slices.Contains([]string{home, home + "ticket/", home + "ticket/list/"}, withoutQuery(link)) {
		return nil
	}
	return fail(home+", or ticket/ or ticket/list/ below it", withoutQuery(link), "the path ends in a slash")
}

func linkRequired(_ *session, link *url.URL) error {
	return checkRequired(link.Query(), "the names are in lower case", "usercode", "time", "token")
}

func linkUserCode(s *session, link *url.URL) error { return s.checkUserCode(link.Query()) }

func linkEmail(_ *session, link *url.URL) error {
	if strings.TrimSpace(link.Query().Get("email")) == "" {
		return fail("an email in the link", "none", "a member without an email can't use links: say so instead of inventing one")
	}
	return nil
}

func linkBlanks(_ *session, link *url.URL) error {
	for name, values := range link.Query() {
		for _, value := range values {
			if name != "email" && strings.TrimSpace(value) == "" {
				return fail("no field without a value", "an empty "+name, "leave a blank field out of the query and out of the signed message")
			}
		}
	}
	return nil
}

func linkLimits(_ *session, link *url.URL) error { return checkLimits(link.Query()) }

func linkTime(s *session, link *url.URL) error { return checkTime(link.Query(), s.now()) }

// encodedComponent matches what encodeURIComponent returns.
var encodedComponent = regexp.MustCompile(`^(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-F]{2})*$`)

func linkEncoding(_ *session, link *url.URL) error {
	for pair := range strings.SplitSeq(link.RawQuery, "&") {
		if name, value, _ := strings.Cut(pair, "="); !encodedComponent.MatchString(value) {
			return fail(name+" encoded as encodeURIComponent does it", value,
				"a space is %20 and + is %2B; form encoders and path encoders differ")
		}
	}
	return nil
}

func linkToken(s *session, link *url.URL) error {
	if link.Query().Get("token") == "" {
		return skip("there is no token; see link/required")
	}
	fields := contract.ReadFields(link.Query())
	fields.Service = s.target.Service // is in the path
	return s.checkToken(contract.CallLink, fields)
}
