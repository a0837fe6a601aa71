package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/metrics"
	"ocsso/static"
	"ocsso/web"
)

func wantContains(t testing.TB, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("got no %s in %s", want, page)
		}
	}
}

func TestHomeLeadsAMemberThroughTheHandoffAndAGuestStraightThere(t *testing.T) {
	s := newSite(t)
	wantContains(t, body(t, s.get("/")), `href="`+inquiry+`"`, `href="`+inquiry+`list/"`, `href="/help"`, `href="/login?returnUrl=`+url.QueryEscape(own+"/")+`"`)
	wantContains(t, body(t, s.get("/", "Cookie", s.logIn(minji))), `href="`+loginAt("/login", inquiry)+`"`, `href="`+loginAt("/login", inquiry+"list/")+`"`, "김민지", `action="/logout"`)
	wantContains(t, body(t, s.get("/nowhere", "Cookie", s.logIn(minji))), "김민지", `action="/logout"`) // an error page, too
	// No name: the usercode
	wantContains(t, body(t, s.get("/", "Cookie", s.logIn(simple))), "simple")
	// With signed links the help center has no login URL to send a guest to.
	wantContains(t, body(t, newSite(t, withHandoff(helpcenter.Link)).get("/")), `href="`+loginAt("/login", inquiry)+`"`)
}

func TestLoggingOutTakesAPost(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	wantContains(t, body(t, s.get("/logout", "Cookie", cookie)), `method="post" action="/logout"`)
	wantState(t, s.get("/login/status", "Cookie", cookie), "minji")

	resp := s.post("/logout", nil, "Cookie", cookie)
	wantStatus(t, resp, http.StatusSeeOther)
	wantHeader(t, resp, "Location", "/logout")
	wantState(t, s.get("/login/status", "Cookie", cookie), "")
	// D10
	wantContains(t, body(t, s.get("/logout", "Cookie", cookie, "Accept-Language", "en")), "help center")
	wantStatus(t, s.post("/logout", nil), http.StatusSeeOther) // logged out already
}

func TestAnotherSiteCantPost(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	for _, path := range []string{"/logout", "/login", "/login/form", "/login/api"} {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.test"}, {"Origin", "null"},
		} {
			resp := s.do("POST", path, nil, append(headers, "Cookie", cookie)...)
			wantStatus(t, resp, http.StatusForbidden)
		}
	}
	wantState(t, s.get("/login/status", "Cookie", cookie), "minji")
}

// TestHelpFramesTheHelpCenter is CONTRACT 10 and D13.
func TestHelpFramesTheHelpCenter(t *testing.T) {
	s := newSite(t)
	framed := center + "/hangame/hc/?iframe=true"
	page := body(t, s.get("/help"))
	wantContains(t, page, `id="ocPage"`, `src="`+framed+`"`, `data-origin="`+center+`"`)
	if strings.Contains(page, "user-scalable") || strings.Contains(page, "maximum-scale") {
		t.Error("the viewport forbids zoom")
	}
	wantContains(t, body(t, s.get("/help", "Cookie", s.logIn(minji))), `id="ocPage"`, `src="`+loginAt("/login", framed)+`"`)
	// The header's login leads back here.
	for target, back := range map[string]string{
		"/help": "/help", "/help/?lang=en&x=1": "/help", "/help?service=second": "/help?service=second", "/help?service=other": "/help",
		"/help/index.nhn": "/help",
	} {
		wantContains(t, body(t, s.get(target)), `<a class="quiet" href="`+loginAt("/login", own+back)+`">`)
	}
	page = body(t, s.get("/help?service=second"))
	wantContains(t, page, `src="`+center+`/second/hc/?iframe=true"`)
	// The way out, through the login, for browsers that keep the help center's cookie out of
	// frames.
	wantContains(t, page, `<a href="`+loginAt("/login", center+"/second/hc/")+`" target="_blank" rel="noopener">`)
}

