package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// anyHelpCenter is the section of a help center that nobody calls.
const anyHelpCenter = `
help_center: {base_url: "https://help.example.com", services: [hangame]}
`

// wantMember checks that the visitor is logged in.
func wantMember(t *testing.T, v *visitor, site string) {
	t.Helper()
	if got, err := v.status(site); err != nil || got.body != v.loggedIn() {
		t.Errorf("got %s, %v, want %s", got.body, err, v.loggedIn())
	}
}

func TestServeWithMembersInADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	database, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if _, err := database.Exec(`CREATE TABLE customers (login TEXT, pw TEXT); INSERT INTO customers VALUES ('jiu', ?)`, cheapHash); err != nil {
		t.Fatal(err)
	}
	d := writeSettings(t, anyHelpCenter+fmt.Sprintf(`
members:
  kind: sql
  sql: {driver: sqlite, dsn: %q, query: "SELECT login AS usercode, pw AS password_hash FROM customers WHERE login = ?"}
`, path)).serve(t)
	v := &visitor{http: newHTTPClient(t), usercode: "jiu"}
	if err := v.logIn(d.site); err != nil {
		t.Fatal(err)
	}
	wantMember(t, v, d.site)
	d.end()
}

func TestServeBehindAProxyThatLogsMembersIn(t *testing.T) {
	d := writeSettings(t, anyHelpCenter+`
login: {with: proxy, proxy: {from: [127.0.0.1/32], headers: {usercode: X-Forwarded-User}}}
`).serve(t)
	v := &visitor{http: newHTTPClient(t), usercode: "jiu"}
	if got, err := v.do("GET", d.site+"/login", nil); err != nil || got.code != http.StatusForbidden {
		t.Errorf("without the proxy's header: got %d, %v, want 403", got.code, err)
	}
	v.header = http.Header{"X-Forwarded-User": {v.usercode}}
	if got, err := v.do("GET", d.site+"/login", nil); err != nil || got.code != http.StatusSeeOther {
		t.Errorf("got %d, %v, want 303", got.code, err)
	}
	wantMember(t, v, d.site)
	d.end()
}

func TestServeWithAnIdentityProvider(t *testing.T) {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			http.NotFound(w, r)
			return
		}
		issuer := "http://" + r.Host
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":%q,"token_endpoint":%q,"jwks_uri":%q}`,
			issuer, issuer+"/authorize", issuer+"/token", issuer+"/keys")
	}))
	t.Cleanup(provider.Close)
	d := writeSettings(t, anyHelpCenter+`
login: {with: oidc, oidc: {issuer: "`+provider.URL+`", client_id: help, client_secret: "a secret of the provider's"}}
`).serve(t)
	v := &visitor{http: newHTTPClient(t)}
	got, err := v.do("GET", d.site+"/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	location, err := url.Parse(got.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	query := location.Query()
	if got.code != http.StatusSeeOther || !strings.HasPrefix(location.String(), provider.URL+"/authorize?") ||
		query.Get("client_id") != "help" || query.Get("redirect_uri") != d.site+"/login/callback" {
		t.Errorf("got %d to %s, want the provider's page, for this server", got.code, location)
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if query.Get(name) == "" {
			t.Errorf("got no %s in %s", name, location)
		}
	}
	d.end()
}
