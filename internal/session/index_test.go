package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

func endGroup(t *testing.T, m *session.Manager, group string) {
	t.Helper()
	if _, err := m.EndGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
}

// TestAMembersSessionsAreBounded: the oldest ends, and nothing of it stays.
func TestAMembersSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory()
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
		wantEntries(t, store, 0)
	})
}

// TestALoginAfterALongDayEndsNoOther: logging in and out all day ends no session elsewhere.
func TestALoginAfterALongDayEndsNoOther(t *testing.T) {
	m := newManager(t, memory(), key(1))
	phone := start(t, m)
	for range 200 {
		end(t, m, start(t, m))
	}
	wantMember(t, m, phone)
}

// TestASessionIsReadOnceForACall: the help center asks on every page move.
func TestASessionIsReadOnceForACall(t *testing.T) {
	calls := 0
	m := newManager(t, spy{memory(), func(string, string, []byte) error { calls++; return nil }}, key(1))
	cookie := startTied(t, m, session.Ties{Groups: []string{"sid", "sub"}, Begun: time.Now(), Kept: "x", Source: "y"})
	calls = 0
	wantMember(t, m, cookie)
	if calls != 1 {
		t.Errorf("got %d calls of the store, want 1", calls)
	}
}

func TestASessionEndsWithEachOfItsGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory()
		m, replica := newManager(t, store, key(1)), newManager(t, store, key(1))
		tied := func(groups ...string) *http.Cookie {
			t.Helper()
			time.Sleep(time.Second)
			return startTied(t, m, session.Ties{Groups: groups, Begun: time.Now()})
		}
		first, second, other := tied("sid 1", "sub a"), tied("sid 2", "sub a"), tied("sid 3", "sub b")
		alone := start(t, m)
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
		store := memory()
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
		wantEntries(t, store, entries)
		wantMember(t, m, startTied(t, m, session.Ties{Groups: []string{"sub", "sid 1"}, Begun: begun.Add(2 * time.Second)}))
	})
}

// TestALoginThatRacesWithTheEndOfItsGroupIsNone has a group that ends at each point of a login.
func TestALoginThatRacesWithTheEndOfItsGroupIsNone(t *testing.T) {
	for at := range 12 {
		store := memory()
		other, calls := newManager(t, store, key(1)), 0
		m := newManager(t, spy{store, func(string, string, []byte) error {
			if calls++; calls == at+1 {
				endGroup(t, other, "sid 1")
			}
			return nil
		}}, key(1))
		w := httptest.NewRecorder()
		err := m.Start(w, requestWith(), minji, session.Ties{Groups: []string{"sid 1", "sub"}, Begun: time.Now()})
		switch {
		case calls <= at:
			if at < 6 {
				t.Errorf("the login has made %d calls of the store, too few for this test", at)
			}
			return
		case errors.Is(err, session.ErrEnded):
		case err != nil:
			t.Errorf("call %d: got %v", at, err)
		default:
			wantNone(t, other, w.Result().Cookies()[0])
		}
	}
}

// TestASubjectWithAnotherUsercodeStillEnds: the claim with the usercode may change at the provider.
func TestASubjectWithAnotherUsercodeStillEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, memory(), key(1))
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

// TestTheStoreSeesNoSecret: whoever can read it learns nothing of members and their tokens.
func TestTheStoreSeesNoSecret(t *testing.T) {
	values := map[string][]byte{}
	store := recording(values)
	m := newManager(t, store, key(1))
	ties := session.Ties{Source: "sid=secret", Kept: "an ID token", Groups: []string{"sid", "sub"}, Begun: time.Now()}
	first, second := startTied(t, m, ties), startTied(t, m, session.Ties{})
	current := wantMember(t, m, first)
	issue(t, m, current, signature)
	if len(values) < 5 {
		t.Errorf("got %d values, want those of two sessions, two groups and a token", len(values))
	}
	for key, value := range values {
		for _, secret := range []string{
			signature[:20], "sid=secret", "ID token", minji.UserCode, minji.UserName, minji.Email, minji.Phone, minji.MemberNo,
		} {
			if strings.Contains(key+string(value), secret) {
				t.Errorf("%s has %s", key, secret)
			}
		}
	}
	for _, keys := range [][][]byte{{key(1)}, {key(2), key(1)}} {
		if got := wantMember(t, newManager(t, store, keys...), first); got.Kept != ties.Kept || got.Source != ties.Source {
			t.Errorf("got %q and %q, want %q and %q", got.Kept, got.Source, ties.Kept, ties.Source)
		}
	}
	// A record that is moved to another session's place is no session.
	other := path.Dir(wantMember(t, m, second).ID)
	if err := store.Put(t.Context(), other, values[path.Dir(current.ID)], time.Hour); err != nil {
		t.Fatal(err)
	}
	wantNone(t, m, second)
	if err := store.Delete(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	end(t, m, first)
	wantEntries(t, store, 0)
}

func TestWhatBelongsToASessionEndsWhenItIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := map[string][]byte{}
		store := recording(values)
		m := newManager(t, store, key(1))
		used := startTied(t, m, session.Ties{Groups: []string{"sid 1", "sub"}, Begun: time.Now()})
		startTied(t, m, session.Ties{Groups: []string{"sid 2", "sub"}, Begun: time.Now(), Kept: "x", Source: "y"})
		time.Sleep(limits.Idle - time.Minute)
		wantMember(t, m, used)
		time.Sleep(limits.Idle - time.Minute)
		left := 0
		for key := range values {
			if _, err := store.Get(t.Context(), key); err == nil {
				left++
			}
		}
		if left != 3 {
			t.Errorf("the store has %d of the %d values, want the 3 of the session that is used", left, len(values))
		}
		wantMember(t, m, used)
		endGroup(t, m, "sub")
		wantNone(t, m, used)
	})
}

func TestSomethingHappensForTheFirstTimeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory()
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
