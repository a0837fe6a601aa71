package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/proctest"
)

// nginxFrame surrounds deploy/nginx.conf, as the nginx.conf of a distribution does. It keeps nginx
// in one process, with all its files in a folder of the test.
const nginxFrame = `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include ocsso.conf;
}
`

// An example is a file in the folder deploy, changed so that it works in a test.
type example struct {
	t          *testing.T
	name, text string
}

func readExample(t *testing.T, name string) *example {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return &example{t, name, string(text)}
}

// replace replaces every old, which the file must have.
func (e *example) replace(old, new string) {
	e.t.Helper()
	if !strings.Contains(e.text, old) {
		e.t.Fatalf("got no %q in deploy/%s", old, e.name)
	}
	e.text = strings.ReplaceAll(e.text, old, new)
}

// A proxy is nginx or HAProxy, run with its file in the folder deploy.
type proxy struct {
	site string
	log  func() string // all that it has logged
}

// nginxFile writes a folder for nginx with deploy/nginx.conf in front of two replicas.
func nginxFile(t *testing.T, listen string, replicas [2]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	file := readExample(t, "nginx.conf")
	file.replace("10.0.0.11:8080", replicas[0])
	file.replace("10.0.0.12:8080", replicas[1])
	file.replace("listen 443 ssl", "listen "+listen)
	file.replace("/var/log/nginx/", dir+"/")
	file.replace("/etc/ssl/", dir+"/")
	clitest.WriteFile(t, filepath.Join(dir, "ocsso.conf"), file.text)
	clitest.WriteFile(t, filepath.Join(dir, "nginx.conf"), nginxFrame)
	certificate := config.TLS{CertFile: filepath.Join(dir, "login.pem"), KeyFile: filepath.Join(dir, "login.key")}
	writeCertificate(t, certificate, time.Now())
	return dir
}

// nginxCommand is nginx with the files in dir.
func nginxCommand(dir string, flags ...string) *exec.Cmd {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		binary = "/usr/sbin/nginx" // on Debian, it is on the path of root only
	}
	return exec.Command(binary, append(flags, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")...)
}

// startNginx runs nginx in front of two replicas, given as host:port, until the test ends.
func startNginx(t *testing.T, replicas [2]string) proxy {
	t.Helper()
	address := clitest.FreeAddress(t)
	dir := nginxFile(t, address, replicas)
	runUntilTheEnd(t, nginxCommand(dir), address)
	return proxy{"http://" + address, func() string {
		var logs strings.Builder
		for _, name := range []string{"ocsso.log", "ocsso-error.log"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			logs.Write(text)
		}
		return logs.String()
	}}
}

// runUntilTheEnd runs the command until the test ends, and returns its log when it listens at
// address.
func runUntilTheEnd(t *testing.T, command *exec.Cmd, address string) *clitest.LockedBuffer {
	t.Helper()
	log := &clitest.LockedBuffer{}
	command.Stdout, command.Stderr = log, log
	if err := proctest.Start(t, command); err != nil {
		t.Fatalf("%v: make programs installs what the tests need", err)
	}
	ended := make(chan struct{})
	go func() {
		command.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		command.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("the log of %s:\n%s", command.Path, log)
		}
	})
	clitest.WaitUntil(t, command.Path+" serves", func() bool {
		select {
		case <-ended:
			t.Fatalf("%s has ended", command)
		default:
		}
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return log
}

func TestNginxAcceptsItsExample(t *testing.T) {
	dir := nginxFile(t, clitest.FreeAddress(t)+" ssl", [2]string{"10.0.0.11:8080", "10.0.0.12:8080"})
	if output, err := nginxCommand(dir, "-t").CombinedOutput(); err != nil || strings.Contains(string(output), "[warn]") {
		t.Errorf("nginx -t: got %v and\n%s\nwant no error and no warning", err, output)
	}
}

// startReplica serves handler until the test ends, and returns its host:port.
func startReplica(t *testing.T, handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// storeless answers as a replica that has lost its store.
func storeless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "https://help.example.com")
	w.Header().Set("Retry-After", "5")
	w.WriteHeader(http.StatusServiceUnavailable)
	w.Write([]byte(loggedOut))
}

