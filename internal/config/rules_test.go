package config

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/i18n"
	"ocsso/internal/yamlfile"
)

// required is YAML with only the settings that have no default.
var required = `
help_center:
  domain: acme
  services: [hangame]
  organization_key: ` + organizationKey + `
session:
  keys: [` + sessionKey(1) + `]
`

// with is the required YAML with old replaced.
func with(old, changed string) string {
	if !strings.Contains(required, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(required, old, changed, 1)
}

// plus is the required YAML with more sections after it.
func plus(sections string) string { return required + sections + "\n" }

// The others are the required YAML with one more setting or another value.
func helpCenter(line string) string { return with("domain: acme", "domain: acme\n  "+line) }
func session(line string) string    { return with("session:", "session:\n  "+line) }
func publicURL(url string) string   { return plus("server: {public_url: '" + url + "'}") }
func key(text string) string        { return with(organizationKey, "'"+text+"'") }

// file and redis are the required YAML with that store and one of its settings.
func file(line string) string  { return plus("store:\n  kind: file\n  file: {" + line + "}") }
func redis(line string) string { return plus("store:\n  kind: redis\n  redis: {" + line + "}") }

// database is the required YAML with a valid member database, and one more setting.
func database(line string) string {
	return plus("members:\n  kind: sql\n  sql: {dsn: /acme.db, query: SELECT 1, " + line + "}")
}

// links is the required YAML with bearer keys.
func links(keys ...string) string {
	return plus("links_api: {keys: ['" + strings.Join(keys, "', '") + "']}")
}

// keyHash is the hash of a bearer key.
func keyHash(key string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(key))) }

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

// naver and shop are the required YAML with a valid provider of OAuth 2 or a valid site to log in
// at, in which line replaces a setting.
func naver(line string) string {
	return plus("login:\n  with: oauth2\n  oauth2: {" + override(line,
		"authorization_url: 'https://nid.naver.com/oauth2.0/authorize'", "token_url: 'https://nid.naver.com/oauth2.0/token'",
		"userinfo_url: 'https://openapi.naver.com/v1/nid/me'", "client_id: help") + "}")
}

func shop(line string) string {
	return site(override(line, "whoami_url: 'https://acme.com/whoami'", "login_url: 'https://acme.com/login'", "cookies: [sid]"))
}

func override(line string, settings ...string) string {
	name, _, _ := strings.Cut(line, ":")
	settings = slices.DeleteFunc(settings, func(s string) bool { return strings.HasPrefix(s, name+":") })
	return strings.Join(append(settings, line), ", ")
}

