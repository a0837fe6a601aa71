// Package oidctest is an OpenID provider for tests, and one of OAuth 2.
package oidctest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The paths of a Provider. UserInfo is OAuth 2's as well.
const (
	Discovery = "/.well-known/openid-configuration"
	Authorize = "/authorize"
	Tokens    = "/token"
	Keys      = "/keys"
	UserInfo  = "/userinfo"
	Logout    = "/end"
)

// An Object is a JSON object.
type Object = map[string]any

// A Provider is an identity provider where member-1 is logged in. It is as strict as OpenID Connect
// Core 1.0 allows. Tests change its fields to make it faulty. It is also an http.RoundTripper that
// serves itself without a network.
type Provider struct {
	Issuer    string
	Transport http.RoundTripper
	Now       func() time.Time
	Client    func(r *http.Request) bool // whether a token request is by the client

	Metadata Object // added to that of discovery, as the others; nil removes one
	Claims   Object
	Answer   Object // of the token endpoint
	Member   any    // of UserInfo: an Object, or a whole document
	Key      Key    // signs
	Listed   []Key
	Faults   map[string]http.HandlerFunc // by path, in place of the right answer

	Asked *http.Request // the last one for tokens
	Told  *http.Request // the last one for UserInfo
	Token string        // the last ID token

	mu           sync.Mutex
	calls        map[string]int
	grants       map[string]grant
	accessTokens map[string]bool
}

// A grant is what a code stands for. It can be used once.
type grant struct{ client, nonce, challenge, redirectURI string }

// New runs a provider on loopback until the test ends.
func New(t *testing.T) *Provider {
	p := NewLocal(t)
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.Issuer, p.Transport = server.URL, http.DefaultTransport
	return p
}

// NewTLS is New behind TLS, with the certificate of server.
func NewTLS(t *testing.T) (p *Provider, server *httptest.Server) {
	p = NewLocal(t)
	server = httptest.NewTLSServer(p)
	t.Cleanup(server.Close)
	p.Issuer, p.Transport = server.URL, server.Client().Transport
	return p, server
}

// NewLocal is New without a network, for synctest.
func NewLocal(t *testing.T) *Provider {
	key := NewKey(t, "ES256", "key-1")
	p := &Provider{
		Issuer: "https://idp.example", Now: time.Now, Client: func(*http.Request) bool { return true },
		Metadata: Object{}, Claims: Object{}, Answer: Object{}, Member: Object{},
		Key: key, Listed: []Key{key}, Faults: map[string]http.HandlerFunc{},
		calls: map[string]int{}, grants: map[string]grant{}, accessTokens: map[string]bool{},
	}
	p.Transport = p
	return p
}

// RoundTrip implements http.RoundTripper.
func (p *Provider) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.calls[r.URL.Path]++
	fault := p.Faults[r.URL.Path]
	p.mu.Unlock()
	switch {
	case fault != nil:
		fault(w, r)
	case r.URL.Path == Discovery:
		p.ServeDiscovery(w)
	case r.URL.Path == Authorize:
		w.Header().Set("X-Frame-Options", "DENY") // as providers do
		if back := p.authorize(r.URL.Query()); back != "" {
			http.Redirect(w, r, back, http.StatusFound)
		} else {
			http.Error(w, "invalid_request", http.StatusBadRequest)
		}
	case r.Method == http.MethodPost && r.URL.Path == Tokens:
		p.serveTokens(w, r)
	case r.URL.Path == Keys:
		p.ServeKeys(w)
	case r.URL.Path == UserInfo:
		p.serveUserInfo(w, r)
	default:
		http.NotFound(w, r)
	}
}

// ServeDiscovery writes the metadata.
func (p *Provider) ServeDiscovery(w http.ResponseWriter) {
	writeJSON(w, http.StatusOK, changed(Object{
		"issuer":                                p.Issuer,
		"authorization_endpoint":                p.Issuer + Authorize,
		"token_endpoint":                        p.Issuer + Tokens,
		"jwks_uri":                              p.Issuer + Keys,
		"userinfo_endpoint":                     p.Issuer + UserInfo,
		"end_session_endpoint":                  p.Issuer + Logout,
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "EdDSA", "PS256", "HS256", "none"},
	}, p.Metadata))
}

