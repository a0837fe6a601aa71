package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// newHTTPClient returns a client that follows no redirect.
func newHTTPClient(t *testing.T) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: len(usercodes)}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       time.Minute, // for a busy machine
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A visitor makes the requests of one member's browser. do, logIn and status return their errors,
// so that visitors can run concurrently.
type visitor struct {
	http     *http.Client
	usercode string
	cookie   *http.Cookie // of the session; nil before the login
	header   http.Header  // of every request; may be nil
}

func newVisitor(t *testing.T, usercode string) *visitor {
	return &visitor{http: newHTTPClient(t), usercode: usercode}
}

// loggedInAt returns a visitor who has logged in as minji.
func loggedInAt(t *testing.T, site string) *visitor {
	t.Helper()
	v := newVisitor(t, "minji")
	if err := v.logIn(site); err != nil {
		t.Fatal(err)
	}
	return v
}

func wantMetrics(t *testing.T, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(page, "\n"+line) {
			t.Errorf("got no line %s in\n%s", line, page)
		}
	}
}

// An answer is a response that has been read.
type answer struct {
	code   int
	header http.Header
	body   string
	took   time.Duration
}

// do makes one request. A nil form sends no body.
func (v *visitor) do(method, target string, form url.Values) (answer, error) {
	req, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	maps.Copy(req.Header, v.header)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.cookie != nil {
		req.AddCookie(v.cookie)
	}
	start := time.Now()
	resp, err := v.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	for _, cookie := range resp.Cookies() {
		// A deleted cookie is kept: the server must not rely on the browser to delete it.
		if isSession(cookie) && cookie.MaxAge >= 0 {
			v.cookie = cookie
		}
	}
	return answer{resp.StatusCode, resp.Header, string(body), time.Since(start)}, nil
}

// isSession reports whether a cookie is the session's of any server, and not that of a pending
// login.
func isSession(cookie *http.Cookie) bool {
	return strings.HasPrefix(cookie.Name, "__Host-ocsso") && !strings.HasSuffix(cookie.Name, "-login")
}

// must is do for a request that must be answered.
func (v *visitor) must(t *testing.T, method, target string, form url.Values) answer {
	t.Helper()
	got, err := v.do(method, target, form)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// logIn gets the cookie of a new session.
func (v *visitor) logIn(site string) error {
	got, err := v.do("POST", site+"/login", credentials(v.usercode, testPassword))
	if err == nil && got.code != http.StatusSeeOther {
		err = fmt.Errorf("log in %s: got status %d, want %d", v.usercode, got.code, http.StatusSeeOther)
	}
	return err
}

func credentials(usercode, password string) url.Values {
	return url.Values{"usercode": {usercode}, "password": {password}}
}

// status asks whether the visitor is logged in.
func (v *visitor) status(site string) (answer, error) { return v.do("GET", site+"/login/status", nil) }

// wantStatus checks the answer of the login status.
func (v *visitor) wantStatus(t *testing.T, site, want string) {
	t.Helper()
	if got, err := v.status(site); err != nil || got.code != http.StatusOK || got.body != want {
		t.Errorf("got %d %s, %v, want %s", got.code, got.body, err, want)
	}
}

// loggedIn and loggedOut are the answers of CONTRACT 7.
func loggedIn(usercode string) string { return `{"login":"true","usercode":"` + usercode + `"}` }

const loggedOut = `{"login":"false","usercode":null}`
