package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"ocsso/internal/member"
	"ocsso/internal/password"
	"ocsso/internal/session"
	"ocsso/templates"
)

// PasswordLogin is members who type a password that is checked here.
type PasswordLogin struct {
	Passwords  *password.Gate
	Counter    Counter
	PerAddress Limit // of attempts from one client address, an IPv6 network of 64 bits being one
	PerMember  Limit // of attempts for one usercode, from anywhere
}

// A Limit is how many attempts there may be within a window. The next window begins with the first attempt after it: nobody
// is locked out for longer.
type Limit struct {
	Count  int
	Window time.Duration
}

// A Counter counts in a place that all replicas share.
type Counter interface {
	// Increment adds one to the count of key and returns it. The count begins at one and ends after window.
	Increment(ctx context.Context, key string, window time.Duration) (int, error)
}

// begin shows the login form.
func (PasswordLogin) begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	return s.showLogin(w, r, http.StatusOK, templates.Login{ReturnURL: returnURL})
}

func (s *server) showLogin(w http.ResponseWriter, r *http.Request, status int, login templates.Login) error {
	login.Page = s.newPage(w, r, nil)
	login.Page.LoginURL = "" // this is where it would lead
	login.Action = r.URL.Path
	return s.render(w, r, status, templates.LoginPage(login))
}

func (PasswordLogin) superseded(*http.Request, session.Session) bool { return false }

func (l PasswordLogin) routes(s *server, login chi.Router) {
	for path := range s.loginPaths() {
		login.Post(path, s.page(func(w http.ResponseWriter, r *http.Request) error { return l.submit(s, w, r) }))
	}
}

// submit checks a password and starts a session. It leads back to the same path, where the handoff is.
func (l PasswordLogin) submit(s *server, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	returnURL := r.PostForm.Get("returnUrl")
	if _, err := s.returnURL(returnURL); err != nil {
		return err
	}
	again := templates.Login{ReturnURL: returnURL, UserCode: r.PostForm.Get("usercode")}
	password := r.PostForm.Get("password")
	switch {
	case strings.TrimSpace(again.UserCode) == "":
		again.Error = templates.LoginErrorMissingUserCode
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	case password == "":
		again.Error = templates.LoginErrorMissingPassword
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	}
	who, err := l.authenticate(s, r, again.UserCode, password)
	if err == nil {
		err = s.startSession(w, r, who, loginURL(r.URL.Path, returnURL))
	}
	if err != nil {
		return s.showLoginAgain(w, r, again, err)
	}
	return nil
}

// authenticate counts the attempt and checks the password. Its errors are a tooManyError, member.ErrRefused and errOutOfOrder.
func (l PasswordLogin) authenticate(s *server, r *http.Request, usercode, password string) (member.Member, error) {
	if err := l.countAttempt(r, usercode); err != nil {
		s.metrics.Logins.WithLabelValues("held_back").Inc()
		return member.Member{}, err
	}
	who, err := member.Authenticate(r.Context(), s.members, l.Passwords.Verify, usercode, password)
	switch {
	case errors.Is(err, member.ErrRefused):
		s.metrics.Logins.WithLabelValues("refused").Inc()
		return member.Member{}, err
	case err != nil:
		s.metrics.Logins.WithLabelValues("out_of_order").Inc()
		return member.Member{}, outOfOrder(fmt.Errorf("log in: %w", err))
	}
	return who, nil
}

// showLoginAgain shows the form with the reason why an attempt failed, and everything that was typed but the password.
func (s *server) showLoginAgain(w http.ResponseWriter, r *http.Request, again templates.Login, err error) error {
	tooMany := (*tooManyError)(nil)
	switch {
	case errors.Is(err, member.ErrRefused):
		again.Error = templates.LoginErrorWrong
		return s.showLogin(w, r, http.StatusUnauthorized, again)
	case errors.As(err, &tooMany):
		again.Error, again.Wait = templates.LoginErrorTooMany, tooMany.window
	case errors.Is(err, errOutOfOrder):
		again.Error = templates.LoginErrorUnavailable
	default:
		return err
	}
	status := problemOf(err).status
	s.logProblem(w, r, status, err)
	setRetryAfter(w, status, err)
	return s.showLogin(w, r, status, again)
}

// countAttempt refuses an attempt over a limit. The address goes first, so that one sender can't use up the attempts of a
// member without using up its own.
func (l PasswordLogin) countAttempt(r *http.Request, usercode string) error {
	if err := l.count(r, "address/"+networkOf(middleware.GetClientIPAddr(r.Context())), l.PerAddress); err != nil {
		return err
	}
	return l.count(r, "member/"+usercode, l.PerMember)
}

func (l PasswordLogin) count(r *http.Request, key string, limit Limit) error {
	sum := sha256.Sum256([]byte(key)) // a usercode is any text, and personal
	n, err := l.Counter.Increment(r.Context(), "login/"+base64.RawURLEncoding.EncodeToString(sum[:]), limit.Window)
	if err != nil {
		return outOfOrder(fmt.Errorf("count login attempts: %w", err))
	}
	if n > limit.Count {
		return &tooManyError{limit.Window}
	}
	return nil
}

// networkOf is what one client can be taken to have: an IPv4 address, or an IPv6 network of 64 bits.
func networkOf(address netip.Addr) string {
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.String()
		}
	}
	return address.String()
}

// A tooManyError is an attempt over a limit.
type tooManyError struct{ window time.Duration }

func (e *tooManyError) Error() string { return "too many login attempts" }
