package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"
)

// A provider is an OpenID provider that logs everybody in with its claims.
type provider struct {
	t      *testing.T
	key    *rsa.PrivateKey
	claims map[string]any
	nonce  string     // of the pending login
	asked  url.Values // the form of the last token request
	issuer string
	token  string // the last ID token
}

// newProvider runs a provider until the test ends.
func newProvider(t *testing.T, claims map[string]any) (p *provider, issuer string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p = &provider{t: t, key: key, claims: claims}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.issuer = server.URL
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
		p.nonce = asked.Get("nonce")
		w.Header().Set("X-Frame-Options", "DENY") // as providers do
		back := url.Values{"code": {"c"}, "state": {asked.Get("state")}}
		http.Redirect(w, r, asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		p.asked = r.PostForm
		p.token = p.sign(map[string]any{"aud": r.PostForm.Get("client_id"), "exp": time.Now().Add(time.Hour).Unix(), "nonce": p.nonce}, p.claims)
		p.write(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.token})
	})
	return p, server.URL
}

func (p *provider) write(w http.ResponseWriter, document any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(document); err != nil {
		p.t.Error(err)
	}
}

// sign signs claims, and more ones over them, as a token of the provider's.
func (p *provider) sign(claims, more map[string]any) string {
	maps.Copy(claims, map[string]any{"iss": p.issuer, "iat": time.Now().Unix()})
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

// logInAt logs in at the provider, and returns the query of the authorization request.
func (d *deployed) logInAt(p *provider) (asked url.Values) {
	d.t.Helper()
	return d.logInElsewhere(func(asked url.Values) { p.nonce = asked.Get("nonce") })
}

// logInElsewhere is logInAt for any provider, which is told what it is asked.
func (d *deployed) logInElsewhere(tell func(asked url.Values)) (asked url.Values) {
	d.t.Helper()
	sent := d.do("GET", "/login", nil)
	location, err := url.Parse(sent.Header().Get("Location"))
	if err != nil || sent.Code != http.StatusSeeOther {
		d.t.Fatalf("got %d to %s, %v, want the provider", sent.Code, location, err)
	}
	asked = location.Query()
	tell(asked)
	for _, cookie := range sent.Result().Cookies() {
		d.header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	back := "/login/callback?" + url.Values{"code": {"c"}, "state": {asked.Get("state")}}.Encode()
	if got := d.do("GET", back, nil); got.Code != http.StatusSeeOther {
		d.t.Fatalf("back from the provider: got %d and %s, want 303", got.Code, got.Body)
	}
	d.header.Del("Cookie")
	return asked
}

func TestMembersLogInAtTheConfiguredProvider(t *testing.T) {
	p, issuer := newProvider(t, map[string]any{"sub": "s-1", "uid": "u-1", "nick": "Kim", "mail": "kim@example.com", "tel": "010-1", "no": "7"})
	sections := anyHelpCenter + fmt.Sprintf(`
login:
  with: oidc
  oidc:
    issuer: %q
    client_id: help
    client_secret: here
    scopes: [openid, nickname]
    claims: {usercode: uid, username: nick, email: mail, phone: tel, memberno: no}
`, issuer)
	d := writeSettings(t, sections).deploy(t)
	asked := d.logInAt(p)
	if got, want := asked.Get("client_id")+" "+asked.Get("scope"), "help openid nickname"; got != want {
		t.Errorf("got client and scopes %q, want %q", got, want)
	}
	if got, want := asked.Get("redirect_uri"), d.site+"/login/callback"; got != want {
		t.Errorf("got redirect_uri %q, want %q", got, want)
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if asked.Get(name) == "" {
			t.Errorf("got no %s in %v", name, asked)
		}
	}
	if got := p.asked.Get("client_secret"); got != "here" {
		t.Errorf("got client secret %q, want %q", got, "here")
	}
	_, fields := d.handOff("")
	wantFields(t, map[string]string{"usercode": "u-1", "username": "Kim", "email": "kim@example.com", "phone": "010-1", "memberno": "7"}, fields)

	secret := filepath.Join(t.TempDir(), "secret")
	writeFile(t, secret, "in a file\n")
	writeSettings(t, sections).with("OCSSO_LOGIN_OIDC_CLIENT_SECRET_FILE", secret).deploy(t).logInAt(p)
	if got := p.asked.Get("client_secret"); got != "in a file" {
		t.Errorf("got client secret %q, want %q", got, "in a file")
	}
}
