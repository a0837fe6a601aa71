// Package config holds the settings, their defaults, where they come from and how they are checked.
//
// It reads no file and no environment variable by itself. It doesn't know what the settings are
// for: cmd/ocsso turns them into the values that other packages take.
package config

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/secret"

	"go.yaml.in/yaml/v3"
)

// A Secret is a setting that is given itself, or in a file that the setting with "_file" behind its
// name names.
type Secret[T secret.Text | []secret.Text] struct {
	Value T
	File  string // that Value was read from, or ""
}

// Config holds every setting. The path of a setting is its yaml tags joined by dots
// ("server.tls.cert_file"). Load returns a complete and checked Config. The comments here say what
// it guarantees; config.example.yaml says what the settings do.
type Config struct {
	Server       Server       `yaml:"server"`
	HelpCenter   HelpCenter   `yaml:"help_center"`
	Session      Session      `yaml:"session"`
	IssuedTokens IssuedTokens `yaml:"issued_tokens"`
	Store        Store        `yaml:"store"`
	Login        Login        `yaml:"login"`
	Members      Members      `yaml:"members"`
	LinksAPI     LinksAPI     `yaml:"links_api"`
	UI           UI           `yaml:"ui"`
	Log          Log          `yaml:"log"`
}

// Server is where this server listens and how members reach it.
type Server struct {
	Listen         string        `yaml:"listen"`          // host:port; an empty host is every address
	AdminListen    string        `yaml:"admin_listen"`    // host:port, not Listen's; "" for none
	PublicURL      string        `yaml:"public_url"`      // see Origin and BasePath; https unless it is loopback
	TLS            TLS           `yaml:"tls"`             // both files or neither
	TrustedProxies []string      `yaml:"trusted_proxies"` // CIDRs and addresses; see TrustedPrefixes
	Drain          time.Duration `yaml:"drain"`           // 0 to 5 min
}

// Origin is the origin of PublicURL.
func (s Server) Origin() string {
	origin, _ := splitPublicURL(s.PublicURL)
	return origin
}

// BasePath is the path of PublicURL, without a slash at the end: "" or "/oc-sso".
func (s Server) BasePath() string {
	_, path := splitPublicURL(s.PublicURL)
	return path
}

// TLS names the PEM files to serve https with. Both are "" when a proxy does that.
type TLS struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// HelpCenter is the organization's help center at the vendor (CONTRACT 1). Either Domain or
// BaseURL is set; see Origin. Services has at least one, the default first, and none twice.
type HelpCenter struct {
	Environment     string              `yaml:"environment"`      // "real" or "alpha"
	Domain          string              `yaml:"domain"`           // 3 to 40 letters, digits, hyphens
	BaseURL         string              `yaml:"base_url"`         // an origin
	Services        []string            `yaml:"services"`         // 1 to 50 characters each
	OrganizationKey Secret[secret.Text] `yaml:"organization_key"` // at least 16 characters
	Handoff         string              `yaml:"handoff"`          // "form", "api" or "link"
	RequestTimeout  time.Duration       `yaml:"request_timeout"`  // 100 ms to 60 s
	ExtraOrigins    []string            `yaml:"extra_origins"`    // none is the help center's
}

// Session is how long a login lasts, and the keys that seal its cookie. There is at least one key,
// the newest first, and none twice; see KeyBytes.
type Session struct {
	Lifetime time.Duration         `yaml:"lifetime"` // since the login, 3 minutes to 30 days
	Idle     time.Duration         `yaml:"idle"`     // since the last request, above 0, up to Lifetime
	Keys     Secret[[]secret.Text] `yaml:"keys"`
}

// IssuedTokens is how long the token verify URL confirms a token (D7).
type IssuedTokens struct {
	Lifetime time.Duration `yaml:"lifetime"` // 3 minutes to the session's lifetime
}

