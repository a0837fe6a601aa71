package oidc_test

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

	"ocsso/internal/member"
	"ocsso/internal/oidc"
)

const (
	clientID     = "help center"
	clientSecret = "clientsecret:%+/&= of 32 bytes or more" // escaped in a header (RFC 6749, section 2.3.1)
	redirectURL  = "https://shop.example/login/callback"

	discoveryPath = "/.well-known/openid-configuration"
	authorizePath = "/authorize"
	tokenPath     = "/token"
	keysPath      = "/keys"
	userInfoPath  = "/userinfo"
)

// now is the time of both sides.
func now() time.Time { return time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC) }

// An idp is an identity provider with one client and one member. It is as strict as OpenID Connect
// Core 1.0 allows. Tests change its fields to make it faulty. It is also an http.RoundTripper that
// serves itself without a network.
type idp struct {
	issuer    string
	transport http.RoundTripper
	secret    string       // of the client; "" for a public one
	mapped    member.Names // of our options
	maxAge    time.Duration
	prompt    string

	metadata object // added to that of discovery; nil removes one
	claims   object // added to those of the ID token; nil removes one
	userInfo object // added to sub
	tokens   object // added to the token answer
	signing  signingKey
	listed   []signingKey                // in the key set
	faults   map[string]http.HandlerFunc // by path, in place of the right answer

	mu           sync.Mutex
	calls        map[string]int // by path
	grants       map[string]grant
	accessTokens map[string]bool
}

// A grant is what a code stands for. It can be used once.
type grant struct{ nonce, challenge, redirectURI string }

// newIDP starts a provider without faults, behind TLS.
func newIDP(t *testing.T) *idp {
	i := newLocalIDP(t)
	server := httptest.NewTLSServer(i)
	t.Cleanup(server.Close)
	i.issuer, i.transport = server.URL, server.Client().Transport
	return i
}

// newLocalIDP is newIDP without a network, for synctest.
func newLocalIDP(t *testing.T) *idp {
	key := newKey(t, "ES256", "key-1")
	i := &idp{
		issuer: "https://idp.example", secret: clientSecret, mapped: member.Names{UserCode: "sub"},
		metadata: object{}, claims: object{}, userInfo: object{},
		signing: key, listed: []signingKey{key}, faults: map[string]http.HandlerFunc{},
		calls: map[string]int{}, grants: map[string]grant{}, accessTokens: map[string]bool{},
	}
	i.transport = i
	return i
}

// RoundTrip implements http.RoundTripper.
func (i *idp) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	i.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (i *idp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.calls[r.URL.Path]++
	fault := i.faults[r.URL.Path]
	i.mu.Unlock()
	switch {
	case fault != nil:
		fault(w, r)
	case r.Method == http.MethodGet && r.URL.Path == discoveryPath:
		i.serveDiscovery(w)
	case r.Method == http.MethodGet && r.URL.Path == authorizePath:
		i.serveAuthorize(w, r)
	case r.Method == http.MethodPost && r.URL.Path == tokenPath:
		i.serveToken(w, r)
	case r.Method == http.MethodGet && r.URL.Path == keysPath:
		i.serveKeys(w)
	case r.Method == http.MethodGet && r.URL.Path == userInfoPath:
		i.serveUserInfo(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (i *idp) serveDiscovery(w http.ResponseWriter) {
	writeJSON(w, http.StatusOK, changed(object{
		"issuer":                                i.issuer,
		"authorization_endpoint":                i.issuer + authorizePath,
		"token_endpoint":                        i.issuer + tokenPath,
		"jwks_uri":                              i.issuer + keysPath,
		"userinfo_endpoint":                     i.issuer + userInfoPath,
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "EdDSA", "PS256", "HS256", "none"},
	}, i.metadata))
}

// serveAuthorize logs the member in at once (section 3.1.2, RFC 7636 and RFC 9207).
func (i *idp) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	right := q.Get("response_type") == "code" &&
		q.Get("client_id") == clientID && q.Get("redirect_uri") == redirectURL &&
		slices.Contains(strings.Fields(q.Get("scope")), "openid") && q.Get("nonce") != "" &&
		q.Get("code_challenge_method") == "S256" && len(q.Get("code_challenge")) == 43
	if !right {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	i.mu.Lock()
	i.grants[code] = grant{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	i.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.issuer}}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// serveToken implements section 3.1.3.
func (i *idp) serveToken(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code string) {
		writeJSON(w, status, object{"error": code, "error_description": "personal data"})
	}
	if !i.isClient(r) {
		refuse(http.StatusUnauthorized, "invalid_client")
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	code := r.PostFormValue("code")
	granted, ok := i.grants[code]
	delete(i.grants, code)
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case r.PostFormValue("grant_type") != "authorization_code":
		refuse(http.StatusBadRequest, "unsupported_grant_type")
	case !ok, r.PostFormValue("redirect_uri") != granted.redirectURI,
		base64.RawURLEncoding.EncodeToString(challenge[:]) != granted.challenge:
		refuse(http.StatusBadRequest, "invalid_grant")
	default:
		accessToken := rand.Text()
		i.accessTokens[accessToken] = true
		writeJSON(w, http.StatusOK, changed(object{
			"access_token": accessToken, "token_type": "Bearer", "expires_in": 300, "id_token": i.idToken(granted.nonce),
		}, i.tokens))
	}
}

// isClient authenticates the client (section 9): in the header if the metadata allows both ways.
func (i *idp) isClient(r *http.Request) bool {
	user, password, inHeader := r.BasicAuth()
	r.ParseForm()
	methods, _ := i.metadata["token_endpoint_auth_methods_supported"].([]string)
	switch {
	case i.secret == "":
		return !inHeader && !r.PostForm.Has("client_secret") && r.PostForm.Get("client_id") == clientID
	case slices.Contains(methods, "client_secret_post") && !slices.Contains(methods, "client_secret_basic"):
		return !inHeader && r.PostForm.Get("client_id") == clientID && r.PostForm.Get("client_secret") == i.secret
	}
	return !r.PostForm.Has("client_secret") && user == url.QueryEscape(clientID) && password == url.QueryEscape(i.secret)
}

// idToken implements section 2.
func (i *idp) idToken(nonce string) string {
	return i.signing.sign(changed(object{
		"iss": i.issuer, "sub": "member-1", "aud": clientID, "nonce": nonce,
		"exp": now().Add(5 * time.Minute).Unix(), "iat": now().Unix(),
	}, i.claims))
}

func (i *idp) serveKeys(w http.ResponseWriter) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, key := range i.listed {
		set.Keys = append(set.Keys, key.listed())
	}
	writeJSON(w, http.StatusOK, set)
}