func TestLinksLeadToTheSignedPage(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	for path, page := range map[string]string{
		"/help/home": "/hangame/hc/", "/help/ticket": "/hangame/hc/ticket/", "/help/tickets": "/hangame/hc/ticket/list/",
		"/help/ticket?service=second": "/second/hc/ticket/",
		"/help/home?app=1":            "/hangame/hc/?from=app", "/help/ticket?app=1": "/hangame/hc/ticket/?from=app", "/help/tickets?app=1": "/hangame/hc/ticket/list/?from=app",
		"/help/ticket?app=1&service=second": "/second/hc/ticket/?from=app",
	} {
		if !strings.Contains(page, "?") {
			page += "?"
		} else {
			page += "&"
		}
		resp := s.get(path, "Cookie", cookie)
		wantStatus(t, resp, http.StatusSeeOther)
		if got := resp.Header.Get("Location"); !strings.HasPrefix(got, center+page+"usercode=minji&") {
			t.Errorf("%s: got %s, want a link to %s", path, got, page)
		}

		resp = s.get(path)
		wantStatus(t, resp, http.StatusSeeOther)
		wantHeader(t, resp, "Location", loginAt("/login", own+path))

		resp = s.get(path, "Accept", "application/json")
		wantStatus(t, resp, http.StatusUnauthorized)
		wantHeader(t, resp, "Content-Type", "application/problem+json")

		resp = s.get(path, "Accept", "application/json", "Cookie", cookie)
		wantStatus(t, resp, http.StatusOK)
		wantHeader(t, resp, "Cache-Control", "no-store")
		var link struct {
			URL       string    `json:"url"`
			ExpiresAt time.Time `json:"expires_at"`
		}
		if err := json.Unmarshal([]byte(body(t, resp)), &link); err != nil {
			t.Fatal(err)
		}
		if left := time.Until(link.ExpiresAt); !strings.HasPrefix(link.URL, center+page+"usercode=minji&") || left <= 0 || left > 3*time.Minute {
			t.Errorf("%s: got %+v, want a link that is good for three minutes", path, link)
		}
	}
}

func TestALinkIsForAnAppOnRequestAlone(t *testing.T) {
	s := newSite(t)
	cookie := s.logIn(minji)
	for _, query := range []string{"", "?app=0", "?app=", "?app=false", "?from=app"} {
		if got := s.get("/help/home"+query, "Cookie", cookie).Header.Get("Location"); !strings.HasPrefix(got, center+"/hangame/hc/?usercode=minji&") {
			t.Errorf("%s: got %s, want a link for a browser", query, got)
		}
	}
}