// Store is where sessions and issued tokens are kept. Only the section of its kind is checked.
type Store struct {
	Kind   string `yaml:"kind"` // "memory", "file" or "redis"
	Memory Memory `yaml:"memory"`
	File   File   `yaml:"file"`
	Redis  Redis  `yaml:"redis"`
}

// Memory is the bound of kind "memory".
type Memory struct {
	MaxMB int `yaml:"max_mb"` // 1 to 1 million
}

// File is the database file of kind "file".
type File struct {
	Path string `yaml:"path"` // relative to the working directory
}

// Redis is the Redis or Valkey of kind "redis". It has one address in mode "single", at least one
// in the others, and the sentinels' in mode "sentinel".
type Redis struct {
	Addresses   []Address           `yaml:"addresses"` // each with the same user, password and TLS
	Mode        string              `yaml:"mode"`      // "single", "cluster" or "sentinel"
	Master      string              `yaml:"master"`    // its name at the sentinels, else ""
	TLS         bool                `yaml:"tls"`
	TLSCAFile   string              `yaml:"tls_ca_file"`   // these three only with TLS
	TLSCertFile string              `yaml:"tls_cert_file"` // both or neither
	TLSKeyFile  string              `yaml:"tls_key_file"`
	Username    string              `yaml:"username"`   // "" for the default user
	Password    Secret[secret.Text] `yaml:"password"`   // empty for none
	KeyPrefix   string              `yaml:"key_prefix"` // before every key
}

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
	Issuer       string              `yaml:"issuer"`    // a URL
	ClientID     string              `yaml:"client_id"` // not ""
	ClientSecret Secret[secret.Text] `yaml:"client_secret"`
	Scopes       []string            `yaml:"scopes"` // with "openid"
	Claims       MemberNames         `yaml:"claims"`
	Logout       string              `yaml:"logout"`  // "provider" or "local"
	MaxAge       time.Duration       `yaml:"max_age"` // 0, or 1 s to 720 h
	Prompt       string              `yaml:"prompt"`  // "", or some of "login", "consent" and "select_account"
}

// OAuth2 is the provider of login "oauth2", which speaks OAuth 2 and not OpenID Connect. Its URLs
// are https, or http on loopback. A public client has no secret.
type OAuth2 struct {
	AuthorizationURL string              `yaml:"authorization_url"`
	TokenURL         string              `yaml:"token_url"`
	UserInfoURL      string              `yaml:"userinfo_url"`
	UserInfoToken    string              `yaml:"userinfo_token"` // "bearer" or "headers"
	ClientID         string              `yaml:"client_id"`      // not ""
	ClientSecret     Secret[secret.Text] `yaml:"client_secret"`
	Scopes           []string            `yaml:"scopes"`
	Fields           MemberNames         `yaml:"fields"` // dotted paths
	PKCE             bool                `yaml:"pkce"`
}

// LoginProxy is the authenticating reverse proxy of login "proxy".
type LoginProxy struct {
	From    []string    `yaml:"from"`    // at least one; see Prefixes
	Headers MemberNames `yaml:"headers"` // no two the same, in any case
}

// MemberNames are the claims or headers that hold a member's fields (CONTRACT 2). UserCode
// is set; any other is "" for none.
type MemberNames struct {
	UserCode string `yaml:"usercode"`
	UserName string `yaml:"username"`
	Email    string `yaml:"email"`
	Phone    string `yaml:"phone"`
	MemberNo string `yaml:"memberno"`
}

func (n MemberNames) all() []struct{ field, text string } {
	return []struct{ field, text string }{
		{"usercode", n.UserCode}, {"username", n.UserName}, {"email", n.Email}, {"phone", n.Phone}, {"memberno", n.MemberNo},
	}
}

// Members is where the member accounts are. Only the section of its kind is checked, and only when
// NeedsMembers.
type Members struct {
	Kind string      `yaml:"kind"` // "file" or "sql"
	File MembersFile `yaml:"file"`
	SQL  MembersSQL  `yaml:"sql"`
}

// MembersFile is the member file of kind "file".
type MembersFile struct {
	Path string `yaml:"path"` // relative to the working directory
}

