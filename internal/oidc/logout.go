package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
)

// MaxHint is the longest ID token in bytes that fits into the URL of a logout: providers take 8 KB
// or so of URL.
const MaxHint = 4 << 10

// LogoutURL returns the URL at the provider that logs the member out there and leads to back, which
// is registered at the provider (OpenID Connect RP-Initiated Logout 1.0). hint is the ID token of
// the login. Without one, or with one longer than MaxHint, most providers ask the member first. The
// error is ErrUnreachable or ErrNoLogout.
func (p *Provider) LogoutURL(ctx context.Context, hint, back string) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	if found.endSession == "" {
		return "", fmt.Errorf("%w: its metadata has no end_session_endpoint", ErrNoLogout)
	}
	to, err := parseEndpoint(p.opts.Issuer, found.endSession)
	if err != nil { // which keeps nobody from logging in
		return "", fmt.Errorf("%w: its end_session_endpoint %w", ErrNoLogout, err)
	}
	query := to.Query()
	query.Set("client_id", p.opts.ClientID)
	query.Set("post_logout_redirect_uri", back)
	if hint != "" && len(hint) <= MaxHint {
		query.Set("id_token_hint", hint)
	}
	to.RawQuery = query.Encode()
	return to.String(), nil
}

// maxLogoutAge is how old a logout token may be. Providers send it at once.
const maxLogoutAge = 5 * time.Minute

// LogoutTokenLifetime is longer than any logout token is valid. Whoever remembers the ID of each
// for that long sees a replay.
const LogoutTokenLifetime = maxLogoutAge + maxAhead + leeway

// logoutEvent is the member of a logout token's events that makes it one.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// A LogoutToken is the provider's word that logins have ended there. Subject, SessionID or both are
// set; with a SessionID, it is about that session alone.
type LogoutToken struct {
	ID        string // the jti, to refuse a replay by
	Subject   string
	SessionID string
}

// VerifyLogout returns the logout token raw if it is valid (OpenID Connect Back-Channel Logout 1.0,
// section 2.6). Whether it is a replay is left to the caller. The error is ErrLogoutToken or
// ErrUnreachable.
//
// Several providers leave out the exp, which only the specification's errata require. The iat
// limits the token's age as well.
func (p *Provider) VerifyLogout(ctx context.Context, raw string) (LogoutToken, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return LogoutToken{}, err
	}
	verified, err := p.verifySignature(gooidc.ClientContext(ctx, p.client), found.logoutKeys, raw, &gooidc.Config{
		SupportedSigningAlgs: found.algorithms, SkipExpiryCheck: true,
	})
	if errors.Is(err, ErrToken) || errors.Is(err, errRare) {
		return LogoutToken{}, fmt.Errorf("%w: %w", ErrLogoutToken, err)
	}
	if err != nil {
		return LogoutToken{}, err
	}
	var claims map[string]json.RawMessage
	var token struct {
		ID        string                     `json:"jti"`
		Subject   string                     `json:"sub"`
		SessionID string                     `json:"sid"`
		Events    map[string]json.RawMessage `json:"events"`
	}
	if err := errors.Join(verified.Claims(&claims), verified.Claims(&token)); err != nil {
		return LogoutToken{}, fmt.Errorf("%w: %w", ErrLogoutToken, externalError{err})
	}
	event, isLogout := token.Events[logoutEvent]
	isLogout = isLogout && strings.HasPrefix(string(event), "{")
	_, hasNonce := claims["nonce"]
	_, hasExpiry := claims["exp"]
	now := p.now()
	fault := ""
	switch {
	case hasNonce: // so that no ID token is one
		fault = "it has a nonce"
	case !isLogout:
		fault = "it has no event of a logout"
	case token.ID == "":
		fault = "no jti"
	case now.Sub(verified.IssuedAt) > maxLogoutAge+leeway:
		fault = "too old, or no iat"
	case verified.IssuedAt.Sub(now) > maxAhead:
		fault = "issued in the future"
	case hasExpiry && now.Sub(verified.Expiry) > leeway:
		fault = "expired"
	case token.Subject == "" && token.SessionID == "":
		fault = "neither sub nor sid"
	case strings.ContainsRune(token.Subject+token.SessionID, utf8.RuneError):
		fault = "its sub or sid is not Unicode"
	}
	if fault != "" {
		return LogoutToken{}, fmt.Errorf("%w: %s", ErrLogoutToken, fault)
	}
	return LogoutToken{token.ID, token.Subject, token.SessionID}, nil
}

// rareInterval is how long the keys for logout tokens are not fetched again after a fetch.
const rareInterval = 10 * time.Second

// rareClient returns a client that fetches the keys for logout tokens once in a while: anybody can
// send tokens that name unknown keys.
func (p *Provider) rareClient() *http.Client {
	rare := *p.client
	rare.Transport = &rareTransport{next: p.client.Transport, now: p.now}
	return &rare
}

// A rareTransport fails for a while after each request.
type rareTransport struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex
	last time.Time
}

// errRare says that the keys have been fetched a moment ago, and that the token's is not among
// them.
var errRare = errors.New("the keys have been fetched a moment ago")

// RoundTrip implements http.RoundTripper.
func (t *rareTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	now := t.now()
	soon := !t.last.IsZero() && now.Sub(t.last) < rareInterval
	if !soon {
		t.last = now
	}
	t.mu.Unlock()
	if soon {
		return nil, errRare
	}
	return t.next.RoundTrip(r)
}
