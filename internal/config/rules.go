package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"ocsso/internal/secret"
	"ocsso/internal/yamlfile"
	"ocsso/static"
)

// A checker takes a rule: whether the setting at path breaks it, what is wrong then, and what to do
// about it. It reports the first rule that a setting breaks. No text shows a secret, or a URL, which
// may contain a password.
type checker func(path string, broken bool, text, hint string)

// required is the rule that a setting is there.
func (check checker) required(path, value, hint string) { check(path, value == "", "is missing", hint) }

// oneOf is the rule that value is one of choices.
func (check checker) oneOf(path, value string, choices ...string) {
	check(path, !slices.Contains(choices, value), fmt.Sprintf("is %q", value), "set it to "+strings.Join(choices, " or "))
}

// like is the rule that value has the form of a pattern.
func (check checker) like(path, value, pattern, kind, hint string) {
	check(path, !regexp.MustCompile("^(?:"+pattern+")$").MatchString(value), fmt.Sprintf("is %q, which is not %s", value, kind), hint)
}

// allLike is like for each item of a list.
func (check checker) allLike(path string, items []string, pattern, kind, hint string) {
	for i, item := range items {
		check.like(itemPath(path, i), item, pattern, kind, hint)
	}
}

// between is the rule that a number or a duration is within bounds.
func between[T int | time.Duration](check checker, path string, value, least, most T) {
	check(path, value < least || value > most, fmt.Sprintf("is %v", value), fmt.Sprintf("set it to something from %v to %v", least, most))
}

// each is rules for the items of a list.
func each[T any](path string, items []T, rules func(path string, item T)) {
	for i, item := range items {
		rules(itemPath(path, i), item)
	}
}

// unique is the rule that no item of a list is there twice.
func unique[T any](check checker, path string, items []T) {
	for i, item := range items {
		isSame := func(other T) bool { return reflect.DeepEqual(other, item) }
		check(itemPath(path, i), slices.IndexFunc(items, isSame) < i, "is there twice", leaveOne)
	}
}

const leaveOne = "leave one of the two out"

// itemPath is the path of an item of a list.
func itemPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// rules checks all settings but those in a section that no other setting chooses: it may be half
// filled in, for later.
func (check checker) rules(c Config) {
	check.server(c.Server)
	check.helpCenter(c.HelpCenter)
	check("server.public_url", c.Server.Origin() == c.HelpCenter.Origin(), "is the help center's origin", "set it to this server's own, as members see it")
	check.session(c)
	check.store(c.Store)
	check.login(c.Login)
	check.members(c)
	length := utf8.RuneCountInString(c.UI.SiteName)
	check("ui.site_name", length > 60, fmt.Sprintf("has %d characters, of at most 60", length), "shorten it: it stands in every page's header")
	check.brand(c)
	check.oneOf("ui.default_language", c.UI.DefaultLanguage, "ko", "en", "ja", "zh")
	check.oneOf("log.format", c.Log.Format, "text", "json")
}

func (check checker) brand(c Config) {
	const form, colour = "write it with its scheme and host, such as https://www.example.com/support", "write it as #0f6b5c"
	ui := c.UI
	check("ui.logo_url", ui.LogoURL != "" && ui.LogoFile != "", "is set beside ui.logo_file", leaveOne)
	if ui.LogoURL != "" {
		check.url("ui.logo_url", ui.LogoURL, endpoint, "an http or https URL", form, "change the picture")
	}
	check.like("ui.logo_file", strings.ToLower(ui.LogoFile), `|.*\.(svg|png|jpe?g|webp)`, "the name of an SVG, PNG, JPEG or WebP file", "convert the picture to one of these")
	if ui.Accent != "" {
		contrast, readable, ok := static.Accent(ui.Accent)
		check("ui.accent", !ok, fmt.Sprintf("is %q, which is no colour", ui.Accent), colour)
		check("ui.accent", !strings.EqualFold(readable, ui.Accent), fmt.Sprintf("is %s, whose contrast with white is %.2f, below the 4.5 of WCAG AA", ui.Accent, contrast),
			"choose a darker one, such as "+readable+": white text stands on it, and links have this colour on white")
	}
	for _, link := range [][2]string{{"find_id", ui.Links.FindID}, {"reset_password", ui.Links.ResetPassword}, {"sign_up", ui.Links.SignUp}, {"support", ui.Links.Support}, {"privacy", ui.Links.Privacy}} {
		isContact := link[0] == "support" && regexp.MustCompile(`^(tel:[0-9+*#-]+|mailto:[^@\s]+@[^@\s]+)$`).MatchString(link[1])
		if link[1] != "" && !isContact {
			check.url("ui.links."+link[0], link[1], endpoint+`(#\S*)?`, "an http or https URL", form, "")
		}
	}
}

