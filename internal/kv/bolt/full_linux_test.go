package bolt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAFullDiskTakesNoMoreAndKeepsWhatItHas(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may mount a small disk")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "ocsso.db")
	s := open(t, path, time.Now)
	rest, err := os.Create(filepath.Join(dir, "rest"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = rest.Write(make([]byte, 4096))
	}
	if err := rest.Close(); err != nil {
		t.Fatal(err)
	}
	const reason = "no space left on device"
	value := strings.Repeat("x", 500)
	put(t, s, "key/0", value, time.Hour) // the file has some room of its own
	n := 1
	for ; err == nil || !strings.Contains(err.Error(), reason); n++ {
		if n > 1000 {
			t.Fatalf("got %v after %d changes, want an error with %q", err, n, reason)
		}
		err = s.Put(context.Background(), fmt.Sprint("key/", n), []byte(value), time.Hour)
	}
	if err := s.Probe(context.Background()); err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("probe: got %v, want an error with %q", err, reason)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, time.Now)
	for i := range n - 1 {
		if got, err := s.Get(context.Background(), fmt.Sprint("key/", i)); err != nil || string(got) != value {
			t.Errorf("key/%d: got %q, %v, want the value", i, got, err)
		}
	}
	if err := os.Remove(rest.Name()); err != nil {
		t.Fatal(err)
	}
	if err := s.Probe(context.Background()); err != nil {
		t.Errorf("with room again: got %v, want no error", err)
	}
}
