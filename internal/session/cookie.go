package session

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
)

// CookieName has the __Host- prefix: browsers accept it only from this very host, over https (or
// loopback), for the path "/".
const CookieName = "__Host-ocsso"

// keyLength is the bytes of a signing key: the block size of HMAC-SHA256.
const keyLength = 64

// cookie signs session ids into the cookie and reads them back.
type cookie struct{ codecs []securecookie.Codec }

// newCodecs returns a codec for each key. Values expire after lifetime.
func newCodecs(keys [][]byte, lifetime time.Duration) ([]securecookie.Codec, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("session keys: none given")
	}
	var codecs []securecookie.Codec
	for i, key := range keys {
		if len(key) != keyLength {
			return nil, fmt.Errorf("session key %d: %d bytes, want %d", i+1, len(key), keyLength)
		}
		codec := securecookie.New(key, nil) // signed, not encrypted
		codec.SetSerializer(securecookie.NopEncoder{})
		codec.MaxAge(int(lifetime.Seconds()))
		codecs = append(codecs, codec)
	}
	return codecs, nil
}

// id returns the session id of r's cookie. It reports false for no cookie, a forged or an expired
// one.
func (c cookie) id(r *http.Request) (string, bool) {
	sent, err := r.Cookie(CookieName)
	if err != nil {
		return "", false
	}
	var id []byte
	if err := securecookie.DecodeMulti(CookieName, sent.Value, &id, c.codecs...); err != nil {
		return "", false
	}
	return string(id), true
}

func (c cookie) encode(id string) (string, error) {
	return c.codecs[0].Encode(CookieName, []byte(id))
}

// set has no Max-Age: the browser deletes the cookie when it closes.
func (c cookie) set(w http.ResponseWriter, value string) { write(w, value, 0) }

func (c cookie) clear(w http.ResponseWriter) { write(w, "", -1) }

// write sets the cookie, in the place of one that this answer has set before.
func write(w http.ResponseWriter, value string, maxAge int) {
	w.Header()["Set-Cookie"] = slices.DeleteFunc(w.Header()["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, CookieName+"=")
	})
	http.SetCookie(w, &http.Cookie{
		Name: CookieName, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true,
		// The help center's script calls the login status from another site.
		SameSite: http.SameSiteNoneMode,
	})
}
