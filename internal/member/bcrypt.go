package member

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// maxBcrypt is the most bytes of a password that bcrypt looks at.
const maxBcrypt = 72

// springPrefix is what Spring Security's DelegatingPasswordEncoder writes before bcrypt's own form.
const springPrefix = "{bcrypt}"

// bcryptForm has costs of 4 to 16. $2x$ is missing on purpose: it marks hashes of an implementation with a fault.
var bcryptForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$`)
})

// A bcryptHash is a hash in bcrypt's own form, which its package takes apart.
type bcryptHash string

// parseBcrypt checks the form, with Spring's prefix or without.
func parseBcrypt(text string) passwordHash {
	text = strings.TrimPrefix(text, springPrefix)
	if !bcryptForm().MatchString(text) {
		return nil
	}
	return bcryptHash(text)
}

// fits implements passwordHash. What a longer password begins with could be somebody's password, so it never fits; the
// work is done all the same, because how long the answer takes mustn't say whose hash is of which form.
func (h bcryptHash) fits(password string) (bool, error) {
	err := bcrypt.CompareHashAndPassword([]byte(h), []byte(password))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	return err == nil && len(password) <= maxBcrypt, err
}
