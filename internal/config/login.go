package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"ocsso/internal/secret"
)

// Login is how members log in. Only the section that With chooses is checked.
type Login struct {
	With   string      `yaml:"with"` // "password", "site", "oidc", "oauth2" or "proxy"
	Limits LoginLimits `yaml:"limits"`
	Site   LoginSite   `yaml:"site"`
	OIDC   OIDC        `yaml:"oidc"`
	OAuth2 OAuth2      `yaml:"oauth2"`
	Proxy  LoginProxy  `yaml:"proxy"`
}

// LoginLimits is how many attempts to log in there may be.
type LoginLimits struct {
	PerAddress Rate `yaml:"per_address"` // from one client address
	PerMember  Rate `yaml:"per_member"`  // with one usercode, from anywhere
}

// LoginSite is the customer's site of login "site".
type LoginSite struct {
	WhoamiURL       string        `yaml:"whoami_url"`       // http or https
	Cookies         []string      `yaml:"cookies"`          // at least one
	LoginURL        string        `yaml:"login_url"`        // http or https
	ReturnParameter string        `yaml:"return_parameter"` // not ""
	LogoutURL       string        `yaml:"logout_url"`       // http or https, or ""
	ReturnOrigins   []string      `yaml:"return_origins"`
	Fields          MemberNames   `yaml:"fields"`  // dotted paths
	Timeout         time.Duration `yaml:"timeout"` // 100 ms to 10 s
	Recheck         time.Duration `yaml:"recheck"` // 1 s to 1 h
}

// OIDC is the OpenID provider of login "oidc". A public client has no secret. Issuer is as the
// provider writes it, to compare byte for byte.
type OIDC struct {
	Issuer           string        `yaml:"issuer"`    // a URL
	ClientID         string        `yaml:"client_id"` // not ""
	ClientSecret     secret.Text   `yaml:"client_secret"`
	ClientSecretFile string        `yaml:"client_secret_file"`
	Scopes           []string      `yaml:"scopes"` // with "openid"
	Claims           MemberNames   `yaml:"claims"`
	Logout           string        `yaml:"logout"`  // "provider" or "local"
	MaxAge           time.Duration `yaml:"max_age"` // 0, or 1 s to 720 h
	Prompt           string        `yaml:"prompt"`  // "", or some of "login", "consent" and "select_account"
}

// OAuth2 is the provider of login "oauth2", which speaks OAuth 2 and not OpenID Connect. Its URLs
// are https, or http on loopback. A public client has no secret.
type OAuth2 struct {
	AuthorizationURL string      `yaml:"authorization_url"`
	TokenURL         string      `yaml:"token_url"`
	UserInfoURL      string      `yaml:"userinfo_url"`
	UserInfoToken    string      `yaml:"userinfo_token"` // "bearer" or "headers"
	ClientID         string      `yaml:"client_id"`      // not ""
	ClientSecret     secret.Text `yaml:"client_secret"`
	ClientSecretFile string      `yaml:"client_secret_file"`
	Scopes           []string    `yaml:"scopes"`
	Fields           MemberNames `yaml:"fields"` // dotted paths
	PKCE             bool        `yaml:"pkce"`
}

// LoginProxy is the authenticating reverse proxy of login "proxy".
type LoginProxy struct {
	From    []string    `yaml:"from"`    // at least one; see Prefixes
	Headers MemberNames `yaml:"headers"` // no two the same, in any case
}

// MemberNames are the claims or headers that hold a member's fields (CONTRACT section 2). UserCode
// is set; any other is "" for none.
type MemberNames struct {
	UserCode string `yaml:"usercode"`
	UserName string `yaml:"username"`
	Email    string `yaml:"email"`
	Phone    string `yaml:"phone"`
	MemberNo string `yaml:"memberno"`
}

func defaultLogin() Login {
	return Login{
		With:   "password",
		Limits: LoginLimits{PerAddress: Rate{30, time.Minute}, PerMember: Rate{10, time.Minute}},
		Site: LoginSite{
			ReturnParameter: "next",
			Fields: MemberNames{
				UserCode: "usercode", UserName: "username", Email: "email", Phone: "phone", MemberNo: "memberno",
			},
			Timeout: time.Second, Recheck: 30 * time.Second,
		},
		OIDC: OIDC{
			Scopes: []string{"openid", "profile", "email"},
			Claims: MemberNames{UserCode: "sub", UserName: "name", Email: "email", Phone: "phone_number"},
			Logout: "provider",
		},
		OAuth2: OAuth2{
			UserInfoToken: "bearer",
			Fields:        MemberNames{UserCode: "id", UserName: "name", Email: "email"},
			PKCE:          true,
		},
		Proxy: LoginProxy{
			From:    []string{"127.0.0.1/32"},
			Headers: MemberNames{UserCode: "X-Forwarded-User", UserName: "X-Forwarded-Preferred-Username", Email: "X-Forwarded-Email"},
		},
	}
}

