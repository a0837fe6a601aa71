package member

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxPassword is the most bytes of a password. It bounds the work that a stranger can ask for.
const maxPassword = 1024

// nobodysHash is what the password for an unknown member is checked against where the directory doesn't tell what its
// hashes cost: HashPassword's cost, and random bytes for salt and sum.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$25OqagC5J4YOhlMHUmFNCw$2zzFIodJAHxF+uqU6Qp7psCqBlMC9xFDj7gcesICVCw"

// errHash says that a text is not a hash that VerifyPassword can check.
var errHash = errors.New("not a hash of argon2id, bcrypt, scrypt or PBKDF2 within bounds")

// HashPassword returns the argon2id hash of password in PHC form, with a random salt:
// $argon2id$v=19$m=19456,t=2,p=1$<salt>$<sum>. The bytes of password count, nothing is trimmed or normalised; an
// empty password and one of more than 1024 bytes are errors.
func HashPassword(password string) (string, error) {
	if password == "" {
		return "", errors.New("empty password")
	}
	if len(password) > maxPassword {
		return "", fmt.Errorf("password has %d bytes, of at most %d", len(password), maxPassword)
	}
	h := argon2idHash{memory: standardMemory, passes: standardPasses, lanes: standardLanes, salt: make([]byte, saltSize)}
	rand.Read(h.salt) // never fails
	h.sum = h.of(password, sumSize)
	return h.String(), nil
}

// VerifyPassword reports whether password is the one that hash was made of, in a time that doesn't depend on how much
// of it is right. How hash begins says which form it has, and each form has its bounds, so that no row of a directory
// stalls the server: checking a password takes one core a few seconds at the very most.
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt>$<sum>   PHC: at most 256 MiB, 16 passes and 16 lanes
//	$2b$12$<salt and sum>                         bcrypt, $2a$ and $2y$ too: a cost of 4 to 16
//	{bcrypt}$2a$10$<salt and sum>                 bcrypt as Spring Security has it
//	$scrypt$ln=16,r=8,p=1$<salt>$<sum>            PHC, and passlib: at most 256 MiB, 1 GiB for all p together
//	$pbkdf2-sha256$i=600000,l=32$<salt>$<sum>     PHC, with or without l; sha512 too: at most 5000000 iterations
//	$pbkdf2-sha256$29000$<salt>$<sum>             PBKDF2 as passlib has it; sha512 too
//	pbkdf2_sha256$1000000$<salt>$<sum>            PBKDF2 as Django has it
//
// The error says that hash is none of these; it doesn't hold it. A password that HashPassword refuses is wrong, and so
// is one of more than 72 bytes against bcrypt, which would look at no more than the first 72.
func VerifyPassword(hash, password string) (bool, error) {
	h, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	if password == "" || len(password) > maxPassword {
		return false, nil
	}
	return h.fits(password)
}

// A passwordHash is a hash taken apart.
type passwordHash interface {
	// fits reports whether this is the hash of password, in a time that doesn't depend on how much of it is right. An
	// error says that the algorithm can't run here, as PBKDF2 with a short salt in FIPS mode.
	fits(password string) (bool, error)
}

// forms are how the text of a hash begins, and what takes it apart: into nil when it is not of that form or asks for
// more than its bounds.
var forms = [...]struct {
	prefix string
	parse  func(text string) passwordHash
}{
	{"$argon2id$", parseArgon2id},
	{"$2a$", parseBcrypt},
	{"$2b$", parseBcrypt},
	{"$2y$", parseBcrypt},
	{springPrefix, parseBcrypt},
	{"$scrypt$", parseScrypt},
	{"$pbkdf2-", parsePBKDF2},
	{"pbkdf2_", parseDjango},
}

// parseHash takes a hash apart, or returns errHash.
func parseHash(text string) (passwordHash, error) {
	for _, form := range forms {
		if !strings.HasPrefix(text, form.prefix) {
			continue
		}
		if h := form.parse(text); h != nil {
			return h, nil
		}
	}
	return nil, errHash
}

// What the forms with base64 have in common, for their regular expressions: a number, a salt of 8 to 64 bytes and a sum
// of 16 to 64.
const (
	number   = `([1-9][0-9]{0,6})`
	saltText = `([A-Za-z0-9+/.]{11,86})`
	sumText  = `([A-Za-z0-9+/.]{22,86})`
)

// parseNumber returns what the expression number has matched.
func parseNumber(digits string) int {
	n, _ := strconv.Atoi(digits) // seven digits can't fail
	return n
}

// parseSalted decodes what saltText and sumText have matched; ok is false when either is no base64.
func parseSalted(encoding *base64.Encoding, saltText, sumText string) (salt, sum []byte, ok bool) {
	salt, errSalt := encoding.DecodeString(saltText)
	sum, errSum := encoding.DecodeString(sumText)
	return salt, sum, errSalt == nil && errSum == nil
}

// likeHash returns a hash that costs what this one does and that no password fits: most of its sum is made up. The sum
// is the last of every form, in at least 22 characters; the last four stay, which base64 may pad.
func likeHash(hash string) string {
	end := len(hash) - 4
	return hash[:end-18] + rand.Text()[:18] + hash[end:]
}
