package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/session"
	"ocsso/templates"
)

// CallbackPath is where the identity provider sends a member back to. Together with our own origin
// it is the redirect URL that is registered at the provider.
const CallbackPath = "/login/callback"

// OIDCLogin logs members in at the customer's identity provider.
type OIDCLogin struct{ Provider IdentityProvider }

// An IdentityProvider is an oidc.Provider.
type IdentityProvider interface {
	AuthURL(ctx context.Context, attempt oidc.Attempt) (string, error)
	Exchange(ctx context.Context, attempt oidc.Attempt, callback url.Values) (member.Member, error)
}

// errLoginExpired says that the callback matches no login started in this browser.
var errLoginExpired = errors.New("no pending login")

// pendingLogin is a login that waits for its callback. It is kept in the member's browser, signed,
// so that only this browser can finish it, and only once.
type pendingLogin struct {
	Attempt   oidc.Attempt
	Path      string // the login page where it started
	ReturnURL string
}

// Begin sends the browser to the identity provider. Providers refuse frames, so in one it shows a
// link that leads to the login in the top window, and from there back to the help page.
func (l OIDCLogin) begin(
	f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	if page := f.newPage(w, r); page.Framed {
		return f.render(w, r, http.StatusOK, templates.FramedLoginPage(templates.FramedLogin{
			Page: page, LoginURL: loginURL("/login", string(f.own)+"/help"),
		}))
	}
	attempt := oidc.NewAttempt()
	location, err := l.Provider.AuthURL(r.Context(), attempt)
	if err != nil {
		return err
	}
	note, err := json.Marshal(pendingLogin{attempt, r.URL.Path, returnURL})
	if err != nil {
		return fmt.Errorf("pending login: %w", err)
	}
	if err := f.sessions.LeaveNote(w, noteName(attempt.State), note); err != nil {
		return err
	}
	return seeOther(w, location)
}

func (OIDCLogin) changedMember(*http.Request, session.Session) bool { return false }

func (l OIDCLogin) routes(f loginFlow) []loginRoute {
	callback := func(w http.ResponseWriter, r *http.Request) error { return l.callback(f, w, r) }
	return []loginRoute{{http.MethodGet, CallbackPath, callback}}
}

// callback finishes a login. It leads back to the login page where the login started.
func (l OIDCLogin) callback(f loginFlow, w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	note, ok := f.sessions.TakeNote(w, r, noteName(query.Get("state")))
	if !ok {
		f.count("expired")
		return errLoginExpired
	}
	var pending pendingLogin
	if err := json.Unmarshal(note, &pending); err != nil {
		return fmt.Errorf("pending login: %w", err)
	}
	who, err := l.Provider.Exchange(r.Context(), pending.Attempt, query)
	if err != nil {
		f.count("refused")
		return fmt.Errorf("log in: %w", err)
	}
	return f.finish(w, r, who, pending.Path, pending.ReturnURL)
}

// noteName tells several pending logins of one browser apart. It is the start of the state; the
// callback has to match the whole state. For a state that can't be ours, it names no note.
func noteName(state string) string {
	const length = 8
	if len(state) < length {
		return "none"
	}
	for _, c := range state[:length] {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return "none"
		}
	}
	return state[:length]
}
