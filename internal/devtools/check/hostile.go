package check

import (
	"net/url"
	"regexp"
	"strings"
)

// attacker is the origin of another site.
const attacker = "https://attacker.example"

// hostileReturnURLs returns URLs that lead a browser away from the help center, each by a way that
// some URL parser misses. The most common ones come first.
func (r *run) hostileReturnURLs() []string {
	center := mustParse(r.target.HelpCenter)
	scheme, host, origin := center.Scheme, center.Host, r.target.HelpCenter
	return []string{
		"https://attacker.example/",
		"//attacker.example/",
		origin + ".attacker.example/",
		"https://attacker.example/?" + origin,

		// Slashes that browsers add, drop or replace.
		"///attacker.example/",
		"////attacker.example/",
		`/\attacker.example/`,
		`\\attacker.example/`,
		`\/attacker.example/`,
		`/\/attacker.example/`,
		`https:\\attacker.example/`,
		`https:/\attacker.example/`,
		"https:///attacker.example/",

		// Characters that browsers drop.
		" https://attacker.example/",
		"\thttps://attacker.example/",
		"ht\ntps://attacker.example/",
		"/\t/attacker.example/",
		"/\n/attacker.example/",
		"\x00//attacker.example/",
		"//attacker.example\x00." + host + "/",

		// The help center's name, but not as the host.
		scheme + "://" + host + "@attacker.example/",
		scheme + "://" + host + ":x@attacker.example/",
		scheme + "://attacker.example#" + host,
		scheme + "://attacker.example?" + host,
		scheme + "://attacker.example/" + host + "/",
		scheme + `://attacker.example\@` + host + "/",
		scheme + "://attacker.example%00." + host + "/",
		scheme + "://attacker.example%2f@" + host + ".attacker.example/",
		scheme + "://attacker" + host + "/",
		scheme + "://attacker-" + host + "/",
		scheme + "://attacker.example." + host + "/",
		scheme + "://" + center.Hostname() + ".:4443/",
		scheme + "://" + center.Hostname() + ":4443/",
		"ftp://" + host + "/",

		// Other schemes.
		"javascript:alert(1)",
		"JaVaScRiPt://" + host + "/%0aalert(1)",
		"java\tscript:alert(1)",
		"data:text/html,<script>alert(1)</script>",
		"vbscript:msgbox(1)",
		"blob:" + origin + "/0",
	}
}

// browserOrigin returns the origin that a browser on the page base opens for ref, or "" if that is
// not http or https. Like browsers it ignores tabs and line breaks, and takes a backslash for a
// slash.
func browserOrigin(base *url.URL, ref string) string {
	ref = strings.TrimFunc(ref, func(r rune) bool { return r <= ' ' })
	ref = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(ref)
	rest, scheme := ref, base.Scheme
	if name, after, ok := strings.Cut(ref, ":"); ok && isScheme(name) {
		scheme, rest = strings.ToLower(name), after
		if scheme != "http" && scheme != "https" {
			return ""
		}
		if scheme != base.Scheme { // the slashes are optional
			rest = "//" + strings.TrimLeft(rest, `/\`)
		}
	}
	end := strings.IndexAny(rest, "?#")
	if end < 0 {
		end = len(rest)
	}
	address := strings.ReplaceAll(rest[:end], `\`, "/")
	if !strings.HasPrefix(address, "//") {
		return originOf(base.String())
	}
	host, _, _ := strings.Cut(strings.TrimLeft(address, "/"), "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	return scheme + "://" + strings.ToLower(host)
}

var isScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`).MatchString
