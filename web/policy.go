package web

import (
	"net/http"
	"strings"
)

// contentPolicy is the part of a Content-Security-Policy that differs between routes. Each field is
// a list of sources.
type contentPolicy struct {
	formAction string // in addition to 'self'
	connect    string // what scripts may call; "" for nothing
	frames     string // what the page may frame; "" for nothing
	framedBy   string // who may frame the page; "" for nobody
	images     string // shown from elsewhere, in addition to 'self'
	opens      bool   // the page may open windows of other sites and be told by them
}

// String is the header's value. What it does not name is forbidden, inline scripts and styles too.
func (p contentPolicy) String() string {
	orNone := func(sources string) string {
		if sources == "" {
			return "'none'"
		}
		return sources
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		strings.TrimSpace("img-src 'self' " + p.images),
		"connect-src " + orNone(p.connect),
		"base-uri 'none'",
		"form-action " + strings.TrimSpace("'self' "+p.formAction),
		"frame-src " + orNone(p.frames),
		"frame-ancestors " + orNone(p.framedBy),
	}, "; ")
}

// loginPolicy is the policy of the login and handoff pages. Chromium applies form-action to every
// redirect that follows a form, so it names the help center. The help page and the help center may
// frame these pages. The form's script posts to its own page.
func (s *server) loginPolicy() contentPolicy {
	center := string(s.site.Origin())
	return contentPolicy{formAction: center, connect: "'self'", framedBy: "'self' " + center, opens: true}
}

// helpPolicy is the policy of the help page. Its frame starts at our login page for a member. Its
// script loads the page again after a login in the frame.
func (s *server) helpPolicy() contentPolicy {
	return contentPolicy{connect: "'self'", frames: "'self' " + string(s.site.Origin())}
}

// noPermissions forbids our pages, and the help center in our frame, what none of them needs.
const noPermissions = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

// pagePolicy sets the headers that act on pages, on the route's error pages and redirects too.
func pagePolicy(p contentPolicy) func(http.Handler) http.Handler {
	value, opener := p.String(), "same-origin"
	if p.opens {
		opener += "-allow-popups"
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", value)
			// "no-referrer" would make browsers send "Origin: null" with form posts.
			w.Header().Set("Referrer-Policy", "strict-origin")
			w.Header().Set("Cross-Origin-Opener-Policy", opener)
			w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
			w.Header().Set("Permissions-Policy", noPermissions)
			next.ServeHTTP(w, r)
		})
	}
}
