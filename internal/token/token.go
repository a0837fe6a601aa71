// Package token makes the signed token that tells the help center who a member is (PROTOCOL section 3).
//
// It owns the fields, their limits, the message that is signed and the signature. It knows nothing of the ways
// a token travels; package helpcenter does.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strconv"
	"sync"
)

// Key is the organization key. Whoever has it can be any member, so it prints as "[redacted]" everywhere.
// Make one with NewKey; the zero Key can't sign.
type Key struct{ signers *sync.Pool } // a pointer prints as an address even in a field where fmt can't see Key's methods

// A signer is kept from one Sign to the next: hashing the key anew and its allocations would cost 1.5 times as much as the rest.
type signer struct {
	mac     hash.Hash
	message []byte
	sum     []byte
}

const redacted = "[redacted]"

// NewKey returns the key whose UTF-8 bytes sign. The text is used as it is: not trimmed, not decoded.
func NewKey(text string) Key {
	return Key{&sync.Pool{New: func() any { return &signer{mac: hmac.New(sha256.New, []byte(text))} }}}
}

// Format hides the key from every fmt verb.
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue hides the key from slog.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// Claims are the values that a token vouches for, as they are sent: whatever is trimmed, replaced or normalised
// has been before. A blank optional field (UserName to ReturnURL) is left out of the message.
type Claims struct {
	Service   string
	UserCode  string
	UserName  string
	Email     string
	Phone     string
	MemberNo  string
	ReturnURL string
	Time      int64 // milliseconds since the Unix epoch
}

// A Signature is a token: Base64 (standard, padded) of 32 bytes.
type Signature [44]byte

// String is the token as it is sent.
func (s Signature) String() string { return string(s[:]) }

// Sign returns the HMAC-SHA256 of the message of c under key. It checks nothing; see CheckField.
// It is safe for concurrent use, and allocates nothing.
func Sign(key Key, c Claims) (token Signature) {
	s := key.signers.Get().(*signer)
	s.message = c.AppendMessage(s.message[:0])
	s.mac.Reset()
	s.mac.Write(s.message)
	s.sum = s.mac.Sum(s.sum[:0])
	base64.StdEncoding.Encode(token[:], s.sum)
	key.signers.Put(s)
	return token
}

// AppendMessage appends the text that is signed to dst: the fields in the contract's order, joined by "&".
// It has every field in clear; it is not for logs.
func (c Claims) AppendMessage(dst []byte) []byte {
	dst = append(dst, c.Service...)
	dst = append(dst, '&')
	dst = append(dst, c.UserCode...)
	for _, optional := range [...]string{c.UserName, c.Email, c.Phone, c.MemberNo, c.ReturnURL} {
		if !Blank(optional) {
			dst = append(dst, '&')
			dst = append(dst, optional...)
		}
	}
	dst = append(dst, '&')
	return strconv.AppendInt(dst, c.Time, 10)
}

// Blank reports whether s is blank in the sense of the vendor's StringUtils.isBlank: empty, or nothing but
// Java whitespace. That is not unicode.IsSpace: U+001C to U+001F count here, the no-break spaces and U+0085 do not.
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
	case r == 0x2007: // FIGURE SPACE does not break, so it is none for Java
		return false
	case r >= 0x2000 && r <= 0x200A:
		return true
	}
	return r == 0x1680 || r == 0x2028 || r == 0x2029 || r == 0x205F || r == 0x3000
}
