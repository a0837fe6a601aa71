package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ocsso/internal/member"
)

// leeway is how far behind ours the provider's clock may be when an ID token expires. go-oidc forgives 5 minutes the
// other way round.
const leeway = time.Minute

// Exchange returns who logged in, from the query that the browser brought back to the redirect URL. It makes at most four
// calls: discovery, tokens, keys and UserInfo. The error is ErrRefused, ErrForged, ErrUnreachable, ErrToken or joined
// *ClaimErrors.
//
// The caller makes sure that the same browser began the attempt, not long ago, and that it wasn't used before.
func (p *Provider) Exchange(ctx context.Context, a Attempt, callback url.Values) (member.Member, error) {
	if !isOnly(callback["state"], a.State) {
		return member.Member{}, fmt.Errorf("%w: state differs", ErrForged)
	}
	remote, err := p.discover(ctx)
	if err != nil {
		return member.Member{}, err
	}
	code, err := p.code(remote, callback)
	if err != nil {
		return member.Member{}, err
	}
	ctx = gooidc.ClientContext(ctx, p.client)
	tokens, err := remote.redeem(ctx, code, a.Verifier)
	if err != nil {
		return member.Member{}, err
	}
	idToken, err := p.verify(ctx, remote, tokens, a.Nonce)
	if err != nil {
		return member.Member{}, err
	}
	found, err := p.claims(ctx, remote, tokens, idToken)
	if err != nil {
		return member.Member{}, err
	}
	return p.opts.Claims.member(found)
}

// code returns the code of a callback whose state is right.
func (p *Provider) code(remote *remote, callback url.Values) (string, error) {
	if (callback.Has("iss") || remote.namesIssuer) && !isOnly(callback["iss"], p.opts.Issuer) {
		return "", fmt.Errorf("%w: issuer differs", ErrForged)
	}
	switch refusal := callback.Get("error"); refusal {
	case "":
	case "server_error", "temporarily_unavailable": // a 500 and a 503 that had to travel in a redirect
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

// isOnly reports whether values are want and nothing else, in a time that doesn't depend on how much of it is right.
// Nothing is an empty want.
func isOnly(values []string, want string) bool {
	return want != "" && len(values) == 1 && subtle.ConstantTimeCompare([]byte(values[0]), []byte(want)) == 1
}

// redeem trades the code for tokens.
func (r *remote) redeem(ctx context.Context, code, verifier string) (*oauth2.Token, error) {
	tokens, err := r.oauth.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var answer *oauth2.RetrieveError // its text is the provider's whole answer
	switch {
	case errors.As(err, &answer) && answer.ErrorCode == "invalid_grant":
		return nil, fmt.Errorf("%w: %s", ErrRefused, answer.ErrorCode)
	case errors.As(err, &answer):
		return nil, fmt.Errorf("%w: tokens: status %d: %s", ErrUnreachable, answer.Response.StatusCode, printable(answer.ErrorCode))
	case err != nil:
		return nil, unreachable("tokens", err)
	}
	return tokens, nil
}

// verify returns the ID token among tokens if all of OpenID Connect Core 1.0, section 3.1.3.7, is true of it.
func (p *Provider) verify(ctx context.Context, remote *remote, tokens *oauth2.Token, nonce string) (*gooidc.IDToken, error) {
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, fmt.Errorf("%w: there is none", ErrToken)
	}
	keys := &watchedKeys{remote: remote.keys}
	idToken, err := gooidc.NewVerifier(p.opts.Issuer, keys, &gooidc.Config{
		ClientID:             p.opts.ClientID,
		SupportedSigningAlgs: remote.algorithms,
		Now:                  func() time.Time { return p.now().Add(-leeway) },
	}).Verify(ctx, raw)
	if keys.outage != nil {
		return nil, unreachable("keys", keys.outage)
	}
	if err != nil {
		return nil, invalidToken(err)
	}
	var more struct {
		Party string `json:"azp"`
	}
	if err := idToken.Claims(&more); err != nil {
		return nil, invalidToken(err)
	}
	switch {
	case idToken.Subject == "":
		return nil, fmt.Errorf("%w: no subject", ErrToken)
	case !isOnly([]string{idToken.Nonce}, nonce):
		return nil, fmt.Errorf("%w: nonce differs", ErrToken)
	case more.Party == "" && len(idToken.Audience) > 1, more.Party != "" && more.Party != p.opts.ClientID:
		return nil, fmt.Errorf("%w: issued to another client", ErrToken)
	}
	return idToken, nil
}

// watchedKeys tell a signature that is wrong from keys that could not be had: the verifier's error doesn't.
type watchedKeys struct {
	remote *gooidc.RemoteKeySet
	outage error
}

// VerifySignature implements gooidc.KeySet.
func (k *watchedKeys) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.remote.VerifySignature(ctx, jwt)
	if errors.Unwrap(err) != nil { // only an error of the fetch has a cause
		k.outage = err
	}
	return payload, err
}
