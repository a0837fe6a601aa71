package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/gorilla/securecookie"
)

// keyLength is the bytes of a session key: the block size of HMAC-SHA256.
const keyLength = 64

// A sealer signs and encrypts cookies, and what a session keeps for others, such as the cookies of
// the customer's site: whoever can read the store can't use it. The first codec seals, and all
// open, for as long as a session lasts.
type sealer []securecookie.Codec

func newSealer(keys [][]byte, lifetime time.Duration) (sealer, error) {
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
		codec := securecookie.New(key, mac.Sum(nil)) // AES-256
		codec.SetSerializer(securecookie.NopEncoder{})
		codec.MaxAge(int(lifetime.Seconds()))
		codec.MaxLength(0) // the site's cookies may be longer than one of ours
		s = append(s, codec)
	}
	return s, nil
}

// seal encrypts text for one use alone: the name of a cookie, or a session's id. "" stays "".
func (s sealer) seal(use, text string) string {
	if text == "" {
		return ""
	}
	sealed, err := s[0].Encode(use, []byte(text))
	if err != nil {
		panic(err) // bytes of any length can be sealed
	}
	return sealed
}

// open is the inverse of seal. It reports false for what no key has sealed for this use.
func (s sealer) open(use, sealed string) (string, bool) {
	if sealed == "" {
		return "", true
	}
	var text []byte
	err := securecookie.DecodeMulti(use, sealed, &text, s...)
	return string(text), err == nil
}
