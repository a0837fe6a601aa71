package main

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/kv/redis/redistest"
)

// A shop is a customer's site with a login of its own, for tests. Its members are usercodes, and
// all have testPassword. It ends no session when another member logs in, as some sites don't.
type shop struct {
	t        *testing.T
	internal string // where its application listens, as host:port
	public   string // its origin for browsers
	ours     string // where its login may lead back to
	domain   string // of its cookie; "" for its host alone
	link     string // on its home page

	mu       sync.Mutex
	server   *http.Server // nil while it is down
	sessions map[string]string
	whoami   http.HandlerFunc // in place of the right answer; nil for that
	asked    []http.Header
}

const shopSID = "shop_sid"

// startShop runs a shop until the test ends.
func startShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, internal: clitest.FreeAddress(t), sessions: map[string]string{}}
	s.public = "http://" + s.internal
	s.up()
	t.Cleanup(s.down)
	return s
}

// up starts the shop again where it was.
func (s *shop) up() {
	s.t.Helper()
	listener, err := net.Listen("tcp", s.internal)
	if err != nil {
		s.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /login", s.loginPage)
	mux.HandleFunc("POST /login", s.logIn)
	mux.HandleFunc("POST /logout", s.logOut)
	mux.HandleFunc("GET /api/whoami", s.answer)
	s.server = &http.Server{Handler: mux}
	go s.server.Serve(listener)
}

func (s *shop) down() {
	if s.server != nil {
		s.server.Close()
	}
	s.server = nil
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

func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, `<!DOCTYPE html><link rel="icon" href="data:,"><p id="who">%s</p><a href="%s">history</a><a id="login" href="/login">log in</a>`+
		`<form method="post" action="/logout"><button>log out</button></form>`, html.EscapeString(s.member(r)), html.EscapeString(s.link))
}

func (s *shop) loginPage(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, `<!DOCTYPE html><link rel="icon" href="data:,"><form method="post"><input type="hidden" name="next" value="%s">`+
		`<input name="usercode"><input name="password" type="password"><button>log in</button></form>`, html.EscapeString(r.FormValue("next")))
}

func (s *shop) logIn(w http.ResponseWriter, r *http.Request) {
	next := r.FormValue("next")
	if !strings.HasPrefix(next, s.ours+"/") {
		next = "/"
	}
	if r.FormValue("password") != testPassword {
		http.Error(w, "wrong", http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: shopSID, Value: s.start(r.FormValue("usercode")), Path: "/", Domain: s.domain, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, next, http.StatusSeeOther)
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

func (s *shop) logOut(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(shopSID); err == nil {
		s.end(cookie.Value)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
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

// visit returns a visitor who has logged in at the shop and then here, and the shop's cookie.
func (s *shop) visit(client *http.Client, site, usercode string) (v *visitor, sid string) {
	s.t.Helper()
	sid = s.start(usercode)
	v = &visitor{http: client, usercode: usercode, header: http.Header{"Cookie": {shopSID + "=" + sid}}}
	if got := v.must(s.t, "GET", site+"/login", nil); got.code != http.StatusSeeOther || v.cookie == nil {
		s.t.Fatalf("log in %s: got %d, want a session", usercode, got.code)
	}
	v.header = nil // the help center's calls carry none of the shop's cookies
	return v, sid
}

// startFleetAtShop runs two replicas on one Redis below a path of the shop's host, behind nginx.
func startFleetAtShop(t *testing.T) (*shop, [2]*child) {
	t.Helper()
	s := startShop(t)
	nginx := clitest.FreeAddress(t)
	_, port, _ := net.SplitHostPort(nginx)
	s.public = "http://localhost:" + port
	s.ours = s.public + "/oc-sso"
	store := fmt.Sprintf("store: {kind: redis, redis: {addresses: [%q]}}\n", redistest.Start(t).Address)
	keys := config.NewSessionKey()
	var replicas [2]*child
	for i := range replicas {
		settings := writeSettings(t, anyHelpCenter+store+s.section())
		replicas[i] = newChild(t, settings.with("OCSSO_SESSION_KEYS", keys).with("OCSSO_SERVER_PUBLIC_URL", s.ours))
		replicas[i].start()
	}
	startNginxAtShop(t, nginx, s, replicas)
	return s, replicas
}

// startNginxAtShop serves the shop and the replicas on one address, with the location of
// deploy/site-login.
func startNginxAtShop(t *testing.T, address string, s *shop, replicas [2]*child) {
	t.Helper()
	dir := t.TempDir()
	location := readExample(t, "site-login/nginx.conf")
	location.replace("http://127.0.0.1:8080", "http://ocsso")
	location.replace("/var/log/nginx/", dir+"/")
	configuration := "upstream ocsso {\n"
	for _, replica := range replicas {
		configuration += "server " + strings.TrimPrefix(replica.site, "http://") + ";\n"
	}
	configuration += "}\n"
	shop := fmt.Sprintf("location / { proxy_pass http://%s; }\n", s.internal)
	configuration += fmt.Sprintf("server {\nlisten %s;\n%s%s}\n", address, location.text, shop)
	clitest.WriteFile(t, filepath.Join(dir, "ocsso.conf"), configuration)
	clitest.WriteFile(t, filepath.Join(dir, "nginx.conf"), nginxFrame)
	runUntilTheEnd(t, nginxCommand(dir), address)
}

// outages are what a site does that does not say who is logged in.
var outages = map[string]http.HandlerFunc{
	"an error":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	"a wrong path":   http.NotFound,
	"the login page": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) },
	"HTML": func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<!DOCTYPE html><p>점검 중입니다")
	},
	"too much": func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"result": {"id": "somebody"}, "menu": "`+strings.Repeat("x", 1<<20)+`"}`)
	},
	"nothing in time": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"half an answer": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"result": {"id": "somebody"}}`)
		panic(http.ErrAbortHandler)
	},
}

