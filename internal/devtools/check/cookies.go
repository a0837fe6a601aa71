package check

import (
	"cmp"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
)

// A cookie is one that a server set, as RFC 6265bis stores it.
type cookie struct {
	name, value      string
	domain           string // without a leading dot
	hostOnly         bool   // no Domain was given
	path             string
	secure, httpOnly bool
	sameSite         string    // None, Lax, Strict, or "" for none of them
	expires          time.Time // zero: with the browser
	// refused says why a browser does not store the cookie. It is used all the same, so that one
	// mistake does not hide all the others.
	refused string
}

// maxCookie is how many bytes of name and value browsers store.
const maxCookie = 4096

// A jar holds the cookies of a browser. http.CookieJar would drop a cookie without saying why.
type jar struct {
	cookies []cookie
	dropped []string // names of cookies that had expired when they were set, and that it did not have
}

// setFrom stores the cookies that an answer of u sets.
func (j *jar) setFrom(u *url.URL, header http.Header, now time.Time) {
	for _, line := range header.Values("Set-Cookie") {
		if c, ok := parseCookie(line, u, now); ok {
			j.set(c, now)
		}
	}
}

// set stores a cookie in place of one with the same name, domain and path, or deletes that one when
// the new one has expired.
func (j *jar) set(c cookie, now time.Time) {
	count := len(j.cookies)
	j.cookies = slices.DeleteFunc(j.cookies, func(old cookie) bool {
		return old.name == c.name && old.domain == c.domain && old.hostOnly == c.hostOnly && old.path == c.path
	})
	if c.expired(now) {
		if len(j.cookies) == count {
			j.dropped = append(j.dropped, c.name)
		}
		return
	}
	j.cookies = append(j.cookies, c)
}

func (c cookie) expired(now time.Time) bool { return !c.expires.IsZero() && !c.expires.After(now) }

// parseCookie reads a Set-Cookie header from u.
func parseCookie(line string, u *url.URL, now time.Time) (cookie, bool) {
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, ok := strings.Cut(pair, "=")
	c := cookie{
		name: strings.TrimSpace(name), value: strings.TrimSpace(value),
		domain: strings.ToLower(u.Hostname()), hostOnly: true, path: defaultPath(u),
	}
	if !ok || c.name == "" && c.value == "" {
		return cookie{}, false
	}
	hasMaxAge := false
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "secure":
			c.secure = true
		case "httponly":
			c.httpOnly = true
		case "samesite":
			c.sameSite = ""
			for _, known := range []string{"None", "Lax", "Strict"} {
				if strings.EqualFold(value, known) {
					c.sameSite = known
				}
			}
		case "path":
			c.path = defaultPath(u)
			if strings.HasPrefix(value, "/") {
				c.path = value
			}
		case "domain":
			c.setDomain(strings.ToLower(strings.TrimPrefix(value, ".")), u.Hostname())
		case "max-age":
			if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
				hasMaxAge = true
				c.expires = now.Add(time.Duration(min(max(seconds, -1), 400*24*60*60)) * time.Second)
				if seconds <= 0 {
					c.expires = now
				}
			}
		case "expires":
			if at, err := parseExpires(value); err == nil && !hasMaxAge {
				c.expires = at
			}
		}
	}
	c.refused = cmp.Or(c.refused, c.whyRefused(u))
	return c, true
}

// parseExpires accepts the forms of a date that servers send.
func parseExpires(value string) (time.Time, error) {
	if at, err := http.ParseTime(value); err == nil {
		return at, nil
	}
	if at, err := time.Parse("Mon, 02-Jan-2006 15:04:05 MST", value); err == nil { // as PHP sends it
		return at, nil
	}
	return time.Parse("Mon, 02-Jan-06 15:04:05 MST", value)
}

// setDomain applies a Domain attribute.
func (c *cookie) setDomain(domain, host string) {
	switch suffix, _ := publicsuffix.PublicSuffix(domain); {
	case domain == "":
	case domain == host && domain == suffix: // as localhost
	case !domainMatches(host, domain):
		c.refused = "its Domain " + domain + " is not " + host + " or above it"
	case domain == suffix:
		c.refused = "its Domain " + domain + " is a public suffix"
	default:
		c.domain, c.hostOnly = domain, isAddress(host)
	}
}

