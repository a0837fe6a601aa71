// Package sqlite is a kv.Store in one SQLite file: state that outlives the process, on one machine.
//
// It owns the file and its format. Several machines share state through package redis instead.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"ocsso/internal/kv"
)

// timeout bounds every call, including the wait for other writers.
const timeout = time.Second

// sweepBatch is how many expired entries one Put or Increment removes at most: more than it adds,
// and few enough not to slow it down.
const sweepBatch = 8

// A Store is a kv.Store in a file. Each change is on the disk before its call returns, so it
// survives the end of the process, and a power failure as far as the disk keeps what it was told
// to.
//
// A call takes a second at most, or less if its context ends sooner. Readers do not wait for
// writers. Each Put and Increment removes some expired entries, so the file is bounded by what is
// put within one lifetime. Lifetimes are kept to the microsecond.
type Store struct {
	now   func() time.Time
	read  *sql.DB
	write *sql.DB // one connection: SQLite has one writer at a time
	files []file  // that belong to the database

	get, put, sweep, replace, increment, delete *sql.Stmt
}

// A file is one that was opened, and that its path has to name still.
type file struct {
	path   string
	opened fs.FileInfo
}

// Get implements kv.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var value []byte
	err := s.get.QueryRowContext(ctx, key, s.now().UnixMicro()).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, kv.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("sqlite get: %w", err)
	}
	return value, nil
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

// changeAndSweep does both in one transaction, so that they wait for the disk once.
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
func (s *Store) Increment(ctx context.Context, key string, by int, window time.Duration) (int, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var n, left int64
	err := s.changeAndSweep(ctx, func(tx *sql.Tx, now time.Time) error {
		row := tx.StmtContext(ctx, s.increment).QueryRowContext(ctx, key, now.Add(window).UnixMicro(), now.UnixMicro(), by)
		if err := row.Scan(&n, &left); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return nil // nothing to take back
	})
	if err != nil {
		return 0, 0, fmt.Errorf("sqlite increment: %w", err)
	}
	return int(n), time.Duration(left) * time.Microsecond, nil
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

// Probe implements kv.Store. It also fails when a file of the database was deleted or replaced:
// then all calls work, on a file that nobody will find again.
func (s *Store) Probe(ctx context.Context) error {
	for _, f := range s.files {
		info, err := os.Stat(f.path)
		if err != nil {
			return fmt.Errorf("sqlite probe: restart, or all logins are lost at the next one: %w", err)
		}
		if !os.SameFile(info, f.opened) {
			return fmt.Errorf("sqlite probe: restart, or all logins are lost at the next one: %s is another file than was opened", f.path)
		}
	}
	return kv.PutAndGet(ctx, s)
}

// Close waits for running calls and closes the file. Later calls are errors.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// notNull returns value, or an empty slice for nil, which the driver would store as NULL.
func notNull(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}
