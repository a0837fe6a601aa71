package config

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// limits, oidc and proxy are the required YAML with one login setting, and without others that this
// login requires.
func limits(line string) string { return plus("login:\n  limits: {" + line + "}") }
func oidc(line string) string   { return plus("login:\n  with: oidc\n  oidc: {" + line + "}") }
func site(line string) string   { return plus("login:\n  with: site\n  site: {" + line + "}") }
func proxy(line string) string  { return plus("login:\n  with: proxy\n  proxy: {" + line + "}") }

// issuer is the required YAML with this issuer and a client.
func issuer(text string) string { return oidc("client_id: help, issuer: '" + text + "'") }

// client is the required YAML with a valid OpenID provider, and one more setting.
func client(line string) string { return oidc("issuer: https://acme.com, client_id: help, " + line) }

// naver is the required YAML with a valid provider of OAuth 2, in which line replaces a setting.
func naver(line string) string {
	settings := []string{
		"authorization_url: 'https://nid.naver.com/oauth2.0/authorize'", "token_url: 'https://nid.naver.com/oauth2.0/token'",
		"userinfo_url: 'https://openapi.naver.com/v1/nid/me'", "client_id: help",
	}
	name, _, _ := strings.Cut(line, ":")
	settings = slices.DeleteFunc(settings, func(s string) bool { return strings.HasPrefix(s, name+":") })
	return plus("login:\n  with: oauth2\n  oauth2: {" + strings.Join(append(settings, line), ", ") + "}")
}

// shop is the required YAML with a valid site to log in at, in which line replaces a setting.
func shop(line string) string {
	settings := []string{"whoami_url: 'https://acme.com/whoami'", "login_url: 'https://acme.com/login'", "cookies: [sid]"}
	name, _, _ := strings.Cut(line, ":")
	settings = slices.DeleteFunc(settings, func(s string) bool { return strings.HasPrefix(s, name+":") })
	return site(strings.Join(append(settings, line), ", "))
}

