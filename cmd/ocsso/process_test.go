package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	testKey      = "4f1d0c6b9e7a48f2a3c5d8e1b2f60718"
	testPassword = "correct horse battery"
	// cheapHash is a hash of testPassword that is fast to check.
	cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mWg+r5Ew/lbKrJrNu0ni920594rrnlGEoayKKqzg6xA"
)

// An environment can be changed while a process reads it. A nil one is empty.
type environment struct {
	mu     sync.Mutex
	values map[string]string
	hook   func() // called each time that it is read, if not nil
}

// list returns the variables as os.Environ does.
func (e *environment) list() []string {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.hook != nil {
		e.hook()
	}
	var list []string
	for name, value := range e.values {
		list = append(list, name+"="+value)
	}
	return list
}

func (e *environment) set(name, value string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.values[name] = value
}

// runCommand runs a command line to its end.
func runCommand(t *testing.T, environment *environment, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errors bytes.Buffer
	code = report(&errors, run(t.Context(), args, environment.list, strings.NewReader(""), &out, &errors))
	return out.String(), errors.String(), code
}

// A process is a command that runs inside the test until it is stopped.
type process struct {
	t      *testing.T
	stop   context.CancelFunc
	done   chan struct{} // closed when the command has returned
	err    error         // what it returned
	stdout *bufio.Reader
	log    *lockedBuffer
}

// start runs a command line until the test ends. It must stop without an error.
func start(t *testing.T, environment *environment, args ...string) *process {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	p := &process{t: t, stop: stop, done: make(chan struct{}), stdout: bufio.NewReader(reader), log: &lockedBuffer{}}
	go func() {
		defer close(p.done)
		p.err = run(ctx, args, environment.list, strings.NewReader(""), writer, p.log)
		writer.Close()
	}()
	t.Cleanup(func() {
		go io.Copy(io.Discard, reader)
		p.end()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", args[0], p.log)
		}
	})
	return p
}

// end stops the process and waits for it.
func (p *process) end() {
	p.t.Helper()
	p.stop()
	<-p.done
	if p.err != nil {
		p.t.Errorf("run: got %v, want nil after a stop", p.err)
	}
}

// line reads a line that the process prints.
func (p *process) line() string {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatalf("read what is printed: %v", err)
	}
	return line
}

// A lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// waitUntil waits for a condition.
func waitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}

// freeAddress returns a loopback address that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// usercodes are members with no other fields. The member minji has every field.
var usercodes = [...]string{"ara", "bom", "chan", "dasom", "eun", "gaon", "haneul", "iseul"}

// anyHelpCenter is the section of a help center that is never called.
const anyHelpCenter = "help_center: {base_url: \"https://help.example.com\", services: [hangame]}\n"

// helpCenterSection is the section of a help center at origin.
func helpCenterSection(origin, handoff string) string {
	return fmt.Sprintf("help_center: {base_url: %q, services: [hangame], handoff: %s, request_timeout: 30s}\n", origin, handoff)
}

// settings are a configuration file, a member file and an environment for one server.
type settings struct {
	file        string
	site, admin string // where the server will answer
	environment *environment
}

// writeSettings writes a configuration of these sections, and adds the addresses, the keys and a
// member file.
func writeSettings(t *testing.T, sections string) settings {
	t.Helper()
	dir, listenAt, adminAt := t.TempDir(), freeAddress(t), freeAddress(t)
	s := settings{
		file: filepath.Join(dir, "config.yaml"),
		site: "http://" + listenAt, admin: "http://" + adminAt,
		environment: &environment{values: map[string]string{
			"OCSSO_HELP_CENTER_ORGANIZATION_KEY": testKey,
			"OCSSO_SESSION_KEYS":                 newSessionKey(),
			"OCSSO_MEMBERS_FILE_PATH":            filepath.Join(dir, "members.yaml"),
			"OCSSO_SERVER_DRAIN":                 "0s", // no balancer needs the time
		}},
	}
	members := "members:\n  - {usercode: minji, password_hash: \"" + cheapHash +
		"\", username: 김민지, email: minji@example.com, phone: \"010-1234-5678\"}\n"
	for _, usercode := range usercodes {
		members += fmt.Sprintf("  - {usercode: %s, password_hash: %q}\n", usercode, cheapHash)
	}
	s.writeMembers(t, members)
	writeFile(t, s.file, fmt.Sprintf("server: {listen: %q, admin_listen: %q, public_url: %q}\n", listenAt, adminAt, s.site)+sections)
	return s
}

func (s settings) writeMembers(t *testing.T, content string) {
	t.Helper()
	writeFile(t, filepath.Join(filepath.Dir(s.file), "members.yaml"), content)
}

// with sets an environment variable.
func (s settings) with(name, value string) settings {
	s.environment.set(name, value)
	return s
}

// A served is a server within the test.
type served struct {
	*process
	settings
}

// serve runs a server and returns when it is ready.
func (s settings) serve(t *testing.T) served {
	t.Helper()
	d := served{start(t, s.environment, "serve", "--config", s.file), s}
	waitUntil(t, "serve is ready", func() bool {
		select {
		case <-d.done:
			t.Fatalf("serve ended with %v", d.err)
		default:
		}
		resp, err := http.Get(d.admin + "/readyz")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	})
	return d
}

// A child is `ocsso serve` in a process of its own, which can be killed.
type child struct {
	settings
	t       *testing.T
	process *exec.Cmd
	log     *lockedBuffer // of the last start
	cgroup  string        // to start in, or ""
}

// newChild makes a child that is not started yet. It ends with the test at the latest.
func newChild(t *testing.T, s settings) *child {
	c := &child{settings: s, t: t}
	t.Cleanup(func() {
		if c.process != nil && c.process.ProcessState == nil {
			c.kill()
		}
	})
	return c
}

// start runs the process and returns when it serves.
func (c *child) start() {
	c.t.Helper()
	process := exec.Command("ocsso", "serve", "--config", c.file)
	if c.cgroup != "" {
		enter := []string{"-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(c.cgroup, "cgroup.procs"), process.Path}
		process = exec.Command("sh", append(enter, process.Args[1:]...)...)
	}
	for name, value := range c.environment.values {
		process.Env = append(process.Env, name+"="+value)
	}
	output, err := process.StderrPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.process, c.log = process, &lockedBuffer{}
	lines := bufio.NewReader(output)
	for !strings.Contains(c.log.String(), "msg=serving") {
		line, err := lines.ReadString('\n')
		io.WriteString(c.log, line)
		if err != nil {
			c.t.Fatalf("serve ended before it served: %v\n%s", c.process.Wait(), c.log)
		}
	}
	go io.Copy(c.log, lines)
}

// stop tells the process to end, as a service manager does. It must end without an error.
func (c *child) stop() {
	c.t.Helper()
	c.signal(syscall.SIGTERM)
	if err := c.process.Wait(); err != nil {
		c.t.Errorf("got %v after a stop, want no error; the log:\n%s", err, c.log)
	}
}

func (c *child) signal(signal os.Signal) {
	c.t.Helper()
	if err := c.process.Process.Signal(signal); err != nil {
		c.t.Fatal(err)
	}
}

// kill ends the process at once.
func (c *child) kill() {
	c.process.Process.Kill()
	c.process.Wait()
}
