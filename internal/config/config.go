// Package config is what an operator can set: the settings, their defaults, where they come from and which of them
// can't be right.
//
// It reads no file and no environment variable by itself, and knows nothing of what the settings are for; cmd/ocsso
// turns them into the values that other packages take.
package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"

	"ocsso/internal/secret"

	"go.yaml.in/yaml/v3"
)

// Config holds every setting. The yaml tags are the names of the settings: the path of a setting is its tags joined
// by dots ("server.tls.cert_file"). Load makes one that is complete and checked; the comments here say what can be
// relied on after that.
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
	Listen         string   `yaml:"listen"`          // host:port; an empty host is every address
	AdminListen    string   `yaml:"admin_listen"`    // host:port, not Listen's; "" for none
	PublicURL      string   `yaml:"public_url"`      // an origin; https unless it is loopback
	TLS            TLS      `yaml:"tls"`             // both files or neither
	TrustedProxies []string `yaml:"trusted_proxies"` // see TrustedPrefixes
}

// TLS names the PEM files to serve https with. Both are "" when something in front of the server does that.
type TLS struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// HelpCenter is the organization's help center at the vendor (PROTOCOL section 1). Either Domain or BaseURL is set, and the
// other is ""; see Origin.
type HelpCenter struct {
	Environment         string        `yaml:"environment"`           // "real" or "alpha"
	Domain              string        `yaml:"domain"`                // 3 to 40 letters, digits and hyphens, in either case
	BaseURL             string        `yaml:"base_url"`              // an origin
	Services            []string      `yaml:"services"`              // at least one of up to 50 characters each, the default first, no two the same
	OrganizationKey     secret.Text   `yaml:"organization_key"`      // at least 16 characters, and no placeholder
	OrganizationKeyFile string        `yaml:"organization_key_file"` // where OrganizationKey was read from, or ""
	Handoff             string        `yaml:"handoff"`               // "form", "api" or "link"
	RequestTimeout      time.Duration `yaml:"request_timeout"`       // of the server call, 100 ms to 60 s
	ExtraOrigins        []string      `yaml:"extra_origins"`         // origins, none of them the help center's
}

// Session is how long a login lasts and what its cookie is sealed with.
type Session struct {
	Lifetime time.Duration `yaml:"lifetime"`  // from the login on, 3 minutes to 30 days
	Idle     time.Duration `yaml:"idle"`      // from the last request on, above 0 and no longer than Lifetime
	Keys     []secret.Text `yaml:"keys"`      // at least one, the newest first, no two the same; see KeyBytes
	KeysFile string        `yaml:"keys_file"` // where Keys were read from, or ""
}

// IssuedTokens is how long the token verify URL vouches for a token (PROTOCOL D7).
type IssuedTokens struct {
	Lifetime time.Duration `yaml:"lifetime"` // 3 minutes to the session's lifetime
}

// Store is where sessions and issued tokens are kept. Only the section of its kind is checked.
type Store struct {
	Kind   string `yaml:"kind"` // "memory", "sqlite" or "redis"
	SQLite SQLite `yaml:"sqlite"`
	Redis  Redis  `yaml:"redis"`
}

// SQLite is the database of kind "sqlite".
type SQLite struct {
	Path string `yaml:"path"` // relative to the working directory
}

// Redis is the Redis or Valkey of kind "redis".
type Redis struct {
	Addresses    []string    `yaml:"addresses"` // host:port each, at least one; exactly one in mode "single"; the sentinels' in mode "sentinel"
	Mode         string      `yaml:"mode"`      // "single", "cluster" or "sentinel"
	Master       string      `yaml:"master"`    // what the sentinels call it; "" in any other mode
	TLS          bool        `yaml:"tls"`
	Username     string      `yaml:"username"`      // "" for the default user
	Password     secret.Text `yaml:"password"`      // empty for none
	PasswordFile string      `yaml:"password_file"` // where Password was read from, or ""
	KeyPrefix    string      `yaml:"key_prefix"`    // before every key
}

