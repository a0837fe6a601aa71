package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ocsso/internal/secret"
)

// A checker takes a rule: whether the setting at path breaks it, what is wrong then, and what to do
// about it. It reports the first rule that a setting breaks. No text shows a secret, or a URL, which
// may contain a password.
type checker func(path string, broken bool, text, hint string)

// oneOf is the rule that value is one of choices.
func (check checker) oneOf(path, value string, choices ...string) {
	check(path, !slices.Contains(choices, value), fmt.Sprintf("is %q", value), "set it to "+strings.Join(choices, " or "))
}

// between is the rule that a number or a duration is within bounds.
func between[T int | time.Duration](check checker, path string, value, least, most T) {
	check(path, value < least || value > most, fmt.Sprintf("is %v", value), fmt.Sprintf("set it to something from %v to %v", least, most))
}

// both is the rule that a certificate and its key are set together.
func (check checker) both(certPath, cert, keyPath, key string) {
	check(keyPath, cert != "" && key == "", "is missing beside "+certPath, "name the certificate's private key, or leave both out")
	check(certPath, cert == "" && key != "", "is missing beside "+keyPath, "name the key's certificate, or leave both out")
}

const leaveOne = "leave one of the two out"

// is says that a value is not what it has to be.
func is(value, kind string) string { return fmt.Sprintf("is %q, which is %s", value, kind) }

// itemPath is the path of an item of a list.
func itemPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// rules checks all settings but those in a section that no other setting chooses: it may be half
// filled in, for later.
func (check checker) rules(c Config) {
	check.server(c.Server)
	check.helpCenter(c.HelpCenter)
	check.publicURL("server.public_url", c.Server.PublicURL)
	check("server.public_url", c.Server.Origin() == c.HelpCenter.Origin(), "is the help center's origin", "set it to this server's own, as members see it")
	check.session(c)
	check.store(c.Store)
	check.login(c.Login)
	check.members(c)
	check.linkKeys("links_api.keys", c.LinksAPI.Keys)
	length := utf8.RuneCountInString(c.UI.SiteName)
	check("ui.site_name", length > 60, fmt.Sprintf("has %d characters, of at most 60", length), "shorten it: it stands in every page's header")
	check.oneOf("ui.default_language", c.UI.DefaultLanguage, "ko", "en", "ja", "zh")
	check.oneOf("log.format", c.Log.Format, "text", "json")
	check.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
}

func (check checker) server(s Server) {
	const form = "write it as 127.0.0.1:8080, or as :8080 for every address of this machine"
	check("server.listen", !isHostPort(s.Listen), is(s.Listen, "not host:port"), form)
	check("server.admin_listen", s.AdminListen != "" && !isHostPort(s.AdminListen), is(s.AdminListen, "not host:port"), form+`; or "" for none`)
	check("server.admin_listen", collide(s.Listen, s.AdminListen), "is where server.listen is", "choose another port")
	check.both("server.tls.cert_file", s.TLS.CertFile, "server.tls.key_file", s.TLS.KeyFile)
	check("server.public_url", s.TLS.CertFile != "" && strings.HasPrefix(s.PublicURL, "http:"), "is http, and server.tls is set", "write https, or leave server.tls out")
	between(check, "server.drain", s.Drain, 0, 5*time.Minute)
	check.networks("server.trusted_proxies", s.TrustedProxies, "from where anybody could claim any address",
		"name the proxies in front of this server, each as an address, such as 10.0.0.5, or a network, such as 10.0.0.0/8")
}

var (
	// domainPattern is the rule in CONTRACT 1.
	domainPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{2,39}$`)
	// servicePattern is a service id (section 2) that needs no escaping in a path.
	servicePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,50}$`)
)

