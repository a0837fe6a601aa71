package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ocsso/internal/i18n"
	"ocsso/internal/member"
	"ocsso/internal/oidc"
	passwords "ocsso/internal/password"
	"ocsso/web"
)

func limited(perAddress, perMember int) option {
	return func(p *parts) {
		p.limits.PerAddress = web.Limit{Count: perAddress, Window: time.Minute}
		p.limits.PerMember = web.Limit{Count: perMember, Window: 10 * time.Minute}
	}
}

// attempt is a login with a wrong password.
func attempt(s *site, usercode string, headers ...string) *http.Response {
	s.t.Helper()
	return s.post("/login", url.Values{"usercode": {usercode}, "password": {"wrong"}}, headers...)
}

func TestAMembersAttemptsAreLimitedAndNeverForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, limited(1000, 3))
		for range 3 {
			wantStatus(t, attempt(s, "minji"), http.StatusUnauthorized)
		}
		resp := attempt(s, "minji")
		wantStatus(t, resp, http.StatusTooManyRequests)
		wantHeader(t, resp, "Retry-After", "600")
		// The right password is refused, too.
		wantStatus(t, right(s, "minji"), http.StatusTooManyRequests)
		for _, spelling := range []string{"MINJI", "Minji", "ｍｉｎｊｉ"} { // as a database may find them
			wantStatus(t, attempt(s, spelling), http.StatusTooManyRequests)
		}
		wantStatus(t, attempt(s, "simple"), http.StatusUnauthorized)
		wantStatus(t, attempt(s, "nobody"), http.StatusUnauthorized)
		time.Sleep(9*time.Minute + 29500*time.Millisecond)
		resp = attempt(s, "minji")
		wantHeader(t, resp, "Retry-After", "31") // what is left, rounded up
		wantContains(t, body(t, resp), i18n.For(i18n.KO).LoginTooMany(30500*time.Millisecond))
		time.Sleep(31 * time.Second)
		s.logIn(minji)
	})
}

// TestSuccessesDoNotCount: only wrong passwords use up attempts.
func TestSuccessesDoNotCount(t *testing.T) {
	s := newSite(t, limited(3, 3))
	for range 10 {
		s.logIn(minji)
	}
	for range 3 {
		wantStatus(t, attempt(s, "minji"), http.StatusUnauthorized)
	}
	wantStatus(t, attempt(s, "minji"), http.StatusTooManyRequests)
}

func TestAnAddresssAttemptsAreLimited(t *testing.T) {
	// Httptest's client is at 192.0.2.1
	s := newSite(t, limited(3, 1000), withProxies("192.0.2.0/24"))
	from := func(address string) *http.Response { return attempt(s, "minji", "X-Forwarded-For", address) }
	for range 3 {
		wantStatus(t, from("203.0.113.7"), http.StatusUnauthorized)
	}
	wantStatus(t, from("203.0.113.7"), http.StatusTooManyRequests)
	// What a client writes before its proxy does
	wantStatus(t, from("198.51.100.1, 203.0.113.7"), http.StatusTooManyRequests)
	wantStatus(t, from("203.0.113.8"), http.StatusUnauthorized)
	wantStatus(t, from("203.0.113.8:40007"), http.StatusUnauthorized)
	wantStatus(t, from("203.0.113.8:40008"), http.StatusUnauthorized)
	wantStatus(t, from("::ffff:203.0.113.8"), http.StatusTooManyRequests)
}

// TestAnIPv6ClientIsLimitedInAllItsNetworks: a client can choose any address of its /64, and a
// customer of a provider any /64 of a /56 or a /48.
func TestAnIPv6ClientIsLimitedInAllItsNetworks(t *testing.T) {
	// A /64 has three attempts, a /56 four times as many, and a /48 sixteen times.
	s := newSite(t, limited(3, 1000), withProxies("192.0.2.0/24"))
	from := func(format string, n int) *http.Response {
		return attempt(s, "minji", "X-Forwarded-For", fmt.Sprintf(format, n))
	}
	attempts := func(n int, format string) {
		t.Helper()
		for i := range n {
			wantStatus(t, from(format, 1+i), http.StatusUnauthorized)
		}
		for i := range 5 { // refused ones take nothing from the wider networks
			wantStatus(t, from(format, 1+n+i), http.StatusTooManyRequests)
		}
	}
	attempts(3, "2001:db8:0:0::%x")
	attempts(9, "2001:db8:0:00f%x::1")
	wantStatus(t, from("2001:db8:0:ff::%x", 1), http.StatusTooManyRequests)
	attempts(36, "2001:db8:0:%x00::1")
	wantStatus(t, from("2001:db8:0:ff00::%x", 1), http.StatusTooManyRequests)
	wantStatus(t, from("2001:db8:1:%x::1", 0), http.StatusUnauthorized)
	wantStatus(t, from("203.0.113.%d", 7), http.StatusUnauthorized)
}

