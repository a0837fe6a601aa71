package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"ocsso/internal/oidc"
)

func TestACallbackThatIsNotTheAnswerIsForged(t *testing.T) {
	for name, test := range map[string]struct {
		metadata map[string]any
		change   func(oidc.Attempt, url.Values) oidc.Attempt
	}{
		"no state":        {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Del("state"); return a }},
		"an empty state":  {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Set("state", ""); return a }},
		"another state":   {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Set("state", oidc.NewAttempt().State); return a }},
		"a longer state":  {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Set("state", a.State+"x"); return a }},
		"two states":      {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Add("state", a.State); return a }},
		"another attempt": {nil, func(oidc.Attempt, url.Values) oidc.Attempt { return oidc.NewAttempt() }},
		"no attempt":      {nil, func(_ oidc.Attempt, q url.Values) oidc.Attempt { q.Set("state", ""); return oidc.Attempt{} }},
		"a refusal of another attempt": {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt {
			q.Set("state", "other")
			q.Set("error", "access_denied")
			return a
		}},
		"another issuer":  {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Set("iss", "https://evil.example"); return a }},
		"two issuers":     {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Add("iss", "https://evil.example"); return a }},
		"an empty issuer": {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Set("iss", ""); return a }},
		"no issuer where it was promised": {
			map[string]any{"authorization_response_iss_parameter_supported": true},
			func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Del("iss"); return a },
		},
		"no code":       {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Del("code"); return a }},
		"an empty code": {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Set("code", ""); return a }},
		"two codes":     {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { q.Add("code", "another"); return a }},
		"nothing":       {nil, func(a oidc.Attempt, q url.Values) oidc.Attempt { clear(q); return a }},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			if test.metadata != nil {
				i.metadata = test.metadata
			}
			p, a := newProvider(t, i, i.options()), oidc.NewAttempt()
			callback := i.callback(t, p, a)
			_, err := exchange(t, p, test.change(a, callback), callback)
			if !errors.Is(err, oidc.ErrForged) {
				t.Errorf("got %v, want %v", err, oidc.ErrForged)
			}
			if n := i.called()[tokenPath]; n != 0 {
				t.Errorf("got %d calls for tokens, want none", n)
			}
		})
	}
}

func TestACallbackMayNameNoIssuer(t *testing.T) {
	i := newIDP(t)
	p, a := newProvider(t, i, i.options()), oidc.NewAttempt()
	callback := i.callback(t, p, a)
	callback.Del("iss")
	if _, err := exchange(t, p, a, callback); err != nil {
		t.Errorf("got %v, want a login: few providers have RFC 9207", err)
	}
}

func TestARefusalKeepsItsCode(t *testing.T) {
	for code, want := range map[string]struct {
		err  error
		text string
	}{
		"access_denied":            {oidc.ErrRefused, ": access_denied"},
		"login_required":           {oidc.ErrRefused, ": login_required"},
		"a\r\nforged log\x00 line": {oidc.ErrRefused, ": a  forged log  line"},
		strings.Repeat("가", 200):   {oidc.ErrRefused, ": " + strings.Repeat("가", 100) + "…"},
		"server_error":             {oidc.ErrUnreachable, ": server_error"},
		"temporarily_unavailable":  {oidc.ErrUnreachable, ": temporarily_unavailable"},
	} {
		i := newIDP(t)
		p, a := newProvider(t, i, i.options()), oidc.NewAttempt()
		_, err := exchange(t, p, a, url.Values{"state": {a.State}, "error": {code}, "error_description": {"personal data"}})
		if !errors.Is(err, want.err) || !strings.HasSuffix(err.Error(), want.text) {
			t.Errorf("%.20q: got %v, want %v with %q", code, err, want.err, want.text)
		}
	}
}

func TestACodeWorksOnceAndForItsAttempt(t *testing.T) {
	i := newIDP(t)
	p, a := newProvider(t, i, i.options()), oidc.NewAttempt()
	callback := i.callback(t, p, a)
	if _, err := exchange(t, p, a, callback); err != nil {
		t.Fatal(err)
	}
	_, err := exchange(t, p, a, callback)
	if !errors.Is(err, oidc.ErrRefused) || !strings.HasSuffix(err.Error(), ": invalid_grant") {
		t.Errorf("got %v for a replayed callback, want %v with invalid_grant", err, oidc.ErrRefused)
	}

	callback = i.callback(t, p, a)
	a.Verifier = oidc.NewAttempt().Verifier
	if _, err := exchange(t, p, a, callback); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("got %v for another attempt's code, want %v", err, oidc.ErrRefused)
	}
}