func (check checker) helpCenter(h HelpCenter) {
	const service = "write the service id as the help center's URLs have it, between the host and /hc/"
	check.oneOf("help_center.environment", h.Environment, "real", "alpha")
	check("help_center.domain", h.Domain == "" && h.BaseURL == "", "is missing", "set it to the first label of the help center's host name, or set help_center.base_url")
	check("help_center.domain", h.Domain != "" && !domainPattern.MatchString(h.Domain), is(h.Domain, "not 3 to 40 letters, digits and hyphens, the first a letter or digit"),
		"write only the label before .oc.nhncloud.com; for another host set help_center.base_url")
	check("help_center.base_url", h.Domain != "" && h.BaseURL != "", "is set beside help_center.domain", leaveOne)
	if h.BaseURL != "" {
		check.origin("help_center.base_url", h.BaseURL)
	}
	check("help_center.services", len(h.Services) == 0, "is missing", service)
	for i, id := range h.Services {
		path := itemPath("help_center.services", i)
		check(path, !servicePattern.MatchString(id) || id == "." || id == "..", is(id, "not 1 to 50 of letters, digits, _ . and -"), service)
		check(path, slices.Index(h.Services, id) < i, fmt.Sprintf("is %q again", id), leaveOne)
	}
	check.organizationKey("help_center.organization_key", h.OrganizationKey.Value.Reveal())
	check.oneOf("help_center.handoff", h.Handoff, "form", "api", "link")
	between(check, "help_center.request_timeout", h.RequestTimeout, 100*time.Millisecond, time.Minute)
	for i, origin := range h.ExtraOrigins {
		path := itemPath("help_center.extra_origins", i)
		check.origin(path, origin)
		check(path, origin == h.Origin(), "is the help center's own, which may read the login status anyway", "leave it out")
		check(path, slices.Index(h.ExtraOrigins, origin) < i, "is there twice", leaveOne)
	}
}

// publishedKey is the key of the vendor's published sample (CONTRACT 3).
const publishedKey = "7cf2828608274a49a3f06152b2188927"

// placeholder is what keys have that were never filled in, without their punctuation.
var placeholder = regexp.MustCompile(`(?i)changeme|replaceme|insert|example|placeholder|samplekey|your(key|org|secret)|organizationkey|secretkey`)

func (check checker) organizationKey(path, key string) {
	const hint = "copy the organization key (조직 Key) from the help center's console"
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, key)
	distinct := slices.Compact(slices.Sorted(slices.Values([]rune(strings.ToLower(key)))))
	length := utf8.RuneCountInString(key)
	check(path, key == "", "is missing", hint+", into it or into a file that help_center.organization_key_file names")
	check(path, key == publishedKey, "is the key of the vendor's published sample", hint)
	check(path, length < 16, fmt.Sprintf("has %d characters, of at least 16", length), hint)
	check(path, placeholder.MatchString(letters) || len(distinct) < 5, "reads like a placeholder", hint)
}

// tokenAge is how long the help center accepts a token (CONTRACT 2).
const tokenAge = 3 * time.Minute

func (check checker) session(c Config) {
	const newKey = "make a key with: ocsso new-key"
	s, issued := c.Session, c.IssuedTokens.Lifetime
	between(check, "session.lifetime", s.Lifetime, tokenAge, 30*24*time.Hour)
	check("session.idle", s.Idle <= 0, fmt.Sprintf("is %v", s.Idle), "set it to more than 0")
	check("session.idle", s.Idle > s.Lifetime, fmt.Sprintf("is %v, longer than session.lifetime", s.Idle), fmt.Sprintf("set it to %v or less", s.Lifetime))
	check("session.keys", len(s.Keys.Value) == 0, "is missing", newKey)
	for i, text := range s.Keys.Value {
		path, key := itemPath("session.keys", i), text.Reveal()
		raw, err := base64.StdEncoding.Strict().DecodeString(key)
		first := slices.IndexFunc(s.Keys.Value, func(other secret.Text) bool { return other.Reveal() == key })
		check(path, key == "", "is empty", "leave out empty lines and items")
		check(path, err != nil, "is not standard Base64", newKey)
		check(path, len(raw) != KeySize, fmt.Sprintf("is %d bytes, not %d", len(raw), KeySize), newKey)
		check(path, len(slices.Compact(raw)) == 1, "is one byte over and over", newKey)
		check(path, first < i, "is the same as "+itemPath("session.keys", first), leaveOne)
	}
	check("issued_tokens.lifetime", issued < tokenAge, fmt.Sprintf("is %v, and the help center takes a token for longer", issued), fmt.Sprintf("set it to %v or more", tokenAge))
	check("issued_tokens.lifetime", issued > s.Lifetime, fmt.Sprintf("is %v, longer than session.lifetime", issued), fmt.Sprintf("set it to %v or less", s.Lifetime))
}

