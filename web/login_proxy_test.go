package web_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"ocsso/internal/member"
	"ocsso/web"
)

func withProxyLogin(from string) option {
	return withLogin(web.ProxyLogin{
		From:    []netip.Prefix{netip.MustParsePrefix(from)},
		Headers: member.Names{UserCode: "X-User", UserName: "X-Name", Email: "X-Email", Guests: member.Guests{"guest", "$..."}},
	})
}

func TestAProxysMemberIsLoggedInAndHandedOff(t *testing.T) {
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	who := []string{"X-User", "minji", "X-Name", "김민지", "X-Email", "minji@example.com"}
	resp := s.get(loginAt("/login", inquiry), who...)
	wantStatus(t, resp, http.StatusSeeOther)
	wantHeader(t, resp, "Location", loginAt("/login", inquiry)+"&loggedIn=1")
	session := cookieOf(t, resp)
	_, fields := handoffForm(t, s.get(loginAt("/login", inquiry), append(who, "Cookie", session)...))
	if got := [...]string{fields.Get("usercode"), fields.Get("username"), fields.Get("email")}; got != [...]string{"minji", "김민지", "minji@example.com"} {
		t.Errorf("got %q", got)
	}
	wantState(t, s.get("/login/status", "Cookie", session), "minji")

	// Now the proxy names another member.
	resp = s.get("/login", "X-User", "other", "Cookie", session)
	wantStatus(t, resp, http.StatusSeeOther)
	wantState(t, s.get("/login/status", "Cookie", session), "")
	wantState(t, s.get("/login/status", "Cookie", cookieOf(t, resp)), "other")
}

func TestNobodyElseLogsInByHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		from    string
		headers []string
		status  int
	}{
		"another address":     {"10.0.0.0/8", []string{"X-User", "minji"}, http.StatusForbidden},
		"a forwarded address": {"10.0.0.0/8", []string{"X-User", "minji", "X-Forwarded-For", "10.0.0.1"}, http.StatusForbidden},
		"no header":           {"192.0.2.1/32", nil, http.StatusForbidden},
		"an empty header":     {"192.0.2.1/32", []string{"X-User", ""}, http.StatusForbidden},
		"a bad field":         {"192.0.2.1/32", []string{"X-User", "a&b"}, http.StatusUnprocessableEntity},
		"two headers":         {"192.0.2.1/32", []string{"X-User", "adam", "X-User", "betty"}, http.StatusForbidden},
		"two names":           {"192.0.2.1/32", []string{"X-User", "adam", "X-Name", "a", "X-Name", "b"}, http.StatusForbidden},
		"two, folded":         {"192.0.2.1/32", []string{"X-User", "adam, betty"}, http.StatusForbidden},
		"nginx's nobody":      {"192.0.2.1/32", []string{"X-User", "-"}, http.StatusForbidden},
		"Apache's nobody":     {"192.0.2.1/32", []string{"X-User", "(null)"}, http.StatusForbidden},
		"a value of nobody":   {"192.0.2.1/32", []string{"X-User", "guest", "X-Name", "Guest"}, http.StatusForbidden},
		"nginx's variable":    {"192.0.2.1/32", []string{"X-User", "$remote_user"}, http.StatusForbidden},
		"broken UTF-8":        {"192.0.2.1/32", []string{"X-User", "min\xffji"}, http.StatusUnprocessableEntity},
	} {
		s := newSite(t, withProxyLogin(test.from))
		resp := s.get("/login", test.headers...)
		if resp.StatusCode != test.status || len(resp.Cookies()) != 0 {
			t.Errorf("%s: got %d and cookies %v, want %d and none", name, resp.StatusCode, resp.Cookies(), test.status)
		}
	}
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	wantContains(t, body(t, s.get(loginAt("/login", inquiry))), `href="?returnUrl=`+url.QueryEscape(inquiry)+`"`) // to try again
	wantStatus(t, right(s, "minji"), http.StatusMethodNotAllowed)
}

