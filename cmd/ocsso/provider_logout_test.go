package main

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv/redis/redistest"
	"ocsso/internal/oidc/oidctest"
)

// atProvider are settings for a login at an OpenID provider.
func atProvider(issuer, more string) string {
	return anyHelpCenter + fmt.Sprintf("login: {with: oidc, oidc: {issuer: %q, client_id: help, client_secret: here%s}}\n", issuer, more)
}

var refresh = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]*)">`)

func TestMembersLogOutAtTheConfiguredProvider(t *testing.T) {
	p, issuer := oidctest.New(t, map[string]any{"sub": "s-1", "auth_time": time.Now().Unix()})
	d := writeSettings(t, atProvider(issuer, ", max_age: 1h, prompt: select_account")).deploy(t)
	asked := d.logInAt(p)
	if got, want := asked.Get("max_age")+" "+asked.Get("prompt"), "3600 select_account"; got != want {
		t.Errorf("got max_age and prompt %q, want %q", got, want)
	}
	page := d.do("POST", "/logout", nil)
	found := refresh.FindStringSubmatch(page.Body.String())
	if page.Code != http.StatusOK || found == nil {
		t.Fatalf("got %d and %s, want a page that leads on", page.Code, page.Body)
	}
	to, err := url.Parse(html.UnescapeString(found[1]))
	if err != nil || to.Scheme+"://"+to.Host+to.Path != issuer+"/end" {
		t.Fatalf("got %s, %v, want the provider's logout", to, err)
	}
	want := url.Values{"client_id": {"help"}, "id_token_hint": {p.Token}, "post_logout_redirect_uri": {d.site + "/logout"}, "logout_uri": {d.site + "/logout"}}
	if diff := cmp.Diff(want, to.Query()); diff != "" {
		t.Errorf("query differs (-want +got):\n%s", diff)
	}
	d.wantStatus(loggedOut)

	local := writeSettings(t, atProvider(issuer, ", logout: local")).deploy(t)
	local.logInAt(p)
	if got := local.do("POST", "/logout", nil); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/logout" {
		t.Errorf("with a local logout: got %d to %s, want our own page", got.Code, got.Header().Get("Location"))
	}
	local.wantStatus(loggedOut)
}

// logInAtProvider logs a new visitor in at p, with this session id there.
func logInAtProvider(t *testing.T, site string, p *oidctest.Provider, sid string) *visitor {
	t.Helper()
	v := newVisitor(t, "")
	sent := v.must(t, "GET", site+"/login", nil)
	location, err := url.Parse(sent.header.Get("Location"))
	if err != nil || sent.code != http.StatusSeeOther {
		t.Fatalf("got %d to %s, %v, want the provider", sent.code, location, err)
	}
	p.Nonce, p.Claims["sid"] = location.Query().Get("nonce"), sid
	pending, _, _ := strings.Cut(sent.header.Get("Set-Cookie"), ";")
	v.header = http.Header{"Cookie": {pending}}
	back := v.must(t, "GET", site+"/login/callback?"+url.Values{"code": {"c"}, "state": {location.Query().Get("state")}}.Encode(), nil)
	if back.code != http.StatusSeeOther || v.cookie == nil {
		t.Fatalf("back from the provider: got %d and %s, want a session", back.code, back.body)
	}
	v.header = nil
	return v
}

