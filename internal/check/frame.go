package check

import (
	"context"
	"net/url"
	"strings"
)

// frameCases test the page with the help center's frame (PROTOCOL 10).
func frameCases() []Case {
	needs := []need{needFrame}
	return []Case{
		{"frame/id", Must, "The page has an iframe with the id ocPage (PROTOCOL 10)", needs, withFramePage(frameID)},
		{"frame/source", Must, "The frame shows the help center's page with iframe=true, directly or through the login URL (PROTOCOL 10)",
			needs, withFramePage(frameSource)},
		{"frame/policy", Must, "The page's Content-Security-Policy lets the help center into the frame (PROTOCOL 10)",
			needs, withFramePage(framePolicy)},
	}
}

// withFramePage returns a case that checks the page, opened as the member if one can log in.
func withFramePage(check func(*session, answer) error) runFunc {
	return func(ctx context.Context, s *session) error {
		b := s.newBrowser()
		if s.target.has(needMember) {
			if m, err := s.member(ctx); err == nil {
				b = m.clone()
			}
		}
		a, err := b.open(ctx, s.target.FrameURL)
		if err != nil {
			return err
		}
		return check(s, a)
	}
}

// findFrame returns the src of the frame with the contract's id, or else of the first frame.
func findFrame(a answer) (src string, hasID bool) {
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

func frameID(_ *session, a answer) error {
	if _, ok := findFrame(a); !ok {
		return fail(`<iframe id="ocPage">`, a.String()+" without one", "the help center's script fixes this id")
	}
	return nil
}

func frameSource(s *session, a answer) error {
	text, _ := findFrame(a)
	if text == "" {
		return skip("there is no frame; see frame/id")
	}
	src, err := a.url.Parse(text)
	if err != nil {
		return fail("a URL as the frame's src", text, "see PROTOCOL 10")
	}
	shown := src
	if originOf(src) == originOf(a.url) {
		if shown, err = url.Parse(src.Query().Get("returnUrl")); err != nil {
			shown = src
		}
	}
	if originOf(shown) != s.target.HelpCenter || shown.Query().Get("iframe") != "true" {
		return fail("the frame's src at "+s.target.HelpCenter+" with iframe=true", src.String(),
			"without iframe=true the page has its own header and sends no height")
	}
	return nil
}

func framePolicy(s *session, a answer) error {
	for _, policy := range a.header.Values("Content-Security-Policy") {
		if sources, ok := frameSources(policy); ok && !s.allowsCenter(sources) {
			return fail("frame-src with "+s.target.HelpCenter, policy,
				"frame-src, or child-src or default-src where it is missing, decides what a page may frame")
		}
	}
	return nil
}

// frameSources returns the sources of the directive for frames. Without one, any frame is allowed.
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

// allowsCenter reports whether one of the sources of a directive matches the help center.
func (s *session) allowsCenter(sources []string) bool {
	center := mustParse(s.target.HelpCenter)
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