// Login is how members prove who they are. Only the section of its way is checked.
type Login struct {
	With   string      `yaml:"with"` // "password", "oidc" or "proxy"
	Limits LoginLimits `yaml:"limits"`
	OIDC   OIDC        `yaml:"oidc"`
	Proxy  LoginProxy  `yaml:"proxy"`
}

// LoginLimits is how often a login may be tried.
type LoginLimits struct {
	PerAddress Rate `yaml:"per_address"` // from one client address
	PerMember  Rate `yaml:"per_member"`  // with one usercode, from anywhere
}

// OIDC is the OpenID provider of way "oidc".
type OIDC struct {
	Issuer           string      `yaml:"issuer"`             // as the provider writes it, to be compared byte for byte
	ClientID         string      `yaml:"client_id"`          // not ""
	ClientSecret     secret.Text `yaml:"client_secret"`      // empty for a public client
	ClientSecretFile string      `yaml:"client_secret_file"` // where ClientSecret was read from, or ""
	Scopes           []string    `yaml:"scopes"`             // "openid" is one of them
	Claims           MemberNames `yaml:"claims"`
}

// LoginProxy is the authenticating reverse proxy of way "proxy".
type LoginProxy struct {
	From    []string    `yaml:"from"`    // at least one, and not everyone; see Prefixes
	Headers MemberNames `yaml:"headers"` // header names, no two the same in any case
}

// MemberNames are what somebody else calls a member's fields (PROTOCOL section 2). UserCode is set; any other is ""
// when the field isn't taken from there.
type MemberNames struct {
	UserCode string `yaml:"usercode"`
	UserName string `yaml:"username"`
	Email    string `yaml:"email"`
	Phone    string `yaml:"phone"`
	MemberNo string `yaml:"memberno"`
}

// Members is where the member accounts are. Only the section of its kind is checked, and that only when NeedsMembers.
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
	Driver       string        `yaml:"driver"`        // "sqlite", "postgres" or "mysql"
	DSN          secret.Text   `yaml:"dsn"`           // as the driver has it
	DSNFile      string        `yaml:"dsn_file"`      // where DSN was read from, or ""
	Query        string        `yaml:"query"`         // with one parameter, the usercode
	MaxOpen      int           `yaml:"max_open"`      // connections, 1 to 1000
	MaxIdle      int           `yaml:"max_idle"`      // connections, 0 to 1000; no more than MaxOpen are kept anyhow
	ConnLifetime time.Duration `yaml:"conn_lifetime"` // 1 s to 24 h
	Timeout      time.Duration `yaml:"timeout"`       // of one look-up, 10 ms to 30 s
}

// LinksAPI is which of the customer's backends may call /v1. None may when there are no keys.
type LinksAPI struct {
	Keys []string `yaml:"keys"` // the SHA-256 of each in hex, no two the same; see Hashes
}

// UI is what members see.
type UI struct {
	SiteName        string `yaml:"site_name"`        // up to 60 characters; "" for the language's own word
	DefaultLanguage string `yaml:"default_language"` // "ko", "en", "ja" or "zh"
}

// Log is the log on standard error.
type Log struct {
	Format string `yaml:"format"` // "text" or "json"
	Level  string `yaml:"level"`  // "debug", "info", "warn" or "error"
}

