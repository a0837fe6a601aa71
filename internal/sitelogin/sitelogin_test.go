package sitelogin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ocsso/internal/member"
	"ocsso/internal/sitelogin"
)

var fields = member.Names{
	UserCode: "user.id", UserName: "user.name", Email: "email", Phone: "phone",
	Guests: member.Guests{"0", "anonymousUser"},
}

// newClient asks a site with this handler, which answers 401 without a cookie. It passes on the
// cookies sid and remember.
func newClient(t *testing.T, handler http.HandlerFunc) *sitelogin.Client {
	t.Helper()
	return newClientAt(newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		} else {
			handler(w, r)
		}
	}))
}

func newClientAt(site string) *sitelogin.Client {
	return sitelogin.New(sitelogin.Options{
		URL: site + "/whoami?format=json", Cookies: []string{"sid", "remember"}, Fields: fields, Timeout: time.Second,
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
	r.Header.Set("User-Agent", "Whale/4.0 (김)")
	r.Header.Set("X-Forwarded-For", "198.51.100.1") // whose address the server has made of it
	source := client.Source(r, netip.MustParseAddr("203.0.113.7"), sitelogin.Login)
	got, err := client.Ask(t.Context(), source, sitelogin.Login, "request-1")
	if want := (member.Member{UserCode: "1234567890123456789", UserName: "김민지"}); err != nil || got.Member != want {
		t.Errorf("got %+v, %v, want %+v", got.Member, err, want)
	}
	for name, want := range map[string]string{
		"Cookie": `sid="a b"; sid=second; remember=a=b%3D`, "Accept": "application/json", "X-Ocsso-Purpose": "login",
		"X-Request-Id": "request-1", "Authorization": "", "User-Agent": "Whale/4.0 (김)", "X-Forwarded-For": "203.0.113.7",
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
		"forbidden by PHP":      {typed(403, "text/html; charset=UTF-8", " \n"), sitelogin.ErrLoggedOut},
		"forbidden in JSON":     {typed(403, "application/json", `{"login":false}`), sitelogin.ErrLoggedOut},
		"forbidden in a word":   {typed(403, "text/plain", "Forbidden"), sitelogin.ErrLoggedOut},
		"a firewall":            {typed(403, "text/html", "<h1>Request blocked</h1>"), sitelogin.ErrUnavailable},
		"an old firewall":       {typed(403, "TEXT/HTML ;charset=euc-kr", "<h1>Request blocked</h1>"), sitelogin.ErrUnavailable},
		"a firewall of XHTML":   {typed(403, "application/xhtml+xml", "<html/>"), sitelogin.ErrUnavailable},
		"a firewall of no type": {answering(403, "<!DOCTYPE html><h1>Request blocked</h1>"), sitelogin.ErrUnavailable},
		"a store of files":      {typed(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"), sitelogin.ErrUnavailable},
		"no content":            {answering(204, ""), sitelogin.ErrLoggedOut},
		"no usercode":           {answering(200, `{"user":{}}`), sitelogin.ErrLoggedOut},
		"null":                  {answering(200, `null`), sitelogin.ErrLoggedOut},
		"a usercode of null":    {answering(200, `{"user":{"id":null}}`), sitelogin.ErrLoggedOut},
		"a usercode of false":   {answering(200, `{"user":{"id":false}}`), sitelogin.ErrLoggedOut},
		"a number of nobody":    {answering(200, `{"user":{"id":0}}`), member.ErrGuest},
		"a text of nobody":      {answering(200, `{"user":{"id":"anonymousUser"}}`), member.ErrGuest},
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
			got, err := newClient(t, test.answer).Ask(t.Context(), "sid=x", sitelogin.Login, "")
			if !errors.Is(err, test.want) || (err == nil) != (got.Member.UserCode == "minji") {
				t.Errorf("got %+v, %v, want %v", got.Member, err, test.want)
			}
			if err != nil && (strings.Contains(err.Error(), "minji") || strings.Contains(err.Error(), "sid=x")) {
				t.Errorf("the error shows what was sent: %v", err)
			}
		})
	}
}

// TestASiteThatNamesAMemberToEverybodyIsOutOfOrder, until it doesn't: a cache in front of it, say.
func TestASiteThatNamesAMemberToEverybodyIsOutOfOrder(t *testing.T) {
	for name, test := range map[string]struct {
		anonymous   http.HandlerFunc
		check, want error
	}{
		"a member":          {answering(200, `{"user":{"id":"somebody"}}`), sitelogin.ErrAnyone, sitelogin.ErrAnyone},
		"nobody":            {answering(200, `{}`), nil, nil},
		"a value of nobody": {answering(200, `{"user":{"id":"anonymousUser"}}`), nil, nil},
		"its login page":    {answering(302, ""), nil, nil},
		"a crash":           {answering(500, ""), nil, nil},
		"not up yet":        {answering(503, ""), sitelogin.ErrUnavailable, sitelogin.ErrUnavailable},
	} {
		anonymous := test.anonymous
		client := newClientAt(newServer(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Cookie") == "" {
				anonymous(w, r)
			} else {
				answering(200, `{"user":{"id":"minji"}}`)(w, r)
			}
		}))
		if err := client.Check(t.Context()); !errors.Is(err, test.check) {
			t.Errorf("%s: at the start: got %v, want %v", name, err, test.check)
		}
		if who, err := client.Ask(t.Context(), "sid=x", sitelogin.Login, ""); !errors.Is(err, test.want) || (err == nil) != (who.Member.UserCode == "minji") {
			t.Errorf("%s: got %+v, %v, want %v", name, who, err, test.want)
		}
		anonymous = answering(401, "")
		if _, err := client.Ask(t.Context(), "sid=x", sitelogin.Login, ""); err != nil {
			t.Errorf("%s: mended: got %v", name, err)
		}
		anonymous = answering(200, `{"user":{"id":"somebody"}}`) // asked at the start alone
		if _, err := client.Ask(t.Context(), "sid=x", sitelogin.Login, ""); err != nil {
			t.Errorf("%s: later: got %v", name, err)
		}
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
}

// typed answers with a Content-Type of its own.
func typed(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

// TestLargeCookies: a session that is in the cookie itself may take several.
func TestLargeCookies(t *testing.T) {
	client := newClient(t, answering(200, `{"user":{"id":"minji"}}`))
	for size, want := range map[int]string{9000: "", 16380: "", 16381: "the browser's cookies for it have 16385 bytes, of at most 16384"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "sid="+strings.Repeat("x", size))
		_, err := client.Ask(t.Context(), client.Source(r, netip.Addr{}, sitelogin.Login), sitelogin.Login, "")
		if (err == nil) != (want == "") || err != nil && (!errors.Is(err, sitelogin.ErrUnavailable) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d bytes: got %v, want %q", size, err, want)
		}
	}
}

// TestACookieThatLogsInByItselfIsUsedOnce: a site takes the second use of one for a theft, and logs
// the member out everywhere.
func TestACookieThatLogsInByItselfIsUsedOnce(t *testing.T) {
	for _, name := range []string{
		"remember", "remember-me", "REMEMBERME", "remember_web_59ba36addc2b2f94", "remember_user_token", "auto_login", "keepMeSignedIn",
		"persistent_login", "stay-logged-in",
	} {
		client := sitelogin.New(sitelogin.Options{Cookies: []string{"sid", "route", name}})
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "route=a; "+name+"=first")
		login := client.Source(r, netip.MustParseAddr("203.0.113.7"), sitelogin.Login)
		if got, want := sitelogin.Cookies(login), "route=a; "+name+"=first"; got != want {
			t.Errorf("at a login: got %q, want %q", got, want)
		}
		if got := sitelogin.Cookies(client.Source(r, netip.Addr{}, sitelogin.Recheck)); got != "route=a" {
			t.Errorf("at a recheck: got %q, want no %s", got, name)
		}
		answer := sitelogin.Answer{SetCookie: []string{"sid=new; Path=/; HttpOnly", name + "=second; Max-Age=1209600"}}
		if got, want := client.RecheckSource(login, answer), strings.Replace(login, name+"=first", "sid=new", 1); got != want {
			t.Errorf("after a login: got %q, want %q", got, want)
		}
	}
}

func TestWhatTheAnswerChangesOfTheCookies(t *testing.T) {
	for set, want := range map[string]string{
		"sid=new":                        "route=a; sid=new",
		"sid=new; Domain=example.com":    "route=a; sid=new",
		"sid=; Max-Age=0":                "route=a",
		"sid=gone; Max-Age=0; Path=/":    "route=a",
		"SID=other":                      "sid=old; route=a", // not passed on
		"tracking=x; Path=/":             "sid=old; route=a",
		"route=b; Path=/; SameSite=None": "sid=old; route=b",
	} {
		client := sitelogin.New(sitelogin.Options{URL: newServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", set)
			w.WriteHeader(401)
		}), Cookies: []string{"sid", "route"}, Fields: fields, Timeout: time.Second})
		answer, err := client.Ask(t.Context(), "sid=old; route=a", sitelogin.Login, "")
		if !errors.Is(err, sitelogin.ErrLoggedOut) {
			t.Errorf("got %v", err)
		}
		if got := client.RecheckSource("sid=old; route=a", answer); got != want {
			t.Errorf("%s: got %q, want %q", set, got, want)
		}
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
