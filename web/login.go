package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/session"
	"ocsso/internal/sitelogin"
	"ocsso/internal/token"
	"ocsso/templates"
)

// A Login is how members prove who they are. The set is closed: PasswordLogin, SiteLogin,
// ProviderLogin and ProxyLogin are all there are.
type Login interface {
	// Begin answers somebody logged out who came to the login page at r's path. The return URL has
	// been checked. A login ends in Finish, here or in one of the Routes.
	Begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error
	// Routes are what the login needs in addition to the login pages.
	Routes() []loginRoute
}

// A loginRoute has the headers and the policy of the login pages, or byServer is called by another
// server and answers with JSON.
type loginRoute struct {
	method, path string
	byServer     bool
	answer       func(s *server, w http.ResponseWriter, r *http.Request) error
}

// A claimant is a Login where a request itself says something about who it is from.
type claimant interface{ claim(r *http.Request) claim }

// A leaver is a Login where logging out leads on to elsewhere, or to our own page for "". kept is
// what the session that has ended has kept (session.Ties).
type leaver interface {
	leave(ctx context.Context, kept string) (string, error)
}

// loginPage is the login URL (CONTRACT 6): the login for somebody logged out, the handoff
// for a member.
func (s *server) loginPage(w http.ResponseWriter, r *http.Request) error {
	to, returnURL, err := s.returnURL(r, r.URL.Query().Get("returnUrl"))
	if err != nil {
		return err
	}
	current, err := s.currentFresh(w, r)
	switch {
	case err != nil:
		return err
	case current != nil:
		way := cmp.Or(loginPaths[strings.TrimSuffix(r.URL.Path, "/")], s.Handoff)
		return s.handOff(w, r, way, *current, to)
	case r.URL.Query().Has(afterLogin) && r.Header.Get("Sec-Fetch-Site") != "none": // which is a bookmark
		return errNoCookie
	}
	return s.login.Begin(s, w, r, returnURL)
}

// afterLogin marks the redirect after a successful login, so that a browser which did not keep the
// cookie gets a page that says so. The login page's script adds it, too.
const afterLogin = "loggedIn"

