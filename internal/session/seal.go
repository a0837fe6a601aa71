package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// keyLength is the bytes of a session key.
const keyLength = 64

// A sealer encrypts what only we may read and write: cookies and stored sessions, with AES-256-GCM.
// The first key seals, and all open.
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
		derived, err := hkdf.Key(sha256.New, key, nil, "ocsso session", 32)
		if err != nil {
			return nil, fmt.Errorf("session key %d: %w", i+1, err)
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return nil, fmt.Errorf("session key %d: %w", i+1, err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("session key %d: %w", i+1, err)
		}
		s = append(s, aead)
	}
	return s, nil
}

// seal encrypts text for one use alone: the name of a cookie, or a session's place in the store. It
// appends to head, which stays readable.
func (s sealer) seal(use string, head, text []byte) []byte {
	return s[0].Seal(head, nil, text, []byte(use))
}

// open is the inverse of seal, without the head. It reports false for what no key has sealed for
// this use.
func (s sealer) open(use string, sealed []byte) ([]byte, bool) {
	for _, key := range s {
		if text, err := key.Open(nil, nil, sealed, []byte(use)); err == nil {
			return text, true
		}
	}
	return nil, false
}
