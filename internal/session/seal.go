package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/securecookie"
)

// keyLength is the bytes of a session key.
const keyLength = 64

// A sealer encrypts sessions in the store with AES-256-GCM: whoever can read the store can't use
// them. A record is read on each page move, and needs neither the text nor the time that a cookie
// has.
type sealer []cipher.AEAD

// newSealers returns what signs and encrypts cookies, for as long as a session lasts, and records.
// The first key seals, and all open.
func newSealers(keys [][]byte, lifetime time.Duration) (cookies []securecookie.Codec, records sealer, err error) {
	if len(keys) == 0 {
		return nil, nil, fmt.Errorf("session keys: none given")
	}
	for i, key := range keys {
		if len(key) != keyLength {
			return nil, nil, fmt.Errorf("session key %d: %d bytes, want %d", i+1, len(key), keyLength)
		}
		derive := func(use string) []byte {
			derived, e := hkdf.Key(sha256.New, key, nil, use, 32) // for AES-256
			err = errors.Join(err, e)
			return derived
		}
		codec := securecookie.New(key, derive("ocsso cookie"))
		codec.SetSerializer(securecookie.NopEncoder{})
		codec.MaxAge(int(lifetime.Seconds()))
		codec.MaxLength(0) // net/http bounds all headers
		block, e := aes.NewCipher(derive("ocsso session"))
		aead, e2 := cipher.NewGCMWithRandomNonce(block)
		if err = errors.Join(err, e, e2); err != nil {
			return nil, nil, fmt.Errorf("session key %d: %w", i+1, err)
		}
		cookies, records = append(cookies, codec), append(records, aead)
	}
	return cookies, records, nil
}

// seal encrypts text for one use alone: a session's place in the store. It appends to head, which
// stays readable.
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
