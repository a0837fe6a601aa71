package signing

import (
	"cmp"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"strings"
	"unicode/utf8"
)

// reading is what a token's text may stand for.
type reading struct {
	mac      []byte
	mistakes []Mistake // in the way it is written, in the order in which they were made
}

// unwraps undo what was done to a text of a token. Each returns "" or the same text where it does
// not apply.
var unwraps = []struct {
	cause  Cause
	detail string
	undo   func(string) string
}{
	{CausePlusLost, "", func(s string) string { return strings.ReplaceAll(strings.Trim(s, " "), " ", "+") }},
	{CauseEncoding, "spaces or line breaks", func(s string) string {
		return strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(strings.TrimSpace(s))
	}},
	{CauseEncoding, "quotes", unquote},
	{CauseEncoding, "percent-encoded", func(s string) string {
		text, err := url.PathUnescape(s)
		if err != nil {
			return ""
		}
		return text
	}},
	{CauseEncoding, "HTML escapes", html.UnescapeString},
	{CauseEncoding, "a name before it", func(s string) string {
		for _, name := range []string{"token=", "Bearer ", "Bearer+", "sha256=", "HmacSHA256=", "0x", "0X", "{SHA256}"} {
			if rest, ok := strings.CutPrefix(s, name); ok {
				return rest
			}
		}
		return ""
	}},
	{CauseEncoding, "an invisible character", withoutInvisible},
}

// decodings turn the text of a token into bytes.
var decodings = []struct {
	name   string // "" for the contract's
	decode func(string) ([]byte, error)
}{
	{"hex", hex.DecodeString},
	{"hex", func(s string) ([]byte, error) {
		return hex.DecodeString(strings.NewReplacer(":", "", "-", "").Replace(s))
	}},
	{"", base64.StdEncoding.Strict().DecodeString},
	{"Base64 without =", base64.RawStdEncoding.DecodeString},
	{"URL-safe Base64", base64.URLEncoding.DecodeString},
	{"URL-safe Base64 without =", base64.RawURLEncoding.DecodeString},
	{"Base32", base32.StdEncoding.DecodeString},
	{"Base32", func(s string) ([]byte, error) {
		return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(s, "=")))
	}},
}

// maxLayers is how many encodings may lie on top of each other in a token.
const maxLayers = 4

// readToken returns what the token may stand for, the reading with the fewest mistakes first. It
// returns nil if that can't be a signature.
func readToken(token string) []reading {
	var found []reading
	seenTexts, seenMACs := map[string]bool{token: true}, map[string]bool{}
	level := []partlyRead{{text: token}}
	for range maxLayers {
		var next []partlyRead
		for _, outer := range level {
			add := func(inner string, m Mistake) {
				if inner != "" && !seenTexts[inner] {
					seenTexts[inner] = true
					next = append(next, partlyRead{inner, append([]Mistake{m}, outer.mistakes...)})
				}
			}
			for _, d := range decodings {
				decoded, err := d.decode(outer.text)
				if err != nil || strings.ContainsAny(outer.text, "\r\n") {
					continue // Go's Base64 skips line breaks
				}
				mac, name := decoded, d.name
				if bytes := fromLatin1(string(decoded)); isHash(len(bytes)) && len(bytes) < len(decoded) {
					mac, name = []byte(bytes), "Base64 of the signature as UTF-8 text"
				}
				if isHash(len(mac)) && !seenMACs[string(mac)] {
					seenMACs[string(mac)] = true
					mistakes := outer.mistakes
					if name != "" {
						mistakes = append([]Mistake{{Cause: CauseEncoding, Detail: name}}, mistakes...)
					}
					found = append(found, reading{mac, merged(mistakes)})
				}
				if isText(decoded) {
					add(string(decoded), Mistake{Cause: CauseEncoding, Detail: cmp.Or(d.name, "Base64")})
				}
			}
			for _, u := range unwraps {
				add(u.undo(outer.text), Mistake{Cause: u.cause, Detail: u.detail, Fields: "token"})
			}
		}
		level = next
	}
	return found
}

// partlyRead is a token's text without some of its outer encodings.
type partlyRead struct {
	text     string
	mistakes []Mistake
}

// merged joins mistakes with the same cause into one, such as "hex, Base64".
func merged(mistakes []Mistake) (short []Mistake) {
	for _, m := range mistakes {
		n := len(short)
		if n == 0 || short[n-1].Cause != m.Cause {
			short = append(short, m)
			continue
		}
		short[n-1].Fields = cmp.Or(short[n-1].Fields, m.Fields)
		switch {
		case short[n-1].Detail == "":
			short[n-1].Detail = m.Detail
		case m.Detail != "":
			short[n-1].Detail += ", " + m.Detail
		}
	}
	return short
}

// isHash reports whether a hash function that is known here gives so many bytes.
func isHash(n int) bool {
	switch n {
	case 16, 20, 28, 32, 48, 64:
		return true
	}
	return false
}

// isText reports whether the bytes are printable ASCII.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 0
}

// fromLatin1 turns each character below U+0100 into one byte. It returns "" if there is another
// character.
func fromLatin1(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	var b strings.Builder
	for _, r := range s {
		if r > 0xFF {
			return ""
		}
		b.WriteByte(byte(r))
	}
	return b.String()
}

// damage says how the right token was damaged where its bytes can't be read back; "" if the token
// is not the right one.
func damage(key Key, message, token string) string {
	mac := hmacSHA256.with(string(key))([]byte(message))
	right, inHex := base64.StdEncoding.EncodeToString(mac), hex.EncodeToString(mac)
	var withoutZeros strings.Builder
	for _, b := range mac {
		fmt.Fprintf(&withoutZeros, "%x", b)
	}
	const enough = 12 // characters that do not fit by chance
	switch lower := strings.ToLower(token); {
	case len(token) < enough || token == right || token == strings.TrimSuffix(right, "="):
		return ""
	case lower == strings.ToLower(right):
		return "another letter case"
	case strings.HasPrefix(right, token), strings.HasPrefix(inHex, lower) && lower != inHex:
		return "cut at its end"
	case lower == withoutZeros.String() && lower != inHex:
		return "hex without zeros"
	case token == strings.NewReplacer("+", "", "/", "", "=", "").Replace(right) && token != strings.TrimSuffix(right, "="):
		return "without + and /"
	}
	return ""
}
