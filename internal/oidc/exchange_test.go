package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
)

func TestACallbackOfAnotherLoginIsForged(t *testing.T) {
	for name, change := range map[string]func(i *idp, a *oidc.Attempt, callback url.Values){
		"no state":        func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Del("state") },
		"an empty state":  func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("state", "") },
		"another state":   func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("state", newAttempt().State) },
		"a longer state":  func(_ *idp, a *oidc.Attempt, q url.Values) { q.Set("state", a.State+"x") },
		"two states":      func(_ *idp, a *oidc.Attempt, q url.Values) { q.Add("state", a.State) },
		"another attempt": func(_ *idp, a *oidc.Attempt, _ url.Values) { *a = newAttempt() },
		"no attempt":      func(_ *idp, a *oidc.Attempt, q url.Values) { *a = oidc.Attempt{}; q.Set("state", "") },
		"another attempt's refusal": func(_ *idp, _ *oidc.Attempt, q url.Values) {
			q.Set("state", "other")
			q.Set("error", "access_denied")
		},
		"another issuer":  func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("iss", "https://evil.example") },
		"two issuers":     func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Add("iss", "https://evil.example") },
		"an empty issuer": func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("iss", "") },
		"no issuer although it is promised": func(i *idp, _ *oidc.Attempt, q url.Values) {
			i.metadata["authorization_response_iss_parameter_supported"] = true
			q.Del("iss")
		},
		"no code":       func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Del("code") },
		"an empty code": func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("code", "") },
		"two codes":     func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Add("code", "another") },
		"nothing":       func(_ *idp, _ *oidc.Attempt, q url.Values) { clear(q) },
	} {
		t.Run(name, func(t *testing.T) {
			i, a := newIDP(t), newAttempt()
			callback := i.callback(t, newProvider(i), a)
			change(i, &a, callback)
			if _, err := exchange(t, newProvider(i), a, callback); !errors.Is(err, oidc.ErrForged) {
				t.Errorf("got %v, want %v", err, oidc.ErrForged)
			}
			if n := i.called()[tokenPath]; n != 0 {
				t.Errorf("got %d calls for tokens, want none", n)
			}
		})
	}
}

func TestACallbackWithoutIssuerIsAccepted(t *testing.T) {
	i := newIDP(t)
	p, a := newProvider(i), newAttempt()
	callback := i.callback(t, p, a)
	callback.Del("iss")
	if _, err := exchange(t, p, a, callback); err != nil {
		t.Errorf("got %v, want a login: few providers implement RFC 9207", err)
	}
}

func TestARefusalHasTheProvidersErrorCode(t *testing.T) {
	for code, want := range map[string]struct {
		err  error
		text string
	}{
		"access_denied":            {oidc.ErrRefused, ": access_denied"},
		"login_required":           {oidc.ErrRefused, ": login_required"},
		"a\r\nforged log\x00 line": {oidc.ErrRefused, ": a  forged log  line"},
		strings.Repeat("가", 200):   {oidc.ErrRefused, ": " + strings.Repeat("가", 100)},
		"server_error":             {oidc.ErrUnreachable, ": server_error"},
		"temporarily_unavailable":  {oidc.ErrUnreachable, ": temporarily_unavailable"},
	} {
		i := newIDP(t)
		p, a := newProvider(i), newAttempt()
		_, err := exchange(t, p, a, url.Values{"state": {a.State}, "error": {code}, "error_description": {"personal data"}})
		if !errors.Is(err, want.err) || !strings.HasSuffix(err.Error(), want.text) {
			t.Errorf("%.20q: got %v, want %v with %q", code, err, want.err, want.text)
		}
	}
}

func TestACodeWorksOnceAndOnlyForItsAttempt(t *testing.T) {
	i := newIDP(t)
	p, a := newProvider(i), newAttempt()
	callback := i.callback(t, p, a)
	if _, err := exchange(t, p, a, callback); err != nil {
		t.Fatal(err)
	}
	_, err := exchange(t, p, a, callback)
	if !errors.Is(err, oidc.ErrRefused) || !strings.HasSuffix(err.Error(), ": invalid_grant") {
		t.Errorf("got %v for a replayed callback, want %v with invalid_grant", err, oidc.ErrRefused)
	}

	callback = i.callback(t, p, a)
	a.Verifier = newAttempt().Verifier
	if _, err := exchange(t, p, a, callback); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("got %v for another attempt's code, want %v", err, oidc.ErrRefused)
	}
}

