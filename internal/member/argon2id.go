package member

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"regexp"
	"sync"

	"golang.org/x/crypto/argon2"
)

// What HashPassword asks for is the first choice of OWASP's password storage cheat sheet: 19 MiB, 2 passes, 1 lane.
const (
	standardMemory = 19 * 1024 // KiB
	standardPasses = 2
	standardLanes  = 1
	saltSize       = 16
	sumSize        = 32
)

// What a hash may ask for.
const (
	maxMemory = 256 * 1024 // KiB
	maxPasses = 16
	maxLanes  = 16
)

// argon2idForm, as the forms of the other hashes, is compiled when one is met: all of them would take 1.5 ms and 600 kB of every start.
var argon2idForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\$argon2id\$v=19\$m=` + number + `,t=` + number + `,p=` + number + `\$` + saltText + `\$` + sumText + `$`)
})

// An argon2idHash is a hash of argon2id version 19.
type argon2idHash struct {
	memory, passes uint32 // memory in KiB
	lanes          uint8
	salt, sum      []byte
}

// parseArgon2id takes the PHC form apart.
func parseArgon2id(text string) passwordHash {
	m := argon2idForm().FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	memory, passes, lanes := parseNumber(m[1]), parseNumber(m[2]), parseNumber(m[3])
	salt, sum, ok := parseSalted(base64.RawStdEncoding.Strict(), m[4], m[5])
	if !ok || lanes > maxLanes || passes > maxPasses || memory < 8*lanes || memory > maxMemory {
		return nil
	}
	return argon2idHash{uint32(memory), uint32(passes), uint8(lanes), salt, sum}
}

// fits implements passwordHash.
func (h argon2idHash) fits(password string) (bool, error) {
	return subtle.ConstantTimeCompare(h.of(password, uint32(len(h.sum))), h.sum) == 1, nil
}

// of returns size bytes of the hash of password under h's cost and salt.
func (h argon2idHash) of(password string, size uint32) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, size)
}

// String is the PHC form.
func (h argon2idHash) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes, encode(h.salt), encode(h.sum))
}
