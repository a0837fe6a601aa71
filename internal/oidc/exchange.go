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

	// Of OpenID providers only.
	Missing   error // why UserInfo could not be used, and optional fields may be missing; or nil
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
	found, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	ours := !callback.Has("iss") && !found.AlwaysIssuer || isOnly(callback["iss"], p.opts.Issuer)
	code, err := codeOf(callback, a, ours)
	if err != nil {
		return Identity{}, err
	}
	tokens, err := redeem(ctx, p.client, found.oauth, code, url.Values{"code_verifier": {a.Verifier}})
	if err != nil {
		return Identity{}, err
	}
	raw, _ := tokens.IDToken.(string)
	idToken, err := p.idToken(ctx, found, raw, a.Nonce)
	if err != nil {
		return Identity{}, err
	}
	who, err := p.member(ctx, found, tokens.AccessToken, idToken)
	if err != nil {
		return Identity{}, err
	}
	who.Subject, who.IDToken = idToken.Subject, raw
	who.SessionID, _ = idToken.claims.text("sid") // nobody has asked for it
	return who, nil
}

// codeOf returns the authorization code of a callback of a. ours is whether its issuer is the
// provider, where it has one.
func codeOf(callback url.Values, a Attempt, ours bool) (string, error) {
	refusal, codes := callback.Get("error"), callback["code"]
	switch {
	case !isOnly(callback["state"], a.State):
		return "", fmt.Errorf("%w: state differs", ErrForged)
	case !ours:
		return "", fmt.Errorf("%w: issuer differs", ErrForged)
	case refusal == "server_error", refusal == "temporarily_unavailable": // status 500 and 503 in a redirect
		return "", fmt.Errorf("%w: %s", ErrUnreachable, refusal)
	case refusal != "":
		return "", fmt.Errorf("%w: %s", ErrRefused, printable(refusal))
	case len(codes) != 1 || codes[0] == "":
		return "", fmt.Errorf("%w: it has %d codes and no error", ErrForged, len(codes))
	}
	return codes[0], nil
}

// isOnly reports whether want is the only value, in constant time. An empty want never matches.
func isOnly(values []string, want string) bool {
	return want != "" && len(values) == 1 && subtle.ConstantTimeCompare([]byte(values[0]), []byte(want)) == 1
}

// idToken returns the ID token raw if it is valid (OpenID Connect Core 1.0, section 3.1.3.7).
func (p *Provider) idToken(ctx context.Context, found *configuration, raw, nonce string) (*signedToken, error) {
	token, err := p.verify(ctx, found, raw, p.now().Add(-leeway), true, ErrToken)
	if err != nil {
		return nil, err
	}
	party, err := token.claims.text("azp")
	fault := ""
	switch {
	case token.Subject == "":
		fault = "no subject"
	case strings.ContainsRune(token.Subject, utf8.RuneError): // as two subjects may be for one decoder
		fault = "the subject is not Unicode"
	case !isOnly([]string{token.Nonce}, nonce):
		fault = "nonce differs"
	case err != nil, party == "" && len(token.Audience) > 1, party != "" && party != p.opts.ClientID:
		fault = "issued to another client"
	case p.opts.MaxAge > 0 && !p.isFresh(token.claims["auth_time"]):
		fault = "the login at the provider is older than max_age, in the future, or auth_time doesn't say"
	}
	if fault != "" {
		return nil, fmt.Errorf("%w: %s", ErrToken, fault)
	}
	return token, nil
}

// isFresh reports whether the member logged in at the provider within MaxAge. A provider may ignore
// max_age, and so may a browser that leaves it out.
func (p *Provider) isFresh(loggedIn json.RawMessage) bool {
	var seconds float64
	if loggedIn == nil || json.Unmarshal(loggedIn, &seconds) != nil {
		return false
	}
	age := p.now().Sub(time.UnixMilli(int64(seconds * 1000)))
	return age <= p.opts.MaxAge+leeway && age >= -maxAhead
}
