package main

import (
	"encoding/pem"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/oidc/oidctest"

	"github.com/google/go-cmp/cmp"
)

// logInAt logs in at the provider, and returns the query of the authorization request.
func (d *deployed) logInAt(p *oidctest.Provider) (asked url.Values) {
	d.t.Helper()
	sent := d.do("GET", "/login", nil)
	location, err := url.Parse(sent.Header().Get("Location"))
	if err != nil || sent.Code != http.StatusSeeOther {
		d.t.Fatalf("got %d to %s, %v, want the provider", sent.Code, location, err)
	}
	for _, cookie := range sent.Result().Cookies() {
		d.header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	back := "/login/callback?" + p.Callback(d.t, location.String()).Encode()
	if got := d.do("GET", back, nil); got.Code != http.StatusSeeOther {
		d.t.Fatalf("back from the provider: got %d and %s, want 303", got.Code, got.Body)
	}
	d.header.Del("Cookie")
	return location.Query()
}

func TestMembersLogInAtTheConfiguredProvider(t *testing.T) {
	p := oidctest.New(t)
	p.Claims = oidctest.Object{"sub": "s-1", "uid": "u-1", "nick": "Kim", "mail": "kim@example.com", "tel": "010-1", "no": "7"}
	p.Metadata["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
	sections := anyHelpCenter + fmt.Sprintf(`
login:
  with: oidc
  oidc:
    issuer: %q
    client_id: help
    client_secret: here
    scopes: [openid, nickname]
    claims: {usercode: uid, username: nick, email: mail, phone: tel, memberno: no}
`, p.Issuer)
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
	if got := p.Asked.PostForm.Get("client_secret"); got != "here" {
		t.Errorf("got client secret %q, want %q", got, "here")
	}
	_, fields := d.handOff("")
	wantFields(t, map[string]string{"usercode": "u-1", "username": "Kim", "email": "kim@example.com", "phone": "010-1", "memberno": "7"}, fields)

	secret := filepath.Join(t.TempDir(), "secret")
	clitest.WriteFile(t, secret, "in a file\n")
	writeSettings(t, sections).with("OCSSO_LOGIN_OIDC_CLIENT_SECRET_FILE", secret).deploy(t).logInAt(p)
	if got := p.Asked.PostForm.Get("client_secret"); got != "in a file" {
		t.Errorf("got client secret %q, want %q", got, "in a file")
	}
}

// atProvider are settings for a login at an OpenID provider.
func atProvider(issuer, more string) string {
	return anyHelpCenter + fmt.Sprintf("login: {with: oidc, oidc: {issuer: %q, client_id: help, client_secret: here%s}}\n", issuer, more)
}

var refresh = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]*)">`)

func TestMembersLogOutAtTheConfiguredProvider(t *testing.T) {
	p := oidctest.New(t)
	p.Claims = oidctest.Object{"sub": "s-1", "auth_time": time.Now().Unix()}
	d := writeSettings(t, atProvider(p.Issuer, ", max_age: 1h, prompt: select_account")).deploy(t)
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
	if err != nil || to.Scheme+"://"+to.Host+to.Path != p.Issuer+oidctest.Logout {
		t.Fatalf("got %s, %v, want the provider's logout", to, err)
	}
	want := url.Values{"client_id": {"help"}, "id_token_hint": {p.Token}, "post_logout_redirect_uri": {d.site + "/logout"}, "logout_uri": {d.site + "/logout"}}
	if diff := cmp.Diff(want, to.Query()); diff != "" {
		t.Errorf("query differs (-want +got):\n%s", diff)
	}
	d.wantStatus(loggedOut)

	local := writeSettings(t, atProvider(p.Issuer, ", logout: local")).deploy(t)
	local.logInAt(p)
	if got := local.do("POST", "/logout", nil); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/logout" {
		t.Errorf("with a local logout: got %d to %s, want our own page", got.Code, got.Header().Get("Location"))
	}
	local.wantStatus(loggedOut)
}

func TestMembersLogInAtTheConfiguredProviderOfOAuth2(t *testing.T) {
	p := oidctest.New(t)
	p.Member = `{"response":{"id":"u-1","nick":"Kim","mail":"kim@example.com","tel":"010-1","no":7,"ok":"Y"}}`
	sections := anyHelpCenter + fmt.Sprintf(`
login:
  with: oauth2
  oauth2:
    authorization_url: "%[1]s/authorize?locale=ko"
    token_url: "%[1]s/token"
    userinfo_url: "%[1]s/userinfo"
    client_id: help
    client_secret: here
    scopes: [profile, phone]
    fields: {usercode: response.id, username: response.nick, email: response.mail, phone: response.tel, memberno: response.no, email_verified: response.ok}
`, p.Issuer)
	d := writeSettings(t, sections).deploy(t)
	asked := d.logInAt(p)
	for name, want := range map[string]string{
		"locale": "ko", "client_id": "help", "scope": "profile phone", "redirect_uri": d.site + "/login/callback", "code_challenge_method": "S256",
	} {
		if got := asked.Get(name); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if got := p.Asked.PostForm; got.Get("client_secret") != "here" || got.Get("state") != asked.Get("state") {
		t.Errorf("got the token request %v, want secret and state", got)
	}
	if got := p.Told.Header.Get("Authorization"); !strings.HasPrefix(got, "Bearer ") || p.Told.Method != "GET" {
		t.Errorf("got %s with %q, want GET with the access token", p.Told.Method, got)
	}
	_, fields := d.handOff("")
	wantFields(t, map[string]string{"usercode": "u-1", "username": "Kim", "email": "kim@example.com", "phone": "010-1", "memberno": "7"}, fields)

	secret := filepath.Join(t.TempDir(), "secret")
	clitest.WriteFile(t, secret, "in a file\n")
	p.Member = strings.Replace(p.Member.(string), `"Y"`, `"N"`, 1)
	other := writeSettings(t, strings.Replace(sections, "    client_secret: here\n", "", 1)).
		with("OCSSO_LOGIN_OAUTH2_CLIENT_SECRET_FILE", secret).with("OCSSO_LOGIN_OAUTH2_USERINFO_TOKEN", "headers").deploy(t)
	other.logInAt(p)
	if got := p.Asked.PostForm; got.Get("client_secret") != "in a file" {
		t.Errorf("got the token request %v, want the secret of the file", got)
	}
	if got := p.Told.Header; got.Get("access_token") == "" || got.Get("client_id") != "help" || got.Get("Authorization") != "" || p.Told.Method != "POST" {
		t.Errorf("got %s with %v, want POST with the access token in a header", p.Told.Method, got)
	}
	if _, fields := other.handOff(""); fields["email"] != "" {
		t.Errorf("got the email %q, which is not verified", fields["email"])
	}
}

// TestAPrivateCertificateAuthorityIsInAFile that SSL_CERT_FILE names.
func TestAPrivateCertificateAuthorityIsInAFile(t *testing.T) {
	p, server := oidctest.NewTLS(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	clitest.WriteFile(t, file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	for ca, want := range map[string]int{file: http.StatusSeeOther, file + ".none": http.StatusBadGateway} {
		c := newChild(t, writeSettings(t, atProvider(p.Issuer, "")).with("SSL_CERT_FILE", ca))
		c.start()
		if got := newVisitor(t, "").must(t, "GET", c.site+"/login", nil); got.code != want {
			t.Errorf("SSL_CERT_FILE %s: got %d, want %d\n%s", ca, got.code, want, c.log)
		}
	}
}
