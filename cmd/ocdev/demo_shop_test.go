package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newDemosShop returns the demo's shop, and the cookie of its member with every field.
func newDemosShop(t *testing.T) (shop *demoShop, cookie string) {
	t.Helper()
	shop = newDemoShop(demoInfo{Site: "http://localhost:8080", Shop: "http://localhost:8070", HelpCenter: "http://127.0.0.1:8090", Service: "demo"})
	resp := post(shop.routes(), "/login", url.Values{"usercode": {"김민지"}, "password": {"spring-1"}}, "")
	cookies := resp.Result().Cookies()
	if resp.Code != http.StatusSeeOther || len(cookies) != 1 {
		t.Fatalf("log in: got %d and %v", resp.Code, cookies)
	}
	return shop, cookies[0].Name + "=" + cookies[0].Value
}

func post(handler http.Handler, target string, form url.Values, cookie string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", cookie)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func get(handler http.Handler, target, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("Cookie", cookie)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestTheDemosShopLeadsOnlyToItsServer(t *testing.T) {
	shop, _ := newDemosShop(t)
	for next, want := range map[string]string{
		"http://localhost:8080/login?returnUrl=x": "http://localhost:8080/login?returnUrl=x",
		"http://localhost:8080.evil.test/":        "/",
		"http://localhost:8080@evil.test/":        "/",
		"http://localhost:80801/":                 "/",
		"//evil.test/":                            "/",
		"javascript:alert(1)":                     "/",
		"":                                        "/",
	} {
		form := url.Values{"usercode": {"simple"}, "password": {"simple-2"}, "next": {next}}
		if got := post(shop.routes(), "/login", form, "").Header().Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestTheDemosShopRefusesWhatOthersPost(t *testing.T) {
	shop, cookie := newDemosShop(t)
	for _, site := range []string{"cross-site", "same-site"} {
		for _, target := range []string{"/login", "/logout"} {
			if got := post(shop.routes(), target, nil, cookie, "Sec-Fetch-Site", site).Code; got != http.StatusForbidden {
				t.Errorf("%s from %s: got %d, want 403", target, site, got)
			}
		}
	}
	wrong := post(shop.routes(), "/login", url.Values{"usercode": {"simple"}, "password": {"spring-1"}}, "")
	if wrong.Code != http.StatusUnauthorized || len(wrong.Result().Cookies()) != 0 {
		t.Errorf("a wrong password: got %d and %v", wrong.Code, wrong.Result().Cookies())
	}
}

func TestTheDemosShopSaysWhoIsLoggedIn(t *testing.T) {
	shop, cookie := newDemosShop(t)
	whoami := func(cookie string) (int, map[string]string) {
		w := get(http.HandlerFunc(shop.whoami), "/whoami", cookie)
		var fields map[string]string
		json.Unmarshal(w.Body.Bytes(), &fields)
		return w.Code, fields
	}
	code, fields := whoami(cookie)
	want := map[string]string{
		"usercode": "김민지", "username": "김민지", "email": "민지@보기.한국", "phone": "010-1234-5678", "memberno": "회원-0001",
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields differ (-want +got):\n%s", diff)
	}
	if code != http.StatusOK {
		t.Errorf("got %d, want 200", code)
	}
	if code, _ := whoami("shop_session=other"); code != http.StatusUnauthorized {
		t.Errorf("another cookie: got %d, want 401", code)
	}
	post(shop.routes(), "/logout", nil, cookie)
	if code, _ := whoami(cookie); code != http.StatusUnauthorized {
		t.Errorf("logged out: got %d, want 401", code)
	}
	if got := get(shop.routes(), "/whoami", cookie).Code; got != http.StatusNotFound {
		t.Errorf("whoami on the shop's own address: got %d, want 404", got)
	}
}

// TestALoginAtTheSiteMeetsTheContractInEachHandoff checks with the login form of the site.
func TestALoginAtTheSiteMeetsTheContractInEachHandoff(t *testing.T) {
	for _, handoff := range []string{"form", "api", "link"} {
		t.Run(handoff, func(t *testing.T) {
			d := startDemo(t, "--handoff", handoff, "--login", "site")
			output, code := checkDemo(t, d, "--also-origin", d.Shop, "--format", "json")
			// The shop's login page lists its members, so it differs for one of them.
			wantContractMet(t, handoff, output, code, "login/same-failure")
		})
	}
}
