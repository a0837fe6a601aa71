package config

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"ocsso/internal/yamlfile"

	"go.yaml.in/yaml/v3"
)

// secrets are a good value for every secret setting, with the settings that choose its section.
var secrets = []struct{ path, good, sections string }{
	{"help_center.organization_key", organizationKey, ""},
	{"session.keys", sessionKey(1), ""},
	{"login.oidc.client_secret", "GOCSPX-1a2b3c4d", "login: {with: oidc, oidc: {issuer: 'https://acme.com', client_id: help}}\n"},
	{"store.redis.password", "correct horse 배터리", "store: {kind: redis}\n"},
	{"members.sql.dsn", "host=db user=help password='p w' dbname=members", "members: {kind: sql, sql: {query: SELECT 1}}\n"},
	{"links_api.keys", keyHash("a"), ""},
}

// fromSource loads YAML with a secret from one source.
func fromSource(t *testing.T, source, path, text, sections string) error {
	t.Helper()
	var settings map[string]any
	if err := yaml.Unmarshal([]byte(required+sections), &settings); err != nil {
		t.Fatal(err)
	}
	section := settings
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		if section[name] == nil {
			section[name] = map[string]any{}
		}
		section = section[name].(map[string]any)
	}
	last := names[len(names)-1]
	delete(section, last)
	var env, files map[string]string
	switch source {
	case "YAML":
		section[last] = text
		if strings.HasSuffix(path, "keys") {
			section[last] = []string{text}
		}
	case "environment":
		env = map[string]string{"OCSSO_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_")): text}
	case "file":
		section[last+"_file"] = "the file"
		files = map[string]string{"the file": text}
	}
	data, err := yaml.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	_, err = load(string(data), env, files)
	return err
}

func TestDamageFromCopyingIsNamedInEverySecretOfEverySource(t *testing.T) {
	damages := []struct {
		name   string
		damage func(string) string
		want   string
	}{
		{"straight quotes", func(s string) string { return `"` + s + `"` }, "has quotes around it"},
		{"typographic quotes", func(s string) string { return "“" + s + "”" }, "has quotes around it"},
		{"a variable", func(s string) string { return "KEY=" + s }, "begins with a name"},
		{"an exported variable", func(s string) string { return "export KEY=" + s }, "begins with a name"},
		{"a no-break space behind", func(s string) string { return s + "\u00a0" }, "has U+00A0 as character"},
		{"a zero-width space within", func(s string) string { return s[:3] + "\u200b" + s[3:] }, "has U+200B as character 4 of"},
		{"a byte order mark", func(s string) string { return "\ufeff" + s }, "has U+FEFF as character 1 of"},
		{"a tab behind", func(s string) string { return s + "\t" }, "has U+0009 as character"},
		{"a space before", func(s string) string { return " " + s }, "has a space before or behind it"},
		{"full-width letters", func(s string) string { return "ａｂ" + s[2:] }, "has a full-width character, U+FF41"},
	}
	for _, secret := range secrets {
		for _, source := range []string{"YAML", "environment", "file"} {
			if secret.path == "links_api.keys" && source == "file" {
				continue // hashes are no secrets, and have no file
			}
			if err := fromSource(t, source, secret.path, secret.good, secret.sections); err != nil {
				t.Errorf("%s from %s: got %v, want no problem", secret.path, source, err)
			}
			for _, test := range damages {
				name := fmt.Sprintf("%s from %s with %s", secret.path, source, test.name)
				text := test.damage(secret.good)
				err := fromSource(t, source, secret.path, text, secret.sections)
				var problems yamlfile.Problems
				if !errors.As(err, &problems) || len(problems) != 1 || !strings.HasPrefix(problems[0].Path, secret.path) ||
					!strings.HasPrefix(problems[0].Text, test.want) || problems[0].Hint == "" {
					t.Errorf("%s: got %v, want one problem, that %s %q, with a hint", name, err, secret.path, test.want)
					continue
				}
				if strings.Contains(problems[0].String()+problems[0].Hint, secret.good[3:]) {
					t.Errorf("%s: %q shows the secret", name, problems[0])
				}
			}
		}
	}
}

func TestASecretsFileInAnotherEncodingSaysHowToSaveIt(t *testing.T) {
	asUTF16 := "\xff\xfe"
	for _, unit := range utf16.Encode([]rune(organizationKey + "\r\n")) {
		asUTF16 += string(binary.LittleEndian.AppendUint16(nil, unit))
	}
	for _, test := range []struct{ name, content, want, hint string }{
		{"Windows line breaks", organizationKey + "\r\n", "", ""},
		{"a byte order mark", "\ufeff" + organizationKey + "\r\n", "the file: help_center.organization_key: has U+FEFF as character 1 of 17", "without a byte order mark"},
		{"UTF-16 of PowerShell", asUTF16, "c.yaml:3: help_center.organization_key_file: names a file that is UTF-16, not UTF-8", "save it as UTF-8"},
		{"cp949", "\xb1\xe6" + organizationKey, "c.yaml:3: help_center.organization_key_file: names a file that is not UTF-8", "cp949"},
		{"a comment above it", "# our key\n" + organizationKey, "the file: help_center.organization_key: has U+000A as character 10 of 26", ""},
	} {
		err := fromSource(t, "file", "help_center.organization_key", test.content, "")
		var problems yamlfile.Problems
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: got %v, want no problem", test.name, err)
			}
			continue
		}
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].String() != test.want || !strings.Contains(problems[0].Hint, test.hint) {
			t.Errorf("%s: got %v with the hints of %+v, want %s and %q", test.name, err, problems, test.want, test.hint)
		}
	}
}

func TestDamageFromCopyingIsNamedInOtherSettings(t *testing.T) {
	testOneProblem(t, []oneProblem{
		{"a domain in typographic quotes", with("acme", "“acme”"), "c.yaml:3: help_center.domain: has quotes around it", "quotes"},
		{"a service with a zero-width space", with("hangame", "han\u200bgame"), "c.yaml:4: help_center.services[0]: has U+200B as character 4 of 8", "delete it"},
		{"a public URL with a no-break space", publicURL("https://login.acme.com\u00a0"), "c.yaml:8: server.public_url: has U+00A0 as character 23 of 23", "delete it"},
		{"a path with an escape", plus(`members: {file: {path: "C:\temp\members.yaml"}}`), "c.yaml:8: has a backslash in double quotes that begins no escape", "single quotes"},
		{"a path with a tab", plus(`members: {file: {path: "C:\temp"}}`), "c.yaml:8: members.file.path: has U+0009 as character 3 of 6", "single quotes"},
		{"a query with a no-break space", plus("members: {kind: sql, sql: {dsn: /a.db, query: \"SELECT\u00a01\"}}"), "c.yaml:8: members.sql.query: has U+00A0 as character 7 of 8", "delete it"},
		{"a full-width colon", with("domain: acme", "domain：acme"), "c.yaml:3: has U+FF1A as character 9 of 13", "ASCII"},
	})
	if _, err := load(plus("ui: {site_name: '가족 👨\u200d👩\u200d👧 ❤\ufe0f'}"), nil, nil); err != nil {
		t.Errorf("an emoji of several characters in the site's name: got %v, want no problem", err)
	}
}
