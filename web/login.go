package web

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/session"
)

// A Login is how members prove who they are: a PasswordLogin, an OIDCLogin or a ProxyLogin.
type Login interface {
	// begin answers somebody logged out who came to the login page at r's path. The return URL is checked.
	begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error
	// superseded reports whether r says that another member than current's is logged in by now.
	superseded(r *http.Request, current session.Session) bool
	// routes adds what the login needs beside the login page. login has the login pages' policy.
	routes(s *server, login chi.Router)
}

// loginPaths are the login pages, with the handoff of each.
func (s *server) loginPaths() map[string]Way {
	return map[string]Way{"/login": s.Handoff, "/login/form": Form, "/login/api": API}
}

// loginPage is the login URL (PROTOCOL section 6): the login for somebody logged out, the handoff for a member, just
// logged in or long before.
func (s *server) loginPage(way Way) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		raw := parameter(r, "returnUrl")
		to, err := s.returnURL(raw)
		if err != nil {
			return err
		}
		current, err := s.current(r)
		if err != nil {
			return err
		}
		if current == nil || s.login.superseded(r, *current) {
			return s.login.begin(s, w, r, raw)
		}
		return s.handOff(w, r, way, *current, to)
	}
}

// startSession logs who in and goes on to location.
func (s *server) startSession(w http.ResponseWriter, r *http.Request, who member.Member, location string) error {
	if err := s.sessions.Start(w, r, who); err != nil {
		return outOfOrder(err)
	}
	s.metrics.Logins.WithLabelValues("ok").Inc()
	return seeOther(w, location)
}

// returnURL is where the returnUrl of a request leads; the default service's home where there is none (D14).
func (s *server) returnURL(raw string) (helpcenter.ReturnURL, error) {
	if raw == "" {
		return s.site.Page("", helpcenter.Home), nil
	}
	return s.site.ReturnURL(raw, s.Own)
}

// current returns the session of r, or nil for none. The error is the store's.
func (s *server) current(r *http.Request) (*session.Session, error) {
	current, err := s.sessions.Current(r.Context(), r)
	if errors.Is(err, session.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, outOfOrder(err)
	}
	return &current, nil
}
