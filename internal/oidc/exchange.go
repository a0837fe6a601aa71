package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ocsso/internal/member"
	"ocsso/internal/token"
)

// leeway is how long after its expiry an ID token is accepted, because clocks differ. For a token
// that is not valid yet, go-oidc has a leeway of 5 minutes.
const leeway = time.Minute

// Exchange returns the member who logged in. callback is the query of the redirect URL. The caller
// must make sure that the same browser started the attempt some minutes ago at most, and that it is
// used once. Exchange makes at most four calls: discovery, tokens, keys and UserInfo. The error is
// ErrRefused, ErrForged, ErrUnreachable, ErrToken or a *ClaimError.
//
// left says which optional fields the member lacks because their claims are neither text nor an
// integer. It contains no values.
func (p *Provider) Exchange(
	ctx context.Context, a Attempt, callback url.Values,
) (who member.Member, left []*token.FieldError, err error) {
	if !isOnly(callback["state"], a.State) {
		return member.Member{}, nil, fmt.Errorf("%w: state differs", ErrForged)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return member.Member{}, nil, err
	}
	code, err := p.code(found, callback)
	if err != nil {
		return member.Member{}, nil, err
	}
	ctx = gooidc.ClientContext(ctx, p.client)
	tokens, err := found.redeem(ctx, code, a.Verifier)
	if err != nil {
		return member.Member{}, nil, err
	}
	idToken, err := p.verify(ctx, found, tokens, a.Nonce)
	if err != nil {
		return member.Member{}, nil, err
	}
	claims, err := p.claims(ctx, found, tokens, idToken)
	if err != nil {
		return member.Member{}, nil, err
	}
	return p.opts.Claims.member(claims)
}

// code returns the authorization code of a callback whose state is right.
func (p *Provider) code(found *configuration, callback url.Values) (string, error) {
	if (callback.Has("iss") || found.alwaysIssuer) && !isOnly(callback["iss"], p.opts.Issuer) {
		return "", fmt.Errorf("%w: issuer differs", ErrForged)
	}
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

// redeem exchanges the code for tokens.
func (c *configuration) redeem(ctx context.Context, code, verifier string) (*oauth2.Token, error) {
	tokens, err := c.oauth.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var answer *oauth2.RetrieveError // its text is the whole answer, so it is not logged
	switch {
	case errors.As(err, &answer) && answer.ErrorCode == "invalid_grant":
		return nil, fmt.Errorf("%w: %s", ErrRefused, answer.ErrorCode)
	case errors.As(err, &answer):
		status := answer.Response.StatusCode
		return nil, fmt.Errorf("%w: tokens: status %d: %s", ErrUnreachable, status, printable(answer.ErrorCode))
	case err != nil:
		return nil, unreachable("tokens", err)
	}
	return tokens, nil
}

// verify returns the ID token in tokens if it is valid (OpenID Connect Core 1.0, section 3.1.3.7).
func (p *Provider) verify(
	ctx context.Context, found *configuration, tokens *oauth2.Token, nonce string,
) (*gooidc.IDToken, error) {
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, fmt.Errorf("%w: there is none", ErrToken)
	}
	keys := &keySet{remote: found.keys}
	idToken, err := gooidc.NewVerifier(p.opts.Issuer, keys, &gooidc.Config{
		ClientID:             p.opts.ClientID,
		SupportedSigningAlgs: found.algorithms,
		Now:                  func() time.Time { return p.now().Add(-leeway) },
	}).Verify(ctx, raw)
	if keys.fetchError != nil {
		return nil, unreachable("keys", keys.fetchError)
	}
	if err != nil {
		return nil, invalidToken(err)
	}
	var extra struct {
		Party string `json:"azp"`
	}
	if err := idToken.Claims(&extra); err != nil {
		return nil, invalidToken(err)
	}
	switch {
	case idToken.Subject == "":
		return nil, fmt.Errorf("%w: no subject", ErrToken)
	case strings.ContainsRune(idToken.Subject, utf8.RuneError): // as two subjects may be for one decoder
		return nil, fmt.Errorf("%w: the subject is not Unicode", ErrToken)
	case !isOnly([]string{idToken.Nonce}, nonce):
		return nil, fmt.Errorf("%w: nonce differs", ErrToken)
	case extra.Party == "" && len(idToken.Audience) > 1, extra.Party != "" && extra.Party != p.opts.ClientID:
		return nil, fmt.Errorf("%w: issued to another client", ErrToken)
	}
	return idToken, nil
}

// A keySet keeps the error of fetching keys, which the verifier mixes up with a wrong signature.
type keySet struct {
	remote     *gooidc.RemoteKeySet
	fetchError error
}

// VerifySignature implements gooidc.KeySet.
func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, jwt)
	if errors.Unwrap(err) != nil { // only a fetch error wraps another
		k.fetchError = err
	}
	return payload, err
}
