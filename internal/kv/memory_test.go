package kv_test

import (
	"context"
	"fmt"
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
		return kv.NewMemory(c.now), c.pass
	})
}

func TestMemoryForgetsWhatIsOver(t *testing.T) {
	c := newClock()
	m := kv.NewMemory(c.now)
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
	if got, want := m.Len(), 20; got != want {
		t.Errorf("got %d entries, want %d: the old ones are over", got, want)
	}
}
