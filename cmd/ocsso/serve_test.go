package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testKey      = "4f1d0c6b9e7a48f2a3c5d8e1b2f60718"
	testPassword = "correct horse battery"
)

// A process is the command running inside the test.
type process struct {
	t      *testing.T
	stop   context.CancelFunc
	done   chan error
	stdout *bufio.Reader
	log    *lockedBuffer
}

// start runs the command line until the test ends.
func start(t *testing.T, environment *environment, args ...string) *process {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	p := &process{t, stop, make(chan error, 1), bufio.NewReader(reader), &lockedBuffer{}}
	go func() {
		err := run(ctx, args, environment.lookup, strings.NewReader(""), writer, p.log)
		writer.CloseWithError(io.EOF)
		p.done <- err
	}()
	t.Cleanup(func() {
		stop()
		go io.Copy(io.Discard, reader)
	})
	return p
}

// An environment can be changed while a process reads it. A nil one is empty.
type environment struct {
	mu     sync.Mutex
	values map[string]string
}

func (e *environment) lookup(name string) (string, bool) {
	if e == nil {
		return "", false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	value, ok := e.values[name]
	return value, ok
}

func (e *environment) set(name, value string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.values[name] = value
}

// end stops the process and waits for it.
func (p *process) end() {
	p.t.Helper()
	p.stop()
	if err := <-p.done; err != nil {
		p.t.Errorf("run: got %v, want nil after a stop", err)
	}
}

// lockedBuffer is a log that can be read while it is written.
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

// freeAddress is a loopback address that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// A served is `ocsso serve` with a configuration file, a member file and secrets in the environment.
type served struct {
	*process
	site, admin string
	dir         string // of the configuration and the member file
	environment *environment
}

// serveWith runs serve for a help center at origin.
func serveWith(t *testing.T, origin, handoff string) served {
	t.Helper()
	dir, listenAt, adminAt := t.TempDir(), freeAddress(t), freeAddress(t)
	members := fmt.Sprintf("members:\n  - {usercode: minji, password_hash: %q, username: 김민지, email: minji@example.com, phone: \"010-1234-5678\"}\n", cheapHash)
	config := fmt.Sprintf(`
server: {listen: %q, admin_listen: %q, public_url: "http://%s"}
help_center: {base_url: %q, services: [hangame], handoff: %s, request_timeout: 30s}
members: {file: {path: %q}}
log: {level: debug}
`, listenAt, adminAt, listenAt, origin, handoff, filepath.Join(dir, "members.yaml"))
	for name, content := range map[string]string{"members.yaml": members, "config.yaml": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environment := &environment{values: map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": testKey, "OCSSO_SESSION_KEYS": newSessionKey()}}
	d := served{
		process: start(t, environment, "serve", "--config", filepath.Join(dir, "config.yaml")),
		site:    "http://" + listenAt, admin: "http://" + adminAt, dir: dir, environment: environment,
	}
	d.waitReady()
	return d
}

// waitReady asks until the server answers.
func (d served) waitReady() {
	d.t.Helper()
	for {
		select {
		case err := <-d.done:
			d.t.Fatalf("serve ended with %v; its log: %s", err, d.log)
		default:
		}
		if resp, err := http.Get(d.admin + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
}

// client is a browser without pages. It keeps cookies and follows no redirect. The session's cookie is Secure, which a cookie jar takes literally: it
// gets the URLs as https.
type client struct {
	t   *testing.T
	jar *cookiejar.Jar
}

func (b client) do(method, target string, form url.Values) *http.Response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	secure := *req.URL
	secure.Scheme = "https"
	for _, c := range b.jar.Cookies(&secure) {
		req.AddCookie(c)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { resp.Body.Close() })
	b.jar.SetCookies(&secure, resp.Cookies())
	return resp
}

func newClient(t *testing.T) client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return client{t, jar}
}

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// slowHelpCenter answers the server call when it is told to.
func slowHelpCenter(t *testing.T) (origin string, called, answer chan struct{}) {
	called, answer = make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return // asked for the time
		}
		called <- struct{}{}
		<-answer
		fmt.Fprint(w, `{"header":{"isSuccessful":true},"result":{"content":"access-token-for-the-log-test"}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, called, answer
}

// TestAStopLetsTheRequestInFlightFinish stops serve in the middle of a handoff.
func TestAStopLetsTheRequestInFlightFinish(t *testing.T) {
	origin, called, answer := slowHelpCenter(t)
	d := serveWith(t, origin, "api")
	b := newClient(t)
	b.do("POST", d.site+"/login", url.Values{"usercode": {"minji"}, "password": {testPassword}})

	handedOff := make(chan *http.Response)
	go func() {
		defer close(handedOff) // should the request fail
		handedOff <- b.do("GET", d.site+"/login", nil)
	}()
	<-called
	d.stop()
	close(answer)
	resp, ok := <-handedOff
	if !ok {
		t.FailNow()
	}
	if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got, origin+"/hangame/hc/?usercode=minji&") {
		t.Errorf("got %d to %q, want the handoff to finish", resp.StatusCode, got)
	}
	d.end()
	if _, err := http.Get(d.site); err == nil {
		t.Error("the server still answers, want it stopped")
	}
}

// TestAWholeFlowLeavesNoSecretInTheLog logs in, fails to, hands off in each way, is asked for the status and tokens, and logs out,
// at the most talkative level.
func TestAWholeFlowLeavesNoSecretInTheLog(t *testing.T) {
	origin, called, answer := slowHelpCenter(t)
	d := serveWith(t, origin, "form")
	b := newClient(t)
	b.do("POST", d.site+"/login", url.Values{"usercode": {"minji"}, "password": {"wrong " + testPassword}})
	b.do("POST", d.site+"/login", url.Values{"usercode": {"minji"}, "password": {testPassword}, "returnUrl": {origin + "/hangame/hc/?email=minji@example.com"}})
	page := readAll(t, b.do("GET", d.site+"/login", nil))
	token := regexp.MustCompile(`name="token" value="([^"]*)"`).FindStringSubmatch(page)
	if token == nil {
		t.Fatalf("got no token in %s", page)
	}
	go func() { <-called; close(answer) }()
	call := b.do("GET", d.site+"/login/api?returnUrl="+url.QueryEscape(origin+"/hangame/hc/"), nil)
	link := b.do("GET", d.site+"/help/ticket", nil)
	query := url.Values{"usercode": {"minji"}, "token": {token[1]}, "email": {"minji@example.com"}, "phone": {"010-1234-5678"}}.Encode()
	b.do("GET", d.site+"/login/status?"+query, nil)
	if got := readAll(t, newClient(t).do("GET", d.site+"/token/verify?"+query, nil)); !strings.Contains(got, `"true"`) {
		t.Errorf("verify: got %s, want true", got)
	}
	b.do("GET", d.site+"/login?returnUrl="+url.QueryEscape("https://evil.test/?"+query), nil)
	b.do("GET", d.site+"/nowhere?"+query, nil)
	cookies := b.jar.Cookies(&url.URL{Scheme: "https", Host: strings.TrimPrefix(d.site, "http://")})
	b.do("POST", d.site+"/logout", nil)
	d.end()

	log := d.log.String()
	for _, want := range []string{"path=/login/api", "path=/logout", "msg=stopped", "status=400"} {
		if !strings.Contains(log, want) {
			t.Errorf("got no %s in the log:\n%s", want, log)
		}
	}
	linked, err := url.Parse(link.Header.Get("Location"))
	if err != nil || linked.Query().Get("token") == "" || len(cookies) == 0 || call.StatusCode != http.StatusSeeOther {
		t.Fatalf("got link %v, %d cookies and status %d of the call: not the whole flow", linked, len(cookies), call.StatusCode)
	}
	for _, secret := range []string{
		testPassword, testKey, token[1], url.QueryEscape(token[1]), linked.Query().Get("token"), cookies[0].Value, "access-token-for-the-log-test",
		"minji@example.com", url.QueryEscape("minji@example.com"), "010-1234-5678", "김민지", "evil.test",
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
}

func TestHealthIsOnTheAdminListenerAlone(t *testing.T) {
	d := serveWith(t, "https://help.example.com", "form")
	for target, want := range map[string]int{
		d.admin + "/healthz": http.StatusOK, d.admin + "/readyz": http.StatusOK,
		d.site + "/healthz": http.StatusNotFound, d.site + "/readyz": http.StatusNotFound, d.admin + "/login": http.StatusNotFound,
	} {
		resp := newClient(t).do("GET", target, nil)
		if resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", target, resp.StatusCode, want)
		}
	}
	d.end()
}

// TestDemoPrintsOneLineOfJSON is what scripts rely on, the order of the keys too.
func TestDemoPrintsOneLineOfJSON(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		args := []string{"demo", "--json", "--port", "0", "--helpcenter-port", "0"}
		if scheme == "https" {
			args = append(args, "--tls")
		}
		p := start(t, nil, args...)
		line, err := p.stdout.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		want := regexp.MustCompile(`^\{"site":"` + scheme + `://localhost:\d+","help_center":"` + scheme + `://127\.0\.0\.1:\d+","service":"demo",` +
			`"console":"` + scheme + `://127\.0\.0\.1:\d+/console","organization_key":"[^"]+",` +
			`"members":\[\{"usercode":"[^"]+","password":"[^"]+"\},\{"usercode":"[^"]+","password":"[^"]+"\},\{"usercode":"[^"]+","password":"[^"]+"\}\]\}` + "\n$")
		if !want.MatchString(line) {
			t.Errorf("got %s, want %s", line, want)
		}
		p.end()
		if rest, err := io.ReadAll(p.stdout); err != nil || len(rest) != 0 {
			t.Errorf("got %q, %v behind the line, want nothing", rest, err)
		}
	}
}

