// Package kvtest is the suite that every kv.Store passes.
package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ocsso/internal/kv"
)

// TestStore runs the suite, its cases in parallel, so that those that really wait do so together.
// Each call of open returns an empty store and a function that lets time pass for it: a fake clock
// moved, or a real wait.
func TestStore(t *testing.T, open func(t *testing.T) (store kv.Store, pass func(time.Duration))) {
	ctx := context.Background()
	run := func(name string, f func(t *testing.T, s kv.Store, pass func(time.Duration))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, pass := open(t)
			f(t, s, pass)
		})
	}

	run("what was put is got, byte for byte", func(t *testing.T, s kv.Store, _ func(time.Duration)) {
		for _, value := range [][]byte{nil, {}, []byte("plain"), {0, 1, 0xFF, '\n', 0}, bytes.Repeat([]byte("long"), 1<<14)} {
			put(t, s, "key", value, time.Hour)
			want(t, s, "key", value)
		}
	})
	run("keys do not touch each other", func(t *testing.T, s kv.Store, _ func(time.Duration)) {
		put(t, s, "s/a", []byte("1"), time.Hour)
		put(t, s, "s/A", []byte("2"), time.Hour)
		put(t, s, "t/a", []byte("3"), time.Hour)
		for _, key := range []string{"s/A", "never"} { // to delete what is not there is no error
			if err := s.Delete(ctx, key); err != nil {
				t.Fatal(err)
			}
		}
		want(t, s, "s/a", []byte("1"))
		wantNone(t, s, "s/A")
		want(t, s, "t/a", []byte("3"))
	})
	run("a change is seen by whoever has read what was before", func(t *testing.T, s kv.Store, _ func(time.Duration)) {
		wantNone(t, s, "key")
		put(t, s, "key", []byte("1"), time.Hour)
		want(t, s, "key", []byte("1"))
		put(t, s, "key", []byte("2"), time.Hour)
		want(t, s, "key", []byte("2"))
		replace(t, s, "key", []byte("2"), []byte("3"), time.Hour, true)
		want(t, s, "key", []byte("3"))
		if err := s.Delete(ctx, "key"); err != nil {
			t.Fatal(err)
		}
		wantNone(t, s, "key")
	})
	run("a value ends with its lifetime", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		put(t, s, "short", []byte("1"), time.Second)
		put(t, s, "read", []byte("1"), time.Second)
		put(t, s, "long", []byte("2"), time.Hour)
		want(t, s, "read", []byte("1"))
		pass(time.Second)
		wantNone(t, s, "short")
		wantNone(t, s, "read")
		want(t, s, "long", []byte("2"))
	})
	run("a second put brings a new lifetime", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		put(t, s, "longer", []byte("1"), time.Second)
		put(t, s, "longer", []byte("2"), time.Hour)
		put(t, s, "shorter", []byte("1"), time.Hour)
		put(t, s, "shorter", []byte("2"), time.Second)
		pass(time.Second)
		want(t, s, "longer", []byte("2"))
		wantNone(t, s, "shorter")
	})
	run("replace changes what was read, with a new lifetime", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		put(t, s, "key", []byte("1"), time.Second)
		replace(t, s, "key", []byte("2"), []byte("3"), time.Hour, false)
		replace(t, s, "key", nil, []byte("3"), time.Hour, false)
		replace(t, s, "key", []byte("1"), []byte{0, 0xFF}, time.Hour, true)
		pass(time.Second)
		want(t, s, "key", []byte{0, 0xFF})
		replace(t, s, "key", []byte{0, 0xFF}, []byte("2"), time.Hour, true)
	})
	run("replace brings what was not there, and not what is gone", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		replace(t, s, "new", nil, []byte("1"), time.Second, true)
		replace(t, s, "new", nil, []byte("2"), time.Hour, false)
		put(t, s, "deleted", []byte("1"), time.Hour)
		if err := s.Delete(ctx, "deleted"); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		for _, key := range []string{"never", "deleted", "new"} {
			replace(t, s, key, []byte("1"), []byte("2"), time.Hour, false)
			wantNone(t, s, key)
			replace(t, s, key, nil, []byte("3"), time.Hour, true)
			want(t, s, key, []byte("3"))
		}
	})
	run("a count goes up until its window ends, then begins anew", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		for n := range 3 {
			increment(t, s, "count", time.Second, n+1)
		}
		increment(t, s, "another", time.Hour, 1)
		pass(time.Second)
		increment(t, s, "count", time.Second, 1)
		increment(t, s, "count", time.Hour, 2)
		pass(time.Second) // the window that it began with has ended
		increment(t, s, "count", time.Hour, 1)
		increment(t, s, "another", time.Hour, 2)
		if err := s.Delete(ctx, "count"); err != nil {
			t.Fatal(err)
		}
		increment(t, s, "count", time.Hour, 1)
	})
	run("a count that would last longer than its window begins anew", func(t *testing.T, s kv.Store, _ func(time.Duration)) {
		increment(t, s, "count", 2*time.Hour, 1)
		increment(t, s, "count", 2*time.Hour, 2)
		increment(t, s, "count", time.Hour, 1) // as if the clock had been set back by an hour
		increment(t, s, "count", time.Hour, 2)
	})
	run("what was added can be taken back", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		increment(t, s, "count", time.Second, 1)
		increment(t, s, "count", time.Second, 2)
		if n, _, err := s.Increment(ctx, "count", -1, time.Hour); n != 1 || err != nil {
			t.Errorf("got %d, %v, want 1", n, err)
		}
		pass(time.Second) // the window that it started with goes on
		for _, key := range []string{"count", "never"} {
			if n, left, err := s.Increment(ctx, key, -1, time.Hour); n != 0 || left != 0 || err != nil {
				t.Errorf("nothing to take back from %s: got %d, %v, %v, want 0", key, n, left, err)
			}
			increment(t, s, key, time.Hour, 1)
		}
	})
	run("a count says how long it still lasts", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		increment(t, s, "count", time.Hour, 1)
		pass(time.Second)
		_, left, err := s.Increment(ctx, "count", 1, 2*time.Hour)
		if err != nil || left > time.Hour-time.Second || left < time.Hour-time.Minute {
			t.Errorf("got %v left, %v, want an hour less some seconds", left, err)
		}
	})
	run("a probe finds that it works, again and again", func(t *testing.T, s kv.Store, pass func(time.Duration)) {
		for range 3 {
			if err := s.Probe(ctx); err != nil {
				t.Errorf("probe: got %v, want no error", err)
			}
		}
	})
	run("many callers at once each see their own, and none of their changes is lost", func(t *testing.T, s kv.Store, _ func(time.Duration)) {
		var group sync.WaitGroup
		var changes atomic.Int64
		for i := range 8 {
			group.Go(func() {
				for n := range 25 {
					own, value := fmt.Sprintf("own/%d/%d", i, n%5), fmt.Appendf(nil, "%d", n)
					put := s.Put(ctx, own, value, time.Hour)
					if got, err := s.Get(ctx, own); put != nil || err != nil || !bytes.Equal(got, value) {
						t.Errorf("%s: got %v, then %q, %v, want %q", own, put, got, err, value)
					}
					old, err := s.Get(ctx, "shared")
					if err != nil && !errors.Is(err, kv.ErrNotFound) {
						t.Errorf("get: %v", err)
					}
					ok, err := s.Replace(ctx, "shared", old, append(bytes.Clone(old), 'x'), time.Hour)
					if err != nil {
						t.Errorf("replace: %v", err)
					}
					if ok {
						changes.Add(1)
					}
					if _, _, err := s.Increment(ctx, "count", 1, time.Hour); err != nil {
						t.Errorf("increment: %v", err)
					}
				}
			})
		}
		group.Wait()
		want(t, s, "shared", bytes.Repeat([]byte("x"), int(changes.Load())))
		increment(t, s, "count", time.Hour, 8*25+1)
	})
}

