// Package audit names members and their clients in logs without personal data.
package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A Key makes the ids of one server. Whoever has it can find out whose id one is, by trying
// usercodes.
type Key []byte

// NewKey derives a key from a session key.
func NewKey(sessionKey []byte) Key {
	mac := hmac.New(sha256.New, sessionKey)
	mac.Write([]byte("ocsso audit id"))
	return mac.Sum(nil)
}

// ID returns the id of a usercode, 16 hexadecimal digits, or "" for "". It is the same for all that
// are the same Folded.
func (k Key) ID(usercode string) string {
	if usercode == "" {
		return ""
	}
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(Folded(usercode)))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// Folded is the same for spellings of a usercode by which a directory may find one member: upper
// and lower case, and the forms of Unicode.
func Folded(usercode string) string { return strings.ToLower(norm.NFKC.String(usercode)) }

// Network is a client's network without the part that names one line or device, or "" for no
// address.
func Network(client netip.Addr) string {
	bits := 24
	if client.Is6() {
		bits = 48
	}
	network, err := client.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}