func TestEachRuleNamesLineSettingAndWayOut(t *testing.T) {
	for _, test := range []struct{ name, yaml, want, hint string }{
		{"a setting like one here and one elsewhere", plus("members: {knd: file}"), "c.yaml:8: members.knd: is unknown", "did you mean members.kind?"},
		{"a section that holds itself", plus("server: &s {tls: *s}"), "c.yaml:8: server.tls.tls: is unknown", "did you mean server.tls?"},
		{"listening twice in one place", plus("server: {admin_listen: '127.0.0.1:8080'}"), "c.yaml:8: server.admin_listen: is where server.listen is", "choose another port"},
		{"a certificate without its key", plus("server: {public_url: 'https://localhost:8080', tls: {cert_file: c.pem}}"), "c.yaml: server.tls.key_file: is missing beside server.tls.cert_file", "name both files"},
		{"a key without its certificate", plus("server: {public_url: 'https://localhost:8080', tls: {key_file: k.pem}}"), "c.yaml: server.tls.cert_file: is missing beside server.tls.key_file", "name both files"},
		{"TLS and an http URL", plus("server: {tls: {cert_file: c.pem, key_file: k.pem}}"), "c.yaml: server.public_url: is http, and server.tls is set", "write https"},
		{"a proxy's name", plus("server: {trusted_proxies: [10.0.0.1, proxy]}"), `c.yaml:8: server.trusted_proxies[1]: is "proxy"`, "10.0.0.0/8"},
		{"proxies anywhere", plus("server: {trusted_proxies: [0.0.0.0/0]}"), "c.yaml:8: server.trusted_proxies[0]: is 0.0.0.0/0, which is half the world", "name the proxies in front of this"},
		{"proxies anywhere in IPv4 as IPv6", plus("server: {trusted_proxies: ['::ffff:0:0/96']}"), `c.yaml:8: server.trusted_proxies[0]: is "::ffff:0:0/96"`, "10.0.0.0/8"},
		{"no public URL", publicURL(""), "c.yaml:8: server.public_url: is missing", "https://www.example.com"},
		{"a public URL with dots", publicURL("https://login.acme.com/a/../sso"), "c.yaml:8: server.public_url: has something behind the host that is no plain path", "https://www.example.com/oc-sso"},
		{"a public URL with a query", publicURL("https://login.acme.com?"), "c.yaml:8: server.public_url: is not an origin as browsers send it", "write it as https://www.example.com or"},
		{"a public URL with a password", publicURL("https://me:secret@login.acme.com"), "c.yaml:8: server.public_url: is not an origin as browsers send it", "https://www.example.com"},
		{"a public URL beyond ASCII", publicURL("https://에이스.kr"), "c.yaml:8: server.public_url: is not an origin as browsers send it", "https://www.example.com"},
		{"a public URL with https's port", publicURL("https://login.acme.com:443"), "c.yaml:8: server.public_url: has its scheme's own port, which browsers leave out", "leave the port"},
		{"http in public", publicURL("http://login.acme.com"), "c.yaml:8: server.public_url: is http, and not on loopback: anyone on the way could read and change logins", "write https"},
		{"no domain", with("domain: acme", "domain: ''"), "c.yaml:3: help_center.domain: is missing", "or set help_center.base_url"},
		{"a short domain", with("acme", "ac"), `c.yaml:3: help_center.domain: is "ac", which is not 3 to 40 letters, digits and hyphens, the first a letter or digit`, "only the label"},
		{"a domain that begins with a hyphen", with("acme", "'-acme'"), `c.yaml:3: help_center.domain: is "-acme", which is not 3 to 40 letters, digits and hyphens, the first a letter or digit`, "only the label"},
		{"a domain and a base URL", helpCenter("base_url: https://acme.oc.toast.com"), "c.yaml:4: help_center.base_url: is set beside help_center.domain", "leave one of the two out"},
		{"a base URL with a path", with("domain: acme", "base_url: https://acme.oc.toast.com/hangame"), "c.yaml:3: help_center.base_url: is not an origin as browsers send it", "https://www.example.com"},
		{"no services", with("[hangame]", "[]"), "c.yaml:4: help_center.services: is missing", "service id"},
		{"a service that is a dot segment", with("hangame", "'..'"), `c.yaml:4: help_center.services[0]: is "..", which is not 1 to 50 of letters, digits, _ . and -`, "service id"},
		{"a service twice", with("hangame", "a, b, a"), "c.yaml:4: help_center.services[2]: is there twice", "leave one of the two out"},
		{"no session key", with(sessionKey(1), ""), "c.yaml: session.keys: is missing", "ocsso new-key"},
		{"no organization key", key(""), "c.yaml: help_center.organization_key: is missing", "organization_key_file"},
		{"a short organization key", key("b6f1d9c07a5e438"), "c.yaml:5: help_center.organization_key: has 15 characters, of at least 16", "copy the organization key"},
		{"angle brackets for an organization key", key("<put-the-key-here>"), "c.yaml:5: help_center.organization_key: has U+003C '<' as character 1 of 18", "write the value alone, and type it"},
		{"crosses for an organization key", key("xxxx-xxxx-xxxx-xxxx"), "c.yaml:5: help_center.organization_key: reads like a placeholder", "copy the organization key"},
		{"the published organization key", key("7cf2828608274a49a3f06152b2188927"), "c.yaml:5: help_center.organization_key: is the key of the vendor's published sample", "copy the organization key"},
		{"the organization key twice", helpCenter("organization_key_file: x"), "c.yaml:6: help_center.organization_key: is set beside help_center.organization_key_file", "leave one of the two out"},
		{"a key file that there isn't", with("organization_key: "+organizationKey, "organization_key_file: none"), "c.yaml:5: help_center.organization_key_file: can't be read: open none: file does not exist", "relative to the working directory"},
		{"another handoff", helpCenter("handoff: post"), `c.yaml:4: help_center.handoff: is "post"`, "form or api or link"},
		{"a pattern as an extra origin", helpCenter("extra_origins: ['https://*.acme.com']"), "c.yaml:4: help_center.extra_origins[0]: is not an origin as browsers send it", "https://www.example.com"},
		{"the help center as an extra origin", helpCenter("extra_origins: ['https://acme.oc.alpha-nhncloud.com']"), "c.yaml:4: help_center.extra_origins[0]: is the help center's own, which may read the login status anyway", "leave it out"},
		{"an extra origin twice", helpCenter("extra_origins: ['https://a.com', 'https://a.com']"), "c.yaml:4: help_center.extra_origins[1]: is there twice", "leave one of the two out"},
		{"too long a session", session("lifetime: 720h1m"), "c.yaml:7: session.lifetime: is 720h1m0s", "from 3m0s to 720h0m0s"},
		{"no idle time", session("idle: 0s"), "c.yaml:7: session.idle: is 0s", "set it to something from 1ms to"},
		{"an idle time longer than the session", session("idle: 13h"), "c.yaml:7: session.idle: is 13h0m0s", "set it to something from 1ms to"},
		{"tokens that end too soon", plus("issued_tokens: {lifetime: 179s}"), "c.yaml:8: issued_tokens.lifetime: is 2m59s", "set it to something from 3m0s to"},
		{"tokens that outlive the session", plus("issued_tokens: {lifetime: 13h}"), "c.yaml:8: issued_tokens.lifetime: is 13h0m0s", "set it to something from 3m0s to"},
		{"too long a site name", plus("ui: {site_name: '" + strings.Repeat("가", 61) + "'}"), "c.yaml:8: ui.site_name: has 61 characters, of at most 60", "shorten it"},
		{"two logos", plus("ui: {logo_url: 'https://acme.com/logo.svg', logo_file: logo.svg}"), "c.yaml:8: ui.logo_url: is set beside ui.logo_file\nc.yaml:8: ui.logo_file: can't be read: open logo.svg: file does not exist", "leave one of the two out"},
		{"a logo over http", plus("ui: {logo_url: 'http://acme.com/logo.svg'}"), "c.yaml:8: ui.logo_url: is http, and not on loopback: anyone on the way could change the picture", "write https"},
		{"a logo of another kind", plus("ui: {logo_file: logo.bmp}"), `c.yaml:8: ui.logo_file: is "logo.bmp", which is not the name of an SVG, PNG, JPEG or WebP file`, "convert"},
		{"a logo that isn't there", plus("ui: {logo_file: nowhere.svg}"), "c.yaml:8: ui.logo_file: can't be read: open nowhere.svg: file does not exist", "check the path"},
		{"a colour by name", plus("ui: {accent: green}"), `c.yaml:8: ui.accent: is "green", which is no colour`, "write it as #0f6b5c"},
		{"a colour for no text", plus("ui: {accent: '#03C75A'}"), "c.yaml:8: ui.accent: is #03C75A, whose contrast with white is 2.25, below the 4.5 of WCAG AA", "such as #02893e"},
		{"a link without a host", plus("ui: {links: {find_id: /find-id}}"), "c.yaml:8: ui.links.find_id: is not an http or https URL", "such as https://www.example.com/support"},
		{"a link that runs script", plus("ui: {links: {support: 'javascript:alert(1)'}}"), "c.yaml:8: ui.links.support: is not an http or https URL", "with its scheme"},
		{"a phone where a page belongs", plus("ui: {links: {privacy: 'tel:1544-0000'}}"), "c.yaml:8: ui.links.privacy: is not an http or https URL", "with its scheme"},
		{"another language", plus("ui: {default_language: fr}"), `c.yaml:8: ui.default_language: is "fr"`, "ko or en or ja or zh"},
		{"another log format", plus("log: {format: xml}"), `c.yaml:8: log.format: is "xml"`, "text or json"},
		{"another store", plus("store: {kind: etcd}"), `c.yaml:8: store.kind: is "etcd"`, "memory or file or redis"},
		{"too little memory", plus("store: {memory: {max_mb: 0}}"), "c.yaml:8: store.memory.max_mb: is 0", "from 1 to 1000000"},
		{"no database file", file("path: ''"), "c.yaml:10: store.file.path: is missing", "name the file"},
		{"no address", redis("addresses: []"), "c.yaml:10: store.redis.addresses: is missing", "127.0.0.1:6379"},
		{"port 0", redis("addresses: ['127.0.0.1:0']"), "c.yaml:10: store.redis.addresses[0]: is neither host:port nor a Redis URL", "127.0.0.1:6379"},
		{"a URL with a database", redis("addresses: ['redis://127.0.0.1:6379/1']"), "c.yaml:10: store.redis.addresses[0]: is neither host:port nor a Redis URL", "redis://"},
		{"a password before the host", redis("addresses: ['secret@127.0.0.1:6379']"), "c.yaml:10: store.redis.addresses[0]: is neither host:port nor a Redis URL", "redis://user:password@"},
		{"two users", redis("addresses: ['redis+cluster://u:p@a:1', 'redis+cluster://u:q@b:1']"), "c.yaml:10: store.redis.addresses[1]: differs from the first address in more than host and port", "the same"},
		{"two schemes", redis("addresses: ['redis+cluster://a:1', 'rediss+cluster://b:1']"), "c.yaml:10: store.redis.addresses[1]: differs from the first address in more than host and port", "the same"},
		{"two masters", redis("addresses: ['redis+sentinel://a/one', 'redis+sentinel://b/two']"), "c.yaml:10: store.redis.addresses[1]: differs from the first address in more than host and port", "the same"},
		{"a user in two places", redis("addresses: ['redis://u:p@a:1'], password: q"), "c.yaml:10: store.redis.addresses[0]: has a user beside store.redis.username and password", "one of the two"},
		{"several addresses of one server", redis("addresses: ['a:1', 'b:1']"), "c.yaml:10: store.redis.addresses: has 2 addresses, which single servers would have", "redis+cluster:// or redis+sentinel://"},
		{"an address twice", redis("addresses: ['redis+cluster://a:1', 'redis+cluster://b:1', 'redis+cluster://a:1']"), "c.yaml:10: store.redis.addresses[2]: is there twice", "leave one of the two out"},
		{"a CA without TLS", redis("tls_ca_file: ca.pem"), "c.yaml:10: store.redis.tls_ca_file: is set, and store.redis.addresses are without TLS", "write rediss:// there"},
		{"sentinels without a master", redis("addresses: ['redis+sentinel://a:26379']"), "c.yaml:10: store.redis.addresses[0]: is neither host:port nor a Redis URL", "redis+sentinel://127.0.0.1:26379/mymaster"},
		{"a cluster with a master", redis("addresses: ['redis+cluster://a:6379/mymaster']"), "c.yaml:10: store.redis.addresses[0]: is neither host:port nor a Redis URL", "redis+cluster://"},
		{"another scheme", redis("addresses: ['sentinel://a:26379/mymaster']"), "c.yaml:10: store.redis.addresses[0]: is neither host:port nor a Redis URL", "redis+sentinel://"},
		{"a mode", redis("mode: cluster"), "c.yaml:10: store.redis.mode: is unknown", "redis+cluster://host:port"},
		{"a log level", plus("log: {level: warn}"), "c.yaml:8: log.level: is unknown", "audit trail"},
		{"a sentinel's user", redis("sentinel_username: u"), "c.yaml:10: store.redis.sentinel_username: is unknown", "redis://user:password@"},
		{"a sentinel's password in a file", redis("sentinel_password_file: p"), "c.yaml:10: store.redis.sentinel_password_file: is unknown", "redis://user:password@"},
		{"replicas", redis("min_replicas: 1"), "c.yaml:10: store.redis.min_replicas: is unknown", "leave it out"},
		{"entries of the memory", plus("store: {memory: {max_entries: 300000}}"), "c.yaml:8: store.memory.max_entries: is unknown", "store.memory.max_mb"},
		{"SQLite", plus("store: {kind: sqlite}"), `c.yaml:8: store.kind: is "sqlite", which is gone`, "set it to file"},
		{"the file of SQLite", plus("store: {sqlite: {path: data/ocsso.db}}"), "c.yaml:8: store.sqlite: is unknown", "store.file.path"},
		{"idle connections", plus("server: {idle_timeout: 2m}"), "c.yaml:8: server.idle_timeout: is unknown", "620s"},
		{"another kind of directory", plus("members: {kind: ldap}"), `c.yaml:8: members.kind: is "ldap"`, "file or sql"},
		{"no member file", plus("members: {file: {path: ''}}"), "c.yaml:8: members.file.path: is missing", "name the file"},
		{"no database", plus("members: {kind: sql}"), "c.yaml: members.sql.dsn: is missing\nc.yaml: members.sql.query: is missing", "members.sql.dsn_file"},
		{"no query", plus("members: {kind: sql, sql: {dsn: /acme.db}}"), "c.yaml: members.sql.query: is missing", "SELECT"},
		{"another driver", database("driver: oracle"), `c.yaml:10: members.sql.driver: is "oracle"`, "postgres or mysql"},
		{"no connection", database("max_open: 0"), "c.yaml:10: members.sql.max_open: is 0", "from 1 to 1000"},
		{"SQLite for members", database("driver: sqlite"), `c.yaml:10: members.sql.driver: is "sqlite", which is gone`, "postgres or mysql, or members.kind to file"},
		{"a bound of idle connections", database("max_idle: 2"), "c.yaml:10: members.sql.max_idle: is unknown", "leave it out"},
		{"an age of connections", database("conn_lifetime: 30m"), "c.yaml:10: members.sql.conn_lifetime: is unknown", "leave it out"},
		{"too short a lookup", database("timeout: 9ms"), "c.yaml:10: members.sql.timeout: is 9ms", "from 10ms to 10s"},
		{"a bearer key for its hash", links("open sesame"), "c.yaml:8: links_api.keys[0]: is not the 64 hex digits of a SHA-256", "sha256sum"},
		{"the hash of no key", links(keyHash("")), "c.yaml:8: links_api.keys[0]: is the hash of nothing, and no key", "sha256sum"},
		{"another way", plus("login: {with: saml}"), `c.yaml:8: login.with: is "saml"`, "password or site or oidc or oauth2 or proxy"},
		{"too many logins", limits("per_address: 100001/1m"), "c.yaml:9: login.limits.per_address: is 100001/1m0s", "1 to 100000"},
		{"logins in too short a time", limits("per_address: 1/999ms"), "c.yaml:9: login.limits.per_address: is 1/999ms", "from 1s to 24h"},
		{"logins in too long a time", limits("per_address: 1/25h"), "c.yaml:9: login.limits.per_address: is 1/25h0m0s", "from 1s to 24h"},
		{"no provider", oidc(""), "c.yaml: login.oidc.issuer: is missing\nc.yaml: login.oidc.client_id: is missing", "metadata"},
		{"no client id", oidc("issuer: https://acme.com"), "c.yaml: login.oidc.client_id: is missing", "register this server"},
		{"an issuer without a scheme", issuer("acme.com/realms/help"), "c.yaml:10: login.oidc.issuer: is not an http or https URL with nothing behind its path", "metadata"},
		{"an issuer over http", issuer("http://acme.com"), "c.yaml:10: login.oidc.issuer: is http, and not on loopback: anyone on the way could log in as anyone", "write https"},
		{"an issuer with a user", issuer("https://me@acme.com"), "c.yaml:10: login.oidc.issuer: is not an http or https URL with nothing behind its path", "copy it as the provider's metadata has"},
		{"an issuer with a query", issuer("https://acme.com?realm=help"), "c.yaml:10: login.oidc.issuer: is not an http or https URL with nothing behind its path", "metadata"},
		{"where the metadata is", issuer("https://acme.com/.well-known/openid-configuration"), "c.yaml:10: login.oidc.issuer: is where the provider's metadata is", "copy it as the provider's metadata has"},
		{"the client's secret twice", client("client_secret: x, client_secret_file: y"), "c.yaml:10: login.oidc.client_secret: is set beside login.oidc.client_secret_file", "leave one of the two out"},
		{"scopes without openid", client("scopes: [profile, email]"), "c.yaml:10: login.oidc.scopes: lacks openid", "add openid"},
		{"two scopes in one", client("scopes: [openid, profile email]"), `c.yaml:10: login.oidc.scopes[1]: is "profile email", which is not a scope`, "an item of its own"},
		{"no claim for the usercode", client("claims: {usercode: ''}"), "c.yaml:10: login.oidc.claims.usercode: is missing", "such as sub"},
		{"a logout elsewhere", client("logout: front-channel"), `c.yaml:10: login.oidc.logout: is "front-channel"`, "provider or local"},
		{"a login of just now", client("max_age: 10ms"), "c.yaml:10: login.oidc.max_age: is 10ms", "from 1s to 720h"},
		{"a prompt that keeps everybody out", client("prompt: none"), `c.yaml:10: login.oidc.prompt: is "none", which is not login, consent, select_account or several of them with spaces between`, `set it to "" for`},
		{"an endpoint over http", naver("token_url: 'http://nid.naver.com/oauth2.0/token'"), "c.yaml:10: login.oauth2.token_url: is http, and not on loopback: anyone on the way could log in as anyone", "write https"},
		{"an endpoint with a password", naver("authorization_url: 'https://me:secret@acme.com'"), "c.yaml:10: login.oauth2.authorization_url: is not an http or https URL", "copy it from the provider's"},
		{"a token in the query", naver("userinfo_token: query"), `c.yaml:10: login.oauth2.userinfo_token: is "query"`, "bearer or headers"},
		{"no path of the usercode", naver("fields: {usercode: ''}"), "c.yaml:10: login.oauth2.fields.usercode: is missing", "such as response.id"},
		{"a path with two dots", naver("fields: {email: response..email}"), `c.yaml:10: login.oauth2.fields.email: is "response..email", which is not a dotted path`, "single dots"},
		{"no site", site(""), "c.yaml: login.site.whoami_url: is missing\nc.yaml: login.site.login_url: is missing\nc.yaml: login.site.cookies: is missing", "write your site's address with its"},
		{"a whoami without a scheme", shop("whoami_url: www.acme.com/whoami"), "c.yaml:10: login.site.whoami_url: is not an http or https URL", "with its scheme and host"},
		{"a login page with a password", shop("login_url: 'https://me:secret@acme.com/login'"), "c.yaml:10: login.site.login_url: is not an http or https URL", "write your site's address with its"},
		{"a cookie with its value", shop("cookies: ['sid=1']"), `c.yaml:10: login.site.cookies[0]: is "sid=1", which is not a cookie's name`, "write the name of your site's session"},
		{"a return origin with a path", shop("return_origins: ['https://acme.com/shop']"), "c.yaml:10: login.site.return_origins[0]: is not an origin as browsers send it", "write it as https://www.example.com or"},
		{"no field for the usercode", shop("fields: {usercode: ''}"), "c.yaml:10: login.site.fields.usercode: is missing", "user.id"},
		{"a proxy from nowhere", proxy("from: []"), "c.yaml:10: login.proxy.from: is missing", "name the address that the proxy calls"},
		{"a proxy from anywhere", proxy("from: [0.0.0.0/0]"), "c.yaml:10: login.proxy.from[0]: is 0.0.0.0/0, which is half the world", "name the address that the proxy calls"},
		{"no header for the usercode", proxy("headers: {usercode: ''}"), "c.yaml:10: login.proxy.headers.usercode: is missing", "name the header that has it, without"},
		{"a header with its colon", proxy("headers: {phone: 'X-Phone:'}"), `c.yaml:10: login.proxy.headers.phone: is "X-Phone:", which is not a header's name`, "such as X-Forwarded-User"},
		{"a public URL with a no-break space", publicURL("https://login.acme.com\u00a0"), "c.yaml:8: server.public_url: has U+00A0 as character 23 of 23", "write the value alone, and type it"},
		{"a path with a tab", plus(`members: {file: {path: "C:\temp"}}`), "c.yaml:8: members.file.path: has U+0009 as character 3 of 6", "write the value alone, and type it"},
		{"a query with a no-break space", plus("members: {kind: sql, sql: {dsn: /a.db, query: \"SELECT\u00a01\"}}"), "c.yaml:8: members.sql.query: has U+00A0 as character 7 of 8", "write the value alone, and type it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(test.yaml, nil, nil)
			if err == nil || err.Error() != test.want {
				t.Fatalf("got error %v, want %s", err, test.want)
			}
			hint := err.(yamlfile.Problems)[0].Hint
			if !strings.Contains(hint, test.hint) {
				t.Errorf("got hint %q, want %q in it", hint, test.hint)
			}
			if i18n.Hint(i18n.KO, hint) == hint {
				t.Errorf("got no Korean for %q in internal/i18n/hints.ko.txt", hint)
			}
		})
	}
}

