package config

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A reporter takes what is wrong with the setting at path, and what to do about it.
type reporter func(path, text, hint string)

// validate reports every setting that is wrong by itself or contradicts another. It doesn't check a
// section that no other setting chooses: that may be half filled in, for later.
func validate(c Config, report reporter) {
	checkServer(c.Server, report)
	checkHelpCenter(c.HelpCenter, report)
	checkOrigins(c, report)
	checkSession(c.Session, report)
	checkIssuedTokens(c, report)
	checkStore(c.Store, report)
	checkLogin(c.Login, report)
	checkMembers(c, report)
	checkLinksAPI(c.LinksAPI, report)
	checkSiteName(c.UI.SiteName, report)
	checkChoice("ui.default_language", c.UI.DefaultLanguage, report, "ko", "en", "ja", "zh")
	checkChoice("log.format", c.Log.Format, report, "text", "json")
	checkChoice("log.level", c.Log.Level, report, "debug", "info", "warn", "error")
}

func checkServer(s Server, report reporter) {
	const hint = "write it as 127.0.0.1:8080, or as :8080 for every address of this machine"
	if !isHostPort(s.Listen) {
		report("server.listen", fmt.Sprintf("is %q, which is not host:port", s.Listen), hint)
	}
	switch {
	case s.AdminListen == "":
	case !isHostPort(s.AdminListen):
		report("server.admin_listen", fmt.Sprintf("is %q, which is not host:port", s.AdminListen), hint+`; or "" for none`)
	case collide(s.Listen, s.AdminListen):
		report("server.admin_listen", "is where server.listen is", "choose another port")
	}
	switch {
	case s.TLS.CertFile != "" && s.TLS.KeyFile == "":
		report("server.tls.key_file", "is missing beside server.tls.cert_file", "name the certificate's private key, or leave both out")
	case s.TLS.CertFile == "" && s.TLS.KeyFile != "":
		report("server.tls.cert_file", "is missing beside server.tls.key_file", "name the key's certificate, or leave both out")
	case s.TLS.CertFile != "" && strings.HasPrefix(s.PublicURL, "http:"):
		report("server.public_url", "is http, and server.tls is set", "write https, or leave server.tls out")
	}
	checkBetween("server.drain", s.Drain, 0, 5*time.Minute, report)
	checkNetworks("server.trusted_proxies", s.TrustedProxies, "from where anybody could claim any address",
		"name the proxies in front of this server, each as an address, such as 10.0.0.5, or a network, such as 10.0.0.0/8", report)
}

// widest is the prefix length of the widest private network, fc00::/7. A wider one includes
// strangers.
const widest = 7

// checkNetworks reports what is no CIDR and no address, and networks that are too wide. danger says
// what strangers could do there.
func checkNetworks(path string, texts []string, danger, hint string, report reporter) {
	for i, text := range texts {
		switch prefix, err := parsePrefix(text); {
		case err != nil:
			report(itemPath(path, i), fmt.Sprintf("is %q, which is not a CIDR", text), hint)
		case prefix.Bits() < widest:
			report(itemPath(path, i), fmt.Sprintf("is %q, %s", text, danger), hint)
		}
	}
}

var (
	// domainPattern is the rule in CONTRACT section 1.
	domainPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{2,39}$`)
	// servicePattern is a service id (section 2) that needs no escaping in a path.
	servicePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,50}$`)
)

func checkHelpCenter(h HelpCenter, report reporter) {
	checkChoice("help_center.environment", h.Environment, report, "real", "alpha")
	switch {
	case h.Domain == "" && h.BaseURL == "":
		report("help_center.domain", "is missing", "set it to the first label of the help center's host name, or set help_center.base_url")
	case h.Domain != "" && h.BaseURL != "":
		report("help_center.base_url", "is set beside help_center.domain", "leave one of the two out")
	case h.Domain != "" && !domainPattern.MatchString(h.Domain):
		report("help_center.domain", fmt.Sprintf("is %q, which is not 3 to 40 letters, digits and hyphens, the first a letter or digit", h.Domain),
			"write only the label before .oc.nhncloud.com; for another host set help_center.base_url")
	}

	const serviceHint = "write the service id as the help center's URLs have it, between the host and /hc/"
	if len(h.Services) == 0 {
		report("help_center.services", "is missing", serviceHint)
	}
	for i, service := range h.Services {
		switch {
		case !servicePattern.MatchString(service) || service == "." || service == "..":
			report(itemPath("help_center.services", i), fmt.Sprintf("is %q, which is not 1 to 50 of letters, digits, _ . and -", service), serviceHint)
		case slices.Index(h.Services, service) < i:
			report(itemPath("help_center.services", i), fmt.Sprintf("is %q again", service), "leave one of the two out")
		}
	}

	checkOrganizationKey(h.OrganizationKey.Reveal(), report)
	checkChoice("help_center.handoff", h.Handoff, report, "form", "api", "link")
	checkBetween("help_center.request_timeout", h.RequestTimeout, 100*time.Millisecond, time.Minute, report)
}

