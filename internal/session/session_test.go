package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/session"
)

var (
	minji  = member.Member{UserCode: "minji", UserName: "김민지 & 친구들", Email: "minji@example.com", Phone: "010-1234-5678", MemberNo: "회원-1"}
	limits = session.Limits{Lifetime: 12 * time.Hour, Idle: 2 * time.Hour}
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 64) }

func newManager(t testing.TB, store kv.Store, keys ...[]byte) *session.Manager {
	t.Helper()
	m, err := session.NewManager(store, keys, limits, session.Recheck{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// start logs minji in from a browser that sends the cookies of r, and returns the new cookie.
func start(t testing.TB, m *session.Manager, r *http.Request) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.Start(w, r, minji, session.Ties{}); err != nil {
		t.Fatal(err)
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("got %d cookies, want one", len(cookies))
	}
	return cookies[0]
}

func requestWith(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func wantMember(t *testing.T, m *session.Manager, c *http.Cookie) session.Session {
	t.Helper()
	got, err := m.Current(context.Background(), requestWith(c))
	if err != nil {
		t.Fatalf("got %v, want a session", err)
	}
	if diff := cmp.Diff(minji, got.Member); diff != "" {
		t.Errorf("member (-want +got):\n%s", diff)
	}
	return got
}

func wantNone(t *testing.T, m *session.Manager, cookies ...*http.Cookie) {
	t.Helper()
	if got, err := m.Current(context.Background(), requestWith(cookies...)); !errors.Is(err, session.ErrNone) {
		t.Errorf("got %v, %v, want %v", got, err, session.ErrNone)
	}
}

func TestALoginIsFoundAgainByItsCookie(t *testing.T) {
	m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
	cookie := start(t, m, requestWith())
	wantMember(t, m, cookie)
	if cookie.Name != "__Host-ocsso" || cookie.Path != "/" || cookie.Domain != "" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteNoneMode {
		t.Errorf("got %+v, want __Host-ocsso; Path=/; Secure; HttpOnly; SameSite=None", cookie)
	}
	if strings.Contains(cookie.Value, "minji") {
		t.Error("the cookie has the member in it, want a random id alone")
	}
	wantNone(t, m)
}

func TestEachLoginHasANewIDAndEndsTheOldOne(t *testing.T) {
	m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
	first := start(t, m, requestWith())
	second := start(t, m, requestWith(first))
	if first.Value == second.Value {
		t.Error("got the same cookie twice")
	}
	wantNone(t, m, first)
	wantMember(t, m, second)
}

func TestEndLogsOut(t *testing.T) {
	m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
	cookie := start(t, m, requestWith())
	id := wantMember(t, m, cookie).ID
	w := httptest.NewRecorder()
	if err := m.End(w, requestWith(cookie)); err != nil {
		t.Fatal(err)
	}
	wantNone(t, m, cookie)
	if live, err := m.Live(context.Background(), id); live || err != nil {
		t.Errorf("live: got %v, %v, want false", live, err)
	}
	got := w.Result().Cookies()[0]
	if got.MaxAge >= 0 || got.Name != cookie.Name || got.Path != "/" || !got.Secure || !got.HttpOnly {
		t.Errorf("got %+v, want the cookie taken back under the same attributes", got)
	}
	if err := m.End(httptest.NewRecorder(), requestWith()); err != nil {
		t.Errorf("ending no session: got %v, want no error", err)
	}
}

func TestASessionEndsWhenItIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		cookie := start(t, m, requestWith())
		for range 4 { // use keeps it
			time.Sleep(limits.Idle - limits.Idle/10)
			wantMember(t, m, cookie)
		}
		time.Sleep(limits.Idle)
		wantNone(t, m, cookie)
	})
}

func TestASessionEndsHoweverBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		cookie := start(t, m, requestWith())
		for range 12*60 - 1 {
			time.Sleep(time.Minute)
			wantMember(t, m, cookie)
		}
		time.Sleep(time.Minute)
		wantNone(t, m, cookie)
	})
}

// TestASessionEndsThoughItsStoreKeepsIt: the store's clock is behind.
func TestASessionEndsThoughItsStoreKeepsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		m := newManager(t, kv.NewMemory(func() time.Time { return begun }, 1000), key(1))
		cookie := start(t, m, requestWith())
		time.Sleep(limits.Lifetime - time.Millisecond)
		wantMember(t, m, cookie)
		time.Sleep(time.Millisecond)
		wantNone(t, m, cookie)
	})
}

// TestALogoutWinsOverAUse deletes a session after it was read and before its use is stored.
func TestALogoutWinsOverAUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &deletingStore{Store: kv.NewMemory(time.Now, 100_000)}
		m := newManager(t, store, key(1))
		cookie := start(t, m, requestWith())
		time.Sleep(limits.Idle / 2) // so long that the use is stored
		store.armed = true
		wantNone(t, m, cookie)
		store.armed = false
		wantNone(t, m, cookie)
	})
}

