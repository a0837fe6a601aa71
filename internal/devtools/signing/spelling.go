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

// spellings undo one way to write a token. Where one does not apply, it returns "" or the same
// text.
var spellings = []change{
	{"hex", decodedBy(func(s string) ([]byte, error) {
		return hex.DecodeString(strings.NewReplacer(":", "", "-", "").Replace(s))
	})},
	{"Base64", decodedBy(base64.StdEncoding.Strict().DecodeString)},
	{"Base64 without =", decodedBy(base64.RawStdEncoding.DecodeString)},
	{"URL-safe Base64", decodedBy(base64.URLEncoding.DecodeString)},
	{"URL-safe Base64 without =", decodedBy(base64.RawURLEncoding.DecodeString)},
	{"Base32", decodedBy(base32.StdEncoding.DecodeString)},
	{"Base64 of the signature as UTF-8 text", decodedBy(func(s string) ([]byte, error) {
		text, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, err
		}
		return charmap.ISO8859_1.NewEncoder().Bytes(text)
	})},
	{"spaces or line breaks", func(s string) string {
		return strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(strings.TrimSpace(s))
	}},
	replaced(plusLost, " ", "+"),
	{"quotes", unquote}, {"percent-encoded", orSame(url.PathUnescape)}, {"HTML escapes", html.UnescapeString}, {"an invisible character", zeroWidth.Replace},
	{"a name before it", func(s string) string {
		for _, name := range []string{"token=", "Bearer ", "sha256=", "0x"} {
			s = strings.TrimPrefix(s, name)
		}
		return s
	}},
}

const plusLost = "token" // the detail of its own cause

func decodedBy(decode func(string) ([]byte, error)) func(string) string {
	return func(s string) string {
		decoded, err := decode(s)
		if err != nil || strings.ContainsAny(s, "\r\n") { // which Go's Base64 skips
			return ""
		}
		return string(decoded)
	}
}

// readToken returns the signature for which the token stands, and the mistakes in the way it is
// written; "" if it can't be a signature.
func readToken(token string) (signature string, found []Mistake) {
	const maxLayers = 4 // of spellings on top of each other
	for range maxLayers {
		i := slices.IndexFunc(spellings, func(s change) bool {
			signature = s.of(token)
			return signature != token && signature != "" && (isText(signature) || isHash(len(signature)))
		})
		if i < 0 {
			return "", nil
		}
		text, m := isText(signature), Mistake{Cause: causeEncoding, Detail: spellings[i].detail}
		if m.Detail == plusLost {
			m.Cause = causePlusLost
		}
		switch {
		case !text && m.Detail == "Base64": // which is how to write a signature
		case len(found) > 0 && found[0].Cause == m.Cause: // such as "hex, Base64"
			found[0].Detail = m.Detail + ", " + found[0].Detail
		default:
			found = slices.Insert(found, 0, m)
		}
		if !text {
			return signature, found
		}
		token = signature
	}
	return "", nil
}

// isHash reports whether a hash function that is known here gives so many bytes.
func isHash(n int) bool { return slices.Contains([]int{16, 20, 32, 48, 64}, n) }

// isText reports whether a text is printable ASCII, perhaps in several lines. No signature is.
func isText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' || r < ' ' && r != '\r' && r != '\n' })
}

// damage says how the right token was damaged where its bytes can't be read back. lost is true when
// the signature itself is lost, so that it can't be compared.
func damage(right, token string) (detail string, lost bool) {
	const enough = 12 // characters that do not fit by chance
	mac, _ := base64.StdEncoding.DecodeString(right)
	lower, hexed, withoutZeros := strings.ToLower(token), inHex(string(mac)), ""
	for _, b := range mac {
		withoutZeros += fmt.Sprintf("%x", b)
	}
	switch read, _ := base64.StdEncoding.DecodeString(token); {
	case strings.Count(string(read), "\ufffd") > 2 || strings.Count(token, "\ufffd") > 2:
		return "the bytes were read as text, such as by new String(bytes): EF BF BD", string(read) != decoded(utf.UTF8, string(mac))
	case len(token) < enough || token == right || token == strings.TrimSuffix(right, "=") || lower == hexed:
		return "", false
	case lower == strings.ToLower(right):
		return "another letter case", false
	case strings.HasPrefix(right, token), strings.HasPrefix(hexed, lower):
		return "cut at its end", false
	case lower == withoutZeros:
		return "hex without zeros", false
	case token == strings.NewReplacer("+", "", "/", "", "=", "").Replace(right):
		return "without + and /", false
	}
	return "", false
}
