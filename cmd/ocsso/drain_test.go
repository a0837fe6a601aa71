package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
)

// drain tells the process to end, and waits until it says that it is not ready.
func (c *child) drain() {
	c.t.Helper()
	c.signal(syscall.SIGTERM)
	operator := newVisitor(c.t, "")
	clitest.WaitUntil(c.t, "readyz is 503", func() bool {
		got := operator.must(c.t, "GET", c.admin+"/readyz", nil)
		return got.code == http.StatusServiceUnavailable && strings.HasPrefix(got.body, "stopping")
	})
}

func TestNewConnectionsAreServedWhileTheServerDrains(t *testing.T) {
	c := newChild(t, writeSettings(t, anyHelpCenter).with("OCSSO_SERVER_DRAIN", "5m"))
	c.start()
	c.drain()
	for range 5 {
		fresh := newVisitor(t, "")
		if got := fresh.must(t, "GET", c.site+"/login", nil); got.code != http.StatusOK {
			t.Errorf("a new connection: got %d, want 200", got.code)
		}
		fresh.http.CloseIdleConnections()
	}
}

func TestTheServerEndsWhenItHasDrained(t *testing.T) {
	const drain = 200 * time.Millisecond
	c := newChild(t, writeSettings(t, anyHelpCenter).with("OCSSO_SERVER_DRAIN", drain.String()))
	c.start()
	stopped := time.Now()
	c.stop()
	if took := time.Since(stopped); took < drain {
		t.Errorf("stopped after %v, want %v at least", took, drain)
	}
}

func TestASecondSignalEndsADrainAtOnce(t *testing.T) {
	c := newChild(t, writeSettings(t, anyHelpCenter).with("OCSSO_SERVER_DRAIN", "5m"))
	c.start()
	c.drain()
	c.signal(syscall.SIGTERM)
	if err := c.process.Wait(); err == nil { // as after the whole drain
		t.Error("got an orderly end, want one by the second signal")
	}
}
