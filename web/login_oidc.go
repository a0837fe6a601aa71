package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/session"
)

// CallbackPath is where the identity provider sends a member back to: the redirect URL registered there, below our own origin.
const CallbackPath = "/login/callback"

// OIDCLogin is members who log in at the customer's identity provider.
type OIDCLogin struct{ Provider IdentityProvider }

// An IdentityProvider is an oidc.Provider.
type IdentityProvider interface {
	AuthURL(ctx context.Context, attempt oidc.Attempt) (string, error)
	Exchange(ctx context.Context, attempt oidc.Attempt, callback url.Values) (member.Member, error)
}

// errLoginExpired is a callback that no browser here waits for: it came late, twice, or to another browser.
var errLoginExpired = errors.New("no login under way")

// underWay is a login that began here and is to end here. It waits in the member's browser, signed, so that only that browser can
// bring it to an end, and only once.
type underWay struct {
	Attempt   oidc.Attempt
	Path      string // the login page where it began
	ReturnURL string
}

// begin sends the browser to the identity provider.
func (l OIDCLogin) begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	attempt := oidc.NewAttempt()
	location, err := l.Provider.AuthURL(r.Context(), attempt)
	if err != nil {
		return err
	}
	note, err := json.Marshal(underWay{attempt, r.URL.Path, returnURL})
	if err != nil {
		return fmt.Errorf("login under way: %w", err)
	}
	if err := s.sessions.LeaveNote(w, noteName(attempt.State), note); err != nil {
		return err
	}
	return seeOther(w, location)
}

func (OIDCLogin) superseded(*http.Request, session.Session) bool { return false }

func (l OIDCLogin) routes(s *server, login chi.Router) {
	login.Get(CallbackPath, s.page(func(w http.ResponseWriter, r *http.Request) error { return l.callback(s, w, r) }))
}

// callback ends a login: it leads back to where it began, where the handoff is.
func (l OIDCLogin) callback(s *server, w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	note, ok := s.sessions.TakeNote(w, r, noteName(query.Get("state")))
	if !ok {
		s.metrics.Logins.WithLabelValues("expired").Inc()
		return errLoginExpired
	}
	var login underWay
	if err := json.Unmarshal(note, &login); err != nil {
		return fmt.Errorf("login under way: %w", err)
	}
	who, err := l.Provider.Exchange(r.Context(), login.Attempt, query)
	if err != nil {
		s.metrics.Logins.WithLabelValues("refused").Inc()
		return fmt.Errorf("log in: %w", err)
	}
	return s.startSession(w, r, who, loginURL(login.Path, login.ReturnURL))
}

// noteName keeps several logins of one browser apart. It is part of the state, which the callback has to match whole. A
// state that can't be ours names a note that isn't there.
func noteName(state string) string {
	const length = 8
	for i := range len(state) {
		if c := state[i]; (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return "none"
		}
	}
	if len(state) < length {
		return "none"
	}
	return state[:length]
}