func put(t *testing.T, s kv.Store, key string, value []byte, lifetime time.Duration) {
	t.Helper()
	if err := s.Put(context.Background(), key, value, lifetime); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func replace(t *testing.T, s kv.Store, key string, old, value []byte, lifetime time.Duration, want bool) {
	t.Helper()
	if got, err := s.Replace(context.Background(), key, old, value, lifetime); err != nil || got != want {
		t.Errorf("replace %s: got %v, %v, want %v", key, got, err, want)
	}
}

func increment(t *testing.T, s kv.Store, key string, window time.Duration, want int) {
	t.Helper()
	got, left, err := s.Increment(context.Background(), key, 1, window)
	if err != nil || got != want {
		t.Errorf("increment %s: got %d, %v, want %d", key, got, err, want)
	}
	if left <= 0 || want == 1 && left > window {
		t.Errorf("increment %s: got %v left of a window of %v", key, left, window)
	}
}

func want(t *testing.T, s kv.Store, key string, value []byte) {
	t.Helper()
	if got, err := s.Get(context.Background(), key); err != nil || !bytes.Equal(got, value) {
		t.Errorf("get %s: got %q, %v, want %q", key, got, err, value)
	}
}

func wantNone(t *testing.T, s kv.Store, key string) {
	t.Helper()
	if got, err := s.Get(context.Background(), key); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("get %s: got %q, %v, want %v", key, got, err, kv.ErrNotFound)
	}
}
