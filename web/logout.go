package web

import (
	"errors"
	"net/http"

	"ocsso/internal/session"
	"ocsso/templates"
)

// LogoutPath is the page to log out, and where members come back to from a logout elsewhere.
const LogoutPath = "/logout"

// logoutPage asks a member before logging out, because a GET must change nothing. Somebody logged
// out reads that it is done, and that the help center's own session ends by itself (D10).
func (s *server) logoutPage(w http.ResponseWriter, r *http.Request) error {
	current, err := s.current(w, r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.LogoutPage(s.memberPage(w, r, current)))
}

// logout ends the session and the tokens issued to it. Where the way to log in has a logout of its
// own, a page leads on to it: a redirect would fail in Chromium, which applies form-action to it.
func (s *server) logout(w http.ResponseWriter, r *http.Request) error {
	current, err := s.sessions.Current(r)
	none := errors.Is(err, session.ErrNone)
	if err != nil && !none {
		return unavailable(err)
	}
	if err := s.sessions.End(w, r); err != nil {
		return unavailable(err)
	}
	leave := ""
	if !none {
		s.audit(w, r, "logout", "member", "ok", current.Member.UserCode, nil)
		if login, ok := s.login.(leaver); ok {
			if leave, err = login.leave(r.Context(), current.Kept); err != nil {
				s.logProblem(w, r, http.StatusBadGateway, err) // logged out here all the same
			}
		}
	}
	if leave == "" {
		return seeOther(w, s.BasePath+LogoutPath)
	}
	page := s.memberPage(w, r, nil)
	page.RefreshURL = leave
	return s.render(w, r, http.StatusOK, templates.LeavePage(page))
}
