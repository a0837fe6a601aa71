// Package signing is the help center's reading of the contract (CONTRACT 2 and 3): the
// fields and their limits, the encodings, how a token is verified, and how a wrong token is
// explained.
//
// It shares no code with the server, not even the signer, so that the same mistake can't be made on
// both sides and go unnoticed. The stand-in help center and the checker use it.
package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// Validity is the largest allowed difference between a handoff's time and the help center's clock.
const Validity = 3 * time.Minute

// FieldNames are the names on the wire, in the contract's order. Read-only.
var FieldNames = []string{
	"service", "usercode", "username", "email", "phone", "memberno", "returnUrl", "time", "token",
}

// Limits maps a field's name to its greatest length in UTF-16 code units. A field that is not
// listed has no limit. Read-only.
var Limits = map[string]int{
	"service": 50, "usercode": 50, "username": 50, "email": 100, "phone": 20, "memberno": 50,
}

// Length counts UTF-16 code units, as Java's String.length does.
func Length(s string) int { return len(utf16.Encode([]rune(s))) }

// EncodeURIComponent encodes like the JavaScript function of the same name.
func EncodeURIComponent(s string) string { return likeJavaScript.Replace(url.QueryEscape(s)) }

var likeJavaScript = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")

// Blank reports whether s is empty or has only characters that Java's Character.isWhitespace
// accepts.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		if strings.ContainsRune("\u00a0\u2007\u202f", r) { // the no-break spaces
			return true
		}
		return !('\t' <= r && r <= '\r' || '\u001c' <= r && r <= '\u001f' || unicode.In(r, unicode.Z))
	})
}

// Call is the way in which a handoff's fields arrive. It decides which are signed (CONTRACT 2).
type Call string

// The three kinds of handoff.
const (
	CallForm Call = "form" // CONTRACT 4
	CallAPI  Call = "api"  // CONTRACT 5
	CallLink Call = "link" // CONTRACT 8
)

// Required returns the names of the fields that a call must have (CONTRACT 2).
func Required(call Call) []string {
	names := []string{"service", "usercode", "time", "token"}
	if call == CallLink {
		names = append(names, "email")
	}
	return names
}

// Fields are the fields of a handoff as received: decoded once, not trimmed, not converted. An
// absent field is "". Time stays text, because the text is what is signed.
type Fields struct {
	Service, UserCode, UserName, Email, Phone, MemberNo, ReturnURL, Time, Token string
}

// ReadFields takes the fields of a handoff from decoded values. Where a name is repeated it takes
// the first value.
func ReadFields(values url.Values) (f Fields) {
	for i, field := range f.inOrder() {
		*field = values.Get(FieldNames[i])
	}
	return f
}

// Named returns the field with this name on the wire, or "" for an unknown name.
func (f Fields) Named(name string) string {
	if i := slices.Index(FieldNames, name); i >= 0 {
		return *f.inOrder()[i]
	}
	return ""
}

// inOrder returns the fields in the order of FieldNames.
func (f *Fields) inOrder() []*string {
	return []*string{&f.Service, &f.UserCode, &f.UserName, &f.Email, &f.Phone, &f.MemberNo, &f.ReturnURL, &f.Time, &f.Token}
}

// Key is the organization key. Printing and slog show a mask; JSON and string(key) show the key
// itself.
type Key string

// Mask stands for a key or a token that is not shown.
const Mask = "••••••••"

// String masks the key.
func (Key) String() string { return Mask }

// GoString masks the key for %#v.
func (Key) GoString() string { return Mask }

// LogValue masks the key for slog.
func (Key) LogValue() slog.Value { return slog.StringValue(Mask) }

// Verify reports whether the token in f is the expected one (CONTRACT 3). It checks the signature
// only, not limits, required fields or the time. Explain says why a token is wrong.
func Verify(call Call, key Key, f Fields) bool {
	return hmac.Equal([]byte(Sign(key, Message(call, f))), []byte(f.Token))
}

// Message is the string to sign (CONTRACT 3): the signed fields of the call in the contract's
// order, joined by "&", without blank optional fields.
func Message(call Call, f Fields) string {
	parts := partsOf(call, f)
	return string(joined("&")(nil, parts[:]))
}

// Sign makes the token of a message: its HMAC-SHA256 under the organization key, in standard
// Base64. It is a credential.
func Sign(key Key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// part is one field of the message.
type part struct {
	value    string
	field    uint8 // its place in FieldNames
	optional bool
	signed   bool // part of the message
}

func (p part) name() string { return FieldNames[p.field] }

// partsOf has every field but the token, in the contract's order.
func partsOf(call Call, f Fields) (parts [8]part) {
	for i, field := range f.inOrder()[:8] {
		p := part{value: *field, field: uint8(i), optional: atUserName <= i && i <= atMemberNo || i == atReturnURL && call == CallForm}
		p.signed = p.optional && !Blank(p.value) || i <= atUserCode || i == atTime
		parts[i] = p
	}
	return parts
}

// The places of the fields in FieldNames.
const (
	atService = iota
	atUserCode
	atUserName
	atEmail
	atPhone
	atMemberNo
	atReturnURL
	atTime
)

// writer appends a part of the message.
type writer func(to []byte, p part) []byte

func value(to []byte, p part) []byte { return append(to, p.value...) }

// joiner appends the message that the parts make.
type joiner func(to []byte, parts []part) []byte

// list writes the signed parts between two texts.
func list(open, separator, end string, write writer) joiner {
	return func(to []byte, parts []part) []byte {
		before := open
		for _, p := range parts {
			if p.signed {
				to = write(append(to, before...), p)
				before = separator
			}
		}
		return append(to, end...)
	}
}

// joined writes the signed parts one after another.
func joined(separator string) joiner { return list("", separator, "", value) }