// Prefixes returns From; an address without a length is a prefix of one address. IPv4 in IPv6 form
// is IPv4.
func (p LoginProxy) Prefixes() []netip.Prefix { return parsePrefixes(p.From) }

func checkLogin(l Login, report reporter) {
	checkChoice("login.with", l.With, report, "password", "site", "oidc", "oauth2", "proxy")
	checkRate("login.limits.per_address", l.Limits.PerAddress, report)
	checkRate("login.limits.per_member", l.Limits.PerMember, report)
	switch l.With {
	case "site":
		checkLoginSite(l.Site, report)
	case "oidc":
		checkOIDC(l.OIDC, report)
	case "oauth2":
		checkOAuth2(l.OAuth2, report)
	case "proxy":
		checkLoginProxy(l.Proxy, report)
	}
}

func checkRate(path string, rate Rate, report reporter) {
	if rate.Count < 1 || rate.Count > 100_000 || rate.Per < time.Second || rate.Per > 24*time.Hour {
		report(path, fmt.Sprintf("is %v", rate), "allow 1 to 100000 in a time from 1s to 24h")
	}
}

// scopePattern is RFC 6749's scope-token.
var scopePattern = regexp.MustCompile(`^[!#-\[\]-~]+$`)

func checkOIDC(o OIDC, report reporter) {
	if fault, hint := issuerFault(o.Issuer); fault != "" {
		report("login.oidc.issuer", fault, hint)
	}
	if o.ClientID == "" {
		report("login.oidc.client_id", "is missing", "register this server with the provider, which gives it one")
	}
	if !slices.Contains(o.Scopes, "openid") {
		report("login.oidc.scopes", "lacks openid", "add openid: the provider doesn't say who the member is without it")
	}
	checkScopes("login.oidc.scopes", o.Scopes, report)
	if o.Claims.UserCode == "" {
		report("login.oidc.claims.usercode", "is missing", "set it to a claim that never changes and never goes to somebody else, such as sub")
	}
	checkChoice("login.oidc.logout", o.Logout, report, "provider", "local")
	if o.MaxAge != 0 {
		checkBetween("login.oidc.max_age", o.MaxAge, time.Second, 30*24*time.Hour, report)
	}
	for prompt := range strings.FieldsSeq(o.Prompt) {
		if !slices.Contains([]string{"login", "consent", "select_account"}, prompt) {
			report("login.oidc.prompt", fmt.Sprintf("is %q", o.Prompt),
				`set it to login, consent, select_account or several of them with spaces between, or to "" for none`)
			break
		}
	}
}

func checkScopes(path string, scopes []string, report reporter) {
	for i, scope := range scopes {
		if !scopePattern.MatchString(scope) {
			report(itemPath(path, i), fmt.Sprintf("is %q, which is no scope", scope), "write each scope as an item of its own")
		}
	}
}

func checkOAuth2(o OAuth2, report reporter) {
	for _, u := range []struct{ path, value string }{
		{"login.oauth2.authorization_url", o.AuthorizationURL},
		{"login.oauth2.token_url", o.TokenURL},
		{"login.oauth2.userinfo_url", o.UserInfoURL},
	} {
		if fault, hint := endpointFault(u.value); fault != "" {
			report(u.path, fault, hint)
		}
	}
	checkChoice("login.oauth2.userinfo_token", o.UserInfoToken, report, "bearer", "headers")
	if o.ClientID == "" {
		report("login.oauth2.client_id", "is missing", "register this server with the provider, which gives it one")
	}
	checkScopes("login.oauth2.scopes", o.Scopes, report)
	for _, field := range []struct{ name, path string }{
		{"usercode", o.Fields.UserCode}, {"username", o.Fields.UserName}, {"email", o.Fields.Email},
		{"phone", o.Fields.Phone}, {"memberno", o.Fields.MemberNo},
	} {
		switch {
		case field.path == "" && field.name == "usercode":
			report("login.oauth2.fields.usercode", "is missing", "say where in the JSON the member's id is, such as response.id")
		case field.path != "" && slices.Contains(strings.Split(field.path, "."), ""):
			report("login.oauth2.fields."+field.name, fmt.Sprintf("is %q, which has an empty name", field.path),
				"write the names with single dots between them, such as response.id")
		}
	}
}

// endpointFault returns what is wrong with the URL of a provider's endpoint and how to mend it, or
// "". It doesn't show the value: a URL may contain a password.
func endpointFault(text string) (fault, hint string) {
	const form = "copy it from the provider's documentation, such as https://nid.naver.com/oauth2.0/token"
	u, err := url.Parse(text)
	switch {
	case text == "":
		return "is missing", form
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "is not an http or https URL", form
	case u.User != nil || u.Fragment != "":
		return "has a user or a fragment in it", "leave it out"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "is http, and not on loopback: anyone on the way could log in as anyone",
			"write https; http is for localhost, 127.0.0.0/8 and [::1] only"
	}
	return "", ""
}