// deletingStore deletes each key right after it was read, as a logout at that moment does.
type deletingStore struct {
	kv.Store
	armed bool
}

func (s *deletingStore) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := s.Store.Get(ctx, key)
	if s.armed {
		s.Store.Delete(ctx, key)
	}
	return value, err
}

func TestARecordOfAnotherVersionIsLoggedOut(t *testing.T) {
	store := kv.NewMemory(time.Now, 100_000)
	m := newManager(t, store, key(1))
	cookie := start(t, m, requestWith())
	id := wantMember(t, m, cookie).ID
	record, err := store.Get(context.Background(), "session/"+id)
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{
		nil, {1}, append([]byte{2}, record[1:]...), record[:20], record[:len(record)-1],
		append(bytes.Clone(record), 0),
	} {
		if err := store.Put(context.Background(), "session/"+id, broken, time.Hour); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, cookie)
	}
}

func TestEndAllEndsEverySessionOfAMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		first, second := start(t, m, requestWith()), start(t, m, requestWith())
		without, err := m.StartWithoutCookie(ctx, minji, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		other, err := m.StartWithoutCookie(ctx, member.Member{UserCode: "other"}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.EndAll(ctx, minji.UserCode); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, first)
		wantNone(t, m, second)
		for id, want := range map[string]bool{without.ID: false, other.ID: true} {
			if live, err := m.Live(ctx, id); live != want || err != nil {
				t.Errorf("got %v, %v, want %v", live, err, want)
			}
		}
		wantMember(t, m, start(t, m, requestWith()))
	})
}

// TestEndAllIgnoresTheClocksOfReplicas has one replica whose clock is ahead of the other's.
func TestEndAllIgnoresTheClocksOfReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 100_000)
		m := newManager(t, store, key(1))
		ahead, err := session.NewManager(store, [][]byte{key(1)}, limits, session.Recheck{}, func() time.Time {
			return time.Now().Add(5 * time.Second)
		})
		if err != nil {
			t.Fatal(err)
		}
		before := start(t, ahead, requestWith())
		if err := m.EndAll(context.Background(), minji.UserCode); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, before)
		wantNone(t, ahead, before)
		after := start(t, m, requestWith())
		wantMember(t, ahead, after)
		if err := ahead.EndAll(context.Background(), minji.UserCode); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, after)
	})
}

// TestALoginThatRacesWithEndAllIsNeverRevived calls EndAll while a login waits for the store. The
// session has the old mark, so it is logged out, and stays so when the new mark expires.
func TestALoginThatRacesWithEndAllIsNeverRevived(t *testing.T) {
	for name, hook := range map[string]func(store *racingStore, endAll func()){
		"after the mark was read":      func(s *racingStore, endAll func()) { s.afterMark = endAll },
		"before the session is stored": func(s *racingStore, endAll func()) { s.beforePut = endAll },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				busy := session.Limits{Lifetime: time.Hour, Idle: time.Hour}
				memory := kv.NewMemory(time.Now, 100_000)
				store := &racingStore{Store: memory}
				m, err := session.NewManager(store, [][]byte{key(1)}, busy, session.Recheck{}, time.Now)
				if err != nil {
					t.Fatal(err)
				}
				other, err := session.NewManager(memory, [][]byte{key(1)}, busy, session.Recheck{}, time.Now)
				if err != nil {
					t.Fatal(err)
				}
				hook(store, func() {
					if err := other.EndAll(ctx, minji.UserCode); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Second) // the store is slow
				})
				cookie := start(t, m, requestWith())
				raced, err := m.StartWithoutCookie(ctx, minji, time.Hour)
				if err != nil {
					t.Fatal(err)
				}
				for range 4 * 3600 {
					wantNone(t, other, cookie)
					if live, err := other.Live(ctx, raced.ID); live || err != nil {
						t.Fatalf("after the race: got %v, %v, want false", live, err)
					}
					time.Sleep(250 * time.Millisecond)
				}
				wantMember(t, other, start(t, other, requestWith()))
			})
		})
	}
}

// racingStore calls a function at a point of a login.
type racingStore struct {
	kv.Store
	afterMark, beforePut func()
}

func (s *racingStore) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := s.Store.Get(ctx, key)
	if s.afterMark != nil && strings.HasPrefix(key, "group/") {
		s.afterMark()
	}
	return value, err
}

func (s *racingStore) Put(
	ctx context.Context, key string, value []byte, lifetime time.Duration,
) error {
	if s.beforePut != nil && strings.HasPrefix(key, "session/") {
		s.beforePut()
	}
	return s.Store.Put(ctx, key, value, lifetime)
}

func TestASessionOutlivesTheEndOfEarlierOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		if err := m.EndAll(context.Background(), minji.UserCode); err != nil {
			t.Fatal(err)
		}
		time.Sleep(limits.Lifetime - time.Hour)
		cookie := start(t, m, requestWith())
		wantMember(t, m, cookie)
		time.Sleep(time.Hour + 6*time.Minute) // the mark expires, and the session goes on
		wantMember(t, m, cookie)
		if err := m.EndAll(context.Background(), minji.UserCode); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, cookie)
	})
}

