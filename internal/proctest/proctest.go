// Package proctest runs programs that end with their test, and says how long a test may wait.
package proctest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Start starts a program in a process group of its own. The group is killed when the test ends, and
// when the test's process ends without its cleanup, as it does after a timeout.
func Start(t testing.TB, command *exec.Cmd) error {
	t.Helper()
	stop, err := Guard(command)
	if err == nil {
		t.Cleanup(stop)
	}
	return err
}

// Guard is Start outside of a test. stop kills the group and waits for the program.
func Guard(command *exec.Cmd) (stop func(), err error) {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Setpgid = true
	if err := command.Start(); err != nil {
		return nil, err
	}
	group := command.Process.Pid
	// Nothing is ever written to this pipe. It closes when this process ends.
	guard := exec.Command("sh", "-c", `read -r nothing; kill -9 "-$1"`, "sh", strconv.Itoa(group))
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the terminal is not for it
	pipe, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	kill := func() {
		syscall.Kill(-group, syscall.SIGKILL)
		command.Wait() // an error where it has been waited for
	}
	if err != nil {
		kill()
		return nil, err
	}
	return sync.OnceFunc(func() {
		guard.Process.Kill()
		pipe.Close()
		guard.Wait()
		kill()
	}), nil
}

// Serve is Guard for a server. It returns when a line of the output has ready.
func Serve(server *exec.Cmd, ready string) (stop func(), err error) {
	output, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	server.Stdout, server.Stderr = theirs, theirs
	stop, err = Guard(server)
	theirs.Close()
	if err != nil {
		return nil, err
	}
	var log strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), ready) {
			go io.Copy(io.Discard, output) // or a full pipe would stop the server
			return stop, nil
		}
	}
	stop()
	return nil, fmt.Errorf("%q ended before it served:\n%s", server.Args, &log)
}

// FreePort returns a port of 127.0.0.1 that nobody listens on.
func FreePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

// Patience ends after a tenth of the time that the test run has left: a busy machine fails no test,
// and what never comes is still named.
func Patience(t testing.TB) (context.Context, context.CancelFunc) {
	deadline, ok := time.Time{}, false
	if t, is := t.(*testing.T); is {
		deadline, ok = t.Deadline()
	}
	if !ok {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), time.Until(deadline)/10)
}