func (check checker) store(s Store) {
	check("store.kind", s.Kind == "sqlite", `is "sqlite", which is gone`, "set it to file, and store.file.path to a new file: members log in once more")
	check.oneOf("store.kind", s.Kind, "memory", "file", "redis")
	switch s.Kind {
	case "memory":
		between(check, "store.memory.max_mb", s.Memory.MaxMB, 1, 1_000_000)
	case "file":
		check("store.file.path", s.File.Path == "", "is missing", "name the file to keep sessions and issued tokens in")
	case "redis":
		check.redis("store.redis.", s.Redis)
	}
}

func (check checker) redis(section string, r Redis) {
	const form = "write it as 127.0.0.1:6379, or as redis://user:password@127.0.0.1:6379, or rediss:// for TLS; in a password, / is %2F and @ is %40"
	check(section+"addresses", len(r.Addresses) == 0, "is missing", form)
	check(section+"addresses", len(r.Addresses) > 1 && r.Mode == "single", fmt.Sprintf("has %d addresses, and store.redis.mode is single", len(r.Addresses)),
		"leave one of them, or set store.redis.mode to cluster or sentinel")
	for i, a := range r.Addresses {
		path, first := itemPath(section+"addresses", i), r.Addresses[0]
		check(path, !isPeer(a.HostPort), "is neither host:port nor a Redis URL", form)
		check(path, slices.IndexFunc(r.Addresses, func(other Address) bool { return other.HostPort == a.HostPort }) < i, "is there twice", leaveOne)
		check(path, a.Username != first.Username || a.Password.Reveal() != first.Password.Reveal() || a.TLS != first.TLS,
			"has another user, password or scheme than the first address", "write the same in all of them")
		check(path, r.Mode != "sentinel" && a.hasUser() && (r.Username != "" || r.Password.Value.Reveal() != ""),
			"has a user beside store.redis.username and password", leaveOne)
	}
	check.oneOf(section+"mode", r.Mode, "single", "cluster", "sentinel")
	check(section+"master", r.Mode == "sentinel" && r.Master == "", "is missing", "set it to the name that the sentinels have for the master")
	check(section+"master", r.Mode != "sentinel" && r.Master != "", "is set, and store.redis.mode is not sentinel", "leave it out, or set store.redis.mode to sentinel")
	const noTLS, setTLS = "is set, and store.redis.tls is false", "set store.redis.tls to true, or leave it out"
	check(section+"tls_ca_file", r.TLSCAFile != "" && !r.UsesTLS(), noTLS, setTLS)
	check(section+"tls_cert_file", r.TLSCertFile != "" && !r.UsesTLS(), noTLS, setTLS)
	check(section+"tls_key_file", r.TLSKeyFile != "" && !r.UsesTLS(), noTLS, setTLS)
	check.both(section+"tls_cert_file", r.TLSCertFile, section+"tls_key_file", r.TLSKeyFile)
}

