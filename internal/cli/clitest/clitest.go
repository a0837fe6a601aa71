// Package clitest runs the commands inside a test, as processes that the test stops.
package clitest

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
	"ocsso/internal/proctest"
)

// An Environment can be changed while a process reads it. A nil one is empty.
type Environment struct {
	mu     sync.Mutex
	Values map[string]string
	Hook   func() // called each time that it is read, if not nil
}

// List returns the variables as the environment of a process.
func (e *Environment) List() []string {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.Hook != nil {
		e.Hook()
	}
	var list []string
	for name, value := range e.Values {
		list = append(list, name+"="+value)
	}
	return list
}

// Set changes a variable.
func (e *Environment) Set(name, value string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.Values[name] = value
}

// RunCommand runs a command line to its end.
func RunCommand(t *testing.T, program string, run cli.Run, environment *Environment, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errors bytes.Buffer
	term := cli.Terminal{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errors, Environ: environment.List}
	code = term.Report(program, run(t.Context(), args, term))
	return out.String(), errors.String(), code
}

// A Process is a command that runs inside the test until it is stopped.
type Process struct {
	T      *testing.T
	Stop   context.CancelFunc
	Done   chan struct{} // closed when the command has returned
	Err    error         // what it returned
	Stdout *bufio.Reader
	Log    *LockedBuffer // what is written to standard error
}

// Start runs a command line until the test ends. It must stop without an error.
func Start(t *testing.T, run cli.Run, environment *Environment, args ...string) *Process {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	p := &Process{T: t, Stop: stop, Done: make(chan struct{}), Stdout: bufio.NewReader(reader), Log: &LockedBuffer{}}
	go func() {
		defer close(p.Done)
		p.Err = run(ctx, args, cli.Terminal{Stdin: strings.NewReader(""), Stdout: writer, Stderr: p.Log, Environ: environment.List})
		writer.Close()
	}()
	t.Cleanup(func() {
		go io.Copy(io.Discard, reader)
		p.End()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", args[0], p.Log)
		}
	})
	return p
}

// End stops the process and waits for it.
func (p *Process) End() {
	p.T.Helper()
	p.Stop()
	<-p.Done
	if p.Err != nil {
		p.T.Errorf("run: got %v, want nil after a stop", p.Err)
	}
}

// Line reads a line that the process prints.
func (p *Process) Line() string {
	p.T.Helper()
	line, err := p.Stdout.ReadString('\n')
	if err != nil {
		p.T.Fatalf("read what is printed: %v", err)
	}
	return line
}

// A LockedBuffer is a log that can be read while it is written.
type LockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *LockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *LockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// WaitUntil waits for a condition.
func WaitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := proctest.Patience(t)
	defer cancel()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited too long until %s", what)
		case <-again.C:
		}
	}
}

// given has the addresses that FreeAddress has returned.
var given sync.Map

// FreeAddress returns a loopback address that was free a moment ago, and another one each time.
func FreeAddress(t *testing.T) string {
	t.Helper()
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // after the next one, which then differs
		address := listener.Addr().String()
		if _, again := given.LoadOrStore(address, true); !again {
			return address
		}
	}
}

func WriteFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// WantHelpFits checks that the help of root and of every command below it has 80 columns at most.
func WantHelpFits(t *testing.T, root *cobra.Command, run cli.Run) {
	t.Helper()
	args := append(strings.Fields(root.CommandPath())[1:], "--help")
	text, _, _ := RunCommand(t, root.Root().Name(), run, nil, args...)
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("%s --help: got a line of over 80 columns: %q", root.CommandPath(), line)
		}
	}
	for _, child := range root.Commands() {
		WantHelpFits(t, child, run)
	}
}
