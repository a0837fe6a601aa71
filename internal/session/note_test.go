package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/session"
)

// leave leaves a note and returns its cookie.
func leave(t *testing.T, m *session.Manager, name, text string) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.LeaveNote(w, name, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func TestANoteIsTakenByTheBrowserThatHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now), key(1))
		first, second := leave(t, m, "one", "first"), leave(t, m, "two", "second")
		if first.Name != "__Host-ocsso-one" || first.Path != "/" || !first.Secure || !first.HttpOnly || first.SameSite != http.SameSiteLaxMode || first.MaxAge != 600 {
			t.Errorf("got %+v, want __Host-ocsso-one for ten minutes; Path=/; Secure; HttpOnly; SameSite=Lax", first)
		}
		want := func(name, text string, ok bool, cookies ...*http.Cookie) {
			t.Helper()
			got, found := m.TakeNote(httptest.NewRecorder(), requestWith(cookies...), name)
			if string(got) != text || found != ok {
				t.Errorf("%s: got %q, %v, want %q, %v", name, got, found, text, ok)
			}
		}
		want("one", "first", true, first, second)
		want("two", "second", true, first, second)
		want("one", "", false)
		want("one", "", false, second)
		// Signed for another name
		want("one", "", false, &http.Cookie{Name: first.Name, Value: second.Value})
		want("one", "", false, &http.Cookie{Name: first.Name, Value: first.Value + "A"})
		// A session's cookie
		want("one", "", false, &http.Cookie{Name: first.Name, Value: start(t, m, requestWith()).Value})
		want("one", "", false, leave(t, newManager(t, kv.NewMemory(time.Now), key(2)), "one", "first"))

		w := httptest.NewRecorder()
		m.TakeNote(w, requestWith(first), "one")
		if got := w.Result().Cookies(); len(got) != 1 || got[0].Name != first.Name || got[0].MaxAge >= 0 {
			t.Errorf("got cookies %v, want the note taken back", got)
		}
		time.Sleep(session.NoteLifetime + time.Second)
		want("one", "", false, first)
	})
}
