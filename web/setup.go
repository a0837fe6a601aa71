package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/static"
	"ocsso/templates"
)

// An Onboarding looks into this server for the setup page. It is safe for concurrent use, but Check is called once at a time.
type Onboarding interface {
	// Findings are the prerequisites, as they stand now. It returns soon after ctx is done, whatever doesn't answer.
	Findings(ctx context.Context) []Finding
	// Check runs the conformance cases against the public URL; those that need a member logged in, with login. The error is ctx's,
	// or says why the URL can't be reached.
	Check(ctx context.Context, login Credentials) (CheckReport, error)
}

// SetupSettings are what the setup page needs to know of the server that it is about.
type SetupSettings struct {
	Own        helpcenter.Origin // where members reach it
	Handoff    Way
	ByPassword bool      // members log in with a password here, and so can the checks
	SiteName   string    // "" for a general word
	Language   i18n.Lang // where the browser prefers neither Korean nor English; English unless it is Korean
}

// Credentials are a test member's login that an operator has typed: both fields, or neither.
type Credentials struct {
	UserCode string
	Password Password
}

// A Password is text that doesn't print itself. string(p) gives it.
type Password string

// Format implements fmt.Formatter: a mask, whatever the verb.
func (Password) Format(f fmt.State, _ rune) { io.WriteString(f, "***") }

// MarshalText implements encoding.TextMarshaler with the same mask. JSON and slog come here.
func (Password) MarshalText() ([]byte, error) { return []byte("***"), nil }

// What an Onboarding finds is shown as it is.
type (
	Finding     = templates.Finding
	CheckReport = templates.CheckReport
	CheckResult = templates.CheckResult
)

const (
	findingsTimeout = 2 * time.Second // a help center that is down must not hang the page
	checkTimeout    = time.Minute     // of a whole run; the listener's write timeout is above it
)

// setup answers the setup page.
type setup struct {
	SetupSettings
	pages      *server // to render with: it knows no members and no sessions
	onboarding Onboarding
	running    sync.Mutex // held by the one run of the checks
}

// routeSetup adds the setup page, and what it loads, to the operator's listener.
func routeSetup(mux *http.ServeMux, log *slog.Logger, settings SetupSettings, onboarding Onboarding) {
	if settings.Language != i18n.KO {
		settings.Language = i18n.EN
	}
	s := &setup{
		SetupSettings: settings,
		// Without an origin of its own: the public one's https says nothing about this listener.
		pages: &server{
			Settings: Settings{SiteName: settings.SiteName, Language: settings.Language}, languages: i18n.OperatorLangs, log: log, now: time.Now,
		},
		onboarding: onboarding,
	}
	protected := func(h handler) http.Handler { return s.pages.securityHeaders(guardOperator(limitBody(s.answer(h)))) }
	mux.Handle("GET /setup", protected(s.page))
	mux.Handle("POST /setup", protected(s.check))
	mux.Handle("GET /{$}", protected(func(w http.ResponseWriter, _ *http.Request) error { return seeOther(w, "/setup") }))
	mux.Handle("GET /static/", static.Handler())
}

// guardOperator keeps other sites' pages, in the operator's browser, from a listener that asks for no login.
//
// A page whose own name was made to resolve to this machine (DNS rebinding) would be same-origin: an address, or localhost,
// can't be made to. A page that posts here, or loads the page as an image or into a frame to keep the server busy, is told by
// what browsers say of it.
func guardOperator(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, http.StatusForbidden, "posted from another site")
	}))
	next = protection.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !addressedDirectly(r.Host):
			writeHealth(w, http.StatusForbidden, "this page answers at localhost or at an IP address only: forward the port of server.admin_listen to your machine")
		case loadedByAnotherSite(r):
			writeHealth(w, http.StatusForbidden, "loaded by another site")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// addressedDirectly reports whether a Host header has no name that somebody else could own.
func addressedDirectly(hostport string) bool {
	host := (&url.URL{Host: hostport}).Hostname()
	_, err := netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost")
}

