// Package redistest runs real Redis servers for tests: Debian's redis-server, on a free port of
// 127.0.0.1, with its files in a folder of the test and nothing kept on disk.
package redistest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ocsso/internal/proctest"
)

// The rights of a user: what the store needs in every mode, and besides in one.
const (
	ForAll       = "+hello +ping +get +pttl +set +del +eval"
	ForClusters  = "+cluster|slots +cluster|shards"
	ForSentinels = "+role"
	// OfSentinels are the rights of a user at the sentinels.
	OfSentinels = "resetchannels &* -@all +hello +ping +sentinel|sentinels " +
		"+sentinel|get-master-addr-by-name +subscribe +unsubscribe"
)

// A Server is one process, which ends with its test.
type Server struct {
	Address string // 127.0.0.1:port

	t       testing.TB
	args    []string
	ready   string // in the line that says that the server serves
	process *exec.Cmd
	stop    func()
}

// Start runs a server with these settings, which are redis.conf's as arguments ("--requirepass",
// "secret"), and returns when it serves. With --tls-cert-file among them it speaks TLS alone.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	port := FreePort(t)
	args := []string{"--port", port}
	if slices.Contains(settings, "--tls-cert-file") {
		args = []string{"--port", "0", "--tls-port", port}
	}
	args = append(args, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	return start(t, &Server{Address: "127.0.0.1:" + port, args: append(args, settings...), ready: "Ready to accept connections"})
}

// StartSentinel runs a sentinel that watches the server master under this name, with further lines
// of its configuration.
func StartSentinel(t testing.TB, name string, master *Server, lines ...string) *Server {
	t.Helper()
	port := FreePort(t)
	lines = append([]string{
		"port " + port,
		"bind 127.0.0.1",
		"sentinel monitor " + name + " " + strings.Replace(master.Address, ":", " ", 1) + " 1",
	}, lines...)
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, &Server{Address: "127.0.0.1:" + port, args: []string{config, "--sentinel"}, ready: "+monitor master"})
}

func start(t testing.TB, s *Server) *Server {
	t.Helper()
	s.t = t
	t.Cleanup(func() { s.stop() })
	s.run()
	return s
}

// FreePort returns a port that nobody listens on.
func FreePort(t testing.TB) string {
	t.Helper()
	port, err := proctest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// run starts the process and returns when it serves.
func (s *Server) run() {
	s.t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatalf("this test needs a real Redis: apt-get install redis-server (%v)", err)
	}
	s.process = exec.Command(binary, s.args...)
	if s.stop, err = proctest.Serve(s.process, s.ready); err != nil {
		s.t.Fatal(err)
	}
}

// Ask gives the server a command, as the default user without TLS, and returns its answer or its
// error as text.
func (s *Server) Ask(command ...string) string {
	_, port, _ := strings.Cut(s.Address, ":")
	answer, err := exec.Command("redis-cli", append([]string{"-p", port}, command...)...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("redis-cli: %v: %s", err, answer)
	}
	return strings.TrimSpace(string(answer))
}

// Tell is Ask for a command that has to work and answers no more than that.
func (s *Server) Tell(command ...string) {
	s.t.Helper()
	if answer := s.Ask(command...); answer != "OK" {
		s.t.Fatalf("%q: got %q, want OK", command, answer)
	}
}

// Kill ends the process at once, as a power cut would, and returns when it has ended.
func (s *Server) Kill() { s.stop() }

// Restart runs a killed server again, empty, and returns when it serves.
func (s *Server) Restart() {
	s.t.Helper()
	s.run()
}

// Pause stops the process where it is: its connections stay open, and nobody is answered.
func (s *Server) Pause() { s.signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}
