package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/securecookie"
)

const (
	// deviceCookieName names the cookie of a browser that members have logged in with. It outlives
	// sessions.
	deviceCookieName = CookieName + "-device"
	// deviceLifetime is how long the cookie lasts after the last login.
	deviceLifetime = 180 * 24 * time.Hour
	// maxNames is how many names one browser has, the last ones used. A member may have two: the
	// usercode and what was typed for it.
	maxNames = 8
)

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

// Devices knows which members have logged in with a browser before. It is read-only.
//
// The cookie gives no access: its only use is that attempts to log in are counted by browser, too.
// It holds a random id and hashes of names, signed. Nobody gets a member's name into a cookie
// without that member's password.
type Devices struct{ codecs []securecookie.Codec }

// A device is what the cookie holds, as the bytes of its fields in turn.
type device struct {
	id    [16]byte   // random, and the same for as long as the browser keeps the cookie
	names [][16]byte // of hash, the last used first
}

// NewDevices signs cookies with the session keys; see NewManager. A signature covers the cookie's
// name, so no session's cookie passes for a device's.
func NewDevices(keys [][]byte) (*Devices, error) {
	codecs, err := newCodecs(keys, deviceLifetime)
	if err != nil {
		return nil, err
	}
	return &Devices{codecs}, nil
}

// Known returns the id of r's browser, if somebody has logged in there under name.
func (d *Devices) Known(r *http.Request, name string) (id string, ok bool) {
	known, ok := d.read(r)
	if !ok || !slices.Contains(known.names, known.hash(name)) {
		return "", false
	}
	return hex.EncodeToString(known.id[:]), true
}

// Remember sets a cookie on w for r's browser, in which somebody has logged in under these names.
func (d *Devices) Remember(w http.ResponseWriter, r *http.Request, names ...string) error {
	known, ok := d.read(r)
	if !ok {
		rand.Read(known.id[:]) // never fails
	}
	for _, name := range names {
		hash := known.hash(name)
		known.names = slices.DeleteFunc(known.names, func(h [16]byte) bool { return h == hash })
		known.names = slices.Insert(known.names, 0, hash)
	}
	value := known.id[:]
	for _, hash := range known.names[:min(len(known.names), maxNames)] {
		value = append(value, hash[:]...)
	}
	text, err := d.codecs[0].Encode(deviceCookieName, value)
	if err != nil {
		return fmt.Errorf("remember the browser: %w", err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookieName, Value: text, Path: "/", MaxAge: int(deviceLifetime.Seconds()),
		Secure: true, HttpOnly: true,
		// The login form may be in a frame of the help center's page, which is another site.
		SameSite: http.SameSiteNoneMode,
	})
	return nil
}

// read returns what r's cookie holds. It reports false for no cookie, a forged or an expired one.
func (d *Devices) read(r *http.Request) (known device, ok bool) {
	sent, err := r.Cookie(deviceCookieName)
	if err != nil {
		return device{}, false
	}
	var value []byte
	if err := securecookie.DecodeMulti(deviceCookieName, sent.Value, &value, d.codecs...); err != nil {
		return device{}, false
	}
	const size = len(known.id)
	if len(value) == 0 || len(value)%size != 0 {
		return device{}, false
	}
	known.id = [size]byte(value)
	for hash := range slices.Chunk(value[size:], size) {
		known.names = append(known.names, [size]byte(hash))
	}
	return known, true
}

// hash depends on the id, so that no list of hashed names fits all cookies.
func (d device) hash(name string) [16]byte {
	sum := sha256.Sum256(append(d.id[:], name...))
	return [16]byte(sum[:])
}
