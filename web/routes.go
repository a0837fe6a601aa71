package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/rs/cors"

	"ocsso/internal/helpcenter"
	"ocsso/static"
)

// routes answers everything. What the help center asks on every page move of every member is asked of the handlers themselves:
// the router, and the log and the rest that pages need, would halve the calls that a core can take.
func (s *server) routes() http.Handler {
	call := func(h http.Handler) http.Handler { return s.recoverPanic(s.securityHeaders(h)) }
	status := call(s.statusCORS().Handler(http.HandlerFunc(s.loginStatus)))
	verify := call(http.HandlerFunc(s.verifyToken))
	router := s.router()
	return s.requestID(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain := r.Method == http.MethodGet && r.URL.RawPath == "" // with an escape in its path it isn't the help center
		switch {
		case plain && r.URL.Path == statusPath:
			status.ServeHTTP(w, r)
		case plain && r.URL.Path == verifyPath:
			verify.ServeHTTP(w, r)
		default:
			router.ServeHTTP(w, r)
		}
	}))
}

const (
	statusPath = "/login/status"
	verifyPath = "/token/verify"
)

// router has every route, and is what members' browsers and the customer's backends get.
func (s *server) router() http.Handler {
	r := chi.NewRouter()
	r.Use(
		s.clientIP(),
		s.accessLog,
		s.recoverPanic,
		s.securityHeaders,
		s.refuseCrossSite(),
		limitBody,
		middleware.GetHead,
	)
	r.NotFound(s.page(func(http.ResponseWriter, *http.Request) error { return errNotFound }))
	r.MethodNotAllowed(s.page(methodNotAllowed(r)))

	// Members, at the customer's own site.
	r.Get("/", s.page(s.home))
	r.Get("/logout", s.page(s.logoutPage))
	r.Get("/logout.nhn", s.page(s.logoutPage)) // the Java sample's address
	r.Post("/logout", s.page(s.logout))
	r.With(s.policy(s.framesHelpCenter())).Get("/help", s.page(s.help))
	r.Handle("/static/*", static.Handler())

	// Members, sent by the help center or on their way to it.
	login := r.With(s.policy(s.handsToHelpCenter()))
	for path, way := range s.loginPaths() {
		login.Get(path, s.page(s.loginPage(way)))
	}
	s.login.routes(s, login)

	// Members and apps.
	r.Get("/help/home", s.link(helpcenter.Home))
	r.Get("/help/ticket", s.link(helpcenter.Inquiry))
	r.Get("/help/tickets", s.link(helpcenter.History))

	// The help center's script, in a member's browser and on another site; and its server. A GET doesn't get here: see routes.
	status := r.With(s.statusCORS().Handler)
	status.Get(statusPath, s.loginStatus)
	status.Options(statusPath, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	r.Get(verifyPath, s.verifyToken)

	// The customer's backends.
	if len(s.LinkKeys) > 0 {
		backend := r.With(s.requireKey)
		backend.Post("/v1/links", s.json(s.makeLink))
		backend.Delete("/v1/members/{usercode}/sessions", s.json(s.endSessions))
	}
	return r
}

// statusCORS lets the help center's script, and the configured extras, read the login status with the member's cookie: these
// exact origins and no other (D6). The headers are the fields that the console can send back (PROTOCOL section 7).
func (s *server) statusCORS() *cors.Cors {
	origins := append([]helpcenter.Origin{s.site.Origin()}, s.ExtraOrigins...)
	return cors.New(cors.Options{
		// A function, because a list is compared without regard to case, and an empty one would mean every origin.
		AllowOriginFunc: func(origin string) bool {
			return slices.Contains(origins, helpcenter.Origin(origin))
		},
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{
			"service", "usercode", "username", "email", "phone", "memberno", "returnUrl", "time", "token",
		},
		MaxAge: 600, // seconds: one preflight in ten minutes, not one a page
	})
}

// methodNotAllowed names the methods that r has for the path, as the answer must.
func methodNotAllowed(r chi.Routes) handler {
	return func(w http.ResponseWriter, req *http.Request) error {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodOptions} {
			if r.Match(chi.NewRouteContext(), method, req.URL.Path) {
				allowed = append(allowed, method)
			}
			if method == http.MethodGet && allowed != nil {
				allowed = append(allowed, http.MethodHead) // by middleware.GetHead
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return errMethodNotAllowed
	}
}
