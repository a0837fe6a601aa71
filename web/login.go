package web

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/session"
	"ocsso/internal/token"
	"ocsso/templates"
)

// A Login is how members prove who they are. The set is closed: PasswordLogin, SiteLogin,
// OIDCLogin, OAuth2Login and ProxyLogin are all there are.
type Login interface {
	// Begin answers somebody logged out who came to the login page at r's path. The return URL has
	// been checked. A login ends in Finish, here or in one of the Routes.
	Begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error
	// Routes are what the login needs in addition to the login pages.
	Routes() []loginRoute
}

// A claimant is a Login where a request itself says something about who it is from.
type claimant interface{ claim(r *http.Request) claim }

// A leaver is a Login where logging out leads on to elsewhere, or to our own page for "". kept is
// what the session that has ended has kept (session.Ties).
type leaver interface {
	leave(ctx context.Context, kept string) (string, error)
}

// A loginRoute has the headers and the policy of the login pages, or byServer is called by another
// server and answers with JSON.
type loginRoute struct {
	method, path string
	byServer     bool
	answer       func(s *server, w http.ResponseWriter, r *http.Request) error
}

// Finish starts a session for who and leads back to the URL of a login page, which hands off.
func (s *server) Finish(
	w http.ResponseWriter, r *http.Request, who member.Member, ties session.Ties, loginPage string,
) error {
	fit, err := s.sendable(w, r, who)
	if err != nil {
		s.countLogin(w, r, "refused", "", err)
		return err
	}
	err = s.sessions.Start(w, r, fit, ties)
	if errors.Is(err, session.ErrEnded) {
		s.countLogin(w, r, "refused", fit.UserCode, err)
		return errLoginExpired
	}
	if err != nil {
		s.countLogin(w, r, "out_of_order", fit.UserCode, err)
		return unavailable(err)
	}
	s.countLogin(w, r, "ok", fit.UserCode, nil)
	shorter, _, _ := strings.Cut(loginPage, "%3F") // the query of the return URL, which is escaped
	home, _, _ := strings.Cut(loginPage, "?")
	return seeOther(w, withParameter(loginPage, afterLogin), withParameter(shorter, afterLogin), withParameter(home, afterLogin))
}

// shownFirst marks a request that the page of showFirst makes.
const shownFirst = "shown"

// showFirst answers a login page in a frame with a page that goes on by itself, unless a page of
// ours has asked for it (D25). Browsers show it in the frames of the help center alone, so frames
// that another site hides have no effect, and no redirect there tells it who is logged in.
func (s *server) showFirst(next http.Handler) http.Handler {
	page := s.page(func(w http.ResponseWriter, r *http.Request) error {
		goOn := templates.Handoff{Page: s.framedPage(w, r), Method: "get", Action: s.base + r.URL.Path}
		query := r.URL.Query()
		query.Set(shownFirst, "1")
		for _, name := range slices.Sorted(maps.Keys(query)) {
			goOn.Fields = append(goOn.Fields, templates.Field{Name: name, Value: query.Get(name)})
		}
		return s.render(w, r, http.StatusOK, templates.HandoffPage(goOn))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if framed(r) && r.Header.Get("Sec-Fetch-Site") != "same-origin" {
			page(w, r)
		} else {
			next.ServeHTTP(w, r)
		}
	})
}

// leaveFrame shows a page for a frame whose link leads through the login to the same page of the
// help center in the top window. Opening that page in the frame again would need the help center's
// cookie there.
func (s *server) leaveFrame(w http.ResponseWriter, r *http.Request, returnURL string) error {
	to, _, err := s.returnURL(r, returnURL)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.FramedLoginPage(templates.FramedLogin{
		Page: s.framedPage(w, r), LoginURL: s.loginURL(r.URL.Path, to.Unframed().String()),
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

// countLogin counts how an attempt to log in ended and why, unless its client went away. usercode
// is "" when it is not known whose it was.
func (s *server) countLogin(w http.ResponseWriter, r *http.Request, outcome, usercode string, err error) {
	if outcome != "ok" && gone(r) {
		return
	}
	s.metrics.Logins.With(outcome).Inc()
	s.audit.write(w, r, "login", s.LoginWith, outcome, usercode, err)
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
		return s.login.Begin(s, w, r, returnURL)
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
	if unknown := to.UnknownService(); unknown != "" && s.seen.noticed(NoticeService, unknown) {
		s.log.Warn("a page of a service that help_center.services lacks: the help center refuses what is signed for the default one",
			"service", unknown, "default", to.Service())
	}
	return to, to.String(), err
}