// checkOrigins checks the origins, and that no two parties have the same one.
func checkOrigins(c Config, report reporter) {
	helpCenter := c.HelpCenter.Origin()
	if text, hint := publicURLFault(c.Server.PublicURL); text != "" {
		report("server.public_url", text, hint)
	} else if c.Server.Origin() == helpCenter {
		report("server.public_url", "is the help center's origin", "set it to this server's own, as members see it")
	}
	if text, hint := originFault(c.HelpCenter.BaseURL); c.HelpCenter.BaseURL != "" && text != "" {
		report("help_center.base_url", text, hint)
	}
	for i, origin := range c.HelpCenter.ExtraOrigins {
		path := itemPath("help_center.extra_origins", i)
		text, hint := originFault(origin)
		switch {
		case text != "":
			report(path, text, hint)
		case origin == helpCenter:
			report(path, "is the help center's own, which may read the login status anyway", "leave it out")
		case slices.Index(c.HelpCenter.ExtraOrigins, origin) < i:
			report(path, "is there twice", "leave one of the two out")
		}
	}
}

// tokenAge is how long the help center accepts a token (CONTRACT section 2).
const tokenAge = 3 * time.Minute

func checkSession(s Session, report reporter) {
	checkBetween("session.lifetime", s.Lifetime, tokenAge, 30*24*time.Hour, report)
	switch {
	case s.Idle <= 0:
		report("session.idle", fmt.Sprintf("is %v", s.Idle), "set it to more than 0")
	case s.Idle > s.Lifetime:
		report("session.idle", fmt.Sprintf("is %v, longer than session.lifetime", s.Idle), fmt.Sprintf("set it to %v or less", s.Lifetime))
	}
	checkSessionKeys(s.Keys, report)
}

func checkIssuedTokens(c Config, report reporter) {
	switch lifetime := c.IssuedTokens.Lifetime; {
	case lifetime < tokenAge:
		report("issued_tokens.lifetime", fmt.Sprintf("is %v, and the help center takes a token for longer", lifetime),
			fmt.Sprintf("set it to %v or more", tokenAge))
	case lifetime > c.Session.Lifetime:
		report("issued_tokens.lifetime", fmt.Sprintf("is %v, longer than session.lifetime", lifetime),
			fmt.Sprintf("set it to %v or less", c.Session.Lifetime))
	}
}

func checkStore(s Store, report reporter) {
	if s.Kind == "sqlite" {
		report("store.kind", `is "sqlite", which is gone`, "set it to file, and store.file.path to a new file: members log in once more")
	} else {
		checkChoice("store.kind", s.Kind, report, "memory", "file", "redis")
	}
	switch {
	case s.Kind == "memory":
		checkBetween("store.memory.max_mb", s.Memory.MaxMB, 1, 1_000_000, report)
	case s.Kind == "file" && s.File.Path == "":
		report("store.file.path", "is missing", "name the file to keep sessions and issued tokens in")
	case s.Kind == "redis":
		checkRedis(s.Redis, report)
	}
}

func checkRedis(r Redis, report reporter) {
	const path, hint = "store.redis.addresses", "write it as 127.0.0.1:6379, or as redis://user:password@127.0.0.1:6379 or rediss:// for TLS"
	switch n := len(r.Addresses); {
	case n == 0:
		report(path, "is missing", hint)
	case n > 1 && r.Mode == "single":
		report(path, fmt.Sprintf("has %d addresses, and store.redis.mode is single", n),
			"leave one of them, or set store.redis.mode to cluster or sentinel")
	}
	for i, address := range r.Addresses {
		first := r.Addresses[0]
		switch {
		case !isPeer(address.HostPort): // not shown: it may be a password
			report(itemPath(path, i), "is neither host:port nor a Redis URL", hint)
		case slices.IndexFunc(r.Addresses, func(a Address) bool { return a.HostPort == address.HostPort }) < i:
			report(itemPath(path, i), "is there twice", "leave one of the two out")
		case address.Username != first.Username || address.Password.Reveal() != first.Password.Reveal() || address.TLS != first.TLS:
			report(itemPath(path, i), "has another user, password or scheme than the first address", "write the same in all of them")
		case r.Mode != "sentinel" && address.hasUser() && (r.Username != "" || r.Password.Reveal() != ""):
			report(itemPath(path, i), "has a user beside store.redis.username and password", "leave one of the two out")
		}
	}
	checkChoice("store.redis.mode", r.Mode, report, "single", "cluster", "sentinel")
	switch {
	case r.Mode == "sentinel" && r.Master == "":
		report("store.redis.master", "is missing", "set it to the name that the sentinels have for the master")
	case r.Mode != "sentinel" && r.Master != "":
		report("store.redis.master", "is set, and store.redis.mode is not sentinel", "leave it out, or set store.redis.mode to sentinel")
	}
	checkRedisTLS(r, report)
}

