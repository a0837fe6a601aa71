// Package password makes and checks password hashes, and bounds how many checks run at once. It
// knows nothing of members.
package password

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// maxPassword is the longest password in bytes. It bounds the work that a stranger can cause.
const maxPassword = 1024

// errHash says that a text is not a hash that Verify can check.
var errHash = errors.New("not a hash of argon2id, bcrypt, scrypt or PBKDF2 within bounds")

// Hash returns the argon2id hash of password in PHC form, with a random salt:
// $argon2id$v=19$m=19456,t=2,p=1$<salt>$<sum>. The bytes of password count: nothing is trimmed or
// normalised. An empty password and one of more than 1024 bytes are errors.
func Hash(password string) (string, error) {
	if password == "" {
		return "", errors.New("empty password")
	}
	if len(password) > maxPassword {
		return "", fmt.Errorf("password has %d bytes, of at most %d", len(password), maxPassword)
	}
	// The first choice of OWASP's password storage cheat sheet: 19 MiB, 2 passes, 1 lane.
	const memory, passes, lanes = 19 * 1024, 2, 1
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(password), salt, passes, memory, lanes, 32)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, encode(salt), encode(sum)), nil
}

// Verify reports whether hash was made of password. The time it takes doesn't depend on how much of
// the password is right. The beginning of hash says which form it has. Each form has bounds, so
// that no hash in a directory can stall the server: one check takes one core a few seconds at most.
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt>$<sum>   PHC: at most 256 MiB, 16 passes and 16 lanes
//	$2b$12$<salt and sum>                         bcrypt, $2a$ and $2y$ too: a cost of 4 to 16
//	{bcrypt}$2a$10$<salt and sum>                 bcrypt as Spring Security writes it
//	$scrypt$ln=16,r=8,p=1$<salt>$<sum>            PHC and passlib: at most 256 MiB, 1 GiB for all p together
//	$pbkdf2-sha256$i=600000,l=32$<salt>$<sum>     PHC, with or without l; sha512 too: at most 5000000 iterations
//	$pbkdf2-sha256$29000$<salt>$<sum>             PBKDF2 as passlib writes it; sha512 too
//	pbkdf2_sha256$1000000$<salt>$<sum>            PBKDF2 as Django writes it
//
// A salt has 8 to 64 bytes and a sum 16 to 64. An error says that hash is none of these, or that
// the algorithm can't run here (PBKDF2 with a short salt in FIPS mode). It doesn't contain the
// hash. A password that Hash refuses never matches. With bcrypt, neither does one of more than 72
// bytes: bcrypt would look at the first 72 alone.
func Verify(hash, password string) (bool, error) {
	form := parse(hash)
	if form == nil {
		return false, errHash
	}
	if password == "" || len(password) > maxPassword {
		return false, nil
	}
	return form.matches(password)
}

// CheckHash returns an error when hash is not one that Verify can check.
func CheckHash(hash string) error {
	if parse(hash) == nil {
		return errHash
	}
	return nil
}

// Cost returns about how much work it is to check hash, so that hashes of all forms can be
// compared; 0 for one that Verify can't check. It is an estimate: hashes of different forms whose
// costs are close may take their time in the other order.
func Cost(hash string) int64 {
	if form := parse(hash); form != nil {
		return form.cost
	}
	return 0
}

// standardDecoy is a hash at Hash's cost, with random bytes for its salt and sum.
const standardDecoy = "$argon2id$v=19$m=19456,t=2,p=1$25OqagC5J4YOhlMHUmFNCw$2zzFIodJAHxF+uqU6Qp7psCqBlMC9xFDj7gcesICVCw"

// Decoy returns a hash that costs as much to check as hash and that no password matches: 18
// characters of its sum are random. hash is one that passes CheckHash, or "" for Hash's cost. Check
// a decoy for an unknown member, so that the time of the answer doesn't tell who is a member.
func Decoy(hash string) string {
	if hash == "" {
		hash = standardDecoy
	}
	// Every form ends with its sum, in at least 22 characters. The last four stay: base64 may pad
	// them.
	end := len(hash) - 4
	return hash[:end-18] + rand.Text()[:18] + hash[end:]
}

// A form is a hash as Verify checks it.
type form struct {
	cost    int64                               // see Cost
	matches func(password string) (bool, error) // reports whether the hash was made of password
}

// forms are the beginnings of hashes and their parsers. A parser returns nil for a text that is not
// of its form or exceeds its bounds.
var forms = [...]struct {
	prefix string
	parse  func(text string) *form
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

// parse returns the form of a hash, or nil.
func parse(hash string) *form {
	for _, form := range forms {
		if strings.HasPrefix(hash, form.prefix) {
			return form.parse(hash)
		}
	}
	return nil
}
