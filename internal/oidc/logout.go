package oidc

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
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
	endSession, _ := found.EndSession.(string)
	if endSession == "" {
		return "", fmt.Errorf("%w: its metadata has no end_session_endpoint", ErrNoLogout)
	}
	to, err := found.parse(endSession)
	if err != nil { // which keeps nobody from logging in
		return "", fmt.Errorf("%w: its end_session_endpoint %w", ErrNoLogout, err)
	}
	query := to.Query()
	query.Set("client_id", p.opts.ClientID)
	query.Set("post_logout_redirect_uri", back)
	query.Set("logout_uri", back) // Cognito's name for it
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

// A LogoutToken is the provider's word that logins have ended there. Subject, SessionID or both are
// set; with a SessionID, it is about that session alone.
type LogoutToken struct {
	ID        string // the jti, to refuse a replay by
	Subject   string
	SessionID string
}

// VerifyLogout returns the logout token raw if it is valid (OpenID Connect Back-Channel Logout 1.0,
// section 2.6). Without ask, only keys that are known already can have signed it: the caller
// decides how often strangers may make this server ask the provider. Whether it is a replay is left
// to the caller, too. The error is ErrLogoutToken or ErrUnreachable.
//
// Several providers leave out the exp, which only the specification's errata require. The iat
// limits the token's age as well.
func (p *Provider) VerifyLogout(ctx context.Context, raw string, ask bool) (LogoutToken, error) {
	if p.found.known.Load() == nil && !ask {
		return LogoutToken{}, fmt.Errorf("%w: no key is known", ErrLogoutToken)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return LogoutToken{}, err
	}
	token, err := p.verify(ctx, found, raw, time.Time{}, ask, ErrLogoutToken)
	if err != nil {
		return LogoutToken{}, err
	}
	var events struct {
		Logout json.RawMessage `json:"http://schemas.openid.net/event/backchannel-logout"`
	}
	json.Unmarshal(token.claims["events"], &events)
	id, errID := token.claims.text("jti")
	sid, errSession := token.claims.text("sid")
	now := p.now()
	fault := ""
	switch {
	case token.claims["nonce"] != nil: // so that no ID token is one
		fault = "it has a nonce"
	case !strings.HasPrefix(string(events.Logout), "{"):
		fault = "it has no event of a logout"
	case errID != nil || id == "":
		fault = "no jti"
	case now.Sub(token.IssuedAt) > maxLogoutAge+leeway:
		fault = "too old, or no iat"
	case token.IssuedAt.Sub(now) > maxAhead:
		fault = "issued in the future"
	case !token.Expiry.IsZero() && now.Sub(token.Expiry) > leeway:
		fault = "expired"
	case errSession != nil || token.Subject == "" && sid == "":
		fault = "neither sub nor sid"
	case strings.ContainsRune(token.Subject+sid, utf8.RuneError):
		fault = "its sub or sid is not Unicode"
	}
	if fault != "" {
		return LogoutToken{}, fmt.Errorf("%w: %s", ErrLogoutToken, fault)
	}
	return LogoutToken{id, token.Subject, sid}, nil
}
