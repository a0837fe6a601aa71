package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
)

// proxies are the programs that the folder deploy has a file for.
var proxies = map[string]func(t *testing.T, replicas [2]string) proxy{
	"nginx":   startNginx,
	"HAProxy": startHAProxy,
}

// haproxyFile writes deploy/haproxy.cfg in front of two replicas.
func haproxyFile(t *testing.T, bind string, replicas [2]string) (file string) {
	t.Helper()
	dir := t.TempDir()
	ready := startReplica(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := strings.Cut(ready, ":")
	example := readExample(t, "haproxy.cfg")
	example.replace("10.0.0.11:8080", replicas[0])
	example.replace("10.0.0.12:8080", replicas[1])
	example.replace("port 9090", "port "+port)
	example.replace("bind :443 ssl crt /etc/haproxy/login.pem", "bind "+strings.ReplaceAll(bind, "login.pem", dir+"/login.pem"))
	file = filepath.Join(dir, "haproxy.cfg")
	clitest.WriteFile(t, file, example.text)
	pair := config.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	writeCertificate(t, pair, time.Now())
	var both []byte
	for _, name := range []string{pair.CertFile, pair.KeyFile} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, text...)
	}
	clitest.WriteFile(t, filepath.Join(dir, "login.pem"), string(both))
	return file
}

// haproxyCommand is HAProxy with the file.
func haproxyCommand(file string, flags ...string) *exec.Cmd {
	binary, err := exec.LookPath("haproxy")
	if err != nil {
		binary = "/usr/sbin/haproxy" // on Debian, it is on the path of root only
	}
	return exec.Command(binary, append(flags, "-f", file)...)
}

// startHAProxy runs HAProxy in front of two replicas, given as host:port, until the test ends.
func startHAProxy(t *testing.T, replicas [2]string) proxy {
	t.Helper()
	address := clitest.FreeAddress(t)
	file := haproxyFile(t, address, replicas)
	log := runUntilTheEnd(t, haproxyCommand(file, "-db"), address)
	return proxy{"http://" + address, log.String}
}

func TestHAProxyAcceptsItsExample(t *testing.T) {
	file := haproxyFile(t, clitest.FreeAddress(t)+" ssl crt login.pem", [2]string{"10.0.0.11:8080", "10.0.0.12:8080"})
	output, err := haproxyCommand(file, "-c").CombinedOutput()
	if err != nil || strings.Contains(string(output), "[WARNING]") {
		t.Errorf("haproxy -c: got %v and\n%s\nwant no error and no warning", err, output)
	}
}