func checkRedisTLS(r Redis, report reporter) {
	for _, file := range []struct{ path, name string }{
		{"store.redis.tls_ca_file", r.TLSCAFile},
		{"store.redis.tls_cert_file", r.TLSCertFile},
		{"store.redis.tls_key_file", r.TLSKeyFile},
	} {
		if file.name != "" && !r.UsesTLS() {
			report(file.path, "is set, and store.redis.tls is false", "set store.redis.tls to true, or leave it out")
		}
	}
	switch {
	case r.TLSCertFile != "" && r.TLSKeyFile == "":
		report("store.redis.tls_key_file", "is missing beside store.redis.tls_cert_file", "name the certificate's private key, or leave both out")
	case r.TLSCertFile == "" && r.TLSKeyFile != "":
		report("store.redis.tls_cert_file", "is missing beside store.redis.tls_key_file", "name the key's certificate, or leave both out")
	}
}

func checkMembers(c Config, report reporter) {
	checkChoice("members.kind", c.Members.Kind, report, "file", "sql")
	switch {
	case !c.NeedsMembers():
	case c.Members.Kind == "file" && c.Members.File.Path == "":
		report("members.file.path", "is missing", "name the file with the member accounts")
	case c.Members.Kind == "sql":
		checkMembersSQL(c.Members.SQL, report)
	}
}

func checkMembersSQL(s MembersSQL, report reporter) {
	if s.Driver == "sqlite" {
		report("members.sql.driver", `is "sqlite", which is gone`, "use postgres or mysql, or a member file: members.kind file")
	} else {
		checkChoice("members.sql.driver", s.Driver, report, "postgres", "mysql")
	}
	if s.DSN.Reveal() == "" {
		report("members.sql.dsn", "is missing",
			"name the database, such as postgres://user:password@host/database, in it or in a file that members.sql.dsn_file names")
	}
	if s.Query == "" {
		report("members.sql.query", "is missing", "write a SELECT that yields usercode and password_hash of one usercode")
	}
	checkBetween("members.sql.max_open", s.MaxOpen, 1, 1000, report)
	checkBetween("members.sql.timeout", s.Timeout, 10*time.Millisecond, 10*time.Second, report)
}

// checkLinksAPI reports what is no hash of a key, without showing it: it may be the key.
func checkLinksAPI(l LinksAPI, report reporter) {
	const path, hint = "links_api.keys", `make it with: printf %s "$KEY" | sha256sum`
	var earlier [][sha256.Size]byte
	for i, key := range l.Keys {
		hash, ok := parseHash(key)
		switch {
		case !ok:
			report(itemPath(path, i), "is not the 64 hex digits of a SHA-256", hint)
		case hash == sha256.Sum256(nil):
			report(itemPath(path, i), "is the hash of nothing, and no key", hint)
		case slices.Contains(earlier, hash):
			report(itemPath(path, i), "is there twice", "leave one of the two out")
		}
		earlier = append(earlier, hash)
	}
}

func checkSiteName(name string, report reporter) {
	if n := utf8.RuneCountInString(name); n > 60 {
		report("ui.site_name", fmt.Sprintf("has %d characters, of at most 60", n), "shorten it: it stands in every page's header")
	}
}

// checkChoice reports a value that is none of choices.
func checkChoice(path, value string, report reporter, choices ...string) {
	if !slices.Contains(choices, value) {
		report(path, fmt.Sprintf("is %q", value), "set it to "+strings.Join(choices, " or "))
	}
}

// checkBetween reports a number or a duration out of bounds.
func checkBetween[T int | time.Duration](path string, value, least, most T, report reporter) {
	if value < least || value > most {
		report(path, fmt.Sprintf("is %v", value), fmt.Sprintf("set it to something from %v to %v", least, most))
	}
}

// itemPath is the path of an item of a list.
func itemPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
