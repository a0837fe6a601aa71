package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/session"
	"ocsso/templates"
)

// loginPage is the login URL (PROTOCOL section 6): the login form for somebody logged out, the handoff for a member,
// just logged in or long before.
func (s *server) loginPage(way Way) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		raw := r.URL.Query().Get("returnUrl")
		to, err := s.returnURL(raw)
		if err != nil {
			return err
		}
		current, err := s.current(r)
		if err != nil {
			return err
		}
		if current == nil {
			return s.showLogin(w, r, http.StatusOK, templates.Login{ReturnURL: raw})
		}
		return s.handOff(w, r, way, *current, to)
	}
}

// login checks a password and starts a session. It leads back to the same path, where the handoff is.
func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	raw := r.PostForm.Get("returnUrl")
	if _, err := s.returnURL(raw); err != nil {
		return err
	}
	again := templates.Login{ReturnURL: raw, UserCode: r.PostForm.Get("usercode")}
	password := r.PostForm.Get("password")
	switch {
	case strings.TrimSpace(again.UserCode) == "":
		again.Error = templates.LoginErrorMissingUserCode
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	case password == "":
		again.Error = templates.LoginErrorMissingPassword
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	}
	who, err := member.Authenticate(r.Context(), s.members, again.UserCode, password)
	if errors.Is(err, member.ErrRefused) {
		again.Error = templates.LoginErrorWrong
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	}
	if err != nil {
		return outOfOrder(fmt.Errorf("log in: %w", err))
	}
	if err := s.sessions.Start(w, r, who); err != nil {
		return outOfOrder(err)
	}
	return seeOther(w, loginURL(r.URL.Path, raw))
}

func (s *server) showLogin(w http.ResponseWriter, r *http.Request, status int, login templates.Login) error {
	login.Page = s.newPage(w, r, nil)
	login.Page.LoginURL = "" // this is where it would lead
	login.Action = r.URL.Path
	return s.render(w, r, status, templates.LoginPage(login))
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
	current, err := s.sessions.Current(r)
	if errors.Is(err, session.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, outOfOrder(err)
	}
	return &current, nil
}
