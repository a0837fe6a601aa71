package web_test

import (
	"net/http"
	"strings"
	"testing"
)

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

// TestAProxyInIPv4ThatListensOnIPv6LogsIn: a dual-stack listener sees the proxy as ::ffff:10.0.0.1.
func TestAProxyInIPv4ThatListensOnIPv6LogsIn(t *testing.T) {
	s := newSite(t, withProxyLogin("10.0.0.1/32"))
	wantStatus(t, s.get("/login", "Peer", "[::ffff:10.0.0.1]:4711", "X-User", "minji"), http.StatusSeeOther)
}
