package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/config"
)

// read reads the settings as serve does.
func (s settings) read() (config.Config, error) {
	return cli.ConfigFile(s.file).Load(cli.Terminal{Environ: s.environment.List})
}

func (s settings) load(t *testing.T) config.Config {
	t.Helper()
	cfg, err := s.read()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// A deployed is a server without listeners. Requests are function calls, so it works with the clock
// of testing/synctest.
type deployed struct {
	*deployment
	settings
	t      *testing.T
	from   string       // the client's address, as host:port
	header http.Header  // of every request
	cookie *http.Cookie // of the session; nil before the login
}

// deploy runs the settings until the test ends.
func (s settings) deploy(t *testing.T) *deployed {
	t.Helper()
	running, err := deploy(t.Context(), s.load(t), slog.New(slog.DiscardHandler), s.read)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.close)
	return &deployed{deployment: running, settings: s, t: t, from: "192.0.2.1:40000", header: http.Header{}}
}

// do makes one request. A nil form sends no body.
func (d *deployed) do(method, target string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	req := httptest.NewRequestWithContext(d.t.Context(), method, target, strings.NewReader(form.Encode()))
	req.RemoteAddr, req.Header = d.from, d.header.Clone()
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if d.cookie != nil {
		req.AddCookie(d.cookie)
	}
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, req)
	for _, cookie := range recorder.Result().Cookies() {
		if isSession(cookie) {
			d.cookie = cookie
		}
	}
	return recorder
}

// try logs in with a wrong password and returns the status.
func (d *deployed) try(usercode string) int {
	d.t.Helper()
	return d.do("POST", "/login", credentials(usercode, "wrong")).Code
}

func (d *deployed) logIn(usercode string) {
	d.t.Helper()
	if got := d.do("POST", "/login", credentials(usercode, testPassword)).Code; got != http.StatusSeeOther {
		d.t.Fatalf("log in: got %d, want 303", got)
	}
}

// wantStatus checks the answer of the login status.
func (d *deployed) wantStatus(want string) {
	d.t.Helper()
	if got := d.do("GET", "/login/status", nil).Body.String(); got != want {
		d.t.Errorf("got %s, want %s", got, want)
	}
}

var (
	formAction = regexp.MustCompile(`<form id="handoff"[^>]* action="([^"]*)"`)
	formField  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// handOff returns the handoff form of the logged-in visitor. An empty returnURL is not sent.
func (d *deployed) handOff(returnURL string) (action string, fields map[string]string) {
	d.t.Helper()
	target := "/login"
	if returnURL != "" {
		target += "?returnUrl=" + url.QueryEscape(returnURL)
	}
	page := d.do("GET", target, nil)
	match := formAction.FindStringSubmatch(page.Body.String())
	if page.Code != http.StatusOK || match == nil {
		d.t.Fatalf("got %d and %s, want a handoff", page.Code, page.Body)
	}
	fields = map[string]string{}
	for _, field := range formField.FindAllStringSubmatch(page.Body.String(), -1) {
		fields[field[1]] = html.UnescapeString(field[2])
	}
	return html.UnescapeString(match[1]), fields
}

// vendorToken is the token of these fields in the order of CONTRACT 3, computed as the
// vendor does: blank ones are left out.
func vendorToken(key string, fields ...string) string {
	fields = slices.DeleteFunc(fields, func(field string) bool { return field == "" })
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strings.Join(fields, "&")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
