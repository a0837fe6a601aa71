package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv/sqlite"
)

func TestAProbeSeesThatTheFilesAreGone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(path string) error
	}{
		{"the file is deleted", os.Remove},
		{"the file is renamed", func(path string) error { return os.Rename(path, path+".old") }},
		{"the file is replaced", func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		}},
		{"the log of writes is deleted", func(path string) error { return os.Remove(path + "-wal") }},
		{"the shared memory is deleted", func(path string) error { return os.Remove(path + "-shm") }},
		{"the folder is deleted", func(path string) error { return os.RemoveAll(filepath.Dir(path)) }},
		{"the folder is renamed", func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := newPath(t)
			s := open(t, path, time.Now)
			if err := s.Probe(context.Background()); err != nil {
				t.Fatalf("before: got %v, want no error", err)
			}
			if err := tt.spoil(path); err != nil {
				t.Fatal(err)
			}
			if err := s.Probe(context.Background()); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want an error that names %s", err, path)
			}
		})
	}
}

func TestAStoreThatWasClosedAndOpenedAgainPassesItsProbe(t *testing.T) {
	path := newPath(t)
	for range 2 {
		s := open(t, path, time.Now)
		if err := s.Probe(context.Background()); err != nil {
			t.Errorf("got %v, want no error", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFileThatAnotherProgramLocksTakesNoChanges(t *testing.T) {
	path := newPath(t)
	s := open(t, path, time.Now)
	put(t, s, "key", "1", time.Hour)
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	wantNoChanges(t, s, "database is locked")
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Probe(context.Background()); err != nil {
		t.Errorf("after the lock: got %v, want no error", err)
	}
}

// wantNoChanges checks that key can be read, that it can't be changed, and that a probe says so.
func wantNoChanges(t *testing.T, s *sqlite.Store, reason string) {
	t.Helper()
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"probe":     func() error { return s.Probe(ctx) },
		"put":       func() error { return s.Put(ctx, "key", []byte("2"), time.Hour) },
		"replace":   func() error { _, err := s.Replace(ctx, "key", []byte("2"), time.Hour); return err },
		"increment": func() error { _, _, err := s.Increment(ctx, "count", 1, time.Hour); return err },
		"delete":    func() error { return s.Delete(ctx, "key") },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v, want an error with %q", name, err, reason)
		}
	}
	if got, err := s.Get(ctx, "key"); err != nil || string(got) != "1" {
		t.Errorf("get: got %q, %v, want the value", got, err)
	}
}
