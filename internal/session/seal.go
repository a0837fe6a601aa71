package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// sealer encrypts what a session keeps for others, such as the cookies of the customer's site, so
// that whoever can read the store can't use it. Its keys are derived from the session keys: the
// first one seals, and all open.
type sealer []cipher.AEAD

func newSealer(keys [][]byte) (sealer, error) {
	var s sealer
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("ocsso session source"))
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

// seal encrypts text for the session with this id alone. "" stays "".
func (s sealer) seal(id, text string) string {
	if text == "" {
		return ""
	}
	return string(s[0].Seal(nil, nil, []byte(text), []byte(id)))
}

// open is the inverse of seal. It reports false for what no key has sealed for this id.
func (s sealer) open(id, sealed string) (string, bool) {
	if sealed == "" {
		return "", true
	}
	for _, aead := range s {
		if text, err := aead.Open(nil, nil, []byte(sealed), []byte(id)); err == nil {
			return string(text), true
		}
	}
	return "", false
}
