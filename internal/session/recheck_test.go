package session_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

// A source is where members are asked about again.
type source struct {
	member member.Member
	err    error
	delay  time.Duration
	asked  atomic.Int32
}

func (s *source) recheck() session.Recheck {
	return session.Recheck{Every: time.Minute, Member: func(ctx context.Context, _ string) (member.Member, error) {
		s.asked.Add(1)
		time.Sleep(s.delay)
		return s.member, errors.Join(s.err, ctx.Err())
	}}
}

// startRechecked logs minji in at a manager that asks s again.
func startRechecked(t *testing.T, s *source) (*session.Manager, *http.Cookie) {
	t.Helper()
	m := newManagerWith(t, memory(), limits, s.recheck(), time.Now, key(1))
	return m, startTied(t, m, session.Ties{Source: "minji@example.com"})
}

func (s *source) wantAsked(t *testing.T, want int32) {
	t.Helper()
	if got := s.asked.Swap(0); got != want {
		t.Errorf("asked %d times, want %d", got, want)
	}
}

func TestAMemberIsAskedAboutOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{member: minji}
		m, cookie := startRechecked(t, s)
		time.Sleep(59 * time.Second)
		wantMember(t, m, cookie)
		s.wantAsked(t, 0)
		time.Sleep(time.Second)
		s.member.Email = "new@example.com"
		for range 3 {
			if got := wantSession(t, m, cookie); got.Member.Email != "new@example.com" || got.Source != "minji@example.com" {
				t.Errorf("got %+v, want the new email and the source as it was", got)
			}
		}
		s.wantAsked(t, 1)
		current := wantSession(t, m, cookie)
		s.member.Phone = ""
		fresh, err := m.Refresh(t.Context(), current, current.Source) // a handoff asks each time
		if err != nil || fresh.Member != s.member {
			t.Errorf("got %+v, %v, want %+v", fresh.Member, err, s.member)
		}
		s.wantAsked(t, 1)
	})
}

func TestAMemberWhoIsGoneIsLoggedOut(t *testing.T) {
	for _, change := range []func(*source){
		func(s *source) { s.err = session.ErrNone },
		func(s *source) { s.member.UserCode = "betty" },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &source{member: minji}
			m, cookie := startRechecked(t, s)
			issue(t, m, wantSession(t, m, cookie), signature)
			change(s)
			time.Sleep(time.Minute)
			wantIssued(t, m, signature, "minji", false)
			*s = source{member: minji}
			wantNone(t, m, cookie)
		})
	}
}

func TestASourceOutOfOrderChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{err: errors.New("out of order")}
		m, cookie := startRechecked(t, s)
		time.Sleep(time.Minute)
		for range 3 {
			if got := wantSession(t, m, cookie).Member; got != minji {
				t.Errorf("got %+v, want %+v", got, minji)
			}
		}
		s.wantAsked(t, 1)
	})
}

// TestASessionMovesToASourceOfItsMember: a browser may bring another source than at login.
func TestASessionMovesToASourceOfItsMember(t *testing.T) {
	for name, test := range map[string]struct {
		member member.Member
		err    error
		want   string // the session's source then; "" for no session
	}{
		"the same member": {minji, nil, "new"},
		"another member":  {member.Member{UserCode: "betty"}, nil, ""},
		"nobody":          {member.Member{}, session.ErrNone, ""},
		"out of order":    {member.Member{}, errors.New("out of order"), "minji@example.com"},
	} {
		s := &source{member: minji}
		m, cookie := startRechecked(t, s)
		current := wantSession(t, m, cookie)
		s.member, s.err = test.member, test.err
		if fresh, err := m.Refresh(t.Context(), current, "new"); (err == nil) != (test.want == "new") || (err == nil) != (fresh.Member == minji) {
			t.Errorf("%s: got %+v, %v", name, fresh.Member, err)
		}
		if test.want == "" {
			wantNone(t, m, cookie)
		} else if got := wantSession(t, m, cookie).Source; got != test.want {
			t.Errorf("%s: got the source %q, want %q", name, got, test.want)
		}
	}
}

