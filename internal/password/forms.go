package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"hash"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// The parts that several forms share, for their regular expressions.
const (
	number  = `([1-9][0-9]{0,6})`
	saltSum = `\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$`
)

// parseNumber returns what number has matched.
func parseNumber(digits string) int {
	n, _ := strconv.Atoi(digits) // seven digits can't fail
	return n
}

// parseSaltSum decodes what saltSum has matched. It is not ok when either has a wrong length or
// wrong base64.
func parseSaltSum(saltText, sumText string) (salt, sum []byte, ok bool) {
	encoding := base64.RawStdEncoding.Strict()
	salt, errSalt := encoding.DecodeString(saltText)
	sum, errSum := encoding.DecodeString(sumText)
	ok = errSalt == nil && errSum == nil && len(salt) >= 8 && len(salt) <= 64 && len(sum) >= 16 && len(sum) <= 64
	return salt, sum, ok
}

var argon2idForm = regexp.MustCompile(`^\$argon2id\$v=19\$m=` + number + `,t=` + number + `,p=` + number + saltSum)

// parseArgon2id parses the PHC form.
func parseArgon2id(text string) matcher {
	const maxMemory, maxPasses, maxLanes = 256 * 1024, 16, 16 // memory in KiB
	m := argon2idForm.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	memory, passes, lanes := parseNumber(m[1]), parseNumber(m[2]), parseNumber(m[3])
	salt, sum, ok := parseSaltSum(m[4], m[5])
	if !ok || lanes > maxLanes || passes > maxPasses || memory < 8*lanes || memory > maxMemory {
		return nil
	}
	return func(password string) (bool, error) {
		got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(sum)))
		return subtle.ConstantTimeCompare(got, sum) == 1, nil
	}
}

// springPrefix is what Spring Security's DelegatingPasswordEncoder writes before a bcrypt hash.
const springPrefix = "{bcrypt}"

// bcryptForm takes costs of 4 to 16. It doesn't take $2x$, which marks hashes of a faulty
// implementation.
var bcryptForm = regexp.MustCompile(`^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$`)

// parseBcrypt parses bcrypt's own form, with or without Spring's prefix.
func parseBcrypt(text string) matcher {
	text = strings.TrimPrefix(text, springPrefix)
	if !bcryptForm.MatchString(text) {
		return nil
	}
	return func(password string) (bool, error) {
		err := bcrypt.CompareHashAndPassword([]byte(text), []byte(password))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, nil
		}
		// Checked after the work, so that the time of the answer doesn't tell that this hash is
		// bcrypt.
		return err == nil && len(password) <= 72, err
	}
}

var scryptForm = regexp.MustCompile(`^\$scrypt\$ln=([1-9]|1[0-9]|2[01]),r=` + number + `,p=` + number + saltSum)

// parseScrypt parses the PHC form. ln is the binary logarithm of n.
func parseScrypt(text string) matcher {
	// Memory is n*r and work n*r*p, in blocks of 128 bytes.
	const maxMemory, maxWork, maxR, maxP = 256 << 20 / 128, 1 << 30 / 128, 32, 16
	m := scryptForm.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	n, r, p := 1<<parseNumber(m[1]), parseNumber(m[2]), parseNumber(m[3])
	salt, sum, ok := parseSaltSum(m[4], m[5])
	if !ok || r > maxR || p > maxP || n*r > maxMemory || n*r*p > maxWork {
		return nil
	}
	return func(password string) (bool, error) {
		got, err := scrypt.Key([]byte(password), salt, n, r, p, len(sum))
		return err == nil && subtle.ConstantTimeCompare(got, sum) == 1, err
	}
}

var (
	pbkdf2Form = regexp.MustCompile(`^\$pbkdf2-(sha256|sha512)\$(?:i=` + number + `(?:,l=` + number + `)?|` + number + `)` + saltSum)
	djangoForm = regexp.MustCompile(`^pbkdf2_sha256\$` + number + `\$([^$]{1,64})\$([A-Za-z0-9+/]{43}=)$`)
)

// parsePBKDF2 parses the PHC form and passlib's, which has "." where base64 has "+".
func parsePBKDF2(text string) matcher {
	m := pbkdf2Form.FindStringSubmatch(strings.ReplaceAll(text, ".", "+"))
	if m == nil {
		return nil
	}
	salt, sum, ok := parseSaltSum(m[5], m[6])
	if length := m[3]; !ok || length != "" && parseNumber(length) != len(sum) {
		return nil
	}
	digest := sha256.New
	if m[1] == "sha512" {
		digest = sha512.New
	}
	// PHC's iterations or passlib's: the other is ""
	return matchPBKDF2(digest, m[2]+m[4], salt, sum)
}

// parseDjango parses Django's form. Its salt is text and is used as it is.
func parseDjango(text string) matcher {
	m := djangoForm.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(m[3])
	if err != nil {
		return nil
	}
	return matchPBKDF2(sha256.New, m[1], []byte(m[2]), sum)
}

// matchPBKDF2 returns the matcher of both forms, or nil for too many iterations.
func matchPBKDF2(digest func() hash.Hash, digits string, salt, sum []byte) matcher {
	const maxIterations = 5_000_000
	iterations := parseNumber(digits)
	if iterations > maxIterations {
		return nil
	}
	return func(password string) (bool, error) {
		got, err := pbkdf2.Key(digest, password, salt, iterations, len(sum))
		return err == nil && subtle.ConstantTimeCompare(got, sum) == 1, err
	}
}
