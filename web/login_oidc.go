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
	"ocsso/internal/token"
)

// CallbackPath is where the identity provider sends a member back to. Together with our own origin
// it is the redirect URL that is registered at the provider.
const CallbackPath = "/login/callback"

// OIDCLogin logs members in at the customer's identity provider.
type OIDCLogin struct{ Provider IdentityProvider }

// An IdentityProvider is an oidc.Provider.
type IdentityProvider interface {
	AuthURL(ctx context.Context, attempt oidc.Attempt) (string, error)
	Exchange(
		ctx context.Context, attempt oidc.Attempt, callback url.Values,
	) (who member.Member, left []*token.FieldError, err error)
}

// errLoginExpired says that the callback matches no login started in this browser.
var errLoginExpired = errors.New("no pending login")

// pendingLogin is a login that waits for its callback. Only the browser that started it can finish
// it, and only once.
type pendingLogin struct {
	Attempt   oidc.Attempt
	Path      string // the login page where it started
	ReturnURL string
}

// begin sends the browser to the identity provider. Providers refuse to be framed.
func (l OIDCLogin) begin(
	f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	if framed(r) {
		return f.leaveFrame(w, r, returnURL)
	}
	attempt := oidc.NewAttempt()
	location, err := l.Provider.AuthURL(r.Context(), attempt)
	if err != nil {
		return err
	}
	text, err := json.Marshal(pendingLogin{attempt, r.URL.Path, returnURL})
	if err != nil {
		return fmt.Errorf("pending login: %w", err)
	}
	err = f.sessions.KeepPending(w, r, clientNetwork(r), attempt.State, text)
	if errors.Is(err, session.ErrTooManyPending) {
		return &tooManyError{session.PendingLifetime}
	}
	if err != nil {
		return unavailable(err)
	}
	return seeOther(w, location)
}

func (OIDCLogin) named(*http.Request) (member.Member, error) { return member.Member{}, errUnnamed }

func (OIDCLogin) source(*http.Request) (string, bool) { return "", false }

func (OIDCLogin) leave(context.Context, string) (string, error) { return "", nil }

func (OIDCLogin) way() string { return "oidc" }

func (l OIDCLogin) routes(f loginFlow) []loginRoute {
	callback := func(w http.ResponseWriter, r *http.Request) error { return l.callback(f, w, r) }
	return []loginRoute{{http.MethodGet, CallbackPath, callback}}
}

// callback finishes a login. It leads back to the login page where the login started.
func (l OIDCLogin) callback(f loginFlow, w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	text, first, err := f.sessions.TakePending(r.Context(), r, query.Get("state"))
	if err != nil && !errors.Is(err, session.ErrNone) {
		return unavailable(err)
	}
	pending := pendingLogin{Path: "/login"}
	if err == nil {
		if err := json.Unmarshal(text, &pending); err != nil {
			return fmt.Errorf("pending login: %w", err)
		}
	}
	if !first {
		// The back button, a reload or a double click. A member who is logged in just goes on.
		if _, err := f.sessions.Current(r.Context(), r); err == nil {
			return seeOther(w, f.loginURL(pending.Path, pending.ReturnURL))
		}
		f.count(w, r, "expired", "")
		return errLoginExpired
	}
	var who member.Member
	var left []*token.FieldError
	whileWaiting(w, func() { who, left, err = l.Provider.Exchange(r.Context(), pending.Attempt, query) })
	if err != nil {
		f.count(w, r, "refused", "")
		return fmt.Errorf("log in: %w", err)
	}
	f.logLeft(w, r, left)
	return f.finish(w, r, who, "", pending.Path, pending.ReturnURL)
}