// TestAnAnswerAboutAnOlderSourceChangesNothing: the site ends a login when it gives a newer cookie.
func TestAnAnswerAboutAnOlderSourceChangesNothing(t *testing.T) {
	stale := minji
	stale.Email = "stale@example.com"
	for name, test := range map[string]struct {
		older member.Member
		err   error
	}{
		"logged out":     {err: session.ErrNone},
		"the member":     {older: stale},
		"another member": {older: member.Member{UserCode: "betty"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := newManagerWith(t, memory(), limits, session.Recheck{
				Every: time.Minute, Member: func(_ context.Context, source string) (member.Member, error) {
					if source == "newer" {
						return minji, nil
					}
					time.Sleep(10 * time.Second)
					return test.older, test.err
				},
			}, time.Now, key(1))
			cookie := startTied(t, m, session.Ties{Source: "minji@example.com"})
			current := wantSession(t, m, cookie)
			var asking sync.WaitGroup
			asking.Go(func() { m.Refresh(t.Context(), current, current.Source) })
			time.Sleep(time.Second)
			if _, err := m.Refresh(t.Context(), current, "newer"); err != nil {
				t.Fatal(err)
			}
			asking.Wait()
			if got := wantMember(t, m, cookie); got.Source != "newer" {
				t.Errorf("%s: got the source %q, want the newer one", name, got.Source)
			}
		})
	}
}

// TestASlowSourceHoldsNobodyUp: the help center waits for the login status.
func TestASlowSourceHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{err: session.ErrNone, delay: 10 * time.Second}
		m, cookie := startRechecked(t, s)
		time.Sleep(time.Minute)
		start := time.Now()
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				if current, err := m.Current(requestWith(cookie)); err != nil || current.Member != minji {
					t.Errorf("got %+v, %v, want the last answer", current.Member, err)
				}
			})
		}
		calls.Wait()
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v, want 1s", took)
		}
		s.wantAsked(t, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got, err := m.Refresh(ctx, wantSession(t, m, cookie), "new"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("of another source: got %+v, %v, want none: nobody knows whose it is", got.Member, err)
		}
		time.Sleep(10 * time.Second)
		wantNone(t, m, cookie)
	})
}

func TestASessionWithoutASourceIsNeverAskedAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{err: session.ErrNone}
		m, _ := startRechecked(t, s)
		cookie := start(t, m)
		current, err := m.StartWithoutCookie(t.Context(), minji)
		if err != nil {
			t.Fatal(err)
		}
		issue(t, m, current, signature)
		time.Sleep(time.Minute)
		wantMember(t, m, cookie)
		wantIssued(t, m, signature, "minji", true)
		s.wantAsked(t, 0)
	})
}

// TestAMemberStaysLoggedInWhileTheStoreRefusesWrites, as a Redis does at maxmemory.
func TestAMemberStaysLoggedInWhileTheStoreRefusesWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory()
		cookie := start(t, newManager(t, store, key(1)))
		time.Sleep(time.Hour)
		wantMember(t, newManager(t, broken(store, "replace"), key(1)), cookie)
	})
}

// TestAHeadIsNoUse is D19: it has no effect.
func TestAHeadIsNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, memory(), key(1))
		cookie := start(t, m)
		r := requestWith(cookie)
		r.Method = http.MethodHead
		for range 3 { // two hours without a use end the session
			time.Sleep(39 * time.Minute)
			if _, err := m.Current(r); err != nil {
				t.Fatalf("got %v, want the session, which is live", err)
			}
		}
		time.Sleep(4 * time.Minute)
		wantNone(t, m, cookie)
	})
}

// TestAnAnswerThatComesLateTouchesNoOtherSession: another one may have its place by then.
func TestAnAnswerThatComesLateTouchesNoOtherSession(t *testing.T) {
	for name, late := range map[string]error{"still a member": nil, "logged out": session.ErrNone} {
		synctest.Test(t, func(t *testing.T) {
			s := &source{member: minji}
			m, oldest := startRechecked(t, s)
			for range 63 { // all places are taken then
				time.Sleep(time.Second)
				start(t, m)
			}
			asked := wantSession(t, m, oldest)
			s.delay, s.err = 10*time.Second, late
			s.member.Email = "new@example.com"
			var asking sync.WaitGroup
			asking.Go(func() {
				if got, err := m.Refresh(t.Context(), asked, asked.Source); !errors.Is(err, session.ErrNone) {
					t.Errorf("%s: got %v, %v, want %v", name, got, err, session.ErrNone)
				}
			})
			time.Sleep(time.Second)
			fresh := start(t, m)
			asking.Wait()
			s.wantAsked(t, 2)
			wantMember(t, m, fresh)
			wantNone(t, m, oldest)
		})
	}
}

// TestAClockSetBackDelaysNoRecheck: the last one seems to be yet to come.
func TestAClockSetBackDelaysNoRecheck(t *testing.T) {
	s, now := &source{member: minji}, time.Now()
	m := newManagerWith(t, memory(), limits, s.recheck(), func() time.Time { return now }, key(1))
	cookie := startTied(t, m, session.Ties{Source: "minji@example.com"})
	now = now.Add(-6 * time.Hour)
	wantSession(t, m, cookie)
	s.wantAsked(t, 1)
	wantSession(t, m, cookie) // the answer is stored as of now
	s.wantAsked(t, 0)
}
