package web_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv"
)

const backendKey = "a backend's key"

func withLinksAPI(p *parts) { p.settings.LinkKeys = [][32]byte{{}, sha256.Sum256([]byte(backendKey))} }

// call calls the links API with a key.
func call(s *site, method, target, content string) *http.Response {
	s.t.Helper()
	return s.do(method, target, strings.NewReader(content), "Authorization", "Bearer "+backendKey, "Content-Type", "application/json")
}

func TestABackendGetsALinkForAMember(t *testing.T) {
	s := newSite(t, withLinksAPI)
	for content, want := range map[string]string{
		`{"usercode":"minji"}`:                                      "/hangame/hc/?usercode=minji&username=",
		`{"usercode":"minji","page":"home"}`:                        "/hangame/hc/?usercode=minji&username=",
		`{"usercode":"minji","page":"ticket","service":"second"}`:   "/second/hc/ticket/?usercode=minji&",
		`{"usercode":"minji","page":"tickets","service":"hangame"}`: "/hangame/hc/ticket/list/?usercode=minji&",
		`{"usercode":"app-7","email":"seven@example.com"}`:          "/hangame/hc/?usercode=app-7&email=seven%40example.com&time=",
	} {
		resp := call(s, "POST", "/v1/links", content)
		wantStatus(t, resp, http.StatusOK)
		var link struct {
			URL       string    `json:"url"`
			ExpiresAt time.Time `json:"expires_at"`
		}
		if err := json.Unmarshal([]byte(body(t, resp)), &link); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(link.URL, center+want) || !link.ExpiresAt.After(time.Now()) {
			t.Errorf("%s: got %+v, want %s", content, link, want)
		}
		u, err := url.Parse(link.URL)
		if err != nil {
			t.Fatal(err)
		}
		verify := "/token/verify?" + url.Values{"usercode": {u.Query().Get("usercode")}, "token": {u.Query().Get("token")}}.Encode()
		wantState(t, s.get(verify), u.Query().Get("usercode"))
	}
}

func TestABackendsMistakesAreProblems(t *testing.T) {
	s := newSite(t, withLinksAPI)
	for content, want := range map[string]struct {
		status int
		title  string
	}{
		``:                                       {http.StatusBadRequest, "malformed"},
		`{`:                                      {http.StatusBadRequest, "malformed"},
		`{"user":"minji"}`:                       {http.StatusBadRequest, "unknown field"},
		`{"usercode":"minji","page":"faq"}`:      {http.StatusBadRequest, "page is none of"},
		`{"usercode":"minji","service":"other"}`: {http.StatusBadRequest, "service is none of"},
		`{"usercode":"nobody"}`:                  {http.StatusNotFound, "no such member"},
		`{"usercode":"simple"}`:                  {http.StatusUnprocessableEntity, "no email"},
		`{"usercode":"x","username":"y"}`:        {http.StatusUnprocessableEntity, "no email"},
		`{"usercode":"a&b","email":"e@x.kr"}`:    {http.StatusUnprocessableEntity, "usercode"},
		`{"usercode":"` + strings.Repeat("a", 70<<10) + `"}`: {http.StatusRequestEntityTooLarge, "too large"},
	} {
		resp := call(s, "POST", "/v1/links", content)
		wantHeader(t, resp, "Content-Type", "application/problem+json")
		if got := body(t, resp); resp.StatusCode != want.status || !strings.Contains(got, want.title) {
			t.Errorf("%.40s: got %d %s, want %d and %q", content, resp.StatusCode, got, want.status, want.title)
		}
	}
}

func TestOnlyAKnownKeyOpensTheLinksAPI(t *testing.T) {
	s := newSite(t, withLinksAPI)
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + backendKey, backendKey, "Bearer " + backendKey + " "} {
		for method, target := range map[string]string{"POST": "/v1/links", "DELETE": "/v1/members/minji/sessions"} {
			resp := s.do(method, target, strings.NewReader(`{"usercode":"minji"}`), "Authorization", authorization)
			wantStatus(t, resp, http.StatusUnauthorized)
			wantHeader(t, resp, "WWW-Authenticate", `Bearer realm="ocsso"`)
			wantHeader(t, resp, "Content-Type", "application/problem+json")
		}
	}
	// No keys: no API
	wantStatus(t, call(newSite(t), "POST", "/v1/links", `{"usercode":"minji"}`), http.StatusNotFound)
	if log := s.log.String(); strings.Contains(log, backendKey) {
		t.Errorf("the log has the key: %s", log)
	}
}

func TestABackendEndsAMembersSessionsAndTokens(t *testing.T) {
	s := newSite(t, withLinksAPI)
	first, second, other := s.logIn(minji), s.logIn(minji), s.logIn(simple)
	issued := s.issue(first)
	wantStatus(t, call(s, "DELETE", "/v1/members/minji/sessions", ""), http.StatusNoContent)
	wantState(t, s.get("/login/status", "Cookie", first), "")
	wantState(t, s.get("/login/status", "Cookie", second), "")
	wantState(t, s.get("/login/status", "Cookie", other), "simple")
	wantState(t, s.get("/token/verify?usercode=minji&token="+url.QueryEscape(issued)), "")
	for _, escaped := range []string{"%ED%9A%8C%EC%9B%90", "a%2Fb", "a%20b"} {
		wantStatus(t, call(s, "DELETE", "/v1/members/"+escaped+"/sessions", ""), http.StatusNoContent)
	}
}

func TestTheLinksAPISaysWhenTheStoreIsOutOfOrder(t *testing.T) {
	store := &breakableStore{Store: kv.NewMemory(time.Now, 100_000), broken: true}
	s := newSite(t, withLinksAPI, withStore(store))
	for method, target := range map[string]string{"POST": "/v1/links", "DELETE": "/v1/members/minji/sessions"} {
		resp := call(s, method, target, `{"usercode":"minji"}`)
		wantStatus(t, resp, http.StatusServiceUnavailable)
		wantHeader(t, resp, "Retry-After", "2")
	}
}