func TestProblemsOfLogin(t *testing.T) {
	testOneProblem(t, []oneProblem{
		{"another way", plus("login: {with: saml}"), `c.yaml:8: login.with: is "saml"`, "password or site or oidc or oauth2 or proxy"},
		{"too many logins", limits("per_address: 100001/1m"), "c.yaml:9: login.limits.per_address: is 100001/1m0s", "1 to 100000"},
		{"logins in too short a time", limits("per_address: 1/999ms"), "c.yaml:9: login.limits.per_address: is 1/999ms", "from 1s to 24h"},
		{"logins in too long a time", limits("per_address: 1/25h"), "c.yaml:9: login.limits.per_address: is 1/25h0m0s", "from 1s to 24h"},

		{"no provider", oidc(""), "c.yaml: login.oidc.issuer: is missing\nc.yaml: login.oidc.client_id: is missing", "metadata"},
		{"no client id", oidc("issuer: https://acme.com"), "c.yaml: login.oidc.client_id: is missing", "register this server"},
		{"an issuer without a scheme", issuer("acme.com/realms/help"), "c.yaml:10: login.oidc.issuer: is not an http or https URL", "metadata"},
		{"an issuer without a host", issuer("https://:8443/realms/help"), "c.yaml:10: login.oidc.issuer: is not an http or https URL", "metadata"},
		{"an issuer over http", issuer("http://acme.com"), "c.yaml:10: login.oidc.issuer: is http, and not on loopback: anyone on the way could log in as anyone", "write https"},
		{"an issuer with a user", issuer("https://me@acme.com"), "c.yaml:10: login.oidc.issuer: has a user or a fragment in it", "leave it out"},
		{"an issuer with a query", issuer("https://acme.com?realm=help"), "c.yaml:10: login.oidc.issuer: has something behind the path", "metadata"},
		{"an issuer with a space behind it", issuer("https://acme.com/ "), "c.yaml:10: login.oidc.issuer: has a space before or behind it", "delete it"},
		{"where the metadata is", issuer("https://acme.com/.well-known/openid-configuration"), "c.yaml:10: login.oidc.issuer: is where the provider's metadata is", "leave out /.well-known/"},
		{"a space behind the client's secret", client("client_secret: 'secret '"), "c.yaml:10: login.oidc.client_secret: has a space before or behind it", "delete it"},
		{"the client's secret twice", client("client_secret: x, client_secret_file: y"), "c.yaml:10: login.oidc.client_secret: is set beside login.oidc.client_secret_file", "leave one of the two out"},
		{"scopes without openid", client("scopes: [profile, email]"), "c.yaml:10: login.oidc.scopes: lacks openid", "add openid"},
		{"two scopes in one", client("scopes: [openid, profile email]"), `c.yaml:10: login.oidc.scopes[1]: is "profile email", which is no scope`, "an item of its own"},
		{"no claim for the usercode", client("claims: {usercode: ''}"), "c.yaml:10: login.oidc.claims.usercode: is missing", "such as sub"},
		{"a logout elsewhere", client("logout: front-channel"), `c.yaml:10: login.oidc.logout: is "front-channel"`, "provider or local"},
		{"a login of just now", client("max_age: 10ms"), "c.yaml:10: login.oidc.max_age: is 10ms", "from 1s to 720h"},
		{"a prompt that keeps everybody out", client("prompt: none"), `c.yaml:10: login.oidc.prompt: is "none"`, "select_account"},

		{"no provider of OAuth 2", plus("login: {with: oauth2}"), "c.yaml: login.oauth2.authorization_url: is missing\nc.yaml: login.oauth2.token_url: is missing\n" +
			"c.yaml: login.oauth2.userinfo_url: is missing\nc.yaml: login.oauth2.client_id: is missing", "documentation"},
		{"an endpoint over http", naver("token_url: 'http://nid.naver.com/oauth2.0/token'"), "c.yaml:10: login.oauth2.token_url: is http, and not on loopback: anyone on the way could log in as anyone", "write https"},
		{"an endpoint without a scheme", naver("userinfo_url: openapi.naver.com/v1/nid/me"), "c.yaml:10: login.oauth2.userinfo_url: is not an http or https URL", "documentation"},
		{"an endpoint with a password", naver("authorization_url: 'https://me:secret@acme.com'"), "c.yaml:10: login.oauth2.authorization_url: has a user or a fragment in it", "leave it out"},
		{"a token in the query", naver("userinfo_token: query"), `c.yaml:10: login.oauth2.userinfo_token: is "query"`, "bearer or headers"},
		{"two scopes of OAuth 2 in one", naver("scopes: [profile email]"), `c.yaml:10: login.oauth2.scopes[0]: is "profile email", which is no scope`, "an item of its own"},
		{"no path of the usercode", naver("fields: {usercode: ''}"), "c.yaml:10: login.oauth2.fields.usercode: is missing", "such as response.id"},
		{"a path with two dots", naver("fields: {email: response..email}"), `c.yaml:10: login.oauth2.fields.email: is "response..email", which has an empty name`, "single dots"},

		{"no site", site(""), "c.yaml: login.site.whoami_url: is missing\nc.yaml: login.site.login_url: is missing\nc.yaml: login.site.cookies: is missing", "who is logged in"},
		{"a whoami without a scheme", shop("whoami_url: www.acme.com/whoami"), "c.yaml:10: login.site.whoami_url: is not an http or https URL", "with its scheme and host"},
		{"a login page with a password", shop("login_url: 'https://me:secret@acme.com/login'"), "c.yaml:10: login.site.login_url: has a user or a fragment in it", "leave it out"},
		{"a cookie with its value", shop("cookies: ['sid=1']"), `c.yaml:10: login.site.cookies[0]: is "sid=1", which is no cookie's name`, "the name alone"},
		{"our own cookie", shop("cookies: [__Host-ocsso]"), `c.yaml:10: login.site.cookies[0]: is "__Host-ocsso", this server's own cookie`, "your site's session cookie"},
		{"a return origin with a path", shop("return_origins: ['https://acme.com/shop']"), "c.yaml:10: login.site.return_origins[0]: has something behind the host", "as browsers do"},
		{"no field for the usercode", shop("fields: {usercode: ''}"), "c.yaml:10: login.site.fields.usercode: is missing", "user.id"},
		{"a long wait", shop("timeout: 11s"), "c.yaml:10: login.site.timeout: is 11s", "from 100ms to 10s"},

		{"a proxy from nowhere", proxy("from: []"), "c.yaml:10: login.proxy.from: is missing", "such as 10.0.0.5"},
		{"a proxy from a name", proxy("from: [127.0.0.1, proxy]"), `c.yaml:10: login.proxy.from[1]: is "proxy", which is not a CIDR`, "such as 10.0.0.5"},
		{"a proxy from anywhere", proxy("from: [0.0.0.0/0]"), `c.yaml:10: login.proxy.from[0]: is "0.0.0.0/0", from where anybody could be anyone`, "such as 10.0.0.5"},
		{"a proxy from anywhere in IPv4 as IPv6", proxy("from: ['::ffff:0.0.0.0/96']"), `c.yaml:10: login.proxy.from[0]: is "::ffff:0.0.0.0/96", from where anybody could be anyone`, "such as 10.0.0.5"},
		{"a proxy from half the world", proxy("from: [128.0.0.0/1]"), `c.yaml:10: login.proxy.from[0]: is "128.0.0.0/1", from where anybody could be anyone`, "such as 10.0.0.5"},
		{"no header for the usercode", proxy("headers: {usercode: ''}"), "c.yaml:10: login.proxy.headers.usercode: is missing", "who the member is"},
		{"a header with its colon", proxy("headers: {phone: 'X-Phone:'}"), `c.yaml:10: login.proxy.headers.phone: is "X-Phone:", which is no header's name`, "such as X-Forwarded-User"},
		{"one header for two fields", proxy("headers: {memberno: x-forwarded-USER}"), "c.yaml:10: login.proxy.headers.memberno: is the same as login.proxy.headers.usercode", "name another header"},
	})
}