var failedQuestions = regexp.MustCompile(`(?m)^ocsso_site_seconds_count\{outcome="failed"\} (\d+)`)

// TestNoStatusCallFailsOrLiesWhileTheSiteIsDown asks two replicas for the status of members, while
// their site is out of order in every way.
func TestNoStatusCallFailsOrLiesWhileTheSiteIsDown(t *testing.T) {
	s, replicas := startFleetAtShop(t)
	for _, replica := range replicas {
		replica.site += "/oc-sso"
	}
	f := &fleet{t: t, replicas: replicas, site: s.ours, browser: newHTTPClient(t), want: map[*visitor]string{}, answers: make(chan answer)}
	sids := map[*visitor]string{}
	for i, usercode := range usercodes {
		v, sid := s.visit(f.browser, f.site, usercode)
		sids[v], f.want[v] = sid, loggedIn(usercode)
		if i%4 == 3 {
			s.end(sid)
			f.eventually(v, replicas[0], loggedOut)
			f.want[v] = loggedOut
		}
		f.visitors = append(f.visitors, v)
	}
	operator := newVisitor(t, "")
	failed := func() (n int) {
		for _, replica := range replicas {
			if match := failedQuestions.FindStringSubmatch(operator.must(t, "GET", replica.admin+"/metrics", nil).body); match != nil {
				count, _ := strconv.Atoi(match[1])
				n += count
			}
		}
		return n
	}
	f.underLoad(f.exactly, func() {
		awaitFailures := func(what string) {
			t.Helper()
			until := failed() + len(f.visitors)
			clitest.WaitUntil(t, "the site has failed with "+what, func() bool { return failed() >= until })
		}
		for what, outage := range outages {
			s.answerWith(outage)
			awaitFailures(what)
		}
		s.down()
		awaitFailures("no connection")
		s.answerWith(nil)
		s.up()
		f.await(100, anyAnswer)
	})
	for i, v := range f.visitors {
		if i%2 == 0 {
			s.end(sids[v])
			f.eventually(v, replicas[0], loggedOut)
			f.eventually(v, replicas[1], loggedOut)
		}
	}
}

