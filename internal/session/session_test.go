package session_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/session"
)

const cookieName = "__Host-ocsso"

var (
	minji  = member.Member{UserCode: "minji", UserName: "김민지 & 친구들", Email: "minji@example.com", Phone: "010-1234-5678", MemberNo: "회원-1"}
	limits = session.Limits{Lifetime: 12 * time.Hour, Idle: 2 * time.Hour, Token: time.Hour}
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 64) }

func newManager(t testing.TB, store kv.Store, keys ...[]byte) *session.Manager {
	t.Helper()
	m, err := session.NewManager(store, cookieName, keys, limits, session.Recheck{}, time.Now)
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
	got, err := m.Current(requestWith(c))
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
	if got, err := m.Current(requestWith(cookies...)); !errors.Is(err, session.ErrNone) {
		t.Errorf("got %v, %v, want %v", got, err, session.ErrNone)
	}
}

func TestALoginIsFoundAgainByItsCookie(t *testing.T) {
	m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
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
	m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
	first := start(t, m, requestWith())
	second := start(t, m, requestWith(first))
	if first.Value == second.Value {
		t.Error("got the same cookie twice")
	}
	wantNone(t, m, first)
	wantMember(t, m, second)
}

func TestEndLogsOut(t *testing.T) {
	m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
	cookie := start(t, m, requestWith())
	w := httptest.NewRecorder()
	if err := m.End(w, requestWith(cookie)); err != nil {
		t.Fatal(err)
	}
	wantNone(t, m, cookie)
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
		m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
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
		m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
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
		m := newManager(t, kv.NewMemory(func() time.Time { return begun }, 10_000_000), key(1))
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
		store := &deletingStore{Store: kv.NewMemory(time.Now, 10_000_000)}
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
	store := kv.NewMemory(time.Now, 10_000_000)
	m := newManager(t, store, key(1))
	cookie := start(t, m, requestWith())
	place := path.Dir(wantMember(t, m, cookie).ID)
	record, err := store.Get(context.Background(), place)
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{
		nil, {1}, append([]byte{5}, record[1:]...), record[:20], record[:len(record)-1],
		append(bytes.Clone(record), 0),
	} {
		if err := store.Put(context.Background(), place, broken, time.Hour); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, cookie)
	}
}

func TestEndAllEndsEverySessionOfAMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		m := newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1))
		first, second := start(t, m, requestWith()), start(t, m, requestWith())
		for _, usercode := range []string{"minji", "other"} {
			s, err := m.StartWithoutCookie(ctx, member.Member{UserCode: usercode})
			if err != nil {
				t.Fatal(err)
			}
			issue(t, m, s, usercode+"'s")
		}
		if err := m.EndAll(ctx, minji.UserCode); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, first)
		wantNone(t, m, second)
		wantIssued(t, m, "minji's", "minji", false)
		wantIssued(t, m, "other's", "other", true)
		wantMember(t, m, start(t, m, requestWith()))
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

func (brokenStore) Replace(context.Context, string, []byte, []byte, time.Duration) (bool, error) {
	return false, errBroken
}

func TestABrokenStoreIsNoLogout(t *testing.T) {
	cookie := start(t, newManager(t, kv.NewMemory(time.Now, 10_000_000), key(1)), requestWith())
	m := newManager(t, brokenStore{}, key(1))
	ctx := context.Background()
	_, current := m.Current(requestWith(cookie))
	_, issued := m.Issued(ctx, "token", "minji")
	_, issue := m.Issue(ctx, session.Session{ID: "id"}, "token", session.Round{})
	_, endGroup := m.EndGroup(ctx, "group")
	_, first := m.First(ctx, "what", time.Minute)
	for name, err := range map[string]error{
		"end group": endGroup, "first": first, "forget first": m.ForgetFirst(ctx, "what"),
		"start": m.Start(httptest.NewRecorder(), requestWith(), minji, session.Ties{}), "end all": m.EndAll(ctx, "minji"), "current": current, "issued": issued, "issue": issue,
		"end": m.End(httptest.NewRecorder(), requestWith(cookie)),
	} {
		if !errors.Is(err, errBroken) || errors.Is(err, session.ErrNone) {
			t.Errorf("%s: got %v, want %v", name, err, errBroken)
		}
	}
	wantNone(t, m) // no cookie needs no store
}
