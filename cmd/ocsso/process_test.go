package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/proctest"
)

const (
	testKey      = "4f1d0c6b9e7a48f2a3c5d8e1b2f60718"
	testPassword = "correct horse battery"
	// cheapHash is a hash of testPassword that is fast to check.
	cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mWg+r5Ew/lbKrJrNu0ni920594rrnlGEoayKKqzg6xA"
)

// usercodes are members with no other fields. The member minji has every field.
var usercodes = [...]string{"ara", "bom", "chan", "dasom", "eun", "gaon", "haneul", "iseul"}

// anyHelpCenter is the section of a help center that is never called.
const anyHelpCenter = "help_center: {base_url: \"https://help.example.com\", services: [hangame]}\n"

// helpCenterSection is the section of a help center at origin.
func helpCenterSection(origin, handoff string) string {
	return fmt.Sprintf("help_center: {base_url: %q, services: [hangame], handoff: %s}\n", origin, handoff)
}

// settings are a configuration file, a member file and an environment for one server.
type settings struct {
	file        string
	site, admin string // where the server will answer
	environment *clitest.Environment
}

// writeSettings writes a configuration of these sections, and adds the addresses, the keys and a
// member file.
func writeSettings(t *testing.T, sections string) settings {
	t.Helper()
	dir, listenAt, adminAt := t.TempDir(), clitest.FreeAddress(t), clitest.FreeAddress(t)
	s := settings{
		file: filepath.Join(dir, "config.yaml"),
		site: "http://" + listenAt, admin: "http://" + adminAt,
		environment: &clitest.Environment{Values: map[string]string{
			"OCSSO_HELP_CENTER_ORGANIZATION_KEY": testKey,
			"OCSSO_SESSION_KEYS":                 config.NewSessionKey(),
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
	clitest.WriteFile(t, s.file, fmt.Sprintf("server: {listen: %q, admin_listen: %q, public_url: %q}\n", listenAt, adminAt, s.site)+sections)
	return s
}

func (s settings) writeMembers(t *testing.T, content string) {
	t.Helper()
	clitest.WriteFile(t, filepath.Join(filepath.Dir(s.file), "members.yaml"), content)
}

// with sets an environment variable.
func (s settings) with(name, value string) settings {
	s.environment.Set(name, value)
	return s
}

// asReplica gives the server the public URL of other replicas, by which their cookies have one
// name.
func (s settings) asReplica() settings { return s.with("OCSSO_SERVER_PUBLIC_URL", "http://localhost") }

// noEnvironment is an environment without variables.
func noEnvironment() []string { return nil }

// A served is a server within the test.
type served struct {
	*clitest.Process
	settings
}

// serve runs a server and returns when it is ready.
func (s settings) serve(t *testing.T) served {
	t.Helper()
	d := served{clitest.Start(t, run, s.environment, "serve", "--config", s.file), s}
	d.wantReady()
	return d
}

func (d served) wantReady() {
	d.T.Helper()
	clitest.WaitUntil(d.T, "serve is ready", func() bool {
		select {
		case <-d.Done:
			d.T.Fatalf("serve ended with %v", d.Err)
		default:
		}
		resp, err := http.Get(d.admin + "/readyz")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil && resp.StatusCode == http.StatusOK
	})
}

// A child is `ocsso serve` in a process of its own, which can be killed.
type child struct {
	settings
	t       *testing.T
	process *exec.Cmd
	log     *clitest.LockedBuffer // of the last start
	cgroup  string                // to start in, or ""
}

// newChild makes a child that is not started yet. It ends with the test at the latest.
func newChild(t *testing.T, s settings) *child { return &child{settings: s, t: t} }

// start runs the process and returns when it serves.
func (c *child) start() {
	c.t.Helper()
	process := exec.Command("ocsso", "serve", "--config", c.file)
	if c.cgroup != "" {
		enter := []string{"-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(c.cgroup, "cgroup.procs"), process.Path}
		process = exec.Command("sh", append(enter, process.Args[1:]...)...)
	}
	for name, value := range c.environment.Values {
		process.Env = append(process.Env, name+"="+value)
	}
	output, err := process.StderrPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := proctest.Start(c.t, process); err != nil {
		c.t.Fatal(err)
	}
	c.process, c.log = process, &clitest.LockedBuffer{}
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
