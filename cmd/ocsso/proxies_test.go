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

// A proxy is nginx or HAProxy, run with its file in the folder deploy.
type proxy struct {
	site string
	log  func() string // all that it has logged
}

// proxies are the programs that the folder deploy has a file for. Each runs in front of two
// replicas, given as host:port, until the test ends.
var proxies = map[string]func(t *testing.T, replicas [2]string) proxy{
	"nginx": func(t *testing.T, replicas [2]string) proxy {
		address := clitest.FreeAddress(t)
		dir := nginxFile(t, address, replicas)
		runUntilTheEnd(t, nginxCommand(dir), address)
		return proxy{"http://" + address, func() string {
			return readFile(t, filepath.Join(dir, "ocsso.log")) + readFile(t, filepath.Join(dir, "ocsso-error.log"))
		}}
	},
	"HAProxy": func(t *testing.T, replicas [2]string) proxy {
		address := clitest.FreeAddress(t)
		log := runUntilTheEnd(t, haproxyCommand(haproxyFile(t, address, replicas), "-db"), address)
		return proxy{"http://" + address, log.String}
	},
}

// behindEachProxy runs a test with each proxy in front of replicas that answer so.
func behindEachProxy(t *testing.T, one, other http.HandlerFunc, test func(t *testing.T, site string)) {
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			test(t, start(t, [2]string{startReplica(t, one), startReplica(t, other)}).site)
		})
	}
}

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
	return &example{t, name, readFile(t, filepath.Join("../../deploy", name))}
}

// replace replaces every old, which the file must have.
func (e *example) replace(old, new string) {
	e.t.Helper()
	if !strings.Contains(e.text, old) {
		e.t.Fatalf("got no %q in deploy/%s", old, e.name)
	}
	e.text = strings.ReplaceAll(e.text, old, new)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// systemProgram is the path of a program that Debian has on the path of root alone.
func systemProgram(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return "/usr/sbin/" + name
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
	return exec.Command(systemProgram("nginx"), append(flags, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")...)
}

// haproxyFile writes deploy/haproxy.cfg in front of two replicas.
func haproxyFile(t *testing.T, bind string, replicas [2]string) (file string) {
	t.Helper()
	dir, pair := t.TempDir(), newCertificate(t)
	ready := startReplica(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := strings.Cut(ready, ":")
	example := readExample(t, "haproxy.cfg")
	example.replace("10.0.0.11:8080", replicas[0])
	example.replace("10.0.0.12:8080", replicas[1])
	example.replace("port 9090", "port "+port)
	example.replace("bind :443 ssl crt /etc/haproxy/login.pem", "bind "+strings.ReplaceAll(bind, "login.pem", dir+"/login.pem"))
	file = filepath.Join(dir, "haproxy.cfg")
	clitest.WriteFile(t, file, example.text)
	clitest.WriteFile(t, filepath.Join(dir, "login.pem"), readFile(t, pair.CertFile)+readFile(t, pair.KeyFile))
	return file
}

// haproxyCommand is HAProxy with the file.
func haproxyCommand(file string, flags ...string) *exec.Cmd {
	return exec.Command(systemProgram("haproxy"), append(flags, "-f", file)...)
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

func TestTheProxiesAcceptTheirExamples(t *testing.T) {
	replicas := [2]string{"10.0.0.11:8080", "10.0.0.12:8080"}
	for _, command := range []*exec.Cmd{
		nginxCommand(nginxFile(t, clitest.FreeAddress(t)+" ssl", replicas), "-t"),
		haproxyCommand(haproxyFile(t, clitest.FreeAddress(t)+" ssl crt login.pem", replicas), "-c"),
	} {
		output, err := command.CombinedOutput()
		if err != nil || strings.Contains(strings.ToLower(string(output)), "[warn") {
			t.Errorf("%s: got %v and\n%s\nwant no error and no warning", command, err, output)
		}
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

func well(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(loggedIn("minji"))) }

func TestAProxyAsksTheOtherReplicaWhenOneHasLostTheStore(t *testing.T) {
	behindEachProxy(t, storeless, well, func(t *testing.T, site string) {
		for range 20 {
			newVisitor(t, "minji").wantStatus(t, site, loggedIn("minji"))
		}
	})
}

// TestAReplicaThatHangsHoldsTheHelpCenterUpForAMoment: its calls go to the other replica after 2
// seconds. Members' pages wait for 20, which a password check may take.
func TestAReplicaThatHangsHoldsTheHelpCenterUpForAMoment(t *testing.T) {
	hangs := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	behindEachProxy(t, hangs, well, func(t *testing.T, site string) {
		t.Parallel()
		for _, path := range []string{"/login/status?usercode=minji", "/token/verify/", "/api/login/status.nhn"} {
			for range 2 { // the replicas take turns
				got := newVisitor(t, "minji").must(t, "GET", site+path, nil)
				if got.code != http.StatusOK || got.body != loggedIn("minji") || got.took > 15*time.Second {
					t.Errorf("%s: got %d %s after %v, want the other replica's answer", path, got.code, got.body, got.took)
				}
			}
		}
	})
}

// TestAProxyPassesOnThatNoReplicaHasAStore wants our own answer and not the proxy's page, with our
// header for the help center's script.
func TestAProxyPassesOnThatNoReplicaHasAStore(t *testing.T) {
	behindEachProxy(t, storeless, storeless, func(t *testing.T, site string) {
		for range 20 {
			got := newVisitor(t, "minji").must(t, "GET", site+"/login/status", nil)
			if !isUnavailable(got) || got.body != loggedOut || got.header.Get("Access-Control-Allow-Origin") == "" {
				t.Fatalf("got %d %v %s, want the 503 of the replica", got.code, got.header, got.body)
			}
		}
	})
}

func TestAProxyPassesOnLongHeaders(t *testing.T) {
	long := "/login?returnUrl=" + strings.Repeat("a", 6000)
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, long, http.StatusSeeOther) }
	behindEachProxy(t, redirect, redirect, func(t *testing.T, site string) {
		v := newVisitor(t, "minji")
		for _, cookie := range []string{"", "shop=" + strings.Repeat("c", 16<<10)} {
			v.header = http.Header{"Cookie": {cookie}}
			if got := v.must(t, "GET", site+"/login", nil); got.header.Get("Location") != long {
				t.Errorf("with a cookie of %d bytes: got %d %.100v, want the replica's redirect", len(cookie), got.code, got.header)
			}
		}
	})
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
