package contract

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// Cause is the likely mistake behind a refused handoff. The text is stable, so that tests can compare it.
type Cause string

// The mistakes that integrators make.
const (
	CauseSeconds           Cause = "seconds for milliseconds"
	CauseReturnURLSigned   Cause = "returnUrl signed in an api call"
	CauseReturnURLUnsigned Cause = "returnUrl sent in a form but not signed"
	CauseMemberNoUnsigned  Cause = "memberno left out"
	CauseBlankSigned       Cause = "a blank signed"
	CauseSpaces            Cause = "other spaces around a value"
	CausePlusLost          Cause = "+ lost to a space"
	CausePercentEncoded    Cause = "text percent-encoded before signing"
	CauseOrder             Cause = "fields in another order"
	CauseEncoding          Cause = "token not in standard Base64"
	CauseKeySpaces         Cause = "other spaces or a newline around the key"
	CauseKeyHex            Cause = "key decoded from hex"
	CauseNoKey             Cause = "SHA-256 without a key"
	CauseKey               Cause = "another key"
)

// maxCauses is how many mistakes Explain combines. A third would multiply the work, and explain less.
const maxCauses = 2

// A finding is how a token was made.
type finding struct {
	// causes are the mistakes, in the order of the signer's work; none when the token is right;
	// CauseKey alone when no known mistakes give the token.
	causes []Cause
	// message is the string that was signed; "" when that isn't known.
	message string
	// token is the received one in standard Base64; "" when it is not the 32 bytes of a signature in
	// any known encoding. It is a credential.
	token string
}

// explain combines at most the given number of mistakes, and prefers the fewest.
func explain(call Call, key Key, f Fields, returnURLs []string, most int) finding {
	mac, read := readToken(f.Token)
	if mac == nil {
		return finding{causes: []Cause{CauseKey}}
	}
	token := base64.StdEncoding.EncodeToString(mac)
	contract := signing{signed(call, f), "&", hmac.New(sha256.New, []byte(key))}
	known := mistakes(string(key), append([]string{f.ReturnURL}, returnURLs...))
	look := search{mac, maxSignings}
	for n := 0; len(read)+n <= most; n++ {
		if causes, message, found := look.try(contract, known, n); found {
			causes = slices.Compact(append(causes, read...)) // a "+" can be lost twice
			return finding{causes, message, token}
		}
	}
	return finding{causes: []Cause{CauseKey}, token: token}
}

const (
	// maxSignings bounds a search whose fields have very many variants. One with every field filled in takes 620,000.
	maxSignings = 700_000
	// orderedVariants is how many variants of one mistake are tried in every order of the fields: eight have 40,320.
	orderedVariants = 3
)

// A search looks for the signing that gives the bytes of a token.
type search struct {
	mac  []byte
	left int // signings to try before giving up
}

// try makes every choice of exactly n of the mistakes, each on top of the ones before it.
func (look *search) try(s signing, known []mistake, n int) (causes []Cause, message string, found bool) {
	if n == 0 {
		look.left--
		message = s.message()
		return nil, message, hmac.Equal(s.mac(message), look.mac)
	}
	for i, m := range known {
		rest := known[i+1:]
		tried := 0
		for variant := range m.variants(s) {
			if causes, message, found = look.try(variant, rest, n-1); found {
				return append([]Cause{m.cause}, causes...), message, true
			}
			if look.left <= 0 {
				return nil, "", false
			}
			if tried++; tried == orderedVariants {
				rest = rest[:max(len(rest)-1, 0)] // the order is last
			}
		}
	}
	return nil, "", false
}

// readToken finds the 32 bytes that a token stands for, and the mistakes in the way they are written; nil when they
// are nowhere.
func readToken(token string) (mac []byte, causes []Cause) {
	text := strings.ReplaceAll(token, " ", "+")
	if text != token {
		causes = append(causes, CausePlusLost)
	}
	for _, decode := range []func(string) ([]byte, error){
		base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
		hex.DecodeString, decodeBase64OfHex, decodeEscapedBase64,
	} {
		mac, err := decode(text)
		if err != nil || len(mac) != sha256.Size {
			continue
		}
		if base64.StdEncoding.EncodeToString(mac) != text {
			causes = append(causes, CauseEncoding)
		}
		return mac, causes
	}
	return nil, nil
}

// decodeBase64OfHex undoes a signer that wrote the bytes as hex and then that text as Base64.
func decodeBase64OfHex(s string) ([]byte, error) {
	text, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(string(text))
}

// decodeEscapedBase64 undoes a token that was percent-encoded once too often.
func decodeEscapedBase64(s string) ([]byte, error) {
	text, err := url.PathUnescape(s)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}
