package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
)

// TestNoLoginThatWasAnsweredIsLostByAKill kills a server on SQLite in the midst of logins, a hundred times over one file.
func TestNoLoginThatWasAnsweredIsLostByAKill(t *testing.T) {
	const kills = 100
	server := newChild(t, build(t), writeSettings(t, fmt.Sprintf(`
help_center: {base_url: "https://help.example.com", services: [hangame]}
login: {limits: {per_address: 100000/1h, per_member: 100000/1h}}
store: {kind: sqlite, sqlite: {path: %q}}
`, filepath.Join(t.TempDir(), "data", "ocsso.db"))))
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

// logInUntilKilled logs members in, several at once, kills the server as soon as it has answered for so many, and returns
// all that it has answered for.
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

// wantLoggedIn checks that the server knows each of these logins.
func (c *child) wantLoggedIn(visitors []*visitor) {
	c.t.Helper()
	for _, v := range visitors {
		got, err := v.status(c.site)
		if err != nil {
			c.t.Fatal(err)
		}
		if got.code != http.StatusOK || got.body != v.loggedIn() {
			c.t.Errorf("got %d %s, want the login of %s, which was answered", got.code, got.body, v.usercode)
		}
	}
}
