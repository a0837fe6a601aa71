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
