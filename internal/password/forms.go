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

// What a unit of each form's work costs to check, as Cost counts it: about a nanosecond of a
// server's core of today. They need not be exact.
const (
	argon2Cost       = 700    // a KiB in a pass
	bcryptCost       = 60_000 // a round
	scryptCost       = 270    // a block of 128 bytes
	pbkdf2SHA256Cost = 220    // an iteration for 32 bytes
	pbkdf2SHA512Cost = 700    // an iteration for 64 bytes
)

// parseArgon2id parses the PHC form.
func parseArgon2id(text string) *form {
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
	return &form{argon2Cost * int64(memory) * int64(passes), func(password string) (bool, error) {
		got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(sum)))
		return subtle.ConstantTimeCompare(got, sum) == 1, nil
	}}
}

// springPrefix is what Spring Security's DelegatingPasswordEncoder writes before a bcrypt hash.
const springPrefix = "{bcrypt}"

// bcryptForm takes costs of 4 to 16. It doesn't take $2x$, which marks hashes of a faulty
// implementation.
var bcryptForm = regexp.MustCompile(`^\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$`)

// parseBcrypt parses bcrypt's own form, with or without Spring's prefix.
func parseBcrypt(text string) *form {
	text = strings.TrimPrefix(text, springPrefix)
	m := bcryptForm.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	rounds := int64(1) << parseNumber(m[1])
	return &form{bcryptCost * rounds, func(password string) (bool, error) {
		err := bcrypt.CompareHashAndPassword([]byte(text), []byte(password))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, nil
		}
		// Checked after the work, so that the time of the answer doesn't tell that this hash is
		// bcrypt.
		return err == nil && len(password) <= 72, err
	}}
}

var scryptForm = regexp.MustCompile(`^\$scrypt\$ln=([1-9]|1[0-9]|2[01]),r=` + number + `,p=` + number + saltSum)

// parseScrypt parses the PHC form. ln is the binary logarithm of n.
func parseScrypt(text string) *form {
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
	return &form{scryptCost * int64(n*r*p), func(password string) (bool, error) {
		got, err := scrypt.Key([]byte(password), salt, n, r, p, len(sum))
		return err == nil && subtle.ConstantTimeCompare(got, sum) == 1, err
	}}
}

var (
	pbkdf2Form = regexp.MustCompile(`^\$pbkdf2-(sha256|sha512)\$(?:i=` + number + `(?:,l=` + number + `)?|` + number + `)` + saltSum)
	djangoForm = regexp.MustCompile(`^pbkdf2_sha256\$` + number + `\$([^$]{1,64})\$([A-Za-z0-9+/]{43}=)$`)
)

// parsePBKDF2 parses the PHC form and passlib's, which has "." where base64 has "+".
func parsePBKDF2(text string) *form {
	m := pbkdf2Form.FindStringSubmatch(strings.ReplaceAll(text, ".", "+"))
	if m == nil {
		return nil
	}
	salt, sum, ok := parseSaltSum(m[5], m[6])
	if length := m[3]; !ok || length != "" && parseNumber(length) != len(sum) {
		return nil
	}
	iterations := m[2] + m[4] // PHC's or passlib's: the other is ""
	if m[1] == "sha512" {
		return newPBKDF2(sha512.New, pbkdf2SHA512Cost, iterations, salt, sum)
	}
	return newPBKDF2(sha256.New, pbkdf2SHA256Cost, iterations, salt, sum)
}

// parseDjango parses Django's form. Its salt is text and is used as it is.
func parseDjango(text string) *form {
	m := djangoForm.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(m[3])
	if err != nil {
		return nil
	}
	return newPBKDF2(sha256.New, pbkdf2SHA256Cost, m[1], []byte(m[2]), sum)
}

// newPBKDF2 returns the form of a PBKDF2 hash, or nil for too many iterations. cost is that of one
// iteration for one length of digest.
func newPBKDF2(digest func() hash.Hash, cost int64, digits string, salt, sum []byte) *form {
	const maxIterations = 5_000_000
	iterations := parseNumber(digits)
	if iterations > maxIterations {
		return nil
	}
	size := digest().Size()
	blocks := (len(sum) + size - 1) / size // each takes all iterations
	return &form{cost * int64(iterations) * int64(blocks), func(password string) (bool, error) {
		got, err := pbkdf2.Key(digest, password, salt, iterations, len(sum))
		return err == nil && subtle.ConstantTimeCompare(got, sum) == 1, err
	}}
}
