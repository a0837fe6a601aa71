package oidc_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/oidc"
	"ocsso/internal/oidc/oidctest"
)

func TestLoggingOutLeadsToTheProvider(t *testing.T) {
	const back = "https://shop.example/logout"
	for name, test := range map[string]struct {
		endpoint any
		hint     string
		err      error
		want     url.Values // the query
	}{
		"with the ID token": {"/logout", "a.b.c", nil, url.Values{"id_token_hint": {"a.b.c"}}},
		"without":           {"/logout", "", nil, url.Values{}},
		"the longest ID token": {
			"/logout", strings.Repeat("x", oidc.MaxHint), nil, url.Values{"id_token_hint": {strings.Repeat("x", oidc.MaxHint)}},
		},
		"an ID token too long for a URL": {"/logout", strings.Repeat("x", oidc.MaxHint+1), nil, url.Values{}},
		"an address with a query":        {"/logout?tenant=a%26b", "a.b.c", nil, url.Values{"tenant": {"a&b"}, "id_token_hint": {"a.b.c"}}},
		"a provider without a logout":    {nil, "a.b.c", oidc.ErrNoLogout, nil},
	} {
		i := newIDP(t)
		i.Metadata["end_session_endpoint"] = nil
		if path, ok := test.endpoint.(string); ok {
			i.Metadata["end_session_endpoint"] = i.Issuer + path
		}
		got, err := i.provider().LogoutURL(t.Context(), test.hint, back)
		if !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, want %v", name, err, test.err)
		}
		if test.want == nil {
			continue
		}
		test.want["client_id"], test.want["post_logout_redirect_uri"], test.want["logout_uri"] = []string{clientID}, []string{back}, []string{back}
		to, err := url.Parse(got)
		if err != nil || !strings.HasPrefix(got, i.Issuer+"/logout?") {
			t.Errorf("%s: got %s, want it at the provider", name, got)
			continue
		}
		if diff := cmp.Diff(test.want, to.Query()); diff != "" {
			t.Errorf("%s: query differs (-want +got):\n%s", name, diff)
		}
	}
	for _, bad := range []string{"/logout", "http://idp.example/logout", "javascript:alert(1)", "https://me@idp.example/logout", ":"} {
		i := newIDP(t)
		i.Metadata["end_session_endpoint"] = bad
		p := i.provider()
		if got, err := p.LogoutURL(t.Context(), "", back); !errors.Is(err, oidc.ErrNoLogout) {
			t.Errorf("%s: got %s, %v, want %v", bad, got, err, oidc.ErrNoLogout)
		}
		if _, err := i.logIn(t, p); err != nil {
			t.Errorf("%s: got %v, want a login all the same", bad, err)
		}
	}
	i := newIDP(t)
	i.Faults[oidctest.Discovery] = oidctest.Says(500, "")
	if _, err := i.provider().LogoutURL(t.Context(), "", back); !errors.Is(err, oidc.ErrUnreachable) {
		t.Errorf("got %v, want %v", err, oidc.ErrUnreachable)
	}
}

func TestAValidLogoutTokenIsAccepted(t *testing.T) {
	for name, test := range map[string]struct {
		changes object
		want    oidc.LogoutToken
	}{
		"with both":         {nil, oidc.LogoutToken{ID: "token-1", Subject: "member-1", SessionID: "session-1"}},
		"of a session":      {object{"sub": nil}, oidc.LogoutToken{ID: "token-1", SessionID: "session-1"}},
		"of a subject":      {object{"sid": nil}, oidc.LogoutToken{ID: "token-1", Subject: "member-1"}},
		"without an expiry": {object{"exp": nil, "sid": nil}, oidc.LogoutToken{ID: "token-1", Subject: "member-1"}},
		"by a clock ahead of ours": {
			object{"iat": now().Add(4 * time.Minute).Unix(), "sid": nil}, oidc.LogoutToken{ID: "token-1", Subject: "member-1"},
		},
		"for several clients": {
			object{"aud": []string{"another client", clientID}, "sid": nil}, oidc.LogoutToken{ID: "token-1", Subject: "member-1"},
		},
	} {
		i := newIDP(t)
		got, err := i.provider().VerifyLogout(t.Context(), i.LogoutToken(clientID, test.changes), true)
		if got != test.want || err != nil {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, test.want)
		}
	}
}

