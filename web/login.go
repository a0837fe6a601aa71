package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/session"
	"ocsso/internal/token"
	"ocsso/templates"
)

// A Login is how members prove who they are. The set is closed: PasswordLogin, SiteLogin,
// OIDCLogin, OAuth2Login and ProxyLogin are all there are.
type Login interface {
	// begin answers somebody logged out who came to the login page at r's path. The return URL has
	// been checked.
	begin(f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string) error
	// named returns the member whom r itself names: where it is errUnnamed, the session alone says
	// who is logged in. Any other error ends a session that r has.
	named(r *http.Request) (member.Member, error)
	// source returns what r itself brings to ask about the member, the session's Source. Where
	// known is false, the session's own stands.
	source(r *http.Request) (source string, known bool)
	// leave returns where logging out here leads on to; "" for our own page. kept is what the
	// session that has ended has kept (session.Ties).
	leave(ctx context.Context, kept string) (string, error)
	// way is the label of the way to log in, in metrics and logs.
	way() string
	// routes are the routes that the login needs in addition to the login pages.
	routes(f loginFlow) []loginRoute
}

// A loginRoute has the headers and the policy of the login pages.
type loginRoute struct {
	method, path string
	handler      handler
}

// loginFlow is what the ways to log in share: pages to show, and how a login ends.
type loginFlow struct {
	*pages
	audit     auditLog
	way       string
	own       helpcenter.Origin
	sessions  *session.Manager
	metrics   *metrics.Metrics
	limits    Limits
	returnURL func(r *http.Request, raw string) (to helpcenter.ReturnURL, kept string, err error)
}

func (s *server) loginFlow() loginFlow {
	return loginFlow{s.pages, s.audit, s.login.way(), s.Own, s.sessions, s.metrics, s.limits, s.returnURL}
}

// finish starts a session for who and leads back to the login page at path, which hands off. source
// is the session's Source.
func (f loginFlow) finish(
	w http.ResponseWriter, r *http.Request, who member.Member, source, path, returnURL string,
) error {
	return f.finishTied(w, r, who, session.Ties{Source: source}, path, returnURL)
}

// finishTied is finish for a session with ties.
func (f loginFlow) finishTied(
	w http.ResponseWriter, r *http.Request, who member.Member, ties session.Ties, path, returnURL string,
) error {
	fit, err := f.sendable(w, r, who)
	if err != nil {
		f.count(w, r, "refused", "")
		return err
	}
	err = f.sessions.Start(w, r, fit, ties)
	if errors.Is(err, session.ErrEnded) {
		f.count(w, r, "refused", fit.UserCode)
		return errLoginExpired
	}
	if err != nil {
		f.count(w, r, "out_of_order", fit.UserCode)
		return unavailable(err)
	}
	f.count(w, r, "ok", fit.UserCode)
	return seeOther(w, withParameter(f.loginURL(path, returnURL), afterLogin))
}

// leaveFrame shows a page for a frame whose link leads through the login to the same page of the
// help center in the top window. Opening that page in the frame again would need the help center's
// cookie there.
func (f loginFlow) leaveFrame(w http.ResponseWriter, r *http.Request, returnURL string) error {
	to, _, err := f.returnURL(r, returnURL)
	if err != nil {
		return err
	}
	return f.render(w, r, http.StatusOK, templates.FramedLoginPage(templates.FramedLogin{
		Page: f.framedPage(w, r), LoginURL: f.loginURL(r.URL.Path, to.Unframed().String()),
	}))
}

// afterLogin marks the redirect after a successful login, so that a browser which did not keep the
// cookie gets a page that says so. The login page's script adds it, too.
const afterLogin = "loggedIn"

// errNoCookie says that the browser did not keep the session cookie.
var errNoCookie = errors.New("the browser did not keep the session cookie")

// cookieRefused reports whether r, which has no session, comes right after a login.
func cookieRefused(r *http.Request) bool { return r.URL.Query().Has(afterLogin) && !typed(r) }

// typed reports whether no page led to r: it is typed, a bookmark or a restored tab.
func typed(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Site") == "none" }

// count counts how an attempt to log in ended. usercode is "" when it is not known whose it was.
func (f loginFlow) count(w http.ResponseWriter, r *http.Request, outcome, usercode string) {
	f.metrics.Logins.With(outcome).Inc()
	f.audit.write(w, r, "login", f.way, outcome, usercode)
}

// sendable returns who as the help center can take it (D20). The log has the fields that were left
// out, once for each login, and the error is for a usercode that can't be sent.
func (p *pages) sendable(w http.ResponseWriter, r *http.Request, who member.Member) (member.Member, error) {
	fit, left, err := who.Sendable()
	p.logLeft(w, r, left)
	return fit, err
}

// logLeft logs what keeps fields of a member from being sent as they are.
func (p *pages) logLeft(w http.ResponseWriter, r *http.Request, left []*token.FieldError) {
	for _, fault := range left {
		p.log.LogAttrs(r.Context(), slog.LevelWarn, "a member's field can't be sent and is left out or cut",
			slog.String("field", string(fault.Field)), slog.String("reason", fault.Reason),
			slog.String("request_id", idOf(w)))
	}
}

// logRow logs why a member's row in the directory can't be used, if that is why err is a refusal.
func (p *pages) logRow(w http.ResponseWriter, r *http.Request, err error) {
	var row *member.RowError
	if errors.As(err, &row) {
		p.log.LogAttrs(r.Context(), slog.LevelError, "a member's row can't be used",
			slog.String("column", row.Column), slog.String("reason", row.Reason),
			slog.String("request_id", idOf(w)))
	}
}

// loginPaths are the login pages. /login hands off in the configured way.
var loginPaths = [...]string{"/login", "/login/form", "/login/api"}

func (s *server) wayAt(path string) Way {
	switch strings.TrimSuffix(path, "/") {
	case "/login/form":
		return Form
	case "/login/api":
		return API
	}
	return s.Handoff
}

// loginPage is the login URL (CONTRACT 6): the login for somebody logged out, the handoff
// for a member.
func (s *server) loginPage(w http.ResponseWriter, r *http.Request) error {
	to, returnURL, err := s.returnURL(r, r.URL.Query().Get("returnUrl"))
	if err != nil {
		return err
	}
	current, err := s.currentFresh(w, r)
	if err != nil {
		return err
	}
	if current == nil && cookieRefused(r) {
		return errNoCookie
	}
	if current == nil {
		return s.login.begin(s.loginFlow(), w, r, returnURL)
	}
	return s.handOff(w, r, s.wayAt(r.URL.Path), *current, to)
}

// returnURL is where the returnUrl of a request leads, and what to keep of raw until the member is
// logged in: its normal form, whose length is bounded. "" leads to the default service's home
// (D14), and a malformed URL of the help center or our own to its service's home: the member has
// followed some link of ours or theirs.
func (s *server) returnURL(r *http.Request, raw string) (to helpcenter.ReturnURL, kept string, err error) {
	if raw == "" {
		return s.site.Page("", helpcenter.Home), "", nil
	}
	to, err = s.site.ReturnURL(raw, s.own...)
	if malformed := (*helpcenter.MalformedURLError)(nil); errors.As(err, &malformed) {
		s.log.Info("malformed returnUrl: leading to the home page", "reason", malformed.Reason,
			"path", loggedPath(r))
		to, err = s.site.Page(malformed.Service, helpcenter.Home), nil
	}
	return to, to.String(), err
}
