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

// maxAhead is how far the provider's clock may be ahead of ours. go-oidc has the same.
const maxAhead = 5 * time.Minute

// An Identity is who has logged in at the provider.
type Identity struct {
	Member member.Member
	// Left says which optional fields the member lacks because their claims are neither text nor an
	// integer. It contains no values.
	Left []*token.FieldError

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
	ctx = gooidc.ClientContext(ctx, p.client)
	tokens, err := redeem(ctx, found.oauth, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Identity{}, err
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return Identity{}, fmt.Errorf("%w: there is none", ErrToken)
	}
	idToken, sessionID, err := p.verify(ctx, found, raw, a.Nonce)
	if err != nil {
		return Identity{}, err
	}
	claims, err := p.claims(ctx, found, tokens, idToken)
	if err != nil {
		return Identity{}, err
	}
	who, left, err := p.member(claims)
	if err != nil {
		return Identity{}, err
	}
	return Identity{who, left, idToken.Subject, sessionID, raw}, nil
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

// redeem exchanges the code for tokens.
func redeem(
	ctx context.Context, client oauth2.Config, code string, options ...oauth2.AuthCodeOption,
) (*oauth2.Token, error) {
	tokens, err := client.Exchange(ctx, code, options...)
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

// verify returns the ID token raw if it is valid (OpenID Connect Core 1.0, section 3.1.3.7), and
// its session id.
func (p *Provider) verify(
	ctx context.Context, found *configuration, raw, nonce string,
) (idToken *gooidc.IDToken, sessionID string, err error) {
	idToken, err = p.verifySignature(ctx, found.keys, raw, &gooidc.Config{
		SupportedSigningAlgs: found.algorithms,
		Now:                  func() time.Time { return p.now().Add(-leeway) },
	})
	if err != nil {
		return nil, "", err
	}
	var extra struct {
		Party     string   `json:"azp"`
		SessionID string   `json:"sid"`
		LoggedIn  *float64 `json:"auth_time"`
	}
	if err := idToken.Claims(&extra); err != nil {
		return nil, "", invalidToken(err)
	}
	switch {
	case idToken.Subject == "":
		return nil, "", fmt.Errorf("%w: no subject", ErrToken)
	case strings.ContainsRune(idToken.Subject, utf8.RuneError): // as two subjects may be for one decoder
		return nil, "", fmt.Errorf("%w: the subject is not Unicode", ErrToken)
	case !isOnly([]string{idToken.Nonce}, nonce):
		return nil, "", fmt.Errorf("%w: nonce differs", ErrToken)
	case extra.Party == "" && len(idToken.Audience) > 1, extra.Party != "" && extra.Party != p.opts.ClientID:
		return nil, "", fmt.Errorf("%w: issued to another client", ErrToken)
	}
	return idToken, extra.SessionID, p.checkAge(extra.LoggedIn)
}

// checkAge checks when the member logged in at the provider, where that is limited. A provider may
// ignore max_age, and so may a browser that leaves it out.
func (p *Provider) checkAge(loggedIn *float64) error {
	if p.opts.MaxAge == 0 {
		return nil
	}
	if loggedIn == nil {
		return fmt.Errorf("%w: no auth_time, which max_age requires", ErrToken)
	}
	age := p.now().Sub(time.UnixMilli(int64(*loggedIn * 1000)))
	if age > p.opts.MaxAge+leeway || age < -maxAhead {
		return fmt.Errorf("%w: the login at the provider is too old, or in the future", ErrToken)
	}
	return nil
}

// verifySignature returns a token of the provider that is signed by one of its keys, and for this
// client.
func (p *Provider) verifySignature(
	ctx context.Context, remote *gooidc.RemoteKeySet, raw string, config *gooidc.Config,
) (*gooidc.IDToken, error) {
	keys := &keySet{remote: remote}
	config.ClientID = p.opts.ClientID
	verified, err := gooidc.NewVerifier(p.opts.Issuer, keys, config).Verify(ctx, raw)
	if keys.fetchError != nil {
		return nil, unreachable("keys", keys.fetchError)
	}
	if err != nil {
		return nil, invalidToken(err)
	}
	return verified, nil
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