// dearHashes is a directory whose members' hashes take long to check.
type dearHashes struct{ member.Directory }

func (d dearHashes) Account(ctx context.Context, usercode string) (member.Account, error) {
	account, err := d.Directory.Account(ctx, usercode)
	account.PasswordHash = "$2b$09$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
	return account, err
}

// TestAFloodFromOneNetworkLeavesOthersLogins: a customer of a provider has a /56 with 256 networks
// of 64 bits.
func TestAFloodFromOneNetworkLeavesOthersLogins(t *testing.T) {
	gate := passwords.NewGate(1, 0)
	s := newSite(t, withProxies("192.0.2.0/24"), withLogin(web.PasswordLogin{Passwords: gate}),
		func(p *parts) { p.members = dearHashes{directory{}} })
	ctx, stop := context.WithCancel(t.Context())
	var flood sync.WaitGroup
	for i := range 64 {
		flood.Go(func() {
			form := url.Values{"usercode": {"simple"}, "password": {"wrong"}}
			r := httptest.NewRequestWithContext(ctx, "POST", own+"/login", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("2001:db8:0:%x::1", i))
			s.handler.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	for gate.Waiting() < 40 {
		time.Sleep(time.Millisecond)
	}
	wantStatus(t, attempt(s, "minji", "X-Forwarded-For", "2001:db8:0:100::1"), http.StatusUnauthorized)
	if waiting := gate.Waiting(); waiting < 20 {
		t.Errorf("%d of the flood's attempts wait when another's has been answered, want most of them", waiting)
	}
	stop()
	flood.Wait()
}

func withBrokenCounter(p *parts) {
	store := newTestStore()
	store.fails = onFire
	p.limits.Counter = store
}

// TestALoginThatFailsForTheMomentKeepsTheForm: a member who tries again types only the password.
func TestALoginThatFailsForTheMomentKeepsTheForm(t *testing.T) {
	text := i18n.For(i18n.KO)
	for name, test := range map[string]struct {
		cause      option
		status     int
		retryAfter string
		says       string
	}{
		"too many attempts":    {limited(1000, 0), http.StatusTooManyRequests, "600", text.LoginTooMany(10 * time.Minute)},
		"too many passwords":   {withMembers(directory{err: passwords.ErrBusy}), http.StatusServiceUnavailable, "2", text.LoginUnavailable},
		"a broken directory":   {withMembers(directory{err: errors.New("on fire")}), http.StatusServiceUnavailable, "2", text.LoginUnavailable},
		"a broken store":       {withBrokenStore, http.StatusServiceUnavailable, "2", text.LoginUnavailable},
		"a counter that can't": {withBrokenCounter, http.StatusServiceUnavailable, "2", text.LoginUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, test.cause)
			resp := s.post("/login/form", url.Values{"usercode": {"minji"}, "password": {password}, "returnUrl": {inquiry}})
			wantStatus(t, resp, test.status)
			wantHeader(t, resp, "Retry-After", test.retryAfter)
			wantHeader(t, resp, "Set-Cookie", "")
			page := body(t, resp)
			wantContains(t, page, `action="/login/form"`, `name="returnUrl" value="`+inquiry+`"`, `value="minji"`, test.says)
			wantLacks(t, page, password, "on fire")
			wantContains(t, s.log.String(), `msg="request failed" request_id=`+resp.Header.Get("X-Request-Id"))
		})
	}
}

// newID is an id that this server has made.
var newID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

func TestARequestIDIsTakenFromATrustedProxyAlone(t *testing.T) {
	trusting, other := newSite(t, withProxies("192.0.2.0/24")), newSite(t)
	wantHeader(t, trusting.get("/", "X-Request-Id", "abc-123"), "X-Request-Id", "abc-123")
	for _, resp := range []*http.Response{
		other.get("/", "X-Request-Id", "abc-123"), trusting.get("/", "X-Request-Id", "a b"), trusting.get("/", "X-Request-Id", "<b>"), trusting.get("/"),
	} {
		if got := resp.Header.Get("X-Request-Id"); !newID.MatchString(got) {
			t.Errorf("got %q, want a new one", got)
		}
	}
}

// right is a login with the right password.
func right(s *site, usercode string, headers ...string) *http.Response {
	s.t.Helper()
	return s.post("/login", url.Values{"usercode": {usercode}, "password": {password}}, headers...)
}

// TestOthersAttemptsKeepNoMemberOut, unless they come from very many networks.
func TestOthersAttemptsKeepNoMemberOut(t *testing.T) {
	s := newSite(t, limited(1000, 3), withProxies("192.0.2.0/24"))
	at := func(address string) []string { return []string{"X-Forwarded-For", address} }
	for range 3 {
		wantStatus(t, attempt(s, "minji", at("203.0.113.7")...), http.StatusUnauthorized)
	}
	wantStatus(t, right(s, "minji", at("203.0.113.7")...), http.StatusTooManyRequests)
	for range 50 {
		wantStatus(t, right(s, "minji", at("198.51.100.1")...), http.StatusSeeOther)
	}
	for n := range 27 {
		wantStatus(t, attempt(s, "minji", at(fmt.Sprintf("2001:db8:%x::1", n))...), http.StatusUnauthorized)
	}
	wantStatus(t, right(s, "minji", at("198.51.100.1")...), http.StatusTooManyRequests)
	wantStatus(t, right(s, "simple", at("198.51.100.1")...), http.StatusSeeOther)
}

// TestAUsercodeIsNobodyElsesBucket: a usercode is any text that a client likes.
func TestAUsercodeIsNobodyElsesBucket(t *testing.T) {
	s := newSite(t, limited(1000, 3), withProxies("192.0.2.0/24"))
	for _, usercode := range []string{
		"203.0.113.7/32/minji", "/203.0.113.7/32/minji", "network/203.0.113.7/32/minji", "address/203.0.113.7/32", "/minji", "member/minji",
	} {
		for n := range 20 {
			attempt(s, usercode, "X-Forwarded-For", fmt.Sprint("198.51.100.", n))
		}
	}
	wantStatus(t, right(s, "minji", "X-Forwarded-For", "203.0.113.7"), http.StatusSeeOther)
}

// byEmail is a directory that finds minji by email, too.
type byEmail struct{ member.Directory }

func (d byEmail) Account(ctx context.Context, usercode string) (member.Account, error) {
	if usercode == minji.Email {
		usercode = minji.UserCode
	}
	return d.Directory.Account(ctx, usercode)
}

func TestAttemptsCountForTheMemberWhomTheDirectoryFinds(t *testing.T) {
	s := newSite(t, limited(1000, 3), func(p *parts) { p.members = byEmail{directory{}} })
	wantStatus(t, attempt(s, "minji"), http.StatusUnauthorized)
	wantStatus(t, right(s, minji.Email), http.StatusSeeOther) // doesn't count
	wantStatus(t, attempt(s, minji.Email), http.StatusUnauthorized)
	wantStatus(t, attempt(s, "Minji@Example.com"), http.StatusUnauthorized) // found by nobody
	wantStatus(t, attempt(s, "minji"), http.StatusUnauthorized)
	wantStatus(t, right(s, minji.Email), http.StatusTooManyRequests)
	wantStatus(t, right(s, "minji"), http.StatusTooManyRequests)
}

// TestNobodyGuessesBeyondTheAddresssLimit: what a client sends is a question to the customer's
// site, or to the provider.
func TestNobodyGuessesBeyondTheAddresssLimit(t *testing.T) {
	limits, proxies := limited(3, 1000), withProxies("192.0.2.0/24")
	shop, p := newShop(), &countingProvider{provider: provider{fails: oidc.ErrRefused}}
	atShop := newSite(t, limits, proxies, withShop(shop))
	inSession := newSite(t, limits, proxies, withShop(shop))
	atProvider := newSite(t, limits, proxies, withProvider(p))
	backChannel := newSite(t, limits, proxies, withProvider(p))
	var sessions []string
	for range 20 {
		sessions = append(sessions, logInAtShop(t, inSession, "minjis")) // which doesn't count
	}
	asked := func() int { return len(shop.asked) + p.asked }
	for name, guess := range map[string]func(n int, headers []string) *http.Response{
		"a cookie of the site": func(n int, headers []string) *http.Response {
			return atShop.get("/login", append(headers, "Cookie", fmt.Sprint("sid=guess-", n))...)
		},
		"a cookie of the site, with a session": func(n int, headers []string) *http.Response {
			return inSession.get("/help", append(headers, "Cookie", fmt.Sprint(sessions[n], "; sid=guess-", n))...)
		},
		"a code of the provider": func(_ int, headers []string) *http.Response {
			state, cookie := beginOIDC(atProvider, "/login", headers...)
			return atProvider.get("/login/callback?code=guess&state="+state, append(headers, "Cookie", cookie.Name+"="+cookie.Value)...)
		},
		"a logout token": func(_ int, headers []string) *http.Response {
			return backChannel.do("POST", "/login/backchannel-logout", strings.NewReader("logout_token=forged"),
				append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
		},
	} {
		before := asked()
		for n := range 10 {
			got := guess(n, []string{"X-Forwarded-For", "203.0.113.7"}).StatusCode
			if (got == http.StatusTooManyRequests) != (n >= 3) {
				t.Errorf("%s, guess %d: got %d, want 429 after three", name, n+1, got)
			}
		}
		if got := asked() - before; got != 3 {
			t.Errorf("%s: asked %d times, want 3", name, got)
		}
		if got := guess(10, []string{"X-Forwarded-For", "203.0.113.8"}).StatusCode; got == http.StatusTooManyRequests {
			t.Errorf("%s: got %d for another client", name, got)
		}
	}
}

// countingProvider counts what it is asked.
type countingProvider struct {
	provider
	asked int
}

func (p *countingProvider) Exchange(ctx context.Context, a oidc.Attempt, callback url.Values) (oidc.Identity, error) {
	p.asked++
	return p.provider.Exchange(ctx, a, callback)
}

func (p *countingProvider) VerifyLogout(ctx context.Context, raw string, ask bool) (oidc.LogoutToken, error) {
	if ask {
		p.asked++
	}
	return p.provider.VerifyLogout(ctx, raw, ask)
}

// TestNobodyLogsInUncounted: and nobody is held back, in the metrics, when the counter is out of
// order. An operator who reads of too many attempts looks for an attack.
func TestNobodyLogsInUncounted(t *testing.T) {
	for name, s := range map[string]*site{
		"a password": newSite(t, withBrokenCounter), "the site": newSite(t, withBrokenCounter, withShop(newShop())),
	} {
		resp := s.get("/login", "Cookie", "sid=minjis")
		if name == "a password" {
			resp = right(s, "minji")
		}
		wantStatus(t, resp, http.StatusServiceUnavailable)
		if page := scrape(s); !strings.Contains(page, `ocsso_logins_total{outcome="out_of_order"} 1`) || strings.Contains(page, `outcome="held_back"} 1`) {
			t.Errorf("%s: got %s, want it counted as out of order", name, page)
		}
	}
}

// from sends a request from a peer, with these X-Forwarded-For lines.
func (s *site) from(peer string, forwarded ...string) *http.Response {
	headers := []string{"Peer", peer}
	for _, line := range forwarded {
		headers = append(headers, "X-Forwarded-For", line)
	}
	return s.get("/login", headers...)
}

func TestTheClientIsReadFromWhatProxiesWrite(t *testing.T) {
	const proxy = "10.0.0.1:4711"
	for _, test := range []struct {
		name      string
		peer      string
		forwarded []string
		want      string
	}{
		{"nginx", proxy, []string{"198.51.100.7"}, "198.51.100.7"},
		{"Azure's Application Gateway", proxy, []string{"198.51.100.7:40007"}, "198.51.100.7"},
		{"IPv6", proxy, []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in upper case and in full", proxy, []string{"2001:0DB8:0000:0000:0000:0000:0000:00AB"}, "2001:db8::ab"},
		{"IPv6 in brackets", proxy, []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv6 with a port", proxy, []string{"[2001:db8::1]:40007"}, "2001:db8::1"},
		{"IPv6 with a zone", proxy, []string{"fe80::1%eth0"}, "fe80::1"},
		{"IPv6 with a zone and a port", proxy, []string{"[fe80::1%eth0]:40007"}, "fe80::1"},
		{"IPv4 in IPv6 form", proxy, []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"IPv4 in IPv6 form with a port", proxy, []string{"[::FFFF:198.51.100.7]:40007"}, "198.51.100.7"},
		{"spaces and empty items", proxy, []string{" , 203.0.113.1 ,\t198.51.100.7 , , "}, "198.51.100.7"},
		{"two proxies", proxy, []string{"203.0.113.1, 198.51.100.7, 10.0.0.2:8080"}, "198.51.100.7"},
		{"a proxy in IPv4 that listens on IPv6", "[::ffff:10.0.0.1]:4711", []string{"198.51.100.7, ::ffff:10.0.0.2"}, "198.51.100.7"},
		{"a proxy with a zone", "[fd00::1%eth0]:4711", []string{"198.51.100.7, fd00::2%eth1"}, "198.51.100.7"},
		{"several header lines", proxy, []string{"203.0.113.1", "198.51.100.7, 10.0.0.3", "10.0.0.2"}, "198.51.100.7"},
		{"a client within the trusted network", proxy, []string{"10.0.0.7, 10.0.0.2"}, "10.0.0.7"},
		{"nothing forwarded", proxy, nil, "10.0.0.1"},
		{"what a client has written", proxy, []string{"10.0.0.9, unknown, 198.51.100.7"}, "198.51.100.7"},
		{"a stranger who writes it", "198.51.100.7:40007", []string{"203.0.113.1"}, "198.51.100.7"},
		{"a stranger who writes nonsense", "198.51.100.7:40007", []string{"nonsense"}, "198.51.100.7"},
		{"IPv4 in IPv6 form without a proxy", "[::ffff:198.51.100.7]:40007", nil, "198.51.100.7"},

		{"unknown", proxy, []string{"unknown"}, "10.0.0.1"},
		{"a hidden client", proxy, []string{"_hidden"}, "10.0.0.1"},
		{"a broken bracket", proxy, []string{"[2001:db8::1"}, "10.0.0.1"},
		{"a broken port", proxy, []string{"198.51.100.7:99999"}, "10.0.0.1"},
		{"unknown before the second proxy", proxy, []string{"203.0.113.1, unknown, 10.0.0.2"}, "10.0.0.2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			shop := newShop()
			s := newSite(t, withShop(shop), withProxies("10.0.0.0/8", "fd00::/8"))
			s.from(test.peer, test.forwarded...)
			if got := shop.client.String(); got != test.want {
				t.Errorf("got the client %s, want %s", got, test.want)
			}
		})
	}
}

func TestAForwardedAddressThatCantBeReadIsLoggedOnce(t *testing.T) {
	s := newSite(t, withProxies("10.0.0.0/8"))
	s.from("10.0.0.1:4711", "198.51.100.7")
	s.from("203.0.113.9:4711", "nonsense") // nobody believes it
	wantLacks(t, s.log.String(), "can't be read")
	for range 3 {
		s.from("10.0.0.1:4711", "unknown, secret-in-a-header")
	}
	if got := strings.Count(s.log.String(), "can't be read"); got != 1 {
		t.Errorf("got %d warnings after three such requests, want 1", got)
	}
	wantContains(t, s.log.String(), "level=WARN", "proxy=10.0.0.1")
	wantLacks(t, s.log.String(), "secret-in-a-header")
}

// TestForwardedIsNotRead: a proxy that doesn't know the header passes on what the client wrote.
func TestForwardedIsNotRead(t *testing.T) {
	s := newSite(t, withProxies("192.0.2.0/24"))
	s.get("/logout", "Forwarded", "for=203.0.113.1")
	wantContains(t, s.log.String(), "network=192.0.2.0/24\n")
}
