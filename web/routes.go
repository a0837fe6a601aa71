package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/rs/cors"

	"ocsso/internal/helpcenter"
	"ocsso/internal/metrics"
	"ocsso/static"
)

// routes has every route of the public listener, grouped by who calls it.
func (s *server) routes() http.Handler {
	client := findClient(s.log, s.TrustedProxies)
	member := func(policy contentPolicy) chi.Middlewares {
		return chi.Chain(client, s.accessLog, pagePolicy(policy), s.refuseLoading(policy.framedBy != ""),
			s.refuseCrossSite(), limitBody)
	}
	nowhere := member(contentPolicy{}).HandlerFunc(s.page(notFound))
	measured := map[route]*metrics.Route{} // filled below
	r := chi.NewRouter()
	r.Use(
		outliveClient, s.requestID, measure(measured, s.metrics.Route("other")), s.recoverPanic, commonHeaders(s.Own.Secure() && s.base == ""), s.belowBase(nowhere),
		ignoreTrailingSlash, headAsGet,
	)

	// The help center's script in a member's browser, and its server. They call on every page move
	// of every member, so these calls are counted and not logged.
	r.Group(func(r chi.Router) {
		r.Use(withStoreTimeout)
		r.Get("/token/verify", s.verifyToken)
		status := r.With(s.statusCORS().Handler)
		status.Get("/login/status", s.loginStatus)
		status.Options("/login/status", noContent) // rs/cors answers preflights before this
	})

	// Members' browsers.
	r.With(client, s.accessLog, pagePolicy(contentPolicy{})).
		Method(http.MethodGet, "/static/*", static.Handler())
	r.Group(func(r chi.Router) {
		r.Use(member(contentPolicy{})...)
		r.Get("/", s.page(s.home))
		r.Get("/logout", s.page(s.logoutPage))
		r.Get("/logout.nhn", s.page(s.logoutPage)) // the Java sample's address
		r.Post("/logout", s.page(s.logout))
		links := r.With(onlyNavigation)
		links.Get("/help/home", s.link(helpcenter.Home))
		links.Get("/help/ticket", s.link(helpcenter.Inquiry))
		links.Get("/help/tickets", s.link(helpcenter.History))
	})
	r.With(member(s.helpPolicy())...).Get("/help", s.page(s.help))
	r.Group(func(r chi.Router) {
		r.Use(member(s.loginPolicy())...)
		r.Use(onlyNavigation)
		for _, path := range loginPaths {
			r.Get(path, s.page(s.loginPage))
		}
		for _, route := range s.login.routes(s.loginFlow()) {
			r.Method(route.method, route.path, s.page(route.handler))
		}
	})

	// The identity provider's server. It has no cookies, so no other site can act for it.
	if l, ok := s.login.(OIDCLogin); ok {
		r.With(client, s.accessLog, limitBody).
			Post(BackChannelPath, s.json(l.backChannelLogout(s.loginFlow())))
	}

	// The customer's backends.
	if len(s.LinkKeys) > 0 {
		r.Group(func(r chi.Router) {
			r.Use(client, s.accessLog, limitBody, s.requireKey)
			r.Post("/v1/links", s.json(s.makeLink))
			r.Delete("/v1/members/{usercode}/sessions", s.json(s.endSessions))
		})
	}

	// What is in no group is answered and logged like a page.
	r.NotFound(nowhere.ServeHTTP)
	r.MethodNotAllowed(member(contentPolicy{}).HandlerFunc(s.page(methodNotAllowed(r))).ServeHTTP)
	for _, at := range r.Routes() {
		for method := range at.Handlers {
			measured[route{method, at.Pattern}] = s.metrics.Route(method + " " + at.Pattern)
			if method == http.MethodGet {
				measured[route{http.MethodHead, at.Pattern}] = s.metrics.Route("HEAD " + at.Pattern)
			}
		}
	}
	return r
}

// belowBase strips the base path, so that the routes don't know it. Paths elsewhere go to
// elsewhere.
func (s *server) belowBase(elsewhere http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		below := http.StripPrefix(s.base, next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rest, ok := strings.CutPrefix(r.URL.Path, s.base)
			if ok && (rest == "" || rest[0] == '/') {
				below.ServeHTTP(w, r)
			} else {
				elsewhere.ServeHTTP(w, r)
			}
		})
	}
}

// statusCORS lets the help center's script and the configured extra origins read the login status
// with the member's cookie, and no other origin (D6).
func (s *server) statusCORS() *cors.Cors {
	origins := append([]helpcenter.Origin{s.site.Origin()}, s.ExtraOrigins...)
	return cors.New(cors.Options{
		// AllowedOrigins would ignore case.
		AllowOriginFunc: func(origin string) bool {
			return slices.Contains(origins, helpcenter.Origin(origin))
		},
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{
			// The fields that the console can send back in headers (CONTRACT 7).
			"service", "usercode", "username", "email", "phone", "memberno", "returnUrl", "time", "token",
			// What monitoring agents in the browser add to every call.
			"traceparent", "tracestate", "baggage", "sentry-trace", "x-datadog-trace-id",
			"x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority",
			"x-datadog-sampled", "x-datadog-tags",
		},
		MaxAge: 600, // seconds
	})
}

func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func notFound(http.ResponseWriter, *http.Request) error { return errNotFound }

// methodNotAllowed sets Allow to the methods that r has for the path. chi calls it for unknown
// methods, too, before it has looked at the path.
func methodNotAllowed(r chi.Routes) handler {
	return func(w http.ResponseWriter, req *http.Request) error {
		path := chi.RouteContext(req.Context()).RoutePath // by ignoreTrailingSlash
		var allowed []string
		for _, method := range []string{
			http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodOptions,
		} {
			if !r.Match(chi.NewRouteContext(), method, path) {
				continue
			}
			allowed = append(allowed, method)
			if method == http.MethodGet {
				allowed = append(allowed, http.MethodHead)
			}
		}
		if len(allowed) == 0 {
			return errNotFound
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return errMethodNotAllowed
	}
}
