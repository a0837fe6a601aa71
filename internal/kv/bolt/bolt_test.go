package bolt_test

import (
	"path/filepath"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/bolt"
	"ocsso/internal/kv/kvtest"
)

// clock is a time that moves only when told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func newClock() *clock { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

// open opens the file at path and closes it when the test ends.
func open(t testing.TB, path string, now func() time.Time) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "ocsso.db") }

func TestStore(t *testing.T) {
	kvtest.TestStore(t, func(t *testing.T) (kv.Store, func(time.Duration)) {
		c := newClock()
		return open(t, newPath(t), c.now), c.pass
	})
}
