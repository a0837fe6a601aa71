// Package helpcenter is the help center as the customer's server sees it: its pages, the URLs that
// a member may return to, and the three ways to tell it who the member is (CONTRACT 4, 5
// and 8).
//
// It makes what is sent, and sends the server call itself. It keeps no state, and knows neither
// browsers nor sessions; package web does.
package helpcenter

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// An Origin is scheme, host and port as in a browser's Origin header: lower case, no default port,
// no trailing slash. Package config has checked it.
type Origin string

// Secure reports whether the origin is https.
func (o Origin) Secure() bool { return strings.HasPrefix(string(o), "https://") }

// WholeHost reports whether the origin is https and no other server shares its host name, as far as
// it says: it is neither localhost nor an address, and has no port.
func (o Origin) WholeHost() bool {
	host, secure := strings.CutPrefix(string(o), "https://")
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	return secure && err != nil && !local && !strings.Contains(host, ":")
}

// SameSite reports whether browsers count o and other as one site: the same scheme, and the same
// host or registrable domain. Ports do not matter.
func (o Origin) SameSite(other Origin) bool {
	a, errA := url.Parse(string(o))
	b, errB := url.Parse(string(other))
	if errA != nil || errB != nil || a.Scheme != b.Scheme {
		return false
	}
	if _, err := netip.ParseAddr(a.Hostname()); err == nil || a.Hostname() == b.Hostname() {
		return a.Hostname() == b.Hostname()
	}
	domainA, errA := publicsuffix.EffectiveTLDPlusOne(a.Hostname())
	domainB, errB := publicsuffix.EffectiveTLDPlusOne(b.Hostname())
	return errA == nil && errB == nil && domainA == domainB
}

// A Page is a page of the help center, as its path below the service (CONTRACT 1, 13).
type Page string

// The pages that every service has.
const (
	Home    Page = "hc/"
	Inquiry Page = "hc/ticket/"
	History Page = "hc/ticket/list/"

	Notices  Page = "hc/notice/"
	Articles Page = "hc/article/" // frequently asked questions
)

// A Site is one organization's help center. It is read-only.
type Site struct {
	origin   Origin
	services []string
}

// NewSite returns the help center at origin with these service ids, the default one first. There is
// at least one, and each is a plain path segment.
func NewSite(origin Origin, services ...string) Site { return Site{origin, services} }

// Origin is the origin of the help center's pages and of both remote-login endpoints.
func (s Site) Origin() Origin { return s.origin }

// FormAction is where the form of a remote login is posted to (CONTRACT 4).
func (s Site) FormAction() string { return string(s.origin) + "/v2/enduser/remote.json" }

// Services are the service ids, the default one first. The caller must not change them.
func (s Site) Services() []string { return s.services }

// Page returns a page of a service. An unknown service, or "", means the default one.
func (s Site) Page(service string, page Page) ReturnURL {
	if !slices.Contains(s.services, service) {
		service = s.services[0]
	}
	return ReturnURL{text: string(s.origin) + "/" + service + "/" + string(page), service: service}
}

// serviceOf reads the service from a path's first segment (D15), or else the default one. A page of
// another service has an unknown one.
func (s Site) serviceOf(path string) (service, unknown string) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case slices.Contains(s.services, first):
		return first, ""
	case len(first) <= 50 && (rest == "hc" || strings.HasPrefix(rest, "hc/")): // bytes of an id (CONTRACT 2)
		unknown = first
	}
	return s.services[0], unknown
}
