package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
)

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

// Verdict is the result of verifying a token.
type Verdict struct {
	Valid bool
	// Message is the string that should have been signed.
	Message string
	// Expected is the token of Message. It is a credential: mask it before you show it.
	Expected string
	// Received is the token that came.
	Received string
}

// Verify compares the token in f with the expected one (CONTRACT 3). It checks the signature only,
// not limits, required fields or the time. Explain says why a token is wrong.
func Verify(call Call, key Key, f Fields) Verdict {
	message := Message(call, f)
	v := Verdict{Message: message, Expected: Sign(key, message), Received: f.Token}
	v.Valid = hmac.Equal([]byte(v.Expected), []byte(v.Received))
	return v
}

// Message is the string to sign (CONTRACT 3): the signed fields of the call in the contract's
// order, joined by "&", without blank optional fields.
func Message(call Call, f Fields) string {
	return joined("&")(signed(call, f))
}

// Sign makes the token of a message: its HMAC-SHA256 under the organization key, in standard
// Base64.
func Sign(key Key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// part is one field of the message.
type part struct {
	name     string // on the wire
	value    string
	optional bool
	left     bool // left out of the message
}

// signed lists the fields that the call signs, in the contract's order. The blank ones are there,
// marked as left out.
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
	parts = append(parts, part{name: "time", value: f.Time})
	for i, p := range parts {
		parts[i].left = p.optional && Blank(p.value)
	}
	return parts
}
