package check

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// clockCases hold the clocks against each other: the help center refuses a time that is 3 minutes off (PROTOCOL 2).
func clockCases() []Case {
	return []Case{
		{"clock/server", Must, "The integration's clock is within 30 s of this machine's (PROTOCOL 2)", nil, clockServer},
		{"clock/help-center", Must, "The help center's clock is within 30 s of this machine's (PROTOCOL 2)", nil, clockHelpCenter},
	}
}

// clockTolerance is well below the 3 minutes.
const clockTolerance = 30 * time.Second

func clockServer(ctx context.Context, s *session) error {
	return s.compareClock(ctx, s.target.urls()[0], "keep the server's clock by NTP")
}

func clockHelpCenter(ctx context.Context, s *session) error {
	err := s.compareClock(ctx, s.target.HelpCenter+"/", "keep this machine's clock by NTP; the help center decides which time it is")
	if _, ok := err.(*finding); err != nil && !ok {
		return skip("the help center can't be asked for the time: %v", err)
	}
	return err
}

func (s *session) compareClock(ctx context.Context, target, hint string) error {
	a, err := s.visitor().get(ctx, target)
	if err != nil {
		return err
	}
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return skip("%s sends no Date", withoutQuery(a.url))
	}
	if difference := date.Sub(s.now()); difference.Abs() > clockTolerance {
		return found("at most "+clockTolerance.String()+" of difference", difference.Round(time.Second).String(), hint)
	}
	return nil
}

// frameCases are those of the page with the help center's frame (PROTOCOL 10).
func frameCases() []Case {
	needs := []need{needFrame}
	return []Case{
		{"frame/id", Must, "The page has an iframe with the id ocPage (PROTOCOL 10)", needs, frameID},
		{"frame/source", Must, "The frame shows the help center's page with iframe=true, at once or by the login URL (PROTOCOL 10)",
			needs, frameSource},
		{"frame/policy", Must, "The page's Content-Security-Policy lets the help center into the frame (PROTOCOL 10)",
			needs, framePolicy},
	}
}

// framePage opens the page, as the member where there is one.
func (s *session) framePage(ctx context.Context) (answer, error) {
	b := s.visitor()
	if s.target.has(needMember) {
		if m, err := s.member(ctx); err == nil {
			b = m.clone()
		}
	}
	a, err := b.get(ctx, s.target.FrameURL)
	if err != nil {
		return answer{}, err
	}
	return b.follow(ctx, a)
}

// frameOf is the src of the page's frame: of the one with the contract's id, or of the first.
func frameOf(a answer) (src string, hasID bool) {
	for node := range a.elements("iframe") {
		if attribute(node, "id") == "ocPage" {
			return attribute(node, "src"), true
		}
		if src == "" {
			src = attribute(node, "src")
		}
	}
	return src, false
}

func frameID(ctx context.Context, s *session) error {
	a, err := s.framePage(ctx)
	if err != nil {
		return err
	}
	if _, ok := frameOf(a); !ok {
		return found(`<iframe id="ocPage">`, a.String()+" without one", "the help center's script fixes this id")
	}
	return nil
}

func frameSource(ctx context.Context, s *session) error {
	a, err := s.framePage(ctx)
	if err != nil {
		return err
	}
	text, _ := frameOf(a)
	if text == "" {
		return skip("there is no frame; frame/id says more")
	}
	src, err := a.url.Parse(text)
	if err != nil {
		return found("a URL as the frame's src", text, "see PROTOCOL 10")
	}
	shown := src
	if originOf(src) == originOf(a.url) {
		if shown, err = url.Parse(src.Query().Get("returnUrl")); err != nil {
			shown = src
		}
	}
	if originOf(shown) != s.target.HelpCenter || shown.Query().Get("iframe") != "true" {
		return found("the frame's src at "+s.target.HelpCenter+" with iframe=true", src.String(),
			"without iframe=true the page has its own header and sends no height")
	}
	return nil
}

func framePolicy(ctx context.Context, s *session) error {
	a, err := s.framePage(ctx)
	if err != nil {
		return err
	}
	for _, policy := range a.header.Values("Content-Security-Policy") {
		if sources, ok := frameSources(policy); ok && !s.admits(sources) {
			return found("frame-src with "+s.target.HelpCenter, policy,
				"frame-src, or child-src or default-src where it is missing, decides what a page may frame")
		}
	}
	return nil
}

// frameSources is the directive of a policy that decides about frames; none means that all may be framed.
func frameSources(policy string) ([]string, bool) {
	directives := map[string][]string{}
	for directive := range strings.SplitSeq(policy, ";") {
		if words := strings.Fields(directive); len(words) > 0 {
			directives[strings.ToLower(words[0])] = words[1:]
		}
	}
	for _, name := range []string{"frame-src", "child-src", "default-src"} {
		if sources, ok := directives[name]; ok {
			return sources, true
		}
	}
	return nil, false
}

// admits reports whether one of a directive's sources matches the help center.
func (s *session) admits(sources []string) bool {
	center, err := url.Parse(s.target.HelpCenter)
	if err != nil {
		panic(err) // Target.validate has let it through
	}
	for _, source := range sources {
		scheme, host, ok := strings.Cut(source, "://")
		if !ok {
			scheme, host = center.Scheme, source
		}
		wildcard, isWildcard := strings.CutPrefix(host, "*.")
		switch {
		case source == "*", source == center.Scheme+":":
			return true
		case scheme == center.Scheme && (host == center.Host || isWildcard && strings.HasSuffix(center.Host, "."+wildcard)):
			return true
		}
	}
	return false
}
