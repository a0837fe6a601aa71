package issued_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/issued"
	"ocsso/internal/kv"
)

const signature = "Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo="

// sessions are the ids of those that go on.
type sessions map[string]bool

func (s sessions) Live(_ context.Context, id string) (bool, error) { return s[id], nil }

func add(t *testing.T, r *issued.Registry, token, usercode, sessionID string) {
	t.Helper()
	if err := r.Add(context.Background(), token, usercode, sessionID); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, r *issued.Registry, token, usercode string, want bool) {
	t.Helper()
	if got, err := r.Check(context.Background(), token, usercode); err != nil || got != want {
		t.Errorf("token %q of %q: got %v, %v, want %v", token, usercode, got, err, want)
	}
}

func TestATokenIsTrueForItsMemberAlone(t *testing.T) {
	r := issued.NewRegistry(kv.NewMemory(time.Now, 10_000_000), sessions{"s1": true, "s2": true}, time.Hour)
	add(t, r, signature, "회원 1", "s1")
	add(t, r, "another", "other", "s2")
	check(t, r, signature, "회원 1", true)
	check(t, r, signature, "회원 1", true) // asked as often as the help center likes
	check(t, r, "another", "other", true)
	for _, wrong := range [][2]string{
		{signature, "other"}, {signature, ""}, {"", "회원 1"}, {"", ""}, {signature, "회원"}, {signature, "1"}, {signature, "회원 1 "},
		{strings.ReplaceAll(signature, "+", " "), "회원 1"}, {strings.ToLower(signature), "회원 1"}, {signature[1:], "회원 1"}, {signature + "=", "회원 1"},
	} {
		check(t, r, wrong[0], wrong[1], false)
	}
}

func TestATokenEndsWithItsSession(t *testing.T) {
	live := sessions{"s1": true, "s2": true}
	r := issued.NewRegistry(kv.NewMemory(time.Now, 10_000_000), live, time.Hour)
	add(t, r, "first", "u", "s1")
	add(t, r, "second", "u", "s1")
	add(t, r, "elsewhere", "u", "s2")
	delete(live, "s1")
	check(t, r, "first", "u", false)
	check(t, r, "second", "u", false)
	check(t, r, "elsewhere", "u", true) // the same member's other browser
}

func TestATokenEndsWithItsLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := issued.NewRegistry(kv.NewMemory(time.Now, 10_000_000), sessions{"s": true}, time.Hour)
		add(t, r, signature, "u", "s")
		time.Sleep(time.Hour - 1)
		check(t, r, signature, "u", true)
		time.Sleep(time.Nanosecond)
		check(t, r, signature, "u", false)
	})
}

// spyStore writes down all that it is given.
type spyStore struct {
	kv.Store
	seen strings.Builder
}

func (s *spyStore) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	s.seen.WriteString(key + "\n" + string(value) + "\n")
	return s.Store.Put(ctx, key, value, lifetime)
}

func TestTheStoreNeverSeesAToken(t *testing.T) {
	store := &spyStore{Store: kv.NewMemory(time.Now, 10_000_000)}
	add(t, issued.NewRegistry(store, sessions{}, time.Hour), signature, "u", "s")
	if got := store.seen.String(); got == "" || strings.Contains(got, signature) || strings.Contains(got, signature[:20]) {
		t.Errorf("got %q, want a hash in place of the token", got)
	}
}

func TestARecordOfAnotherVersionIsNone(t *testing.T) {
	store := &rewritingStore{Store: kv.NewMemory(time.Now, 10_000_000)}
	r := issued.NewRegistry(store, sessions{"s": true, "": true}, time.Hour)
	for _, record := range []string{"", "2", "2s", "1s u", "s u"} {
		store.record = record
		add(t, r, signature, "u", "s")
		check(t, r, signature, "u", false)
	}
}

// rewritingStore keeps record in place of what it is given.
type rewritingStore struct {
	kv.Store
	record string
}

