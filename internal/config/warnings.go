package config

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ocsso/internal/yamlfile"
)

// Warnings returns what is allowed, and is hardly what was meant: a section that is filled in and
// not used, a proxy that is not named, a site whose cookies don't come here, and a key that may be
// cut or not the vendor's. c is what Load has returned without an error. The problems have no
// Source.
func (c Config) Warnings() (warnings []yamlfile.Problem) {
	warn := checker(func(path string, broken bool, text, hint string) {
		if broken {
			warnings = append(warnings, yamlfile.Problem{Path: path, Text: text, Hint: hint})
		}
	})
	isFilled := c.filled()
	for _, section := range []struct{ chooser, kind, chosen string }{
		{"store.kind", "memory", c.Store.Kind}, {"store.kind", "file", c.Store.Kind}, {"store.kind", "redis", c.Store.Kind},
		{"login.with", "site", c.Login.With}, {"login.with", "oidc", c.Login.With}, {"login.with", "oauth2", c.Login.With}, {"login.with", "proxy", c.Login.With},
		{"members.kind", "file", c.Members.Kind}, {"members.kind", "sql", c.Members.Kind},
	} {
		name, _, _ := strings.Cut(section.chooser, ".")
		path := name + "." + section.kind
		used := section.kind == section.chosen
		warn(path, !used && isFilled(path), fmt.Sprintf("is filled in, and %s is %s", section.chooser, section.chosen), "set "+section.chooser+" to "+section.kind+", or leave the section out")
		warn(path, used && name == "members" && !c.NeedsMembers() && isFilled(path), "is filled in, and nobody is looked up there: login.with is "+c.Login.With+", and links_api has no keys", "leave the section out")
	}
	if c.Login.With == "site" {
		own, site := domainOf(c.Server.PublicURL), domainOf(c.Login.Site.LoginURL)
		warn("login.site.login_url", own != site, fmt.Sprintf("is on %s, and server.public_url on %s: the site's cookies don't come here", site, own),
			"serve both on one host or below one domain")
	}
	warn("server.trusted_proxies", c.Server.HasUnknownProxy(), "is empty, and server.public_url is https without server.tls: behind a proxy all members count as one client",
		"name the proxy's address, such as 127.0.0.1 for one on this machine")
	length := len(c.HelpCenter.OrganizationKey.Reveal())
	warn("help_center.organization_key", length != 32, fmt.Sprintf("has %d characters, and the vendor's have 32", length), "copy the organization key (조직 Key) from the help center's console again")
	return warnings
}

// filled returns a function that reports whether a section has a setting that isn't the default.
func (c Config) filled() func(section string) bool {
	usual := Default()
	is, was := settingsOf(reflect.ValueOf(&c).Elem(), ""), settingsOf(reflect.ValueOf(&usual).Elem(), "")
	text := func(s *setting) string { return fmt.Sprint(reflect.ValueOf(s.value).Elem()) }
	return func(section string) bool {
		for i, s := range is {
			if strings.HasPrefix(s.path, section+".") && text(s) != text(was[i]) {
				return true
			}
		}
		return false
	}
}

// domainOf returns the domain that cookies of a URL's host can be for at most.
func domainOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname()); err == nil {
		return domain
	}
	return u.Hostname()
}