// returnURL is where the returnUrl of a request leads, and what to keep of raw until the member is
// logged in: its normal form, whose length is bounded. "" leads to the default service's home
// (D14), and a malformed URL of the help center or our own to its service's home: the member has
// followed some link of ours or theirs.
func (s *server) returnURL(r *http.Request, raw string) (to helpcenter.ReturnURL, kept string, err error) {
	if raw == "" {
		return s.site.Page("", helpcenter.Home), "", nil
	}
	to, err = s.site.ReturnURL(raw, s.own...)
	if malformed, ok := errors.AsType[*helpcenter.MalformedURLError](err); ok {
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

// loginURL is the login page at a path below the base path. It leads on to returnURL, unless that
// is "".
func (s *server) loginURL(path, returnURL string) string {
	if returnURL == "" {
		return s.BasePath + path
	}
	return s.BasePath + path + "?returnUrl=" + url.QueryEscape(returnURL)
}

// Finish starts a session for who and leads back to the login page at path, which hands off.
func (s *server) Finish(
	w http.ResponseWriter, r *http.Request, who member.Member, ties session.Ties, path, returnURL string,
) error {
	fit, left, err := who.Sendable()
	s.logLeft(w, left)
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
	page, _, _ := strings.Cut(returnURL, "?")
	return seeOther(w, withParameter(s.loginURL(path, returnURL), afterLogin, "1"),
		withParameter(s.loginURL(path, page), afterLogin, "1"), withParameter(s.loginURL(path, ""), afterLogin, "1"))
}

// countLogin counts how an attempt to log in ended and why, unless its client went away. usercode
// is "" when it is not known whose it was.
func (s *server) countLogin(w http.ResponseWriter, r *http.Request, outcome, usercode string, err error) {
	if outcome != "ok" && gone(r) {
		return
	}
	s.metrics.Logins.With(outcome).Inc()
	s.audit(w, r, "login", s.LoginWith, outcome, usercode, err)
}

// logLeft logs what keeps fields of a member from being sent as they are (D20), once for each
// login.
func (s *server) logLeft(w http.ResponseWriter, left []*token.FieldError) {
	for _, fault := range left {
		s.log.Warn("a member's field can't be sent and is left out or cut",
			"field", fault.Field, "reason", fault.Reason, "request_id", idOf(w))
	}
}

// A claim is what a request itself says about who it is from. The zero claim says nothing: then the
// session alone knows.
type claim struct {
	member member.Member // this one and no other, unless its usercode is ""
	nobody error         // why nobody is logged in; an errConflict where somebody may have forged the request
	source string        // what the session's member is asked about with; "" for its own Source
}

// errConflict says that a request names more than one member.
var errConflict = fmt.Errorf("%w: the request names the member more than once", errNotByProxy)

// claimOf is what r says. A member whom the help center can't know is nobody.
func (s *server) claimOf(r *http.Request) claim {
	login, ok := s.login.(claimant)
	if !ok {
		return claim{}
	}
	c := login.claim(r)
	if c.member.UserCode != "" {
		c.member, _, c.nobody = c.member.Sendable()
	}
	return c
}

// allows reports whether the request may be from the member with this usercode, as a cookie or a
// token says.
func (c claim) allows(usercode string) bool {
	return c.nobody == nil && (c.member.UserCode == "" || c.member.UserCode == usercode)
}

// conflict is the errConflict, or nil.
func (c claim) conflict() error {
	if errors.Is(c.nobody, errConflict) {
		return c.nobody
	}
	return nil
}

// current returns the session of r, or nil when nobody is logged in. It ends the session when r
// says that its member is somebody else, before anything is answered. An error is the store's, or
// a conflict.
func (s *server) current(w http.ResponseWriter, r *http.Request) (*session.Session, error) {
	claim := s.claimOf(r)
	current, err := s.sessions.Current(r)
	switch {
	case errors.Is(err, session.ErrNone):
		return nil, claim.conflict()
	case err != nil:
		return nil, unavailable(err)
	case claim.source != "" && sitelogin.Cookies(claim.source) != sitelogin.Cookies(current.Source):
		return s.refreshFrom(w, r, current, claim.source)
	case !claim.allows(current.Member.UserCode):
		if err := s.end(w, r, current); err != nil {
			return nil, err
		}
		return nil, claim.conflict()
	case claim.member.UserCode != "":
		current.Member = claim.member
	}
	return &current, nil
}

// currentFresh is current with the member's data as of now, for a handoff.
func (s *server) currentFresh(w http.ResponseWriter, r *http.Request) (*session.Session, error) {
	current, err := s.current(w, r)
	if current == nil || err != nil {
		return nil, err
	}
	fresh, err := s.sessions.Refresh(r.Context(), *current, current.Source)
	if errors.Is(err, session.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return &fresh, nil
}

// refreshFrom asks about the member of current with the source that r has brought.
func (s *server) refreshFrom(
	w http.ResponseWriter, r *http.Request, current session.Session, source string,
) (*session.Session, error) {
	buckets := s.limits.ofAddress(r)
	if err := s.countAttempt(w, r, "", buckets); err != nil {
		return nil, err
	}
	fresh, err := s.sessions.Refresh(r.Context(), current, source)
	if errors.Is(err, session.ErrNone) {
		return nil, s.end(w, r, current)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return &fresh, s.limits.takeBack(r, buckets)
}

// end ends a session because its member is not who is logged in now.
func (s *server) end(w http.ResponseWriter, r *http.Request, current session.Session) error {
	s.identify(w, r)
	s.audit(w, r, "logout", s.LoginWith, "changed", current.Member.UserCode, nil)
	if err := s.sessions.End(w, r); err != nil {
		return unavailable(err)
	}
	return nil
}

// shownFirst marks a request that the page of showFirst makes.
const shownFirst = "shown"

// showFirst answers a login page in a frame with a page that goes on by itself, unless a page of
// ours has asked for it (D25). Browsers show it in the frames of the help center alone, so frames
// that another site hides have no effect, and no redirect there tells it who is logged in.
func (s *server) showFirst(next http.Handler) http.Handler {
	page := s.page(func(w http.ResponseWriter, r *http.Request) error {
		goOn := templates.Handoff{Page: s.framedPage(w, r), Method: "get", Action: s.BasePath + r.URL.Path}
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
	page := s.framedPage(w, r)
	page.LoginURL = s.loginURL(r.URL.Path, to.Unframed().String())
	return s.render(w, r, http.StatusOK, templates.FramedLoginPage(page))
}
