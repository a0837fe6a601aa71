package config

import (
	"errors"
	"strings"
	"testing"

	"ocsso/internal/yamlfile"
)

// written is the required YAML as people write it, a line for each setting, for mistakes in it.
const written = `server:
  listen: 127.0.0.1:8080
  public_url: https://login.acme.com
  drain: 5s
help_center:
  environment: real
  domain: acme
  services: [hangame, shop]
  organization_key: ` + organizationKey + `
session:
  lifetime: 12h
  keys:
    - A KEY
login:
  limits:
    per_member: 10/1m
members:
  sql:
    max_open: 10
`

// mistake is written with old replaced.
func mistake(old, changed string) string {
	if !strings.Contains(written, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(strings.Replace(written, old, changed, 1), "A KEY", sessionKey(1), 1)
}

// asUTF16 is text as Windows' "Unicode" has it.
func asUTF16(text string) string {
	var utf16 strings.Builder
	utf16.WriteString("\xff\xfe")
	for _, r := range text {
		utf16.WriteString(string(byte(r)) + "\x00")
	}
	return utf16.String()
}

// TestRealisticMistakes has what people write and paste into a configuration. Each mistake is one
// problem, which names the line and the setting, with a hint that leads out.
func TestRealisticMistakes(t *testing.T) {
	for _, test := range []struct{ name, yaml, want, hint string }{
		// The file; package yamlfile tests its syntax
		{"UTF-16", asUTF16(mistake("real", "alpha")), "c.yaml:1: is not UTF-8", "UTF-16"},
		{"two documents", mistake("session:", "---\nsession:"), "c.yaml:10: has more than one document", "remove the line with ---"},
		{"a quote that stays open", mistake("domain: acme", `domain: "acme`), "c.yaml:", "quote"},
		{"an alias by accident", mistake(organizationKey, "*"+organizationKey), "c.yaml: uses an alias", "in quotes"},
		{"an environment file", "OCSSO_LOG_LEVEL=debug", "c.yaml:1: is no section", "name: value"},

		// Names
		{"a section's misspelt name", mistake("server:", "sever:"), "c.yaml:1: sever: ", "did you mean server?"},
		{"a plural section", mistake("login:", "logins:"), "c.yaml:14: logins: ", "did you mean login?"},
		{"a section with a hyphen", mistake("help_center:", "help-center:"), "c.yaml:5: help-center: ", "did you mean help_center?"},
		{"a section in camel case", mistake("help_center:", "helpCenter:"), "c.yaml:5: helpCenter: ", "did you mean help_center?"},
		{"a setting's misspelt name", mistake("domain:", "domian:"), "c.yaml:7: help_center.domian: ", "did you mean help_center.domain?"},
		{"British spelling", mistake("organization_key:", "organisation_key:"), "c.yaml:9: help_center.organisation_key: ", "did you mean help_center.organization_key?"},
		{"a setting in camel case", mistake("public_url:", "publicUrl:"), "c.yaml:3: server.publicUrl: ", "did you mean server.public_url?"},
		{"a setting in upper case", mistake("listen:", "LISTEN:"), "c.yaml:2: server.LISTEN: ", "did you mean server.listen?"},
		{"a singular setting", mistake("services:", "service:"), "c.yaml:8: help_center.service: ", "did you mean help_center.services?"},
		{"another section's setting", mistake("drain: 5s", "default_language: ko"), "c.yaml:4: server.default_language: ", "did you mean ui.default_language?"},
		{"a setting at the top", mistake("session:", "listen: x\nsession:"), "c.yaml:10: listen: ", "did you mean server.listen?"},
		{"a setting like none", mistake("drain: 5s", "colour: red"), "c.yaml:4: server.colour: ", "listen, admin_listen, public_url"},
		{"a section like none", mistake("session:", "wxyz:\nsession:"), "c.yaml:10: wxyz: ", "server, help_center"},
		{"a setting twice", mistake("domain: acme", "domain: acme\n  domain: acme"), "c.yaml:8: help_center.domain: is there twice", "leave one"},
		{"a section twice", mistake("session:", "server: {}\nsession:"), "c.yaml:10: server: is there twice", "leave one"},
		{"a setting of a setting", mistake("domain: acme", "domain: {name: acme}"), "c.yaml:7: help_center.domain: is not one value", "one value"},
		{"too deep a section", mistake("  limits:\n    per_member: 10/1m", "  password: {limits: {}}"), "c.yaml:15: login.password: ", ""},

		// Types
		{"text for a list", mistake("[hangame, shop]", "hangame"), "c.yaml:8: help_center.services: is not a plain list", "[first, second]"},
		{"text with commas for a list", mistake("[hangame, shop]", "hangame, shop"), "c.yaml:8: help_center.services: is not a plain list", "[first, second]"},
		{"a section for a list", mistake("[hangame, shop]", "{hangame: shop}"), "c.yaml:8: help_center.services: is not a plain list", "[first, second]"},
		{"a key for a list of keys", mistake("keys:\n    - A KEY", "keys: A KEY"), "c.yaml:12: session.keys: is not a plain list", "[first, second]"},
		{"a list for text", mistake("domain: acme", "domain: [acme]"), "c.yaml:7: help_center.domain: is not one value", "one value"},
		{"a list in a list", mistake("[hangame, shop]", "[[hangame, shop]]"), "c.yaml:8: help_center.services: is not a plain list", "[first, second]"},
		{"nothing in a list", mistake("[hangame, shop]", "[hangame, ~]"), "c.yaml:8: help_center.services: is not a plain list", "[first, second]"},
		{"text for a section", mistake("server:\n", "server: localhost\nlog:\n"), "c.yaml:1: server: is no section", "name: value"},
		{"a list for a section", mistake("  limits:\n    per_member", "  limits:\n    - per_member"), "c.yaml:16: login.limits: is no section", "name: value"},
		{"a duration without its unit", mistake("5s", "5"), `c.yaml:4: server.drain: is "5"`, "30s, 5m or 12h"},
		{"a duration in words", mistake("12h", "12 hours"), `c.yaml:11: session.lifetime: is "12 hours"`, "30s, 5m or 12h"},
		{"a duration in days", mistake("12h", "1d"), `c.yaml:11: session.lifetime: is "1d"`, "30s, 5m or 12h"},
		{"an ISO duration", mistake("12h", "PT12H"), `c.yaml:11: session.lifetime: is "PT12H"`, "30s, 5m or 12h"},
		{"a duration in a list", mistake("12h", "[12h]"), "c.yaml:11: session.lifetime: is not one value", "one value"},
		{"a number in words", mistake("max_open: 10", "max_open: ten"), `c.yaml:19: members.sql.max_open: is "ten"`, "digits"},
		{"half a connection", mistake("max_open: 10", "max_open: 1.5"), `c.yaml:19: members.sql.max_open: is "1.5"`, "digits"},
		{"a rate without its time", mistake("10/1m", "10"), `c.yaml:16: login.limits.per_member: is "10"`, "30/1m"},
		{"a rate in words", mistake("10/1m", "10 per minute"), `c.yaml:16: login.limits.per_member: is "10 per minute"`, "30/1m"},
		{"a rate without its number", mistake("10/1m", "10/m"), `c.yaml:16: login.limits.per_member: is "10/m"`, "30/1m"},

		// The value of another setting
		{"the host for the domain", mistake("acme\n", "acme.oc.nhncloud.com\n"), "c.yaml:7: help_center.domain: ", "only the label"},
		{"the help center's URL for the domain", mistake("acme\n", "https://acme.oc.nhncloud.com/hangame/hc/\n"), "c.yaml:7: help_center.domain: ", "only the label"},
		{"the domain for the base URL", mistake("domain: acme", "base_url: acme"), "c.yaml:7: help_center.base_url: ", "https://"},
		{"a path for the service", mistake("hangame,", "/hangame/hc/,"), "c.yaml:8: help_center.services[0]: ", "service id"},
		{"the service for the handoff", mistake("environment: real", "handoff: hangame"), "c.yaml:6: help_center.handoff: ", "form or api or link"},
		{"the environment's name", mistake("environment: real", "environment: production"), "c.yaml:6: help_center.environment: ", "real or beta or alpha"},
		{"the organization key for a session key", mistake("A KEY", organizationKey), "c.yaml:13: session.keys[0]: ", "ocsso new-key"},
		{"half a session key", mistake("A KEY", "YWJjZGVmZ2hpamtsbW5vcA=="), "c.yaml:13: session.keys[0]: ", "ocsso new-key"},
		{"a session key in hex", mistake("A KEY", strings.Repeat("0f1e", 32)), "c.yaml:13: session.keys[0]: ", "ocsso new-key"},
		{"a port to listen at", mistake("127.0.0.1:8080", ":http"), "c.yaml:2: server.listen: ", "127.0.0.1:8080"},
		{"a port alone", mistake("127.0.0.1:8080", "8080"), "c.yaml:2: server.listen: ", "127.0.0.1:8080"},
		{"the public URL to listen at", mistake("127.0.0.1:8080", "https://login.acme.com"), "c.yaml:2: server.listen: ", "127.0.0.1:8080"},
		{"the address as public URL", mistake("https://login.acme.com", "127.0.0.1:8080"), "c.yaml:3: server.public_url: ", "https://"},
		{"the login page as public URL", mistake("acme.com", "acme.com/login"), "c.yaml:3: server.public_url: ", "https://login.acme.com"},
		{"the help center as public URL", mistake("https://login.acme.com", "https://acme.oc.nhncloud.com"), "c.yaml:3: server.public_url: ", "this server's own"},
		{"a variable for the key", mistake(organizationKey, "${ORGANIZATION_KEY}"), "c.yaml:9: help_center.organization_key: ", ""},
		{"a placeholder for the key", mistake(organizationKey, "your-organization-key-here"), "c.yaml:9: help_center.organization_key: ", "조직 Key"},
		{"a key with its name", mistake(organizationKey, "ORGANIZATION_KEY="+organizationKey), "c.yaml:9: help_center.organization_key: ", "the value alone"},
		{"a key in quotes in quotes", mistake(organizationKey, `'"`+organizationKey+`"'`), "c.yaml:9: help_center.organization_key: ", "quotes"},
		{"a key in typographic quotes", mistake(organizationKey, "“"+organizationKey+"”"), "c.yaml:9: help_center.organization_key: ", "quotes"},
		{"a key with a space behind", mistake(organizationKey, `"`+organizationKey+` "`), "c.yaml:9: help_center.organization_key: ", ""},
		{"a key with a zero-width space", mistake(organizationKey, organizationKey+"\u200b"), "c.yaml:9: help_center.organization_key: ", "copied"},
		{"a key with a Cyrillic letter", mistake(organizationKey, "а"+organizationKey), "c.yaml:9: help_center.organization_key: ", "again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(test.yaml, nil, nil)
			var problems yamlfile.Problems
			if !errors.As(err, &problems) || !strings.HasPrefix(problems[0].String(), test.want) {
				t.Fatalf("got error %v, want %s...", err, test.want)
			}
			if hint := problems[0].Hint; hint == "" || !strings.Contains(hint, test.hint) {
				t.Errorf("%v: got the hint %q, want %q in it", err, hint, test.hint)
			}
			if strings.Contains(err.Error()+problems[0].Hint, organizationKey) {
				t.Errorf("%v with the hint %q shows the key", err, problems[0].Hint)
			}
		})
	}
}