// serveUserInfo implements section 5.3.
func (i *idp) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	accessToken, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !i.accessTokens[accessToken] {
		writeJSON(w, http.StatusUnauthorized, object{"error": "invalid_token"})
		return
	}
	writeJSON(w, http.StatusOK, changed(object{"sub": "member-1"}, i.userInfo))
}

// called returns the number of calls of each path since the last time.
func (i *idp) called() map[string]int {
	i.mu.Lock()
	defer i.mu.Unlock()
	calls := i.calls
	i.calls = map[string]int{}
	return calls
}

// newProvider returns a Provider for the client of i.
func newProvider(i *idp) *oidc.Provider {
	return oidc.New(oidc.Options{
		Issuer: i.issuer, ClientID: clientID, ClientSecret: i.secret, RedirectURL: redirectURL,
		Scopes: []string{"openid", "profile", "email"}, Claims: i.mapped, MaxAge: i.maxAge, Prompt: i.prompt,
	}, i.transport, now)
}

// callback sends a browser to the provider for a, and returns the query of the redirect back.
func (i *idp) callback(t *testing.T, p *oidc.Provider, a oidc.Attempt) url.Values {
	t.Helper()
	to, err := p.AuthURL(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	i.ServeHTTP(w, httptest.NewRequest(http.MethodGet, to, nil))
	back, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusFound || !strings.HasPrefix(back.String(), redirectURL+"?") {
		t.Fatalf("the provider answers the browser %d %s, want a redirect back", w.Code, w.Body)
	}
	return back.Query()
}

// logIn is a whole login.
func (i *idp) logIn(t *testing.T, p *oidc.Provider) (member.Member, error) {
	t.Helper()
	a := newAttempt()
	return exchange(t, p, a, i.callback(t, p, a))
}

// exchange calls Exchange and checks that the error has no secrets and fits a log line.
func exchange(t *testing.T, p *oidc.Provider, a oidc.Attempt, callback url.Values) (member.Member, error) {
	t.Helper()
	who, err := p.Exchange(t.Context(), a, callback)
	m := who.Member
	if err == nil {
		return m, nil
	}
	if m != (member.Member{}) {
		t.Errorf("got member %q and the error %v", m.UserCode, err)
	}
	secrets := []string{a.State, a.Nonce, a.Verifier, callback.Get("code"), "clientsecret", "member-1", "personal data"}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error %q holds %q", err, secret)
		}
	}
	if len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\r\x00") {
		t.Errorf("the error %q is not fit for a log line", err)
	}
	return m, err
}

// changed returns base with changes; nil removes an entry.
func changed(base, changes object) object {
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

// newAttempt returns an Attempt that no other is like.
func newAttempt() oidc.Attempt { return oidc.NewAttempt(rand.Text()) }