// A proxy names the member in every request, so an old session must not speak for somebody else.
func TestAProxysRequestIsNobodyElses(t *testing.T) {
	const adamsCode = `"usercode":"adam"`
	for name, headers := range map[string][]string{
		"another member":                   {"X-User", "betty"},
		"one whose fields can't be sent":   {"X-User", "betty", "X-Email", strings.Repeat("e", 101)},
		"one whose usercode can't be sent": {"X-User", "bet&ty"},
		"two members":                      {"X-User", "adam", "X-User", "betty"},
		"two members in one header":        {"X-User", "adam,betty"},
		"nobody":                           {"X-User", ""},
		"nginx's nobody":                   {"X-User", "-"},
		"no header":                        nil,
	} {
		for _, target := range []string{"/", "/help", "/help/ticket", "/login", "/login/form", "/logout", "/login/status", "/nowhere"} {
			if target == "/login/status" && headers == nil {
				continue // the help center's own call, which comes past the proxy
			}
			s := newSite(t, withProxyLogin("192.0.2.1/32"))
			adam := cookieOf(t, s.get("/login", "X-User", "adam", "X-Name", "Adam Smith", "X-Email", "adam@example.com"))
			resp := s.get(target, append(headers, "Cookie", adam)...)
			if twice := strings.HasPrefix(name, "two members"); twice && target != "/nowhere" && (resp.StatusCode != http.StatusForbidden || !strings.Contains(s.log.String(), "level=ERROR")) {
				t.Errorf("%s, %s: got %d, want 403 and a line in the log", name, target, resp.StatusCode)
			}
			if page := body(t, resp) + resp.Header.Get("Location"); strings.Contains(page, adamsCode) || strings.Contains(strings.ToLower(page), "adam") {
				t.Errorf("%s, %s: got an answer for adam: %s", name, target, page)
			}
			wantState(t, s.get("/login/status", "Cookie", adam), "") // for good
		}
	}
}

// TestATokenIsNobodyElsesThanTheProxysMember: what the help center sends back counts no more than a
// cookie.
func TestATokenIsNobodyElsesThanTheProxysMember(t *testing.T) {
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	adam := cookieOf(t, s.get("/login", "X-User", "adam"))
	_, fields := handoffForm(t, s.get("/login/form", "X-User", "adam", "Cookie", adam))
	query := "/login/status?" + url.Values{"usercode": {"adam"}, "token": {fields.Get("token")}}.Encode()
	for name, test := range map[string]struct {
		headers []string
		want    string
	}{
		"past the proxy":      {nil, "adam"},
		"adam":                {[]string{"X-User", "adam"}, "adam"},
		"betty":               {[]string{"X-User", "betty"}, ""},
		"nobody":              {[]string{"X-User", ""}, ""},
		"who can't be sent":   {[]string{"X-User", "ad&am"}, ""},
		"betty, with headers": {[]string{"X-User", "betty", "usercode", "adam", "token", fields.Get("token")}, ""},
	} {
		if got := body(t, s.get(query, test.headers...)); strings.Contains(got, `"adam"`) != (test.want != "") {
			t.Errorf("%s: got %s, want %q", name, got, test.want)
		}
	}
}

func TestAGuestWithTwoNamesIsRefused(t *testing.T) {
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	for _, target := range []string{"/", "/help", "/help/ticket", "/login", "/logout", "/login/status"} {
		resp := s.get(target, "X-User", "adam", "X-User", "betty")
		if resp.StatusCode != http.StatusForbidden || len(resp.Cookies()) != 0 {
			t.Errorf("%s: got %d and %v, want 403 and no session", target, resp.StatusCode, resp.Cookies())
		}
	}
}

// The help center's calls come past the proxy, and so does the session's member.
func TestCallsPastTheProxyGoByTheSession(t *testing.T) {
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	adam := cookieOf(t, s.get("/login", "X-User", "adam"))
	wantState(t, s.get("/login/status", "Cookie", adam), "adam")
	// With a header of the client's own.
	wantState(t, s.get("/login/status", "Peer", "198.51.100.7:1234", "Cookie", adam, "X-User", "betty"), "adam")
}

func TestAProxysNamesAreDecoded(t *testing.T) {
	for sent, want := range map[string]string{
		"김민지":                                         "김민지",
		"%EA%B9%80%EB%AF%BC%EC%A7%80":                 "김민지", // oauth2-proxy, encodeURIComponent
		"=?UTF-8?B?6rmA66+87KeA?=":                    "김민지", // RFC 2047
		"=?utf-8?q?=EA=B9=80?= =?utf-8?q?=EB=AF=BC?=": "김민",
		"Rock 100%":                                   "Rock 100%",
		"%FF":                                         "%FF",
		"Kim, Minji":                                  "Kim, Minji",
	} {
		s := newSite(t, withProxyLogin("192.0.2.1/32"))
		headers := []string{"X-User", "minji", "X-Name", sent}
		cookie := cookieOf(t, s.get("/login", headers...))
		_, fields := handoffForm(t, s.get("/login/form", append(headers, "Cookie", cookie)...))
		if got := fields.Get("username"); got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
	// Two usercodes never become one.
	s := newSite(t, withProxyLogin("192.0.2.1/32"))
	wantState(t, s.get("/login/status", "Cookie", cookieOf(t, s.get("/login", "X-User", "a%62"))), "a%62")
}

// TestAProxyInIPv4ThatListensOnIPv6LogsIn: a dual-stack listener sees the proxy as ::ffff:10.0.0.1.
func TestAProxyInIPv4ThatListensOnIPv6LogsIn(t *testing.T) {
	s := newSite(t, withProxyLogin("10.0.0.1/32"))
	wantStatus(t, s.get("/login", "Peer", "[::ffff:10.0.0.1]:4711", "X-User", "minji"), http.StatusSeeOther)
}