func TestHeadersOfEveryRoute(t *testing.T) {
	const (
		site   = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'"
		login  = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self' " + center + "; frame-src 'none'; frame-ancestors 'self' " + center
		framer = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-src 'self' " + center + "; frame-ancestors 'none'"
	)
	s := newSite(t)
	cookie := s.logIn(minji)
	for _, test := range []struct{ target, policy, cache string }{ // policy is "" for JSON
		{"/", site, "no-store"},
		{"/login", login, "no-store"},
		{"/login/form", login, "no-store"},
		{"/login/api", login, "no-store"}, // an error page here: there is no help center
		{"/login?returnUrl=bad", login, "no-store"},
		{"/logout", site, "no-store"},
		{"/help", framer, "no-store"},
		{"/help/ticket", site, "no-store"},
		{"/login/status", "", "no-store"},
		{"/token/verify", "", "no-store"},
		{"/v1/links", site, "no-store"}, // there are no keys, so it is a 404 page
		{"/nowhere", site, "no-store"},
		{static.URL("css/site.css"), site, "public, max-age=31536000, immutable"},
	} {
		for _, headers := range [][]string{nil, {"Cookie", cookie}} {
			resp := s.get(test.target, headers...)
			wantHeader(t, resp, "Content-Security-Policy", test.policy)
			wantHeader(t, resp, "Cache-Control", test.cache)
			referrer := "strict-origin"
			if test.policy == "" {
				referrer = ""
			}
			wantHeader(t, resp, "Referrer-Policy", referrer)
			wantHeader(t, resp, "X-Content-Type-Options", "nosniff")
			wantHeader(t, resp, "Strict-Transport-Security", "max-age=31536000")
			robots := ""
			if test.policy == login || test.target == "/logout" {
				robots = "noindex"
			}
			wantHeader(t, resp, "X-Robots-Tag", robots)
		}
	}
	// The header is for a whole host name, and for all its ports.
	for _, shared := range []helpcenter.Origin{
		"http://sso.example.com", "https://localhost", "https://sso.localhost", "https://192.0.2.1", "https://[2001:db8::1]",
		"https://sso.example.com:8443", "https://[2001:db8::1]:8443", "http://localhost:8080",
	} {
		wantHeader(t, newSite(t, withOwn(shared)).get("/"), "Strict-Transport-Security", "")
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s := newSite(t)
	resp := s.get("//evil.test/")
	wantStatus(t, resp, http.StatusNotFound)
	page := body(t, resp)
	if strings.Contains(page, "evil") {
		t.Errorf("the page repeats the path: %s", page)
	}
	wantContains(t, s.log.String(), fmt.Sprintf("path=//evil.test/ status=404 bytes=%d ", len(page)))
	resp = s.do("PUT", "/login/status", nil)
	wantStatus(t, resp, http.StatusMethodNotAllowed)
	wantHeader(t, resp, "Allow", "GET, HEAD, OPTIONS")
	resp = s.do("DELETE", "/login", nil)
	wantStatus(t, resp, http.StatusMethodNotAllowed)
	wantHeader(t, resp, "Allow", "GET, HEAD, POST")
	wantStatus(t, s.do("FOO", "/nowhere", nil), http.StatusNotFound)
	resp = s.do("FOO", "/logout", nil)
	wantStatus(t, resp, http.StatusMethodNotAllowed)
	wantHeader(t, resp, "Allow", "GET, HEAD, POST")
	// chi matches the escaped path.
	resp = newSite(t, withLinksAPI).get("/v1/members/a%2Fb/sessions")
	wantStatus(t, resp, http.StatusMethodNotAllowed)
	wantHeader(t, resp, "Allow", "DELETE")
	for _, want := range []string{"path=/login/status status=405", "path=/login status=405"} {
		wantContains(t, s.log.String(), want)
	}
}

func TestBadBodiesAreAPage(t *testing.T) {
	s := newSite(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	wantStatus(t, s.do("POST", "/login", strings.NewReader("usercode="+strings.Repeat("a", 65<<10)), form...), http.StatusRequestEntityTooLarge)
	wantStatus(t, s.do("POST", "/login", strings.NewReader("usercode=%zz"), form...), http.StatusBadRequest)
	wantStatus(t, s.do("POST", "/login", strings.NewReader(`{"usercode":"minji"}`), "Content-Type", "application/json"), http.StatusUnauthorized)
}

func TestTheLanguageIsChosenThenRemembered(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		target, cookie, accept, want string
	}{
		{"/", "", "", "ko"},
		{"/", "", "ja,en;q=0.5", "ja"},
		{"/", "", "fr", "ko"},
		{"/", "ocsso_lang=en", "ja", "en"},
		{"/", "ocsso_lang=xx", "ja", "ja"},
		{"/?lang=zh", "ocsso_lang=en", "ja", "zh-Hans"},
		{"/?lang=xx", "", "ja", "ja"},
	} {
		resp := s.get(test.target, "Cookie", test.cookie, "Accept-Language", test.accept)
		wantContains(t, body(t, resp), `<html lang="`+test.want+`">`)
		if chosen := len(resp.Cookies()) == 1; chosen != (test.target == "/?lang=zh") {
			t.Errorf("%s: got cookies %v", test.target, resp.Cookies())
		}
	}
	wantHeader(t, s.get("/?lang=en"), "Set-Cookie", "ocsso_lang=en; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax")
}

// TestPagesAreTheCustomersOwn follows every file that the pages of a brand name.
func TestPagesAreTheCustomersOwn(t *testing.T) {
	branded := func(brand web.Brand, base string) option {
		return func(p *parts) { p.settings.Brand, p.settings.BasePath = brand, base }
	}
	for name, test := range map[string]struct {
		brand  web.Brand
		base   string
		images string
	}{
		"ours":                {web.Brand{}, "", "'self'"},
		"a base path":         {web.Brand{}, "/oc-sso", "'self'"},
		"a logo and a colour": {web.Brand{Look: static.Look{Accent: "#0064ff", LogoName: "logo.webp", Logo: []byte("picture")}}, "/oc-sso", "'self'"},
		"a logo elsewhere":    {web.Brand{LogoURL: "https://cdn.example.com:8443/logo.svg?v=2"}, "", "'self' https://cdn.example.com:8443"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, branded(test.brand, test.base))
			resp := s.get(test.base + "/login")
			page := body(t, resp)
			wantContains(t, resp.Header.Get("Content-Security-Policy"), "; img-src "+test.images+"; ")
			if test.brand.LogoURL != "" {
				wantContains(t, page, `<img src="`+test.brand.LogoURL, `rel="icon" href="`+test.brand.LogoURL)
			}
			for _, found := range regexp.MustCompile(` (?:src|href)="(/[^"]*/?static/[^"]*)"`).FindAllStringSubmatch(page, -1) {
				wantStatus(t, s.get(found[1]), http.StatusOK)
			}
			for _, icon := range []string{"/favicon.ico", "/apple-touch-icon.png"} {
				resp := s.get(test.base + icon)
				wantStatus(t, resp, http.StatusFound)
				resp = s.get(resp.Header.Get("Location"))
				wantStatus(t, resp, http.StatusOK)
				wantHeader(t, resp, "Content-Type", "image/png")
			}
		})
	}
}

