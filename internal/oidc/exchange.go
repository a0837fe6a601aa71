package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	gooidc "github.com/coreos/go-oidc/v3/oidc"

	"ocsso/internal/member"
	"ocsso/internal/token"
)

// leeway is how long after its expiry an ID token is accepted, because clocks differ. For a token
// that is not valid yet, go-oidc has a leeway of 5 minutes.
const leeway = time.Minute

// maxAhead is how far the provider's clock may be ahead of ours. go-oidc has the same.
const maxAhead = 5 * time.Minute

// An Identity is who has logged in at the provider.
type Identity struct {
	Member member.Member
	// Left says which optional fields the member lacks because their claims are neither text nor an
	// integer, or not verified. It contains no values.
	Left []*token.FieldError
	// Missing is why UserInfo could not be used and optional fields may be missing, or nil.
	Missing error

	// Of OpenID providers only.
	Subject   string
	SessionID string // the sid, with which the provider ends the login; "" for none
	IDToken   string // for LogoutURL
}

// Exchange returns who logged in. callback is the query of the redirect URL. The caller
// must make sure that the same browser started the attempt some minutes ago at most, and that it is
// used once. Exchange makes at most four calls: discovery, tokens, keys and UserInfo. The error is
// ErrRefused, ErrForged, ErrUnreachable or ErrToken, or has a *token.FieldError of the usercode in its
// chain.
func (p *Provider) Exchange(ctx context.Context, a Attempt, callback url.Values) (Identity, error) {
	if !isOnly(callback["state"], a.State) {
		return Identity{}, fmt.Errorf("%w: state differs", ErrForged)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	if (callback.Has("iss") || found.alwaysIssuer) && !isOnly(callback["iss"], p.opts.Issuer) {
		return Identity{}, fmt.Errorf("%w: issuer differs", ErrForged)
	}
	code, err := codeOf(callback)
	if err != nil {
		return Identity{}, err
	}
	tokens, err := redeem(ctx, p.client, found.oauth, code, url.Values{"code_verifier": {a.Verifier}})
	if err != nil {
		return Identity{}, err
	}
	raw, ok := tokens.IDToken.(string)
	if !ok {
		return Identity{}, fmt.Errorf("%w: there is none", ErrToken)
	}
	claims, err := p.verify(ctx, found, raw, a.Nonce)
	if err != nil {
		return Identity{}, err
	}
	who, err := p.member(ctx, found, tokens.AccessToken, claims)
	if err != nil {
		return Identity{}, err
	}
	who.SessionID, _ = claims.text("sid") // nobody has asked for it
	who.IDToken = raw
	return who, nil
}

// codeOf returns the authorization code of a callback whose state is right.
func codeOf(callback url.Values) (string, error) {
	switch refusal := callback.Get("error"); refusal {
	case "":
	case "server_error", "temporarily_unavailable": // stand for status 500 and 503 in a redirect
		return "", fmt.Errorf("%w: %s", ErrUnreachable, refusal)
	default:
		return "", fmt.Errorf("%w: %s", ErrRefused, printable(refusal))
	}
	codes := callback["code"]
	if len(codes) != 1 || codes[0] == "" {
		return "", fmt.Errorf("%w: it has %d codes and no error", ErrForged, len(codes))
	}
	return codes[0], nil
}

// isOnly reports whether want is the only value, in constant time. An empty want never matches.
func isOnly(values []string, want string) bool {
	return want != "" && len(values) == 1 && subtle.ConstantTimeCompare([]byte(values[0]), []byte(want)) == 1
}

// verify returns the claims of the ID token raw if it is valid (OpenID Connect Core 1.0, section
// 3.1.3.7).
func (p *Provider) verify(ctx context.Context, found *configuration, raw, nonce string) (claimSet, error) {
	idToken, claims, err := p.verifySignature(ctx, found.keys, raw, &gooidc.Config{
		SupportedSigningAlgs: found.algorithms,
		Now:                  func() time.Time { return p.now().Add(-leeway) },
	})
	if err != nil {
		return nil, err
	}
	party, err := claims.text("azp")
	switch {
	case idToken.Subject == "":
		return nil, fmt.Errorf("%w: no subject", ErrToken)
	case strings.ContainsRune(idToken.Subject, utf8.RuneError): // as two subjects may be for one decoder
		return nil, fmt.Errorf("%w: the subject is not Unicode", ErrToken)
	case !isOnly([]string{idToken.Nonce}, nonce):
		return nil, fmt.Errorf("%w: nonce differs", ErrToken)
	case err != nil, party == "" && len(idToken.Audience) > 1, party != "" && party != p.opts.ClientID:
		return nil, fmt.Errorf("%w: issued to another client", ErrToken)
	}
	return claims, p.checkAge(claims["auth_time"])
}

// checkAge checks when the member logged in at the provider, where that is limited. A provider may
// ignore max_age, and so may a browser that leaves it out.
func (p *Provider) checkAge(loggedIn json.RawMessage) error {
	if p.opts.MaxAge == 0 {
		return nil
	}
	var seconds float64
	if loggedIn == nil || json.Unmarshal(loggedIn, &seconds) != nil {
		return fmt.Errorf("%w: no auth_time, which max_age requires", ErrToken)
	}
	age := p.now().Sub(time.UnixMilli(int64(seconds * 1000)))
	if age > p.opts.MaxAge+leeway || age < -maxAhead {
		return fmt.Errorf("%w: the login at the provider is too old, or in the future", ErrToken)
	}
	return nil
}
