package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

func TestABackupOfARunningServerKeepsItsLogins(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "ocsso.db"), filepath.Join(dir, "copy.db")
	s := writeSettings(t, anyHelpCenter+fmt.Sprintf("store: {kind: file, file: {path: %q}}\n", path))
	d := s.serve(t)
	v := loggedInAt(t, d.site)
	stdout, stderr, code := clitest.RunCommand(t, "ocsso", run, s.environment, "backup", "--config", s.file, copied)
	if code != 0 || stderr != "" || !strings.Contains(stdout, copied) {
		t.Fatalf("got exit code %d, %q and %q, want the copy named", code, stdout, stderr)
	}
	_, stderr, code = clitest.RunCommand(t, "ocsso", run, s.environment, "backup", "--config", s.file, copied)
	if code != cli.ExitFailed || !strings.Contains(stderr, "there is such a file") || !strings.Contains(stderr, "hint: ") {
		t.Errorf("again: got exit code %d and %q, want an error and a hint", code, stderr)
	}
	d.End()
	if err := os.Rename(copied, path); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	v.wantStatus(t, s.serve(t).site, loggedIn("minji"))
}
