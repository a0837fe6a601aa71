package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"ocsso/internal/cli/clitest"
)

// A shop is a customer's site that says who is logged in.
type shop struct {
	internal string // where its application listens, as host:port
	public   string // its origin for browsers

	mu       sync.Mutex
	sessions map[string]string // usercodes
	whoami   http.HandlerFunc  // in place of the right answer; nil for that
	asked    []http.Header
}

const shopSID = "shop_sid"

// startShop runs a shop until the test ends.
func startShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{sessions: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/whoami", s.answer)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.public, s.internal = server.URL, strings.TrimPrefix(server.URL, "http://")
	return s
}

// answerWith makes whoami answer with handler; nil is the right answer.
func (s *shop) answerWith(handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whoami = handler
}

// questions returns the headers of what whoami was asked.
func (s *shop) questions() []http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *shop) member(r *http.Request) string {
	cookie, err := r.Cookie(shopSID)
	if err != nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[cookie.Value]
}

// start starts a session and returns the cookie's value.
func (s *shop) start(usercode string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sid := fmt.Sprintf("secret-of-the-shop-%d", len(s.sessions))
	s.sessions[sid] = usercode
	return sid
}

// end ends a session, as a logout at the shop does.
func (s *shop) end(sid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[sid] = ""
}

func (s *shop) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if r.Header.Get("Cookie") != "" { // not the question of the start
		s.asked = append(s.asked, r.Header.Clone())
	}
	instead := s.whoami
	s.mu.Unlock()
	if instead != nil {
		instead(w, r)
		return
	}
	usercode := s.member(r)
	if usercode == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"result": map[string]any{"id": usercode, "name": "이름 " + usercode, "email": usercode + "@example.com"}})
}

// section is the section login of a server that asks the shop.
func (s *shop) section() string {
	return fmt.Sprintf(`
login:
  with: site
  site:
    whoami_url: "http://%s/api/whoami"
    cookies: [%s, shop_remember]
    login_url: %q
    logout_url: %q
    fields: {usercode: result.id, username: result.name, email: result.email, phone: "", memberno: ""}
    recheck: 1s
`, s.internal, shopSID, s.public+"/login", s.public+"/")
}

// startNginxAtShop serves the shop and the server on one address, with the location of
// deploy/site-login.
func startNginxAtShop(t *testing.T, address string, s *shop, server string) {
	t.Helper()
	dir := t.TempDir()
	location := readExample(t, "site-login/nginx.conf")
	location.replace("http://127.0.0.1:8080", server)
	location.replace("/var/log/nginx/", dir+"/")
	shop := fmt.Sprintf("location / { proxy_pass http://%s; }\n", s.internal)
	clitest.WriteFile(t, filepath.Join(dir, "ocsso.conf"), fmt.Sprintf("server {\nlisten %s;\n%s%s}\n", address, location.text, shop))
	clitest.WriteFile(t, filepath.Join(dir, "nginx.conf"), nginxFrame)
	runUntilTheEnd(t, nginxCommand(dir), address)
}

var failedQuestion = regexp.MustCompile(`(?m)^ocsso_site_seconds_count\{outcome="failed"\} [1-9]`)

// TestAServerBelowAPathOfItsSite has nginx in front of both. An outage of the site logs nobody out,
// and a logout there does.
func TestAServerBelowAPathOfItsSite(t *testing.T) {
	s, nginx := startShop(t), clitest.FreeAddress(t)
	_, port, _ := net.SplitHostPort(nginx)
	s.public = "http://localhost:" + port
	ours := s.public + "/oc-sso"
	d := writeSettings(t, anyHelpCenter+s.section()).with("OCSSO_SERVER_PUBLIC_URL", ours).serve(t)
	startNginxAtShop(t, nginx, s, d.site)

	sid := s.start("minji")
	v := newVisitor(t, "minji")
	v.header = http.Header{"Cookie": {"tracking=not-yours; " + shopSID + "=" + sid}}
	v.must(t, "GET", ours+"/login", nil)
	v.header = nil // the help center's calls carry none of the shop's cookies
	v.wantStatus(t, ours, loggedIn("minji"))

	s.answerWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	operator := newVisitor(t, "")
	clitest.WaitUntil(t, "the site has failed", func() bool {
		v.wantStatus(t, ours, loggedIn("minji"))
		return failedQuestion.MatchString(operator.must(t, "GET", d.admin+"/metrics", nil).body)
	})
	s.answerWith(nil)
	s.end(sid)
	clitest.WaitUntil(t, "the member is logged out", func() bool {
		got, err := v.status(ours)
		return err == nil && got.body == loggedOut
	})
	for _, header := range s.questions() {
		if got := header.Get("Cookie"); got != shopSID+"="+sid {
			t.Errorf("the site was asked with the cookies %q", got)
		}
	}
	if log := d.Log.String(); strings.Contains(log, sid) || strings.Contains(log, "not-yours") {
		t.Errorf("the log has a cookie of the site:\n%s", log)
	}
}

// TestACookieThatChangesWithEachUseIsNoTheft: the site gives a session and the next value for a
// cookie that logs in by itself, and ends all of the member's sessions when a value comes again.
func TestACookieThatChangesWithEachUseIsNoTheft(t *testing.T) {
	s := startShop(t)
	d := writeSettings(t, anyHelpCenter+s.section()).serve(t)
	remembered, theft := "first", false
	s.answerWith(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("shop_remember"); err == nil && cookie.Value != remembered {
			theft = true
		} else if err == nil && s.member(r) == "" {
			remembered += "x"
			w.Header().Add("Set-Cookie", shopSID+"="+s.start("minji")+"; Path=/; HttpOnly; SameSite=Lax")
			w.Header().Add("Set-Cookie", "shop_remember="+remembered+"; Path=/; Max-Age=1209600; HttpOnly")
			w.Header().Add("Set-Cookie", "tracking=not-ours")
			io.WriteString(w, `{"result": {"id": "minji"}}`)
			return
		}
		if theft || s.member(r) == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, `{"result": {"id": "minji"}}`)
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &visitor{http: &http.Client{Jar: jar, CheckRedirect: newHTTPClient(t).CheckRedirect}}
	site, err := url.Parse(d.site)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(site, []*http.Cookie{{Name: "shop_remember", Value: remembered}})
	for range 3 { // the browser is closed in between, and has the lasting cookie alone
		browser.must(t, "GET", d.site+"/login", nil)
		if got := browser.must(t, "GET", d.site+"/login?loggedIn=1", nil); !strings.Contains(got.body, `<form id="handoff"`) {
			t.Fatalf("got %d and %s, want a handoff", got.code, got.body)
		}
		browser.wantStatus(t, d.site, loggedIn("minji"))
		fresh, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range jar.Cookies(site) {
			if cookie.Name == "shop_remember" {
				fresh.SetCookies(site, []*http.Cookie{cookie})
			} else if cookie.Name == "tracking" {
				t.Error("a cookie that isn't named was passed on")
			}
		}
		jar, browser.http.Jar, browser.cookie = fresh, fresh, nil
	}
	if theft {
		t.Error("the site took this server for a thief")
	}
}
