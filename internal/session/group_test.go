package session_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/session"
)

// startTied logs minji in with ties, from a browser without cookies.
func startTied(t *testing.T, m *session.Manager, ties session.Ties) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.Start(w, requestWith(), minji, ties); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func endGroup(t *testing.T, m *session.Manager, group string) {
	t.Helper()
	if err := m.EndGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
}

func TestASessionEndsWithEachOfItsGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 100_000)
		m, replica := newManager(t, store, key(1)), newManager(t, store, key(1))
		first := startTied(t, m, session.Ties{Groups: []string{"sid/1", "sub/a"}})
		second := startTied(t, m, session.Ties{Groups: []string{"sid/2", "sub/a"}})
		other := startTied(t, m, session.Ties{Groups: []string{"sid/3", "sub/b"}})
		alone := start(t, m, requestWith())
		live := wantMember(t, m, first).ID

		endGroup(t, replica, "sid/1")
		wantNone(t, m, first)
		if ok, err := m.Live(t.Context(), live); err != nil || ok { // the token verify URL
			t.Errorf("got %v, %v, want no live session", ok, err)
		}
		wantMember(t, m, second)
		again := startTied(t, m, session.Ties{Groups: []string{"sid/1", "sub/a"}})
		wantMember(t, m, again) // a later login of the same group
		time.Sleep(time.Hour)
		wantMember(t, m, again) // stored anew

		endGroup(t, replica, "sub/a")
		wantNone(t, m, second)
		wantNone(t, m, again)
		for _, group := range []string{"", "minji", "sub/", "sub/B", "sid/b"} {
			endGroup(t, m, group)
		}
		wantMember(t, m, other)
		wantMember(t, m, alone)
	})
}

// TestALoginThatRacesWithTheEndOfItsGroupIsNone has a group that ends after the login has read its
// mark, and before the session is stored.
func TestALoginThatRacesWithTheEndOfItsGroupIsNone(t *testing.T) {
	store := kv.NewMemory(time.Now, 100_000)
	other := newManager(t, store, key(1))
	racing := &racingStore{Store: store, beforePut: func() { endGroup(t, other, "sid/1") }}
	cookie := startTied(t, newManager(t, racing, key(1)), session.Ties{Groups: []string{"sid/1"}, Kept: "x"})
	wantNone(t, other, cookie)
}

func TestWhatASessionKeepsIsSealedAndEndsWithIt(t *testing.T) {
	const text = "an ID token with personal data"
	store := recordingStore{kv.NewMemory(time.Now, 100_000), map[string][]byte{}}
	m := newManager(t, store, key(1))
	first, second := startTied(t, m, session.Ties{Kept: text}), startTied(t, m, session.Ties{})
	for key, value := range store.values {
		if bytes.Contains(value, []byte("personal data")) {
			t.Errorf("%s holds the text", key)
		}
		if strings.HasPrefix(key, "session/") && len(value) > 300 {
			t.Errorf("%s has %d bytes, want it small: each call of the help center reads it", key, len(value))
		}
	}
	current := wantMember(t, m, first)
	for _, test := range []struct {
		name string
		m    *session.Manager
		s    session.Session
		want string
	}{
		{"the session's own", m, current, text},
		{"after a new key", newManager(t, store, key(2), key(1)), current, text},
		{"after its key is gone", newManager(t, store, key(2)), current, ""},
		{"another session's", m, wantMember(t, m, second), ""},
	} {
		if got, err := test.m.Kept(t.Context(), test.s); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
	if err := m.End(httptest.NewRecorder(), requestWith(first)); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Kept(t.Context(), current); err != nil || got != "" {
		t.Errorf("after the end: got %q, %v, want nothing", got, err)
	}
	if _, err := store.Get(t.Context(), "kept/"+current.ID); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("got %v, want %v", err, kv.ErrNotFound)
	}
}

func TestSomethingHappensForTheFirstTimeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 100_000)
		m, replica := newManager(t, store, key(1)), newManager(t, store, key(1))
		want := func(m *session.Manager, what string, want bool) {
			t.Helper()
			if got, err := m.First(t.Context(), what, time.Minute); err != nil || got != want {
				t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
			}
		}
		want(m, "a", true)
		want(replica, "a", false)
		want(replica, "b", true)
		time.Sleep(time.Minute)
		want(replica, "a", true)
		if err := m.ForgetFirst(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		want(replica, "a", true)
	})
}
