package session

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/securecookie"
)

// CookieName returns the name of the session cookie of the server with this public URL. Browsers
// accept a __Host- cookie only from this very host, over https (or loopback), for the path "/".
// They send it to every port and path, so a server at a port or path of its own has a name of its
// own.
func CookieName(public string) string {
	const plain = "__Host-ocsso"
	u, err := url.Parse(public)
	if err != nil || u.Port() == "" && strings.Trim(u.Path, "/") == "" {
		return plain
	}
	return plain + "-" + hash(u.Port() + strings.TrimRight(u.Path, "/"))[:6]
}

// id returns the session id of r's cookie. It reports false for no cookie and a forged one.
func (m *Manager) id(r *http.Request) (string, bool) { return m.openCookie(r, m.cookie) }

// writeCookie sets the cookie, in the place of one that this answer has set before. With maxAge 0
// the browser deletes the cookie when it closes.
func (m *Manager) writeCookie(w http.ResponseWriter, value string, maxAge int) {
	w.Header()["Set-Cookie"] = slices.DeleteFunc(w.Header()["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, m.cookie+"=")
	})
	http.SetCookie(w, &http.Cookie{
		Name: m.cookie, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true,
		// The help center's script calls the login status from another site.
		SameSite: http.SameSiteNoneMode,
	})
}

// openCookie returns the content of r's cookie of this name. It reports false for no cookie and for
// one that we did not seal.
func (m *Manager) openCookie(r *http.Request, name string) (content string, ok bool) {
	sent, err := r.Cookie(name)
	if err != nil || sent.Value == "" {
		return "", false
	}
	var text []byte
	err = securecookie.DecodeMulti(name, sent.Value, &text, m.codecs...)
	return string(text), err == nil
}

// sealCookie returns the value of a cookie of this name.
func (m *Manager) sealCookie(name, content string) string {
	value, err := m.codecs[0].Encode(name, []byte(content))
	if err != nil {
		panic(err) // bytes of any length can be sealed
	}
	return value
}