// MembersSQL is the database of kind "sql".
type MembersSQL struct {
	Driver  string              `yaml:"driver"`   // "postgres" or "mysql"
	DSN     Secret[secret.Text] `yaml:"dsn"`      // in the driver's form
	Query   string              `yaml:"query"`    // with one parameter, the usercode
	MaxOpen int                 `yaml:"max_open"` // connections, 1 to 1000
	Timeout time.Duration       `yaml:"timeout"`  // of one lookup, 10 ms to 10 s
}

// LinksAPI is which of the customer's backends may call /v1. Without keys none may.
type LinksAPI struct {
	Keys []string `yaml:"keys"` // SHA-256 in hex, none twice; see Hashes
}

// UI is what members see.
type UI struct {
	SiteName        string `yaml:"site_name"`        // up to 60 characters; "" for the default
	DefaultLanguage string `yaml:"default_language"` // "ko", "en", "ja" or "zh"
}

// Log is the log on standard error.
type Log struct {
	Format string `yaml:"format"` // "text" or "json"
	Level  string `yaml:"level"`  // "debug", "info", "warn" or "error"
}

// Default returns the defaults. It is not complete: domain, services, organization key and session
// keys have none.
func Default() Config {
	return Config{
		Server:       Server{Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", PublicURL: "http://localhost:8080", Drain: 5 * time.Second},
		HelpCenter:   HelpCenter{Environment: "alpha", Handoff: "form", RequestTimeout: 5 * time.Second},
		Session:      Session{Lifetime: 12 * time.Hour, Idle: 2 * time.Hour},
		IssuedTokens: IssuedTokens{Lifetime: time.Hour},
		Store: Store{
			Kind:   "memory",
			Memory: Memory{MaxMB: 128},
			File:   File{Path: "data/ocsso.db"},
			Redis:  Redis{Addresses: []Address{{HostPort: "127.0.0.1:6379"}}, Mode: "single", KeyPrefix: "ocsso:"},
		},
		Login: Login{
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
		},
		Members: Members{
			Kind: "file",
			File: MembersFile{Path: "members.yaml"},
			SQL:  MembersSQL{Driver: "postgres", MaxOpen: 10, Timeout: time.Second},
		},
		UI:  UI{DefaultLanguage: "ko"},
		Log: Log{Format: "text", Level: "info"},
	}
}

// Origin returns the help center's origin: BaseURL, or the vendor's host for Domain in Environment
// (CONTRACT 1), in lower case as browsers send it.
func (h HelpCenter) Origin() string {
	if h.BaseURL != "" {
		return h.BaseURL
	}
	parent := ".oc.alpha-nhncloud.com"
	if h.Environment == "real" {
		parent = ".oc.nhncloud.com"
	}
	return "https://" + strings.ToLower(h.Domain) + parent
}

// NeedsMembers reports whether accounts are looked up: to log in with a password, or for /v1/links.
func (c Config) NeedsMembers() bool { return c.Login.With == "password" || len(c.LinksAPI.Keys) > 0 }

// Hashes returns Keys decoded, in their order.
func (l LinksAPI) Hashes() [][sha256.Size]byte {
	hashes := make([][sha256.Size]byte, len(l.Keys))
	for i, key := range l.Keys {
		hashes[i], _ = parseHash(key)
	}
	return hashes
}

// parseHash reads a SHA-256 in hex, in either case.
func parseHash(text string) (hash [sha256.Size]byte, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return hash, false
	}
	return [sha256.Size]byte(raw), true
}

// TrustedPrefixes returns TrustedProxies; an address without a length is a prefix of one address.
// IPv4 in IPv6 form is IPv4.
func (s Server) TrustedPrefixes() []netip.Prefix { return parsePrefixes(s.TrustedProxies) }

// Prefixes returns From as TrustedPrefixes does.
func (p LoginProxy) Prefixes() []netip.Prefix { return parsePrefixes(p.From) }

