package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/member"
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
	if _, err := m.EndGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
}

// TestAMembersSessionsAreBounded: the oldest ends, and nothing of it stays.
func TestAMembersSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 10_000_000)
		m := newManager(t, store, key(1))
		var cookies []*http.Cookie
		full := 0
		for n := range 200 {
			cookies = append(cookies, startTied(t, m, session.Ties{
				Source: "a source", Kept: "an ID token", Groups: []string{fmt.Sprint("sid ", n), "sub"}, Begun: time.Now(),
			}))
			if n == 63 {
				full = store.Len()
			}
			time.Sleep(time.Millisecond)
		}
		if got := store.Len(); got > full {
			t.Errorf("the store holds %d entries, and %d with 64 sessions", got, full)
		}
		wantNone(t, m, cookies[200-65])
		for _, cookie := range cookies[200-64:] {
			wantMember(t, m, cookie)
		}
		if err := m.EndAll(t.Context(), minji.UserCode); err != nil {
			t.Fatal(err)
		}
		if got := store.Len(); got != 0 {
			t.Errorf("the store holds %d entries after the end of all sessions, want none", got)
		}
	})
}

// TestALoginAfterALongDayEndsNoOther: logging in and out all day ends no session elsewhere.
func TestALoginAfterALongDayEndsNoOther(t *testing.T) {
	m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
	phone := start(t, m, requestWith())
	for range 200 {
		if err := m.End(httptest.NewRecorder(), requestWith(start(t, m, requestWith()))); err != nil {
			t.Fatal(err)
		}
	}
	wantMember(t, m, phone)
}

// TestASessionIsReadOnceForACall: the help center asks on every page move.
func TestASessionIsReadOnceForACall(t *testing.T) {
	store := &countingStore{Store: kv.NewMemory(time.Now, 10_000_000)}
	m := newManager(t, store, key(1))
	cookie := startTied(t, m, session.Ties{Groups: []string{"sid", "sub"}, Begun: time.Now(), Kept: "x", Source: "y"})
	store.calls = 0
	wantMember(t, m, cookie)
	if store.calls != 1 {
		t.Errorf("got %d calls of the store, want 1", store.calls)
	}
}

// countingStore counts what it is asked.
type countingStore struct {
	kv.Store
	calls int
}

func (s *countingStore) Get(ctx context.Context, key string) ([]byte, error) {
	s.calls++
	return s.Store.Get(ctx, key)
}

func (s *countingStore) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	s.calls++
	return s.Store.Replace(ctx, key, old, value, lifetime)
}

func TestASessionEndsWithEachOfItsGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 10_000_000)
		m, replica := newManager(t, store, key(1)), newManager(t, store, key(1))
		tied := func(groups ...string) *http.Cookie {
			t.Helper()
			time.Sleep(time.Second)
			return startTied(t, m, session.Ties{Groups: groups, Begun: time.Now()})
		}
		first, second, other := tied("sid 1", "sub a"), tied("sid 2", "sub a"), tied("sid 3", "sub b")
		alone := start(t, m, requestWith())
		issue(t, m, wantMember(t, m, first), signature)

		endGroup(t, replica, "sid 1")
		wantNone(t, m, first)
		wantIssued(t, m, signature, "minji", false)
		wantMember(t, m, second)
		again := tied("sid 1", "sub a")
		wantMember(t, m, again) // a later login of the same group
		time.Sleep(time.Hour)
		wantMember(t, m, again) // stored anew

		endGroup(t, replica, "sub a")
		wantNone(t, m, second)
		wantNone(t, m, again)
		for _, group := range []string{"", "minji", "sub", "sub B", "sid b"} {
			endGroup(t, m, group)
		}
		wantMember(t, m, other)
		wantMember(t, m, alone)
	})
}

// TestAnEndCountsForALoginThatHasBegun: a provider's logout may come while the member is on the way
// back from there.
func TestAnEndCountsForALoginThatHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 10_000_000)
		m := newManager(t, store, key(1))
		begun := time.Now()
		time.Sleep(time.Second)
		endGroup(t, m, "sid 1")
		entries := store.Len()
		time.Sleep(session.PendingLifetime - 2*time.Second)
		w := httptest.NewRecorder()
		err := m.Start(w, requestWith(), minji, session.Ties{Groups: []string{"sub", "sid 1"}, Begun: begun})
		if !errors.Is(err, session.ErrEnded) || len(w.Result().Cookies()) != 0 {
			t.Errorf("got %v and %v, want %v and no cookie", err, w.Result().Cookies(), session.ErrEnded)
		}
		if got := store.Len(); got != entries {
			t.Errorf("the store holds %d entries, want the %d from before the login", got, entries)
		}
		wantMember(t, m, startTied(t, m, session.Ties{Groups: []string{"sub", "sid 1"}, Begun: begun.Add(2 * time.Second)}))
	})
}

