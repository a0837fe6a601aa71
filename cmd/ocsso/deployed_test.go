package main

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ocsso/internal/config"
	"ocsso/internal/session"
)

// with puts a variable in the environment.
func (s settings) with(name, value string) settings {
	s.environment[name] = value
	return s
}

// load reads the settings as serve does.
func (s settings) load(t *testing.T) config.Config {
	t.Helper()
	cfg, err := configFile(s.file).load(terminal{lookupEnv: (&environment{values: s.environment}).lookup})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// A deployed is what serve serves, without listeners: requests are calls, so that the clock may be a bubble's.
type deployed struct {
	t       *testing.T
	handler http.Handler
	from    string       // where requests come from, as host:port
	header  http.Header  // of every request
	cookie  *http.Cookie // of the session; nil before the login
}

// deploy puts the settings in place until the test ends.
func (s settings) deploy(t *testing.T) *deployed {
	t.Helper()
	running, err := deploy(t.Context(), s.load(t), slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.close)
	return &deployed{t: t, handler: running, from: "192.0.2.1:40000", header: http.Header{}}
}

// do makes one request. A nil form has no body.
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
	d.handler.ServeHTTP(recorder, req)
	for _, cookie := range recorder.Result().Cookies() {
		if cookie.Name == session.CookieName {
			d.cookie = cookie
		}
	}
	return recorder
}

// try logs in with a wrong password and returns the status.
func (d *deployed) try(usercode string) int {
	d.t.Helper()
	return d.do("POST", "/login", url.Values{"usercode": {usercode}, "password": {"wrong"}}).Code
}

func (d *deployed) logIn(usercode string) {
	d.t.Helper()
	form := url.Values{"usercode": {usercode}, "password": {testPassword}}
	if got := d.do("POST", "/login", form).Code; got != http.StatusSeeOther {
		d.t.Fatalf("log in: got %d, want 303", got)
	}
}

// wantStatus asks whether the visitor is logged in.
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

// handOff returns the form that takes the visitor, who is logged in, to the page of the help center; "" for the default one.
func (d *deployed) handOff(returnURL string) (action string, fields map[string]string) {
	d.t.Helper()
	query := url.Values{}
	if returnURL != "" {
		query.Set("returnUrl", returnURL)
	}
	page := d.do("GET", "/login?"+query.Encode(), nil)
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