func (check checker) members(c Config) {
	check.oneOf("members.kind", c.Members.Kind, "file", "sql")
	switch s := c.Members.SQL; {
	case !c.NeedsMembers():
	case c.Members.Kind == "file":
		check("members.file.path", c.Members.File.Path == "", "is missing", "name the file with the member accounts")
	case c.Members.Kind == "sql":
		check("members.sql.driver", s.Driver == "sqlite", `is "sqlite", which is gone`, "set it to postgres or mysql, or members.kind to file")
		check.oneOf("members.sql.driver", s.Driver, "postgres", "mysql")
		check("members.sql.dsn", s.DSN.Value.Reveal() == "", "is missing",
			"name the database, such as postgres://user:password@host/database, in it or in a file that members.sql.dsn_file names")
		check("members.sql.query", s.Query == "", "is missing", "write a SELECT that yields usercode and password_hash of one usercode")
		between(check, "members.sql.max_open", s.MaxOpen, 1, 1000)
		between(check, "members.sql.timeout", s.Timeout, 10*time.Millisecond, 10*time.Second)
	}
}

// linkKeys doesn't show what is no hash of a key: it may be the key.
func (check checker) linkKeys(path string, keys []string) {
	const hint = `make it with: printf %s "$KEY" | sha256sum`
	for i, text := range keys {
		hash, ok := parseHash(text)
		check(itemPath(path, i), !ok, "is not the 64 hex digits of a SHA-256", hint)
		check(itemPath(path, i), hash == sha256.Sum256(nil), "is the hash of nothing, and no key", hint)
		check(itemPath(path, i), slices.IndexFunc(keys, func(other string) bool { return strings.EqualFold(other, text) }) < i, "is there twice", leaveOne)
	}
}

func (check checker) login(l Login) {
	const register = "register this server with the provider, which gives it one"
	check.oneOf("login.with", l.With, "password", "site", "oidc", "oauth2", "proxy")
	check.rate("login.limits.per_address", l.Limits.PerAddress)
	check.rate("login.limits.per_member", l.Limits.PerMember)
	switch l.With {
	case "site":
		check.site(l.Site)
	case "oidc":
		o := l.OIDC
		check.issuer("login.oidc.issuer", o.Issuer)
		check("login.oidc.client_id", o.ClientID == "", "is missing", register)
		check("login.oidc.scopes", !slices.Contains(o.Scopes, "openid"), "lacks openid", "add openid: the provider doesn't say who the member is without it")
		check.scopes("login.oidc.scopes", o.Scopes)
		check("login.oidc.claims.usercode", o.Claims.UserCode == "", "is missing", "set it to a claim that never changes and never goes to somebody else, such as sub")
		check.oneOf("login.oidc.logout", o.Logout, "provider", "local")
		check("login.oidc.max_age", o.MaxAge != 0 && (o.MaxAge < time.Second || o.MaxAge > 30*24*time.Hour), fmt.Sprintf("is %v", o.MaxAge), "set it to something from 1s to 720h, or to 0s for any time")
		for prompt := range strings.FieldsSeq(o.Prompt) {
			check("login.oidc.prompt", !slices.Contains([]string{"login", "consent", "select_account"}, prompt), fmt.Sprintf("is %q", o.Prompt),
				`set it to login, consent, select_account or several of them with spaces between, or to "" for none`)
		}
	case "oauth2":
		const form = "copy it from the provider's documentation, such as https://nid.naver.com/oauth2.0/token"
		o := l.OAuth2
		check.secureURL("login.oauth2.authorization_url", o.AuthorizationURL, form)
		check.secureURL("login.oauth2.token_url", o.TokenURL, form)
		check.secureURL("login.oauth2.userinfo_url", o.UserInfoURL, form)
		check.oneOf("login.oauth2.userinfo_token", o.UserInfoToken, "bearer", "headers")
		check("login.oauth2.client_id", o.ClientID == "", "is missing", register)
		check.scopes("login.oauth2.scopes", o.Scopes)
		check.dotted("login.oauth2.fields.", o.Fields)
	case "proxy":
		const hint = "name the address that the proxy calls this server from, such as 10.0.0.5, or its network"
		check("login.proxy.from", len(l.Proxy.From) == 0, "is missing", hint)
		check.networks("login.proxy.from", l.Proxy.From, "from where anybody could be anyone", hint)
		check.headers("login.proxy.headers.", l.Proxy.Headers)
	}
}

// namePattern is a name in HTTP: RFC 9110's field-name and RFC 6265's cookie-name.
var namePattern = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

