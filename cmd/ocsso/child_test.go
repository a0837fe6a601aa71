package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ocsso/internal/session"
)

// cheapHash is a hash of testPassword that costs next to nothing to check.
const cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mWg+r5Ew/lbKrJrNu0ni920594rrnlGEoayKKqzg6xA"

// usercodes are the members of written settings.
var usercodes = [...]string{"ara", "bom", "chan", "dasom", "eun", "gaon", "haneul", "iseul"}

// settings are a configuration file and an environment for a server at addresses that were free a moment ago.
type settings struct {
	file        string
	site, admin string // where the server will answer
	environment map[string]string
}

// writeSettings writes a configuration of these sections. What they don't need to say is the addresses, the keys and the
// member file.
func writeSettings(t *testing.T, sections string) settings {
	t.Helper()
	dir, listenAt, adminAt := t.TempDir(), freeAddress(t), freeAddress(t)
	members := "members:\n"
	for _, usercode := range usercodes {
		members += fmt.Sprintf("  - {usercode: %s, password_hash: %q}\n", usercode, cheapHash)
	}
	s := settings{
		file: filepath.Join(dir, "config.yaml"),
		site: "http://" + listenAt, admin: "http://" + adminAt,
		environment: map[string]string{
			"OCSSO_HELP_CENTER_ORGANIZATION_KEY": testKey,
			"OCSSO_SESSION_KEYS":                 newSessionKey(),
			"OCSSO_MEMBERS_FILE_PATH":            filepath.Join(dir, "members.yaml"),
		},
	}
	server := fmt.Sprintf("server: {listen: %q, admin_listen: %q, public_url: %q}\n", listenAt, adminAt, s.site)
	for name, content := range map[string]string{s.file: server + sections, s.environment["OCSSO_MEMBERS_FILE_PATH"]: members} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// serve runs the settings within the test.
func (s settings) serve(t *testing.T) served {
	t.Helper()
	environment := &environment{values: s.environment}
	d := served{
		process: start(t, environment, "serve", "--config", s.file),
		site:    s.site, admin: s.admin, dir: filepath.Dir(s.file), environment: environment,
	}
	d.waitReady()
	return d
}

// build makes the command, as people run it, and returns its path.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "ocsso")
	if output, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return binary
}

// A child is `ocsso serve` as a process of its own, which can be killed.
type child struct {
	settings
	t       *testing.T
	binary  string
	process *exec.Cmd
	log     *lockedBuffer // of the last start
}

// newChild is not started yet. Its process ends with the test at the latest.
func newChild(t *testing.T, binary string, s settings) *child {
	c := &child{settings: s, t: t, binary: binary}
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
	process := exec.Command(c.binary, "serve", "--config", c.file)
	for name, value := range c.environment {
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

// stop tells the process to end, as a service manager does, and waits until it has ended well.
func (c *child) stop() {
	c.t.Helper()
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
	if err := c.process.Wait(); err != nil {
		c.t.Errorf("got %v after a stop, want the process to end well; its log:\n%s", err, c.log)
	}
}

// kill ends the process at once, and waits until it has ended.
func (c *child) kill() {
	c.process.Process.Kill()
	c.process.Wait()
}

// newHTTPClient returns a client that follows no redirect and waits for nobody for ever.
func newHTTPClient(t *testing.T) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: len(usercodes)}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A visitor is one browser of a member. It returns its errors, so that many of them can go on at once.
type visitor struct {
	http     *http.Client
	usercode string
	cookie   *http.Cookie // nil before the login
	header   http.Header  // of every request; may be nil
}

// An answer has been read whole.
type answer struct {
	code   int
	header http.Header
	body   string
	took   time.Duration
}

// do makes one request. A nil form has no body.
func (v *visitor) do(method, target string, form url.Values) (answer, error) {
	req, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	maps.Copy(req.Header, v.header)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.cookie != nil {
		req.AddCookie(v.cookie)
	}
	start := time.Now()
	resp, err := v.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	for _, cookie := range resp.Cookies() {
		if cookie.Name == session.CookieName && cookie.MaxAge >= 0 { // taken back, it is kept: the server must not rely on that
			v.cookie = cookie
		}
	}
	return answer{resp.StatusCode, resp.Header, string(body), time.Since(start)}, nil
}

// logIn gets the cookie of a new session.
func (v *visitor) logIn(site string) error {
	got, err := v.do("POST", site+"/login", url.Values{"usercode": {v.usercode}, "password": {testPassword}})
	if err == nil && got.code != http.StatusSeeOther {
		err = fmt.Errorf("log in %s: got status %d, want %d", v.usercode, got.code, http.StatusSeeOther)
	}
	return err
}

// status asks whether the visitor is logged in.
func (v *visitor) status(site string) (answer, error) { return v.do("GET", site+"/login/status", nil) }

// loggedIn and loggedOut are the answers of PROTOCOL section 7.
func (v *visitor) loggedIn() string { return `{"login":"true","usercode":"` + v.usercode + `"}` }

const loggedOut = `{"login":"false","usercode":null}`
