// Package simulator is a stand-in for the vendor's help center, for development and tests: its three pages, both
// remote-login endpoints, signed links, the login status script and the console, written from the contract
// (PROTOCOL 2 to 10a). It keeps everything in memory, and adds what the real one does not have: a log of every call
// with the likely cause of a refusal, faults to order, and a clock to set.
//
// It stands on the other side of the wire: it shares no code with the server, so that one mistake can't be made twice
// and cancel out. It is not for the public: whoever reaches its console can be any member.
package simulator

import (
	"embed"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Simulator is a stand-in help center, an http.Handler to serve at the root of an origin of its own. Its methods are
// safe for concurrent use.
type Simulator struct {
	log     *slog.Logger
	client  *http.Client
	now     func() time.Time
	start   Settings
	handler http.Handler

	mu    sync.Mutex
	state state // guarded by mu
}

// New makes a help center with the settings that a reset goes back to. The client makes the token verify calls; each
// is given 5 s. The error names every setting that can't be, a line each.
//
// The log gets a line for each event without any of its fields; the console has those.
func New(log *slog.Logger, client *http.Client, now func() time.Time, settings Settings) (*Simulator, error) {
	if err := joined(settings.problems()); err != nil {
		return nil, err
	}
	s := &Simulator{log: log, client: client, now: now, start: settings, state: state{settings: settings}}
	protection := http.NewCrossOriginProtection()
	// The contract sends these two from elsewhere; their signature protects them.
	protection.AddInsecureBypassPattern("/v2/enduser/remote.json")
	protection.AddInsecureBypassPattern("/api/v2/enduser/remote.json")
	s.handler = withSecurityHeaders(protection.Handler(guardConsole(s.routes())))
	return s, nil
}

// guardConsole keeps the console from a page whose own name was made to resolve to this machine (DNS rebinding): it would
// be same-origin, and could read the organization key. An address, or localhost, can't be made to.
func guardConsole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/console") && !addressedDirectly(r.Host) {
			http.Error(w, "The console answers at localhost or at an IP address only, not at "+strconv.Quote(r.Host)+".", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func addressedDirectly(hostport string) bool {
	host := (&url.URL{Host: hostport}).Hostname()
	return strings.EqualFold(host, "localhost") || net.ParseIP(host) != nil
}

// ServeHTTP answers a request to the help center.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.handler.ServeHTTP(w, r)
}

func (s *Simulator) routes() *http.ServeMux {
	mux := http.NewServeMux()

	// The customer's site.
	mux.HandleFunc("/v2/enduser/remote.json", s.withFault(KindForm, s.formLogin))
	mux.HandleFunc("/api/v2/enduser/remote.json", s.withFault(KindAPI, s.apiLogin))

	// Members.
	mux.HandleFunc("GET /{$}", s.showStart)
	mux.HandleFunc("GET /{service}/hc/{$}", s.withFault(KindHome, s.showHome))
	mux.HandleFunc("GET /{service}/hc/ticket/{$}", s.withFault(KindInquiry, s.showInquiry))
	mux.HandleFunc("POST /{service}/hc/ticket/{$}", s.withFault(KindInquiry, s.sendInquiry))
	mux.HandleFunc("GET /{service}/hc/ticket/list/{$}", s.withFault(KindHistory, s.showHistory))
	for _, bare := range []string{"GET /{service}/hc", "GET /{service}/hc/ticket", "GET /{service}/hc/ticket/list"} {
		mux.HandleFunc(bare, addSlash)
	}
	mux.HandleFunc("POST /status", s.takeStatus)

	// The administrator.
	mux.HandleFunc("GET /console", s.showConsole)
	mux.HandleFunc("GET /console/events/{id}", s.showEvent)
	mux.HandleFunc("POST /console/settings", s.saveSettings)
	mux.HandleFunc("POST /console/faults", s.saveFaults)
	mux.HandleFunc("POST /console/reset", s.resetAll)

	// Tests.
	mux.HandleFunc("GET /console/api/events", s.getEvents)
	mux.HandleFunc("GET /console/api/settings", s.getSettings)
	mux.HandleFunc("PUT /console/api/settings", s.putSettings)
	mux.HandleFunc("GET /console/api/faults", s.getFaults)
	mux.HandleFunc("PUT /console/api/faults", s.putFaults)
	mux.HandleFunc("GET /console/api/inquiries", s.getInquiries)
	mux.HandleFunc("POST /console/api/reset", s.postReset)

	addAssets(mux)
	return mux
}

//go:embed static
var assets embed.FS

// addAssets gives each static file a route of its own: a pattern for them all would meet the pages of a service that
// is called "assets".
func addAssets(mux *http.ServeMux) {
	files, err := fs.Glob(assets, "static/*")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	for _, file := range files {
		mux.HandleFunc("GET /assets/"+path.Base(file), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, assets, file)
		})
	}
}

// addSlash leads to the page that a URL without its last slash means.
func addSlash(w http.ResponseWriter, r *http.Request) {
	u := *r.URL
	u.Path += "/"
	u.RawPath = ""
	http.Redirect(w, r, pathAndQuery(&u), http.StatusFound)
}

// withSecurityHeaders sets what every answer has; pages that the customer's site may frame replace the policy.
func withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy(nil, ""))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin") // no-referrer would make our own posts say Origin: null
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// contentSecurityPolicy allows our own files and posts, the origins that may frame the page, and one origin to call.
// Without a framing origin nobody frames it, ourselves included.
func contentSecurityPolicy(framedBy []string, calls string) string {
	ancestors := "'none'"
	if len(framedBy) > 0 {
		ancestors = strings.Join(append([]string{"'self'"}, framedBy...), " ")
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self'",
		strings.TrimSpace("connect-src 'self' " + calls),
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors " + ancestors,
	}, "; ")
}

// origin is the help center's own, as the browser names it.
func origin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + strings.ToLower(r.Host)
}

// clock is the help center's own, with the offset that the console ordered.
func (s *Simulator) clock() time.Time {
	return s.now().Add(time.Duration(s.faults().ClockOffset))
}
