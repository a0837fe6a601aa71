package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"ocsso/internal/audit"
)

// maxBody is the most bytes of a request body. A login form needs a few hundred.
const maxBody = 64 << 10

// A handler answers a request, or writes nothing and returns an error. An adapter answers the error
// by the table in error.go.
type handler func(w http.ResponseWriter, r *http.Request) error

// page adapts a handler whose errors are a page for a member.
func (s *server) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.problemPage(w, r, err)
		}
	}
}

// json adapts a handler whose errors are JSON.
func (s *server) json(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.problemJSON(w, r, err)
		}
	}
}

// guard is around every route: it sets what every answer has, times it under the route's name, and
// answers a panic with a page. No metric has the path that was asked for.
func (s *server) guard(route string, next http.Handler) http.Handler {
	timedOther, timedHEAD := s.metrics.Route(route), s.metrics.Route(strings.Replace(route, "GET ", "HEAD ", 1))
	onlyHTTPS := s.Own.WholeHost() && s.BasePath == ""
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		commonHeaders(w.Header())
		if onlyHTTPS {
			w.Header()["Strict-Transport-Security"] = oneYear
		}
		defer func() {
			if cause := recover(); cause != nil {
				s.answerPanic(answer, r, cause)
			}
			timed := timedOther
			if r.Method == http.MethodHead {
				timed = timedHEAD
			}
			timed.Observe(cmp.Or(answer.Status(), http.StatusOK), start)
		}()
		next.ServeHTTP(answer, r)
	})
}

// commonHeaders sets what every answer has. Static files replace Cache-Control; all other answers
// depend on who is logged in, or carry a token.
func commonHeaders(header http.Header) {
	header["Cache-Control"] = noStore
	header["X-Content-Type-Options"] = noSniff
}

// Values of headers that are not allocated for each answer. No handler changes them in place.
var (
	noStore = []string{"no-store"}
	noSniff = []string{"nosniff"}
	oneYear = []string{"max-age=31536000"}
)

// answerPanic answers a panic with an error page. The log has the cause and the stack.
func (s *server) answerPanic(w http.ResponseWriter, r *http.Request, cause any) {
	if cause == http.ErrAbortHandler {
		panic(cause) // net/http closes the connection
	}
	s.log.Error("panic", "request_id", s.identify(w, r), "path", loggedPath(r),
		"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	pagePolicy(contentPolicy{})(s.fails(errPanic)).ServeHTTP(w, r)
}

// identify gives a request whose id is logged or shown the one that a member can tell the operator:
// the id that a trusted proxy has sent, or a new one. It is in the response header, where idOf
// finds it.
func (s *server) identify(w http.ResponseWriter, r *http.Request) string {
	if idOf(w) == "" {
		id := r.Header.Get("X-Request-Id")
		if !wellFormedID(id) || !calledFrom(r, s.TrustedProxies) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
	}
	return idOf(w)
}

// idOf returns the id of the request that w answers.
func idOf(w http.ResponseWriter) string { return w.Header().Get("X-Request-Id") }

// wellFormedID reports whether an id may be in a log line and on a page: 1 to 128 letters, digits,
// and ".", "_", ":", "-".
func wellFormedID(id string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"
	return id != "" && len(id) <= 128 && strings.Trim(id, allowed) == ""
}

func limitBody(next http.Handler) http.Handler { return http.MaxBytesHandler(next, maxBody) }

const (
	// AnswerTimeout is how long a request may take until its answer is written. The server has to
	// cut off clients that read more slowly.
	AnswerTimeout = 15 * time.Second
	// longestWait exceeds every wait for another server, which is some seconds. A provider is asked
	// several times.
	longestWait = 75 * time.Second
)

// answerWithin gives the answer this time from now. Call it before and after a wait for another
// server.
func answerWithin(w http.ResponseWriter, left time.Duration) {
	// It fails only for a writer that has no deadline.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(left))
}

// outliveClient is for what ends sessions: it goes on when its client goes away.
func outliveClient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	})
}