// Default returns the settings that need no decision. It is not complete, and Load would refuse it: domain, services,
// organization key and session keys have no default.
func Default() Config {
	return Config{
		Server:       Server{Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", PublicURL: "http://localhost:8080"},
		HelpCenter:   HelpCenter{Environment: "alpha", Handoff: "form", RequestTimeout: 5 * time.Second},
		Session:      Session{Lifetime: 12 * time.Hour, Idle: 2 * time.Hour},
		IssuedTokens: IssuedTokens{Lifetime: time.Hour},
		Store: Store{
			Kind:   "memory",
			SQLite: SQLite{Path: "data/ocsso.db"},
			Redis:  Redis{Addresses: []string{"127.0.0.1:6379"}, Mode: "single", KeyPrefix: "ocsso:"},
		},
		Login: Login{
			With:   "password",
			Limits: LoginLimits{PerAddress: Rate{30, time.Minute}, PerMember: Rate{10, time.Minute}},
			OIDC: OIDC{
				Scopes: []string{"openid", "profile", "email"},
				Claims: MemberNames{UserCode: "sub", UserName: "name", Email: "email", Phone: "phone_number"},
			},
			Proxy: LoginProxy{
				From:    []string{"127.0.0.1/32"},
				Headers: MemberNames{UserCode: "X-Forwarded-User", UserName: "X-Forwarded-Preferred-Username", Email: "X-Forwarded-Email"},
			},
		},
		Members: Members{
			Kind: "file",
			File: MembersFile{Path: "members.yaml"},
			SQL:  MembersSQL{Driver: "postgres", MaxOpen: 10, MaxIdle: 2, ConnLifetime: 30 * time.Minute, Timeout: time.Second},
		},
		UI:  UI{DefaultLanguage: "ko"},
		Log: Log{Format: "text", Level: "info"},
	}
}

// Origin is the help center's origin: BaseURL, or the vendor's host for Domain in Environment (PROTOCOL section 1),
// in lower case as browsers send it.
func (h HelpCenter) Origin() string {
	switch {
	case h.BaseURL != "":
		return h.BaseURL
	case h.Environment == "real":
		return "https://" + strings.ToLower(h.Domain) + ".oc.nhncloud.com"
	}
	return "https://" + strings.ToLower(h.Domain) + ".oc.alpha-nhncloud.com"
}

// NeedsMembers reports whether the member accounts are looked up at all: to log in with a password, or for /v1/links.
func (c Config) NeedsMembers() bool { return c.Login.With == "password" || len(c.LinksAPI.Keys) > 0 }

// Prefixes are the proxy's addresses; an address without a length stands for itself alone.
func (p LoginProxy) Prefixes() []netip.Prefix { return parsePrefixes(p.From) }

// Hashes are the SHA-256 of each key, in the order of Keys.
func (l LinksAPI) Hashes() [][sha256.Size]byte {
	hashes := make([][sha256.Size]byte, 0, len(l.Keys))
	for _, key := range l.Keys {
		if hash, ok := parseHash(key); ok {
			hashes = append(hashes, hash)
		}
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

// TrustedPrefixes are the trusted proxies as CIDRs; an address without a length stands for itself alone.
func (s Server) TrustedPrefixes() []string {
	prefixes := make([]string, 0, len(s.TrustedProxies))
	for _, prefix := range parsePrefixes(s.TrustedProxies) {
		prefixes = append(prefixes, prefix.String())
	}
	return prefixes
}

// parsePrefixes reads CIDRs and bare addresses, as far as they are that.
func parsePrefixes(texts []string) []netip.Prefix {
	prefixes := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		if prefix, err := parsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// parsePrefix reads a CIDR or a bare address.
func parsePrefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
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

// KeyBytes are the session keys, the newest first, KeySize bytes each.
func (s Session) KeyBytes() [][]byte {
	keys := make([][]byte, 0, len(s.Keys))
	for _, key := range s.Keys {
		if raw, err := base64.StdEncoding.DecodeString(key.Reveal()); err == nil {
			keys = append(keys, raw)
		}
	}
	return keys
}

// Show returns the settings as YAML under the names that Load reads. A secret that is set shows as "[redacted]".
func (c Config) Show() []byte {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(c); err != nil {
		panic(err) // a Config always encodes: its fields are text, numbers, and lists of text
	}
	return text.Bytes()
}
