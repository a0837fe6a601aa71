package kv_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/kvtest"
)

// clock is a time that moves only when told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func newClock() *clock { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func TestMemory(t *testing.T) {
	kvtest.TestStore(t, func(*testing.T) (kv.Store, func(time.Duration)) {
		c := newClock()
		return kv.NewMemory(c.now, 1_000_000), c.pass
	})
}

func TestMemoryForgetsWhatIsOver(t *testing.T) {
	c := newClock()
	m := kv.NewMemory(c.now, 1_000_000)
	for i := range 100 {
		if err := m.Put(context.Background(), fmt.Sprint("old/", i), nil, time.Duration(100-i)*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(100 * time.Second)
	for i := range 20 {
		if err := m.Put(context.Background(), fmt.Sprint("new/", i), nil, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.Len(); got != 20 {
		t.Errorf("got %d entries, want 20: the old ones are over", got)
	}
}

func TestAFullMemoryTakesNoNewKeysAndGoesOnWithItsOwn(t *testing.T) {
	ctx, c := t.Context(), newClock()
	m := kv.NewMemory(c.now, 650) // room for three entries that are not spare
	want := func(call string, got, want error) {
		t.Helper()
		if !errors.Is(got, want) {
			t.Errorf("%s: got %v, want %v", call, got, want)
		}
	}
	get := func(key string) error { _, err := m.Get(ctx, key); return err }
	count := func(key string) error { _, _, err := m.Increment(ctx, key, 1, time.Minute); return err }
	want("put", m.Put(ctx, "session", []byte("1"), time.Hour), nil)
	want("put", m.Put(ctx, "mark", []byte("1"), time.Hour), nil)
	want("increment", count("count"), nil)

	want("put of a new key", m.Put(ctx, "new", nil, time.Hour), kv.ErrFull)
	want("increment of a new key", count("new count"), kv.ErrFull)
	want("probe", m.Probe(ctx), kv.ErrFull)
	want("get of what was refused", get("new"), kv.ErrNotFound)

	want("get", get("session"), nil)
	if ok, err := m.Replace(ctx, "session", []byte("1"), []byte("2"), time.Hour); err != nil || !ok {
		t.Errorf("replace: got %v, %v, want true", ok, err)
	}
	want("put of a key that it has", m.Put(ctx, "mark", []byte("2"), time.Hour), nil)
	if n, _, err := m.Increment(ctx, "count", 1, time.Minute); err != nil || n != 2 {
		t.Errorf("increment of a count that it has: got %d, %v, want 2", n, err)
	}

	want("delete", m.Delete(ctx, "session"), nil)
	want("put after a delete", m.Put(ctx, "new", nil, time.Second), nil)
	c.pass(time.Minute)
	want("put after others have expired", m.Put(ctx, "newer", nil, time.Hour), nil)
}

// TestAFullMemoryKeepsRoomForThoseWhoAreLoggedIn: sessions must not take the room of handoffs.
func TestAFullMemoryKeepsRoomForThoseWhoAreLoggedIn(t *testing.T) {
	ctx, m := context.Background(), kv.NewMemory(time.Now, 100_000)
	fill := func(prefix string) int {
		for n := 0; ; n++ {
			if err := m.Put(ctx, fmt.Sprint(prefix, n), nil, time.Hour); errors.Is(err, kv.ErrFull) {
				return m.Bytes()
			}
		}
	}
	if got := fill("session/"); got < 89_000 || got > 90_000 {
		t.Errorf("sessions take %d bytes, want nine tenths of 100,000", got)
	}
	if got := fill(kv.Spare + "token/"); got < 99_000 || got > 100_000 {
		t.Errorf("sessions and tokens take %d bytes, want 100,000", got)
	}
}

func TestTheBoundIsTheMemoryThatTheEntriesTake(t *testing.T) {
	const maxBytes = 8_000_000
	for _, size := range []int{0, 300, 3000} {
		m := kv.NewMemory(time.Now, maxBytes)
		before := heap()
		var err error
		for i := 0; err == nil; i++ {
			err = m.Put(context.Background(), fmt.Sprint(kv.Spare, i), make([]byte, size), time.Hour)
		}
		if !errors.Is(err, kv.ErrFull) {
			t.Fatal(err)
		}
		took := heap() - before
		if least, most := maxBytes*7/10, maxBytes*11/10; took < least || took > most {
			t.Errorf("values of %d bytes: a full store takes %d bytes, want %d to %d", size, took, least, most)
		}
		if got := m.Bytes(); got > maxBytes || got < maxBytes-5000 {
			t.Errorf("values of %d bytes: got size %d, want little less than %d", size, got, maxBytes)
		}
	}
}

// heap returns the bytes in use.
func heap() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

func TestTheSizeFollowsChanges(t *testing.T) {
	ctx, m := context.Background(), kv.NewMemory(time.Now, 1_000_000)
	for _, size := range []int{3000, 10} {
		if err := m.Put(ctx, "key", make([]byte, size), time.Hour); err != nil {
			t.Fatal(err)
		}
		if n, bytes := m.Len(), m.Bytes(); n != 1 || bytes < size || bytes > size+500 {
			t.Errorf("a value of %d bytes: got %d entries of %d bytes, want 1 of some more", size, n, bytes)
		}
	}
	if ok, err := m.Replace(ctx, "key", make([]byte, 10), make([]byte, 2000), time.Hour); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if bytes := m.Bytes(); bytes < 2000 {
		t.Errorf("got %d bytes after a replace by 2000", bytes)
	}
	if err := m.Delete(ctx, "key"); err != nil {
		t.Fatal(err)
	}
	if n, bytes := m.Len(), m.Bytes(); n != 0 || bytes != 0 {
		t.Errorf("got %d entries of %d bytes after the delete, want none", n, bytes)
	}
}
