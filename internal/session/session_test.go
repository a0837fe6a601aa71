package session_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
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

func memory() *kv.Memory { return kv.NewMemory(time.Now, 10_000_000) }

// A spy is a store that tests look into.
type spy struct {
	*kv.Memory
	before func(op, key string, value []byte) error // with an error, nothing else happens
}

func (s spy) Get(ctx context.Context, key string) ([]byte, error) {
	if err := s.before("get", key, nil); err != nil {
		return nil, err
	}
	return s.Memory.Get(ctx, key)
}

func (s spy) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	if err := s.before("put", key, value); err != nil {
		return err
	}
	return s.Memory.Put(ctx, key, value, lifetime)
}

func (s spy) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	if err := s.before("replace", key, value); err != nil {
		return false, err
	}
	return s.Memory.Replace(ctx, key, old, value, lifetime)
}

func (s spy) Delete(ctx context.Context, key string) error {
	if err := s.before("delete", key, nil); err != nil {
		return err
	}
	return s.Memory.Delete(ctx, key)
}

// recording keeps what was put under each key in values.
func recording(values map[string][]byte) spy {
	return spy{memory(), func(op, key string, value []byte) error {
		if op == "put" || op == "replace" {
			values[key] = value
		}
		return nil
	}}
}

var errBroken = errors.New("out of order")

// broken is a store where calls fail.
func broken(m *kv.Memory, ops ...string) spy {
	return spy{m, func(op, _ string, _ []byte) error {
		if slices.Contains(ops, op) {
			return errBroken
		}
		return nil
	}}
}

func wantEntries(t *testing.T, m interface{ Len() int }, want int) {
	t.Helper()
	if got := m.Len(); got != want {
		t.Errorf("the store holds %d entries, want %d", got, want)
	}
}

func newManager(t testing.TB, store kv.Store, keys ...[]byte) *session.Manager {
	t.Helper()
	return newManagerWith(t, store, limits, session.Recheck{}, time.Now, keys...)
}

func newManagerWith(
	t testing.TB, store kv.Store, limits session.Limits, recheck session.Recheck, now func() time.Time, keys ...[]byte,
) *session.Manager {
	t.Helper()
	m, err := session.NewManager(store, cookieName, keys, limits, recheck, now)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// start logs minji in from a browser that sends these cookies, and returns the new cookie.
func start(t testing.TB, m *session.Manager, sent ...*http.Cookie) *http.Cookie {
	t.Helper()
	return startTied(t, m, session.Ties{}, sent...)
}

func startTied(t testing.TB, m *session.Manager, ties session.Ties, sent ...*http.Cookie) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.Start(w, requestWith(sent...), minji, ties); err != nil {
		t.Fatal(err)
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("got %d cookies, want one", len(cookies))
	}
	return cookies[0]
}

// end logs out from a browser that sends these cookies, and returns the answer.
func end(t testing.TB, m *session.Manager, sent ...*http.Cookie) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	if err := m.End(w, requestWith(sent...)); err != nil {
		t.Fatal(err)
	}
	return w.Result()
}

func requestWith(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func wantSession(t testing.TB, m *session.Manager, c *http.Cookie) session.Session {
	t.Helper()
	got, err := m.Current(requestWith(c))
	if err != nil {
		t.Fatalf("got %v, want a session", err)
	}
	return got
}

func wantMember(t testing.TB, m *session.Manager, c *http.Cookie) session.Session {
	t.Helper()
	got := wantSession(t, m, c)
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
	m := newManager(t, memory(), key(1))
	cookie := start(t, m)
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
	m := newManager(t, memory(), key(1))
	first := start(t, m)
	second := start(t, m, first)
	if first.Value == second.Value {
		t.Error("got the same cookie twice")
	}
	wantNone(t, m, first)
	wantMember(t, m, second)
}

func TestEndLogsOut(t *testing.T) {
	m := newManager(t, memory(), key(1))
	cookie := start(t, m)
	got := end(t, m, cookie).Cookies()[0]
	wantNone(t, m, cookie)
	if got.MaxAge >= 0 || got.Name != cookie.Name || got.Path != "/" || !got.Secure || !got.HttpOnly {
		t.Errorf("got %+v, want the cookie taken back under the same attributes", got)
	}
	end(t, m) // no session: no error
}

func TestASessionEndsWhenItIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newManager(t, memory(), key(1))
		cookie := start(t, m)
		for range 4 { // use keeps it
			time.Sleep(limits.Idle - limits.Idle/10)
			wantMember(t, m, cookie)
		}
		time.Sleep(limits.Idle)
		wantNone(t, m, cookie)
	})
}

func TestASessionEndsAtItsLifetime(t *testing.T) {
	for name, lifetime := range map[string]time.Duration{
		"however busy, and though its store keeps it":   limits.Lifetime,
		"of a server where it is shorter than at login": time.Hour,
	} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			store := kv.NewMemory(func() time.Time { return begun }, 10_000_000)
			cookie := start(t, newManager(t, store, key(1)))
			within := session.Limits{Lifetime: lifetime, Idle: limits.Idle}
			m := newManagerWith(t, store, within, session.Recheck{}, time.Now, key(1))
			for time.Since(begun) < lifetime-time.Minute {
				time.Sleep(time.Minute)
				wantMember(t, m, cookie)
			}
			time.Sleep(time.Minute - time.Millisecond)
			wantMember(t, m, cookie)
			time.Sleep(time.Millisecond)
			t.Log(name)
			wantNone(t, m, cookie)
		})
	}
}

// TestALogoutWinsOverAUse deletes a session after it was read and before its use is stored.
func TestALogoutWinsOverAUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory()
		cookie := start(t, newManager(t, store, key(1)))
		time.Sleep(limits.Idle / 2) // so long that the use is stored
		m := newManager(t, spy{store, func(op, key string, _ []byte) error {
			if op == "replace" {
				return store.Delete(t.Context(), key)
			}
			return nil
		}}, key(1))
		wantNone(t, m, cookie)
		wantEntries(t, store, 0)
	})
}

func TestARecordOfAnotherVersionIsLoggedOut(t *testing.T) {
	store := memory()
	m := newManager(t, store, key(1))
	cookie := start(t, m)
	place := path.Dir(wantMember(t, m, cookie).ID)
	record, err := store.Get(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{
		nil, {1}, append([]byte{5}, record[1:]...), record[:20], record[:len(record)-1],
		append(bytes.Clone(record), 0),
	} {
		if err := store.Put(t.Context(), place, broken, time.Hour); err != nil {
			t.Fatal(err)
		}
		wantNone(t, m, cookie)
	}
}

func TestEndAllEndsEverySessionOfAMember(t *testing.T) {
	m := newManager(t, memory(), key(1))
	first, second := start(t, m), start(t, m)
	for _, usercode := range []string{"minji", "other"} {
		s, err := m.StartWithoutCookie(t.Context(), member.Member{UserCode: usercode})
		if err != nil {
			t.Fatal(err)
		}
		issue(t, m, s, usercode+"'s")
	}
	if err := m.EndAll(t.Context(), minji.UserCode); err != nil {
		t.Fatal(err)
	}
	wantNone(t, m, first)
	wantNone(t, m, second)
	wantIssued(t, m, "minji's", "minji", false)
	wantIssued(t, m, "other's", "other", true)
	wantMember(t, m, start(t, m))
}

func TestABrokenStoreIsNoLogout(t *testing.T) {
	cookie := start(t, newManager(t, memory(), key(1)))
	m := newManager(t, broken(memory(), "get", "put", "replace", "delete"), key(1))
	ctx := t.Context()
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