// TestTheSitesCookiesGoNowhereElse logs in, asks again, and looks where the cookies came.
func TestTheSitesCookiesGoNowhereElse(t *testing.T) {
	s := startShop(t)
	thief := startShop(t)
	d := writeSettings(t, anyHelpCenter+s.section()).serve(t)
	s.ours = d.site
	sid := s.start("minji")
	v := newVisitor(t, "minji")
	v.header = http.Header{
		"Cookie":        {"tracking=not-yours; " + shopSID + "=" + sid + "; shop_remember=remember-secret"},
		"Authorization": {"Bearer not-yours"}, "Referer": {"https://www.example.com/not-yours"},
	}
	var pages string
	for _, target := range []string{"/login", "/login", "/", "/help", "/logout", "/nowhere", "/login?fromSite=1"} {
		got := v.must(t, "GET", d.site+target, nil)
		pages += fmt.Sprint(got.header, got.body)
	}
	for what, outage := range outages {
		if what == "the login page" {
			outage = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, thief.public+"/api/whoami", http.StatusTemporaryRedirect)
			}
		}
		s.answerWith(outage)
		other := newVisitor(t, "")
		other.header = v.header
		got := other.must(t, "GET", d.site+"/login", nil)
		if got.code != http.StatusServiceUnavailable {
			t.Errorf("%s: got %d, want 503", what, got.code)
		}
		pages += fmt.Sprint(got.header, got.body)
	}
	for _, header := range s.questions() {
		want := shopSID + "=" + sid
		if header.Get("X-Ocsso-Purpose") == "login" {
			want += "; shop_remember=remember-secret"
		}
		if got := header.Get("Cookie"); got != want {
			t.Errorf("the site was asked with %q, want %q", got, want)
		}
		if strings.Contains(fmt.Sprint(header), "not-yours") {
			t.Errorf("the site was asked with %v", header)
		}
	}
	if got := thief.questions(); len(got) != 0 {
		t.Errorf("another address was asked with %v", got)
	}
	for where, text := range map[string]string{"the log": d.Log.String(), "a page": pages} {
		for _, secret := range []string{sid, "remember-secret", "somebody", "점검"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %q: %s", where, secret, text)
			}
		}
	}
	if !strings.Contains(d.Log.String(), "the site does not say who is logged in") {
		t.Errorf("got %s, want the outage in the log", d.Log)
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

// TestAStrangersSessionInABrowserIsNobodyElses: a stranger plants a cookie of his own in a member's
// browser, the site's or ours.
func TestAStrangersSessionInABrowserIsNobodyElses(t *testing.T) {
	s := startShop(t)
	d := writeSettings(t, anyHelpCenter+s.section()).serve(t)
	client := newHTTPClient(t)
	login := d.site + "/login?returnUrl=" + url.QueryEscape("https://help.example.com/hangame/hc/ticket/list/")
	shows := func(got answer, usercode string) bool { return strings.Contains(got.body, "이름 "+usercode) }

	// The site's cookie: the browser is the stranger's then, here as there, and shows nothing of
	// the member's.
	member, _ := s.visit(client, d.site, "minji")
	old, strangersSID := *member, s.start("ara")
	member.header = http.Header{"Cookie": {shopSID + "=" + strangersSID}}
	for _, target := range []string{d.site + "/", login, login} {
		if got := member.must(t, "GET", target, nil); shows(got, "minji") {
			t.Errorf("%s: got minji's page for ara's session at the site", target)
		}
	}
	old.wantStatus(t, d.site, loggedOut)
	member.wantStatus(t, d.site, loggedIn("ara"))

	// Ours: it ends, and never becomes the member's.
	stranger, _ := s.visit(client, d.site, "ara")
	planted := *stranger.cookie
	victim := &visitor{http: client, cookie: &planted, header: http.Header{"Cookie": {shopSID + "=" + s.start("minji")}}}
	if got := victim.must(t, "GET", d.site+"/", nil); shows(got, "ara") {
		t.Error("got ara's page for minji's session at the site")
	}
	victim.must(t, "GET", login, nil)
	victim.wantStatus(t, d.site, loggedIn("minji"))
	if got := victim.must(t, "GET", login, nil); !shows(got, "minji") {
		t.Errorf("got %s, want a handoff of minji", got.body)
	}
	stranger.wantStatus(t, d.site, loggedOut)
	if victim.cookie.Value == planted.Value {
		t.Error("the member has the stranger's session")
	}

	// A cache in front of whoami that answers with what it said to another member.
	bom, _ := s.visit(client, d.site, "bom")
	s.answerWith(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"result": {"id": "minji"}}`) })
	clitest.WaitUntil(t, "bom's session ends", func() bool {
		got, err := bom.status(d.site)
		if err == nil && got.body == loggedIn("minji") {
			t.Fatal("bom's session became minji's")
		}
		return err == nil && got.body == loggedOut
	})
}

// TestTheMarkOfTheWayBackLeadsNowhere: anybody can write a link with it.
func TestTheMarkOfTheWayBackLeadsNowhere(t *testing.T) {
	s := startShop(t)
	d := writeSettings(t, anyHelpCenter+s.section()).serve(t)
	s.ours = d.site
	v := newVisitor(t, "")
	for target, want := range map[string]int{
		"/login?fromSite=1": http.StatusForbidden,
		"/login?fromSite":   http.StatusForbidden,
		"/login?fromSite=1&returnUrl=" + url.QueryEscape("https://evil.test/"): http.StatusBadRequest,
		"/login?returnUrl=" + url.QueryEscape(s.public+"/"):                    http.StatusBadRequest,
	} {
		if got := v.must(t, "GET", d.site+target, nil); got.code != want || got.header.Get("Location") != "" || strings.Contains(got.body, `"https://evil.test`) {
			t.Errorf("%s: got %d to %q, want %d", target, got.code, got.header.Get("Location"), want)
		}
	}
	// What a member asks for comes back as one parameter, whatever it has in it.
	asked := "https://help.example.com/hangame/hc/?next=" + url.QueryEscape("https://evil.test/") + "&fromSite=1#&next=x"
	got := v.must(t, "GET", d.site+"/login?next="+url.QueryEscape("https://evil.test/")+"&returnUrl="+url.QueryEscape(asked), nil)
	location, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.code != http.StatusSeeOther || len(location.Query()["next"]) != 1 {
		t.Fatalf("got %d to %s, %v, want the login page with one way back", got.code, location, err)
	}
	back := location.Query().Get("next")
	if !strings.HasPrefix(location.String(), s.public+"/login?next=") || !strings.HasPrefix(back, d.site+"/login?returnUrl=") {
		t.Errorf("got %s with the way back %s", location, back)
	}
	// A login there comes back to the page that was asked for.
	in := v.must(t, "POST", s.public+"/login", url.Values{"usercode": {"minji"}, "password": {testPassword}, "next": {back}})
	cookie, _, _ := strings.Cut(in.header.Get("Set-Cookie"), ";")
	v.header = http.Header{"Cookie": {cookie}}
	again := v.must(t, "GET", in.header.Get("Location"), nil)
	if page := v.must(t, "GET", d.site+again.header.Get("Location"), nil); !strings.Contains(page.body, `<form id="handoff"`) {
		t.Errorf("got %d and %s, want a handoff", page.code, page.body)
	}
}
