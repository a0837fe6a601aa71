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
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"ocsso/internal/kv"
)

const (
	// timeout bounds every call, including the wait for other changes.
	timeout = time.Second
	// maxBatch is how many changes one commit has at most.
	maxBatch = 256
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

	changes chan *change
	stop    context.CancelFunc
	stopped chan struct{} // closed when the writer has ended
}

// A change is made by the writer, with others in one transaction.
type change struct {
	ctx   context.Context
	apply func(b *bbolt.Bucket, now time.Time) error
	err   error      // of apply
	done  chan error // has room for the outcome, as the caller may have left
}

// Get implements kv.Store.
func (s *Store) Get(ctx context.Context, key string) (value []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("file get: %w", err)
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		live, _, ok := read(tx.Bucket(entries), key, s.now())
		if !ok {
			return kv.ErrNotFound
		}
		value = append([]byte{}, live...) // it ends with the transaction
		return nil
	})
	if err != nil && err != kv.ErrNotFound {
		return nil, fmt.Errorf("file get: %w", err)
	}
	return value, err
}

// Put implements kv.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	err := s.change(ctx, func(b *bbolt.Bucket, now time.Time) error {
		return write(b, key, value, now.Add(lifetime))
	})
	if err != nil {
		return fmt.Errorf("file put: %w", err)
	}
	return nil
}

// Replace implements kv.Store.
func (s *Store) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	var same bool
	err := s.change(ctx, func(b *bbolt.Bucket, now time.Time) error {
		is, _, live := read(b, key, now)
		if !live {
			is = nil
		}
		if same = bytes.Equal(is, old); !same {
			return nil
		}
		return write(b, key, value, now.Add(lifetime))
	})
	if err != nil {
		return false, fmt.Errorf("file replace: %w", err)
	}
	return same, nil
}

// Increment implements kv.Store.
func (s *Store) Increment(ctx context.Context, key string, by int, window time.Duration) (int, time.Duration, error) {
	var n int
	var left time.Duration
	err := s.change(ctx, func(b *bbolt.Bucket, now time.Time) (err error) {
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
		return 0, 0, fmt.Errorf("file increment: %w", err)
	}
	return n, left, nil
}

// Delete implements kv.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.change(ctx, func(b *bbolt.Bucket, _ time.Time) error { return b.Delete([]byte(key)) })
	if err != nil {
		return fmt.Errorf("file delete: %w", err)
	}
	return nil
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

// Close waits for running calls and closes the file. Later calls are errors.
func (s *Store) Close() error {
	s.stop()
	<-s.stopped
	return s.db.Close()
}

// change hands f to the writer and waits until what it did is on the disk.
func (s *Store) change(ctx context.Context, f func(b *bbolt.Bucket, now time.Time) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c := &change{ctx: ctx, apply: f, done: make(chan error, 1)}
	select {
	case s.changes <- c:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return os.ErrClosed
	}
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writer makes changes until ctx is done. While one commit waits for the disk, the next changes
// gather.
func (s *Store) writer(ctx context.Context) {
	defer close(s.stopped)
	var swept []byte // the last key that was visited
	for {
		var batch []*change
		select {
		case c := <-s.changes:
			batch = append(batch, c)
		case <-ctx.Done():
			return
		}
		for more := true; more && len(batch) < maxBatch; {
			select {
			case c := <-s.changes:
				batch = append(batch, c)
			default:
				more = false
			}
		}
		err := s.db.Update(func(tx *bbolt.Tx) (err error) {
			b, now := tx.Bucket(entries), s.now()
			for _, c := range batch {
				if c.err = c.ctx.Err(); c.err == nil { // the caller still waits
					c.err = c.apply(b, now)
				}
			}
			swept, err = sweep(b, now, swept, sweepBatch*len(batch))
			return err
		})
		for _, c := range batch {
			c.done <- cmp.Or(err, c.err)
		}
	}
}

// sweep visits n entries after the key last, in the order of the keys and around the end, and
// removes the expired ones. It returns the last key that it has visited.
func sweep(b *bbolt.Bucket, now time.Time, last []byte, n int) ([]byte, error) {
	var expired [][]byte
	cursor := b.Cursor()
	key, value := cursor.Seek(last)
	for range n {
		if key == nil {
			key, value = cursor.First()
		}
		if key == nil {
			return nil, nil
		}
		last = append([]byte{}, key...)
		if !now.Before(expiry(value)) {
			expired = append(expired, last)
		}
		key, value = cursor.Next()
	}
	for _, key := range expired {
		if err := b.Delete(key); err != nil {
			return nil, err
		}
	}
	return last, nil
}

// An entry's value in the file begins with the microsecond since 1970 at which it expires.
const expirySize = 8

func write(b *bbolt.Bucket, key string, value []byte, expires time.Time) error {
	stored := binary.BigEndian.AppendUint64(make([]byte, 0, expirySize+len(value)), uint64(expires.UnixMicro()))
	return b.Put([]byte(key), append(stored, value...))
}

// read returns a value that ends with the transaction.
func read(b *bbolt.Bucket, key string, now time.Time) (value []byte, expires time.Time, ok bool) {
	stored := b.Get([]byte(key))
	if stored == nil {
		return nil, time.Time{}, false
	}
	expires = expiry(stored)
	return stored[expirySize:], expires, now.Before(expires)
}

func expiry(stored []byte) time.Time {
	return time.UnixMicro(int64(binary.BigEndian.Uint64(stored)))
}
