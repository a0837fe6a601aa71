// Package token makes the signed token that tells the help center who a member is (CONTRACT 3).
//
// It owns the fields, their limits, the signed message and the signature. It does not know how a
// token reaches the help center; package helpcenter does.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"ocsso/internal/secret"
)

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

// Sign returns the token of c: the HMAC-SHA256 of its message, in standard Base64. key is the
// organization key, whose bytes sign as they are: not trimmed, not decoded. Sign checks no field;
// see CheckField.
func Sign(key secret.Text, c Claims) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(c.Message()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Blank reports whether s is blank for the vendor's StringUtils.isBlank: empty, or only Java
// whitespace. Unlike for unicode.IsSpace, U+001C to U+001F are whitespace, and U+0085 and the
// no-break spaces are not.
func Blank(s string) bool {
	const javaWhitespace = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006" +
		"\u2008\u2009\u200a\u2028\u2029\u205f\u3000"
	return strings.Trim(s, javaWhitespace) == ""
}
