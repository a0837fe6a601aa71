package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/metrics"
	"ocsso/static"
	"ocsso/templates"
)

// NewAdmin returns the handler of the operator's listener. It asks for no login, so the listener
// must not face the public.
//
// /healthz says that the process answers. /readyz answers what ready returns, which is at once, or
// 503 and its error; with ?store=strict it is strict about the store. /metrics is for Prometheus.
// These answer whatever the Host is. /setup is the onboarding page; it answers at localhost or an
// IP address only.
func NewAdmin(
	log *slog.Logger, counts *metrics.Metrics, ready func(strict bool) (string, error), settings SetupSettings, findings Findings,
) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		strict := query.Get("store") == "strict"
		if query.Has("store") && !strict {
			writeHealth(w, http.StatusBadRequest, "store can only be strict: /readyz?store=strict")
			return
		}
		detail, err := ready(strict)
		if err != nil {
			writeHealth(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		writeHealth(w, http.StatusOK, detail)
	})
	mux.Handle("GET /metrics", counts.Handler())
	fallback, ok := i18n.Parse(string(settings.Language), i18n.OperatorLangs)
	if !ok {
		fallback = i18n.EN
	}
	s := &setup{settings, &pages{
		log: log, blank: templates.Page{SiteName: settings.SiteName}, languages: i18n.OperatorLangs, fallback: fallback,
	}, findings}
	guards := chi.Chain(pagePolicy(contentPolicy{}), guardOperator)
	mux.Handle("GET /setup", guards.HandlerFunc(s.page))
	mux.Handle("GET /{$}", guards.Handler(http.RedirectHandler("/setup", http.StatusSeeOther)))
	mux.Handle("GET /static/", static.Plain())
	return mux
}

// writeHealth answers with a line of text.
func writeHealth(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

// Findings asks for the prerequisites as they are now. It is safe for concurrent use, and returns
// soon after ctx is done, even when something does not answer.
type Findings func(ctx context.Context) []Finding

// SetupSettings are what the setup page needs to know about the public listener.
type SetupSettings struct {
	Own          helpcenter.Origin // where members reach this server
	Handoff      helpcenter.Way
	CheckCommand string // checks the public URL from anywhere
	Version      string
	Organization string   // its domain, or the help center's origin
	Environment  string   // of the vendor
	Services     []string // the default one first
	Seen         *Seen
	SiteName     string    // "" for a general word
	Language     i18n.Lang // for a browser that asks for none of ours
}

// A Finding is shown as it is.
type Finding = templates.Finding

// FindingsTimeout bounds Findings: a help center that is down must not hang the page.
const FindingsTimeout = 2 * time.Second

// setup answers the setup page.
type setup struct {
	SetupSettings
	*pages
	findings Findings
}

// guardOperator keeps other sites' pages in the operator's browser away from a listener that asks
// for no login. It refuses
//   - host names, because another site can make its own name resolve to us (DNS rebinding)
//   - requests that another site's page makes, as for an image or a frame
func guardOperator(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		commonHeaders(w.Header())
		switch {
		case !addressedDirectly(r.Host):
			writeHealth(w, http.StatusForbidden, "this page answers at localhost or at an IP address only: forward the port of server.admin_listen to your machine")
		case byAnotherSite(r) && !inWindow(r): // a link that the operator follows is fine
			writeHealth(w, http.StatusForbidden, "loaded by another site")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// addressedDirectly reports whether a Host header has an IP address or localhost, which nobody else
// can own.
func addressedDirectly(hostport string) bool {
	host := (&url.URL{Host: hostport}).Hostname()
	_, err := netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost")
}

// page shows what to do and how this server is set up.
func (s *setup) page(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), FindingsTimeout)
	defer cancel()
	shown := templates.Setup{
		Page: s.newPage(w, r), About: s.about(), Console: s.console(), Findings: s.findings(ctx),
		CheckCommand: s.CheckCommand, Events: s.events(),
	}
	if s.Handoff != helpcenter.Link {
		shown.SentBack = i18n.Setup.NeverSentBack.In(shown.Lang)
		if at := s.Seen.SentBack(); !at.IsZero() {
			shown.SentBack = i18n.SentBack(shown.Lang, at.Format(secondsAndZone))
		}
	}
	if err := s.render(w, r, http.StatusOK, templates.SetupPage(shown)); err != nil {
		s.log.Error("setup page", "error", err)
		writeHealth(w, http.StatusInternalServerError, "internal error: see the log")
	}
}

// console is what to enter in the vendor's console for the configured handoff (CONTRACT 10a).
func (s *setup) console() []templates.ConsoleField {
	own := string(s.Own)
	if s.Handoff == helpcenter.Link {
		return []templates.ConsoleField{
			{Label: i18n.Setup.LoginType, Value: "GET"},
			{Label: i18n.Setup.TokenVerifyURL, Value: own + "/token/verify"},
		}
	}
	return []templates.ConsoleField{
		{Label: i18n.Setup.LoginType, Value: "POST"},
		{Label: i18n.Setup.LoginURL, Value: own + "/login"},
		{Label: i18n.Setup.LoginStatusURL, Value: own + "/login/status"},
		// For browsers that keep the cookie back (D8).
		{Label: i18n.Setup.Parameter, Value: "usercode", InQuery: true},
		{Label: i18n.Setup.Parameter, Value: "token", InQuery: true},
	}
}

// secondsAndZone is how the page writes a time.
const secondsAndZone = "2006-01-02 15:04:05 -07:00"

// about is what this server is.
func (s *setup) about() []templates.ConsoleField {
	return []templates.ConsoleField{
		{Label: i18n.Setup.Version, Value: s.Version},
		{Label: i18n.Setup.Organization, Value: s.Organization},
		{Label: i18n.Setup.Environment, Value: s.Environment},
		{Label: i18n.Setup.Services, Value: strings.Join(s.Services, ", ")},
		{Label: i18n.Setup.Handoff, Value: string(s.Handoff)},
	}
}

// events are what the public listener has seen.
func (s *setup) events() (rows []templates.SetupEvent) {
	names := map[string]i18n.Words{
		"handoff": i18n.Setup.HandedOff, "login": i18n.Setup.LoginRefused, "verify": i18n.Setup.TokenChecked,
	}
	for _, e := range s.Seen.Events() {
		rows = append(rows, templates.SetupEvent{
			Time: e.Time.Format(secondsAndZone), Name: names[e.Name], Way: e.Way, Outcome: e.Outcome, Member: e.Member,
		})
	}
	return rows
}
