package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv/sqlite"
)

func TestABackupOfARunningStoreIsAStore(t *testing.T) {
	path := newPath(t)
	s := open(t, path, time.Now)
	put(t, s, "key", "before", time.Hour)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				s.Put(context.Background(), fmt.Sprint("key/", i), []byte("x"), time.Hour)
			}
		}
	}()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := sqlite.Backup(context.Background(), path, copied); err != nil {
		t.Fatal(err)
	}
	close(stop)
	<-stopped
	put(t, s, "key", "after", time.Hour)
	info, err := os.Stat(copied)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode(), os.FileMode(0o600); got != want {
		t.Errorf("got mode %v, want %v: it has sessions", got, want)
	}
	restored := open(t, copied, time.Now)
	if got, err := restored.Get(context.Background(), "key"); err != nil || string(got) != "before" {
		t.Errorf("got %q, %v, want the value at the time of the backup", got, err)
	}
}

func TestABackupOfAStoppedStoreChangesNothing(t *testing.T) {
	path := newPath(t)
	s := open(t, path, time.Now)
	put(t, s, "key", "1", time.Hour)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Backup(context.Background(), path, filepath.Join(t.TempDir(), "file:copy.db")); err != nil {
		t.Fatal(err)
	}
	put(t, open(t, path, time.Now), "key", "2", time.Hour)
}

func TestWhatCannotBeBackedUpIsAnError(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ocsso.db")
	put(t, open(t, path, time.Now), "key", "1", time.Hour)
	missing, text, empty, folder := filepath.Join(dir, "missing.db"), filepath.Join(dir, "text"), filepath.Join(dir, "empty"), filepath.Join(dir, "folder")
	foreign := newPath(t)
	open(t, foreign, time.Now)
	run(t, foreign, "PRAGMA application_id = 1")
	for name, content := range map[string]string{text: strings.Repeat("members:\n", 100), empty: ""} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, from, to, want string }{
		{"no store", missing, filepath.Join(dir, "1"), "no such file"},
		{"a text", text, filepath.Join(dir, "2"), "not a database"},
		{"an empty file", empty, filepath.Join(dir, "3"), "empty file"},
		{"a database of others", foreign, filepath.Join(dir, "4"), "a database of another program"},
		{"the copy exists", path, text, "there is such a file"},
		{"the copy is the store", path, path, "there is such a file"},
		{"the copy is a folder", path, folder, "there is such a file"},
		{"the copy's folder is missing", path, filepath.Join(dir, "no", "5"), "no such file"},
	} {
		before, _ := os.ReadFile(tt.to)
		err := sqlite.Backup(context.Background(), tt.from, tt.to)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.to) {
			t.Errorf("%s: got %v, want an error with %q and %s", tt.name, err, tt.want, tt.to)
		}
		if after, _ := os.ReadFile(tt.to); string(after) != string(before) {
			t.Errorf("%s: %s was changed", tt.name, tt.to)
		}
		if _, err := os.Stat(missing); err == nil {
			t.Errorf("%s: made an empty store at %s", tt.name, missing)
		}
	}
}
