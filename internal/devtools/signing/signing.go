// Package signing is the help center's reading of the contract (CONTRACT 2 and 3): the
// fields and their limits, the encodings, how a token is verified, and how a wrong token is
// explained.
//
// It shares no code with the server, not even the signer, so that the same mistake can't be made on
// both sides and go unnoticed. The stand-in help center and the checker use it.
package signing

import (
	"net/url"
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
	return !strings.ContainsFunc(s, func(r rune) bool { return !isJavaWhitespace(r) })
}

func isJavaWhitespace(r rune) bool {
	switch r {
	case '\u00a0', '\u2007', '\u202f': // the no-break spaces
		return false
	}
	return '\t' <= r && r <= '\r' || '\u001c' <= r && r <= '\u001f' || unicode.In(r, unicode.Z)
}

// Call is the way in which a handoff's fields arrive. It decides which are signed (CONTRACT 2).
type Call string

// The three kinds of handoff.
const (
	CallForm Call = "form" // CONTRACT 4
	CallAPI  Call = "api"  // CONTRACT 5
	CallLink Call = "link" // CONTRACT 8
)

// Fields are the fields of a handoff as received: decoded once, not trimmed, not converted. An
// absent field is "". Time stays text, because the text is what is signed.
type Fields struct {
	Service   string
	UserCode  string
	UserName  string
	Email     string
	Phone     string
	MemberNo  string
	ReturnURL string
	Time      string
	Token     string
}

// ReadFields takes the fields of a handoff from decoded values. Where a name is repeated it takes
// the first value.
func ReadFields(values url.Values) Fields {
	var f Fields
	for name, field := range f.byName() {
		*field = values.Get(name)
	}
	return f
}

// Named returns the field with this name on the wire, or "" for an unknown name.
func (f Fields) Named(name string) string {
	if field, ok := f.byName()[name]; ok {
		return *field
	}
	return ""
}

func (f *Fields) byName() map[string]*string {
	return map[string]*string{
		"service": &f.Service, "usercode": &f.UserCode, "username": &f.UserName, "email": &f.Email, "phone": &f.Phone,
		"memberno": &f.MemberNo, "returnUrl": &f.ReturnURL, "time": &f.Time, "token": &f.Token,
	}
}
