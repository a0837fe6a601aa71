package web_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
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
		`{"usercode":"minji"}`:                                        "/hangame/hc/?usercode=minji&username=",
		`{"usercode":"minji","page":"home"}`:                          "/hangame/hc/?usercode=minji&username=",
		`{"usercode":"minji","page":"ticket","service":"second"}`:     "/second/hc/ticket/?usercode=minji&",
		`{"usercode":"minji","page":"tickets","service":"hangame"}`:   "/hangame/hc/ticket/list/?usercode=minji&",
		`{"usercode":"minji","page":"tickets","app":true}`:            "/hangame/hc/ticket/list/?from=app&usercode=minji&",
		`{"usercode":"minji","app":false}`:                            "/hangame/hc/?usercode=minji&",
		`{"usercode":"minji","page":"ticket","addition_id":"주문 7&x"}`: "/hangame/hc/ticket/?additionId=%EC%A3%BC%EB%AC%B8%207%26x&usercode=minji&",
		`{"usercode":"minji","path":"hc/article/12?page=2"}`:          "/hangame/hc/article/12?page=2&usercode=minji&",
		`{"usercode":"minji","path":"/hc/ticket/?token=old&additionId=1","service":"second","app":true,"addition_id":"2"}`: "/second/hc/ticket/?from=app&additionId=2&usercode=minji&",
		`{"usercode":"app-7","email":"seven@example.com"}`:                                                                 "/hangame/hc/?usercode=app-7&email=seven%40example.com&time=",
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
	type answer struct {
		status int
		title  string
	}
	for want, contents := range map[answer][]string{
		{http.StatusBadRequest, "malformed body: it is not one JSON object"}: {
			``, `{`, "\ufeff" + `{"usercode":"minji"}`, `["minji"]`, `"minji"`, `null`, `{"usercode":"minji",}`,
			`{"usercode" "minji"}`, `{usercode:"minji"}`, `usercode=minji`,
		},
		{http.StatusOK, "url"}: {`{"usercode":"minji"} `},
		{http.StatusBadRequest, "malformed body: something follows the JSON object"}: {
			`{"usercode":"minji"}{"usercode":"ara"}`, `{"usercode":"minji"}}`, `{"usercode":"minji"} x`,
		},
		{http.StatusBadRequest, "malformed body: usercode is there twice"}: {
			`{"usercode":"ara","usercode":"minji"}`, `{"usercode":"ara","\u0075sercode":"m"}`,
		},
		{http.StatusBadRequest, "malformed body: write the key usercode in lower case"}: {
			`{"UserCode":"minji"}`, `{"USERCODE":"a","usercode":"minji"}`,
		},
		{http.StatusBadRequest, "malformed body: it has an unknown key; known are addition_id, app, email, memberno,"}: {
			`{"user":"minji"}`,
		},
		{http.StatusBadRequest, "malformed body: app is neither true nor false"}: {
			`{"usercode":"minji","app":"true"}`, `{"usercode":"minji","app":1}`,
			`{"usercode":"minji","app":null}`,
		},
		{http.StatusBadRequest, "malformed body: phone is not text"}: {`{"usercode":"minji","phone":1012345678}`},
		{http.StatusBadRequest, "malformed body: email is not text"}: {`{"usercode":"minji","email":null}`},
		{http.StatusBadRequest, "malformed body: page is not text"}:  {`{"usercode":"minji","page":["home"]}`},
		{http.StatusBadRequest, "malformed body: usercode is not text"}: {
			`{"usercode":{"id":"minji"}}`, `{"usercode":true}`,
		},
		{http.StatusBadRequest, "malformed body: usercode is missing"}: {
			`{}`, `{"usercode":""}`, `{"usercode":" ","email":"e@x.kr"}`,
		},
		{http.StatusBadRequest, "malformed body: usercode is not valid Unicode"}: {
			`{"usercode":"min\ud800ji"}`, `{"usercode":"min\udc00\ud800ji"}`,
		},
		{http.StatusBadRequest, "malformed body: username is not valid Unicode"}: {
			`{"usercode":"x","username":"` + "\xb1\xe6" + `"}`,
		},
		{http.StatusBadRequest, "page is none of"}:    {`{"usercode":"minji","page":"faq"}`},
		{http.StatusBadRequest, "both page and path"}: {`{"usercode":"minji","page":"home","path":"hc/"}`},
		{http.StatusBadRequest, "path is no page below the service"}: {
			`{"usercode":"minji","path":"../other/hc/"}`, `{"usercode":"minji","path":"hc/%2e%2e/x"}`,
			`{"usercode":"minji","path":"//evil.test/"}`, `{"usercode":"minji","path":"https://evil.test/"}`,
			`{"usercode":"minji","path":"hc/\\evil.test"}`, `{"usercode":"minji","path":"hc/#a"}`,
		},
		{http.StatusBadRequest, "addition_id is not text"}: {`{"usercode":"minji","addition_id":7}`},
		{http.StatusBadRequest, "longer than 2600 bytes"}: {
			`{"usercode":"minji","addition_id":"` + strings.Repeat("a", 3000) + `"}`,
		},
		{http.StatusBadRequest, "service is none of"}: {`{"usercode":"minji","service":"other"}`},
		{http.StatusNotFound, "no such member"}:       {`{"usercode":"nobody"}`},
		{http.StatusUnprocessableEntity, "no email"}: {
			`{"usercode":"simple"}`, `{"usercode":"x","username":"y"}`, `{"usercode":"x","email":"a&b@x.kr"}`,
		},
		{http.StatusUnprocessableEntity, "usercode"}: {
			`{"usercode":"a&b","email":"e@x.kr"}`, `{"usercode":"a&b"}`, `{"usercode":"minji\u0000"}`,
		},
		{http.StatusRequestEntityTooLarge, "too large"}: {`{"usercode":"` + strings.Repeat("a", 70<<10) + `"}`},
	} {
		for _, content := range contents {
			resp := call(s, "POST", "/v1/links", content)
			if want.status != http.StatusOK {
				wantHeader(t, resp, "Content-Type", "application/problem+json")
			}
			got := body(t, resp)
			if resp.StatusCode != want.status || !strings.Contains(got, want.title) {
				t.Errorf("%.40s: got %d %s, want %d and %q", content, resp.StatusCode, got, want.status, want.title)
			}
			for _, word := range []string{"json:", "linkRequest", "Go ", "ara", "offset", "character"} {
				if strings.Contains(got, word) {
					t.Errorf("%.40s: got %s, which says %q", content, got, word)
				}
			}
		}
	}
}

