package standin_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

const (
	key  = "7cf2828608274a49a3f06152b2188927"
	self = "http://127.0.0.1:8090"
	site = "http://localhost:8080"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// postSettings are the settings of a customer whose members log in on the web.
func postSettings() standin.Settings {
	return standin.Settings{
		Enabled: true, Type: standin.TypePOST, Service: "hangame", OrganizationKey: key,
		LoginURL: site + "/login", LoginStatusURL: site + "/login/status",
	}
}

// center is a help center with a clock that tests can set and a log that they can read.
type center struct {
	*standin.Simulator
	t   *testing.T
	now time.Time
	log bytes.Buffer
}

func newCenter(t *testing.T, settings standin.Settings) *center {
	t.Helper()
	c := &center{t: t, now: noon}
	log := slog.New(slog.NewTextHandler(&c.log, nil))
	s, err := standin.New(log, http.DefaultClient, func() time.Time { return c.now }, settings)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	c.Simulator = s
	return c
}

// events returns the unmasked events, newest first.
func (c *center) events() []standin.Event {
	c.t.Helper()
	return getJSON[[]standin.Event](c.t, c, "/console/api/events?reveal=1")
}

// lastEvent returns the newest event of a kind.
func (c *center) lastEvent(kind standin.Kind) standin.Event {
	c.t.Helper()
	for _, e := range c.events() {
		if e.Kind == kind {
			return e
		}
	}
	c.t.Fatalf("no %s event among %+v", kind, c.events())
	return standin.Event{}
}

func getJSON[T any](t *testing.T, h http.Handler, target string) T {
	t.Helper()
	return decode[T](t, newBrowser(t, h).get(target))
}

// browser keeps cookies and follows no redirects.
type browser struct {
	t       *testing.T
	handler http.Handler
	cookies map[string]*http.Cookie
}

func newBrowser(t *testing.T, h http.Handler) *browser {
	return &browser{t: t, handler: h, cookies: make(map[string]*http.Cookie)}
}

// page is an answer with its body read.
type page struct {
	*http.Response
	text string
}

func (b *browser) get(target string) *page { return b.send(http.MethodGet, target, "", nil) }

func (b *browser) post(target string, form url.Values) *page {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return b.send(http.MethodPost, target, form.Encode(), header)
}

func (b *browser) send(method, target, body string, header http.Header) *page {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(body))
	r.Host = strings.TrimPrefix(self, "http://")
	for name, values := range header {
		r.Header[name] = values
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	answer := w.Result()
	for _, cookie := range answer.Cookies() {
		b.cookies[cookie.Name] = cookie
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return &page{answer, string(text)}
}

// member returns the usercode in a page's data-member; "" for a guest.
func (p *page) member(t *testing.T) string {
	t.Helper()
	_, rest, ok := strings.Cut(p.text, `data-member="`)
	if !ok {
		t.Fatalf("the page has no data-member: %s", p.text)
	}
	usercode, _, _ := strings.Cut(rest, `"`)
	return usercode
}

// handoff makes the valid fields of a handoff at the given time.
func handoff(call signing.Call, at time.Time) url.Values {
	fields := url.Values{
		"service": {"hangame"}, "usercode": {"alice"}, "username": {"홍길동"}, "email": {"alice+1@example.com"},
		"phone": {"010-1234-5678"}, "memberno": {"M-1"}, "time": {strconv.FormatInt(at.UnixMilli(), 10)},
	}
	if call == signing.CallForm {
		fields.Set("returnUrl", self+"/hangame/hc/ticket/")
	}
	sign(call, fields)
	return fields
}

// sign sets the right token.
func sign(call signing.Call, fields url.Values) {
	fields.Set("token", signing.Sign(key, signing.Message(call, signing.ReadFields(fields))))
}

// logIn returns the browser of a member who is logged in.
func logIn(t *testing.T, c *center, usercode string) *browser {
	t.Helper()
	fields := handoff(signing.CallForm, c.now)
	fields.Set("usercode", usercode)
	sign(signing.CallForm, fields)
	b := newBrowser(t, c)
	if answer := b.post("/v2/enduser/remote.json", fields); answer.StatusCode != http.StatusFound {
		t.Fatalf("log in as %s: got %d %s, want 302", usercode, answer.StatusCode, answer.text)
	}
	return b
}

func TestEveryAnswerHasSecurityHeaders(t *testing.T) {
	c := newCenter(t, postSettings())
	for _, target := range []string{"/", "/hangame/hc/", "/hangame/hc/ticket/", "/hangame/hc/ticket/list/", "/console", "/console/api/events", "/nowhere"} {
		answer := newBrowser(t, c).get(target)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "strict-origin",
			"Cache-Control":          "no-store",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("GET %s: %s: got %q, want %q", target, name, got, want)
			}
		}
		policy := answer.Header.Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'; ") {
			t.Errorf("GET %s: Content-Security-Policy: got %q, want nothing unsafe and default-src 'none'", target, policy)
		}
	}
}

