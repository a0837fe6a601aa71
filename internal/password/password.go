// Package password makes and checks password hashes, and bounds how many checks run at once. It
// knows nothing of members.
package password

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// maxPassword is the longest password in bytes. It bounds the work that a stranger can cause.
const maxPassword = 1024

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

// Decoy is a hash that costs as much to check as one of Hash, and that is of no known password:
// its salt and its sum are random.
const Decoy = "$argon2id$v=19$m=19456,t=2,p=1$25OqagC5J4YOhlMHUmFNCw$2zzFIodJAHxF+uqU6Qp7psCqBlMC9xFDj7gcesICVCw"

// Verify reports whether hash was made of password. The time it takes doesn't depend on how much of
// the password is right. The table of forms lists what hash may be.
//
// The error says that hash is in none of the forms or too dear (see CheckHash), or that its
// algorithm can't run here (PBKDF2 with a short salt in FIPS mode). It doesn't contain the hash. An
// empty password and one of more than 1024 bytes never match. bcrypt sees the first 72 bytes alone,
// wherever it runs.
func Verify(hash, password string) (bool, error) {
	f, err := parse(hash)
	if err != nil {
		return false, err
	}
	if password == "" || len(password) > maxPassword {
		return false, nil
	}
	return f.matches(password)
}

// CheckHash returns an error when hash is not one that Verify checks: it is in none of the forms,
// or one check would take more than a second of a core, about, or 256 MiB of memory.
func CheckHash(hash string) error {
	_, err := parse(hash)
	return err
}

// Cost returns about how many nanoseconds of a core it takes to check hash, so that hashes of all
// forms can be compared; 0 for one that Verify doesn't check. It is an estimate: hashes of different
// forms whose costs are close may take their time in the other order.
func Cost(hash string) int64 {
	f, _ := parse(hash)
	return f.cost
}
