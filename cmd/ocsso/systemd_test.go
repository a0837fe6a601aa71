package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ocsso/internal/cli/clitest"
)

// TestSystemdIsToldTheStateOfTheService reads what a process sends to the socket that systemd gives
// to a service of Type=notify.
func TestSystemdIsToldTheStateOfTheService(t *testing.T) {
	dir, err := os.MkdirTemp("", "") // not t.TempDir: a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	want := func(states ...string) {
		t.Helper()
		for _, state := range states {
			message := make([]byte, 1<<10)
			n, err := socket.Read(message)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := strings.Cut(string(message[:n]), "\n"); got != state {
				t.Errorf("got %q, want %q", got, state)
			}
		}
	}
	replica := newChild(t, writeSettings(t, anyHelpCenter).with("NOTIFY_SOCKET", path))
	replica.start()
	want("READY=1")
	if err := replica.process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	want("RELOADING=1", "READY=1")
	replica.stop()
	want("STOPPING=1")
}

// TestTheSystemdUnitIsValid lets systemd read it, where the machine has systemd.
func TestTheSystemdUnitIsValid(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("this machine has no systemd-analyze")
	}
	unit := readExample(t, "ocsso.service")
	unit.replace("ExecStart=/usr/local/bin/ocsso ", "ExecStart=/bin/true ") // it must exist
	file := filepath.Join(t.TempDir(), "ocsso.service")
	clitest.WriteFile(t, file, unit.text)
	if output, err := exec.Command("systemd-analyze", "verify", file).CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("systemd-analyze verify: got %v and %s, want nothing", err, output)
	}
	// The exposure level goes from 0 to 100. systemd calls less than 20 OK.
	secure := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", file)
	if output, err := secure.CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: got %v, want a low exposure:\n%s", err, output)
	}
}