func TestASessionWithoutABrowserLastsAsLongAsItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		for lifetime, want := range map[time.Duration]time.Duration{time.Hour: time.Hour, 24 * time.Hour: limits.Lifetime} {
			s, err := m.StartWithoutCookie(ctx, minji, lifetime)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Expires.Sub(s.Started); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if live, err := m.Live(ctx, s.ID); !live || err != nil {
				t.Errorf("got %v, %v, want true", live, err)
			}
		}
	})
}

var errBroken = errors.New("out of order")

// brokenStore fails at every call.
type brokenStore struct{}

func (brokenStore) Get(context.Context, string) ([]byte, error) { return nil, errBroken }

func (brokenStore) Put(context.Context, string, []byte, time.Duration) error { return errBroken }

func (brokenStore) Delete(context.Context, string) error { return errBroken }

func (brokenStore) Increment(context.Context, string, int, time.Duration) (int, time.Duration, error) {
	return 0, 0, errBroken
}

func (brokenStore) Probe(context.Context) error { return errBroken }

func (brokenStore) Replace(context.Context, string, []byte, time.Duration) (bool, error) {
	return false, errBroken
}

func TestABrokenStoreIsNoLogout(t *testing.T) {
	cookie := start(t, newManager(t, kv.NewMemory(time.Now, 100_000), key(1)), requestWith())
	m := newManager(t, brokenStore{}, key(1))
	ctx := context.Background()
	_, current := m.Current(context.Background(), requestWith(cookie))
	_, live := m.Live(ctx, "id")
	_, count := m.Count(ctx, session.Session{ID: "id"}, "what", time.Minute)
	_, first := m.First(ctx, "what", time.Minute)
	_, kept := m.Kept(ctx, session.Session{ID: "id"})
	for name, err := range map[string]error{
		"end group": m.EndGroup(ctx, "group"), "first": first, "forget first": m.ForgetFirst(ctx, "what"), "kept": kept,
		"start": m.Start(httptest.NewRecorder(), requestWith(), minji, session.Ties{}), "end all": m.EndAll(ctx, "minji"), "current": current, "live": live, "count": count,
		"end": m.End(httptest.NewRecorder(), requestWith(cookie)),
	} {
		if !errors.Is(err, errBroken) || errors.Is(err, session.ErrNone) {
			t.Errorf("%s: got %v, want %v", name, err, errBroken)
		}
	}
	wantNone(t, m) // no cookie needs no store
}

// durableStore records which changes are to outlive a failover.
type durableStore struct {
	kv.Store
	durable []string
}

func (s *durableStore) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	if kv.IsDurable(ctx) {
		s.durable = append(s.durable, "put")
	}
	return s.Store.Put(ctx, key, value, lifetime)
}

func (s *durableStore) Delete(ctx context.Context, key string) error {
	if kv.IsDurable(ctx) {
		s.durable = append(s.durable, "delete")
	}
	return s.Store.Delete(ctx, key)
}

func TestOnlyTheEndOfSessionsHasToOutliveAFailover(t *testing.T) {
	store := &durableStore{Store: kv.NewMemory(time.Now, 100_000)}
	m := newManager(t, store, key(1))
	cookie := start(t, m, requestWith())
	cookie = start(t, m, requestWith(cookie)) // ends the first one, and is a login
	if len(store.durable) > 0 {
		t.Errorf("after logins: got durable changes %q, want none", store.durable)
	}
	if err := m.End(httptest.NewRecorder(), requestWith(cookie)); err != nil {
		t.Fatal(err)
	}
	if err := m.EndAll(context.Background(), "minji"); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(store.durable), "[delete put]"; got != want {
		t.Errorf("got durable changes %s, want %s", got, want)
	}
}

func TestACountStartsAgainAfterItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, kv.NewMemory(time.Now, 100_000), key(1))
		count := func(id, what string, want int) {
			t.Helper()
			got, err := m.Count(context.Background(), session.Session{ID: id}, what, 20*time.Second)
			if err != nil || got != want {
				t.Errorf("%s, %s: got %d, %v, want %d", id, what, got, err, want)
			}
		}
		count("a", "x", 1)
		time.Sleep(10 * time.Second)
		count("a", "x", 2)
		count("a", "y", 1)
		count("b", "x", 1)
		time.Sleep(9 * time.Second)
		count("a", "x", 3)
		time.Sleep(time.Second)
		count("a", "x", 1)
		if err := m.Forget(context.Background(), session.Session{ID: "a"}, "x"); err != nil {
			t.Fatal(err)
		}
		count("a", "x", 1)
		count("b", "y", 1)
		time.Sleep(20 * time.Second)
		count("a", "x", 1)
	})
}
