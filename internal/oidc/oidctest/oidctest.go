// Package oidctest is an OpenID provider for tests.
package oidctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// A Provider is an OpenID provider that logs everybody in with its claims.
type Provider struct {
	t      *testing.T
	key    *rsa.PrivateKey
	Claims map[string]any
	Nonce  string     // of the pending login
	Asked  url.Values // the form of the last token request
	Issuer string
	Token  string // the last ID token
}

// New runs a provider until the test ends.
func New(t *testing.T, claims map[string]any) (p *Provider, issuer string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p = &Provider{t: t, key: key, Claims: claims}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.Issuer = server.URL
	documents := map[string]any{
		"/.well-known/openid-configuration": map[string]any{
			"issuer": server.URL, "authorization_endpoint": server.URL + "/authorize", "token_endpoint": server.URL + "/token",
			"end_session_endpoint": server.URL + "/end", "jwks_uri": server.URL + "/keys", "token_endpoint_auth_methods_supported": []string{"client_secret_post"},
		},
		"/keys": map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "alg": "RS256", "use": "sig",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		}}},
	}
	for path, document := range documents {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { p.write(w, document) })
	}
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		p.Nonce = asked.Get("nonce")
		w.Header().Set("X-Frame-Options", "DENY") // as providers do
		back := url.Values{"code": {"c"}, "state": {asked.Get("state")}}
		http.Redirect(w, r, asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		p.Asked = r.PostForm
		p.Token = p.Sign(map[string]any{"aud": r.PostForm.Get("client_id"), "exp": time.Now().Add(time.Hour).Unix(), "nonce": p.Nonce}, p.Claims)
		p.write(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.Token})
	})
	return p, server.URL
}

func (p *Provider) write(w http.ResponseWriter, document any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(document); err != nil {
		p.t.Error(err)
	}
}

// Sign signs claims, and more ones over them, as a token of the provider's.
func (p *Provider) Sign(claims, more map[string]any) string {
	maps.Copy(claims, map[string]any{"iss": p.Issuer, "iat": time.Now().Unix()})
	maps.Copy(claims, more)
	payload, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return signed + "." + encode(signature)
}
