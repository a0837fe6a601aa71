package config

import (
	"strings"
	"testing"
)

// TestWarnings are of what is allowed. What the example has, which is the defaults, is none.
func TestWarnings(t *testing.T) {
	const members = "members: {kind: sql, sql: {dsn: 'postgres://h/d', query: SELECT 1}}\n"
	at := func(public, login string) string {
		return strings.Replace(shop("login_url: '"+login+"'"), "help_center:", "server: {public_url: '"+public+"', trusted_proxies: [127.0.0.1]}\nhelp_center:", 1)
	}
	for name, test := range map[string]struct{ yaml, want string }{
		"the example":                    {example(t), ""},
		"what is required":               {required, ""},
		"redis that isn't chosen":        {plus("store: {redis: {password: secret}}"), "store.redis is filled in, and store.kind is memory"},
		"a file that isn't chosen":       {plus("store: {file: {path: /data/x.db}}"), "store.file is filled in, and store.kind is memory"},
		"memory that isn't chosen":       {plus("store: {kind: file, memory: {max_mb: 64}}"), "store.memory is filled in, and store.kind is file"},
		"a site that isn't chosen":       {plus("login: {site: {cookies: [sid]}}"), "login.site is filled in, and login.with is password"},
		"a provider that isn't chosen":   {plus("login: {oidc: {client_secret: x}}"), "login.oidc is filled in, and login.with is password"},
		"a field that isn't chosen":      {plus("login: {oauth2: {fields: {phone: tel}}}"), "login.oauth2 is filled in, and login.with is password"},
		"a proxy that isn't chosen":      {plus("login: {proxy: {from: [10.0.0.5]}}"), "login.proxy is filled in, and login.with is password"},
		"a database that isn't chosen":   {plus("members: {sql: {dsn: x}}"), "members.sql is filled in, and members.kind is file"},
		"a database that nobody asks":    {proxy("") + members, "members.sql is filled in, and nobody is looked up there: login.with is proxy, and links_api has no keys"},
		"a database for links":           {proxy("") + members + "links_api: {keys: ['" + keyHash("a") + "']}\n", ""},
		"one host":                       {at("https://www.acme.co.kr/oc-sso", "https://www.acme.co.kr/login"), ""},
		"a proxy that isn't named":       {plus("server: {public_url: 'https://sso.acme.com'}"), "server.trusted_proxies is empty, and server.public_url is https without server.tls: behind a proxy all members count as one client"},
		"https without a proxy":          {plus("server: {public_url: 'https://sso.acme.com', tls: {cert_file: c.pem, key_file: k.pem}}"), ""},
		"one domain":                     {at("https://login.acme.co.kr", "https://www.acme.co.kr/login"), ""},
		"a host and its port":            {at("http://localhost:8080", "http://localhost:3000/login"), ""},
		"domains of one suffix":          {at("https://login.acme.co.kr", "https://www.other.co.kr/login"), "login.site.login_url is on other.co.kr, and server.public_url on acme.co.kr: the site's cookies don't come here"},
		"names of one host":              {at("http://127.0.0.1:8080", "http://localhost:3000/login"), "login.site.login_url is on localhost, and server.public_url on 127.0.0.1: the site's cookies don't come here"},
		"an organization key that's cut": {key(organizationKey[:31]), "help_center.organization_key has 31 characters, and the vendor's have 32"},
		"two organization keys":          {key(organizationKey + organizationKey[:8]), "help_center.organization_key has 40 characters, and the vendor's have 32"},
	} {
		env := map[string]string{}
		if name == "the example" {
			env = map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": organizationKey, "OCSSO_SESSION_KEYS": sessionKey(1)}
		}
		var got []string
		for _, p := range mustLoad(t, test.yaml, env, nil).Warnings() {
			if p.Hint == "" {
				t.Errorf("%s: %s has no hint", name, p.Text)
			}
			got = append(got, p.Path+" "+p.Text)
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
