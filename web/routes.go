package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/helpcenter"
)

// statusPath is the login status URL.
const statusPath = "/login/status"

// loginPaths are the login pages and how they hand off; "" is the configured way.
var loginPaths = map[string]helpcenter.Way{"/login": "", "/login/form": helpcenter.Form, "/login/api": helpcenter.API}

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
	icon := http.RedirectHandler(s.BasePath+s.blank.Static.URL("icon.png"), http.StatusFound)
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
	for path := range loginPaths {
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
	if s.BasePath == "" {
		return r
	}
	return below(s.BasePath, r, nowhere)
}

// browser is what the requests of members' browsers pass.
func (s *server) browser(policy contentPolicy) chi.Middlewares {
	if logo, err := url.Parse(s.blank.Logo); err == nil && logo.Host != "" {
		policy.images = logo.Scheme + "://" + logo.Host
	}
	return chi.Chain(s.accessLog, pagePolicy(policy), s.refuseCrossSite(policy.framedBy != ""), limitBody)
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

// asRouted routes a HEAD like a GET, and a path with a trailing slash like the path without it,
// because operators type our URLs into the vendor's console. The handlers see both as they were
// sent, and our own route's path in place of the Java sample's. Unlike chi's StripSlashes it keeps
// escaped slashes.
func asRouted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := chi.RouteContext(r.Context())
		path := strings.TrimSuffix(cmp.Or(r.URL.RawPath, r.URL.Path), "/")
		if ours, ok := samplePaths[path]; ok {
			there, address := *r, *r.URL
			address.Path, address.RawPath = ours, ""
			there.URL = &address
			path, r = ours, &there
		}
		route.RoutePath = cmp.Or(path, "/")
		if r.Method == http.MethodHead {
			route.RouteMethod = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// methodNotAllowed sets Allow to the methods that r has for the path. chi calls it for unknown
// methods, too, before it has looked at the path.
func methodNotAllowed(r chi.Routes) handler {
	return func(w http.ResponseWriter, req *http.Request) error {
		path := chi.RouteContext(req.Context()).RoutePath // by asRouted
		var allowed []string
		for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS"} {
			if r.Match(chi.NewRouteContext(), method, path) {
				allowed = append(allowed, strings.Replace(method, "GET", "GET, HEAD", 1))
			}
		}
		if len(allowed) == 0 {
			return errNotFound
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return errMethodNotAllowed
	}
}
