package session

import (
	"net/http"
	"slices"
	"strings"
)

// CookieName has the __Host- prefix: browsers accept it only from this very host, over https (or
// loopback), for the path "/".
const CookieName = "__Host-ocsso"

// id returns the session id of r's cookie. It reports false for no cookie and a forged one.
func (m *Manager) id(r *http.Request) (string, bool) { return m.openCookie(r, CookieName) }

// setCookie has no Max-Age: the browser deletes the cookie when it closes.
func (m *Manager) setCookie(w http.ResponseWriter, id string) {
	writeCookie(w, m.sealer.seal(CookieName, id), 0)
}

func clearCookie(w http.ResponseWriter) { writeCookie(w, "", -1) }

// writeCookie sets the cookie, in the place of one that this answer has set before.
func writeCookie(w http.ResponseWriter, value string, maxAge int) {
	w.Header()["Set-Cookie"] = slices.DeleteFunc(w.Header()["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, CookieName+"=")
	})
	http.SetCookie(w, &http.Cookie{
		Name: CookieName, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true,
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
	return m.sealer.open(name, sent.Value)
}
