package web

import (
	"errors"
	"net/http"
	"strings"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/session"
)

// A Login is how members prove who they are. The set is closed: PasswordLogin, OIDCLogin and
// ProxyLogin are all there are.
type Login interface {
	// begin answers somebody logged out who came to the login page at r's path. The return URL has
	// been checked.
	begin(f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string) error
	// changedMember reports whether r says that another member than current's is logged in now.
	changedMember(r *http.Request, current session.Session) bool
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
	own       helpcenter.Origin
	sessions  *session.Manager
	metrics   *metrics.Metrics
	returnURL func(r *http.Request, raw string) (to helpcenter.ReturnURL, kept string, err error)
}

func (s *server) loginFlow() loginFlow {
	return loginFlow{s.pages, s.Own, s.sessions, s.metrics, s.returnURL}
}

// finish starts a session for who and leads back to the login page at path, which hands off.
func (f loginFlow) finish(
	w http.ResponseWriter, r *http.Request, who member.Member, path, returnURL string,
) error {
	if err := f.sessions.Start(w, r, who); err != nil {
		return unavailable(err)
	}
	f.count("ok")
	return seeOther(w, withParameter(loginURL(path, returnURL), afterLogin))
}

// afterLogin marks the redirect after a successful login, so that a browser which did not keep the
// cookie gets a page that says so. The login page's script adds it, too.
const afterLogin = "loggedIn"

// errNoCookie says that the browser did not keep the session cookie.
var errNoCookie = errors.New("the browser did not keep the session cookie")

// cookieRefused reports whether r, which has no session, comes right after a login. A bookmark or a
// restored tab does not.
func cookieRefused(r *http.Request) bool {
	return r.URL.Query().Has(afterLogin) && r.Header.Get("Sec-Fetch-Site") != "none"
}

// count counts how an attempt to log in ended.
func (f loginFlow) count(outcome string) { f.metrics.Logins.WithLabelValues(outcome).Inc() }

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

// loginPage is the login URL (PROTOCOL section 6): the login for somebody logged out, the handoff
// for a member.
func (s *server) loginPage(w http.ResponseWriter, r *http.Request) error {
	to, returnURL, err := s.returnURL(r, r.URL.Query().Get("returnUrl"))
	if err != nil {
		return err
	}
	current, err := s.current(r)
	if err != nil {
		return err
	}
	if current == nil && cookieRefused(r) {
		return errNoCookie
	}
	if current == nil || s.login.changedMember(r, *current) {
		return s.login.begin(s.loginFlow(), w, r, returnURL)
	}
	return s.handOff(w, r, s.wayAt(r.URL.Path), *current, to)
}

// returnURL is where the returnUrl of a request leads, and what to keep of raw until the member is
// logged in. "" leads to the default service's home (D14), and a malformed URL of the help center
// or our own to its service's home: the member has followed some link of ours or theirs.
func (s *server) returnURL(r *http.Request, raw string) (to helpcenter.ReturnURL, kept string, err error) {
	if raw == "" {
		return s.site.Page("", helpcenter.Home), "", nil
	}
	to, err = s.site.ReturnURL(raw, s.Own)
	if malformed := (*helpcenter.MalformedURLError)(nil); errors.As(err, &malformed) {
		s.log.Info("malformed returnUrl: leading to the home page", "reason", malformed.Reason,
			"path", r.URL.Path)
		to = s.site.Page(malformed.Service, helpcenter.Home)
		return to, to.String(), nil
	}
	return to, raw, err
}

// current returns the session of r, or nil when nobody is logged in. An error is the store's.
func (s *server) current(r *http.Request) (*session.Session, error) {
	current, err := s.sessions.Current(r.Context(), r)
	if errors.Is(err, session.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return &current, nil
}
