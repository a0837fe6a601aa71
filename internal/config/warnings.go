package config

import (
	"fmt"
	"net/url"
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
	usual := Default()
	for _, section := range []struct {
		chooser, chosen, kind string
		is, usual             any
	}{
		{"store.kind", c.Store.Kind, "memory", c.Store.Memory, usual.Store.Memory},
		{"store.kind", c.Store.Kind, "file", c.Store.File, usual.Store.File},
		{"store.kind", c.Store.Kind, "redis", c.Store.Redis, usual.Store.Redis},
		{"login.with", c.Login.With, "site", c.Login.Site, usual.Login.Site},
		{"login.with", c.Login.With, "oidc", c.Login.OIDC, usual.Login.OIDC},
		{"login.with", c.Login.With, "oauth2", c.Login.OAuth2, usual.Login.OAuth2},
		{"login.with", c.Login.With, "proxy", c.Login.Proxy, usual.Login.Proxy},
		{"members.kind", c.Members.Kind, "file", c.Members.File, usual.Members.File},
		{"members.kind", c.Members.Kind, "sql", c.Members.SQL, usual.Members.SQL},
	} {
		name, _, _ := strings.Cut(section.chooser, ".")
		path, isUsed := name+"."+section.kind, section.kind == section.chosen
		isFilled := fmt.Sprint(section.is) != fmt.Sprint(section.usual)
		warn(path, isFilled && !isUsed, fmt.Sprintf("is filled in, and %s is %s", section.chooser, section.chosen), "set "+section.chooser+" to "+section.kind+", or leave the section out")
		warn(path, isFilled && isUsed && name == "members" && !c.NeedsMembers(), "is filled in, and nobody is looked up there: login.with is "+c.Login.With+", and links_api has no keys", "leave the section out")
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