func (check checker) server(s Server) {
	const form = "write it as 127.0.0.1:8080, or as :8080 for every address of this machine"
	isHostPort := func(text string) bool { // where the host may be empty, and the port 0
		_, port, err := net.SplitHostPort(text)
		_, errPort := strconv.ParseUint(port, 10, 16)
		return err == nil && errPort == nil
	}
	check("server.listen", !isHostPort(s.Listen), fmt.Sprintf("is %q, which is not host:port", s.Listen), form)
	check("server.admin_listen", s.AdminListen != "" && !isHostPort(s.AdminListen), fmt.Sprintf("is %q, which is not host:port", s.AdminListen), form+`; or "" for none`)
	check("server.admin_listen", s.AdminListen == s.Listen && !strings.HasSuffix(s.Listen, ":0"), "is where server.listen is", "choose another port")
	const both = "name both files, or leave both out"
	check("server.tls.cert_file", s.TLS.CertFile == "" && s.TLS.KeyFile != "", "is missing beside server.tls.key_file", both)
	check("server.tls.key_file", s.TLS.CertFile != "" && s.TLS.KeyFile == "", "is missing beside server.tls.cert_file", both)
	check("server.public_url", s.TLS.CertFile != "" && strings.HasPrefix(s.PublicURL, "http:"), "is http, and server.tls is set", "write https, or leave server.tls out")
	page := regexp.MustCompile("/(login(/(status|form|api|callback))?|logout|help|token/verify|setup)$").FindString(s.BasePath()) // copied from there
	check.origin("server.public_url", s.Origin())
	check("server.public_url", page != "", "has "+page+" at the end", "leave it out: "+strings.TrimSuffix(s.PublicURL, page))
	check("server.public_url", !regexp.MustCompile("^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$").MatchString(s.BasePath()), "has something behind the host that is no plain path",
		"write it as https://login.example.com, or with a path as https://www.example.com/oc-sso")
	between(check, "server.drain", s.Drain, 0, 5*time.Minute)
	check.networks("server.trusted_proxies", s.TrustedProxies, "name the proxies in front of this server: from there anybody could claim any address")
}

func (check checker) helpCenter(h HelpCenter) {
	const service = "write the service id as the help center's URLs have it, between the host and /hc/"
	check.oneOf("help_center.environment", h.Environment, "real", "beta", "alpha")
	check("help_center.domain", h.Domain == "" && h.BaseURL == "", "is missing", "set it to the first label of the help center's host name, or set help_center.base_url")
	check.like("help_center.domain", h.Domain, "|[A-Za-z0-9][A-Za-z0-9-]{2,39}", "3 to 40 letters, digits and hyphens, the first a letter or digit", // CONTRACT 1
		"write only the label before .oc.nhncloud.com; for another host set help_center.base_url")
	check("help_center.base_url", h.Domain != "" && h.BaseURL != "", "is set beside help_center.domain", leaveOne)
	if h.BaseURL != "" {
		check.origin("help_center.base_url", h.BaseURL)
	}
	check("help_center.services", len(h.Services) == 0, "is missing", service)
	check.allLike("help_center.services", h.Services, "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,49}", "1 to 50 of letters, digits, _ . and -", service)
	unique(check, "help_center.services", h.Services)
	check.organizationKey("help_center.organization_key", h.OrganizationKey.Reveal())
	check.oneOf("help_center.handoff", h.Handoff, "form", "api", "link")
	each("help_center.extra_origins", h.ExtraOrigins, func(path, origin string) {
		check.origin(path, origin)
		check(path, origin == h.Origin(), "is the help center's own, which may read the login status anyway", "leave it out")
	})
	unique(check, "help_center.extra_origins", h.ExtraOrigins)
}

