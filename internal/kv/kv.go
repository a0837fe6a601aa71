// Package kv is where state lives between requests: keys with values that end by themselves.
//
// It owns the contract of a Store and the one in memory; others are packages below it, and all pass the suite in
// package kvtest. It does not know what the values mean.
package kv

import (
	"context"
	"errors"
	"time"
)

// ErrNotFound says that a key has no value: it never had one, it was deleted, or its lifetime is over.
var ErrNotFound = errors.New("not found")

// A Store keeps values for a lifetime. It is safe for concurrent use. What one call has stored every later call of this
// process sees, and where processes share a store, those of the others do within 50 ms, as long as all of them reach it.
// Keys are printable ASCII. Any error but ErrNotFound means that the store is out of order or ctx is over; a change that
// ends in one may have been made or not.
type Store interface {
	// Get returns the value of key, or ErrNotFound. The caller must not change the value.
	Get(ctx context.Context, key string) ([]byte, error)
	// GetTwo is Get for two keys at once, in little more time than for one. A key without a value has nil, and so may one with an
	// empty value.
	GetTwo(ctx context.Context, first, second string) ([]byte, []byte, error)
	// Put sets the value of key for lifetime, which is positive, in place of an earlier value and lifetime.
	// The store keeps value: the caller must not change it afterwards.
	Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error
	// Replace is Put for a key that has a value, and reports whether it had one. In one step, so that it can't bring
	// back what another caller deletes meanwhile.
	Replace(ctx context.Context, key string, value []byte, lifetime time.Duration) (bool, error)
	// Increment adds one to the count of key, which is no other call's key, and returns it. A count begins at 1 and ends after
	// window, however often it is added to.
	Increment(ctx context.Context, key string, window time.Duration) (int, error)
	// Delete ends key. Deleting what is not there is no error.
	Delete(ctx context.Context, key string) error
}
