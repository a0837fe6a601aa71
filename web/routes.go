package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/rs/cors"
	"golang.org/x/net/http/httpguts"

	"ocsso/internal/helpcenter"
)

// statusPath is the login status URL, and loginPaths are the login pages. /login hands off in the
// configured way.
const statusPath = "/login/status"

var loginPaths = [...]string{"/login", "/login/form", "/login/api"}

// samplePaths are the addresses of the vendor's Java sample, which a company may have in its
// console (D23), and our routes for them.
var samplePaths = map[string]string{
	"/form/login.nhn": "/login/form", "/api/login.nhn": "/login/api", "/api/login/status.nhn": statusPath,
	"/help/index.nhn": "/help", "/logout.nhn": LogoutPath,
}

// routes has every route of the public listener, grouped by who calls it.
func (s *server) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(asRouted)
	handle := func(through chi.Middlewares, method, path string, h http.HandlerFunc) {
		r.Method(method, path, s.guard(method+" "+path, through.HandlerFunc(h)))
	}

	// The help center's script in a member's browser, and its server. They call on every page move
	// of every member, so these calls are counted and not logged.
	script := chi.Chain(s.statusCORS().Handler)
	handle(script, "GET", statusPath, s.loginStatus)
	handle(script, "OPTIONS", statusPath, noContent) // rs/cors answers preflights before this
	handle(nil, "GET", "/token/verify", s.verifyToken)

	// Members' browsers.
	files := chi.Chain(s.accessLog, pagePolicy(contentPolicy{}))
	handle(files, "GET", "/static/*", s.blank.Static.ServeHTTP)
	icon := http.RedirectHandler(s.base+s.blank.Static.URL("icon.png"), http.StatusFound)
	handle(files, "GET", "/favicon.ico", icon.ServeHTTP)
	handle(files, "GET", "/apple-touch-icon.png", icon.ServeHTTP)
	site := s.browser(contentPolicy{})
	handle(site, "GET", "/", s.page(s.home))
	handle(append(site, noIndex), "GET", "/logout", s.page(s.logoutPage))
	handle(append(site, noIndex, outliveClient), "POST", "/logout", s.page(s.logout))
	handle(append(site, onlyNavigation), "GET", "/help/home", s.link(helpcenter.Home))
	handle(append(site, onlyNavigation), "GET", "/help/ticket", s.link(helpcenter.Inquiry))
	handle(append(site, onlyNavigation), "GET", "/help/tickets", s.link(helpcenter.History))
	handle(s.browser(s.helpPolicy()), "GET", "/help", s.page(s.help))
	login := append(s.browser(s.loginPolicy()), noIndex, onlyNavigation, s.showFirst)
	for _, path := range loginPaths {
		handle(login, "GET", path, s.page(s.loginPage))
	}

	// Other servers. They have no cookies, so no other site can act for them.
	server := chi.Chain(s.accessLog, limitBody)
	for _, route := range s.login.Routes() {
		answer := func(w http.ResponseWriter, r *http.Request) error { return route.answer(s, w, r) }
		if route.byServer {
			handle(append(server, outliveClient), route.method, route.path, s.json(answer))
		} else {
			handle(login, route.method, route.path, s.page(answer))
		}
	}
	if len(s.LinkKeys) > 0 { // the customer's backends
		backend := append(server, s.requireKey)
		handle(backend, "POST", "/v1/links", s.json(s.makeLink))
		handle(append(backend, outliveClient), "DELETE", "/v1/members/{usercode}/sessions", s.json(s.endSessions))
	}

	// What has no route is answered and logged like a page.
	nowhere := s.guard("other", site.HandlerFunc(s.fails(errNotFound)))
	r.NotFound(nowhere.ServeHTTP)
	r.MethodNotAllowed(s.guard("other", site.HandlerFunc(s.page(methodNotAllowed(r)))).ServeHTTP)
	if s.base == "" {
		return r
	}
	return below(s.base, r, nowhere)
}

// browser is what the requests of members' browsers pass.
func (s *server) browser(policy contentPolicy) chi.Middlewares {
	if logo, err := url.Parse(s.blank.Logo); err == nil && logo.Host != "" {
		policy.images = logo.Scheme + "://" + logo.Host
	}
	return chi.Chain(s.accessLog, pagePolicy(policy), s.refuseLoading(policy.framedBy != ""),
		s.refuseCrossSite(), limitBody)
}

// below strips the base path, so that the routes don't know it. Paths elsewhere go to elsewhere.
func below(base string, routes, elsewhere http.Handler) http.Handler {
	stripped := http.StripPrefix(base, routes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, base); ok && (rest == "" || rest[0] == '/') {
			stripped.ServeHTTP(w, r)
		} else {
			elsewhere.ServeHTTP(w, r)
		}
	})
}

// statusCORS lets the help center's script and the configured extra origins read the login status
// with the member's cookie, and no other origin (D6).
func (s *server) statusCORS() *cors.Cors {
	origins := append([]helpcenter.Origin{s.site.Origin()}, s.ExtraOrigins...)
	return cors.New(cors.Options{
		// AllowedOrigins would ignore case.
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			return slices.Contains(origins, helpcenter.Origin(origin)) && asksForFewHeaders(r), nil
		},
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet, http.MethodHead},
		// The console can send fields back in headers (CONTRACT 7), and monitoring agents in the
		// browser add new ones to every call. The exact origin is what protects.
		AllowedHeaders: []string{"*"},
		MaxAge:         600, // seconds
	})
}

// asksForFewHeaders reports whether a preflight's header names can be answered back: 40 tokens of
// 64 characters at most (RFC 9110, section 5.6.2).
func asksForFewHeaders(r *http.Request) bool {
	names := strings.Split(strings.Join(r.Header.Values("Access-Control-Request-Headers"), ","), ",")
	return len(names) <= 40 && !slices.ContainsFunc(names, func(name string) bool {
		name = strings.TrimSpace(name)
		return len(name) > 64 || name != "" && !httpguts.ValidHeaderFieldName(name)
	})
}

func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// methodNotAllowed sets Allow to the methods that r has for the path. chi calls it for unknown
// methods, too, before it has looked at the path.
func methodNotAllowed(r chi.Routes) handler {
	return func(w http.ResponseWriter, req *http.Request) error {
		path := chi.RouteContext(req.Context()).RoutePath // by asRouted
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