func (check checker) organizationKey(path, key string) {
	const hint = "copy the organization key (조직 Key) from the help center's console"
	const published = "7cf2828608274a49a3f06152b2188927" // CONTRACT 3
	distinct := slices.Compact(slices.Sorted(slices.Values([]rune(key))))
	check.required(path, key, hint+", into it or into a file that help_center.organization_key_file names")
	check(path, key == published, "is the key of the vendor's published sample", hint)
	check(path, len(key) < 16, fmt.Sprintf("has %d characters, of at least 16", len(key)), hint)
	placeholder := regexp.MustCompile("(?i)changeme|replaceme|insert|example|placeholder|samplekey|your(key|org|secret)|organizationkey|secretkey")
	check(path, placeholder.MatchString(strings.NewReplacer("-", "", "_", "").Replace(key)) || len(distinct) < 5, "reads like a placeholder", hint)
}

// tokenAge is how long the help center accepts a token (CONTRACT 2).
const tokenAge = 3 * time.Minute

func (check checker) session(c Config) {
	const newKey = "make a key with: ocsso new-key"
	s := c.Session
	between(check, "session.lifetime", s.Lifetime, tokenAge, 30*24*time.Hour)
	between(check, "session.idle", s.Idle, time.Millisecond, s.Lifetime)
	between(check, "issued_tokens.lifetime", c.IssuedTokens.Lifetime, tokenAge, s.Lifetime)
	check("session.keys", len(s.Keys) == 0, "is missing", newKey)
	each("session.keys", s.Keys, func(path string, key secret.Text) {
		raw, err := base64.StdEncoding.Strict().DecodeString(key.Reveal())
		check(path, err != nil || len(raw) != KeySize, fmt.Sprintf("is not the standard Base64 of %d bytes", KeySize), newKey)
		check(path, len(slices.Compact(raw)) == 1, "is one byte over and over", newKey)
	})
	unique(check, "session.keys", s.Keys)
}

func (check checker) store(s Store) {
	check("store.kind", s.Kind == "sqlite", `is "sqlite", which is gone`, "set it to file, and store.file.path to a new file: members log in once more")
	check.oneOf("store.kind", s.Kind, "memory", "file", "redis")
	switch s.Kind {
	case "memory":
		between(check, "store.memory.max_mb", s.Memory.MaxMB, 1, 1_000_000)
	case "file":
		check.required("store.file.path", s.File.Path, "name the file to keep sessions and issued tokens in")
	case "redis":
		check.redis(s.Redis)
	}
}

func (check checker) redis(r Redis) {
	const addresses, file = "store.redis.addresses", "store.redis.tls_ca_file"
	check(addresses, len(r.Addresses) == 0, "is missing", "write it as 127.0.0.1:6379")
	each(addresses, r.Addresses, func(path string, a Address) {
		first := r.Addresses[0]
		check(path, a.User.String()+a.Path != first.User.String()+first.Path || a.Scheme != first.Scheme, "differs from the first address in more than host and port",
			"write the same scheme, user, password and master in all of them")
		check(addresses, len(r.Addresses) > 1 && a.Kind() == "redis", fmt.Sprintf("has %d addresses, which single servers would have", len(r.Addresses)),
			"leave one of them, or write redis+cluster:// or redis+sentinel://")
		check(path, a.Kind() != Sentinels && a.User != nil && (r.Username != "" || r.Password.Reveal() != ""), "has a user beside store.redis.username and password", leaveOne)
		check(file, r.TLSCAFile != "" && !a.TLS(), "is set, and store.redis.addresses are without TLS", "write rediss:// there, or leave it out")
	})
	unique(check, addresses, r.Addresses)
}

