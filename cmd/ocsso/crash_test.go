package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
)

// manyLogins are limits that a test with many logins does not reach.
const manyLogins = "login: {limits: {per_address: 100000/1h, per_member: 100000/1h}}\n"

// TestAKillLosesNoLogin kills a server with a file in the middle of logins, again and again with the
// same file. Every login that was answered must survive.
func TestAKillLosesNoLogin(t *testing.T) {
	const kills = 50
	store := fmt.Sprintf("store: {kind: file, file: {path: %q}}\n", filepath.Join(t.TempDir(), "ocsso.db"))
	server := newChild(t, writeSettings(t, anyHelpCenter+manyLogins+store))
	browser := newHTTPClient(t)
	var all, last []*visitor
	for i := range kills {
		server.start()
		server.wantLoggedIn(last)
		last = server.logInUntilKilled(browser, 1+i%10)
		all = append(all, last...)
		if t.Failed() {
			return
		}
	}
	server.start()
	server.wantLoggedIn(all)
	t.Logf("%d logins were answered", len(all))
}

// logInUntilKilled logs members in concurrently, kills the server once it has answered atLeast
// logins, and returns the answered ones.
func (c *child) logInUntilKilled(browser *http.Client, atLeast int) (answered []*visitor) {
	c.t.Helper()
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	for _, usercode := range usercodes {
		group.Go(func() {
			for {
				v := &visitor{http: browser, usercode: usercode}
				err := v.logIn(c.site)
				mu.Lock()
				if err == nil {
					answered = append(answered, v)
				} else if len(answered) < atLeast {
					failed = err
				}
				if len(answered) == atLeast {
					c.process.Process.Kill()
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	group.Wait()
	if failed != nil {
		c.t.Fatalf("got %v, want every login answered until the kill; the log:\n%s", failed, c.log)
	}
	c.process.Wait()
	return answered
}

// wantLoggedIn checks that the server has the sessions of these visitors.
func (c *child) wantLoggedIn(visitors []*visitor) {
	c.t.Helper()
	for _, v := range visitors {
		v.wantStatus(c.t, c.site, loggedIn(v.usercode))
	}
}
