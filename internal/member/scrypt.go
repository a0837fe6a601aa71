package member

import (
	"crypto/subtle"
	"encoding/base64"
	"regexp"
	"sync"

	"golang.org/x/crypto/scrypt"
)

// What a hash may ask for. Memory and work are in scrypt's blocks of 128 bytes.
const (
	maxScryptMemory = 256 << 20 / 128 // n*r
	maxScryptWork   = 1 << 30 / 128   // n*r*p
	maxScryptR      = 32
	maxScryptP      = 16
)

var scryptForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\$scrypt\$ln=([1-9]|1[0-9]|2[01]),r=` + number + `,p=` + number + `\$` + saltText + `\$` + sumText + `$`)
})

// A scryptHash is a hash of scrypt.
type scryptHash struct {
	n, r, p   int
	salt, sum []byte
}

// parseScrypt takes the PHC form apart, where ln is the binary logarithm of n.
func parseScrypt(text string) passwordHash {
	m := scryptForm().FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	n, r, p := 1<<parseNumber(m[1]), parseNumber(m[2]), parseNumber(m[3])
	salt, sum, ok := parseSalted(base64.RawStdEncoding.Strict(), m[4], m[5])
	if !ok || r > maxScryptR || p > maxScryptP || n*r > maxScryptMemory || n*r*p > maxScryptWork {
		return nil
	}
	return scryptHash{n, r, p, salt, sum}
}

// fits implements passwordHash.
func (h scryptHash) fits(password string) (bool, error) {
	sum, err := scrypt.Key([]byte(password), h.salt, h.n, h.r, h.p, len(h.sum))
	return err == nil && subtle.ConstantTimeCompare(sum, h.sum) == 1, err
}