func TestValidSettings(t *testing.T) {
	for name, yaml := range map[string]string{
		"http on localhost":                publicURL("http://localhost"),
		"http on 127.0.0.0/8":              publicURL("http://127.1.2.3:8080"),
		"http on ::1":                      publicURL("http://[::1]:8080"),
		"https anywhere":                   publicURL("https://login.acme.com:8443"),
		"https with our own TLS":           plus("server: {public_url: 'https://localhost:8080', tls: {cert_file: c.pem, key_file: k.pem}}"),
		"two listeners on free ports":      plus("server: {listen: '127.0.0.1:0', admin_listen: '127.0.0.1:0'}"),
		"no admin listener":                plus("server: {admin_listen: ''}"),
		"two listeners on one port":        plus("server: {listen: '192.0.2.1:80', admin_listen: '127.0.0.1:80'}"),
		"a base URL on loopback":           with("domain: acme", "base_url: http://127.0.0.1:8090"),
		"a domain of 40":                   with("acme", strings.Repeat("a", 40)),
		"a service of 50":                  with("hangame", strings.Repeat("a", 47)+"_.-"),
		"our own as an extra origin":       helpCenter("extra_origins: ['http://localhost:8080', 'https://app.acme.com']"),
		"the longest of all times":         session("lifetime: 720h\n  idle: 720h") + "issued_tokens: {lifetime: 720h}\n",
		"the shortest of all times":        session("lifetime: 3m\n  idle: 1ms") + "issued_tokens: {lifetime: 3m}\n",
		"numbers for text":                 with("[hangame]", "[7]") + "ui: {site_name: 1234}\n",
		"aliases":                          "ui: {site_name: &n hangame}\n" + with("[hangame]", "[*n]"),
		"a brand":                          plus("ui: {logo_url: 'https://acme.com/logo?v=2', accent: '#0F6B5C', links: {find_id: 'http://acme.com/#/id', support: 'tel:1544-0000'}}"),
		"a site name of 60":                plus("ui: {site_name: '" + strings.Repeat("가", 60) + "'}"),
		"an organization key in quotes":    key(organizationKey),
		"memory":                           plus("store: {kind: memory}"),
		"a file as it is by default":       file(""),
		"redis as it is by default":        redis(""),
		"redis by name, with a user":       redis("addresses: ['redis.acme.com:6380'], username: ocsso, password: secret"),
		"redis by IPv6":                    redis("addresses: ['[::1]:6379'], key_prefix: ''"),
		"a password with a space inside":   redis("password: 'two words'"),
		"a cluster":                        redis("addresses: ['redis+cluster://a', 'redis+cluster://b:6379']"),
		"a cluster over TLS":               redis("tls_ca_file: ca.pem, addresses: ['rediss+cluster://a', 'rediss+cluster://b']"),
		"sentinels with a user":            redis("password: p, addresses: ['redis+sentinel://u:q@a/main']"),
		"a URL without a port":             redis("addresses: ['redis://redis.acme.com']"),
		"a URL with TLS":                   redis("addresses: ['rediss://:p@redis.acme.com:6380'], tls_ca_file: ca.pem"),
		"sentinels":                        redis("addresses: ['redis+sentinel://a:26379/main', 'redis+sentinel://b:26379/main']"),
		"a store that is not chosen":       plus("store: {kind: memory, file: {path: ''}, redis: {addresses: [], tls_ca_file: none}}"),
		"a database":                       database("driver: mysql"),
		"a query in lines":                 plus("members:\n  kind: sql\n  sql:\n    dsn: /acme.db\n    query: |\n      SELECT usercode, password_hash\n      FROM members WHERE usercode = $1\n"),
		"one connection":                   database("max_open: 1"),
		"a kind that is not chosen":        plus("members: {kind: file, sql: {driver: none, max_open: 0}}"),
		"keys":                             links(keyHash("a"), strings.ToUpper(keyHash("b"))),
		"no database that nobody needs":    proxy("") + "members: {kind: sql}\n",
		"no member file that nobody needs": proxy("") + "members: {file: {path: ''}}\n",
		"the least of logins":              limits("per_address: 1/24h, per_member: 1/1s"),
		"the most of logins":               limits("per_address: 100000/1s"),
		"a public client":                  issuer("https://acme.com"),
		"a client with a secret":           client("client_secret: secret"),
		"an issuer with a path":            issuer("https://acme.com:8443/realms/help"),
		"an issuer with a slash behind":    issuer("https://acme.auth0.com/"),
		"an issuer with its own port":      issuer("https://acme.com:443/realms/help"),
		"an issuer on loopback":            issuer("http://127.0.0.1:8081/realms/help"),
		"an issuer on loopback by IPv6":    issuer("http://[::1]:8081"),
		"only the scope openid":            client("scopes: [openid]"),
		"a scope that is a URL":            client("scopes: [openid, 'https://acme.com/member']"),
		"only the claim for usercode":      client("claims: {username: '', email: '', phone: ''}"),
		"two fields from one claim":        client("claims: {usercode: email}"),
		"the longest time since login":     client("max_age: 720h, prompt: 'login select_account'"),
		"no limit of time since login":     client("max_age: 0s, logout: local"),
		"Naver":                            naver("fields: {usercode: response.id, email: response.email}"),
		"PAYCO":                            naver("authorization_url: 'https://id.payco.com/oauth2.0/authorize?serviceProviderCode=FRIENDS', userinfo_token: headers"),
		"a provider on loopback":           naver("token_url: 'http://127.0.0.1:8081/token'"),
		"a proxy as it is by default":      proxy(""),
		"a proxy in private networks":      proxy("from: [10.0.0.0/8, 'fc00::/7', 192.0.2.1]"),
		"only the header for usercode":     proxy("headers: {username: '', email: ''}"),
		"ways that are not chosen":         plus("login: {oidc: {issuer: x, scopes: []}, proxy: {from: [0.0.0.0/0], headers: {usercode: ''}}}"),
	} {
		if _, err := load(yaml, nil, nil); err != nil {
			t.Errorf("%s gives\n%v", name, err)
		}
	}
}