func TestValidLoginSettings(t *testing.T) {
	for name, yaml := range map[string]string{
		"the least of logins":           limits("per_address: 1/24h, per_member: 1/1s"),
		"the most of logins":            limits("per_address: 100000/1s"),
		"a public client":               issuer("https://acme.com"),
		"a client with a secret":        client("client_secret: secret"),
		"an issuer with a path":         issuer("https://acme.com:8443/realms/help"),
		"an issuer with a slash behind": issuer("https://acme.auth0.com/"),
		"an issuer with its own port":   issuer("https://acme.com:443/realms/help"),
		"an issuer on loopback":         issuer("http://127.0.0.1:8081/realms/help"),
		"an issuer on loopback by IPv6": issuer("http://[::1]:8081"),
		"only the scope openid":         client("scopes: [openid]"),
		"a scope that is a URL":         client("scopes: [openid, 'https://acme.com/member']"),
		"only the claim for usercode":   client("claims: {username: '', email: '', phone: ''}"),
		"two fields from one claim":     client("claims: {usercode: email}"),
		"the longest time since login":  client("max_age: 720h, prompt: 'login select_account'"),
		"no limit of time since login":  client("max_age: 0s, logout: local"),
		"Naver":                         naver("fields: {usercode: response.id, email: response.email}"),
		"PAYCO":                         naver("authorization_url: 'https://id.payco.com/oauth2.0/authorize?serviceProviderCode=FRIENDS', userinfo_token: headers, pkce: false"),
		"a provider on loopback":        naver("token_url: 'http://127.0.0.1:8081/token'"),
		"a proxy as it is by default":   proxy(""),
		"a proxy in private networks":   proxy("from: [10.0.0.0/8, 'fc00::/7', 192.0.2.1]"),
		"only the header for usercode":  proxy("headers: {username: '', email: ''}"),
		"ways that are not chosen":      plus("login: {oidc: {issuer: x, scopes: []}, proxy: {from: [0.0.0.0/0], headers: {usercode: ''}}}"),
	} {
		if _, err := load(yaml, nil, nil); err != nil {
			t.Errorf("%s gives\n%v", name, err)
		}
	}
}

func TestARateReadsItsOwnText(t *testing.T) {
	for text, want := range map[string]Rate{"30/1m": {30, time.Minute}, "1/24h": {1, 24 * time.Hour}, "5/1m30s": {5, 90 * time.Second}} {
		for _, each := range []string{text, want.String()} {
			if rate, err := parseRate(each); err != nil || rate != want {
				t.Errorf("%s reads as %+v with error %v, want %+v", each, rate, err, want)
			}
		}
	}
}