// The cases are from OpenID Connect Core 1.0, section 3.1.3.7.
func TestAnInvalidIDTokenIsRefused(t *testing.T) {
	past := now().Add(-2 * time.Minute).Unix()
	for name, fault := range map[string]func(i *idp){
		"another nonce":             func(i *idp) { i.claims["nonce"] = newAttempt().Nonce },
		"no nonce":                  func(i *idp) { i.claims["nonce"] = nil },
		"another audience":          func(i *idp) { i.claims["aud"] = "another client" },
		"no audience":               func(i *idp) { i.claims["aud"] = nil },
		"two audiences without azp": func(i *idp) { i.claims["aud"] = []string{clientID, "another client"} },
		"an azp of another client":  func(i *idp) { i.claims["azp"] = "another client" },
		"an azp that is not text":   func(i *idp) { i.claims["azp"] = 1 },
		"another issuer":            func(i *idp) { i.claims["iss"] = i.issuer + "/" },
		"no issuer":                 func(i *idp) { i.claims["iss"] = nil },
		"no subject":                func(i *idp) { i.claims["sub"] = nil },
		"no subject, which is unmapped": func(i *idp) {
			i.claims, i.mapped = object{"sub": nil, "name": "kim"}, member.Names{UserCode: "name"}
		},
		"a subject that is not text":     func(i *idp) { i.claims["sub"] = 1 },
		"expired two minutes ago":        func(i *idp) { i.claims["exp"] = past },
		"no expiry":                      func(i *idp) { i.claims["exp"] = nil },
		"not valid for an hour":          func(i *idp) { i.claims["nbf"] = now().Add(time.Hour).Unix() },
		"signed by a key not listed":     func(i *idp) { i.listed = nil },
		"signed by a key of the same id": func(i *idp) { i.signing = newKey(t, "ES256", "key-1") },
		"not signed":                     func(i *idp) { i.signing = signingKey{id: "key-1", algorithm: "none"} },
		"signed with a public key": func(i *idp) {
			point, _ := i.signing.key.(*ecdsa.PrivateKey).PublicKey.Bytes()
			i.signing = signingKey{id: "key-1", algorithm: "HS256", key: point}
		},
		"signed with the client's secret": func(i *idp) {
			i.signing = signingKey{id: "key-1", algorithm: "HS256", key: []byte(clientSecret)}
		},
		"signed with a published symmetric key": func(i *idp) {
			i.signing = signingKey{id: "key-1", algorithm: "HS256", key: []byte("published in the provider's key set")}
			i.listed = []signingKey{i.signing}
		},
		"an algorithm that metadata does not have": func(i *idp) {
			i.metadata["id_token_signing_alg_values_supported"] = []string{"RS256"}
		},
		"not RS256 where metadata has no algorithm": func(i *idp) {
			i.metadata["id_token_signing_alg_values_supported"] = nil
		},
		"not a token": func(i *idp) {
			i.faults[tokenPath] = answer(200, `{"access_token":"a","id_token":"personal data"}`)
		},
		"no token":                 func(i *idp) { i.faults[tokenPath] = answer(200, `{"access_token":"a"}`) },
		"a token that is not text": func(i *idp) { i.faults[tokenPath] = answer(200, `{"access_token":"a","id_token":{}}`) },
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			fault(i)
			if _, err := i.logIn(t, newProvider(i)); !errors.Is(err, oidc.ErrToken) {
				t.Errorf("got %v, want %v", err, oidc.ErrToken)
			}
		})
	}
}

func TestAValidIDTokenIsAccepted(t *testing.T) {
	for name, change := range map[string]func(i *idp){
		"several audiences, with azp": func(i *idp) {
			i.claims["aud"], i.claims["azp"] = []string{"another client", clientID}, clientID
		},
		"a list of one audience":          func(i *idp) { i.claims["aud"] = []string{clientID} },
		"expired less than a minute ago":  func(i *idp) { i.claims["exp"] = now().Add(-59 * time.Second).Unix() },
		"issued by a clock ahead of ours": func(i *idp) { i.claims["nbf"] = now().Add(time.Minute).Unix() },
		"RS256 where metadata has no algorithm": func(i *idp) {
			i.metadata["id_token_signing_alg_values_supported"] = nil
			i.signing = newKey(t, "RS256", "key-1")
			i.listed = []signingKey{i.signing}
		},
	} {
		i := newIDP(t)
		change(i)
		if _, err := i.logIn(t, newProvider(i)); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
	}
}

func TestTheCallerCanCancel(t *testing.T) {
	i := newIDP(t)
	p, a := newProvider(i), newAttempt()
	callback := i.callback(t, p, a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Exchange(ctx, a, callback)
	if !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v because of the cancellation", err, oidc.ErrUnreachable)
	}
}
