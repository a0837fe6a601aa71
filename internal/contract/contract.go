// Package contract is the help center's reading of the contract: fields and their limits, encodings, and
// how a token is verified and a wrong one explained (PROTOCOL sections 2 and 3).
//
// It shares no code with the server, not even the signer, so that one mistake can't be made on both sides
// and cancel out. The stand-in help center and the checker use it.
package contract

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// Validity is how far a handoff's time may be from the help center's clock.
const Validity = 3 * time.Minute

// FieldNames are the names on the wire, in the contract's order. Read-only.
var FieldNames = []string{
	"service", "usercode", "username", "email", "phone", "memberno", "returnUrl", "time", "token",
}

// Limits are the longest values by name, in UTF-16 code units. Read-only.
var Limits = map[string]int{
	"service": 50, "usercode": 50, "username": 50, "email": 100, "phone": 20, "memberno": 50,
}

// Length counts UTF-16 code units, as Java's String.length does.
func Length(s string) int { return len(utf16.Encode([]rune(s))) }

// EncodeURIComponent encodes as the JavaScript function of that name does.
func EncodeURIComponent(s string) string {
	like := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
	return like.Replace(url.QueryEscape(s))
}

// Blank is StringUtils.Blank: nothing in s but what Java's Character.isWhitespace accepts.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !isJavaWhitespace(r) })
}

func isJavaWhitespace(r rune) bool {
	switch r {
	case '\u00a0', '\u2007', '\u202f': // the no-break spaces
		return false
	}
	return '\t' <= r && r <= '\r' || '\u001c' <= r && r <= '\u001f' || unicode.In(r, unicode.Z)
}
