package session

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
)

// NoteLifetime is how long a note is good for: the time that a member may take to log in elsewhere.
const NoteLifetime = 10 * time.Minute

// LeaveNote leaves text in the browser, signed, under name, which is printable ASCII without separators. It is what a login under
// way elsewhere comes back to; several under way at once have names of their own.
func (m *Manager) LeaveNote(w http.ResponseWriter, name string, text []byte) error {
	value, err := m.notes[0].Encode(noteCookie(name), text)
	if err != nil {
		return fmt.Errorf("leave a note: %w", err)
	}
	setNote(w, name, value, int(NoteLifetime.Seconds()))
	return nil
}

// TakeNote returns the text of the note with that name that r's browser has, and takes it back on w. It is false for none,
// one that we did not leave, or one older than NoteLifetime.
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

// setNote is Lax: the browser comes back by a navigation, and nothing else needs the note.
func setNote(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: noteCookie(name), Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
