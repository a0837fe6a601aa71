package session_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/kv"
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
	m, err := session.NewManager(kv.NewMemory(time.Now, 10_000_000), cookieName, [][]byte{key(1)}, limits, s.recheck(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := m.Start(w, requestWith(), minji, session.Ties{Source: "minji@example.com"}); err != nil {
		t.Fatal(err)
	}
	return m, w.Result().Cookies()[0]
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

func wantSession(t *testing.T, m *session.Manager, cookie *http.Cookie) session.Session {
	t.Helper()
	current, err := m.Current(requestWith(cookie))
	if err != nil {
		t.Fatal(err)
	}
	return current
}

func TestAMemberWhoIsGoneIsLoggedOut(t *testing.T) {
	for name, change := range map[string]func(*source){
		"gone":          func(s *source) { s.err = session.ErrNone },
		"somebody else": func(s *source) { s.member.UserCode = "betty" },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &source{member: minji}
			m, cookie := startRechecked(t, s)
			issue(t, m, wantSession(t, m, cookie), signature)
			change(s)
			time.Sleep(time.Minute)
			wantIssued(t, m, signature, "minji", false)
			*s = source{member: minji}
			if _, err := m.Current(requestWith(cookie)); !errors.Is(err, session.ErrNone) {
				t.Errorf("%s, and back again: got %v, want %v", name, err, session.ErrNone)
			}
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
			if _, err := m.Current(requestWith(cookie)); !errors.Is(err, session.ErrNone) {
				t.Errorf("%s: got %v, want %v", name, err, session.ErrNone)
			}
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
			m, err := session.NewManager(kv.NewMemory(time.Now, 10_000_000), cookieName, [][]byte{key(1)}, limits, session.Recheck{
				Every: time.Minute, Member: func(_ context.Context, source string) (member.Member, error) {
					if source == "newer" {
						return minji, nil
					}
					time.Sleep(10 * time.Second)
					return test.older, test.err
				},
			}, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			if err := m.Start(w, requestWith(), minji, session.Ties{Source: "minji@example.com"}); err != nil {
				t.Fatal(err)
			}
			cookie := w.Result().Cookies()[0]
			current := wantSession(t, m, cookie)
			var asking sync.WaitGroup
			asking.Go(func() { m.Refresh(t.Context(), current, current.Source) })
			time.Sleep(time.Second)
			if _, err := m.Refresh(t.Context(), current, "newer"); err != nil {
				t.Fatal(err)
			}
			asking.Wait()
			got, err := m.Current(requestWith(cookie))
			if err != nil || got.Member != minji || got.Source != "newer" {
				t.Errorf("%s: got %+v with the source %q, %v, want minji with the newer one", name, got.Member, got.Source, err)
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
		time.Sleep(10 * time.Second)
		if _, err := m.Current(requestWith(cookie)); !errors.Is(err, session.ErrNone) {
			t.Errorf("got %v, want the answer that came late", err)
		}
	})
}

func TestASessionWithoutASourceIsNeverAskedAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{err: session.ErrNone}
		m, _ := startRechecked(t, s)
		cookie := start(t, m, requestWith())
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

// readOnly is a store that can be read and not written, like a Redis at maxmemory.
type readOnly struct{ kv.Store }

func (readOnly) Replace(context.Context, string, []byte, []byte, time.Duration) (bool, error) {
	return false, errBroken
}

func TestAMemberStaysLoggedInWhileTheStoreRefusesWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 10_000_000)
		cookie := start(t, newManager(t, store, key(1)), requestWith())
		time.Sleep(time.Hour)
		wantMember(t, newManager(t, readOnly{store}, key(1)), cookie)
	})
}

// recordingStore keeps what was put under each key.
type recordingStore struct {
	kv.Store
	values map[string][]byte
}

func (s recordingStore) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	s.values[key] = value
	return s.Store.Put(ctx, key, value, lifetime)
}

func (s recordingStore) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	s.values[key] = value
	return s.Store.Replace(ctx, key, old, value, lifetime)
}

// TestASourceIsSealed: whoever reads the store must not get the cookies of the customer's site.
func TestASourceIsSealed(t *testing.T) {
	const source = "shop_session=very-secret"
	store := recordingStore{kv.NewMemory(time.Now, 10_000_000), map[string][]byte{}}
	m := newManager(t, store, key(1))
	var cookies []*http.Cookie
	for range 2 {
		w := httptest.NewRecorder()
		if err := m.Start(w, requestWith(), minji, session.Ties{Source: source}); err != nil {
			t.Fatal(err)
		}
		cookies = append(cookies, w.Result().Cookies()[0])
	}
	for key, value := range store.values {
		if bytes.Contains(value, []byte("very-secret")) {
			t.Errorf("%s holds the source", key)
		}
	}
	first := wantSession(t, m, cookies[0])
	if got := first.Source; got != source {
		t.Errorf("got %q, want %q", got, source)
	}
	rotated := newManager(t, store, key(2), key(1))
	if got := wantSession(t, rotated, cookies[0]).Source; got != source {
		t.Errorf("after a new key: got %q, want %q", got, source)
	}
	// A record that is moved to another session's place is no session.
	other := path.Dir(wantSession(t, m, cookies[1]).ID)
	if err := store.Put(t.Context(), other, store.values[path.Dir(first.ID)], time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Current(requestWith(cookies[1])); !errors.Is(err, session.ErrNone) {
		t.Errorf("got %v, want %v", err, session.ErrNone)
	}
}

// TestAHeadIsNoUse is D19: it has no effect.
func TestAHeadIsNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
		cookie := start(t, m, requestWith())
		r := requestWith(cookie)
		r.Method = http.MethodHead
		for range 3 { // two hours without a use end the session
			time.Sleep(39 * time.Minute)
			if _, err := m.Current(r); err != nil {
				t.Fatalf("got %v, want the session, which is live", err)
			}
		}
		time.Sleep(4 * time.Minute)
		if _, err := m.Current(requestWith(cookie)); !errors.Is(err, session.ErrNone) {
			t.Errorf("got %v, want %v: a HEAD has prolonged the session", err, session.ErrNone)
		}
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
				start(t, m, requestWith())
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
			fresh := start(t, m, requestWith())
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
	m, err := session.NewManager(kv.NewMemory(time.Now, 10_000_000), cookieName, [][]byte{key(1)}, limits, s.recheck(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := m.Start(w, requestWith(), minji, session.Ties{Source: "minji@example.com"}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(-6 * time.Hour)
	wantSession(t, m, w.Result().Cookies()[0])
	s.wantAsked(t, 1)
	wantSession(t, m, w.Result().Cookies()[0]) // the answer is stored as of now
	s.wantAsked(t, 0)
}
