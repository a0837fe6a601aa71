package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"ocsso/internal/cli/clitest"
)

// atSite are settings for a login at a site whose application listens at internal. public is its
// origin for browsers.
func atSite(internal, public string) string {
	return anyHelpCenter + fmt.Sprintf(`
login:
  with: site
  site:
    whoami_url: "http://%s/api/whoami"
    cookies: [shop_sid, shop_remember]
    login_url: %q
    logout_url: %q
    fields: {usercode: result.id, username: result.name, email: result.email, phone: "", memberno: ""}
    recheck: 1s
`, internal, public+"/login", public+"/")
}

// A shop says that minji is logged in, or what answerWith has said last.
type shop struct {
	mu     sync.Mutex
	status int      // of its answers
	asked  []string // with these cookies
}

func (s *shop) answerWith(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *shop) whoami(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cookies := r.Header.Get("Cookie")
	if cookies == "" { // the question of the start
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.asked = append(s.asked, cookies)
	w.WriteHeader(s.status)
	io.WriteString(w, `{"result": {"id": "minji", "name": "민지", "email": "minji@example.com"}}`)
}

var failedQuestion = regexp.MustCompile(`(?m)^ocsso_site_seconds_count\{outcome="failed"\} [1-9]`)

// TestAServerBelowAPathOfItsSite has nginx in front of both, with the location of
// deploy/site-login. An outage of the site logs nobody out, and a logout there does.
func TestAServerBelowAPathOfItsSite(t *testing.T) {
	const sid = "shop_sid=secret-of-the-shop"
	s, nginx := &shop{status: http.StatusOK}, clitest.FreeAddress(t)
	internal := startReplica(t, s.whoami)
	_, port, _ := net.SplitHostPort(nginx)
	public := "http://localhost:" + port
	ours := public + "/oc-sso"
	d := writeSettings(t, atSite(internal, public)).with("OCSSO_SERVER_PUBLIC_URL", ours).serve(t)

	dir := t.TempDir()
	location := readExample(t, "site-login/nginx.conf")
	location.replace("http://127.0.0.1:8080", d.site)
	location.replace("/var/log/nginx/", dir+"/")
	rest := fmt.Sprintf("location / { proxy_pass http://%s; }\n", internal)
	clitest.WriteFile(t, filepath.Join(dir, "ocsso.conf"), fmt.Sprintf("server {\nlisten %s;\n%s%s}\n", nginx, location.text, rest))
	clitest.WriteFile(t, filepath.Join(dir, "nginx.conf"), nginxFrame)
	runUntilTheEnd(t, nginxCommand(dir), nginx)

	v := newVisitor(t, "minji")
	v.header = http.Header{"Cookie": {"tracking=not-yours; " + sid}}
	v.must(t, "GET", ours+"/login", nil)
	v.header = nil // the help center's calls carry none of the shop's cookies
	v.wantStatus(t, ours, loggedIn("minji"))

	s.answerWith(http.StatusInternalServerError)
	operator := newVisitor(t, "")
	clitest.WaitUntil(t, "the site has failed", func() bool {
		v.wantStatus(t, ours, loggedIn("minji"))
		return failedQuestion.MatchString(operator.must(t, "GET", d.admin+"/metrics", nil).body)
	})
	s.answerWith(http.StatusUnauthorized)
	clitest.WaitUntil(t, "the member is logged out", func() bool {
		got, err := v.status(ours)
		return err == nil && got.body == loggedOut
	})
	if others := slices.DeleteFunc(s.asked, func(cookies string) bool { return cookies == sid }); len(others) > 0 {
		t.Errorf("the site was asked with the cookies %q", others)
	}
	if log := d.Log.String(); strings.Contains(log, sid) || strings.Contains(log, "not-yours") {
		t.Errorf("the log has a cookie of the site:\n%s", log)
	}
}

// TestACookieThatChangesWithEachUseIsNoTheft: the site gives a session and the next value for a
// cookie that logs in by itself, and ends all of the member's sessions when a value comes again.
func TestACookieThatChangesWithEachUseIsNoTheft(t *testing.T) {
	var mu sync.Mutex
	remembered, sids, theft := "first", map[string]bool{}, false
	whoami := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		sid, err := r.Cookie("shop_sid")
		known := err == nil && sids[sid.Value]
		if cookie, err := r.Cookie("shop_remember"); err == nil && cookie.Value != remembered {
			theft = true
		} else if err == nil && !known {
			remembered += "x"
			known, sids["sid-"+remembered] = true, true
			w.Header().Add("Set-Cookie", "shop_sid=sid-"+remembered+"; Path=/; HttpOnly; SameSite=Lax")
			w.Header().Add("Set-Cookie", "shop_remember="+remembered+"; Path=/; Max-Age=1209600; HttpOnly")
			w.Header().Add("Set-Cookie", "tracking=not-ours")
		}
		if theft || !known {
			w.WriteHeader(http.StatusUnauthorized)
		}
		io.WriteString(w, `{"result": {"id": "minji"}}`)
	}
	internal := startReplica(t, whoami)
	d := writeSettings(t, atSite(internal, "http://"+internal)).serve(t)
	site, err := url.Parse(d.site)
	if err != nil {
		t.Fatal(err)
	}
	lasting := &http.Cookie{Name: "shop_remember", Value: "first"}
	for range 3 { // the browser is closed in between, and has the lasting cookie alone
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		jar.SetCookies(site, []*http.Cookie{lasting})
		browser := newVisitor(t, "minji")
		browser.http.Jar = jar
		browser.must(t, "GET", d.site+"/login", nil)
		if got := browser.must(t, "GET", d.site+"/login?loggedIn=1", nil); !strings.Contains(got.body, `<form id="handoff"`) {
			t.Fatalf("got %d and %s, want a handoff", got.code, got.body)
		}
		browser.wantStatus(t, d.site, loggedIn("minji"))
		for _, cookie := range jar.Cookies(site) {
			if cookie.Name == "shop_remember" {
				lasting = cookie
			} else if cookie.Name == "tracking" {
				t.Error("a cookie that isn't named was passed on")
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if theft || remembered != "firstxxx" {
		t.Errorf("got the theft %t and the cookie %s, want three logins by the cookie", theft, remembered)
	}
}