func TestDemoAnswersOnBothLoopbacks(t *testing.T) {
	if !hasIPv6() {
		t.Skip("this machine has no IPv6 loopback address")
	}
	p := start(t, nil, "demo", "--json", "--port", "0", "--helpcenter-port", "0")
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var info demoInfo
	if err := json.Unmarshal([]byte(line), &info); err != nil {
		t.Fatal(err)
	}
	for _, origin := range []string{info.Site, info.HelpCenter} {
		u, err := url.Parse(origin)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"127.0.0.1", "[::1]"} {
			resp := newClient(t).do("GET", "http://"+host+":"+u.Port()+"/", nil)
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s port %s: got %d, want 200", host, u.Port(), resp.StatusCode)
			}
		}
	}
	p.end()
}

func TestDemoSaysWhenAPortIsTaken(t *testing.T) {
	taken, err := listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := strings.Cut(taken.Addr().String(), ":")
	p := start(t, nil, "demo", "--port", port, "--helpcenter-port", "0")
	err = <-p.done
	var text strings.Builder
	if code := report(&text, err); code != exitFailed || !strings.Contains(text.String(), "address already in use") || !strings.Contains(text.String(), "hint: ") {
		t.Errorf("got exit %d and %q, want 1, the cause and a hint", code, text.String())
	}
}

func TestTheWriteTimeoutIsAboveTheLongestCall(t *testing.T) {
	const longest = 60 * time.Second // of help_center.request_timeout, see package config
	if writeTimeout <= longest {
		t.Errorf("got %v, want more than %v", writeTimeout, longest)
	}
}
