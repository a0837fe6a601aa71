package contract

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/url"
	"strings"
)

// Call is the way a handoff's fields arrive. It decides which of them are signed (PROTOCOL 2).
type Call string

// The three ways of PROTOCOL 4, 5 and 8.
const (
	CallForm Call = "form"
	CallAPI  Call = "api"
	CallLink Call = "link"
)

// Fields are a handoff's fields as received: decoded from the form or the query once, not trimmed, not converted.
// An absent field is "". Time stays text, because the text is what is signed.
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

// Named is the field with this name on the wire, or "" for any other name.
func (f Fields) Named(name string) string {
	switch name {
	case "service":
		return f.Service
	case "usercode":
		return f.UserCode
	case "username":
		return f.UserName
	case "email":
		return f.Email
	case "phone":
		return f.Phone
	case "memberno":
		return f.MemberNo
	case "returnUrl":
		return f.ReturnURL
	case "time":
		return f.Time
	case "token":
		return f.Token
	}
	return ""
}

// Key is the organization key. It prints as a mask; JSON and string(key) have the key itself.
type Key string

const mask = "••••••••"

// String masks the key.
func (Key) String() string { return mask }

// GoString masks the key for %#v.
func (Key) GoString() string { return mask }

// LogValue masks the key for slog.
func (Key) LogValue() slog.Value { return slog.StringValue(mask) }

// ReadFields takes a handoff's fields out of decoded values.
func ReadFields(values url.Values) Fields {
	return Fields{
		Service:   values.Get("service"),
		UserCode:  values.Get("usercode"),
		UserName:  values.Get("username"),
		Email:     values.Get("email"),
		Phone:     values.Get("phone"),
		MemberNo:  values.Get("memberno"),
		ReturnURL: values.Get("returnUrl"),
		Time:      values.Get("time"),
		Token:     values.Get("token"),
	}
}

// Verdict is what the help center makes of a token.
type Verdict struct {
	Valid bool
	// Message is the string that should have been signed.
	Message string
	// Expected is the token of Message. It is a credential: mask it wherever people look.
	Expected string
	// Received is the token that came.
	Received string
	// Cause is the likeliest mistake that turns Expected into Received; "" when Valid.
	Cause Cause
}

// Verify holds the token in f against the one that the fields call for (PROTOCOL 3), and looks for the mistake when
// they differ; Explain looks further. It judges the signature alone: no limits, no required fields, no clock.
//
// The returnURLs are those that the signer may have signed without sending them; they only help to find the cause.
func Verify(call Call, key Key, f Fields, returnURLs ...string) Verdict {
	message := Message(call, f)
	v := Verdict{Message: message, Expected: Sign(key, message), Received: f.Token}
	v.Valid = hmac.Equal([]byte(v.Expected), []byte(v.Received))
	if !v.Valid {
		v.Cause = explain(call, key, f, returnURLs, 1).causes[0]
	}
	return v
}

// Message is the string to sign (PROTOCOL 3): the signed fields of the call in the contract's order, joined by "&",
// blank optional ones left out.
func Message(call Call, f Fields) string {
	return join(signed(call, f), "&")
}

// Sign is the token of a message: standard Base64 of its HMAC-SHA256 under the organization key.
func Sign(key Key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// part is one field's place in the message.
type part struct {
	name     string // as in PROTOCOL 2
	value    string
	optional bool
}

// present reports whether the message holds the part.
func (p part) present() bool { return !p.optional || !Blank(p.value) }

// signed lists the fields that the call signs, in the contract's order, blank ones too.
func signed(call Call, f Fields) []part {
	parts := []part{
		{name: "service", value: f.Service},
		{name: "usercode", value: f.UserCode},
		{name: "username", value: f.UserName, optional: true},
		{name: "email", value: f.Email, optional: true},
		{name: "phone", value: f.Phone, optional: true},
		{name: "memberno", value: f.MemberNo, optional: true},
	}
	if call == CallForm {
		parts = append(parts, part{name: "returnUrl", value: f.ReturnURL, optional: true})
	}
	return append(parts, part{name: "time", value: f.Time})
}

// join writes the parts that are present.
func join(parts []part, separator string) string {
	values := make([]string, 0, len(parts))
	for _, p := range parts {
		if p.present() {
			values = append(values, p.value)
		}
	}
	return strings.Join(values, separator)
}