func TestTheLoginSaysWhereItLeads(t *testing.T) {
	s := newSite(t, func(p *parts) { p.settings.Brand.SiteName = "Acme" })
	text := i18n.For(i18n.KO)
	for target, want := range map[string]string{
		"/login": text.LoginLeads("Acme"), loginAt("/login", inquiry): text.LoginLeads("Acme"), loginAt("/login", own+"/"): text.LoginTextHere,
	} {
		wantContains(t, body(t, s.get(target)), "<p>"+want+"</p>")
	}
}

func TestAPanicIsAPageWithTheRequestsID(t *testing.T) {
	store := newTestStore()
	store.fails = func(string, string) error { panic("secret cause") }
	s := newSite(t, withStore(store))
	for _, target := range []string{"/login/status", "/login"} {
		// A cookie that we signed, so that the store is read.
		resp := s.get(target, "Cookie", newSite(t).logIn(minji), "Origin", center)
		wantStatus(t, resp, http.StatusInternalServerError)
		page := body(t, resp)
		wantContains(t, page, resp.Header.Get("X-Request-Id"))
		if strings.Contains(page, "secret cause") || !strings.Contains(s.log.String(), "secret cause") {
			t.Error("want the cause in the log and not in the page")
		}
		if target == "/login/status" {
			wantReadableBy(t, resp, center)
		}
	}
}

func TestHealth(t *testing.T) {
	var stopping error
	ready := func(strict bool) (string, error) {
		if strict {
			return "", errors.New("store: connection refused")
		}
		return "ready\nstore: connection refused", stopping
	}
	admin := web.NewAdmin(slog.New(slog.DiscardHandler), metrics.New("v1.2.3"), ready, web.SetupSettings{}, nil)
	get := func(path string, status int, want string) {
		t.Helper()
		w := httptest.NewRecorder()
		admin.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if got := w.Body.String(); w.Code != status || got != want+"\n" {
			t.Errorf("%s: got %d %q, want %d %q", path, w.Code, got, status, want)
		}
	}
	get("/healthz", http.StatusOK, "ok")
	get("/readyz", http.StatusOK, "ready\nstore: connection refused")
	get("/readyz?store=strict", http.StatusServiceUnavailable, "store: connection refused")
	get("/readyz?store=stict", http.StatusBadRequest, "store can only be strict: /readyz?store=strict")
	stopping = errors.New("stopping")
	get("/healthz", http.StatusOK, "ok")
	get("/readyz", http.StatusServiceUnavailable, "stopping")

	w := httptest.NewRecorder()
	admin.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	wantContains(t, w.Body.String(), `ocsso_build_info{version="v1.2.3"} 1`)
}

func TestTheMetricsCountAWholeFlowAndNameNobody(t *testing.T) {
	store := newTestStore()
	s := newSite(t, withStore(store), limited(1000, 2), answering(t, 200, `{"header":{"resultCode":9001,"isSuccessful":false}}`))
	s.post("/login", url.Values{"usercode": {"minji"}, "password": {"wrong"}})
	cookie := s.logIn(minji)
	s.post("/login", url.Values{"usercode": {"minji"}, "password": {"wrong"}})
	right(s, "minji")
	issued := s.issue(cookie)
	for range 3 {
		s.get("/login/form", "Cookie", cookie)
	}
	s.get("/login/api?returnUrl="+url.QueryEscape(own+"/"), "Cookie", cookie) // no handoff
	s.get("/login/status", "Cookie", cookie)
	s.get("/login/status")
	s.get("/token/verify?usercode=minji&token=" + url.QueryEscape(issued))
	store.fails = onFire
	s.get("/login/status", "Cookie", cookie)
	store.fails = nil
	s.get("/login/api?continue=1", "Cookie", cookie)

	page := scrape(s)
	wantContains(t, page,
		`ocsso_logins_total{outcome="refused"} 2`, `ocsso_logins_total{outcome="ok"} 1`, `ocsso_logins_total{outcome="held_back"} 1`,
		`ocsso_handoffs_total{outcome="sent",way="form"} 2`, `ocsso_handoffs_total{outcome="loop",way="form"} 2`, `ocsso_handoffs_total{outcome="failed",way="api"} 1`,
		`ocsso_remote_login_seconds_count{code="9001"} 1`,
		`ocsso_status_answers_total{answer="true",by="cookie"} 1`, `ocsso_status_answers_total{answer="false",by="none"} 1`, `ocsso_status_answers_total{answer="unavailable",by="none"} 1`,
		`ocsso_verify_answers_total{answer="true"} 1`,
	)
	if strings.Contains(page, "minji") {
		t.Error("the metrics name a member")
	}
}

