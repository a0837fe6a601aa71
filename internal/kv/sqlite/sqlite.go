// Package sqlite is a kv.Store in one SQLite file: state that outlives the process, on one machine.
//
// It owns the file and its format. It is not for a fleet: several machines share state through package redis.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ocsso/internal/kv"
)

// timeout bounds every call, waiting for other writers included.
const timeout = time.Second

// sweepBatch is the most expired entries that one Put or Increment removes: enough to keep ahead of any rate of Puts, few enough not to
// be felt.
const sweepBatch = 8

// A Store is a kv.Store in a file. What a call has stored survives the end of the process, however it ends, and the loss of
// power as far as the disk keeps what it was told to: each change is on the disk before its call returns.
//
// A call takes a second at most, or less if its context ends sooner. Readers don't wait for writers. An entry leaves the file
// when it is deleted, or at a Put or Increment after its lifetime; so the file is bounded by what is put within one lifetime. Lifetimes
// are kept to the microsecond.
type Store struct {
	now     func() time.Time
	readers readers
	write   *sql.DB // of one connection: SQLite has one writer at a time

	put, sweep, replace, increment, delete *sql.Stmt
}

// Get implements kv.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	value, _, err := s.readers.ask(ctx, key, "", s.now())
	if err != nil {
		return nil, fmt.Errorf("sqlite get: %w", err)
	}
	if value == nil {
		return nil, kv.ErrNotFound
	}
	return value, nil
}

// GetTwo implements kv.Store.
func (s *Store) GetTwo(ctx context.Context, first, second string) (a, b []byte, err error) {
	if a, b, err = s.readers.ask(ctx, first, second, s.now()); err != nil {
		return nil, nil, fmt.Errorf("sqlite get: %w", err)
	}
	return a, b, nil
}

// Put implements kv.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := s.changeAndSweep(ctx, func(tx *sql.Tx, now time.Time) error {
		_, err := tx.StmtContext(ctx, s.put).ExecContext(ctx, key, notNull(value), now.Add(lifetime).UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlite put: %w", err)
	}
	return nil
}

// changeAndSweep is one transaction, so that both wait for the disk once.
func (s *Store) changeAndSweep(ctx context.Context, change func(tx *sql.Tx, now time.Time) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	now := s.now()
	if err := change(tx, now); err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, s.sweep).ExecContext(ctx, now.UnixMicro(), sweepBatch); err != nil {
		return err
	}
	return tx.Commit()
}

// Replace implements kv.Store.
func (s *Store) Replace(ctx context.Context, key string, value []byte, lifetime time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	now := s.now()
	result, err := s.replace.ExecContext(ctx, notNull(value), now.Add(lifetime).UnixMicro(), key, now.UnixMicro())
	if err != nil {
		return false, fmt.Errorf("sqlite replace: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("sqlite replace: %w", err)
	}
	return n > 0, nil
}

// Increment implements kv.Store.
func (s *Store) Increment(ctx context.Context, key string, window time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	n := 0
	err := s.changeAndSweep(ctx, func(tx *sql.Tx, now time.Time) error {
		return tx.StmtContext(ctx, s.increment).QueryRowContext(ctx, key, now.Add(window).UnixMicro(), now.UnixMicro()).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite increment: %w", err)
	}
	return n, nil
}

// Delete implements kv.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if _, err := s.delete.ExecContext(ctx, key); err != nil {
		return fmt.Errorf("sqlite delete: %w", err)
	}
	return nil
}

// Close waits for the calls that are under way and closes the file. Later calls are errors.
func (s *Store) Close() error {
	s.readers.close()
	return s.write.Close()
}

// notNull is value, since the driver takes a nil slice for NULL.
func notNull(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}