func TestOnlyTheCustomersSiteMayFrameTheHelpCenter(t *testing.T) {
	settings := postSettings()
	settings.TokenVerifyURL = "https://verify.example.com:443/v"
	c := newCenter(t, settings)
	tests := []struct{ method, target, want string }{
		{"GET", "/hangame/hc/", "frame-ancestors 'self' http://localhost:8080 https://verify.example.com"},
		{"GET", "/hangame/hc/ticket/", "frame-ancestors 'self' http://localhost:8080 https://verify.example.com"},
		{"GET", "/hangame/hc/ticket/list/", "frame-ancestors 'self' http://localhost:8080 https://verify.example.com"},
		{"POST", "/v2/enduser/remote.json", "frame-ancestors 'self' http://localhost:8080 https://verify.example.com"},
		{"GET", "/", "frame-ancestors 'none'"},
		{"GET", "/console", "frame-ancestors 'none'"},
	}
	for _, test := range tests {
		answer := newBrowser(t, c).send(test.method, test.target, "", nil)
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, test.want) {
			t.Errorf("%s %s: Content-Security-Policy: got %q, want it to end in %q", test.method, test.target, policy, test.want)
		}
	}
}

func TestAPathWithoutItsFinalSlashIsRedirected(t *testing.T) {
	c := newCenter(t, postSettings())
	for target, want := range map[string]string{
		"/hangame/hc?iframe=true":  "/hangame/hc/?iframe=true",
		"/hangame/hc/ticket":       "/hangame/hc/ticket/",
		"/hangame/hc/ticket/list":  "/hangame/hc/ticket/list/",
		"/%2Fevil.example/hc?a=b":  "/evil.example/hc/?a=b",
		"/%ED%9A%8C%EC%9B%90/hc":   "/%ED%9A%8C%EC%9B%90/hc/",
		"/assets/hc":               "/assets/hc/",
		"/console/hc/ticket?x=%2F": "/console/hc/ticket/?x=%2F",
	} {
		answer := newBrowser(t, c).get(target)
		if got := answer.Header.Get("Location"); got != want {
			t.Errorf("GET %s: got Location %q, want %q", target, got, want)
		}
	}
}

func TestPagesAnswerForAnyServiceOfTheContract(t *testing.T) {
	c := newCenter(t, postSettings())
	for service, want := range map[string]int{
		"hangame":               http.StatusOK,
		"other-service":         http.StatusOK,
		"회원":                    http.StatusOK,
		strings.Repeat("s", 50): http.StatusOK,
		strings.Repeat("s", 51): http.StatusNotFound,
		strings.Repeat("😀", 26): http.StatusNotFound, // 52 UTF-16 code units
		"\u3000":                http.StatusNotFound,
		"a/b":                   http.StatusNotFound,
		"assets":                http.StatusOK,
		"<script>":              http.StatusOK,
	} {
		answer := newBrowser(t, c).get("/" + url.PathEscape(service) + "/hc/")
		if answer.StatusCode != want {
			t.Errorf("service %q: got %d, want %d", service, answer.StatusCode, want)
		}
		if strings.Contains(answer.text, "<script>") {
			t.Errorf("service %q: the page has it unescaped", service)
		}
	}
}

