package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/secret"
	"ocsso/static"
	"ocsso/templates"
)

// An Onboarding tells the setup page how this server is set up. It is safe for concurrent use;
// Check is called once at a time.
type Onboarding interface {
	// Findings are the prerequisites as they are now. It returns soon after ctx is done, even when
	// something does not answer.
	Findings(ctx context.Context) []Finding
	// Check runs the conformance cases against the public URL. Cases that need a member log in with
	// login, and the texts are in lang, KO or EN. An error is ctx's, or says why the URL can't be
	// reached.
	Check(ctx context.Context, login Credentials, lang i18n.Lang) (CheckReport, error)
}

// SetupSettings are what the setup page needs to know about the public listener.
type SetupSettings struct {
	Own        helpcenter.Origin // where members reach this server
	Handoff    Way
	ByPassword bool      // members log in with a password here, and so can the checks
	SiteName   string    // "" for a general word
	Language   i18n.Lang // for a browser that asks for none of ours
}

// Credentials are a test member's login that an operator has typed. Both fields are set, or
// neither.
type Credentials struct {
	UserCode string
	Password secret.Text
}

// The page shows these as they are.
type (
	Finding     = templates.Finding
	CheckReport = templates.CheckReport
	CheckResult = templates.CheckResult
)

const (
	// FindingsTimeout bounds Findings: a help center that is down must not hang the page.
	FindingsTimeout = 2 * time.Second
	checkTimeout    = time.Minute // of a whole run; the listener's write timeout is longer
)

// setup answers the setup page.
type setup struct {
	SetupSettings
	*pages
	onboarding Onboarding
	running    sync.Mutex // held while the checks run
}

// routeSetup adds the setup page and what it loads to the operator's listener.
func routeSetup(mux *http.ServeMux, log *slog.Logger, settings SetupSettings, onboarding Onboarding) {
	fallback, ok := i18n.Parse(string(settings.Language), i18n.OperatorLangs)
	if !ok {
		fallback = i18n.EN
	}
	s := &setup{
		SetupSettings: settings,
		pages: &pages{
			log: log, siteName: settings.SiteName, languages: i18n.OperatorLangs,
			fallback: fallback,
		},
		onboarding: onboarding,
	}
	guards := chi.Chain(commonHeaders(false), pagePolicy(contentPolicy{}), guardOperator,
		middleware.RequestSize(maxBody))
	mux.Handle("GET /setup", guards.Handler(s.answer(s.page)))
	mux.Handle("POST /setup", guards.Handler(s.answer(s.check)))
	mux.Handle("GET /{$}", guards.Handler(http.RedirectHandler("/setup", http.StatusSeeOther)))
	mux.Handle("GET /static/", static.Handler())
}

// guardOperator keeps other sites' pages in the operator's browser away from a listener that asks
// for no login. It refuses
//   - host names, because another site can make its own name resolve to us (DNS rebinding)
//   - posts from another site
//   - other requests that another site's page makes, as for an image or a frame
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

// addressedDirectly reports whether a Host header has an IP address or localhost, which nobody else
// can own.
func addressedDirectly(hostport string) bool {
	host := (&url.URL{Host: hostport}).Hostname()
	_, err := netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost")
}

// loadedByAnotherSite reports whether another site's page makes the request. A link that the
// operator follows does not count.
func loadedByAnotherSite(r *http.Request) bool {
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	return (site == "cross-site" || site == "same-site") && dest != "document"
}

// answer adapts a handler whose errors are internal ones.
func (s *setup) answer(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.log.Error("setup page", "error", err)
			writeHealth(w, http.StatusInternalServerError, "internal error: see the log")
		}
	}
}

// page shows what to do and how this server is set up.
func (s *setup) page(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, http.StatusOK, templates.Setup{Page: s.newPage(w, r)})
}

// check runs the checks and shows the page with what they found. It keeps nothing.
func (s *setup) check(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		writeHealth(w, http.StatusBadRequest, "the form is malformed or too large")
		return nil
	}
	login := Credentials{
		UserCode: strings.TrimSpace(r.PostForm.Get("usercode")),
		Password: secret.New(r.PostForm.Get("password")),
	}
	shown := templates.Setup{Page: s.newPage(w, r), UserCode: login.UserCode}
	status := http.StatusOK
	switch report, err := s.run(r.Context(), login, shown.Lang); {
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
	return s.show(w, r, status, shown)
}

// Why the checks did not run, or did not finish.
var (
	errHalfLogin = errors.New("half a login")
	errBusy      = errors.New("the checks are already running")
	errSlow      = errors.New("not done in time")
)

// run runs the checks, unless they are already running.
func (s *setup) run(ctx context.Context, login Credentials, lang i18n.Lang) (CheckReport, error) {
	if (login.UserCode == "") != (login.Password.Reveal() == "") {
		return CheckReport{}, errHalfLogin
	}
	if !s.running.TryLock() {
		return CheckReport{}, errBusy
	}
	defer s.running.Unlock()
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	report, err := s.onboarding.Check(ctx, login, lang)
	// Not err: single requests have deadlines, too
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return CheckReport{}, errSlow
	}
	return report, err
}

// show fills in what every answer shows. The caller sets the Page.
func (s *setup) show(w http.ResponseWriter, r *http.Request, status int, shown templates.Setup) error {
	shown.Action = "/setup"
	shown.Console = s.console()
	shown.AsksLogin = s.ByPassword
	ctx, cancel := context.WithTimeout(r.Context(), FindingsTimeout)
	defer cancel()
	shown.Findings = s.onboarding.Findings(ctx)
	return s.render(w, r, status, templates.SetupPage(shown))
}

// console is what to enter in the vendor's console for the configured handoff (CONTRACT section
// 10a).
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