// The cases are from OpenID Connect Back-Channel Logout 1.0, section 2.6.
func TestAnInvalidLogoutTokenIsRefused(t *testing.T) {
	for name, changes := range map[string]object{
		"another issuer":               {"iss": "https://evil.example"},
		"no issuer":                    {"iss": nil},
		"another client's":             {"aud": "another client"},
		"no client's":                  {"aud": nil},
		"a nonce, as in an ID token":   {"nonce": "n"},
		"an empty nonce":               {"nonce": ""},
		"a nonce that is null":         {"nonce": raw("null")},
		"no events":                    {"events": nil},
		"another event":                {"events": object{"http://schemas.openid.net/event/other": object{}}},
		"an event that is no object":   {"events": object{"http://schemas.openid.net/event/backchannel-logout": true}},
		"a list of events":             {"events": []string{"http://schemas.openid.net/event/backchannel-logout"}},
		"no id":                        {"jti": nil},
		"an empty id":                  {"jti": ""},
		"no time":                      {"iat": nil},
		"a time that is text":          {"iat": "now"},
		"issued ten minutes ago":       {"iat": now().Add(-10 * time.Minute).Unix()},
		"issued ten minutes ahead":     {"iat": now().Add(10 * time.Minute).Unix()},
		"expired":                      {"exp": now().Add(-2 * time.Minute).Unix()},
		"neither subject nor session":  {"sub": nil, "sid": nil},
		"an empty subject and session": {"sub": "", "sid": ""},
		"a subject that is no text":    {"sub": 7},
		"a session that is no text":    {"sid": []string{"session-1"}},
		"half a surrogate pair":        {"sub": raw(`"\ud800"`)},
	} {
		i := newIDP(t)
		if got, err := i.provider().VerifyLogout(t.Context(), i.LogoutToken(clientID, changes), true); !errors.Is(err, oidc.ErrLogoutToken) {
			t.Errorf("%s: got %+v, %v, want %v", name, got, err, oidc.ErrLogoutToken)
		}
	}
}

func TestAForgedLogoutTokenIsRefused(t *testing.T) {
	for name, forge := range map[string]func(i *idp) string{
		"signed by another key of this id": func(i *idp) string { return by(i, oidctest.NewKey(t, "ES256", "key-1"), nil) },
		"signed by a key not listed":       func(i *idp) string { return by(i, oidctest.NewKey(t, "ES256", "key-2"), nil) },
		"not signed":                       func(i *idp) string { return by(i, oidctest.Key{ID: "key-1", Algorithm: "none"}, nil) },
		"signed with the client's secret": func(i *idp) string {
			return by(i, oidctest.Key{ID: "key-1", Algorithm: "HS256", Key: []byte(clientSecret)}, nil)
		},
		"with another payload": func(i *idp) string {
			return splice(i.LogoutToken(clientID, object{"sub": "member-2"}), i.LogoutToken(clientID, nil))
		},
		"an algorithm that metadata lacks": func(i *idp) string {
			i.Listed = []oidctest.Key{oidctest.NewKey(t, "PS256", "key-1")}
			return by(i, i.Listed[0], nil)
		},
		"an ID token":             func(i *idp) string { return i.IDToken(clientID, "n") },
		"an access token":         func(i *idp) string { return i.LogoutToken(clientID, object{"events": nil, "scope": "openid"}) },
		"nothing":                 func(*idp) string { return "" },
		"text":                    func(*idp) string { return "logout" },
		"two signatures, as JSON": func(*idp) string { return `{"payload":"e30","signatures":[{},{}]}` },
		"many parts":              func(*idp) string { return strings.Repeat("a.", 1000) },
	} {
		i := newIDP(t)
		i.Metadata["id_token_signing_alg_values_supported"] = []string{"ES256", "HS256", "none"}
		forged := forge(i)
		got, err := i.provider().VerifyLogout(t.Context(), forged, true)
		if !errors.Is(err, oidc.ErrLogoutToken) {
			t.Errorf("%s: got %+v, %v, want %v", name, got, err, oidc.ErrLogoutToken)
			continue
		}
		if text := err.Error(); len(forged) > 20 && strings.Contains(text, forged[:20]) || len(text) > 500 {
			t.Errorf("%s: got the error %q, want none of the token in it", name, text)
		}
	}
}

