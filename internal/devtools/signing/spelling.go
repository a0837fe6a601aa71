package signing

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"
	utf "golang.org/x/text/encoding/unicode"
)

// spelled is a token's text, or the signature in it, with the mistakes in the way it is written.
type spelled struct {
	text     string
	mistakes []Mistake
}

// spellings undo one way to write a token. Where one does not apply, it returns "" or the same
// text.
var spellings = []struct {
	cause  Cause
	detail string
	undo   func(string) string
}{
	{causeEncoding, "hex", decodedBy(func(s string) ([]byte, error) {
		return hex.DecodeString(strings.NewReplacer(":", "", "-", "").Replace(s))
	})},
	{causeEncoding, "Base64", decodedBy(base64.StdEncoding.Strict().DecodeString)},
	{causeEncoding, "Base64 without =", decodedBy(base64.RawStdEncoding.DecodeString)},
	{causeEncoding, "URL-safe Base64", decodedBy(base64.URLEncoding.DecodeString)},
	{causeEncoding, "URL-safe Base64 without =", decodedBy(base64.RawURLEncoding.DecodeString)},
	{causeEncoding, "Base32", decodedBy(base32.StdEncoding.DecodeString)},
	{causeEncoding, "Base64 of the signature as UTF-8 text", func(s string) string {
		bytes, err := charmap.ISO8859_1.NewEncoder().String(decodedBy(base64.StdEncoding.DecodeString)(s))
		if err != nil {
			return ""
		}
		return bytes
	}},
	{causeEncoding, "spaces or line breaks", func(s string) string {
		return strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(strings.TrimSpace(s))
	}},
	{causePlusLost, "token", func(s string) string { return strings.ReplaceAll(s, " ", "+") }},
	{causeEncoding, "quotes", unquote},
	{causeEncoding, "percent-encoded", orSame(url.PathUnescape)},
	{causeEncoding, "HTML escapes", html.UnescapeString},
	{causeEncoding, "an invisible character", zeroWidth.Replace},
	{causeEncoding, "a name before it", func(s string) string {
		for _, name := range []string{"token=", "Bearer ", "sha256=", "0x"} {
			s = strings.TrimPrefix(s, name)
		}
		return s
	}},
}

func decodedBy(decode func(string) ([]byte, error)) func(string) string {
	return func(s string) string {
		decoded, err := decode(s)
		if err != nil || strings.ContainsAny(s, "\r\n") { // which Go's Base64 skips
			return ""
		}
		return string(decoded)
	}
}

// maxLayers is how many spellings may lie on top of each other.
const maxLayers = 4

// readToken returns the signatures for which the token may stand, the one with the fewest mistakes
// first. It returns nil if it can't be a signature.
func readToken(token string) (found []spelled) {
	seen := map[string]bool{token: true}
	level := []spelled{{text: token}}
	for range maxLayers {
		var next []spelled
		for _, outer := range level {
			for _, s := range spellings {
				inner := spelled{s.undo(outer.text), outer.mistakes}
				if inner.text == "" || seen[inner.text] {
					continue
				}
				seen[inner.text] = true
				text, signature := isText(inner.text), isHash(len(inner.text))
				if text || s.detail != "Base64" { // which is how to write a signature
					inner.mistakes = merged(Mistake{Cause: s.cause, Detail: s.detail}, outer.mistakes)
				}
				if text {
					next = append(next, inner)
				} else if signature {
					found = append(found, inner)
				}
			}
		}
		level = next
	}
	return found
}

// merged puts a mistake before others, or joins it with the first one of the same cause, such as
// "hex, Base64".
func merged(m Mistake, others []Mistake) []Mistake {
	if len(others) > 0 && others[0].Cause == m.Cause {
		if others[0].Detail != "" {
			m.Detail += ", " + others[0].Detail
		}
		others = others[1:]
	}
	return append([]Mistake{m}, others...)
}

// isHash reports whether a hash function that is known here gives so many bytes.
func isHash(n int) bool {
	return slices.ContainsFunc(hashes, func(h hashFunction) bool { return h.new().Size() == n })
}

// isText reports whether a text is printable ASCII, perhaps in several lines. No signature is.
func isText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' || r < ' ' && r != '\r' && r != '\n' })
}

// damage says how the token of the right signature was damaged where its bytes can't be read back.
// lost is true when the signature itself is lost, so that it can't be compared.
func damage(mac, token string) (detail string, lost bool) {
	const enough = 12 // characters that do not fit by chance
	right, lower := inBase64(mac), strings.ToLower(token)
	var withoutZeros strings.Builder
	for i := range len(mac) {
		fmt.Fprintf(&withoutZeros, "%x", mac[i])
	}
	switch read, _ := base64.StdEncoding.DecodeString(token); {
	case strings.Count(string(read), "\ufffd") > 2 || strings.Count(token, "\ufffd") > 2:
		return "the bytes were read as text, such as by new String(bytes): EF BF BD", string(read) != decoded(utf.UTF8, mac)
	case len(token) < enough || token == right || token == strings.TrimSuffix(right, "="):
		return "", false
	case lower == strings.ToLower(right):
		return "another letter case", false
	case strings.HasPrefix(right, token), strings.HasPrefix(inHex(mac), lower) && lower != inHex(mac):
		return "cut at its end", false
	case lower == withoutZeros.String() && lower != inHex(mac):
		return "hex without zeros", false
	case token == strings.NewReplacer("+", "", "/", "", "=", "").Replace(right):
		return "without + and /", false
	}
	return "", false
}