func TestAProxyAsksTheOtherReplicaWhenOneHasLostTheStore(t *testing.T) {
	well := func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(loggedIn("minji"))) }
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			site := start(t, [2]string{startReplica(t, storeless), startReplica(t, well)}).site
			for range 20 {
				newVisitor(t, "minji").wantStatus(t, site, loggedIn("minji"))
			}
		})
	}
}

// TestAReplicaThatHangsHoldsTheHelpCenterUpForAMoment: its calls go to the other replica after 2
// seconds. Members' pages wait for 20, which a password check may take.
func TestAReplicaThatHangsHoldsTheHelpCenterUpForAMoment(t *testing.T) {
	well := func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(loggedIn("minji"))) }
	hangs := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := start(t, [2]string{startReplica(t, hangs), startReplica(t, well)}).site
			for _, path := range []string{"/login/status?usercode=minji", "/token/verify/", "/api/login/status.nhn"} {
				for range 2 { // the replicas take turns
					got := newVisitor(t, "minji").must(t, "GET", site+path, nil)
					t.Logf("%s: %v", path, got.took)
					if got.code != http.StatusOK || got.body != loggedIn("minji") || got.took > 15*time.Second {
						t.Errorf("%s: got %d %s after %v, want the other replica's answer", path, got.code, got.body, got.took)
					}
				}
			}
		})
	}
}

// TestAProxyPassesOnThatNoReplicaHasAStore wants our own answer and not the proxy's page, without
// our header for the help center's script.
func TestAProxyPassesOnThatNoReplicaHasAStore(t *testing.T) {
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			site := start(t, [2]string{startReplica(t, storeless), startReplica(t, storeless)}).site
			for range 20 {
				got := newVisitor(t, "minji").must(t, "GET", site+"/login/status", nil)
				if !isUnavailable(got) || got.body != loggedOut || got.header.Get("Access-Control-Allow-Origin") == "" {
					t.Fatalf("got %d %v %s, want the 503 of the replica", got.code, got.header, got.body)
				}
			}
		})
	}
}

func TestAProxyPassesOnLongHeaders(t *testing.T) {
	long := "/login?returnUrl=" + strings.Repeat("a", 6000)
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, long, http.StatusSeeOther) }
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			site := start(t, [2]string{startReplica(t, redirect), startReplica(t, redirect)}).site
			if got := newVisitor(t, "minji").must(t, "GET", site+"/login", nil); got.header.Get("Location") != long {
				t.Errorf("got %d %.100v, want the replica's redirect", got.code, got.header)
			}
			v := newVisitor(t, "minji")
			v.header = http.Header{"Cookie": {"shop=" + strings.Repeat("c", 16<<10)}}
			if got := v.must(t, "GET", site+"/login", nil); got.header.Get("Location") != long {
				t.Errorf("with a long cookie: got %d %.100v, want the replica's redirect", got.code, got.header)
			}
		})
	}
}

// TestTheLogOfAProxyHasNoToken sends tokens in the query and in the Referer, to replicas that
// answer and to replicas that don't.
func TestTheLogOfAProxyHasNoToken(t *testing.T) {
	const token, path = "c2VjcmV0LXRva2Vu", "/login/status"
	answer := startReplica(t, func(http.ResponseWriter, *http.Request) {})
	hangUp := startReplica(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, start := range proxies {
		for what, replica := range map[string]string{"well": answer, "hanging up": hangUp, "gone": clitest.FreeAddress(t)} {
			t.Run(name+", "+what, func(t *testing.T) {
				proxy := start(t, [2]string{replica, replica})
				v := newVisitor(t, "minji")
				v.header = http.Header{"Referer": {proxy.site + "/help?token=" + token}}
				v.must(t, "GET", proxy.site+path+"?usercode=minji&token="+token, nil)
				clitest.WaitUntil(t, "the request is in the log", func() bool { return strings.Contains(proxy.log(), path) })
				if got := proxy.log(); strings.Contains(got, token) || strings.Contains(got, "minji") {
					t.Errorf("got a log with the token:\n%s", got)
				}
			})
		}
	}
}
