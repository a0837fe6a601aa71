package config

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/yamlfile"

	"github.com/google/go-cmp/cmp"
)

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

// oneProblem is YAML, the error that loading it returns, and a part of the first hint.
type oneProblem struct{ name, yaml, want, hint string }

func testOneProblem(t *testing.T, tests []oneProblem) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(test.yaml, nil, nil)
			var problems yamlfile.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got error %v, want Problems", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
			if !strings.Contains(problems[0].Hint, test.hint) {
				t.Errorf("got hint %q, want %q in it", problems[0].Hint, test.hint)
			}
		})
	}
}

func TestProblemsOfYAMLServerAndHelpCenter(t *testing.T) {
	testOneProblem(t, []oneProblem{
		{"a setting like one here and one elsewhere", plus("members: {knd: file}"), "c.yaml:8: members.knd: is unknown", "did you mean members.kind?"},
		{"a colon without its space", plus("log: {format:json}"), "c.yaml:8: log: has an unknown key", "with a space behind the colon"},
		{"text for a section of what is required", "session: {keys: [" + sessionKey(1) + "]}\nhelp_center: acme", "c.yaml:2: help_center: is text where name: value belongs", "write each setting as name: value"},
		{"a section that holds itself", plus("server: &s {tls: *s}"), "c.yaml:8: server.tls.tls: is unknown", "did you mean server.tls?"},

		{"an address without a port", plus("server: {listen: localhost}"), `c.yaml:8: server.listen: is "localhost", which is not host:port`, "127.0.0.1:8080"},
		{"a URL to listen at", plus("server: {listen: 'http://localhost:80'}"), `c.yaml:8: server.listen: is "http://localhost:80", which is not host:port`, "127.0.0.1:8080"},
		{"a port that there isn't", plus("server: {admin_listen: ':65536'}"), `c.yaml:8: server.admin_listen: is ":65536", which is not host:port`, `or "" for none`},
		{"listening twice in one place", plus("server: {admin_listen: '127.0.0.1:8080'}"), "c.yaml:8: server.admin_listen: is where server.listen is", "choose another port"},
		{"listening everywhere and somewhere", plus("server: {listen: '[::]:9090'}"), "c.yaml: server.admin_listen: is where server.listen is", "choose another port"},
		{"listening somewhere and everywhere", plus("server: {admin_listen: ':8080'}"), "c.yaml:8: server.admin_listen: is where server.listen is", "choose another port"},
		{"a certificate without its key", plus("server: {public_url: 'https://localhost:8080', tls: {cert_file: c.pem}}"), "c.yaml: server.tls.key_file: is missing beside server.tls.cert_file", "private key"},
		{"a key without its certificate", plus("server: {public_url: 'https://localhost:8080', tls: {key_file: k.pem}}"), "c.yaml: server.tls.cert_file: is missing beside server.tls.key_file", "certificate"},
		{"TLS and an http URL", plus("server: {tls: {cert_file: c.pem, key_file: k.pem}}"), "c.yaml: server.public_url: is http, and server.tls is set", "write https"},
		{"a proxy's name", plus("server: {trusted_proxies: [10.0.0.1, proxy]}"), `c.yaml:8: server.trusted_proxies[1]: is "proxy", which is not a CIDR`, "10.0.0.0/8"},
		{"proxies anywhere", plus("server: {trusted_proxies: [0.0.0.0/0]}"), `c.yaml:8: server.trusted_proxies[0]: is "0.0.0.0/0", from where anybody could claim any address`, "10.0.0.0/8"},
		{"proxies anywhere in IPv6", plus("server: {trusted_proxies: ['::/0']}"), `c.yaml:8: server.trusted_proxies[0]: is "::/0", from where anybody could claim any address`, "10.0.0.0/8"},
		{"proxies anywhere in IPv4 as IPv6", plus("server: {trusted_proxies: ['::ffff:0:0/96']}"), `c.yaml:8: server.trusted_proxies[0]: is "::ffff:0:0/96", from where anybody could claim any address`, "10.0.0.0/8"},
		{"proxies in more than IPv4", plus("server: {trusted_proxies: ['::ffff:0:0/90']}"), `c.yaml:8: server.trusted_proxies[0]: is "::ffff:0:0/90", from where anybody could claim any address`, "10.0.0.0/8"},
		{"proxies in half the world", plus("server: {trusted_proxies: [10.0.0.1, 128.0.0.0/1]}"), `c.yaml:8: server.trusted_proxies[1]: is "128.0.0.0/1", from where anybody could claim any address`, "10.0.0.0/8"},

		{"no public URL", publicURL(""), "c.yaml:8: server.public_url: is missing", "https://www.example.com"},
		{"a public URL without a scheme", publicURL("login.acme.com"), "c.yaml:8: server.public_url: is not an http or https URL", "https://www.example.com"},
		{"a public URL with a slash", publicURL("https://login.acme.com/"), "c.yaml:8: server.public_url: has a slash at the end", "leave the slash out"},
		{"a public URL of the login page", publicURL("https://login.acme.com/login"), "c.yaml:8: server.public_url: names one of this server's pages", "https://login.acme.com"},
		{"a public URL with dots", publicURL("https://login.acme.com/a/../sso"), "c.yaml:8: server.public_url: has a path with dots", "https://www.example.com/oc-sso"},
		{"a public URL with an odd path", publicURL("https://login.acme.com/s%2Fso"), "c.yaml:8: server.public_url: has something behind the host that is no plain path", "https://www.example.com/oc-sso"},
		{"a public URL with a query", publicURL("https://login.acme.com?"), "c.yaml:8: server.public_url: has something behind the host that is no plain path", "https://login.example.com"},
		{"a public URL with a password", publicURL("https://me:secret@login.acme.com"), "c.yaml:8: server.public_url: has a user in it", "https://www.example.com"},
		{"a public URL in upper case", publicURL("https://Login.acme.com"), "c.yaml:8: server.public_url: has upper case in it", "in lower case"},
		{"a public URL beyond ASCII", publicURL("https://에이스.kr"), "c.yaml:8: server.public_url: has a host or port that is not written as browsers write it", "https://www.example.com"},
		{"a public URL with a port that there isn't", publicURL("https://login.acme.com:65536"), "c.yaml:8: server.public_url: has a port that doesn't exist", "https://www.example.com"},
		{"a public URL with https's port", publicURL("https://login.acme.com:443"), "c.yaml:8: server.public_url: has its scheme's own port, which browsers leave out", "leave out :443"},
		{"a public URL with http's port", publicURL("http://localhost:80"), "c.yaml:8: server.public_url: has its scheme's own port, which browsers leave out", "leave out :80"},
		{"a public URL with a long IPv6 address", publicURL("http://[0:0::1]:8080"), "c.yaml:8: server.public_url: has an address that is not written in its shortest form", "https://www.example.com"},
		{"http in public", publicURL("http://login.acme.com"), "c.yaml:8: server.public_url: is http, and not on loopback: anyone on the way could read and change logins", "write https"},
		{"http on a name like loopback", publicURL("http://localhost.acme.com"), "c.yaml:8: server.public_url: is http, and not on loopback: anyone on the way could read and change logins", "write https"},
		{"the help center's origin as our own", publicURL("https://acme.oc.alpha-nhncloud.com"), "c.yaml:8: server.public_url: is the help center's origin", "this server's own"},

		{"another environment", helpCenter("environment: beta"), `c.yaml:4: help_center.environment: is "beta"`, "real or alpha"},
		{"no domain", with("domain: acme", "domain: ''"), "c.yaml:3: help_center.domain: is missing", "or set help_center.base_url"},
		{"a whole host for a domain", with("acme", "acme.oc.nhncloud.com"), `c.yaml:3: help_center.domain: is "acme.oc.nhncloud.com", which is not 3 to 40 letters, digits and hyphens, the first a letter or digit`, "only the label"},
		{"a short domain", with("acme", "ac"), `c.yaml:3: help_center.domain: is "ac", which is not 3 to 40 letters, digits and hyphens, the first a letter or digit`, "only the label"},
		{"a domain that begins with a hyphen", with("acme", "'-acme'"), `c.yaml:3: help_center.domain: is "-acme", which is not 3 to 40 letters, digits and hyphens, the first a letter or digit`, "only the label"},
		{"a domain and a base URL", helpCenter("base_url: https://acme.oc.toast.com"), "c.yaml:4: help_center.base_url: is set beside help_center.domain", "leave one of the two out"},
		{"a base URL with a path", with("domain: acme", "base_url: https://acme.oc.toast.com/hangame"), "c.yaml:3: help_center.base_url: has something behind the host", "https://www.example.com"},
		{"a base URL over http", with("domain: acme", "base_url: http://acme.oc.toast.com"), "c.yaml:3: help_center.base_url: is http, and not on loopback: anyone on the way could read and change logins", "write https"},
		{"no services", with("[hangame]", "[]"), "c.yaml:4: help_center.services: is missing", "service id"},
		{"a service with a slash", with("[hangame]", "[hangame, a/b]"), `c.yaml:4: help_center.services[1]: is "a/b", which is not 1 to 50 of letters, digits, _ . and -`, "service id"},
		{"a service with an &", with("hangame", "'a&b'"), `c.yaml:4: help_center.services[0]: is "a&b", which is not 1 to 50 of letters, digits, _ . and -`, "service id"},
		{"a service that is a dot segment", with("hangame", "'..'"), `c.yaml:4: help_center.services[0]: is "..", which is not 1 to 50 of letters, digits, _ . and -`, "service id"},
		{"a service twice", with("hangame", "a, b, a"), `c.yaml:4: help_center.services[2]: is "a" again`, "leave one of the two out"},
		{"no session key", with(sessionKey(1), ""), "c.yaml: session.keys: is missing", "ocsso new-key"},
		{"no organization key", key(""), "c.yaml: help_center.organization_key: is missing", "organization_key_file"},
		{"a short organization key", key("b6f1d9c07a5e438"), "c.yaml:5: help_center.organization_key: has 15 characters, of at least 16", "copy the organization key"},
		{"a description for an organization key", key("your-organization-key"), "c.yaml:5: help_center.organization_key: reads like a placeholder", "copy the organization key"},
		{"angle brackets for an organization key", key("<put-the-key-here>"), "c.yaml:5: help_center.organization_key: has a sign that is not part of it", "copy the key"},
		{"crosses for an organization key", key("xxxx-xxxx-xxxx-xxxx"), "c.yaml:5: help_center.organization_key: reads like a placeholder", "copy the organization key"},
		{"the published organization key", key("7cf2828608274a49a3f06152b2188927"), "c.yaml:5: help_center.organization_key: is the key of the vendor's published sample", "copy the organization key"},
		{"a space behind the organization key", key(organizationKey + " "), "c.yaml:5: help_center.organization_key: has a space before or behind it", "delete it"},
		{"a byte order mark before the organization key", with(organizationKey, `"\uFEFF`+organizationKey+`"`), "c.yaml:5: help_center.organization_key: has U+FEFF as character 1 of 17", "without a byte order mark"},
		{"the organization key twice", helpCenter("organization_key_file: x"), "c.yaml:6: help_center.organization_key: is set beside help_center.organization_key_file", "leave one of the two out"},
		{"a key file that there isn't", with("organization_key: "+organizationKey, "organization_key_file: none"), "c.yaml:5: help_center.organization_key_file: can't be read: open none: file does not exist", "relative to the working directory"},
		{"another handoff", helpCenter("handoff: post"), `c.yaml:4: help_center.handoff: is "post"`, "form or api or link"},
		{"too short a timeout", helpCenter("request_timeout: 99ms"), "c.yaml:4: help_center.request_timeout: is 99ms", "from 100ms to 1m0s"},
		{"too long a timeout", helpCenter("request_timeout: 61s"), "c.yaml:4: help_center.request_timeout: is 1m1s", "from 100ms to 1m0s"},
		{"everyone as an extra origin", helpCenter("extra_origins: ['*']"), "c.yaml:4: help_center.extra_origins[0]: is not an origin: it would let every site in", "https://www.example.com"},
		{"null as an extra origin", helpCenter("extra_origins: ['null']"), "c.yaml:4: help_center.extra_origins[0]: is not an origin: it would let every site in", "https://www.example.com"},
		{"a pattern as an extra origin", helpCenter("extra_origins: ['https://*.acme.com']"), "c.yaml:4: help_center.extra_origins[0]: has a host or port that is not written as browsers write it", "https://www.example.com"},
		{"the help center as an extra origin", helpCenter("extra_origins: ['https://acme.oc.alpha-nhncloud.com']"), "c.yaml:4: help_center.extra_origins[0]: is the help center's own, which may read the login status anyway", "leave it out"},
		{"an extra origin twice", helpCenter("extra_origins: ['https://a.com', 'https://a.com']"), "c.yaml:4: help_center.extra_origins[1]: is there twice", "leave one of the two out"},

		{"too long a session", session("lifetime: 720h1m"), "c.yaml:7: session.lifetime: is 720h1m0s", "from 3m0s to 720h0m0s"},
		{"no idle time", session("idle: 0s"), "c.yaml:7: session.idle: is 0s", "more than 0"},
		{"a negative idle time", session("idle: -1s"), "c.yaml:7: session.idle: is -1s", "more than 0"},
		{"an idle time longer than the session", session("idle: 13h"), "c.yaml:7: session.idle: is 13h0m0s, longer than session.lifetime", "12h0m0s or less"},
		{"tokens that end too soon", plus("issued_tokens: {lifetime: 179s}"), "c.yaml:8: issued_tokens.lifetime: is 2m59s, and the help center takes a token for longer", "3m0s or more"},
		{"tokens that outlive the session", plus("issued_tokens: {lifetime: 13h}"), "c.yaml:8: issued_tokens.lifetime: is 13h0m0s, longer than session.lifetime", "12h0m0s or less"},
		{"too long a site name", plus("ui: {site_name: '" + strings.Repeat("가", 61) + "'}"), "c.yaml:8: ui.site_name: has 61 characters, of at most 60", "shorten it"},
		{"a site name of two lines", plus(`ui: {site_name: "a\nb"}`), "c.yaml:8: ui.site_name: has U+000A as character 2 of 3", "delete it"},
		{"another language", plus("ui: {default_language: fr}"), `c.yaml:8: ui.default_language: is "fr"`, "ko or en or ja or zh"},
		{"another log format", plus("log: {format: xml}"), `c.yaml:8: log.format: is "xml"`, "text or json"},
		{"another log level", plus("log: {level: INFO}"), `c.yaml:8: log.level: is "INFO"`, "debug or info or warn or error"},
	})
}