// by returns a logout token that key has signed.
func by(i *idp, key oidctest.Key, changes object) string {
	own := i.Key
	i.Key = key
	defer func() { i.Key = own }()
	return i.LogoutToken(clientID, changes)
}

// splice returns the payload of one token with the signature of another.
func splice(payload, signature string) string {
	return payload[:strings.LastIndex(payload, ".")] + signature[strings.LastIndex(signature, "."):]
}

// TestALogoutFetchesAnUnknownKey whatever strangers have sent before, and so does a login. Either
// has the keys that the other has fetched.
func TestALogoutFetchesAnUnknownKey(t *testing.T) {
	i := newIDP(t)
	p := i.provider()
	stranger := oidctest.NewKey(t, "ES256", "unknown")
	rotate := func(id string) {
		i.Key = oidctest.NewKey(t, "ES256", id)
		i.Listed = append(i.Listed, i.Key)
	}
	for _, id := range []string{"key-2", "key-3"} {
		if _, err := p.VerifyLogout(t.Context(), by(i, stranger, nil), true); !errors.Is(err, oidc.ErrLogoutToken) {
			t.Fatalf("got %v, want %v", err, oidc.ErrLogoutToken)
		}
		rotate(id)
		if _, err := p.VerifyLogout(t.Context(), i.LogoutToken(clientID, nil), true); err != nil {
			t.Errorf("%s: got %v, want a logout", id, err)
		}
	}
	rotate("key-4")
	i.Called()
	if _, err := p.VerifyLogout(t.Context(), i.LogoutToken(clientID, nil), false); !errors.Is(err, oidc.ErrLogoutToken) || len(i.Called()) > 0 {
		t.Errorf("a key that is not known yet: got %v, want %v and no call", err, oidc.ErrLogoutToken)
	}
	if _, err := i.logIn(t, p); err != nil {
		t.Errorf("got %v, want a login", err)
	}
	i.Called()
	if _, err := p.VerifyLogout(t.Context(), i.LogoutToken(clientID, nil), false); err != nil || len(i.Called()) > 0 {
		t.Errorf("got %v, want a logout by the keys of the login", err)
	}
}

// TestALogoutIsNotRefusedForAnOldFetch: a stranger's token has begun to fetch the keys just before
// the provider has a new one.
func TestALogoutIsNotRefusedForAnOldFetch(t *testing.T) {
	i := newIDP(t)
	p := i.provider()
	if _, err := p.VerifyLogout(t.Context(), i.LogoutToken(clientID, nil), true); err != nil {
		t.Fatal(err)
	}
	junk := by(i, oidctest.NewKey(t, "ES256", "key-1"), nil)
	begun, rotated := make(chan bool), make(chan bool)
	i.Faults[oidctest.Keys] = func(w http.ResponseWriter, _ *http.Request) {
		old := httptest.NewRecorder()
		i.ServeKeys(old)
		close(begun)
		<-rotated
		w.Write(old.Body.Bytes())
	}
	var wait sync.WaitGroup
	wait.Go(func() { p.VerifyLogout(t.Context(), junk, true) })
	<-begun
	i.Mend(oidctest.Keys)
	i.Key = oidctest.NewKey(t, "ES256", "key-2")
	i.Listed = []oidctest.Key{i.Key}
	token := i.LogoutToken(clientID, nil)
	for range 10 {
		wait.Go(func() {
			if _, err := p.VerifyLogout(t.Context(), token, true); err != nil {
				t.Errorf("got %v, want a logout", err)
			}
		})
	}
	close(rotated)
	wait.Wait()
}

func TestAProviderOutOfOrderIsNoForgery(t *testing.T) {
	for _, path := range []string{oidctest.Discovery, oidctest.Keys} {
		i := newIDP(t)
		i.Faults[path] = oidctest.Says(500, "")
		if _, err := i.provider().VerifyLogout(t.Context(), i.LogoutToken(clientID, nil), true); !errors.Is(err, oidc.ErrUnreachable) {
			t.Errorf("%s: got %v, want %v", path, err, oidc.ErrUnreachable)
		}
	}
}

