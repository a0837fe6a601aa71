package member

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// maxPassword is the most bytes of a password. It bounds the work that a stranger can ask for.
const maxPassword = 1024

// What HashPassword asks for is the first choice of OWASP's password storage cheat sheet: 19 MiB, 2 passes, 1 lane.
const (
	standardMemory = 19 * 1024 // KiB
	standardPasses = 2
	standardLanes  = 1
	saltSize       = 16
	sumSize        = 32
)

// What a hash may ask for, so that no row of a directory can stall the server.
const (
	maxMemory = 256 * 1024 // KiB
	maxPasses = 16
	maxLanes  = 16
)

// nobodysHash is what the password for an unknown member is checked against: HashPassword's cost, and random bytes
// for salt and sum.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$25OqagC5J4YOhlMHUmFNCw$2zzFIodJAHxF+uqU6Qp7psCqBlMC9xFDj7gcesICVCw"

// errHash says that a text is not a hash that VerifyPassword can check.
var errHash = errors.New("not an argon2id hash within bounds")

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
	h := passwordHash{memory: standardMemory, passes: standardPasses, lanes: standardLanes, salt: make([]byte, saltSize)}
	rand.Read(h.salt) // never fails
	h.sum = h.of(password, sumSize)
	return h.String(), nil
}

// VerifyPassword reports whether password is the one that hash was made of, in a time that doesn't depend on how much
// of it is right. A password that HashPassword refuses is wrong. The error says that hash is none of argon2id in PHC
// form, or asks for more than 256 MiB, 16 passes or 16 lanes.
func VerifyPassword(hash, password string) (bool, error) {
	h, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	if password == "" || len(password) > maxPassword {
		return false, nil
	}
	return subtle.ConstantTimeCompare(h.of(password, uint32(len(h.sum))), h.sum) == 1, nil
}

// A passwordHash is a hash in PHC form, taken apart.
type passwordHash struct {
	memory, passes uint32 // memory in KiB
	lanes          uint8
	salt, sum      []byte
}

// of returns size bytes of the hash of password under h's cost and salt.
func (h passwordHash) of(password string, size uint32) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, size)
}

// String is the PHC form.
func (h passwordHash) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes, encode(h.salt), encode(h.sum))
}

// parseHash is the inverse of String: it takes the very text that String would give, with a cost within bounds.
func parseHash(text string) (passwordHash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 {
		return passwordHash{}, errHash
	}
	var h passwordHash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return passwordHash{}, errHash
	}
	var errSalt, errSum error
	h.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	h.sum, errSum = base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errSum != nil || h.String() != text || !h.bounded() {
		return passwordHash{}, errHash
	}
	return h, nil
}

// bounded reports whether argon2 takes the cost, and the server can.
func (h passwordHash) bounded() bool {
	return h.lanes >= 1 && h.lanes <= maxLanes && h.passes >= 1 && h.passes <= maxPasses &&
		h.memory >= 8*uint32(h.lanes) && h.memory <= maxMemory &&
		len(h.salt) >= 8 && len(h.salt) <= 64 && len(h.sum) >= 16 && len(h.sum) <= 64
}
