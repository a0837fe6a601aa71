package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/session"
)

// begin begins a login in the browser with these cookies, and returns its cookie.
func begin(t *testing.T, m *session.Manager, returnURL string, cookies ...*http.Cookie) (session.Pending, *http.Cookie) {
	t.Helper()
	w := httptest.NewRecorder()
	p := m.NewPending(w, requestWith(cookies...), "/login/form", returnURL)
	return p, w.Result().Cookies()[0]
}

func wantPending(t *testing.T, m *session.Manager, cookie *http.Cookie, want ...session.Pending) {
	t.Helper()
	got, sent := m.Pending(requestWith(cookie))
	if !sent || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v, want %v", got, sent, want)
	}
}

// TestTheLastThreeLoginsArePendingInOneCookie: two tabs work, and forty don't leave forty cookies.
func TestTheLastThreeLoginsArePendingInOneCookie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory()
		m := newManager(t, store, key(1))
		var cookies []*http.Cookie // as a browser keeps them
		var begun []session.Pending
		for i := range 80 {
			longest, kept := 320-len("/login/form"), 2
			if i < 40 {
				longest, kept = longest/2, 3
			} else if i == 40 {
				cookies, begun = nil, nil // another browser
			}
			p, cookie := begin(t, m, strings.Repeat("u", longest), cookies...)
			cookies, begun = []*http.Cookie{cookie}, append([]session.Pending{p}, begun...)
			wantPending(t, m, cookie, begun[:min(kept, len(begun))]...)
			if n := len(cookie.Name) + len(cookie.Value); n > 1536 {
				t.Fatalf("got a cookie of %d bytes, want 1.5 KB at most", n)
			}
			time.Sleep(time.Second)
		}
		c := cookies[0]
		if c.Name != "__Host-ocsso-login" || c.Path != "/" || !c.Secure || !c.HttpOnly ||
			c.SameSite != http.SameSiteLaxMode || c.MaxAge != 3600 || strings.Contains(c.Value, "uuu") {
			t.Errorf("got %+v, want it sealed, for an hour; Path=/; Secure; HttpOnly; SameSite=Lax", c)
		}
		wantEntries(t, store, 0)     // a stranger who only begins
		time.Sleep(59 * time.Minute) // too late to go on, and not to say so
		wantPending(t, m, c, begun[:2]...)
	})
}

func TestOnlyASealedCookieHasPendingLogins(t *testing.T) {
	m := newManager(t, memory(), key(1))
	p, cookie := begin(t, m, "")
	wantPending(t, newManager(t, memory(), key(2), key(1)), cookie, p)
	_, otherKey := begin(t, newManager(t, memory(), key(2)), "")
	for _, value := range []string{
		"", "x", "network/203.0.113.7/32", otherKey.Value, cookie.Value + "A", cookie.Value[1:],
		start(t, m).Value, // a session's
	} {
		if got, sent := m.Pending(requestWith(&http.Cookie{Name: cookie.Name, Value: value})); sent || len(got) > 0 {
			t.Errorf("%q: got %v, %v, want none", value, got, sent)
		}
	}
	wantNone(t, m, &http.Cookie{Name: cookieName, Value: cookie.Value})
}
