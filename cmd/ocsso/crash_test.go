package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
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

// TestTheStoreHasNothingToRead: whoever gets the file learns nothing of the members.
func TestTheStoreHasNothingToRead(t *testing.T) {
	const key = "a-key-of-the-app-backend"
	path := filepath.Join(t.TempDir(), "ocsso.db")
	s := writeSettings(t, anyHelpCenter+fmt.Sprintf("store: {kind: file, file: {path: %q}}\nlinks_api: {keys: [\"%x\"]}\n", path, sha256.Sum256([]byte(key))))
	d := s.serve(t)
	v := loggedInAt(t, d.site)
	v.must(t, "GET", d.site+"/login", nil)
	newVisitor(t, "").must(t, "POST", d.site+"/login", credentials("jiwoo-who-mistypes", "wrong"))
	request, err := http.NewRequest("POST", d.site+"/v1/links", strings.NewReader(`{"usercode":"app-seven","email":"seven@example.com","phone":"010-7777-8888"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(request)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v, want a link", resp, err)
	}
	resp.Body.Close()
	d.End()
	stored := readFile(t, path)
	if len(stored) < 4096 {
		t.Fatalf("got %d bytes, want a store", len(stored))
	}
	for _, personal := range []string{
		"minji", "김민지", "minji@example.com", "010-1234-5678", "jiwoo-who-mistypes", "app-seven", "seven@example.com", "010-7777-8888", "127.0.0.1",
	} {
		if strings.Contains(stored, personal) {
			t.Errorf("the store has %s", personal)
		}
	}
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