func TestRequestsAreMeasuredByRouteAndNeverByPath(t *testing.T) {
	s := newSite(t)
	for _, request := range [][2]string{
		{"GET", "/"}, {"GET", "/login/status"}, {"GET", "/login/status/"}, {"GET", "/token/verify?usercode=minji&token=x"},
		{"HEAD", "/login"}, {"GET", "/minji"}, {"GET", "/minji/2"}, {"MINJI", "/login"}, {"MINJI", "/minji"}, {"DELETE", "/login"},
		{"GET", "/static/minji.css"}, {"OPTIONS", "/login/status"},
	} {
		s.do(request[0], request[1], nil)
	}
	page := scrape(s)
	wantContains(t, page,
		`ocsso_request_seconds_count{route="GET /",status="200"} 1`,
		`ocsso_request_seconds_count{route="GET /login/status",status="200"} 2`,
		`ocsso_request_seconds_count{route="GET /token/verify",status="200"} 1`,
		`ocsso_request_seconds_count{route="HEAD /login",status="200"} 1`,
		`ocsso_request_seconds_count{route="GET /static/*",status="404"} 1`,
		`ocsso_request_seconds_count{route="other",status="404"} 3`,
		`ocsso_request_seconds_count{route="other",status="405"} 2`,
	)
	if strings.Contains(strings.ToLower(page), "minji") {
		t.Errorf("the metrics have what was asked for:\n%s", page)
	}
}

// countedSeries are the counters that have a value.
func countedSeries(counts *metrics.Metrics) []string {
	return regexp.MustCompile(`(?m)^ocsso_\w+_total\{[^}]*\}`).FindAllString(scraped(counts), -1)
}

// wantAllSeriesFromTheStart checks that nothing was counted under a name that has no zero before.
func wantAllSeriesFromTheStart(t testing.TB, counts *metrics.Metrics) {
	t.Helper()
	start := countedSeries(metrics.New(""))
	for _, series := range countedSeries(counts) {
		if !slices.Contains(start, series) {
			t.Errorf("%s has no series at zero from the start", series)
		}
	}
}

// TestTheLogHasNoSecrets runs a whole flow and reads its log.
func TestTheLogHasNoSecrets(t *testing.T) {
	s := newSite(t)
	s.post("/login", url.Values{"usercode": {"minji"}, "password": {"wrong " + password}})
	cookie := s.logIn(minji)
	token := s.issue(cookie)
	for _, target := range []string{"/", "/help", "/help/ticket", "/login/api", loginAt("/login", inquiry), "/login?returnUrl=" + url.QueryEscape("https://evil.test/?email="+minji.Email),
		"/login/status?usercode=minji&token=" + url.QueryEscape(token), "/token/verify?usercode=minji&token=" + url.QueryEscape(token) + "&email=" + minji.Email} {
		s.get(target, "Cookie", cookie, "Origin", center)
	}
	s.post("/logout", nil, "Cookie", cookie)
	log := s.log.String()
	if !strings.Contains(log, "path=/login/api") || !strings.Contains(log, "unreachable") {
		t.Fatalf("got a log without the flow: %s", log)
	}
	if strings.Contains(log, "path=/login/status") || strings.Contains(log, "path=/token/verify") {
		t.Errorf("got calls of the help center logged, want them counted alone: %s", log)
	}
	for _, secret := range []string{password, key, token, url.QueryEscape(token), strings.TrimPrefix(cookie, "__Host-ocsso="), minji.Email, url.QueryEscape(minji.Email), minji.Phone, minji.UserName} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
}

func withBasePath(base string) option { return func(p *parts) { p.settings.BasePath = base } }