// A line is what accessLog and the handlers share of a request's line in the log. A lineKey is its
// key in the context.
type line struct {
	client netip.Addr
	err    error // why the request failed, or nil
	level  slog.Level
}

type lineKey struct{}

// accessLog writes one line per request, with why it failed. It leaves out the query, which may
// hold tokens and personal data. The handlers find the client by clientOf.
func (s *server) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		id, line := s.identify(w, r), &line{client: s.findClient(w, r)}
		r = r.WithContext(context.WithValue(r.Context(), lineKey{}, line))
		defer func() {
			message, attrs := "request", []slog.Attr{slog.String("request_id", id)}
			if line.err != nil {
				message, attrs = "request failed", append(attrs, slog.Any("error", line.err))
			}
			status := cmp.Or(answer.Status(), http.StatusInternalServerError) // a panic, which guard answers
			s.log.LogAttrs(r.Context(), line.level, message, append(attrs,
				slog.String("method", r.Method),
				slog.String("path", loggedPath(r)),
				slog.Int("status", status),
				slog.Int("bytes", answer.BytesWritten()),
				slog.Duration("took", time.Since(start)),
				slog.String("network", audit.Network(line.client)))...)
		}()
		next.ServeHTTP(answer, r)
	})
}

// loggedPath is the route of r for a log line, or the path where there is none, cut to 200
// characters and without a usercode.
func loggedPath(r *http.Request) string {
	if route := chi.RouteContext(r.Context()); route != nil && route.RoutePattern() != "" {
		return route.RoutePattern()
	}
	path, n := r.URL.Path, 0
	if before, _, ok := strings.Cut(path, "/v1/members/"); ok {
		return before + "/v1/members/…"
	}
	for i := range path {
		if n++; n > 200 {
			return path[:i] + "…"
		}
	}
	return path
}

// onlyNavigation keeps requests away that must have no effect (D19): HEAD is answered with headers
// alone, and what a browser loads ahead of time with 503.
func onlyNavigation(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodHead:
			w.WriteHeader(http.StatusOK)
		case prefetched(r):
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// prefetched reports whether the browser loads a page that the member has not asked for yet.
func prefetched(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose"), "prefetch")
}

// noIndex keeps the pages of a login out of search engines.
var noIndex = middleware.SetHeader("X-Robots-Tag", "noindex")

// inWindow reports whether the browser loads r into a window or a tab, as far as it says. A service
// worker of the customer's site sends navigations with the destination "empty", as it does a fetch,
// which has another mode.
func inWindow(r *http.Request) bool {
	mode, dest := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	if dest == "empty" {
		return mode == "navigate"
	}
	return (mode == "" || mode == "navigate") && (dest == "" || dest == "document")
}

// framed reports whether the browser loads r into a frame.
func framed(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Dest") == "iframe" }

// byAnotherSite reports whether the page of another site makes r.
func byAnotherSite(r *http.Request) bool {
	return slices.Contains([]string{"cross-site", "same-site"}, r.Header.Get("Sec-Fetch-Site"))
}

// refuseCrossSite refuses what another site's page does here with the member's cookie: a form that
// it posts, and what it loads other than by a navigation, such as an image, because whether that
// loads would tell the site who is logged in here. frames says whether a page of another site may
// be around ours.
func (s *server) refuseCrossSite(frames bool) func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	// Behind a proxy that changes Host, the browser's Origin is still our public one.
	if err := protection.AddTrustedOrigin(string(s.Own)); err != nil {
		panic(err) // config has checked it
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			loaded := byAnotherSite(r) && !inWindow(r) && !(frames && framed(r))
			if loaded || protection.Check(r) != nil {
				s.problemPage(w, r, errCrossSite)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

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
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		strings.TrimSpace("img-src 'self' " + p.images),
		"connect-src " + cmp.Or(p.connect, "'none'"),
		"base-uri 'none'",
		strings.TrimSpace("form-action 'self' " + p.formAction),
		"frame-src " + cmp.Or(p.frames, "'none'"),
		"frame-ancestors " + cmp.Or(p.framedBy, "'none'"),
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
