package session_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

const signature = "Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo="

// issue issues a token to a session, in a handoff that counts no round.
func issue(t testing.TB, m *session.Manager, s session.Session, token string) {
	t.Helper()
	if first, err := m.Issue(t.Context(), s, token, session.Round{}); err != nil || !first {
		t.Fatalf("got %v, %v, want %s to be issued", first, err, token)
	}
}

func wantIssued(t testing.TB, m *session.Manager, token, usercode string, want bool) {
	t.Helper()
	if got, err := m.Issued(t.Context(), token, usercode); err != nil || got != want {
		t.Errorf("token %q of %q: got %v, %v, want %v", token, usercode, got, err, want)
	}
}

func TestATokenIsTrueForItsMemberAlone(t *testing.T) {
	m := newManager(t, memory(), key(1))
	cookie := start(t, m)
	issue(t, m, wantMember(t, m, cookie), signature)
	for range 2 { // asked as often as the help center likes
		wantIssued(t, m, signature, "minji", true)
	}
	for _, wrong := range [][2]string{
		{signature, "other"}, {signature, ""}, {"", "minji"}, {"", ""}, {signature, "Minji"}, {signature, "minji "},
		{strings.ToLower(signature), "minji"}, {signature[1:], "minji"}, {signature + "=", "minji"},
	} {
		wantIssued(t, m, wrong[0], wrong[1], false)
	}
}

// TestATokenBelongsToOneSession: two of a member's sessions may sign alike in one millisecond.
func TestATokenBelongsToOneSession(t *testing.T) {
	store := memory()
	m := newManager(t, store, key(1))
	first, second := start(t, m), start(t, m)
	issue(t, m, wantMember(t, m, first), signature)
	for _, again := range []session.Session{wantMember(t, m, second), wantMember(t, m, first)} {
		if ok, err := m.Issue(t.Context(), again, signature, session.Round{}); ok || err != nil {
			t.Errorf("got %v, %v, want it known", ok, err)
		}
	}
	end(t, m, second)
	wantIssued(t, m, signature, "minji", true)
	end(t, m, first)
	wantIssued(t, m, signature, "minji", false)
	wantEntries(t, store, 0)
}

func TestATokenEndsWithItsLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, memory(), key(1))
		issue(t, m, wantMember(t, m, start(t, m)), signature)
		time.Sleep(limits.Token - 1)
		wantIssued(t, m, signature, "minji", true)
		time.Sleep(time.Nanosecond)
		wantIssued(t, m, signature, "minji", false)
	})
}

// TestASessionsTokensAreBounded: a member who asks for tokens all day, in many tabs at once, must
// not fill the store.
func TestASessionsTokensAreBounded(t *testing.T) {
	store := memory()
	m := newManager(t, store, key(1))
	cookie := start(t, m)
	var tabs sync.WaitGroup
	for tab := range 8 {
		tabs.Go(func() {
			current, err := m.Current(requestWith(cookie))
			for n := 0; n < 25 && err == nil; n++ {
				_, err = m.Issue(t.Context(), current, fmt.Sprint(tab, " ", n), session.Round{}) // all with what was read first
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	tabs.Wait()
	wantEntries(t, store, 1+16)
	for n := range 17 {
		issue(t, m, wantMember(t, m, cookie), fmt.Sprint("token ", n))
	}
	wantIssued(t, m, "token 0", "minji", false)
	for n := 1; n < 17; n++ {
		wantIssued(t, m, fmt.Sprint("token ", n), "minji", true)
	}
	if err := m.EndAll(t.Context(), "minji"); err != nil {
		t.Fatal(err)
	}
	wantIssued(t, m, "token 16", "minji", false)
	wantEntries(t, store, 0)
}

// TestNoTokenOutlivesALogoutAtThatMoment: what is issued to a session that ends meanwhile is
// unknown.
func TestNoTokenOutlivesALogoutAtThatMoment(t *testing.T) {
	store := memory()
	m := newManager(t, store, key(1))
	current := wantMember(t, m, start(t, m))
	if err := m.EndAll(t.Context(), "minji"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Issue(t.Context(), current, signature, session.Round{}); err == nil {
		t.Error("got no error, want one")
	}
	wantEntries(t, store, 0)
}

// TestALinksSessionLastsAsLongAsItsToken however often the help center asks.
func TestALinksSessionLastsAsLongAsItsToken(t *testing.T) {
	for lifetime, want := range map[time.Duration]time.Duration{3 * time.Hour: 3 * time.Hour, 24 * time.Hour: limits.Lifetime} {
		synctest.Test(t, func(t *testing.T) {
			within := limits
			within.Token = lifetime
			m := newManagerWith(t, memory(), within, session.Recheck{}, time.Now, key(1))
			for _, token := range []string{"asked", "never"} {
				s, err := m.StartWithoutCookie(t.Context(), member.Member{UserCode: token})
				if got := s.Expires.Sub(s.Started); err != nil || got != want {
					t.Fatalf("got %v, %v, want %v", got, err, want)
				}
				issue(t, m, s, token)
			}
			time.Sleep(10 * time.Minute)
			wantIssued(t, m, "asked", "asked", true)
			time.Sleep(want - 10*time.Minute - time.Second) // longer than idle
			wantIssued(t, m, "asked", "asked", true)
			wantIssued(t, m, "never", "never", true)
			time.Sleep(time.Second)
			wantIssued(t, m, "asked", "asked", false)
			wantIssued(t, m, "never", "never", false)
		})
	}
}

func TestRoundsBeginAgainAfterTheirWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory()
		m := newManager(t, store, key(1))
		a, b := start(t, m), start(t, m)
		tokens := 0
		hand := func(which *http.Cookie, page string, anew bool, want int) {
			t.Helper()
			s := wantMember(t, m, which)
			round := session.Round{Page: page, Window: 20 * time.Second, Anew: anew}
			if got := m.Rounds(s, round); got != want {
				t.Errorf("%s: got %d, want %d", page, got, want)
			}
			tokens++
			if first, err := m.Issue(t.Context(), s, fmt.Sprint("token ", tokens), round); err != nil || !first {
				t.Fatalf("got %v, %v, want it to be issued", first, err)
			}
		}
		hand(a, "x", false, 1)
		time.Sleep(10 * time.Second)
		hand(a, "x", false, 2)
		hand(a, "y", false, 1)
		hand(b, "x", false, 1)
		time.Sleep(9 * time.Second)
		hand(a, "x", false, 3)
		time.Sleep(time.Second)
		hand(a, "x", false, 1)
		hand(a, "x", false, 2)
		hand(a, "x", true, 1)
		hand(a, "x", false, 2)
		if err := m.Recount(t.Context(), wantMember(t, m, a), session.Round{Page: "x", Window: 20 * time.Second, Anew: true}); err != nil {
			t.Fatal(err)
		}
		hand(a, "x", false, 2)
		hand(a, "", false, 0)
		hand(b, "y", false, 1)
		for i := range 1000 {
			hand(a, fmt.Sprint("page ", i), false, 1)
		}
		wantEntries(t, store, 2+16+2)
	})
}
