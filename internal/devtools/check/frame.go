package check

import (
	"context"
	"strconv"
	"strings"
)

// frameCases test the page with the help center's frame (CONTRACT 10).
func frameCases() []Case {
	needs := []need{needFrame}
	return []Case{
		{"frame/id", Must, "10", needs, withFramePage(frameID)},
		{"frame/source", Must, "10", needs, withFramePage(frameSource)},
		{"frame/policy", Must, "10", needs, withFramePage(framePolicy)},
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
		if _, ok := findFrame(a); !ok && strings.Contains(b.programs(ctx, a), "ocPage") {
			if s.chromium == nil {
				return skip(whyScript)
			}
			if a, err = s.openInChromium(ctx, b, s.target.FrameURL); err != nil {
				return err
			}
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

// frameSandbox returns the sandbox of the frame with the contract's id.
func frameSandbox(a answer) (flags string, ok bool) {
	for node := range a.elements("iframe") {
		if attribute(node, "id") == "ocPage" {
			return lookup(node, "sandbox")
		}
	}
	return "", false
}

func frameID(_ *session, a answer) error {
	if _, ok := findFrame(a); !ok {
		return fail(`<iframe id="ocPage">`, a.String()+" without one", hintFrameID)
	}
	return nil
}

func frameSource(s *session, a answer) error {
	text, _ := findFrame(a)
	if text == "" {
		return skip(whyNoFrame)
	}
	src, err := a.url.Parse(text)
	if err != nil {
		return fail("a URL as the frame's src", text, hintFrameSource)
	}
	if flags, ok := frameSandbox(a); ok && !(strings.Contains(flags, "allow-scripts") && strings.Contains(flags, "allow-forms") && strings.Contains(flags, "allow-same-origin")) {
		return fail("a frame without a sandbox", "sandbox "+strconv.Quote(flags), hintFrameSandbox)
	}
	shown := src
	if originOf(src) == originOf(a.url) {
		if shown, err = a.url.Parse(src.Query().Get("returnUrl")); err != nil {
			shown = src
		}
	}
	if originOf(shown) != s.target.HelpCenter || shown.Query().Get("iframe") != "true" {
		return fail("the frame's src at "+s.target.HelpCenter+" with iframe=true", src.String(), hintFrameSource)
	}
	return nil
}

func framePolicy(s *session, a answer) error {
	center := mustParse(s.target.HelpCenter + "/")
	if directive, ok := allows(a.policies(), a.url, center, false, "frame-src", "child-src", "default-src"); !ok {
		return fail("frame-src with "+s.target.HelpCenter, directive, hintFramePolicy)
	}
	return nil
}
