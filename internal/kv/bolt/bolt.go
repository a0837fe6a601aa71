// Package bolt is a kv.Store in one bbolt file: state that outlives the process, on one machine.
//
// It owns the file and its format. Several machines share state through package redis instead.
package bolt

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"ocsso/internal/kv"
)

const (
	// timeout bounds every call, including the wait for other changes.
	timeout = time.Second
	// sweepBatch is how many entries are visited for each change. So, in the long run, one of so
	// many entries has expired.
	sweepBatch = 8
)

// A Store is a kv.Store in a file. Each change is on the disk before its call returns, so it
// survives the end of the process, and a power failure as far as the disk keeps what it was told
// to. Changes of concurrent callers wait for the disk together.
//
// A call takes a second at most, or less if its context ends sooner. Readers do not wait for
// writers. Each change removes some expired entries, so the file is bounded by what is put within
// one lifetime. Lifetimes are kept to the microsecond.
type Store struct {
	now  func() time.Time
	db   *bbolt.DB
	path string
	file os.FileInfo // that was opened, and that path has to name still

	mu      sync.Mutex
	waiting []*change // for the next commit
	begun   bool      // the next commit, which may have to wait for the one before it
	swept   []byte    // the last key that was visited, in a commit
}

// A change is made with others in one transaction.
type change struct {
	ctx   context.Context
	apply func(b *bbolt.Bucket, now time.Time) error
	err   error      // of apply
	done  chan error // has room for the outcome, as the caller may have left
}

// Get implements kv.Store.
func (s *Store) Get(ctx context.Context, key string) (value []byte, err error) {
	err = ctx.Err()
	if err == nil {
		err = s.db.View(func(tx *bbolt.Tx) error {
			live, _, ok := read(tx.Bucket(entries), key, s.now())
			if !ok {
				return kv.ErrNotFound
			}
			value = append([]byte{}, live...) // it ends with the transaction
			return nil
		})
	}
	if err != nil && err != kv.ErrNotFound {
		return nil, fmt.Errorf("file get: %w", err)
	}
	return value, err
}

// Put implements kv.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	return s.change(ctx, "put", func(b *bbolt.Bucket, now time.Time) error {
		return write(b, key, value, now.Add(lifetime))
	})
}

// Replace implements kv.Store.
func (s *Store) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	var same bool
	err := s.change(ctx, "replace", func(b *bbolt.Bucket, now time.Time) error {
		is, _, _ := read(b, key, now)
		if same = bytes.Equal(is, old); !same {
			return nil
		}
		return write(b, key, value, now.Add(lifetime))
	})
	if err != nil {
		return false, err // a change that comes too late still sets same
	}
	return same, nil
}

// Increment implements kv.Store.
func (s *Store) Increment(ctx context.Context, key string, by int, window time.Duration) (int, time.Duration, error) {
	var n int
	var left time.Duration
	err := s.change(ctx, "increment", func(b *bbolt.Bucket, now time.Time) (err error) {
		value, expires, ok := read(b, key, now)
		if !ok || expires.Sub(now) > window {
			if by < 0 {
				return nil // nothing to take back
			}
			value, expires = []byte("0"), now.Add(window)
		}
		if n, err = strconv.Atoi(string(value)); err != nil {
			return err
		}
		n, left = n+by, expires.Sub(now)
		return write(b, key, strconv.AppendInt(nil, int64(n), 10), expires)
	})
	if err != nil {
		return 0, 0, err
	}
	return n, left, nil
}

// Delete implements kv.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.change(ctx, "delete", func(b *bbolt.Bucket, _ time.Time) error { return b.Delete([]byte(key)) })
}

// Probe implements kv.Store. It also fails when the file was deleted or replaced: then all calls
// work, on a file that nobody will find again.
func (s *Store) Probe(ctx context.Context) error {
	const lost = "file probe: restart, or all logins are lost at the next one"
	info, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf(lost+": %w", err)
	}
	if !os.SameFile(info, s.file) {
		return fmt.Errorf(lost+": %s is another file than was opened", s.path)
	}
	// The value takes more pages than a login may need at most, or a full disk would show in some
	// of the logins first.
	value := bytes.Repeat([]byte(rand.Text()), os.Getpagesize()/8)
	if err := kv.PutAndGet(ctx, s, value); err != nil {
		return fmt.Errorf("file probe: %w", err)
	}
	return nil
}

// Close waits for changes that are being made, and closes the file. Later calls are errors.
func (s *Store) Close() error { return s.db.Close() }

// change has apply called in the next commit, and waits until what it did is on the disk. Those who
// come while the one before it waits for the disk share that commit.
func (s *Store) change(ctx context.Context, what string, apply func(b *bbolt.Bucket, now time.Time) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c := &change{ctx: ctx, apply: apply, done: make(chan error, 1)}
	s.mu.Lock()
	s.waiting = append(s.waiting, c)
	if !s.begun {
		s.begun = true
		go s.commit()
	}
	s.mu.Unlock()
	var err error
	select {
	case err = <-c.done:
	case <-ctx.Done():
		err = ctx.Err()
		s.mu.Lock() // or they would gather before a disk that hangs
		s.waiting = slices.DeleteFunc(s.waiting, func(other *change) bool { return other == c })
		s.mu.Unlock()
	}
	if err != nil {
		return fmt.Errorf("file %s: %w", what, err)
	}
	return nil
}

// commit makes all changes that wait when its turn comes.
func (s *Store) commit() {
	var batch []*change
	take := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		batch, s.waiting, s.begun = s.waiting, nil, false
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		take()
		b, now := tx.Bucket(entries), s.now()
		for _, c := range batch {
			if c.err = c.ctx.Err(); c.err == nil { // the caller still waits
				c.err = c.apply(b, now)
			}
		}
		return s.sweep(b, now, sweepBatch*len(batch))
	})
	if err != nil && batch == nil { // no transaction has begun: the file is closed
		take()
	}
	for _, c := range batch {
		c.done <- cmp.Or(err, c.err)
	}
}

// sweep visits n entries from the last one on, in the order of the keys and around the end, and
// removes the expired ones.
func (s *Store) sweep(b *bbolt.Bucket, now time.Time, n int) error {
	cursor := b.Cursor()
	key, value := cursor.Seek(s.swept)
	var expired [][]byte
	for range n {
		if key == nil {
			key, value = cursor.First()
		}
		if key == nil {
			return nil
		}
		s.swept = bytes.Clone(key)
		if !now.Before(expiry(value)) {
			expired = append(expired, s.swept)
		}
		key, value = cursor.Next()
	}
	for _, key := range expired {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// An entry's value in the file begins with the microsecond since 1970 at which it expires.
const expirySize = 8

func write(b *bbolt.Bucket, key string, value []byte, expires time.Time) error {
	stored := binary.BigEndian.AppendUint64(make([]byte, 0, expirySize+len(value)), uint64(expires.UnixMicro()))
	return b.Put([]byte(key), append(stored, value...))
}

// read returns a value that ends with the transaction, unless there is none or it has expired.
func read(b *bbolt.Bucket, key string, now time.Time) (value []byte, expires time.Time, ok bool) {
	stored := b.Get([]byte(key))
	if stored == nil || !now.Before(expiry(stored)) {
		return nil, time.Time{}, false
	}
	return stored[expirySize:], expiry(stored), true
}

func expiry(stored []byte) time.Time {
	return time.UnixMicro(int64(binary.BigEndian.Uint64(stored)))
}
