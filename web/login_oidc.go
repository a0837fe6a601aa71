package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ocsso/internal/oidc"
	"ocsso/internal/session"
)

// CallbackPath is where the identity provider sends a member back to. Together with our own origin
// it is the redirect URL that is registered at the provider.
const CallbackPath = "/login/callback"

// BackChannelPath is where the identity provider's server says that logins have ended there.
const BackChannelPath = "/login/backchannel-logout"

// ProviderLogin logs members in at an identity provider that speaks OpenID Connect, or OAuth 2
// alone.
type ProviderLogin struct {
	Provider IdentityProvider
	Logout   LogoutProvider // nil for OAuth 2, which has no logout for us
	// AfterLogout is our page to which the provider leads after a logout there. It is registered at
	// the provider. "" is for logging out here alone.
	AfterLogout string
}

// An IdentityProvider is an oidc.Provider or an oidc.OAuth2Provider.
type IdentityProvider interface {
	AuthURL(ctx context.Context, attempt oidc.Attempt) (string, error)
	Exchange(ctx context.Context, attempt oidc.Attempt, callback url.Values) (oidc.Identity, error)
}

// A LogoutProvider is an oidc.Provider.
type LogoutProvider interface {
	LogoutURL(ctx context.Context, hint, back string) (string, error)
	VerifyLogout(ctx context.Context, raw string, ask bool) (oidc.LogoutToken, error)
}

// errLoginExpired says that the callback matches no login begun in this browser, or that the login
// has been ended.
var errLoginExpired = errors.New("no pending login")

// errOtherBrowser says that the callback comes from a browser where no login began. KakaoTalk, say,
// opens the phone's browser.
var errOtherBrowser = errors.New("the login began in another browser or app")

// Begin sends the browser to the provider. Providers refuse to be framed.
func (l ProviderLogin) Begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	if framed(r) {
		return s.leaveFrame(w, r, returnURL)
	}
	pending := s.sessions.NewPending(w, r, r.URL.Path, returnURL)
	location, err := l.Provider.AuthURL(r.Context(), oidc.NewAttempt(pending.Seed))
	if err != nil {
		return err
	}
	return seeOther(w, location)
}

// Routes are for the browser that comes back, and for the provider's own calls.
func (l ProviderLogin) Routes() []loginRoute {
	routes := []loginRoute{{method: http.MethodGet, path: CallbackPath, answer: l.callback}}
	if l.Logout != nil {
		routes = append(routes, loginRoute{http.MethodPost, BackChannelPath, true, l.backChannelLogout})
	}
	return routes
}

// callback finishes a login at the identity provider, once for each that has begun. It leads back
// to the login page where the login started.
func (l ProviderLogin) callback(s *server, w http.ResponseWriter, r *http.Request) error {
	pending, attempt, err := s.pendingLogin(r)
	first := false
	if err == nil {
		if first, err = s.sessions.First(r.Context(), loginUse+attempt.State, session.PendingLifetime); err != nil {
			return unavailable(err)
		}
	}
	if !first {
		// The back button, a reload or a double click. A member who is logged in just goes on.
		if _, err := s.sessions.Current(r); err == nil {
			return seeOther(w, s.loginAgain(r))
		}
		err = cmp.Or(err, errLoginExpired)
		s.countLogin(w, r, "expired", "", err)
		return err
	}
	if err := l.logIn(s, w, r, pending, attempt); err != nil {
		// Whoever is refused leaves nothing in the store.
		return errors.Join(err, s.sessions.ForgetFirst(r.Context(), loginUse+attempt.State))
	}
	return nil
}

// logIn starts a session for the member whom the provider names.
func (l ProviderLogin) logIn(
	s *server, w http.ResponseWriter, r *http.Request, pending session.Pending, attempt oidc.Attempt,
) error {
	buckets := s.limits.ofAddress(r)
	if err := s.countAttempt(w, r, "", buckets); err != nil {
		return err
	}
	answerWithin(w, longestWait)
	identity, err := l.Provider.Exchange(r.Context(), attempt, r.URL.Query())
	answerWithin(w, AnswerTimeout)
	if err != nil {
		s.countLogin(w, r, "refused", "", err)
		return fmt.Errorf("log in: %w", err)
	}
	if err := s.limits.takeBack(r, buckets); err != nil {
		return err
	}
	s.logLeft(w, identity.Left)
	if identity.Missing != nil {
		s.log.Warn("optional fields may be missing", "error", identity.Missing, "request_id", idOf(w))
	}
	ties := session.Ties{Groups: groupsOf(identity), Begun: pending.Begun}
	if l.AfterLogout != "" && len(identity.IDToken) <= oidc.MaxHint {
		ties.Kept = identity.IDToken
	} else if l.AfterLogout != "" {
		s.log.Warn("the ID token is too long for the logout at the provider, which may ask the member",
			"bytes", len(identity.IDToken), "request_id", idOf(w))
	}
	return s.Finish(w, r, identity.Member, ties, pending.Path, pending.ReturnURL)
}

// loginUse begins what is remembered of a login whose callback has come.
const loginUse = "callback "