func (check checker) site(s LoginSite) {
	const form = "write it with its scheme and host, such as https://www.example.com/whoami"
	check("login.site.whoami_url", s.WhoamiURL == "", "is missing", "name your site's address that says who is logged in")
	check.url("login.site.whoami_url", s.WhoamiURL, form)
	check("login.site.login_url", s.LoginURL == "", "is missing", "name your site's login page")
	check.url("login.site.login_url", s.LoginURL, form)
	if s.LogoutURL != "" {
		check.url("login.site.logout_url", s.LogoutURL, form)
	}
	check("login.site.cookies", len(s.Cookies) == 0, "is missing", "name your site's session cookie, such as JSESSIONID, connect.sid, PHPSESSID or sessionid")
	for i, name := range s.Cookies {
		path := itemPath("login.site.cookies", i)
		check(path, !namePattern.MatchString(name), is(name, "no cookie's name"), "write the name alone, such as JSESSIONID")
		check(path, strings.HasPrefix(name, "__Host-ocsso"), fmt.Sprintf("is %q, this server's own cookie", name), "name your site's session cookie")
	}
	check("login.site.return_parameter", !namePattern.MatchString(s.ReturnParameter), is(s.ReturnParameter, "no parameter's name"), "write the name alone, such as next")
	for i, origin := range s.ReturnOrigins {
		check.origin(itemPath("login.site.return_origins", i), origin)
	}
	check.dotted("login.site.fields.", s.Fields)
	between(check, "login.site.timeout", s.Timeout, 100*time.Millisecond, 10*time.Second)
	between(check, "login.site.recheck", s.Recheck, time.Second, time.Hour)
}

func (check checker) rate(path string, rate Rate) {
	check(path, rate.Count < 1 || rate.Count > 100_000 || rate.Per < time.Second || rate.Per > 24*time.Hour,
		fmt.Sprintf("is %v", rate), "allow 1 to 100000 in a time from 1s to 24h")
}

// scopePattern is RFC 6749's scope-token.
var scopePattern = regexp.MustCompile(`^[!#-\[\]-~]+$`)

func (check checker) scopes(path string, scopes []string) {
	for i, scope := range scopes {
		check(itemPath(path, i), !scopePattern.MatchString(scope), is(scope, "no scope"), "write each scope as an item of its own")
	}
}

// dotted checks the paths of a member's fields in JSON.
func (check checker) dotted(section string, names MemberNames) {
	check(section+"usercode", names.UserCode == "", "is missing", "say where in the JSON the member's id is, such as response.id or user.id")
	for _, name := range names.all() {
		check(section+name.field, name.text != "" && slices.Contains(strings.Split(name.text, "."), ""), fmt.Sprintf("is %q, which has an empty name", name.text),
			"write the names with single dots between them, such as response.id")
	}
}

// headers checks that names are names of headers, no two the same.
func (check checker) headers(section string, names MemberNames) {
	check(section+"usercode", names.UserCode == "", "is missing", "name the header that says who the member is")
	first := map[string]string{}
	for _, name := range names.all() {
		if name.text == "" {
			continue
		}
		path, lower := section+name.field, strings.ToLower(name.text)
		check(path, !namePattern.MatchString(name.text), is(name.text, "no header's name"), "write the name alone, such as X-Forwarded-User")
		check(path, first[lower] != "", "is the same as "+first[lower], `name another header, or set it to "" for none`)
		first[lower] = cmp.Or(first[lower], path)
	}
}

// widest is the prefix length of the widest private network, fc00::/7. A wider one includes
// strangers.
const widest = 7

// networks checks CIDRs and addresses. danger says what strangers could do there.
func (check checker) networks(path string, texts []string, danger, hint string) {
	for i, text := range texts {
		prefix, err := parsePrefix(text)
		check(itemPath(path, i), err != nil, is(text, "not a CIDR"), hint)
		check(itemPath(path, i), prefix.Bits() < widest, fmt.Sprintf("is %q, %s", text, danger), hint)
	}
}