// whyRefused returns why a browser refuses a cookie from u, or "".
func (c cookie) whyRefused(u *url.URL) string {
	lower := strings.ToLower(c.name)
	isHost := strings.HasPrefix(lower, "__host-")
	switch {
	case len(c.name)+len(c.value) > maxCookie:
		return "it is longer than " + strconv.Itoa(maxCookie) + " bytes"
	case strings.ContainsFunc(c.name+c.value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "it has a control character"
	case c.secure && !isTrustworthy(u):
		return "it is Secure and was set over http"
	case (isHost || strings.HasPrefix(lower, "__secure-")) && !c.secure:
		return "its name begins with __Host- or __Secure-, which needs Secure"
	case isHost && (c.path != "/" || !c.hostOnly):
		return "its name begins with __Host-, which needs Path=/ and no Domain"
	}
	return ""
}

// String describes a cookie without its value.
func (c cookie) String() string {
	text := c.name + "=" + mask + "; Path=" + c.path
	if !c.hostOnly {
		text += "; Domain=" + c.domain
	}
	if c.secure {
		text += "; Secure"
	}
	if c.httpOnly {
		text += "; HttpOnly"
	}
	if c.sameSite != "" {
		text += "; SameSite=" + c.sameSite
	}
	return text
}

// whyUnsent returns why a browser does not send the cookie to u, or "".
func (c cookie) whyUnsent(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	switch {
	case c.hostOnly && host != c.domain:
		return "it belongs to " + c.domain + " alone"
	case !domainMatches(host, c.domain):
		return "its Domain is " + c.domain
	case !pathMatches(u.EscapedPath(), c.path):
		return "its Path is " + c.path
	case c.secure && !isTrustworthy(u):
		return "it is Secure and " + originOf(u) + " is not"
	}
	return ""
}

// headerFor returns the Cookie header of a request for u: longer paths first, then older cookies.
func (j *jar) headerFor(u *url.URL, now time.Time) string {
	sent := slices.DeleteFunc(slices.Clone(j.cookies), func(c cookie) bool { return c.expired(now) || c.whyUnsent(u) != "" })
	slices.SortStableFunc(sent, func(a, b cookie) int { return len(b.path) - len(a.path) })
	var pairs []string
	for _, c := range sent {
		if c.name == "" {
			pairs = append(pairs, c.value)
			continue
		}
		pairs = append(pairs, c.name+"="+c.value)
	}
	return strings.Join(pairs, "; ")
}

// explain says which cookies do not reach u, and why. It is "" when all do.
func (j *jar) explain(u *url.URL, now time.Time) string {
	var why []string
	for _, c := range j.cookies {
		if reason := c.whyUnsent(u); reason != "" {
			why = append(why, "the cookie "+c.name+" is not sent to "+u.Path+": "+reason)
		} else if c.expired(now) {
			why = append(why, "the cookie "+c.name+" has expired")
		}
	}
	for _, name := range j.dropped {
		if !slices.ContainsFunc(j.cookies, func(c cookie) bool { return c.name == name }) {
			why = append(why, "the cookie "+name+" had expired when it was set")
		}
	}
	return strings.Join(why, "; ")
}

// defaultPath is the path of a cookie that u sets without one: up to the last slash.
func defaultPath(u *url.URL) string {
	path := u.EscapedPath()
	if last := strings.LastIndexByte(path, '/'); last > 0 {
		return path[:last]
	}
	return "/"
}

func pathMatches(path, cookiePath string) bool {
	rest, ok := strings.CutPrefix(cmp.Or(path, "/"), cookiePath)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(cookiePath, "/"))
}

func domainMatches(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && !isAddress(host)
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// isTrustworthy reports whether browsers treat u as secure. Chromium and Firefox do so for http on
// loopback.
func isTrustworthy(u *url.URL) bool { return u.Scheme == "https" || isLoopback(u.Hostname()) }

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback()
}

// sameSite reports whether two URLs are of one site: the same scheme and registrable domain.
func sameSite(a, b *url.URL) bool {
	site := func(u *url.URL) string {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname()); err == nil && !isAddress(u.Hostname()) {
			return domain
		}
		return u.Hostname()
	}
	return a.Scheme == b.Scheme && site(a) == site(b)
}
