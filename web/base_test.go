package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ocsso/internal/helpcenter"
)

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
