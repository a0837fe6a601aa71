package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"ocsso/internal/kv"
	"ocsso/internal/kv/bolt"
)

func put(t *testing.T, s kv.Store, key, value string, lifetime time.Duration) {
	t.Helper()
	if err := s.Put(context.Background(), key, []byte(value), lifetime); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

// update opens the file at path, which is in use by nobody, as another program would.
func update(t *testing.T, path string, f func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
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
	if err := s.Probe(context.Background()); err != nil {
		t.Errorf("probe: got %v, want no error", err)
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, open(t, "data/ocsso.db", time.Now), "key", "value", time.Hour)
	for name, want := range map[string]os.FileMode{"data": 0o700, "data/ocsso.db": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %v, want %v", name, got, want)
		}
	}
}

func TestAMissingFolderIsMadeForARelativePathAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "misspelt")
	path := filepath.Join(folder, "ocsso.db")
	const want = "its folder is missing: make it, or mend the path"
	if _, err := bolt.Open(path, time.Now); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error with %q and the path", err, want)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("made the folder of an absolute path, want it left alone")
	}
	t.Chdir(filepath.Dir(folder))
	open(t, "made/ocsso.db", time.Now)
}

func TestASecondProcessIsToldWhoHasTheFile(t *testing.T) {
	path := newPath(t)
	s := open(t, path, time.Now)
	put(t, s, "key", "1", time.Hour)
	const want = "another process has it open: stop that one"
	start := time.Now()
	// A lock counts for each opening of the file, so this process will do.
	if _, err := bolt.Open(path, time.Now); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error with %q and the path", err, want)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v, want about a second", took)
	}
	if got, err := s.Get(context.Background(), "key"); err != nil || string(got) != "1" {
		t.Errorf("get at the first: got %q, %v, want the value", got, err)
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
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	update(t, path, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(_, _ []byte) error { n++; return nil })
		})
	})
	if want := 20; n != want {
		t.Errorf("got %d entries, want %d: the old ones are over", n, want)
	}
}

func TestAFileThatCannotBeUsedIsAnErrorThatSaysWhatToDo(t *testing.T) {
	page := os.Getpagesize()
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string) // path has a store with some entries
		want  string
	}{
		{"the pages are overwritten", func(t *testing.T, path string) {
			overwrite(t, path, int64(2*page), bytes.Repeat([]byte{0xAB}, 30*page))
		}, "damaged: move it away"},
		{"the pages of entries are overwritten", func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for at := bytes.Index(data, []byte("xxxx")) / page * page; at < len(data); at += page {
				overwrite(t, path, int64(at), bytes.Repeat([]byte{0xAB}, 100))
			}
		}, "damaged: move it away"},
		{"an entry is another's", func(t *testing.T, path string) {
			update(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("ocsso entries 1")).Put([]byte("a"), []byte("b")) })
		}, "damaged: move it away"},
		{"the end is missing", func(t *testing.T, path string) {
			if err := os.Truncate(path, int64(5*page)); err != nil {
				t.Fatal(err)
			}
		}, "damaged: move it away"},
		{"it is a text", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("members:\n  - usercode: kim\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a file of this store, or damaged: name another file"},
		{"it is another database", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("SQLite format 3\x00"), page), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "not a file of this store, or damaged: name another file"},
		{"it is another program's", func(t *testing.T, path string) {
			update(t, path, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("members")); return err })
		}, "a database of another program, or of another version of this one: name another file"},
		{"it is a folder", func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		}, "not a file: name one"},
		{"its folder is a file", func(t *testing.T, path string) {
			folder := filepath.Dir(path)
			if err := errors.Join(os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "not a directory"},
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
			_, err := bolt.Open(path, time.Now)
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

func TestCallsEndWithTheirContext(t *testing.T) {
	s := open(t, newPath(t), time.Now)
	put(t, s, "key", "value", time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	calls := map[string]func() error{
		"get":     func() error { _, err := s.Get(ctx, "key"); return err },
		"put":     func() error { return s.Put(ctx, "key", []byte("2"), time.Hour) },
		"replace": func() error { _, err := s.Replace(ctx, "key", []byte("value"), []byte("3"), time.Hour); return err },
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
