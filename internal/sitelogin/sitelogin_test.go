package sitelogin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/sitelogin"
)

var fields = member.Names{UserCode: "user.id", UserName: "user.name", Email: "email", Phone: "phone"}

// newClient asks a site with this handler. It passes on the cookies sid and remember.
func newClient(t *testing.T, handler http.HandlerFunc) *sitelogin.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return sitelogin.New(sitelogin.Options{
		URL: server.URL + "/whoami?format=json", Cookies: []string{"sid", "remember"}, Fields: fields, Timeout: time.Second,
	})
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

func TestTheSiteIsAskedWithItsCookiesAlone(t *testing.T) {
	var asked *http.Request
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r
		w.Write([]byte(`{"user":{"id":1234567890123456789,"name":"김민지"},"email":null,"phone":{"home":"1"}}`))
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", `__Host-ocsso=ours; sid="a b"; other=x; SID=y; sid=second; remember=a=b%3D; xsid=z`)
	r.Header.Set("Authorization", "Bearer ours")
	cookies := client.Cookies(r)
	who, err := client.Ask(t.Context(), cookies, sitelogin.Recheck, "request-1")
	if want := (member.Member{UserCode: "1234567890123456789", UserName: "김민지"}); err != nil || who != want {
		t.Errorf("got %+v, %v, want %+v", who, err, want)
	}
	for name, want := range map[string]string{
		"Cookie": `sid="a b"; sid=second; remember=a=b%3D`, "Accept": "application/json", "X-Ocsso-Purpose": "recheck",
		"X-Request-Id": "request-1", "Authorization": "",
	} {
		if got := strings.Join(asked.Header.Values(name), ", "); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if asked.Method != "GET" || asked.URL.String() != "/whoami?format=json" {
		t.Errorf("got %s %s", asked.Method, asked.URL)
	}
}

func TestWhatTheSiteAnswers(t *testing.T) {
	elsewhere := newServer(t, answering(200, `{"user":{"id":"stolen"}}`))
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"logged in":             {answering(200, `{"user":{"id":"minji"}}`), nil},
		"unauthorized":          {answering(401, `{"user":{"id":"minji"}}`), sitelogin.ErrLoggedOut},
		"forbidden":             {answering(403, ""), sitelogin.ErrLoggedOut},
		"no content":            {answering(204, ""), sitelogin.ErrLoggedOut},
		"no usercode":           {answering(200, `{"user":{}}`), sitelogin.ErrLoggedOut},
		"null":                  {answering(200, `null`), sitelogin.ErrLoggedOut},
		"a usercode of null":    {answering(200, `{"user":{"id":null}}`), sitelogin.ErrLoggedOut},
		"an empty usercode":     {answering(200, `{"user":{"id":""}}`), sitelogin.ErrLoggedOut},
		"a path through a text": {answering(200, `{"user":"minji"}`), sitelogin.ErrLoggedOut},
		"not found":             {answering(404, `{"user":{"id":"minji"}}`), sitelogin.ErrUnavailable},
		"an error":              {answering(500, ""), sitelogin.ErrUnavailable},
		"too many requests":     {answering(429, ""), sitelogin.ErrUnavailable},
		"the login page":        {answering(200, `<!DOCTYPE html>`), sitelogin.ErrUnavailable},
		"nothing":               {answering(200, ``), sitelogin.ErrUnavailable},
		"two values":            {answering(200, `{"user":{"id":"a"}} {"user":{"id":"b"}}`), sitelogin.ErrUnavailable},
		"a usercode of true":    {answering(200, `{"user":{"id":true}}`), sitelogin.ErrUnavailable},
		"a list":                {answering(200, `{"user":{"id":["minji"]}}`), sitelogin.ErrUnavailable},
		"a lone surrogate":      {answering(200, `{"user":{"id":"min\ud800ji"}}`), sitelogin.ErrUnavailable},
		"broken UTF-8":          {answering(200, "{\"user\":{\"id\":\"min\xffji\"}}"), sitelogin.ErrUnavailable},
		"too much":              {answering(200, `{"user":{"id":"minji"},"x":"`+strings.Repeat("x", 64<<10)+`"}`), sitelogin.ErrUnavailable},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusFound)
		}, sitelogin.ErrUnavailable},
		"nothing in time": {func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, sitelogin.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, err := newClient(t, test.answer).Ask(t.Context(), "sid=x", sitelogin.Login, "")
			if !errors.Is(err, test.want) || (err == nil) != (who.UserCode == "minji") {
				t.Errorf("got %+v, %v, want %v", who, err, test.want)
			}
			if err != nil && (strings.Contains(err.Error(), "minji") || strings.Contains(err.Error(), "sid=x")) {
				t.Errorf("the error shows what was sent: %v", err)
			}
		})
	}
}

func newServer(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestNobodyIsAskedAboutWithoutCookies(t *testing.T) {
	client := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("the site was asked") })
	if _, err := client.Ask(t.Context(), "", sitelogin.Login, ""); !errors.Is(err, sitelogin.ErrLoggedOut) {
		t.Errorf("got %v, want %v", err, sitelogin.ErrLoggedOut)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sid="+strings.Repeat("x", 9000))
	if got := client.Cookies(r); got != "" {
		t.Errorf("got %d bytes of cookies, want none", len(got))
	}
}

// TestNoCookiesGoToALinkLocalAddress: clouds keep their credentials there.
func TestNoCookiesGoToALinkLocalAddress(t *testing.T) {
	for _, address := range []string{
		"http://169.254.169.254/latest/meta-data", "http://[fe80::1%25lo]/", "http://[::ffff:169.254.169.254]/",
		"http://[fd00:ec2::254]/", "http://0.0.0.0:1/", "http://[::]:1/",
	} {
		client := sitelogin.New(sitelogin.Options{URL: address, Cookies: []string{"sid"}, Fields: fields, Timeout: time.Second})
		_, err := client.Ask(t.Context(), "sid=x", sitelogin.Login, "")
		if !errors.Is(err, sitelogin.ErrUnavailable) || !strings.Contains(err.Error(), "a site is not at such an address") {
			t.Errorf("%s: got %v", address, err)
		}
	}
}
