package session

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/securecookie"
)

// CookieName has the __Host- prefix: browsers take such a cookie only from this very host, over https (or loopback), for
// the path "/".
const CookieName = "__Host-ocsso"

// keyLength is the bytes of a signing key: the block size of HMAC-SHA256.
const keyLength = 64

// cookie signs session ids into the cookie and reads them back. It is safe for concurrent use.
type cookie struct {
	codecs   []securecookie.Codec
	verified *verified
}

// maxVerified is how many cookies are remembered, of some 250 bytes each.
const maxVerified = 8192

// verified remembers the ids of cookies whose signature was good, which spares nine tenths of reading one: 7 % of a status call.
// It has only what the keys have verified, for as long as those keys are in use; and a cookie that it remembers for too long
// names a session that is over, as a session ends before its cookie does.
type verified struct {
	mu  sync.RWMutex
	ids map[string]string // by the cookie's value
}

func (v *verified) id(value string) (string, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	id, ok := v.ids[value]
	return id, ok
}

func (v *verified) add(value, id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.ids) == maxVerified {
		clear(v.ids) // those in use are back after a call each
	}
	v.ids[strings.Clone(value)] = id // value is part of all of the request's header
}

// newCodecs returns a codec for each key, for values that are good for lifetime.
func newCodecs(keys [][]byte, lifetime time.Duration) ([]securecookie.Codec, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("session keys: none given")
	}
	var codecs []securecookie.Codec
	for i, key := range keys {
		if len(key) != keyLength {
			return nil, fmt.Errorf("session key %d: %d bytes, want %d", i+1, len(key), keyLength)
		}
		codec := securecookie.New(key, nil) // signed only: the id has nothing to hide from its bearer, who is the member
		codec.SetSerializer(securecookie.NopEncoder{})
		codec.MaxAge(int(lifetime.Seconds()))
		codecs = append(codecs, codec)
	}
	return codecs, nil
}

func newCookie(codecs []securecookie.Codec) cookie {
	return cookie{codecs, &verified{ids: make(map[string]string)}}
}

// id returns the session id of r's cookie, and false for none, a tampered or an old one.
func (c cookie) id(r *http.Request) (string, bool) {
	sent, err := r.Cookie(CookieName)
	if err != nil {
		return "", false
	}
	if id, ok := c.verified.id(sent.Value); ok {
		return id, true
	}
	var id []byte
	if err := securecookie.DecodeMulti(CookieName, sent.Value, &id, c.codecs...); err != nil {
		return "", false
	}
	c.verified.add(sent.Value, string(id))
	return string(id), true
}

func (c cookie) encode(id string) (string, error) {
	return c.codecs[0].Encode(CookieName, []byte(id))
}

// set has no Max-Age: the browser forgets the cookie when it closes, the store when the session is over.
func (c cookie) set(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: CookieName, Value: value, Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteNoneMode, // the help center's script calls the login status from another site
	})
}

func (c cookie) clear(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: CookieName, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode,
	})
}
