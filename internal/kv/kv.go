// Package kv is where state lives between requests: keys with values that expire.
//
// It owns the contract of a Store and the Store in memory. Other stores are packages below it, and
// all pass the tests of package kvtest. It does not know what the values mean.
package kv

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"time"
)

// ErrNotFound says that a key has no value: it never had one, it was deleted, or it has expired.
var ErrNotFound = errors.New("not found")

// ErrFull says that a Memory takes no new keys.
var ErrFull = errors.New("the store is full")

// Spare begins the keys that members who are logged in need to go on, such as for a handoff. A Memory
// that is nearly full takes new ones of these alone.
const Spare = "spare/"

// A Store keeps values for a lifetime. It is safe for concurrent use. Every later call sees a
// change, in other processes that share the store, too. Keys are printable ASCII. Any error but
// ErrNotFound means that the store is unavailable or ctx has ended; a change that returns one may
// have been made or not.
type Store interface {
	// Get returns the value of key, or ErrNotFound. The caller must not change the value.
	Get(ctx context.Context, key string) ([]byte, error)
	// Put sets the value of key for lifetime, which is positive. It replaces an earlier value and
	// lifetime. The store keeps value: the caller must not change it afterwards.
	Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error
	// Replace is Put for a key that has the value old, or has none for nil, and reports whether it
	// had. It is atomic: of two callers who have read the same, one replaces it. old is not empty.
	Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error)
	// Increment adds by to the count of key and returns the count, and how long it still lasts. A
	// count starts at zero and expires after window, however often it is added to. One that would
	// last for longer starts anew: the clock has been set back. A negative by takes back what was
	// added; where there is no count any more, it does nothing and returns 0.
	// Never use its key with Put or Replace.
	Increment(
		ctx context.Context, key string, by int, window time.Duration,
	) (n int, left time.Duration, err error)
	// Delete removes a value or a count. Deleting a key that has none is no error.
	Delete(ctx context.Context, key string) error
	// Probe stores a new value and reads it back, so that it fails where a login would fail.
	Probe(ctx context.Context) error
}

// PutAndGet puts a value, reads it back and deletes it: the Probe of a store without parts.
func PutAndGet(ctx context.Context, s Store, value []byte) error {
	key := "probe/" + rand.Text()
	if err := s.Put(ctx, key, value, ProbeLifetime); err != nil {
		return err
	}
	got, err := s.Get(ctx, key)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, value) {
		return errors.New("what was read is not what was written")
	}
	return s.Delete(ctx, key)
}

// ProbeLifetime is how long the value of a Probe is kept at most.
const ProbeLifetime = 10 * time.Second
