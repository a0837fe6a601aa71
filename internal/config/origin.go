package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// originPattern is an origin as browsers send it. It allows more hosts than DNS does.
var originPattern = regexp.MustCompile(`^(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?$`)

// originFault returns what is wrong with an origin and how to mend it, or "". It doesn't show the
// value: a URL may contain a password.
func originFault(text string) (fault, hint string) {
	const form = "write it as browsers do: https://www.example.com or https://www.example.com:8443, in lower case"
	match := originPattern.FindStringSubmatch(text)
	if match == nil {
		return originMistake(text), form
	}
	scheme, host, port := match[1], match[2], match[3]
	if n, _ := strconv.Atoi(port); n > 65535 {
		return "has a port that doesn't exist", form
	}
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return "has its scheme's own port, which browsers leave out", "leave out :" + port
	}
	if address, ok := strings.CutPrefix(host, "["); ok {
		address = strings.TrimSuffix(address, "]")
		if parsed, err := netip.ParseAddr(address); err != nil || parsed.String() != address {
			return "has an address that is not written in its shortest form", form
		}
	}
	if scheme == "http" && !loopback(host) {
		return "is http, and not on loopback: anyone on the way could read and change logins",
			"write https; http is for localhost, 127.0.0.0/8 and [::1] only"
	}
	return "", ""
}

// basePathPattern is a path that needs no escaping.
var basePathPattern = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)

// ownPagePattern is the end of a path that was copied from one of our pages.
var ownPagePattern = regexp.MustCompile(`/(login(/(status|form|api|callback))?|logout|help|token/verify|setup)$`)

// splitPublicURL splits a URL into its origin and its path.
func splitPublicURL(text string) (origin, path string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text, ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return scheme + "://" + rest[:i], rest[i:]
	}
	return text, ""
}

// publicURLFault is originFault for an origin that may have a path.
func publicURLFault(text string) (fault, hint string) {
	origin, path := splitPublicURL(text)
	if fault, hint := originFault(origin); fault != "" {
		return fault, hint
	}
	const form = "write it as https://login.example.com, or with a path as https://www.example.com/oc-sso"
	switch {
	case strings.HasSuffix(path, "/"):
		return "has a slash at the end", "leave the slash out"
	case !basePathPattern.MatchString(path):
		return "has something behind the host that is no plain path", form
	case ownPagePattern.MatchString(path):
		return "names one of this server's pages", "leave the page out: " + ownPagePattern.ReplaceAllString(text, "")
	case strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../"):
		return "has a path with dots", form
	}
	return "", ""
}

// originMistake returns why text is no origin.
func originMistake(text string) string {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return "is missing"
	case text == "*" || text == "null":
		return "is not an origin: it would let every site in"
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "is not an http or https URL"
	case u.User != nil:
		return "has a user in it"
	case u.Path != "" || strings.ContainsAny(text, "?#"):
		return "has something behind the host"
	case text != strings.ToLower(text):
		return "has upper case in it"
	}
	return "has a host or port that is not written as browsers write it"
}

// loopback reports whether host stays on its own machine. An IPv6 address may be in brackets.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// isHostPort reports whether one can listen at text. The host may be empty and the port 0.
func isHostPort(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// isPeer reports whether one can connect to text.
func isPeer(text string) bool {
	host, port, err := net.SplitHostPort(text)
	return err == nil && host != "" && !strings.ContainsAny(host, "/@ ") && port != "0" && isHostPort(text)
}

// collide reports whether two listeners can't have these addresses at once, as far as the text
// tells.
func collide(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	return hostA == hostB || everyAddress(hostA) || everyAddress(hostB)
}

// everyAddress reports whether host stands for every address of the machine.
func everyAddress(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "" || err == nil && addr.IsUnspecified()
}