func (s *rewritingStore) Put(ctx context.Context, key string, _ []byte, lifetime time.Duration) error {
	return s.Store.Put(ctx, key, []byte(s.record), lifetime)
}

var errBroken = errors.New("out of order")

// brokenStore can't be read or written.
type brokenStore struct{ kv.Store }

func (brokenStore) Increment(context.Context, string, int, time.Duration) (int, time.Duration, error) {
	return 0, 0, errBroken
}
func (brokenStore) Get(context.Context, string) ([]byte, error) { return nil, errBroken }
func (brokenStore) Put(context.Context, string, []byte, time.Duration) error {
	return errBroken
}

func TestABrokenStoreIsAnErrorAndNeverTrue(t *testing.T) {
	r := issued.NewRegistry(brokenStore{}, sessions{"s": true}, time.Hour)
	if err := r.Add(context.Background(), signature, "u", "s"); !errors.Is(err, errBroken) {
		t.Errorf("add: got %v, want %v", err, errBroken)
	}
	if got, err := r.Check(context.Background(), signature, "u"); got || !errors.Is(err, errBroken) {
		t.Errorf("check: got %v, %v, want false, %v", got, err, errBroken)
	}
}

// TestAMembersTokensAreBounded: a member who asks for tokens all day, from all browsers, must not
// fill the store.
func TestAMembersTokensAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := sessions{"member/other/1/x": true}
		for n := range 64 {
			live[fmt.Sprintf("member/minji/%d/x", n)] = true
		}
		store := kv.NewMemory(time.Now, 10_000_000)
		r := issued.NewRegistry(store, live, time.Hour)
		issue := func(n int) { add(t, r, fmt.Sprint("token ", n), "minji", fmt.Sprintf("member/minji/%d/x", n%64)) }
		add(t, r, "of another", "other", "member/other/1/x")
		for n := range 64 {
			issue(n)
		}
		check(t, r, "token 0", "minji", true)
		issue(64)
		check(t, r, "token 0", "minji", false)
		check(t, r, "token 1", "minji", true)
		full := store.Len()
		for n := range 1000 {
			issue(n)
			time.Sleep(time.Second)
		}
		check(t, r, "token 999", "minji", true)
		check(t, r, "of another", "other", true)
		if got := store.Len(); got > full {
			t.Errorf("the store holds %d entries, and %d when 64 tokens were issued", got, full)
		}
	})
}

// TestATokenIsNotForgottenWhenTheCountBeginsAnew: the count lasts for an hour from the first token.
func TestATokenIsNotForgottenWhenTheCountBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := kv.NewMemory(time.Now, 10_000_000)
		r := issued.NewRegistry(store, sessions{"member/minji/1/x": true}, time.Hour)
		for n, wait := range []time.Duration{0, 50 * time.Minute, 0, 0, 11 * time.Minute, 0, 0, 0} {
			time.Sleep(wait)
			add(t, r, fmt.Sprint("token ", n), "minji", "member/minji/1/x")
		}
		check(t, r, "token 0", "minji", false) // an hour has passed
		for n := 1; n < 8; n++ {
			check(t, r, fmt.Sprint("token ", n), "minji", true)
		}
	})
}

func TestForgettingASessionLeavesNothingOfItsTokens(t *testing.T) {
	store := kv.NewMemory(time.Now, 10_000_000)
	r := issued.NewRegistry(store, sessions{"member/m/1/x": true, "member/m/2/y": true}, time.Hour)
	add(t, r, "kept", "m", "member/m/2/y")
	before := store.Len()
	for n := range 20 {
		add(t, r, fmt.Sprint(n), "m", "member/m/1/x")
	}
	if err := r.Forget(t.Context(), "member/m/1/x"); err != nil {
		t.Fatal(err)
	}
	check(t, r, "0", "m", false)
	check(t, r, "kept", "m", true)
	if got := store.Len(); got != before {
		t.Errorf("the store holds %d entries, want the %d without the session's tokens", got, before)
	}
}