// local are the URLs in a page that stay on this host.
var local = regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`)

// TestEverythingIsBelowTheBasePath: this server shares its host with the customer's site.
func TestEverythingIsBelowTheBasePath(t *testing.T) {
	const base = "/oc-sso"
	s := newSite(t, withBasePath(base))
	wantBelow := func(target string, resp *http.Response) {
		t.Helper()
		if to := resp.Header.Get("Location"); to != "" && !strings.HasPrefix(to, base+"/") && !strings.HasPrefix(to, own+base) && !strings.HasPrefix(to, center) {
			t.Errorf("%s: leads to %s", target, to)
		}
		for _, found := range local.FindAllStringSubmatch(body(t, resp), -1) {
			to := unescape(found[1])
			if !strings.HasPrefix(to, base+"/") {
				t.Errorf("%s: has a link to %s", target, to)
			}
			if strings.HasPrefix(to, base+"/static/") {
				wantStatus(t, s.get(to), http.StatusOK)
			}
		}
	}
	resp := s.post(base+"/login", url.Values{"usercode": {"minji"}, "password": {password}})
	wantHeader(t, resp, "Location", base+"/login?loggedIn=1")
	cookies := []string{"", cookieOf(t, resp)}
	for _, cookie := range cookies {
		for _, target := range []string{
			base, base + "/", base + "/help", base + "/help/ticket", base + "/login", base + "/login/form", base + "/logout",
			base + "/nowhere", base + "/login?returnUrl=" + url.QueryEscape("https://evil.test/"), base + "/login?loggedIn=1",
			base + loginAt("/login", own+base+"/help"),
		} {
			resp := s.get(target, "Cookie", cookie)
			if resp.StatusCode == http.StatusNotFound && target != base+"/nowhere" {
				t.Errorf("%s: got 404", target)
			}
			wantBelow(target, resp)
		}
	}
	wantBelow("a refused login", s.post(base+"/login", url.Values{"usercode": {"minji"}, "password": {"wrong"}}))
	wantState(t, s.get(base+"/login/status", "Cookie", cookies[1]), "minji")
	wantBelow("a logout", s.post(base+"/logout", nil, "Cookie", cookies[1]))

	for _, elsewhere := range []string{"/", "/login", "/oc-ssologin", "/oc-sso-login", "/login/status", "/OC-SSO/login", "/static/"} {
		resp := s.get(elsewhere)
		wantStatus(t, resp, http.StatusNotFound)
		if resp.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: got no policy", elsewhere)
		}
	}
	// The header is for the whole host, and the customer's site may have pages over http.
	wantHeader(t, s.get(base+"/"), "Strict-Transport-Security", "")
}

// TestWaysBackAreBelowTheBasePath: the rest of the host is the customer's site.
func TestWaysBackAreBelowTheBasePath(t *testing.T) {
	s := newSite(t, withBasePath("/oc-sso"), func(p *parts) {
		p.settings.ReturnOrigins = []helpcenter.Origin{"https://shop.example.com"}
	})
	cookie := cookieOf(t, s.post("/oc-sso/login", url.Values{"usercode": {"minji"}, "password": {password}}))
	for to, want := range map[string]int{
		own + "/oc-sso":                        http.StatusSeeOther,
		own + "/oc-sso/help":                   http.StatusSeeOther,
		own + "/oc-sso?a=1":                    http.StatusSeeOther,
		"https://shop.example.com/orders?id=1": http.StatusSeeOther,
		own + "/":                              http.StatusBadRequest,
		own + "/oc-ssox":                       http.StatusBadRequest,
		"https://shop.example.com.evil.test/":  http.StatusBadRequest,
		"https://shop.example.com:8443/":       http.StatusBadRequest,
	} {
		resp := s.get("/oc-sso"+loginAt("/login", to), "Cookie", cookie)
		if location := resp.Header.Get("Location"); resp.StatusCode != want || want == http.StatusSeeOther && !strings.HasPrefix(location, strings.SplitN(to, "?", 2)[0]) {
			t.Errorf("%s: got %d to %q, want %d", to, resp.StatusCode, location, want)
		}
	}
	// Malformed below the base path leads to the help center's home, and so does no escape from it.
	resp := s.get("/oc-sso"+loginAt("/login", own+"/oc-sso/../admin"), "Cookie", cookie)
	wantStatus(t, resp, http.StatusOK)
	handoffForm(t, resp)
}
