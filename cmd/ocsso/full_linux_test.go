package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAFullDiskAtTheStart: members who are logged in stay so, and the log and /readyz say what is
// wrong.
func TestAFullDiskAtTheStart(t *testing.T) {
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
	s := writeSettings(t, anyHelpCenter+fmt.Sprintf("store: {kind: file, file: {path: %q}}\n", filepath.Join(dir, "ocsso.db")))
	d := s.serve(t)
	v := loggedInAt(t, d.site)
	d.End()
	rest, err := os.Create(filepath.Join(dir, "rest"))
	for err == nil {
		_, err = rest.Write(make([]byte, 4096))
	}
	if err := rest.Close(); err != nil {
		t.Fatal(err)
	}
	d = s.serve(t)
	v.wantStatus(t, d.site, loggedIn("minji"))
	const reason = "no space left on device"
	if got := v.must(t, "GET", d.admin+"/readyz", nil); got.code != http.StatusOK || !strings.Contains(got.body, reason) {
		t.Errorf("readyz: got %d %s, want 200 and %q", got.code, got.body, reason)
	}
	if !strings.Contains(d.Log.String(), reason) {
		t.Errorf("got the log %s, want %q", d.Log, reason)
	}
	if err := os.Remove(rest.Name()); err != nil {
		t.Fatal(err)
	}
	if err := newVisitor(t, "ara").logIn(d.site); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
