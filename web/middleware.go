package web

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-chi/chi/v5/middleware"
)

// maxBody is the most bytes of a request body. A login form needs a few hundred.
const maxBody = 64 << 10

// clientIP finds the address of the member's side of the trusted proxies, or of the peer where there are none.
func (s *server) clientIP() func(http.Handler) http.Handler {
	if len(s.TrustedProxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	return middleware.ClientIPFromXFF(s.TrustedProxies...)
}

// requestID gives each request a name that a member can tell the operator: the one that a trusted proxy has given it, or
// a new one. It is in the answer's header, where idOf finds it.
func (s *server) requestID(next http.Handler) http.Handler {
	var proxies []netip.Prefix
	for _, text := range s.TrustedProxies {
		proxies = append(proxies, netip.MustParsePrefix(text)) // package config has let it through
	}
	// Of this process, and counted: a random one for each request would take 3 % of a status call.
	process := rand.Text()[:13] + "-"
	var count atomic.Uint64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !wellFormedID(id) || !calledFrom(r, proxies) {
			id = process + strconv.FormatUint(count.Add(1), 10)
		}
		w.Header()["X-Request-Id"] = []string{id}
		next.ServeHTTP(w, r)
	})
}

// idOf returns the id of the request that w answers.
func idOf(w http.ResponseWriter) string { return w.Header().Get("X-Request-Id") }

// wellFormedID reports whether an id may stand in a log line and on a page: 1 to 128 letters, digits, ".", "_", ":" and "-".
func wellFormedID(id string) bool {
	const known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"
	return id != "" && len(id) <= 128 && strings.TrimLeft(id, known) == ""
}

// calledFrom reports whether r's connection comes from one of the networks, whatever its headers say.
func calledFrom(r *http.Request, networks []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(peer.Addr().Unmap()) })
}

// accessLog writes one line a request. Never the query: it may hold tokens and personal data.
func (s *server) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.now()
		recorder := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			s.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", r.Method),
				slog.String("path", r.URL.Path),
				slog.Int("status", recorder.Status()),
				slog.Int("bytes", recorder.BytesWritten()),
				slog.Duration("took", s.now().Sub(start)),
				slog.String("client", middleware.GetClientIP(r.Context())),
				slog.String("request_id", idOf(w)))
		}()
		next.ServeHTTP(recorder, r)
	})
}

// recoverPanic answers a panic with a page, and logs where it was.
func (s *server) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause) // net/http's own way to end a connection
			}
			s.log.Error("panic", "request_id", idOf(w), "path", r.URL.Path, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			s.problemPage(w, r, errPanic)
		}()
		next.ServeHTTP(w, r)
	})
}

// securityHeaders sets what every answer has, unless its handler sets something else: policy widens the
// Content-Security-Policy, and static files alone may be cached. All others depend on who is logged in, or carry a token.
func (s *server) securityHeaders(next http.Handler) http.Handler {
	type field struct {
		name   string
		values []string // shared by all answers: whoever changes a field sets other values in their place
	}
	always := []field{
		{"Content-Security-Policy", []string{contentPolicy{}.String()}},
		{"Cache-Control", []string{"no-store"}},
		{"Referrer-Policy", []string{"strict-origin"}}, // "no-referrer" would make form posts send Origin: null
		{"X-Content-Type-Options", []string{"nosniff"}},
	}
	if s.Own.Secure() {
		always = append(always, field{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		for _, f := range always {
			header[f.name] = f.values
		}
		next.ServeHTTP(w, r)
	})
}

// contentPolicy is what differs between the routes' Content-Security-Policies, each a list of origins beside none or 'self'.
type contentPolicy struct {
	formAction string // beside 'self'
	connect    string // what script may call; "" for nothing
	frames     string // what the page may frame; "" for nothing
	framedBy   string // who may frame the page; "" for nobody
}

// String is the header's value. Whatever it does not name is forbidden; inline script and style are.
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
		"img-src 'self'",
		"connect-src " + orNone(p.connect),
		"base-uri 'none'",
		"form-action " + strings.TrimSpace("'self' "+p.formAction),
		"frame-src " + orNone(p.frames),
		"frame-ancestors " + orNone(p.framedBy),
	}, "; ")
}

// handsToHelpCenter is the policy of the login pages. Browsers apply form-action to every redirect that a login POST leads to,
// and both our help page's frame and the help center may frame them. The form's script calls the page that it is on.
func (s *server) handsToHelpCenter() contentPolicy {
	center := string(s.site.Origin())
	return contentPolicy{formAction: center, connect: "'self'", framedBy: "'self' " + center}
}

// framesHelpCenter is the policy of the help page. Its frame begins at our login page where somebody is logged in.
func (s *server) framesHelpCenter() contentPolicy {
	return contentPolicy{frames: "'self' " + string(s.site.Origin())}
}

// policy sets p on every answer of a route, the errors among them.
func (s *server) policy(p contentPolicy) func(http.Handler) http.Handler {
	value := p.String()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", value)
			next.ServeHTTP(w, r)
		})
	}
}

// refuseCrossSite refuses what another site's page posts here with the member's cookie.
func (s *server) refuseCrossSite() func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(string(s.Own)); err != nil { // behind a proxy that changes Host
		panic(err) // ParseOrigin has let it through
	}
	protection.SetDenyHandler(s.page(func(http.ResponseWriter, *http.Request) error { return errCrossSite }))
	return protection.Handler
}

func limitBody(next http.Handler) http.Handler {
	limited := http.MaxBytesHandler(next, maxBody)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == http.NoBody {
			next.ServeHTTP(w, r) // MaxBytesHandler would copy the request
			return
		}
		limited.ServeHTTP(w, r)
	})
}