func TestAMemberOfABackendIsSentWithoutWhatTheHelpCenterCantTake(t *testing.T) {
	s := newSite(t, withLinksAPI)
	content := `{"usercode":"app-8","email":"eight@example.com","phone":"` + strings.Repeat("1", 27) +
		`","memberno":"a&b","username":"` + strings.Repeat("가", 60) + `"}`
	resp := call(s, "POST", "/v1/links", content)
	wantStatus(t, resp, http.StatusOK)
	got := body(t, resp)
	want := center + "/hangame/hc/?usercode=app-8&username=" + strings.Repeat("%EA%B0%80", 50) + "&email=eight%40example.com&time="
	if !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, field := range []string{"phone", "memberno", "username"} {
		if log := s.log.String(); strings.Count(log, "field="+field) != 1 || strings.Contains(log, "1111111") {
			t.Errorf("the log is %s, want %s once and no value", log, field)
		}
	}
}

func TestTheUserCodeInAPathIsChecked(t *testing.T) {
	s := newSite(t, withLinksAPI)
	for path, want := range map[string]int{
		"/v1/members//sessions":                                http.StatusBadRequest,
		"/v1/members/%20/sessions":                             http.StatusBadRequest,
		"/v1/members/%09/sessions":                             http.StatusBadRequest,
		"/v1/members/%E3%80%80/sessions":                       http.StatusBadRequest,
		"/v1/members/a%26b/sessions":                           http.StatusUnprocessableEntity,
		"/v1/members/minji%00/sessions":                        http.StatusUnprocessableEntity,
		"/v1/members/minji%FF/sessions":                        http.StatusUnprocessableEntity,
		"/v1/members/" + strings.Repeat("a", 51) + "/sessions": http.StatusUnprocessableEntity,
	} {
		resp := call(s, "DELETE", path, "")
		wantStatus(t, resp, want)
		wantHeader(t, resp, "Content-Type", "application/problem+json")
		if got := body(t, resp); !strings.Contains(got, "usercode") {
			t.Errorf("%s: got %s, want the usercode in it", path, got)
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
