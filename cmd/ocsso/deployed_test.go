package main

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
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

// A deployed is a server without listeners, and one visitor. Requests are function calls, so it
// works with the clock of testing/synctest.
type deployed struct {
	*deployment
	settings
	*visitor
	t *testing.T
}

// deploy runs the settings until the test ends.
func (s settings) deploy(t *testing.T) *deployed {
	t.Helper()
	running, err := deploy(t.Context(), s.load(t), slog.New(slog.DiscardHandler), s.read)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.close)
	v := newVisitor(t, "ara")
	v.http.Transport = inProcess{running}
	return &deployed{running, s, v, t}
}

// inProcess answers requests by calls.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RemoteAddr, r.RequestURI = "192.0.2.1:40000", r.URL.RequestURI()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result(), nil
}

// get asks for a path of the server.
func (d *deployed) get(path string) answer {
	d.t.Helper()
	return d.must(d.t, "GET", d.site+path, nil)
}

func (d *deployed) mustLogIn() {
	d.t.Helper()
	if err := d.logIn(d.site); err != nil {
		d.t.Fatal(err)
	}
}

func (d *deployed) wantStatus(want string) {
	d.t.Helper()
	d.visitor.wantStatus(d.t, d.site, want)
}

// scrape returns what Prometheus gets.
func (d *deployed) scrape() string {
	page := httptest.NewRecorder()
	d.counts.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	return page.Body.String()
}

var (
	formAction = regexp.MustCompile(`<form id="handoff"[^>]* action="([^"]*)"`)
	formField  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// handOff returns the handoff form of the visitor, who has logged in. An empty returnURL is not
// sent.
func (d *deployed) handOff(returnURL string) (action string, fields map[string]string) {
	d.t.Helper()
	target := "/login"
	if returnURL != "" {
		target += "?returnUrl=" + url.QueryEscape(returnURL)
	}
	page := d.get(target)
	match := formAction.FindStringSubmatch(page.body)
	if page.code != http.StatusOK || match == nil {
		d.t.Fatalf("got %d and %s, want a handoff", page.code, page.body)
	}
	fields = map[string]string{}
	for _, field := range formField.FindAllStringSubmatch(page.body, -1) {
		fields[field[1]] = html.UnescapeString(field[2])
	}
	return html.UnescapeString(match[1]), fields
}
