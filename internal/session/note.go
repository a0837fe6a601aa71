package session

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
)

// NoteLifetime is how long a note lasts: the time that a member may take to log in elsewhere.
const NoteLifetime = 10 * time.Minute

// LeaveNote leaves signed text in the browser under name, which is printable ASCII without
// separators. A login that continues elsewhere finds it when it comes back.
func (m *Manager) LeaveNote(w http.ResponseWriter, name string, text []byte) error {
	value, err := m.notes[0].Encode(noteCookie(name), text)
	if err != nil {
		return fmt.Errorf("leave a note: %w", err)
	}
	setNote(w, name, value, int(NoteLifetime.Seconds()))
	return nil
}

// TakeNote returns the text of the note with this name in r's browser, and deletes the note on w.
// It reports false when there is none, and for one that we did not sign or that is older than
// NoteLifetime.
func (m *Manager) TakeNote(w http.ResponseWriter, r *http.Request, name string) ([]byte, bool) {
	sent, err := r.Cookie(noteCookie(name))
	if err != nil {
		return nil, false
	}
	setNote(w, name, "", -1)
	var text []byte
	if err := securecookie.DecodeMulti(noteCookie(name), sent.Value, &text, m.notes...); err != nil {
		return nil, false
	}
	return text, true
}

func noteCookie(name string) string { return CookieName + "-" + name }

// setNote sets a Lax cookie: the browser comes back by a navigation, which sends it.
func setNote(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: noteCookie(name), Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
