package signing

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

func fromHex(key string) string {
	decoded, err := hex.DecodeString(strings.TrimSpace(key))
	if err != nil {
		return key
	}
	return string(decoded)
}

var spacedKeys = []named{
	{"", strings.TrimSpace}, {"", add("", "\n")}, {"", add("", "\r\n")}, {"", add("", " ")}, {"", add(" ", "")}, {"", add("", "\t")},
	{"", add(" ", " ")}, {"", add("", "\r")}, {"", add("\n", "")}, {"", add("\t", "")}, {"", add("", "\n\n")}, {"", add("", `\n`)},
	{"", add("", "\x00")}, {"", add("", "\u00a0")}, {"", add("", "\u3000")},
	{"", func(s string) string { return strings.Join(strings.Fields(s), "") }},
}

// decodedKey decodes the text of a key. It returns the key itself if that is not possible.
func decodedKey(decode func(string) ([]byte, error)) func(string) string {
	return func(key string) string {
		decoded, err := decode(strings.TrimSpace(key))
		if err != nil {
			return key
		}
		return string(decoded)
	}
}

var keyFromBase64 = []named{
	{"", decodedKey(base64.StdEncoding.DecodeString)}, {"without =", decodedKey(base64.RawStdEncoding.DecodeString)},
	{"URL-safe", decodedKey(base64.URLEncoding.DecodeString)}, {"URL-safe, without =", decodedKey(base64.RawURLEncoding.DecodeString)},
}

var keyForms = []named{
	{"Base64", func(key string) string { return base64.StdEncoding.EncodeToString([]byte(key)) }},
	{"hex", func(key string) string { return hex.EncodeToString([]byte(key)) }},
	{"SHA-256 in hex", func(key string) string {
		sum := sha256.Sum256([]byte(key))
		return hex.EncodeToString(sum[:])
	}},
	{"SHA-256", func(key string) string {
		sum := sha256.Sum256([]byte(key))
		return string(sum[:])
	}},
	{"MD5 in hex", func(key string) string {
		sum := md5.Sum([]byte(key))
		return hex.EncodeToString(sum[:])
	}},
	{"MD5", func(key string) string {
		sum := md5.Sum([]byte(key))
		return string(sum[:])
	}},
	{"SHA-1 in hex", func(key string) string {
		sum := sha1.Sum([]byte(key))
		return hex.EncodeToString(sum[:])
	}},
	{"first 16", firstBytes(16)}, {"first 24", firstBytes(24)}, {"first 32", firstBytes(32)}, {"first 31", firstBytes(31)},
	{"without its last", func(key string) string { return key[:max(0, len(key)-1)] }},
	{"without its first", func(key string) string { return key[min(1, len(key)):] }},
	{"as a UUID", func(key string) string {
		if len(key) != 32 {
			return key
		}
		return key[:8] + "-" + key[8:12] + "-" + key[12:16] + "-" + key[16:20] + "-" + key[20:]
	}},
	{"without -", func(key string) string { return strings.ReplaceAll(key, "-", "") }},
	{"percent-encoded", url.QueryEscape}, {"twice", func(key string) string { return key + key }},
	{"UTF-16LE", utf16Bytes("", 0, 8)}, {"UTF-16BE", utf16Bytes("", 8, 0)},
	{"percent-decoded", unescapedPath}, {"as a form's value", unescapedQuery}, {"HTML escapes", escapings[0].apply},
	{"hex, then Base64", func(key string) string { return base64.StdEncoding.EncodeToString([]byte(fromHex(key))) }},
	{"without what follows a #", func(key string) string {
		before, _, _ := strings.Cut(key, "#")
		return before
	}},
	{"without what follows a $", func(key string) string {
		before, _, _ := strings.Cut(key, "$")
		return before
	}},
}

func firstBytes(n int) func(string) string {
	return func(key string) string { return key[:min(n, len(key))] }
}

// placeholders are what a program has for a key that it did not get. The key's own line in a
// settings file is one too.
var placeholders = func() (all []named) {
	for _, text := range []string{
		"", "undefined", "null", "None", "nil", "NULL", "false", "key", "apiKey", "apikey", "api_key", "API_KEY", "secret", "SECRET", "oc.apikey",
		"${oc.apikey}", "organization_key", "organizationKey", "ORGANIZATION_KEY", "OC_APIKEY", "OC_API_KEY", "[object Object]",
		"your-key", "YOUR_KEY", "your_api_key", "changeme", "test", "7cf2828608274a49a3f06152b2188927",
	} {
		all = append(all, named{`"` + text + `"`, func(string) string { return text }})
	}
	for _, name := range []string{"oc.apikey=", "apikey=", "key=", "OC_APIKEY=", "API_KEY=", "ORGANIZATION_KEY="} {
		all = append(all, named{name + "...", add(name, "")})
	}
	return all
}()

// otherKeys are the candidates that the caller named, each also with a line end.
func otherKeys(c Case) (all []named) {
	for _, other := range c.OtherKeys {
		all = append(all, named{other.Name, func(string) string { return string(other.Key) }})
	}
	return all
}
