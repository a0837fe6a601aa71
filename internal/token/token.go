// Package token makes the signed token that tells the help center who a member is (CONTRACT 3).
//
// It owns the fields, their limits, the signed message and the signature. It does not know how a
// token reaches the help center; package helpcenter does.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// Key is the organization key. Whoever has it can be any member, so it prints as "[redacted]".
// Make one with NewKey; the zero Key can't sign.
type Key struct {
	// A pointer, because fmt prints unexported fields without calling their methods.
	text *string
}

const redacted = "[redacted]"

// NewKey returns the key whose UTF-8 bytes sign. The text is used as it is: not trimmed, not
// decoded.
func NewKey(text string) Key { return Key{&text} }

// Format hides the key from every fmt verb.
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue hides the key from slog.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// Claims are the values that a token vouches for, exactly as they are sent.
type Claims struct {
	Service string
	Member
	ReturnURL string // optional
	Time      int64  // milliseconds since the Unix epoch
}

// A Claim is one of the values.
type Claim struct {
	Name  Field
	Value string
}

// Signed lists what is signed and sent, in the contract's order. Blank optional fields are left out.
func (c Claims) Signed() []Claim {
	list := []Claim{{FieldService, c.Service}, {FieldUserCode, c.UserCode}}
	for _, optional := range append(c.Fields()[1:], MemberField{FieldReturnURL, &c.ReturnURL}) {
		if !Blank(*optional.Value) {
			list = append(list, Claim{optional.Name, *optional.Value})
		}
	}
	return append(list, Claim{FieldTime, strconv.FormatInt(c.Time, 10)})
}

// Message returns the text that is signed: the values, joined by "&". It holds personal data and is
// not for logs.
func (c Claims) Message() string {
	var values []string
	for _, claim := range c.Signed() {
		values = append(values, claim.Value)
	}
	return strings.Join(values, "&")
}

// Sign returns the token of c: the HMAC-SHA256 of its message under key, in standard Base64. It
// checks no field; see CheckField.
func Sign(key Key, c Claims) string {
	mac := hmac.New(sha256.New, []byte(*key.text))
	mac.Write([]byte(c.Message()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Blank reports whether s is blank for the vendor's StringUtils.isBlank: empty, or only Java
// whitespace. Unlike for unicode.IsSpace, U+001C to U+001F are whitespace, and U+0085 and the
// no-break spaces are not.
func Blank(s string) bool {
	for _, r := range s {
		if !javaWhitespace(r) {
			return false
		}
	}
	return true
}

// javaWhitespace is Java's Character.isWhitespace.
func javaWhitespace(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r >= 0x1C && r <= ' ':
		return true
	case r == 0x2007: // FIGURE SPACE is a no-break space
		return false
	case r >= 0x2000 && r <= 0x200A:
		return true
	}
	return r == 0x1680 || r == 0x2028 || r == 0x2029 || r == 0x205F || r == 0x3000
}