func (check checker) members(c Config) {
	const hash = `make it with: printf %s "$KEY" | sha256sum`
	check.oneOf("members.kind", c.Members.Kind, "file", "sql")
	if s := c.Members.SQL; c.NeedsMembers() && c.Members.Kind == "sql" {
		check("members.sql.driver", s.Driver == "sqlite", `is "sqlite", which is gone`, "set it to postgres or mysql, or members.kind to file")
		check.oneOf("members.sql.driver", s.Driver, "postgres", "mysql")
		check.required("members.sql.dsn", s.DSN.Reveal(), "name the database, such as postgres://user:password@host/database, in it or in a file that members.sql.dsn_file names")
		check.required("members.sql.query", s.Query, "write a SELECT that yields usercode and password_hash of one usercode")
		between(check, "members.sql.max_open", s.MaxOpen, 1, 1000)
		between(check, "members.sql.timeout", s.Timeout, 10*time.Millisecond, 10*time.Second)
	} else if c.NeedsMembers() {
		check.required("members.file.path", c.Members.File.Path, "name the file with the member accounts")
	}
	each("links_api.keys", c.LinksAPI.Keys, func(path, text string) { // which may be the key
		const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		check(path, !regexp.MustCompile("^[0-9A-Fa-f]{64}$").MatchString(text), "is not the 64 hex digits of a SHA-256", hash)
		check(path, strings.EqualFold(text, ofNothing), "is the hash of nothing, and no key", hash)
	})
	unique(check, "links_api.keys", c.LinksAPI.Keys)
}

func (check checker) login(l Login) {
	const (
		register   = "register this server with the provider, which gives it one"
		eachScope  = "write each scope as an item of its own"
		scopeToken = `[!#-\[\]-~]+` // RFC 6749's
	)
	check.oneOf("login.with", l.With, "password", "site", "oidc", "oauth2", "proxy")
	check.rate("login.limits.per_address", l.Limits.PerAddress)
	check.rate("login.limits.per_member", l.Limits.PerMember)
	each("login.guest_values", l.GuestValues, func(path, value string) {
		check(path, strings.Trim(value, ". ") == "", "stands for every member", "write a usercode that is nobody's, or [] for none")
	})
	switch l.With {
	case "site":
		check.site(l.Site)
	case "oidc":
		const form = "copy it as the provider's metadata has it, such as https://login.example.com/realms/members, without /.well-known/ and what follows"
		o := l.OIDC
		check.url("login.oidc.issuer", o.Issuer, `(/[^?#\s]*)?`, "an http or https URL with nothing behind its path", form, anyone)
		check("login.oidc.issuer", strings.Contains(o.Issuer, "/.well-known/"), "is where the provider's metadata is", form)
		check.required("login.oidc.client_id", o.ClientID, register)
		check("login.oidc.scopes", !slices.Contains(o.Scopes, "openid"), "lacks openid", "add openid: the provider doesn't say who the member is without it")
		check.allLike("login.oidc.scopes", o.Scopes, scopeToken, "a scope", eachScope)
		check.required("login.oidc.claims.usercode", o.Claims.UserCode, "set it to a claim that never changes and never goes to somebody else, such as sub")
		check.oneOf("login.oidc.logout", o.Logout, "provider", "local")
		if o.MaxAge != 0 {
			between(check, "login.oidc.max_age", o.MaxAge, time.Second, 30*24*time.Hour)
		}
		check.like("login.oidc.prompt", o.Prompt, "((login|consent|select_account)( |$))*", "login, consent, select_account or several of them with spaces between", `set it to "" for none`)
	case "oauth2":
		const form = "copy it from the provider's documentation, such as https://nid.naver.com/oauth2.0/token"
		o := l.OAuth2
		check.url("login.oauth2.authorization_url", o.AuthorizationURL, endpoint, "an http or https URL", form, anyone)
		check.url("login.oauth2.token_url", o.TokenURL, endpoint, "an http or https URL", form, anyone)
		check.url("login.oauth2.userinfo_url", o.UserInfoURL, endpoint, "an http or https URL", form, anyone)
		check.oneOf("login.oauth2.userinfo_token", o.UserInfoToken, "bearer", "headers")
		check.required("login.oauth2.client_id", o.ClientID, register)
		check.allLike("login.oauth2.scopes", o.Scopes, scopeToken, "a scope", eachScope)
		check.paths("login.oauth2.fields.", o.Fields)
	case "proxy":
		const hint = "name the address that the proxy calls this server from: from there anybody could be anyone"
		check("login.proxy.from", len(l.Proxy.From) == 0, "is missing", hint)
		check.networks("login.proxy.from", l.Proxy.From, hint)
		check.names("login.proxy.headers.", l.Proxy.Headers, httpName, "a header's name", "name the header that has it, without its colon, such as X-Forwarded-User")
	}
}

