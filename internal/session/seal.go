package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// keyLength is the bytes of a session key.
const keyLength = 64

// sealer encrypts cookies, and what a session keeps for others, such as the cookies of the
// customer's site: whoever can read the store can't use it. Its keys are derived from the session
// keys: the first one seals, and all open.
type sealer []cipher.AEAD

func newSealer(keys [][]byte) (sealer, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("session keys: none given")
	}
	var s sealer
	for i, key := range keys {
		if len(key) != keyLength {
			return nil, fmt.Errorf("session key %d: %d bytes, want %d", i+1, len(key), keyLength)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("ocsso session"))
		block, err := aes.NewCipher(mac.Sum(nil))
		if err != nil {
			return nil, fmt.Errorf("session keys: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("session keys: %w", err)
		}
		s = append(s, aead)
	}
	return s, nil
}

// seal encrypts text for one use alone: the name of a cookie, or a session's id. "" stays "".
func (s sealer) seal(use, text string) string {
	if text == "" {
		return ""
	}
	return string(s[0].Seal(nil, nil, []byte(text), []byte(use)))
}

// open is the inverse of seal. It reports false for what no key has sealed for this use.
func (s sealer) open(use, sealed string) (string, bool) {
	if sealed == "" {
		return "", true
	}
	for _, aead := range s {
		if text, err := aead.Open(nil, nil, []byte(sealed), []byte(use)); err == nil {
			return string(text), true
		}
	}
	return "", false
}