func TestTheStartPageLinksTheDefaultService(t *testing.T) {
	c := newCenter(t, postSettings())
	text := newBrowser(t, c).get("/").text
	for _, want := range []string{`href="/hangame/hc/"`, `href="/hangame/hc/ticket/"`, `href="/hangame/hc/ticket/list/"`, `href="/console"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the start page lacks %s", want)
		}
	}
}

func TestStaticFilesAnswerUnderAssets(t *testing.T) {
	c := newCenter(t, postSettings())
	for name, want := range map[string]string{
		"simulator.css": "text/css; charset=utf-8",
		"status.js":     "text/javascript; charset=utf-8",
		"height.js":     "text/javascript; charset=utf-8",
		"favicon.svg":   "image/svg+xml",
	} {
		answer := newBrowser(t, c).get("/assets/" + name)
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != want {
			t.Errorf("GET /assets/%s: got %d %q, want 200 %q", name, answer.StatusCode, got, want)
		}
	}
}

func TestLanguageComesFromTheQueryThenTheCookieThenTheHeader(t *testing.T) {
	c := newCenter(t, postSettings())
	tests := []struct{ name, query, cookie, header, want string }{
		{"nothing", "", "", "", "ko"},
		{"header", "", "", "fr, ko;q=0.5, en;q=0.8", "en"},
		{"header of a region", "", "", "en-GB", "en"},
		{"first of equals", "", "", "en-US,ko", "en"},
		{"invalid header", "", "", ";;q=x,,*;q=NaN,en;q=zero", "ko"},
		{"refused language", "", "", "ko;q=0, en;q=0.1", "en"},
		{"cookie before header", "", "en", "ko", "en"},
		{"query before cookie", "?lang=en", "ko", "ko", "en"},
		{"unknown query", "?lang=fr", "en", "ko", "en"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBrowser(t, c)
			if test.cookie != "" {
				b.cookies["oc_lang"] = &http.Cookie{Name: "oc_lang", Value: test.cookie}
			}
			answer := b.send(http.MethodGet, "/hangame/hc/"+test.query, "", http.Header{"Accept-Language": {test.header}})
			if want := `<html lang="` + test.want + `">`; !strings.Contains(answer.text, want) {
				t.Errorf("the page lacks %s", want)
			}
		})
	}
}

func TestAChosenLanguageIsRemembered(t *testing.T) {
	b := newBrowser(t, newCenter(t, postSettings()))
	b.get("/hangame/hc/?lang=en")
	if text := b.get("/hangame/hc/ticket/").text; !strings.Contains(text, `<html lang="en">`) {
		t.Error("the next page is not in English")
	}
}

func TestTheLogHasNoPersonalDataAndNoSecrets(t *testing.T) {
	c := newCenter(t, postSettings())
	b := logIn(t, c, "alice")
	b.post("/hangame/hc/ticket/", url.Values{"title": {"secret title"}, "content": {"secret content"}})
	fields := handoff(signing.CallAPI, c.now)
	b.get("/hangame/hc/?" + fields.Encode())
	if !strings.Contains(c.log.String(), "help center call") {
		t.Fatalf("the log is empty")
	}
	for _, secret := range []string{key, "alice", "example.com", "010-1234-5678", "홍길동", "M-1", "secret", fields.Get("token")} {
		if strings.Contains(c.log.String(), secret) {
			t.Errorf("the log holds %q: %s", secret, c.log.String())
		}
	}
}

func TestNewNamesEveryInvalidSetting(t *testing.T) {
	_, err := standin.New(slog.New(slog.DiscardHandler), http.DefaultClient, time.Now, standin.Settings{Enabled: true, Type: "PUT", Service: "a/b", TokenVerifyURL: "ftp://x"})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"type: ", "service: ", "token_verify_url: ", "organization_key: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want it to name %q", err, want)
		}
	}
}

func decode[T any](t *testing.T, answer *page) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(answer.text), &value); err != nil {
		t.Fatalf("%q: %v", answer.text, err)
	}
	return value
}

// TestTheConsoleRefusesOtherHostNames tries DNS rebinding: evil.test resolves to this machine.
func TestTheConsoleRefusesOtherHostNames(t *testing.T) {
	s := newCenter(t, postSettings())
	for host, want := range map[string]int{
		"localhost:8090": http.StatusOK, "127.0.0.1:8090": http.StatusOK, "[::1]:8090": http.StatusOK, "192.168.0.7": http.StatusOK, "helpcenter:8090": http.StatusOK,
		"evil.test": http.StatusForbidden, "evil.test:8090": http.StatusForbidden, "127.0.0.1.evil.test": http.StatusForbidden,
	} {
		for _, path := range []string{"/console", "/console/api/settings?reveal=1"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Host = host
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s at %s: got %d, want %d", path, host, w.Code, want)
			}
		}
	}
}