func parsePrefixes(texts []string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		prefixes[i], _ = parsePrefix(text)
	}
	return prefixes
}

// parsePrefix reads a CIDR or an address without a length. It turns IPv4 in IPv6 form
// (::ffff:10.0.0.0/104) into IPv4.
func parsePrefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		prefix, err := netip.ParsePrefix(text)
		if err == nil && prefix.Addr().Is4In6() {
			const before = 128 - 32 // bits before the IPv4 address
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), max(prefix.Bits()-before, 0))
		}
		return prefix, err
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr.WithZone(""), addr.BitLen()), nil
}

// KeySize is the length of a session key in bytes.
const KeySize = 64

// NewSessionKey returns a random key for session.keys.
func NewSessionKey() string {
	key := make([]byte, KeySize)
	rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// KeyBytes returns Keys decoded, in their order, KeySize bytes each.
func (s Session) KeyBytes() [][]byte {
	keys := make([][]byte, len(s.Keys.Value))
	for i, key := range s.Keys.Value {
		keys[i], _ = base64.StdEncoding.DecodeString(key.Reveal())
	}
	return keys
}

// A Rate is how often something may happen: Count times, 1 to 100000, in each Per, 1 s to 24 h. As
// text it is "30/1m".
type Rate struct {
	Count int
	Per   time.Duration
}

// parseRate reads a Rate and doesn't check its bounds.
func parseRate(text string) (Rate, error) {
	count, per, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	if err != nil {
		return Rate{}, err
	}
	d, err := time.ParseDuration(per)
	return Rate{n, d}, err
}

// String returns a text that Load reads as the same Rate.
func (r Rate) String() string { return fmt.Sprintf("%d/%v", r.Count, r.Per) }

// MarshalText returns what String returns. YAML calls it.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// An Address is where a Redis server or a sentinel listens, and who logs in there. As text it is
// host:port, or a URL: redis://user:password@host:port, or rediss:// for TLS.
type Address struct {
	HostPort string // "" for a text that is no address
	Username string
	Password secret.Text
	TLS      bool
}

// parseAddress reads an Address. It can't fail, so that a rule reports what is none.
func parseAddress(text string) Address {
	if !strings.Contains(text, "://") {
		return Address{HostPort: text}
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return Address{}
	}
	password, _ := u.User.Password()
	return Address{net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "6379")), u.User.Username(), secret.New(password), u.Scheme == "rediss"}
}

func (a Address) hasUser() bool { return a.Username != "" || a.Password.Reveal() != "" }

// String returns a text that Load reads as the same Address, but for its password.
func (a Address) String() string {
	if !a.hasUser() && !a.TLS {
		return a.HostPort
	}
	u := url.URL{Scheme: "redis", Host: a.HostPort}
	if a.TLS {
		u.Scheme = "rediss"
	}
	if a.hasUser() {
		u.User = url.UserPassword(a.Username, "xxxxx")
	}
	return u.String()
}

// MarshalText returns what String returns. YAML calls it.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UsesTLS reports whether to connect over TLS, to the sentinels too.
func (r Redis) UsesTLS() bool { return r.TLS || len(r.Addresses) > 0 && r.Addresses[0].TLS }

// Show returns the settings as YAML that Load reads. A secret that is set shows as "[redacted]".
func (c Config) Show() []byte {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range settingsOf(reflect.ValueOf(&c).Elem(), "") {
		section, names := root, strings.Split(s.path, ".")
		for _, name := range names[:len(names)-1] {
			last := len(section.Content) - 1
			if last < 0 || section.Content[last-1].Value != name {
				section.Content = append(section.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, &yaml.Node{Kind: yaml.MappingNode})
				last += 2
			}
			section = section.Content[last]
		}
		var value yaml.Node
		if err := value.Encode(s.value); err != nil {
			panic(err) // a setting always encodes: it is text, a number, or a list of texts
		}
		section.Content = append(section.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: names[len(names)-1]}, &value)
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		panic(err)
	}
	return text.Bytes()
}
