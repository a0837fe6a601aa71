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
	"ocsso/internal/oidc/oidctest"
)

// flows are OpenID Connect and OAuth 2.
var flows = map[string]func(t *testing.T) *idp{"OpenID Connect": newIDP, "OAuth 2": newOAuth2}

func TestACallbackOfAnotherLoginIsForged(t *testing.T) {
	for name, change := range map[string]func(i *idp, a *oidc.Attempt, q url.Values){
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
		"another issuer":            func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("iss", "https://evil.example") },
		"an issuer on another port": func(i *idp, _ *oidc.Attempt, q url.Values) { q.Set("iss", i.Issuer+"1") },
		"two issuers":               func(i *idp, _ *oidc.Attempt, q url.Values) { q.Add("iss", i.Issuer) },
		"an empty issuer":           func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("iss", "") },
		"no code":                   func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Del("code") },
		"an empty code":             func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Set("code", "") },
		"two codes":                 func(_ *idp, _ *oidc.Attempt, q url.Values) { q.Add("code", "another") },
		"nothing":                   func(_ *idp, _ *oidc.Attempt, q url.Values) { clear(q) },
	} {
		for flow, start := range flows {
			i, a := start(t), newAttempt()
			callback := i.callback(t, i.login(), a)
			change(i, &a, callback)
			if _, err := exchange(t, i.login(), a, callback); !errors.Is(err, oidc.ErrForged) {
				t.Errorf("%s, %s: got %v, want %v", flow, name, err, oidc.ErrForged)
			}
			if n := i.Called()[oidctest.Tokens]; n != 0 {
				t.Errorf("%s, %s: got %d calls for tokens, want none", flow, name, n)
			}
		}
	}
}

// TestFewProvidersImplementRFC9207, so a callback may have no issuer where none is promised. Of a
// provider of OAuth 2 only the origin is known.
func TestFewProvidersImplementRFC9207(t *testing.T) {
	for promised, want := range map[bool]error{false: nil, true: oidc.ErrForged} {
		i, a := newIDP(t), newAttempt()
		i.Metadata["authorization_response_iss_parameter_supported"] = promised
		p := i.provider()
		callback := i.callback(t, p, a)
		callback.Del("iss")
		if _, err := exchange(t, p, a, callback); !errors.Is(err, want) {
			t.Errorf("promised %v: got %v, want %v", promised, err, want)
		}
	}
	for _, issuer := range [][]string{nil, {"/tenant"}} {
		i, a := newOAuth2(t), newAttempt()
		callback := i.callback(t, i.login(), a)
		callback.Del("iss")
		for _, path := range issuer {
			callback.Add("iss", i.Issuer+path)
		}
		if _, err := exchange(t, i.login(), a, callback); err != nil {
			t.Errorf("OAuth 2, issuer %q: got %v, want a login", issuer, err)
		}
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
		for flow, start := range flows {
			a := newAttempt()
			_, err := exchange(t, start(t).login(), a, url.Values{"state": {a.State}, "error": {code}, "error_description": {"personal data"}})
			if !errors.Is(err, want.err) || !strings.HasSuffix(err.Error(), want.text) {
				t.Errorf("%s, %.20q: got %v, want %v with %q", flow, code, err, want.err, want.text)
			}
		}
	}
}

// TestACodeWorksOnceAndOnlyForItsAttempt: an attacker who has got hold of a member's code can't use
// it in a login of his own.
func TestACodeWorksOnceAndOnlyForItsAttempt(t *testing.T) {
	for flow, start := range flows {
		i, a := start(t), newAttempt()
		p := i.login()
		callback := i.callback(t, p, a)
		if _, err := exchange(t, p, a, callback); err != nil {
			t.Fatal(err)
		}
		_, err := exchange(t, p, a, callback)
		if !errors.Is(err, oidc.ErrRefused) || !strings.HasSuffix(err.Error(), ": invalid_grant") {
			t.Errorf("%s: got %v for a replayed callback, want %v with invalid_grant", flow, err, oidc.ErrRefused)
		}
		attacker := newAttempt()
		stolen := i.callback(t, p, a)
		stolen.Set("state", attacker.State)
		if _, err := exchange(t, p, attacker, stolen); !errors.Is(err, oidc.ErrRefused) {
			t.Errorf("%s: got %v for another attempt's code, want %v", flow, err, oidc.ErrRefused)
		}
	}
}