// issuerFault returns what is wrong with an issuer and how to mend it, or "". It takes a slash at
// the end and none, since providers differ. It doesn't show the value: a URL may contain a
// password.
func issuerFault(text string) (fault, hint string) {
	const form = "copy it as the provider's metadata has it, such as https://login.example.com/realms/members"
	u, err := url.Parse(text)
	switch {
	case text == "":
		return "is missing", form
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "is not an http or https URL", form
	case u.User != nil:
		return "has a user in it", form
	case strings.ContainsAny(text, "?#"):
		return "has something behind the path", form
	case strings.Contains(text, "/.well-known/"):
		return "is where the provider's metadata is", "leave out /.well-known/ and what follows"
	case u.String() != text:
		return "has characters that are not in a URL", form
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "is http, and not on loopback: anyone on the way could log in as anyone",
			"write https; http is for localhost, 127.0.0.0/8 and [::1] only"
	}
	return "", ""
}

// cookieNamePattern is RFC 6265's cookie-name.
var cookieNamePattern = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

func checkLoginSite(s LoginSite, report reporter) {
	for _, u := range []struct {
		path, value, missing string
	}{
		{"login.site.whoami_url", s.WhoamiURL, "name your site's address that says who is logged in"},
		{"login.site.login_url", s.LoginURL, "name your site's login page"},
		{"login.site.logout_url", s.LogoutURL, ""},
	} {
		switch parsed, err := url.Parse(u.value); {
		case u.value == "" && u.missing != "":
			report(u.path, "is missing", u.missing)
		case u.value == "":
		case err != nil || parsed.Hostname() == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
			report(u.path, "is not an http or https URL", "write it with its scheme and host, such as https://www.example.com/whoami")
		case parsed.User != nil || parsed.Fragment != "":
			report(u.path, "has a user or a fragment in it", "leave it out")
		}
	}
	if len(s.Cookies) == 0 {
		report("login.site.cookies", "is missing", "name your site's session cookie, such as JSESSIONID, connect.sid, PHPSESSID or sessionid")
	}
	for i, name := range s.Cookies {
		switch path := itemPath("login.site.cookies", i); {
		case !cookieNamePattern.MatchString(name):
			report(path, fmt.Sprintf("is %q, which is no cookie's name", name), "write the name alone, such as JSESSIONID")
		case strings.HasPrefix(name, "__Host-ocsso"):
			report(path, fmt.Sprintf("is %q, this server's own cookie", name), "name your site's session cookie")
		}
	}
	if !cookieNamePattern.MatchString(s.ReturnParameter) {
		report("login.site.return_parameter", fmt.Sprintf("is %q, which is no parameter's name", s.ReturnParameter), "write the name alone, such as next")
	}
	for i, origin := range s.ReturnOrigins {
		if text, hint := originFault(origin); text != "" {
			report(itemPath("login.site.return_origins", i), text, hint)
		}
	}
	if s.Fields.UserCode == "" {
		report("login.site.fields.usercode", "is missing", "say where in the JSON the member's id is, such as user.id")
	}
	checkBetween("login.site.timeout", s.Timeout, 100*time.Millisecond, 10*time.Second, report)
	checkBetween("login.site.recheck", s.Recheck, time.Second, time.Hour, report)
}

func checkLoginProxy(p LoginProxy, report reporter) {
	const path, hint = "login.proxy.from", "name the address that the proxy calls this server from, such as 10.0.0.5, or its network"
	if len(p.From) == 0 {
		report(path, "is missing", hint)
	}
	checkNetworks(path, p.From, "from where anybody could be anyone", hint, report)
	checkHeaders(p.Headers, report)
}

// headerPattern is RFC 9110's field-name.
var headerPattern = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// checkHeaders reports names that no header can have, and a header that two fields use.
func checkHeaders(names MemberNames, report reporter) {
	const section = "login.proxy.headers."
	first := map[string]string{}
	for _, name := range [...]struct{ path, header string }{
		{section + "usercode", names.UserCode},
		{section + "username", names.UserName},
		{section + "email", names.Email},
		{section + "phone", names.Phone},
		{section + "memberno", names.MemberNo},
	} {
		lower := strings.ToLower(name.header)
		earlier, again := first[lower]
		switch {
		case name.header == "" && name.path == section+"usercode":
			report(name.path, "is missing", "name the header that says who the member is")
		case name.header == "":
		case !headerPattern.MatchString(name.header):
			report(name.path, fmt.Sprintf("is %q, which is no header's name", name.header), "write the name alone, such as X-Forwarded-User")
		case again:
			report(name.path, "is the same as "+earlier, `name another header, or set it to "" for none`)
		default:
			first[lower] = name.path
		}
	}
}
