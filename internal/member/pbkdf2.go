package member

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"regexp"
	"strings"
	"sync"
)

// maxIterations is what a hash may ask for: four times what Django asks for today.
const maxIterations = 5_000_000

var (
	pbkdf2Form = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\$pbkdf2-(sha256|sha512)\$(?:i=` + number + `(?:,l=` + number + `)?|` + number + `)\$` + saltText + `\$` + sumText + `$`)
	})
	djangoForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^pbkdf2_(sha256)\$` + number + `\$([^$]{1,64})\$([A-Za-z0-9+/]{43}=)$`)
	})
)

// digests are the hash functions that PBKDF2 may stand on.
var digests = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New}

// A pbkdf2Hash is a hash of PBKDF2 with HMAC.
type pbkdf2Hash struct {
	digest     func() hash.Hash
	iterations int
	salt, sum  []byte
}

// parsePBKDF2 takes the PHC form and passlib's apart. passlib writes "." where base64 has "+".
func parsePBKDF2(text string) passwordHash {
	m := pbkdf2Form().FindStringSubmatch(strings.ReplaceAll(text, ".", "+"))
	if m == nil {
		return nil
	}
	salt, sum, ok := parseSalted(base64.RawStdEncoding.Strict(), m[5], m[6])
	if length := m[3]; length != "" && parseNumber(length) != len(sum) {
		ok = false
	}
	iterations := parseNumber(m[2] + m[4]) // PHC's or passlib's: the other is ""
	if !ok || iterations > maxIterations {
		return nil
	}
	return pbkdf2Hash{digests[m[1]], iterations, salt, sum}
}

// parseDjango takes Django's form apart, where the salt is text and stands for itself.
func parseDjango(text string) passwordHash {
	m := djangoForm().FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(m[4])
	iterations := parseNumber(m[2])
	if err != nil || iterations > maxIterations {
		return nil
	}
	return pbkdf2Hash{digests[m[1]], iterations, []byte(m[3]), sum}
}

// fits implements passwordHash.
func (h pbkdf2Hash) fits(password string) (bool, error) {
	sum, err := pbkdf2.Key(h.digest, password, h.salt, h.iterations, len(h.sum))
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1, err
}
