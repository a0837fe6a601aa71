// Package standin is a stand-in for the vendor's help center, for development and tests: its
// three pages, both remote-login endpoints, signed links, the login status script and the console,
// written from the contract (CONTRACT 2 to 10a). It keeps everything in memory. Unlike the real
// help center it has a log of every call with the likely cause of each refusal, faults that you can
// switch on, and a clock that you can change.
//
// It stands on the other side of the wire and shares no code with the server, so that the same
// mistake can't be made on both sides and go unnoticed. Never expose it to the public: whoever
// reaches its console can become any member.
package standin

import (
	"embed"
	"io"
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

// Simulator is a stand-in help center: an http.Handler for the root of its own origin. It is safe
// for concurrent use.
type Simulator struct {
	log     *slog.Logger
	client  *http.Client
	now     func() time.Time
	start   Settings
	handler http.Handler

	mu    sync.Mutex
	state state // guarded by mu
	// changed is closed at the next event. Guarded by mu.
	changed chan struct{}
	stopped chan struct{} // closed by Stop
	stop    sync.Once
}

// New makes a help center. A reset restores these settings. The client makes the token verify
// calls; each times out after 5 s. The error names every invalid setting, one per line.
//
// The log gets one line per event, without its fields and its detail, which the console shows.
func New(log *slog.Logger, client *http.Client, now func() time.Time, settings Settings) (*Simulator, error) {
	if err := settings.problems().err(); err != nil {
		return nil, err
	}
	s := &Simulator{log: log, client: client, now: now, start: settings, changed: make(chan struct{}), stopped: make(chan struct{})}
	protection := http.NewCrossOriginProtection()
	// Other sites call these two; the signature protects them.
	protection.AddInsecureBypassPattern("/v2/enduser/remote.json")
	protection.AddInsecureBypassPattern("/api/v2/enduser/remote.json")
	s.reset()
	s.handler = withSecurityHeaders(protection.Handler(guardConsole(s.routes())))
	return s, nil
}

// guardConsole protects the console against DNS rebinding: a page whose host name was made to
// resolve to this machine would be same-origin and could read the organization key. Nobody can do
// that with an IP address or a name without a dot, such as localhost or a service of Docker Compose.
func guardConsole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/console") && !isLocal(r.Host) {
			http.Error(w, "The console answers at an IP address or at a name without a dot only, not at "+strconv.Quote(r.Host)+".", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLocal(hostport string) bool {
	host := (&url.URL{Host: hostport}).Hostname()
	return !strings.Contains(host, ".") || net.ParseIP(host) != nil
}

// ServeHTTP answers a request to the help center.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.handler.ServeHTTP(w, r)
}

// Stop ends the streams of events to consoles, which would keep a server from stopping.
func (s *Simulator) Stop() { s.stop.Do(func() { close(s.stopped) }) }

func (s *Simulator) routes() *http.ServeMux {
	mux := http.NewServeMux()

	// The customer's site.
	mux.HandleFunc("/v2/enduser/remote.json", s.withFault(KindForm, s.formLogin))
	mux.HandleFunc("/api/v2/enduser/remote.json", s.withFault(KindAPI, s.apiLogin))

	// Members.
	mux.HandleFunc("GET /{$}", s.showStart)
	for _, page := range []string{"", "notice/", "article/"} { // what guests read, all on one page here
		mux.HandleFunc("GET /{service}/hc/"+page+"{$}", s.page(KindHome, s.showHome))
	}
	mux.HandleFunc("GET /{service}/hc/ticket/{$}", s.page(KindInquiry, s.showInquiry))
	mux.HandleFunc("POST /{service}/hc/ticket/{$}", s.page(KindInquiry, s.sendInquiry))
	mux.HandleFunc("GET /{service}/hc/ticket/list/{$}", s.page(KindHistory, s.showHistory))
	for _, path := range pagePaths {
		mux.HandleFunc("GET /{service}/"+strings.TrimSuffix(path, "/"), addSlash)
	}
	mux.HandleFunc("POST /status", s.takeStatus)
	mux.HandleFunc("GET /loop", s.showLoop)
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("/", s.showNotFound)

	// The administrator.
	mux.HandleFunc("GET /console", s.showCalls)
	mux.HandleFunc("GET /console/events/{id}", s.showCalls)
	mux.HandleFunc("GET /console/live", s.followEvents)
	for _, tab := range []string{"settings", "faults", "api", "reset"} {
		mux.HandleFunc("GET /console/"+tab, s.showTab(tab))
	}
	mux.HandleFunc("POST /console/settings", s.saveSettings)
	mux.HandleFunc("POST /console/faults", s.saveFaults)
	mux.HandleFunc("POST /console/cookies", s.toggleCookies)
	mux.HandleFunc("POST /console/reset", s.resetAll)

	// Tests.
	mux.HandleFunc("GET /console/api/events", s.getEvents)
	mux.HandleFunc("GET /console/api/settings", s.getSettings)
	mux.HandleFunc("PUT /console/api/settings", putJSON(s.changeSettings, s.getSettings))
	mux.HandleFunc("GET /console/api/faults", s.getFaults)
	mux.HandleFunc("PUT /console/api/faults", putJSON(s.changeFaults, s.getFaults))
	mux.HandleFunc("GET /console/api/inquiries", s.getInquiries)
	mux.HandleFunc("POST /console/api/reset", func(w http.ResponseWriter, _ *http.Request) {
		s.reset()
		w.WriteHeader(http.StatusNoContent)
	})

	addAssets(mux)
	return mux
}

//go:embed static
var assets embed.FS

// addAssets gives each static file its own route. One pattern for all would conflict with the pages
// of a service called "assets".
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

// addSlash redirects to the same URL with a slash at the end of its path.
func addSlash(w http.ResponseWriter, r *http.Request) {
	u := *r.URL
	u.Path += "/"
	u.RawPath = ""
	http.Redirect(w, r, pathAndQuery(&u), http.StatusFound)
}

// withSecurityHeaders sets the headers of every answer. Pages that may be framed replace the
// policy.
func withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy(nil, ""))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin") // no-referrer gives our own forms Origin: null
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// contentSecurityPolicy allows our own files and forms, framing by the given origins and by
// ourselves, and calls to one other origin. Without framing origins, nobody may frame the page, not
// even ourselves.
func contentSecurityPolicy(framedBy []string, calls string) string {
	ancestors := "'none'"
	if len(framedBy) > 0 {
		ancestors = strings.Join(append([]string{"'self'"}, framedBy...), " ")
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " + strings.TrimSpace("connect-src 'self' "+calls) +
		"; form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
}

// origin is the help center's origin, as the browser sees it.
func origin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + strings.ToLower(r.Host)
}

// clock is the help center's time, with the console's clock offset.
func (s *Simulator) clock() time.Time {
	return s.now().Add(time.Duration(s.faults().ClockOffset))
}