// TestALoginThatRacesWithTheEndOfItsGroupIsNone has a group that ends at each point of a login.
func TestALoginThatRacesWithTheEndOfItsGroupIsNone(t *testing.T) {
	for at := range 12 {
		store := kv.NewMemory(time.Now, 10_000_000)
		other := newManager(t, store, key(1))
		racing := &racingStore{Store: store, at: at, race: func() { endGroup(t, other, "sid 1") }}
		w := httptest.NewRecorder()
		err := newManager(t, racing, key(1)).Start(w, requestWith(), minji, session.Ties{Groups: []string{"sid 1", "sub"}, Begun: time.Now()})
		if racing.at >= 0 {
			if at < 6 {
				t.Errorf("the login has made %d calls of the store, too few for this test", at)
			}
			return
		}
		switch {
		case errors.Is(err, session.ErrEnded):
		case err != nil:
			t.Errorf("call %d: got %v", at, err)
		default:
			wantNone(t, other, w.Result().Cookies()[0])
		}
	}
}

// racingStore calls race before the call of the store with this number.
type racingStore struct {
	kv.Store
	at   int
	race func()
}

func (s *racingStore) count() {
	if s.at == 0 {
		s.race()
	}
	s.at--
}

func (s *racingStore) Get(ctx context.Context, key string) ([]byte, error) {
	s.count()
	return s.Store.Get(ctx, key)
}

func (s *racingStore) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	s.count()
	return s.Store.Replace(ctx, key, old, value, lifetime)
}

func (s *racingStore) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	s.count()
	return s.Store.Put(ctx, key, value, lifetime)
}

// TestASubjectWithAnotherUsercodeStillEnds: the claim with the usercode may change at the provider.
func TestASubjectWithAnotherUsercodeStillEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
		var cookies []*http.Cookie
		for n := range 128 {
			who := minji
			if n%2 == 1 {
				who = member.Member{UserCode: "minji2"}
			}
			w := httptest.NewRecorder()
			if err := m.Start(w, requestWith(), who, session.Ties{Groups: []string{"sub"}, Begun: time.Now()}); err != nil {
				t.Fatal(err)
			}
			cookies = append(cookies, w.Result().Cookies()[0])
		}
		time.Sleep(time.Second)
		endGroup(t, m, "sub")
		for _, cookie := range cookies {
			wantNone(t, m, cookie)
		}
	})
}

func TestWhatASessionKeepsIsSealedAndEndsWithIt(t *testing.T) {
	const text = "an ID token with personal data"
	memory := kv.NewMemory(time.Now, 10_000_000)
	store := recordingStore{memory, map[string][]byte{}}
	m := newManager(t, store, key(1))
	first := startTied(t, m, session.Ties{Kept: text, Groups: []string{"sid", "sub"}, Begun: time.Now()})
	for key, value := range store.values {
		if bytes.Contains(value, []byte("personal data")) {
			t.Errorf("%s holds the text", key)
		}
	}
	for _, keys := range [][][]byte{{key(1)}, {key(2), key(1)}} {
		if got := wantMember(t, newManager(t, store, keys...), first).Kept; got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	if err := m.End(httptest.NewRecorder(), requestWith(first)); err != nil {
		t.Fatal(err)
	}
	if got := memory.Len(); got != 0 {
		t.Errorf("the store holds %d entries after the logout, want none", got)
	}
}

func TestWhatBelongsToASessionEndsWhenItIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := recordingStore{kv.NewMemory(time.Now, 10_000_000), map[string][]byte{}}
		m := newManager(t, store, key(1))
		used := startTied(t, m, session.Ties{Groups: []string{"sid 1", "sub"}, Begun: time.Now()})
		startTied(t, m, session.Ties{Groups: []string{"sid 2", "sub"}, Begun: time.Now(), Kept: "x", Source: "y"})
		time.Sleep(limits.Idle - time.Minute)
		wantMember(t, m, used)
		time.Sleep(limits.Idle - time.Minute)
		left := 0
		for key := range store.values {
			if _, err := store.Get(t.Context(), key); err == nil {
				left++
			}
		}
		if left != 3 {
			t.Errorf("the store has %d of the %d values, want the 3 of the session that is used", left, len(store.values))
		}
		wantMember(t, m, used)
		endGroup(t, m, "sub")
		wantNone(t, m, used)
	})
}

func TestSomethingHappensForTheFirstTimeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 10_000_000)
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