// TestTheProviderLogsMembersOutOnEveryReplica has two processes that share a Redis.
func TestTheProviderLogsMembersOutOnEveryReplica(t *testing.T) {
	p, issuer := oidctest.New(t, map[string]any{"sub": "s-1"})
	store := fmt.Sprintf("store: {kind: redis, redis: {addresses: [%q]}}\n", redistest.Start(t).Address)
	keys := config.NewSessionKey()
	var sites []string
	for range 2 {
		replica := newChild(t, writeSettings(t, atProvider(issuer, "")+store).asReplica().with("OCSSO_SESSION_KEYS", keys))
		replica.start()
		sites = append(sites, replica.site)
	}
	first, second := logInAtProvider(t, sites[0], p, "1"), logInAtProvider(t, sites[1], p, "2")
	p.Claims["sub"] = "s-2"
	other := logInAtProvider(t, sites[1], p, "3")
	for _, site := range sites {
		first.wantStatus(t, site, loggedIn("s-1"))
		second.wantStatus(t, site, loggedIn("s-1"))
	}
	logoutToken := func(signer *oidctest.Provider, jti string, claims map[string]any) string {
		return signer.Sign(map[string]any{
			"aud": "help", "jti": jti, "exp": time.Now().Add(2 * time.Minute).Unix(),
			"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
		}, claims)
	}
	send := func(site, token string, want int) {
		t.Helper()
		got := newVisitor(t, "").must(t, "POST", site+"/login/backchannel-logout", url.Values{"logout_token": {token}})
		if got.code != want || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("got %d, %v and %s, want %d and no cache", got.code, got.header, got.body, want)
		}
	}
	isOut := func(v *visitor) {
		t.Helper()
		for _, site := range sites {
			v.wantStatus(t, site, loggedOut)
		}
	}

	stranger, _ := oidctest.New(t, nil)
	stranger.Issuer = issuer
	send(sites[0], logoutToken(stranger, "forged", map[string]any{"sub": "s-1"}), http.StatusBadRequest)
	send(sites[0], logoutToken(p, "another client's", map[string]any{"sub": "s-1", "aud": "shop"}), http.StatusBadRequest)
	send(sites[0], p.Token, http.StatusBadRequest) // an ID token
	first.wantStatus(t, sites[0], loggedIn("s-1"))

	token := logoutToken(p, "1", map[string]any{"sub": "s-1", "sid": "1"})
	send(sites[1], token, http.StatusOK)
	isOut(first)
	second.wantStatus(t, sites[0], loggedIn("s-1"))
	for _, site := range sites {
		send(site, token, http.StatusBadRequest) // a replay
	}
	send(sites[0], logoutToken(p, "2", map[string]any{"sub": "s-1"}), http.StatusOK)
	isOut(second)
	other.wantStatus(t, sites[0], loggedIn("s-2"))
}

func TestMembersLogInAtTheConfiguredProviderOfOAuth2(t *testing.T) {
	var token, userInfo *http.Request
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		token = r
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"AAAA","refresh_token":"c8ce","token_type":"bearer","expires_in":"3600"}`)
	})
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		userInfo = r
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"response":{"id":"u-1","nick":"Kim","mail":"kim@example.com","tel":"010-1","no":7}}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	sections := anyHelpCenter + fmt.Sprintf(`
login:
  with: oauth2
  oauth2:
    authorization_url: "%[1]s/authorize?locale=ko"
    token_url: "%[1]s/token"
    userinfo_url: "%[1]s/me"
    client_id: help
    client_secret: here
    scopes: [profile, phone]
    fields: {usercode: response.id, username: response.nick, email: response.mail, phone: response.tel, memberno: response.no}
`, server.URL)
	d := writeSettings(t, sections).deploy(t)
	asked := d.logInElsewhere(func(url.Values) {})
	for name, want := range map[string]string{
		"locale": "ko", "client_id": "help", "scope": "profile phone", "redirect_uri": d.site + "/login/callback", "code_challenge_method": "S256",
	} {
		if got := asked.Get(name); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if got := token.PostForm; got.Get("client_secret") != "here" || got.Get("code") != "c" || got.Get("state") != asked.Get("state") || got.Get("code_verifier") == "" {
		t.Errorf("got the token request %v, want secret, code, state and verifier", got)
	}
	if got := userInfo.Header.Get("Authorization"); got != "Bearer AAAA" || userInfo.Method != "GET" {
		t.Errorf("got %s with %q, want GET with the access token", userInfo.Method, got)
	}
	_, fields := d.handOff("")
	wantFields(t, map[string]string{"usercode": "u-1", "username": "Kim", "email": "kim@example.com", "phone": "010-1", "memberno": "7"}, fields)

	secret := filepath.Join(t.TempDir(), "secret")
	clitest.WriteFile(t, secret, "in a file\n")
	other := writeSettings(t, strings.Replace(sections, "    client_secret: here\n", "", 1)).
		with("OCSSO_LOGIN_OAUTH2_CLIENT_SECRET_FILE", secret).
		with("OCSSO_LOGIN_OAUTH2_USERINFO_TOKEN", "headers").deploy(t)
	asked = other.logInElsewhere(func(url.Values) {})
	if got := token.PostForm; got.Get("client_secret") != "in a file" || !asked.Has("code_challenge") {
		t.Errorf("got %v and the token request %v, want the secret of the file", asked, got)
	}
	if got := userInfo.Header; got.Get("access_token") != "AAAA" || got.Get("client_id") != "help" || got.Get("Authorization") != "" || userInfo.Method != "POST" {
		t.Errorf("got %s with %v, want POST with the access token in a header", userInfo.Method, got)
	}
}
