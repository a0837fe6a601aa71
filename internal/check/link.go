package check

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ocsso/internal/contract"
)

// linkCases are those of the signed link (PROTOCOL 8).
func linkCases() []Case {
	needs := []need{needLink, needMember}
	return []Case{
		{"link/given", Must, "A member gets a link, by a redirect or as JSON (PROTOCOL 8)", needs, linkGiven},
		{"link/path", Must, "The link leads to the help center's home, inquiry or history page of the service (PROTOCOL 8)",
			needs, inLink(linkPath)},
		{"link/required", Must, "The link has usercode, time and token (PROTOCOL 8)", needs, inLink(linkRequired)},
		{"link/usercode", Must, "The link's usercode is the member's (PROTOCOL 8)", needs, inLink(linkUserCode)},
		{"link/email", Must, "The link has an email (PROTOCOL 2, D4)", needs, inLink(linkEmail)},
		{"link/blanks", Must, "Blank fields are left out of the link (PROTOCOL 8)", needs, inLink(linkBlanks)},
		{"link/limits", Must, "No field of the link is longer than its limit (PROTOCOL 2)", needs, inLink(linkLimits)},
		{"link/time", Must, "The link's time is in milliseconds and within 5 s of now (PROTOCOL 2)", needs, inLink(linkTime)},
		{"link/encoding", Must, "Each value is encoded as encodeURIComponent does it (PROTOCOL 3)", needs, inLink(linkEncoding)},
		{"link/token", Must, "The link's token is the one of its fields under the organization key (PROTOCOL 3)",
			append(needs, needKey), inLink(linkToken)},
	}
}

func linkGiven(ctx context.Context, s *session) error {
	m, err := s.member(ctx)
	if err != nil {
		return err
	}
	if _, err := s.signedLink(ctx, m.browser); err == nil {
		return nil
	}
	a, err := m.get(ctx, s.target.LinkURL)
	if err != nil {
		return err
	}
	return found(`a redirect to a signed link, or {"url":"..."}`, a.String(),
		"--link-url is a URL of yours that a logged-in member opens; check it with a member who has an email")
}

// inLink judges a link of the shared member.
func inLink(judge func(*session, *url.URL) error) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		m, err := s.member(ctx)
		if err != nil {
			return err
		}
		link, err := s.signedLink(ctx, m.browser)
		if err != nil {
			return err
		}
		return judge(s, link)
	}
}

func linkPath(s *session, link *url.URL) error {
	home := s.target.HelpCenter + "/" + url.PathEscape(s.target.Service) + "/hc/"
	if slices.Contains([]string{home, home + "ticket/", home + "ticket/list/"}, withoutQuery(link)) {
		return nil
	}
	return found(home+", or ticket/ or ticket/list/ below it", withoutQuery(link), "the trailing slash belongs to it")
}

func linkRequired(_ *session, link *url.URL) error {
	for _, name := range []string{"usercode", "time", "token"} {
		if got := link.Query()[name]; len(got) != 1 || got[0] == "" {
			return found("one "+name+" in the link, with a value", "none, or several", "the names are in lower case")
		}
	}
	return nil
}

func linkUserCode(s *session, link *url.URL) error {
	if got := link.Query().Get("usercode"); got != "" && got != s.target.UserCode {
		return found("usercode "+s.target.UserCode, "usercode "+got, "send the member's id as the status URL names it")
	}
	return nil
}

func linkEmail(_ *session, link *url.URL) error {
	if strings.TrimSpace(link.Query().Get("email")) == "" {
		return found("an email in the link", "none", "a member without an email can't use links: say so instead of making one")
	}
	return nil
}

func linkBlanks(_ *session, link *url.URL) error {
	for name, values := range link.Query() {
		for _, value := range values {
			if name != "email" && strings.TrimSpace(value) == "" {
				return found("no field without a value", "an empty "+name, "leave a blank field out of the query and out of the signed message")
			}
		}
	}
	return nil
}

func linkLimits(_ *session, link *url.URL) error { return keepLimits(link.Query()) }

func linkTime(s *session, link *url.URL) error { return isNow(link.Query(), s.now()) }

// component matches what encodeURIComponent makes.
var component = regexp.MustCompile(`^(?:[A-Za-z0-9_.!~*'()-]|%[0-9A-F]{2})*$`)

func linkEncoding(_ *session, link *url.URL) error {
	for pair := range strings.SplitSeq(link.RawQuery, "&") {
		if name, value, _ := strings.Cut(pair, "="); !component.MatchString(value) {
			return found(name+" encoded as encodeURIComponent does it", value,
				"a space is %20 and + is %2B; form encoders and path encoders differ")
		}
	}
	return nil
}

func linkToken(s *session, link *url.URL) error {
	if link.Query().Get("token") == "" {
		return skip("there is no token; link/required says more")
	}
	return s.signature(contract.CallLink, fields(s.target.Service, link.Query()))
}