// authorize logs the member in at once (section 3.1.2, RFC 7636 and RFC 9207), and returns where
// the browser is sent, or "" for a bad request. OAuth 2 has no nonce.
func (p *Provider) authorize(q url.Values) string {
	isOpenID := slices.Contains(strings.Fields(q.Get("scope")), "openid")
	if q.Get("response_type") != "code" || q.Get("client_id") == "" || q.Get("redirect_uri") == "" || q.Get("state") == "" || isOpenID != q.Has("nonce") ||
		q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 {
		return ""
	}
	code := rand.Text()
	p.mu.Lock()
	p.grants[code] = grant{q.Get("client_id"), q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	p.mu.Unlock()
	return q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.Issuer}}.Encode()
}

// Callback sends a browser to the provider, and returns the query of the redirect back.
func (p *Provider) Callback(t *testing.T, location string) url.Values {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, location, nil))
	back, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusFound {
		t.Fatalf("%s: the provider answers the browser %d %s, want a redirect back", location, w.Code, w.Body)
	}
	return back.Query()
}

// serveTokens implements section 3.1.3.
func (p *Provider) serveTokens(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Asked = r
	code := r.PostForm.Get("code")
	granted, ok := p.grants[code]
	delete(p.grants, code)
	challenge := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	refuse := func(status int, code string) {
		writeJSON(w, status, Object{"error": code, "error_description": "personal data"})
	}
	switch {
	case !p.Client(r):
		refuse(http.StatusUnauthorized, "invalid_client")
	case r.PostForm.Get("grant_type") != "authorization_code":
		refuse(http.StatusBadRequest, "unsupported_grant_type")
	case !ok, r.PostForm.Get("redirect_uri") != granted.redirectURI, encode(challenge[:]) != granted.challenge:
		refuse(http.StatusBadRequest, "invalid_grant")
	default:
		accessToken := rand.Text()
		p.accessTokens[accessToken] = true
		answer := Object{"access_token": accessToken, "token_type": "Bearer", "expires_in": 300}
		if granted.nonce != "" {
			p.Token = p.IDToken(granted.client, granted.nonce)
			answer["id_token"] = p.Token
		}
		writeJSON(w, http.StatusOK, changed(answer, p.Answer))
	}
}

// IDToken signs an ID token (section 2).
func (p *Provider) IDToken(client, nonce string) string {
	return p.Key.Sign(changed(Object{
		"iss": p.Issuer, "sub": "member-1", "aud": client, "nonce": nonce,
		"exp": p.Now().Add(5 * time.Minute).Unix(), "iat": p.Now().Unix(),
	}, p.Claims))
}

// LogoutToken signs a logout token with changes to a right one; nil removes a claim.
func (p *Provider) LogoutToken(client string, changes Object) string {
	return p.Key.Sign(changed(Object{
		"iss": p.Issuer, "sub": "member-1", "sid": "session-1", "aud": client, "jti": "token-1",
		"iat": p.Now().Unix(), "exp": p.Now().Add(2 * time.Minute).Unix(),
		"events": Object{"http://schemas.openid.net/event/backchannel-logout": Object{}},
	}, changes))
}

// ServeKeys writes the key set.
func (p *Provider) ServeKeys(w http.ResponseWriter) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, key := range p.Listed {
		set.Keys = append(set.Keys, key.Public())
	}
	writeJSON(w, http.StatusOK, set)
}

// serveUserInfo implements section 5.3. As PAYCO does, it also takes a POST with the access token
// in a header of its own.
func (p *Provider) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Told = r
	accessToken, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.Method == http.MethodPost && r.Header.Get("client_id") != "" {
		accessToken = r.Header.Get("access_token")
	}
	document, isText := p.Member.(string)
	switch {
	case !p.accessTokens[accessToken]:
		writeJSON(w, http.StatusUnauthorized, Object{"error": "invalid_token", "message": "personal data"})
	case isText:
		Says(http.StatusOK, document)(w, r)
	default:
		subject := Object{"sub": "member-1"}
		if claimed, ok := p.Claims["sub"]; ok {
			subject["sub"] = claimed
		}
		writeJSON(w, http.StatusOK, changed(subject, p.Member.(Object)))
	}
}

// Called returns the number of calls of each path since the last time.
func (p *Provider) Called() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := p.calls
	p.calls = map[string]int{}
	return calls
}

// Mend takes a fault away.
func (p *Provider) Mend(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.Faults, path)
}

// Says is a fault: always the same answer.
func Says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

// changed returns base with changes; nil removes an entry.
func changed(base, changes Object) Object {
	maps.Copy(base, changes)
	maps.DeleteFunc(base, func(_ string, value any) bool { return value == nil })
	return base
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
