package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/metrics"
)

const (
	// maxBody is the most bytes of a request body. A login form needs a few hundred.
	maxBody = 64 << 10
	// storeTimeout is how long the help center's calls wait for the store. The help center shows
	// its page to the member after the answer.
	storeTimeout = time.Second
)

// requestID gives each request an id that a member can tell the operator: the one that a trusted
// proxy has sent, or a new one. It is in the response header, where idOf finds it.
func (s *server) requestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !wellFormedID(id) || !calledFrom(r, s.TrustedProxies) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r)
	})
}

// idOf returns the id of the request that w answers.
func idOf(w http.ResponseWriter) string { return w.Header().Get("X-Request-Id") }

// wellFormedID reports whether an id may be in a log line and on a page: 1 to 128 letters, digits,
// and ".", "_", ":", "-".
func wellFormedID(id string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"
	return id != "" && len(id) <= 128 && strings.Trim(id, allowed) == ""
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

// A route is a method and a pattern. No metric has the path that was asked for.
type route struct{ method, pattern string }

// measure times each request by its route. measured may be filled later, until the first request.
// other times what no route answers.
func measure(measured map[route]*metrics.Route, other *metrics.Route) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			recorder := &recorder{ResponseWriter: w}
			next.ServeHTTP(recorder, r)
			answered := measured[route{r.Method, chi.RouteContext(r.Context()).RoutePattern()}]
			cmp.Or(answered, other).Observe(cmp.Or(recorder.status, http.StatusOK), start)
		})
	}
}

// recoverPanic answers a panic with an error page. The log has the cause and the stack.
func (s *server) recoverPanic(next http.Handler) http.Handler {
	answer := pagePolicy(contentPolicy{})(s.page(func(http.ResponseWriter, *http.Request) error {
		return errPanic
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause) // net/http closes the connection
			}
			s.log.Error("panic", "request_id", idOf(w), "path", loggedPath(r),
				"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			answer.ServeHTTP(w, r)
		}()
		next.ServeHTTP(w, r)
	})
}

// commonHeaders sets what every answer has. Static files replace Cache-Control; all other answers
// depend on who is logged in, or carry a token. ownHost says that the host is ours alone and https,
// so that browsers may be told to use nothing else for it.
func commonHeaders(ownHost bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			if ownHost {
				w.Header().Set("Strict-Transport-Security", "max-age=31536000")
			}
			next.ServeHTTP(w, r)
		})
	}
}

// ignoreTrailingSlash routes a path with a trailing slash like the path without it, because
// operators type our URLs into the vendor's console. Unlike chi's StripSlashes it keeps escaped
// slashes.
func ignoreTrailingSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimSuffix(cmp.Or(r.URL.RawPath, r.URL.Path), "/")
		chi.RouteContext(r.Context()).RoutePath = cmp.Or(path, "/")
		next.ServeHTTP(w, r)
	})
}

// headAsGet routes a HEAD like a GET. The handlers see the method.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			chi.RouteContext(r.Context()).RouteMethod = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

func limitBody(next http.Handler) http.Handler { return http.MaxBytesHandler(next, maxBody) }

// clientKey is the context key of the context that ends when the client goes away.
type clientKey struct{}

// outliveClient lets a request end even when its client goes away. The calls to the store and to
// other servers are short and have timeouts, and one that is cut off looks like an outage.
func outliveClient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := r.Context()
		ctx := context.WithValue(context.WithoutCancel(client), clientKey{}, client)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// clientContext ends when r's client goes away. Use it for what is worth giving up then.
func clientContext(r *http.Request) context.Context {
	if client, ok := r.Context().Value(clientKey{}).(context.Context); ok {
		return client
	}
	return r.Context()
}

// withStoreTimeout bounds the help center's calls, so that a slow store is answered with a 503.
func withStoreTimeout(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// accessLog writes one line per request. It leaves out the query, which may hold tokens and
// personal data.
func (s *server) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &recorder{ResponseWriter: w}
		defer func() {
			status := cmp.Or(recorder.status, http.StatusInternalServerError) // a panic, which recoverPanic answers
			s.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", r.Method),
				slog.String("path", loggedPath(r)),
				slog.Int("status", status),
				slog.Int("bytes", recorder.bytes),
				slog.Duration("took", time.Since(start)),
				slog.String("client", clientOf(r).String()),
				slog.String("request_id", idOf(w)))
		}()
		next.ServeHTTP(recorder, r)
	})
}

// loggedPath is r's path for a log line, cut to 200 characters.
func loggedPath(r *http.Request) string {
	n := 0
	for i := range r.URL.Path {
		if n++; n > 200 {
			return r.URL.Path[:i] + "…"
		}
	}
	return r.URL.Path
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

// refuseLoading refuses what another site's page loads with the member's cookie other than by a
// navigation, such as an image: whether it loads would tell that site who is logged in here. frames
// says whether a page of another site may be around ours.
func (s *server) refuseLoading(frames bool) func(http.Handler) http.Handler {
	refuse := s.page(func(http.ResponseWriter, *http.Request) error { return errCrossSite })
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			site, mode, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
			elsewhere := site == "cross-site" || site == "same-site"
			navigation := mode == "" || mode == "navigate"
			window := dest == "" || dest == "document" || frames && dest == "iframe"
			if elsewhere && !(navigation && window) {
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
	protection.SetDenyHandler(s.page(func(http.ResponseWriter, *http.Request) error {
		return errCrossSite
	}))
	return protection.Handler
}