// loadedByAnotherSite reports whether another site's page asks, and not for a link that the operator has followed.
func loadedByAnotherSite(r *http.Request) bool {
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	return (site == "cross-site" || site == "same-site") && dest != "document"
}

// answer adapts a handler whose errors are the server's own fault.
func (s *setup) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.pages.log.Error("setup page", "error", err)
			writeHealth(w, http.StatusInternalServerError, "internal error: see the log")
		}
	})
}

// page shows what to do, and how this server stands.
func (s *setup) page(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, templates.Setup{})
}

// check runs the checks and shows the page with what they found. Nothing of it is kept.
func (s *setup) check(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		writeHealth(w, http.StatusBadRequest, "the form is malformed or too large")
		return nil
	}
	login := Credentials{UserCode: strings.TrimSpace(r.PostForm.Get("usercode")), Password: Password(r.PostForm.Get("password"))}
	shown := templates.Setup{UserCode: login.UserCode}
	status := http.StatusOK
	switch report, err := s.run(r.Context(), login); {
	case errors.Is(err, errHalfLogin):
		status, shown.Error = http.StatusBadRequest, templates.SetupErrorHalfLogin
	case errors.Is(err, errBusy):
		status, shown.Error = http.StatusConflict, templates.SetupErrorBusy
	case errors.Is(err, errSlow):
		status, shown.Error = http.StatusGatewayTimeout, templates.SetupErrorSlow
	case err != nil:
		status, shown.Error, shown.ErrorDetail = http.StatusBadGateway, templates.SetupErrorUnreachable, err.Error()
	default:
		shown.Report = &report
	}
	return s.render(w, r, status, shown)
}

// Why the checks are not run, or not to their end.
var (
	errHalfLogin = errors.New("half a login")
	errBusy      = errors.New("another run is under way")
	errSlow      = errors.New("not done in time")
)

// run runs the checks, unless somebody else's are under way.
func (s *setup) run(ctx context.Context, login Credentials) (CheckReport, error) {
	if (login.UserCode == "") != (login.Password == "") {
		return CheckReport{}, errHalfLogin
	}
	if !s.running.TryLock() {
		return CheckReport{}, errBusy
	}
	defer s.running.Unlock()
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	report, err := s.onboarding.Check(ctx, login)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) { // err may be that of one request, which has a deadline of its own
		return CheckReport{}, errSlow
	}
	return report, err
}

// render fills in what every answer shows.
func (s *setup) render(w http.ResponseWriter, r *http.Request, status int, shown templates.Setup) error {
	shown.Page = s.pages.newPage(w, r, nil)
	shown.LoginURL = "" // nobody logs in on this listener
	shown.Action = "/setup"
	shown.Console = s.console()
	shown.AsksLogin = s.ByPassword
	ctx, cancel := context.WithTimeout(r.Context(), findingsTimeout)
	defer cancel()
	shown.Findings = s.onboarding.Findings(ctx)
	return s.pages.render(w, r, status, templates.SetupPage(shown))
}

// console is what belongs into the vendor's console for the configured handoff (PROTOCOL section 10a).
func (s *setup) console() []templates.ConsoleField {
	own := string(s.Own)
	if s.Handoff == Link {
		return []templates.ConsoleField{
			{Label: i18n.FieldLoginType, Value: "GET"},
			{Label: i18n.FieldTokenVerifyURL, Value: own + "/token/verify"},
		}
	}
	return []templates.ConsoleField{
		{Label: i18n.FieldLoginType, Value: "POST"},
		{Label: i18n.FieldLoginURL, Value: own + "/login"},
		{Label: i18n.FieldLoginStatusURL, Value: own + "/login/status"},
		// For browsers that keep the cookie back (D8).
		{Label: i18n.FieldParameter, Value: "usercode", InQuery: true},
		{Label: i18n.FieldParameter, Value: "token", InQuery: true},
	}
}