// The cases are from OpenID Connect Core 1.0, section 3.1.3.7.
func TestAnInvalidIDTokenIsRefused(t *testing.T) {
	for name, fault := range map[string]func(i *idp){
		"another nonce":             func(i *idp) { i.Claims["nonce"] = newAttempt().Nonce },
		"no nonce":                  func(i *idp) { i.Claims["nonce"] = nil },
		"another audience":          func(i *idp) { i.Claims["aud"] = "another client" },
		"no audience":               func(i *idp) { i.Claims["aud"] = nil },
		"two audiences without azp": func(i *idp) { i.Claims["aud"] = []string{clientID, "another client"} },
		"an azp of another client":  func(i *idp) { i.Claims["azp"] = "another client" },
		"an azp that is not text":   func(i *idp) { i.Claims["azp"] = 1 },
		"another issuer":            func(i *idp) { i.Claims["iss"] = i.Issuer + "/" },
		"no issuer":                 func(i *idp) { i.Claims["iss"] = nil },
		"no subject":                func(i *idp) { i.Claims["sub"] = nil },
		"no subject, which is unmapped": func(i *idp) {
			i.Claims, i.opts.Claims = object{"sub": nil, "name": "kim"}, member.Names{UserCode: "name"}
		},
		"a subject that is not text": func(i *idp) { i.Claims["sub"] = 1 },
		// Two broken ones may be one for a decoder, and the subject ties UserInfo to the ID token.
		"half a surrogate pair":          func(i *idp) { i.Claims["sub"] = raw(`"member\ud800"`) },
		"expired two minutes ago":        func(i *idp) { i.Claims["exp"] = now().Add(-2 * time.Minute).Unix() },
		"no expiry":                      func(i *idp) { i.Claims["exp"] = nil },
		"not valid for an hour":          func(i *idp) { i.Claims["nbf"] = now().Add(time.Hour).Unix() },
		"signed by a key not listed":     func(i *idp) { i.Listed = nil },
		"signed by a key of the same id": func(i *idp) { i.Key = oidctest.NewKey(t, "ES256", "key-1") },
		"not signed":                     func(i *idp) { i.Key = oidctest.Key{ID: "key-1", Algorithm: "none"} },
		"signed with a public key": func(i *idp) {
			point, _ := i.Key.Key.(*ecdsa.PrivateKey).PublicKey.Bytes()
			i.Key = oidctest.Key{ID: "key-1", Algorithm: "HS256", Key: point}
		},
		"signed with the client's secret": func(i *idp) {
			i.Key = oidctest.Key{ID: "key-1", Algorithm: "HS256", Key: []byte(clientSecret)}
		},
		"signed with a published symmetric key": func(i *idp) {
			i.Key = oidctest.Key{ID: "key-1", Algorithm: "HS256", Key: []byte("published in the provider's key set")}
			i.Listed = []oidctest.Key{i.Key}
		},
		"an algorithm that metadata does not have": func(i *idp) {
			i.Metadata["id_token_signing_alg_values_supported"] = []string{"RS256"}
		},
		"not RS256 where metadata has no algorithm": func(i *idp) {
			i.Metadata["id_token_signing_alg_values_supported"] = nil
		},
		"not a token":              func(i *idp) { i.Answer["id_token"] = "personal data" },
		"no token":                 func(i *idp) { i.Answer["id_token"] = nil },
		"a token that is not text": func(i *idp) { i.Answer["id_token"] = object{} },
	} {
		t.Run(name, func(t *testing.T) {
			i := newIDP(t)
			fault(i)
			if _, err := i.logIn(t, i.provider()); !errors.Is(err, oidc.ErrToken) {
				t.Errorf("got %v, want %v", err, oidc.ErrToken)
			}
		})
	}
}

func TestAValidIDTokenIsAccepted(t *testing.T) {
	signedBy := func(algorithm string) func(i *idp) {
		return func(i *idp) {
			i.Key = oidctest.NewKey(t, algorithm, "key-2")
			i.Listed = append(i.Listed, i.Key)
		}
	}
	for name, change := range map[string]func(i *idp){
		"several audiences, with azp":     func(i *idp) { i.Claims["aud"], i.Claims["azp"] = []string{"another", clientID}, clientID },
		"a list of one audience":          func(i *idp) { i.Claims["aud"] = []string{clientID} },
		"expired less than a minute ago":  func(i *idp) { i.Claims["exp"] = now().Add(-59 * time.Second).Unix() },
		"issued by a clock ahead of ours": func(i *idp) { i.Claims["nbf"] = now().Add(time.Minute).Unix() },
		"RS256":                           signedBy("RS256"), "PS256": signedBy("PS256"), "ES256": signedBy("ES256"), "EdDSA": signedBy("EdDSA"),
		"RS256 where metadata has no algorithm": func(i *idp) {
			i.Metadata["id_token_signing_alg_values_supported"] = nil
			signedBy("RS256")(i)
		},
	} {
		i := newIDP(t)
		change(i)
		if _, err := i.logIn(t, i.provider()); err != nil {
			t.Errorf("%s: got %v, want a login", name, err)
		}
	}
}

