package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/sqlite"
)

func put(t *testing.T, s kv.Store, key, value string, lifetime time.Duration) {
	t.Helper()
	if err := s.Put(context.Background(), key, []byte(value), lifetime); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

// run gives statements to the file at path as another program would.
func run(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

// count returns how many entries the file at path has, those among them whose lifetime is over.
func count(t *testing.T, path string) int {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM entry").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStateSurvivesARestart(t *testing.T) {
	path, c := newPath(t), newClock()
	s := open(t, path, c.now)
	put(t, s, "kept", "1", time.Hour)
	put(t, s, "over", "2", time.Minute)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Minute)
	s = open(t, path, c.now)
	if got, err := s.Get(context.Background(), "kept"); err != nil || string(got) != "1" {
		t.Errorf("got %q, %v, want what was put before the restart", got, err)
	}
	if got, err := s.Get(context.Background(), "over"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("got %q, %v, want %v: its lifetime went on", got, err, kv.ErrNotFound)
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	path := newPath(t)
	put(t, open(t, path, time.Now), "key", "value", time.Hour)
	for name, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %v, want %v", name, got, want)
		}
	}
}

func TestAPathIsTakenAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?mode=memory#%41&회원.db")
	put(t, open(t, path, time.Now), "key", "value", time.Hour)
	if got, want := count(t, "file:"+strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)), 1; got != want {
		t.Errorf("got %d entries in %s, want %d", got, path, want)
	}
}

func TestTheFileForgetsWhatIsOver(t *testing.T) {
	path, c := newPath(t), newClock()
	s := open(t, path, c.now)
	for i := range 100 {
		put(t, s, fmt.Sprint("old/", i), "", time.Duration(100-i)*time.Second)
	}
	c.pass(100 * time.Second)
	for i := range 20 {
		put(t, s, fmt.Sprint("new/", i), "", time.Hour)
	}
	if got, want := count(t, path), 20; got != want {
		t.Errorf("got %d entries, want %d: the old ones are over", got, want)
	}
}

func TestAFileThatCannotBeUsedIsAnErrorThatSaysWhatToDo(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string) // path has a store with some entries
		want  string
	}{
		{"a page is overwritten", func(t *testing.T, path string) {
			overwrite(t, path, 3*4096, bytes.Repeat([]byte{0xAB}, 4096))
		}, "damaged: move it away"},
		{"the end is missing", func(t *testing.T, path string) {
			if err := os.Truncate(path, 5*4096); err != nil {
				t.Fatal(err)
			}
		}, "damaged: move it away"},
		{"it is a text", func(t *testing.T, path string) {
			overwrite(t, path, 0, []byte("members:\n  - usercode: kim\n"))
		}, "not a database: name another file"},
		{"it is another program's", func(t *testing.T, path string) {
			run(t, path, "PRAGMA application_id = 1")
		}, "a database of another program: name another file"},
		{"it is another program's that doesn't mark its files", func(t *testing.T, path string) {
			run(t, path, "PRAGMA application_id = 0; PRAGMA user_version = 0")
		}, "a database of another program: name another file"},
		{"it is of a newer version", func(t *testing.T, path string) {
			run(t, path, "PRAGMA user_version = 2")
		}, "of format 2, and this program knows none above 1: run the newer program"},
		{"it is a folder", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "not a file: name one"},
		{"it can't be written", func(t *testing.T, path string) {
			// A write version that SQLite doesn't know: may be read, not written
			overwrite(t, path, 18, []byte{3})
		}, "let the user of this process read and write the file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := newPath(t)
			s := open(t, path, time.Now)
			for i := range 200 {
				put(t, s, fmt.Sprint("key/", i), strings.Repeat("x", 300), time.Hour)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, path)
			before, _ := os.ReadFile(path)
			_, err := sqlite.Open(context.Background(), path, time.Now)
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q and the path", err, tt.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
				t.Error("the file was changed")
			}
		})
	}
}

func overwrite(t *testing.T, path string, offset int64, data []byte) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(data, offset); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(file, "ocsso.db")
	if _, err := sqlite.Open(context.Background(), path, time.Now); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got error %v, want one that names %s", err, path)
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	s := open(t, newPath(t), time.Now)
	put(t, s, "key", "value", time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	calls := map[string]func() error{
		"get":     func() error { _, err := s.Get(ctx, "key"); return err },
		"put":     func() error { return s.Put(ctx, "key", []byte("2"), time.Hour) },
		"replace": func() error { _, err := s.Replace(ctx, "key", []byte("3"), time.Hour); return err },
		"delete":  func() error { return s.Delete(ctx, "key") },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want %v", name, err, context.Canceled)
		}
	}
	if got, err := s.Get(context.Background(), "key"); err != nil || string(got) != "value" {
		t.Errorf("got %q, %v, want the value that none of the calls changed", got, err)
	}
}

func TestAnotherProgramsLockStopsWritersAndNotReaders(t *testing.T) {
	path := newPath(t)
	s := open(t, path, time.Now)
	put(t, s, "key", "1", time.Hour)
	other, err := sql.Open("sqlite", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	lock, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Put(context.Background(), "key", []byte("2"), time.Hour); err == nil {
		t.Error("put: got no error, want one: the file is locked")
	}
	if got, err := s.Get(context.Background(), "key"); err != nil || string(got) != "1" {
		t.Errorf("get: got %q, %v, want the value before", got, err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	put(t, s, "key", "2", time.Hour)
}

func TestAfterCloseCallsAreErrors(t *testing.T) {
	s := open(t, newPath(t), time.Now)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(context.Background(), "key"); err == nil || errors.Is(err, kv.ErrNotFound) {
		t.Errorf("get: got %v, want an error that isn't %v", err, kv.ErrNotFound)
	}
	if err := s.Put(context.Background(), "key", nil, time.Hour); err == nil {
		t.Error("put: got no error, want one")
	}
}