const (
	httpName = "[A-Za-z0-9!#$%&'*+.^_`|~-]+" // RFC 9110's field-name, and RFC 6265's cookie-name
	endpoint = `([/?][^#\s]*)?`
)

func (check checker) site(s LoginSite) {
	const form = "write your site's address with its scheme and host, such as https://www.example.com/whoami"
	check.url("login.site.whoami_url", s.WhoamiURL, endpoint, "an http or https URL", form, "")
	check.url("login.site.login_url", s.LoginURL, endpoint, "an http or https URL", form, "")
	if s.LogoutURL != "" {
		check.url("login.site.logout_url", s.LogoutURL, endpoint, "an http or https URL", form, "")
	}
	check("login.site.cookies", len(s.Cookies) == 0, "is missing", "name your site's session cookie, such as JSESSIONID, connect.sid, PHPSESSID or sessionid")
	check.allLike("login.site.cookies", s.Cookies, httpName, "a cookie's name", "write the name of your site's session cookie alone, such as JSESSIONID")
	check.like("login.site.return_parameter", s.ReturnParameter, httpName, "a parameter's name", "write the name alone, such as next")
	each("login.site.return_origins", s.ReturnOrigins, check.origin)
	check.paths("login.site.fields.", s.Fields)
	between(check, "login.site.recheck", s.Recheck, time.Second, time.Hour)
}

func (check checker) rate(path string, rate Rate) {
	check(path, rate.Count < 1 || rate.Count > 100_000 || rate.Per < time.Second || rate.Per > 24*time.Hour,
		fmt.Sprintf("is %v", rate), "allow 1 to 100000 in a time from 1s to 24h")
}

// paths checks where a member's fields are in JSON.
func (check checker) paths(section string, p MemberPaths) {
	const kind, hint = "a dotted path", "say where in the JSON it is, with single dots between the names, such as response.id or user.id"
	check.names(section, p.MemberNames, `[^.]+(\.[^.]+)*`, kind, hint)
	check.like(section+"email_verified", p.EmailVerified, `|[^. ]+([. ][^. ]+)*`, kind, hint+"; with a space between several")
}

// names checks where a member's fields are. Only the usercode has to be somewhere.
func (check checker) names(section string, n MemberNames, pattern, kind, hint string) {
	check.required(section+"usercode", n.UserCode, hint)
	for _, name := range [][2]string{{"usercode", n.UserCode}, {"username", n.UserName}, {"email", n.Email}, {"phone", n.Phone}, {"memberno", n.MemberNo}} {
		check.like(section+name[0], name[1], "|"+pattern, kind, hint)
	}
}

// networks is the rule that a network doesn't include strangers: fc00::/7 is the widest private one.
func (check checker) networks(path string, prefixes []netip.Prefix, hint string) {
	each(path, prefixes, func(path string, prefix netip.Prefix) {
		check(path, prefix.Bits() < 7, fmt.Sprintf("is %v, which is half the world", prefix), hint)
	})
}

// What somebody on the way of http could do.
const changing, anyone = "read and change logins", "log in as anyone"

// url is the rule that text is an http or https URL, behind whose host is what a pattern says, and
// that it is https unless it stays on this machine, or danger is "".
func (check checker) url(path, text, rest, kind, form, danger string) {
	const host = `https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?`
	check.required(path, text, form)
	check(path, !regexp.MustCompile("^"+host+rest+"$").MatchString(text), "is not "+kind, form)
	if u, err := url.Parse(text); danger != "" && err == nil && u.Scheme == "http" {
		addr, _ := netip.ParseAddr(u.Hostname())
		check(path, u.Hostname() != "localhost" && !addr.IsLoopback(),
			"is http, and not on loopback: anyone on the way could "+danger, "write https; http is for localhost, 127.0.0.0/8 and [::1] only")
	}
}

// origin checks an origin as browsers send it. It allows more hosts than DNS does.
func (check checker) origin(path, text string) {
	check.url(path, text, "", "an origin as browsers send it", "write it as https://www.example.com or https://www.example.com:8443, in lower case", changing)
	check(path, regexp.MustCompile("^(http:.*:80|https:.*:443)$").MatchString(text), "has its scheme's own port, which browsers leave out", "leave the port out")
}

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
