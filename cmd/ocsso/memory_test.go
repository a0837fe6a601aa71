package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ocsso/internal/password"
)

// newCgroup makes a cgroup with this much memory, for the test alone. Not every machine lets it.
func newCgroup(t *testing.T, bytes int64) (path string) {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skipf("no cgroups here: %v", err)
	}
	for line := range strings.Lines(string(own)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		root, limit := "/sys/fs/cgroup", "memory.max" // version 2
		switch fields[1] {
		case "memory":
			root, limit = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case "":
		default:
			continue
		}
		path := filepath.Join(root, fields[2], "ocsso-test-"+strconv.Itoa(os.Getpid()))
		if os.Mkdir(path, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { os.Remove(path) })
		if os.WriteFile(filepath.Join(path, limit), []byte(strconv.FormatInt(bytes, 10)), 0o644) == nil {
			return path
		}
	}
	t.Skip("no cgroup can be made here")
	return ""
}

// TestManyLoginsAtOnceStayWithinTheMemory has the memory of the Kubernetes example and as many
// cores as a big node. Half of them would check passwords at once, in 19 MiB each.
func TestManyLoginsAtOnceStayWithinTheMemory(t *testing.T) {
	s := writeSettings(t, anyHelpCenter+"login: {limits: {per_address: 1000/1m, per_member: 1000/1m}}\n").
		with("GOMAXPROCS", "128")
	hash, err := password.Hash(testPassword)
	if err != nil {
		t.Fatal(err)
	}
	s.writeMembers(t, "members: [{usercode: simple, password_hash: \""+hash+"\"}]\n")
	c := newChild(t, s)
	c.cgroup = newCgroup(t, 512<<20)
	c.start()
	var logins sync.WaitGroup
	for range 64 {
		logins.Go(func() {
			got, err := newVisitor(t, "simple").do("POST", s.site+"/login", credentials("simple", testPassword))
			// On a slow machine some wait too long.
			if err != nil || got.code != http.StatusSeeOther && got.code != http.StatusServiceUnavailable {
				t.Errorf("got %d and error %v, want a login or a page that says to try again", got.code, err)
			}
		})
	}
	logins.Wait()
	if want := "cgroup_bytes=536870912 gomemlimit_bytes=483183819"; !strings.Contains(c.log.String(), want) {
		t.Errorf("got no %s in the log:\n%s", want, c.log)
	}
	c.stop()
}

func TestGOMEMLIMITIsTheOperators(t *testing.T) {
	c := newChild(t, writeSettings(t, anyHelpCenter).with("GOMEMLIMIT", "100MiB"))
	c.cgroup = newCgroup(t, 512<<20)
	c.start()
	if strings.Contains(c.log.String(), "memory limit set") {
		t.Errorf("got another limit than GOMEMLIMIT's:\n%s", c.log)
	}
	c.stop()
}
