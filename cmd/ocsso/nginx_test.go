package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nginxFrame surrounds the README's configuration. It keeps nginx in one process, with all its
// files in a folder of the test.
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
CONFIGURATION
}
`

// startNginx runs nginx in front of two replicas, with the README's configuration except for the
// addresses and certificates. It returns nginx's origin once it serves.
func startNginx(t *testing.T, first, second *child) string {
	t.Helper()
	readme, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "```nginx\n")
	block, _, found := strings.Cut(block, "```")
	address := freeAddress(t)
	configuration := strings.NewReplacer(
		"10.0.0.11:8080", strings.TrimPrefix(first.site, "http://"),
		"10.0.0.12:8080", strings.TrimPrefix(second.site, "http://"),
		"listen 443 ssl", "listen "+address,
		"ssl_certificate", "#",
	).Replace(block)
	if !found || !strings.Contains(configuration, address) || !strings.Contains(configuration, second.site[len("http://"):]) {
		t.Fatalf("got %q in the README, want the nginx configuration of two replicas", block)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "nginx.conf")
	writeFile(t, file, strings.Replace(nginxFrame, "CONFIGURATION", configuration, 1))
	runNginx(t, dir, file)
	waitUntil(t, "nginx serves", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return "http://" + address
}

// runNginx runs nginx until the test ends.
func runNginx(t *testing.T, dir, file string) {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		binary = "/usr/sbin/nginx" // on Debian, it is on the path of root only
	}
	nginx, log := exec.Command(binary, "-p", dir, "-c", file, "-e", "stderr"), &lockedBuffer{}
	nginx.Stderr = log
	if err := nginx.Start(); err != nil {
		t.Fatalf("this test needs a real nginx: apt-get install nginx-light (%v)", err)
	}
	t.Cleanup(func() {
		nginx.Process.Kill()
		nginx.Wait()
		if t.Failed() {
			t.Logf("nginx's log:\n%s", log)
		}
	})
}