// TestWhatNobodyHasAskedForMayHaveAnyType: a provider's other clients are no concern of ours.
func TestWhatNobodyHasAskedForMayHaveAnyType(t *testing.T) {
	for _, value := range []any{"2026-11-30", 1.5, true, raw("null"), "", []int{1}, object{"a": 1}} {
		i := newIDP(t)
		i.Claims = object{
			"auth_time": value, "at_hash": value, "acr": value, "amr": value, "updated_at": value, "_claim_names": value, "_claim_sources": value,
			"email_verified": value, "sid": value, "nbf": raw("null"),
		}
		i.Metadata["end_session_endpoint"], i.Metadata["device_authorization_endpoint"] = value, value
		i.Answer = object{"expires_in": value, "refresh_token": value, "scope": value, "token_type": value}
		if who, err := i.logIn(t, i.provider()); err != nil || who.Member.UserCode != "member-1" {
			t.Errorf("%v: got %+v, %v, want a login", value, who, err)
		}
	}
	for _, expires := range []string{`3599.5`, `""`, `"3600"`, `null`} {
		i := newOAuth2(t)
		i.Answer = object{"expires_in": raw(expires)}
		if _, err := i.logIn(t, i.login()); err != nil {
			t.Errorf("expires_in %s: got %v, want a login", expires, err)
		}
	}
	i := newIDP(t)
	i.Claims["sid"] = 7
	p := i.provider()
	who, err := i.logIn(t, p)
	out, errOut := p.VerifyLogout(t.Context(), i.LogoutToken(clientID, object{"sid": 7}), true)
	if errors.Join(err, errOut) != nil || who.SessionID != "7" || out.SessionID != "7" {
		t.Errorf("a numeric sid: got %q and %q, %v, want 7", who.SessionID, out.SessionID, errors.Join(err, errOut))
	}
}

func TestOneKeyThatCannotBeReadDoesNotSpoilTheOthers(t *testing.T) {
	for _, bad := range []string{
		`{}`, `{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}`, `{"kty":"EC","crv":"P-256","x":"%%","y":""}`, `{"kty":"RSA","n":5,"e":"AQAB"}`,
		`{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}`, `{"kty":"OKP","crv":"Ed448","x":"AA"}`, `{"kty":"RSA","x5c":["nonsense"]}`, `{"kty":7}`, `{"kty":"oct","k":"AA"}`,
	} {
		i := newIDP(t)
		own, err := i.Key.Public().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		own = []byte(strings.Replace(string(own), "{", `{"x5c":["nonsense"],`, 1)) // which nobody has asked for
		i.Faults[oidctest.Keys] = oidctest.Says(200, `{"keys":[`+bad+`,`+string(own)+`,`+bad+`]}`)
		if _, err := i.logIn(t, i.provider()); err != nil {
			t.Errorf("%s: got %v, want a login", bad, err)
		}
	}
}

func TestTheLoginAtTheProviderMayHaveToBeFresh(t *testing.T) {
	for name, test := range map[string]struct {
		maxAge   time.Duration
		loggedIn any // the auth_time
		want     error
	}{
		"now":                  {time.Hour, now().Unix(), nil},
		"a while ago":          {time.Hour, now().Add(-time.Hour).Unix(), nil},
		"with a fraction":      {time.Hour, float64(now().Unix()) - 0.5, nil},
		"too long ago":         {time.Hour, now().Add(-62 * time.Minute).Unix(), oidc.ErrToken},
		"in the future":        {time.Hour, now().Add(time.Hour).Unix(), oidc.ErrToken},
		"in milliseconds":      {time.Hour, now().UnixMilli(), oidc.ErrToken},
		"not said":             {time.Hour, nil, oidc.ErrToken},
		"not said as a number": {time.Hour, "now", oidc.ErrToken},
		"any time":             {0, now().Add(-1000 * time.Hour).Unix(), nil},
	} {
		i := newIDP(t)
		want, prompt := "", ""
		if i.Claims["auth_time"] = test.loggedIn; test.maxAge > 0 {
			i.opts.MaxAge, i.opts.Prompt, want, prompt = test.maxAge, "login consent", "3600", "login consent"
		}
		p := i.provider()
		to, err := p.AuthURL(t.Context(), newAttempt())
		if asked, _ := url.Parse(to); err != nil || asked.Query().Get("max_age") != want || asked.Query().Get("prompt") != prompt {
			t.Errorf("%s: got %s, %v, want max_age %q and prompt %q", name, to, err, want, prompt)
		}
		if _, err := i.logIn(t, p); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

func TestTheCallerCanCancel(t *testing.T) {
	i, a := newIDP(t), newAttempt()
	p := i.provider()
	callback := i.callback(t, p, a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Exchange(ctx, a, callback)
	if !errors.Is(err, oidc.ErrUnreachable) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v because of the cancellation", err, oidc.ErrUnreachable)
	}
}