func TestSessionKeysFromAFile(t *testing.T) {
	short := base64.StdEncoding.EncodeToString(make([]byte, 32))
	zeros := base64.StdEncoding.EncodeToString(make([]byte, KeySize))
	urlSafe := strings.NewReplacer("+", "-", "/", "_").Replace(sessionKey(250))
	unpadded := strings.TrimRight(sessionKey(1), "=")
	for _, test := range []struct{ name, file, want string }{
		{"an empty file", "\n", "c.yaml:7: session.keys_file: names an empty file"},
		{"a short key", short, "keys: session.keys[0]: is 32 bytes, not 64"},
		{"a key of zeros", zeros, "keys: session.keys[0]: is one byte over and over"},
		{"a key in the URL's alphabet", urlSafe, "keys: session.keys[0]: is not standard Base64"},
		{"a key without padding", unpadded, "keys: session.keys[0]: is not standard Base64"},
		{"a key with bits behind the last", strings.Replace(sessionKey(1), "g==", "h==", 1), "keys: session.keys[0]: is not standard Base64"},
		{"a key broken in two", sessionKey(1)[:40] + "\r" + sessionKey(1)[40:], "keys: session.keys[0]: has U+000D as character 41 of 89"},
		{"a space before a key", sessionKey(1) + "\n " + sessionKey(2), "keys: session.keys[1]: has a space before or behind it"},
		{"an empty line", sessionKey(1) + "\n\n" + sessionKey(2) + "\n", "keys: session.keys[1]: is empty"},
		{"two newlines at the end", sessionKey(1) + "\n\n", "keys: session.keys[1]: is empty"},
		{"a key twice", sessionKey(1) + "\n" + sessionKey(2) + "\n" + sessionKey(1), "keys: session.keys[2]: is the same as session.keys[0]"},
		{"bytes that are no text", "\xff\xfe", "c.yaml:7: session.keys_file: names a file that is UTF-16, not UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(with("keys: ["+sessionKey(1)+"]", "keys_file: keys"), nil, map[string]string{"keys": test.file})
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}

func TestValidSettings(t *testing.T) {
	for name, yaml := range map[string]string{
		"http on localhost":             publicURL("http://localhost"),
		"http on 127.0.0.0/8":           publicURL("http://127.1.2.3:8080"),
		"http on ::1":                   publicURL("http://[::1]:8080"),
		"https anywhere":                publicURL("https://login.acme.com:8443"),
		"https with our own TLS":        plus("server: {public_url: 'https://localhost:8080', tls: {cert_file: c.pem, key_file: k.pem}}"),
		"two listeners on free ports":   plus("server: {listen: '127.0.0.1:0', admin_listen: '127.0.0.1:0'}"),
		"no admin listener":             plus("server: {admin_listen: ''}"),
		"two listeners on one port":     plus("server: {listen: '192.0.2.1:80', admin_listen: '127.0.0.1:80'}"),
		"a base URL on loopback":        with("domain: acme", "base_url: http://127.0.0.1:8090"),
		"a domain of 40":                with("acme", strings.Repeat("a", 40)),
		"a service of 50":               with("hangame", strings.Repeat("a", 47)+"_.-"),
		"our own as an extra origin":    helpCenter("extra_origins: ['http://localhost:8080', 'https://app.acme.com']"),
		"the longest of all times":      session("lifetime: 720h\n  idle: 720h") + "issued_tokens: {lifetime: 720h}\n",
		"the shortest of all times":     session("lifetime: 3m\n  idle: 1ns") + "issued_tokens: {lifetime: 3m}\n",
		"numbers for text":              with("[hangame]", "[7]") + "ui: {site_name: 1234}\n",
		"aliases":                       "ui: {site_name: &n hangame}\n" + with("[hangame]", "[*n]"),
		"a site name of 60":             plus("ui: {site_name: '" + strings.Repeat("가", 60) + "'}"),
		"an organization key in quotes": key(organizationKey),
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
		"OCSSO_LOG_LEVEL":           "loud",
		"OCSSO_SESSION_KEYS":        sessionKey(1) + ", " + sessionKey(2),
		"OCSSO_SESSION_LIFETIME":    "forever",
		"OCSSO_MEMBERS_FILE_PATH":   "",
		"OCSSO_SERVER_TLS_KEY_FILE": "key.pem",
	}
	want := `c.yaml:13: store: is there twice, first in line 12
c.yaml:3: server.adress: is unknown
c.yaml:6: help_center.services: is text, not a list
c.yaml:7: help_center.organization_key: is set beside help_center.organization_key_file
c.yaml:9: help_center.extra_origins[2]: is nothing, not one value
c.yaml:11: session.idle: is "3 hours"
$OCSSO_SESSION_LIFETIME: session.lifetime: is "forever"
$OCSSO_SESSION_KEYS: session.keys[1]: has a space before or behind it
c.yaml: server.tls.cert_file: is missing beside server.tls.key_file
c.yaml:5: help_center.domain: is "acme.oc.nhncloud.com", which is not 3 to 40 letters, digits and hyphens, the first a letter or digit
c.yaml:2: server.public_url: is http, and not on loopback: anyone on the way could read and change logins
$OCSSO_MEMBERS_FILE_PATH: members.file.path: is missing
$OCSSO_LOG_LEVEL: log.level: is "loud"`
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

func TestASecretAndItsFileInTheEnvironmentAreAProblem(t *testing.T) {
	env := map[string]string{"OCSSO_SESSION_KEYS": sessionKey(1), "OCSSO_SESSION_KEYS_FILE": "keys"}
	_, err := load(required, env, map[string]string{"keys": sessionKey(2)})
	if want := "$OCSSO_SESSION_KEYS: session.keys: is set beside session.keys_file"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
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
