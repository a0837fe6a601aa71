package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	originForm = "write it as browsers do: https://www.example.com or https://www.example.com:8443, in lower case"
	writeHTTPS = "write https; http is for localhost, 127.0.0.0/8 and [::1] only"
)

// parseURL returns what text has of a URL, which may be nothing, and whether it is one of http or
// https.
func parseURL(text string) (u *url.URL, ok bool) {
	u, err := url.Parse(text)
	if err != nil {
		return &url.URL{}, false
	}
	return u, u.Hostname() != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// url checks the URL of a page or an endpoint. The caller checks that it is there.
func (check checker) url(path, text, form string) {
	u, ok := parseURL(text)
	check(path, !ok, "is not an http or https URL", form)
	check(path, u.User != nil || u.Fragment != "", "has a user or a fragment in it", "leave it out")
}

// secureURL checks the URL of a provider's endpoint.
func (check checker) secureURL(path, text, form string) {
	u, _ := parseURL(text)
	check(path, text == "", "is missing", form)
	check.url(path, text, form)
	check(path, u.Scheme == "http" && !loopback(u.Hostname()), "is http, and not on loopback: anyone on the way could log in as anyone", writeHTTPS)
}

// issuer takes a slash at the end and none, since providers differ.
func (check checker) issuer(path, text string) {
	const form = "copy it as the provider's metadata has it, such as https://login.example.com/realms/members"
	u, _ := parseURL(text)
	check.secureURL(path, text, form)
	check(path, strings.ContainsAny(text, "?#"), "has something behind the path", form)
	check(path, strings.Contains(text, "/.well-known/"), "is where the provider's metadata is", "leave out /.well-known/ and what follows")
	check(path, u.String() != text, "has characters that are not in a URL", form)
}

// origin checks an origin as browsers send it. It allows more hosts than DNS does.
func (check checker) origin(path, text string) {
	u, ok := parseURL(text)
	port, _ := strconv.Atoi(u.Port())
	address, err := netip.ParseAddr(u.Hostname())
	check(path, text == "", "is missing", originForm)
	check(path, text == "*" || text == "null", "is not an origin: it would let every site in", originForm)
	check(path, !ok, "is not an http or https URL", originForm)
	check(path, u.User != nil, "has a user in it", originForm)
	check(path, u.Path != "" || strings.ContainsAny(text, "?#"), "has something behind the host", originForm)
	check(path, text != strings.ToLower(text), "has upper case in it", originForm)
	check(path, !originPattern.MatchString(text), "has a host or port that is not written as browsers write it", originForm)
	check(path, port > 65535, "has a port that doesn't exist", originForm)
	check(path, u.Scheme+u.Port() == "http80" || u.Scheme+u.Port() == "https443", "has its scheme's own port, which browsers leave out", "leave out :"+u.Port())
	check(path, strings.HasPrefix(u.Host, "[") && (err != nil || address.String() != u.Hostname()), "has an address that is not written in its shortest form", originForm)
	check(path, u.Scheme == "http" && !loopback(u.Hostname()), "is http, and not on loopback: anyone on the way could read and change logins", writeHTTPS)
}

var (
	originPattern = regexp.MustCompile(`^https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$`)
	// basePathPattern is a path that needs no escaping.
	basePathPattern = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)
	// ownPagePattern is the end of a path that was copied from one of our pages.
	ownPagePattern = regexp.MustCompile(`/(login(/(status|form|api|callback))?|logout|help|token/verify|setup)$`)
)

// publicURL checks an origin that may have a path.
func (check checker) publicURL(path, text string) {
	const form = "write it as https://login.example.com, or with a path as https://www.example.com/oc-sso"
	origin, below := splitPublicURL(text)
	check.origin(path, origin)
	check(path, strings.HasSuffix(below, "/"), "has a slash at the end", "leave the slash out")
	check(path, !basePathPattern.MatchString(below), "has something behind the host that is no plain path", form)
	check(path, ownPagePattern.MatchString(below), "names one of this server's pages", "leave the page out: "+ownPagePattern.ReplaceAllString(text, ""))
	check(path, strings.Contains(below+"/", "/./") || strings.Contains(below+"/", "/../"), "has a path with dots", form)
}

// splitPublicURL splits a URL into its origin and its path.
func splitPublicURL(text string) (origin, path string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if i := strings.IndexAny(rest, "/?#"); ok && i >= 0 {
		return scheme + "://" + rest[:i], rest[i:]
	}
	return text, ""
}

// loopback reports whether host stays on its own machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// isHostPort reports whether one can listen at text. The host may be empty and the port 0.
func isHostPort(text string) bool {
	_, port, err := net.SplitHostPort(text)
	_, errPort := strconv.ParseUint(port, 10, 16)
	return err == nil && errPort == nil
}

// isPeer reports whether one can connect to text.
func isPeer(text string) bool {
	host, port, _ := net.SplitHostPort(text)
	return isHostPort(text) && host != "" && !strings.ContainsAny(host, "/@ ") && port != "0"
}

// collide reports whether two listeners can't have these addresses at once, as far as the text
// tells.
func collide(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	every := func(host string) bool {
		addr, err := netip.ParseAddr(host)
		return host == "" || err == nil && addr.IsUnspecified()
	}
	return errA == nil && errB == nil && portA == portB && portA != "0" && (hostA == hostB || every(hostA) || every(hostB))
}