// TestALogoutTokenOfAuth0IsAccepted: go-oidc publishes its issuer, a key and the token.
func TestALogoutTokenOfAuth0IsAccepted(t *testing.T) {
	i := clientOf(oidctest.NewLocal(t))
	i.Issuer, i.opts.ClientID = "https://dev-1zzve41p1cec7x1j.us.auth0.com/", "ZHTZrfntfPjYZDJiIMB1keb0HHA9AKEv"
	i.Metadata["jwks_uri"] = "https://dev-1zzve41p1cec7x1j.us.auth0.com/keys"
	i.Faults[oidctest.Keys] = oidctest.Says(200, `{"keys":[{"kty":"RSA","use":"sig","kid":"MJEenCzYAP_m5TgvpAPya","alg":"RS256","e":"AQAB","n":"`+auth0Key+`"}]}`)
	i.opts.Issuer = i.Issuer
	p := oidc.New(i.opts, i.Transport, func() time.Time { return time.Unix(1781724897, 0) })
	got, err := p.VerifyLogout(t.Context(), auth0LogoutToken, true)
	want := oidc.LogoutToken{
		ID: "c31b3a14-9397-44c4-856a-9ea188009345", Subject: "google-oauth2|112918960155987323361", SessionID: "HDCe0CH-r6Dj2iyhTnjsFps9a_INrE_c",
	}
	if got != want || err != nil {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

const (
	auth0Key         = "uv7NSwCelgZ7nAOxKM27fUHKJrIIL-UreZ0wz5MRvfoQQXcaOnjpcSoBX1FwTXH01MPKhPJMJkMFpDfdT7IxMgdq_SLBGz73FRabahOXbItyEvOPf6oXmJJB3vh3at-G7dWRGOa3YC8gXw_2V7OgAh2X4UyqB40hjlvM8bjtbK8QBZGGbw2h-7Hp8GTa5iZXjqd_o6e9zhqzVCOSj-DOQYp8EqlW0gBQu-4-WDgnK0VwBCuaFGqznKg0HjM4FS4qCVYmLIFX3k2ibpwHncEvTPTJ3LMN7WBElM5jIpW5mVKFrgiM2dgfGbfE1uTSwep8507SBj3d0PAmHomFoCzGDQ"
	auth0LogoutToken = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Ik1KRWVuQ3pZQVBfbTVUZ3ZwQVB5YSJ9.eyJpc3MiOiJodHRwczovL2Rldi0xenp2ZTQxcDFjZWM3eDFqLnVzLmF1dGgwLmNvbS8iLCJzdWIiOiJnb29nbGUtb2F1dGgyfDExMjkxODk2MDE1NTk4NzMyMzM2MSIsImF1ZCI6IlpIVFpyZm50ZlBqWVpESmlJTUIxa2ViMEhIQTlBS0V2IiwiaWF0IjoxNzgxNzI0ODk3LCJleHAiOjE3ODE3MjUwMTcsImp0aSI6ImMzMWIzYTE0LTkzOTctNDRjNC04NTZhLTllYTE4ODAwOTM0NSIsImV2ZW50cyI6eyJodHRwOi8vc2NoZW1hcy5vcGVuaWQubmV0L2V2ZW50L2JhY2tjaGFubmVsLWxvZ291dCI6e319LCJ0cmFjZV9pZCI6ImEwZDQ3ZTlhYzg1YTE1YTQiLCJzaWQiOiJIRENlMENILXI2RGoyaXloVG5qc0ZwczlhX0lOckVfYyJ9.GWzDL6fKUIx_41MIkX-lRLiU9KJy7JHgV7i96PqRT5RK_8PkDMJzeKqpzbwgQat_jNbd3b3PiT-lhPDumPxurQJSKaBv09Rpuui96wp95y1S1heUDTR5YVc5HFnaVlQTOQExJMsi-yfsQiIYqgwavhOerps5Rfl37GakxzN7nYGc7-lznjdJCkaTV-goh81xIdYskKcnfxBJcPOXQmmqelQDUKusjQk_deaUQHyUGU8LONpbgxP4DGBIS6EZp5WbPKRSeimGJpd1Phycf6n4eojojnJihBBfxPaCZRTHTwrfh1-WuROVXhoRtE51FYcycWMLxM4E9JX85I9k2C0AAg"
)