// pendingLogin returns the login of r's browser that the callback r belongs to. The error is
// errLoginExpired, beside a login that is late, or errOtherBrowser.
func (s *server) pendingLogin(r *http.Request) (session.Pending, oidc.Attempt, error) {
	pending, sent := s.sessions.Pending(r)
	state := r.URL.Query().Get("state")
	for _, p := range pending {
		attempt := oidc.NewAttempt(p.Seed)
		if attempt.State != state {
			continue
		}
		if time.Since(p.Begun) >= session.PendingLifetime {
			return p, oidc.Attempt{}, errLoginExpired
		}
		return p, attempt, nil
	}
	if !sent {
		return session.Pending{}, oidc.Attempt{}, errOtherBrowser
	}
	return session.Pending{}, oidc.Attempt{}, errLoginExpired
}

// loginAgain is the login page with the page that the member wanted before a login that failed. A
// provider may leave the state out of its refusal: then it is the last page of this browser.
func (s *server) loginAgain(r *http.Request) string {
	pending, _, _ := s.pendingLogin(r)
	if pending.Path == "" {
		if all, _ := s.sessions.Pending(r); len(all) > 0 {
			pending = all[0]
		}
	}
	return s.loginURL(cmp.Or(pending.Path, "/login"), pending.ReturnURL)
}

// leave leads on to the logout at the provider. kept is the ID token of the login.
func (l ProviderLogin) leave(ctx context.Context, kept string) (string, error) {
	if l.AfterLogout == "" {
		return "", nil
	}
	location, err := l.Logout.LogoutURL(ctx, kept, l.AfterLogout)
	switch {
	case errors.Is(err, oidc.ErrNoLogout): // as Check has said
		return "", nil
	case err != nil:
		return "", fmt.Errorf("log out at the provider: %w", err)
	}
	return location, nil
}

// Check logs what is wrong with the provider, as far as it shows without a member.
func (l ProviderLogin) Check(ctx context.Context, log *slog.Logger) {
	if l.AfterLogout == "" {
		return
	}
	_, err := l.Logout.LogoutURL(ctx, "", l.AfterLogout)
	if errors.Is(err, oidc.ErrNoLogout) {
		log.Warn("members log out here alone: login.oidc.logout can be local", "error", err)
	} else if err != nil {
		log.Warn("nobody can log in for now", "error", err)
	}
}

// groupsOf are the groups with which the provider can end a session: its session id there and its
// subject.
func groupsOf(identity oidc.Identity) []string {
	switch {
	case identity.Subject == "": // of OAuth 2, where providers end nothing
		return nil
	case identity.SessionID == "":
		return []string{subjectGroup(identity.Subject), unknownGroup(identity.Subject)}
	}
	return []string{subjectGroup(identity.Subject), sessionGroup(identity.SessionID)}
}

func sessionGroup(sessionID string) string { return "oidc sid " + sessionID }
func subjectGroup(subject string) string   { return "oidc sub " + subject }

// unknownGroup has the sessions of a subject whose session id at the provider is not known.
func unknownGroup(subject string) string { return "oidc sub without sid " + subject }

// backChannelLogout ends the sessions of a logout token (OpenID Connect Back-Channel Logout 1.0,
// section 2.5). One with a session id is about that session, and about those of its subject that
// may be it.
func (l ProviderLogin) backChannelLogout(s *server, w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errBadForm, err)
	}
	sent := r.PostForm["logout_token"]
	if len(sent) != 1 {
		return fmt.Errorf("%w: %d of them", oidc.ErrLogoutToken, len(sent))
	}
	token, err := l.Logout.VerifyLogout(r.Context(), sent[0], false)
	if err != nil { // the provider may have a new key, or this is a stranger's
		buckets := s.limits.ofAddress(r)
		if err := s.countAttempt(w, r, "", buckets); err != nil {
			return err
		}
		answerWithin(w, longestWait)
		token, err = l.Logout.VerifyLogout(r.Context(), sent[0], true)
		answerWithin(w, AnswerTimeout)
		if err != nil {
			return err
		}
		if err := s.limits.takeBack(r, buckets); err != nil {
			return err
		}
	}
	var groups []string
	switch {
	case token.SessionID == "":
		groups = []string{subjectGroup(token.Subject)}
	case token.Subject == "":
		groups = []string{sessionGroup(token.SessionID)}
	default:
		groups = []string{sessionGroup(token.SessionID), unknownGroup(token.Subject)}
	}
	use := "oidc logout token " + token.ID
	first, err := s.sessions.First(r.Context(), use, oidc.LogoutTokenLifetime)
	if err != nil {
		return unavailable(err)
	}
	if !first {
		return fmt.Errorf("%w: it has been used", oidc.ErrLogoutToken)
	}
	var ended []string
	for _, group := range groups {
		usercodes, err := s.sessions.EndGroup(r.Context(), group)
		if err != nil {
			// The provider may send it again.
			return unavailable(errors.Join(err, s.sessions.ForgetFirst(r.Context(), use)))
		}
		ended = append(ended, usercodes...)
	}
	if len(ended) == 0 {
		ended = []string{""}
	}
	slices.Sort(ended)
	for _, usercode := range slices.Compact(ended) {
		s.audit(w, r, "logout", "provider", "ok", usercode, nil)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}
