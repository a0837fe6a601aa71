package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/oidc/oidctest"
)

// logInAt logs in at the provider, and returns the query of the authorization request.
func (d *deployed) logInAt(p *oidctest.Provider) (asked url.Values) {
	d.t.Helper()
	return d.logInElsewhere(func(asked url.Values) { p.Nonce = asked.Get("nonce") })
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
	p, issuer := oidctest.New(t, map[string]any{"sub": "s-1", "uid": "u-1", "nick": "Kim", "mail": "kim@example.com", "tel": "010-1", "no": "7"})
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
	if got := p.Asked.Get("client_secret"); got != "here" {
		t.Errorf("got client secret %q, want %q", got, "here")
	}
	_, fields := d.handOff("")
	wantFields(t, map[string]string{"usercode": "u-1", "username": "Kim", "email": "kim@example.com", "phone": "010-1", "memberno": "7"}, fields)

	secret := filepath.Join(t.TempDir(), "secret")
	clitest.WriteFile(t, secret, "in a file\n")
	writeSettings(t, sections).with("OCSSO_LOGIN_OIDC_CLIENT_SECRET_FILE", secret).deploy(t).logInAt(p)
	if got := p.Asked.Get("client_secret"); got != "in a file" {
		t.Errorf("got client secret %q, want %q", got, "in a file")
	}
}
