package config

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ocsso/internal/secret"
	"ocsso/internal/yamlfile"
)

// publishedKey is the key of the vendor's published sample (CONTRACT section 3).
const publishedKey = "7cf2828608274a49a3f06152b2188927"

// placeholders occur in keys that were never filled in. They are in lower case without punctuation.
var placeholders = []string{
	"changeme", "replaceme", "insert", "example", "placeholder", "samplekey",
	"yourkey", "yourorg", "yoursecret", "organizationkey", "secretkey",
}

// checkOrganizationKey reports a key that can't be the real one, without showing it.
func checkOrganizationKey(key string, report reporter) {
	const path, hint = "help_center.organization_key", "copy the organization key (조직 Key) from the help center's console"
	const least = 16
	switch n := utf8.RuneCountInString(key); {
	case key == "":
		report(path, "is missing", hint+", into it or into a file that help_center.organization_key_file names")
	case key == publishedKey:
		report(path, "is the key of the vendor's published sample", hint)
	case n < least:
		report(path, fmt.Sprintf("has %d characters, of at least %d", n, least), hint)
	case isPlaceholder(key):
		report(path, "reads like a placeholder", hint)
	}
}

// isPlaceholder reports whether key contains a placeholder, or has too few different characters for
// a random key.
func isPlaceholder(key string) bool {
	distinct, letters := map[rune]bool{}, ""
	for _, r := range strings.ToLower(key) {
		distinct[r] = true
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters += string(r)
		}
	}
	return len(distinct) < 5 || slices.ContainsFunc(placeholders, func(word string) bool { return strings.Contains(letters, word) })
}

// checkSessionKeys reports keys that are not KeySize random bytes or are repeated, without showing
// them.
func checkSessionKeys(keys []secret.Text, report reporter) {
	const path, hint = "session.keys", "make a key with: ocsso new-key"
	if len(keys) == 0 {
		report(path, "is missing", hint)
	}
	first := map[string]int{}
	for i, text := range keys {
		key := text.Reveal()
		raw, err := base64.StdEncoding.Strict().DecodeString(key)
		earlier, again := first[key]
		switch {
		case key == "":
			report(itemPath(path, i), "is empty", "leave out empty lines and items")
		case err != nil:
			report(itemPath(path, i), "is not standard Base64", hint)
		case len(raw) != KeySize:
			report(itemPath(path, i), fmt.Sprintf("is %d bytes, not %d", len(raw), KeySize), hint)
		case strings.Count(string(raw), string(raw[:1])) == KeySize:
			report(itemPath(path, i), "is one byte over and over", hint)
		case again:
			report(itemPath(path, i), fmt.Sprintf("is the same as %s", itemPath(path, earlier)), "leave one of the two out")
		default:
			first[key] = i
		}
	}
}

// SecretFiles returns the files that hold the secrets of c, which Load has made of data. name is
// the YAML's, and is among them when a secret is set there.
func (c Config) SecretFiles(name string, data []byte) []string {
	var names []string
	l := loader{name: name, settings: settingsOf(&c), file: yamlfile.Parse(name, data, "")}
	inYAML, _ := l.readYAML()
	if slices.ContainsFunc(l.settings, func(s *setting) bool { return s.isSecret() && !inYAML[s.path].empty() }) {
		names = append(names, name)
	}
	for _, s := range l.settings {
		if s.isSecret() && s.twin.value.String() != "" {
			names = append(names, s.twin.value.String())
		}
	}
	for _, key := range []string{c.Server.TLS.KeyFile, c.Store.Redis.TLSKeyFile} {
		if key != "" {
			names = append(names, key)
		}
	}
	return names
}