// TestAnIDTokenThatVouchesForNobody is OpenID Connect Core 1.0, section 3.1.3.7.
func TestAnIDTokenThatVouchesForNobody(t *testing.T) {
	past := now().Add(-2 * time.Minute).Unix()
	for name, fault := range map[string]func(i *idp){
		"another nonce":                  func(i *idp) { i.claims["nonce"] = oidc.NewAttempt().Nonce },
		"no nonce":                       func(i *idp) { i.claims["nonce"] = nil },
		"another audience":               func(i *idp) { i.claims["aud"] = "another client" },
		"no audience":                    func(i *idp) { i.claims["aud"] = nil },
		"audiences without a party":      func(i *idp) { i.claims["aud"] = []string{clientID, "another client"} },
		"another authorized party":       func(i *idp) { i.claims["azp"] = "another client" },
		"a party that is not text":       func(i *idp) { i.claims["azp"] = 1 },
		"another issuer":                 func(i *idp) { i.claims["iss"] = i.issuer + "/" },
		"no issuer":                      func(i *idp) { i.claims["iss"] = nil },
		"no subject":                     func(i *idp) { i.claims["sub"] = nil },
		"a subject that is not text":     func(i *idp) { i.claims["sub"] = 1 },
		"expired two minutes ago":        func(i *idp) { i.claims["exp"] = past },
		"no expiry":                      func(i *idp) { i.claims["exp"] = nil },
		"not valid for an hour":          func(i *idp) { i.claims["nbf"] = now().Add(time.Hour).Unix() },
		"signed by a key not listed":     func(i *idp) { i.listed = nil },
		"signed by a key of the same id": func(i *idp) { i.signing.signer = newKeyOf(i.signing) },
		"not signed":                     func(i *idp) { i.signing = signingKey{id: "key-1", algorithm: "none"} },
		"signed with a public key": func(i *idp) {
			point, _ := i.signing.signer.Public().(*ecdsa.PublicKey).Bytes()
			i.signing = signingKey{id: "key-1", algorithm: "HS256", shared: point}
		},
		"signed with the client's secret": func(i *idp) {
			i.signing = signingKey{id: "key-1", algorithm: "HS256", shared: []byte(clientSecret)}
		},
		"signed with a key that everyone can sign with": func(i *idp) {
			i.signing = signingKey{id: "key-1", algorithm: "HS256", shared: []byte("in the key set for all to see...")}
			i.listed = []signingKey{i.signing}
		},
		"an algorithm that discovery doesn't name": func(i *idp) {
			i.metadata["id_token_signing_alg_values_supported"] = []string{"RS256"}
		},
		"an algorithm where discovery names none": func(i *idp) { i.metadata["id_token_signing_alg_values_supported"] = nil },
		"not a token": func(i *idp) { i.faults[tokenPath] = answer(200, `{"access_token":"a","id_token":"personal data"}`) },
		"none":        func(i *idp) { i.faults[tokenPath] = answer(200, `{"access_token":"a"}`) },
		"not text":    func(i *idp) { i.faults[tokenPath] = answer(200, `{"access_token":"a","id_token":{}}`) },
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			fault(i)
			if _, err := i.logIn(t, newProvider(t, i, i.options())); !errors.Is(err, oidc.ErrToken) {
				t.Errorf("got %v, want %v", err, oidc.ErrToken)
			}
		})
	}
}

func TestAnIDTokenNeedsASubjectThatIsNotMapped(t *testing.T) {
	i := newIDP(t)
	i.claims = map[string]any{"sub": nil, "name": "kim"}
	opts := i.options()
	opts.Claims = oidc.Claims{UserCode: "name"}
	if _, err := i.logIn(t, newProvider(t, i, opts)); !errors.Is(err, oidc.ErrToken) {
		t.Errorf("got %v, want %v", err, oidc.ErrToken)
	}
}

func TestAnIDTokenMayBe(t *testing.T) {
	for name, change := range map[string]func(i *idp){
		"for several, with us as the party": func(i *idp) {
			i.claims["aud"], i.claims["azp"] = []string{"another client", clientID}, clientID
		},
		"for a list of one":                  func(i *idp) { i.claims["aud"] = []string{clientID} },
		"expired by less than clocks differ": func(i *idp) { i.claims["exp"] = now().Add(-59 * time.Second).Unix() },
		"from a clock that is ahead of ours": func(i *idp) { i.claims["nbf"] = now().Add(time.Minute).Unix() },
		"signed by the default where discovery names none": func(i *idp) {
			i.metadata["id_token_signing_alg_values_supported"] = nil
			i.signing = newKey(t, "RS256", "key-1")
			i.listed = []signingKey{i.signing}
		},
	} {
		i := newIDP(t)
		change(i)
		if _, err := i.logIn(t, newProvider(t, i, i.options())); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
	}
}

func TestTheCallerCanGiveUp(t *testing.T) {
	i := newIDP(t)
	p, a := newProvider(t, i, i.options()), oidc.NewAttempt()
	callback := i.callback(t, p, a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Exchange(ctx, a, callback); !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v for the cancelling", err, oidc.ErrUnreachable)
	}
}