func TestAnEmptyFileLacksTheSettingsWithoutDefault(t *testing.T) {
	want := `c.yaml: help_center.domain: is missing
c.yaml: help_center.services: is missing
c.yaml: help_center.organization_key: is missing
c.yaml: session.keys: is missing`
	for _, yaml := range []string{"", "# only a comment\n", "~", "{}", "help_center:\nsession:\n"} {
		_, err := load(yaml, nil, nil)
		if err == nil || err.Error() != want {
			t.Errorf("%q gives\n%v\nwant\n%s", yaml, err, want)
		}
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	yaml := `server:
  public_url: http://login.acme.com/
  adress: 127.0.0.1:8080
help_center:
  domain: acme.oc.nhncloud.com
  services: hangame
  organization_key: changeme
  organization_key_file: key
  extra_origins: [https://ok.acme.com, https://acme.com/x, null]
session:
  idle: 3 hours
store: {kind: redis}
store: {kind: memory}
`
	env := map[string]string{
		"OCSSO_LOG_FORMAT":          "loud",
		"OCSSO_SESSION_KEYS":        sessionKey(1) + ", " + sessionKey(2),
		"OCSSO_SESSION_LIFETIME":    "forever",
		"OCSSO_MEMBERS_FILE_PATH":   "",
		"OCSSO_SERVER_TLS_KEY_FILE": "key.pem",
	}
	want := `c.yaml:13: store: is there twice, first in line 12
c.yaml:3: server.adress: is unknown
c.yaml:6: help_center.services: is not a plain list
c.yaml:9: help_center.extra_origins: is not a plain list
c.yaml:11: session.idle: is "3 hours"
$OCSSO_SESSION_KEYS: session.keys[1]: has quotes or spaces around it
$OCSSO_SESSION_LIFETIME: session.lifetime: is "forever"
c.yaml:7: help_center.organization_key: is set beside help_center.organization_key_file
c.yaml: server.tls.cert_file: is missing beside server.tls.key_file
c.yaml:2: server.public_url: is http, and not on loopback: anyone on the way could read and change logins
c.yaml:5: help_center.domain: is "acme.oc.nhncloud.com", which is not 3 to 40 letters, digits and hyphens, the first a letter or digit
$OCSSO_MEMBERS_FILE_PATH: members.file.path: is missing
$OCSSO_LOG_FORMAT: log.format: is "loud"`
	_, err := load(yaml, env, nil)
	if err == nil {
		t.Fatal("got no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
	for _, p := range err.(yamlfile.Problems) {
		if p.Hint == "" {
			t.Errorf("%q has no hint", p)
		}
	}
}

func TestProblemsContainNoSecrets(t *testing.T) {
	const secret = "7e57ab1e5ec2e7"
	for name, yaml := range map[string]string{
		"too short":                   key(secret),
		"a space behind it":           key(secret + "0000 "),
		"a list":                      with(organizationKey, "["+secret+"]"),
		"a section":                   with(organizationKey, "{"+secret+"-"+secret+"-"+secret+": x}"),
		"no space behind colon":       plus("ui: {site_name:" + secret + "}"),
		"an alias":                    with(organizationKey, "*"+secret),
		"a tag":                       with(organizationKey, "!"+secret+" "+secret),
		"a session key":               with(sessionKey(1), secret),
		"a session key not in a list": with("["+sessionKey(1)+"]", secret),
		"a number":                    with(organizationKey, "'"+secret+"'\n  organization_key: 1"),
		"a URL's password":            publicURL("https://me:" + secret + "@login.acme.com"),
		"an issuer's password":        plus("login: {with: oidc, oidc: {issuer: 'https://me:" + secret + "@acme.com'}}"),
		"a client's secret":           plus("login: {with: oidc, oidc: {client_secret: '" + secret + " '}}"),
		"a Redis password":            plus("store: {kind: redis, redis: {password: '" + secret + " '}}"),
		"a Redis URL":                 plus("store: {kind: redis, redis: {addresses: ['redis://:" + secret + "@127.0.0.1:6379/1']}}"),
		"a database's password":       plus("members: {kind: sql, sql: {dsn: 'postgres://me:" + secret + "@acme.com ', query: q}}"),
		"a bearer key for its hash":   plus("links_api: {keys: ['" + secret + "']}"),
	} {
		_, err := load(yaml, nil, nil)
		if err == nil {
			t.Errorf("%s: got no error", name)
			continue
		}
		for _, p := range err.(yamlfile.Problems) {
			if strings.Contains(p.String()+p.Hint, secret) {
				t.Errorf("%s: %q with hint %q holds the secret", name, p, p.Hint)
			}
		}
	}
}
func TestWhatCopyingHasDoneToASecretIsNamedFromEverySource(t *testing.T) {
	secrets := []struct{ path, good, sections string }{
		{"help_center.organization_key", organizationKey, ""},
		{"session.keys", sessionKey(1), ""},
		{"login.oidc.client_secret", "GOCSPX-1a2b3c4d", "login: {with: oidc, oidc: {issuer: 'https://acme.com', client_id: help}}\n"},
		{"store.redis.password", "correct horse 배터리", "store: {kind: redis}\n"},
		{"members.sql.dsn", "host=db user=help password='p w' dbname=members", "members: {kind: sql, sql: {query: SELECT 1}}\n"},
	}
	for _, secret := range secrets {
		yaml := strings.NewReplacer("  organization_key: "+organizationKey+"\n", "", "  keys: ["+sessionKey(1)+"]\n", "").Replace(required) + secret.sections
		for text, want := range map[string]string{
			secret.good:                                  "",
			`"` + secret.good + `"`:                      "has quotes or spaces around it",
			"“" + secret.good + "”":                      "has quotes or spaces around it",
			" " + secret.good:                            "has quotes or spaces around it",
			secret.good + "\u00a0":                       "has U+00A0 as character ",
			secret.good[:3] + "\u200b" + secret.good[3:]: "has U+200B as character 4 of ",
			secret.good + "\t":                           "has U+0009 as character ",
			secret.good[:3] + "\xb1\xe6":                 "is not UTF-8",
		} {
			variable := Variable(secret.path)
			others := map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": organizationKey, "OCSSO_SESSION_KEYS": sessionKey(1)}
			delete(others, variable)
			inFile, inEnv := maps.Clone(others), maps.Clone(others)
			inFile[variable+"_FILE"], inEnv[variable] = "the file", text
			for source, env := range map[string]map[string]string{"the file": inFile, "$" + variable: inEnv} {
				_, err := load(yaml, env, map[string]string{"the file": text + "\r\n"})
				if want == "" && err == nil {
					continue
				}
				problems, _ := err.(yamlfile.Problems)
				if len(problems) != 1 || !strings.HasPrefix(problems[0].Path, secret.path) || problems[0].Source != source ||
					!strings.HasPrefix(problems[0].Text, want) || want == "" || problems[0].Hint == "" {
					t.Errorf("%s with %q from %s: got %v, want one problem, that it %q, with a hint", secret.path, text, source, err, want)
				}
			}
		}
	}
	files := map[string]string{"key": "\ufeff" + organizationKey + "\r\n"}
	if got := mustLoad(t, with("organization_key: "+organizationKey, "organization_key_file: key"), nil, files).HelpCenter.OrganizationKey.Reveal(); got != organizationKey {
		t.Errorf("a file with a byte order mark has the key %q, want %q", got, organizationKey)
	}
}

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
