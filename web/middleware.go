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
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/audit"
)

// maxBody is the most bytes of a request body. A login form needs a few hundred.
const maxBody = 64 << 10

// guard is around every route: it sets what every answer has, times it under the route's name, and
// answers a panic with a page. No metric has the path that was asked for.
func (s *server) guard(route string, next http.Handler) http.Handler {
	timed := s.metrics.Route(route)
	timedHEAD := timed
	if path, ok := strings.CutPrefix(route, "GET "); ok {
		timedHEAD = s.metrics.Route("HEAD " + path)
	}
	onlyHTTPS := s.Own.WholeHost() && s.base == ""
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), &recorder{ResponseWriter: w}
		commonHeaders(w.Header())
		if onlyHTTPS {
			w.Header()["Strict-Transport-Security"] = oneYear
		}
		defer func() {
			if cause := recover(); cause != nil {
				s.answerPanic(answer, r, cause)
			}
			timed := timed
			if r.Method == http.MethodHead {
				timed = timedHEAD
			}
			timed.Observe(cmp.Or(answer.status, http.StatusOK), start)
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

// A recorder knows the status and the size of the answer that passes through it.
type recorder struct {
	http.ResponseWriter
	status, bytes int // status is 0 before the header
}

// WriteHeader ignores a second status: a handler may panic in the middle of its answer.
func (w *recorder) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	if status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(data []byte) (int, error) {
	w.status = cmp.Or(w.status, http.StatusOK)
	n, err := w.ResponseWriter.Write(data)
	w.bytes += n
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

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

// asRouted routes a HEAD like a GET, and a path with a trailing slash like the path without it,
// because operators type our URLs into the vendor's console. The handlers see both as they were
// sent, and our own route's path in place of the Java sample's. Unlike chi's StripSlashes it keeps
// escaped slashes.
func asRouted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := chi.RouteContext(r.Context())
		path := strings.TrimSuffix(cmp.Or(r.URL.RawPath, r.URL.Path), "/")
		if ours, ok := samplePaths[path]; ok {
			path, r = ours, withPath(r, ours)
		}
		route.RoutePath = cmp.Or(path, "/")
		if r.Method == http.MethodHead {
			route.RouteMethod = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// withPath is r with another path.
func withPath(r *http.Request, path string) *http.Request {
	there, address := *r, *r.URL
	address.Path, address.RawPath = path, ""
	there.URL = &address
	return &there
}

func limitBody(next http.Handler) http.Handler { return http.MaxBytesHandler(next, maxBody) }

// outliveClient is for what ends sessions: it goes on when its client goes away.
func outliveClient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	})
}

// A line is what accessLog and the handlers share of a request's line in the log.
type line struct {
	client netip.Addr
	err    error // why the request failed, or nil
	level  slog.Level
}

// lineKey is the context key of a line.
type lineKey struct{}

// accessLog writes one line per request, with why it failed. It leaves out the query, which may
// hold tokens and personal data. The handlers find the client by clientOf.
func (s *server) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), &recorder{ResponseWriter: w}
		id, line := s.identify(w, r), &line{client: s.findClient(w, r)}
		r = r.WithContext(context.WithValue(r.Context(), lineKey{}, line))
		defer func() {
			message, attrs := "request", []slog.Attr{slog.String("request_id", id)}
			if line.err != nil {
				message, attrs = "request failed", append(attrs, slog.Any("error", line.err))
			}
			status := cmp.Or(answer.status, http.StatusInternalServerError) // a panic, which guard answers
			s.log.LogAttrs(r.Context(), line.level, message, append(attrs,
				slog.String("method", r.Method),
				slog.String("path", loggedPath(r)),
				slog.Int("status", status),
				slog.Int("bytes", answer.bytes),
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
func noIndex(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Robots-Tag", "noindex")
		next.ServeHTTP(w, r)
	})
}

// inWindow reports whether the browser loads r into a window or a tab, as far as it says. A service
// worker of the customer's site sends navigations with the destination "empty", as it does a fetch,
// which has another mode.
func inWindow(r *http.Request) bool {
	mode, dest := r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	switch dest {
	case "", "document":
		return mode == "" || mode == "navigate"
	}
	return dest == "empty" && mode == "navigate"
}

// framed reports whether the browser loads r into a frame.
func framed(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Dest") == "iframe" }

// byAnotherSite reports whether the page of another site makes r.
func byAnotherSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// refuseLoading refuses what another site's page loads with the member's cookie other than by a
// navigation, such as an image: whether it loads would tell that site who is logged in here. frames
// says whether a page of another site may be around ours.
func (s *server) refuseLoading(frames bool) func(http.Handler) http.Handler {
	refuse := s.fails(errCrossSite)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if byAnotherSite(r) && !inWindow(r) && !(frames && framed(r)) {
				refuse(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// refuseCrossSite refuses what another site's page posts here with the member's cookie.
func (s *server) refuseCrossSite() func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	// Behind a proxy that changes Host, the browser's Origin is still our public one.
	if err := protection.AddTrustedOrigin(string(s.Own)); err != nil {
		panic(err) // config has checked it
	}
	protection.SetDenyHandler(s.fails(errCrossSite))
	return protection.Handler
}
