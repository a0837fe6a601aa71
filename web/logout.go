package web

import (
	"net/http"

	"ocsso/templates"
)

// logoutPage asks a member before logging out, because a GET must change nothing. Somebody logged
// out reads that it is done, and that the help center's own session ends by itself (D10).
func (s *server) logoutPage(w http.ResponseWriter, r *http.Request) error {
	current, err := s.current(w, r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, templates.LogoutPage(templates.Logout{
		Page:   s.memberPage(w, r, current),
		Action: "/logout",
	}))
}

// logout ends the session and the tokens issued to it.
func (s *server) logout(w http.ResponseWriter, r *http.Request) error {
	current, err := s.current(w, r)
	if err != nil {
		return err
	}
	if err := s.sessions.End(w, r); err != nil {
		return unavailable(err)
	}
	if current != nil {
		s.audit.write(w, r, "logout", "member", "ok", current.Member.UserCode)
	}
	return seeOther(w, "/logout")
}
