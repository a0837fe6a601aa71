// Package config holds the settings, their defaults, where they come from and how they are checked.
//
// It reads no file and no environment variable by itself. It doesn't know what the settings are
// for: cmd/ocsso turns them into the values that other packages take.
package config

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ocsso/internal/secret"
)

// Config holds every setting. The path of a setting is its yaml tags joined by dots
// ("server.tls.cert_file"); see setting for the other tags. config.example.yaml says what each does
// and which values it takes. Load returns a complete and checked Config, in which only the sections
// that Store.Kind, Login.With and Members.Kind choose are checked.
type Config struct {
	Server       Server     `yaml:"server"`
	HelpCenter   HelpCenter `yaml:"help_center"`
	Session      Session    `yaml:"session"`
	IssuedTokens struct {
		Lifetime time.Duration `yaml:"lifetime" default:"1h"` // of D7
	} `yaml:"issued_tokens"`
	Store    Store   `yaml:"store"`
	Login    Login   `yaml:"login"`
	Members  Members `yaml:"members"`
	LinksAPI struct {
		Keys []string `yaml:"keys"` // SHA-256 in hex; see LinkKeys
	} `yaml:"links_api"`
	UI struct {
		SiteName string `yaml:"site_name" text:"lines"` // "" for the default
		LogoURL  string `yaml:"logo_url"`
		LogoFile string `yaml:"logo_file"` // or LogoURL; see Logo
		Accent   string `yaml:"accent"`    // "#rrggbb", or "" for the default
		Links    struct {
			FindID        string `yaml:"find_id"`
			ResetPassword string `yaml:"reset_password"`
			SignUp        string `yaml:"sign_up"`
			Support       string `yaml:"support"`
			Privacy       string `yaml:"privacy"`
		} `yaml:"links"` // URLs on members' pages, each "" for none
		DefaultLanguage string `yaml:"default_language" default:"ko"`
	} `yaml:"ui"`
	Log struct {
		Format string `yaml:"format" default:"text"`
	} `yaml:"log"`

	Logo        []byte   `yaml:"-"` // what is in UI.LogoFile
	SecretFiles []string `yaml:"-"` // files that Load found a secret in; the YAML's name may be one
}

// Server is where this server listens and how members reach it.
type Server struct {
	Listen         string         `yaml:"listen" default:"127.0.0.1:8080"`                       // host:port; an empty host is every address
	AdminListen    string         `yaml:"admin_listen" default:"127.0.0.1:9090"`                 // "" for none
	PublicURL      string         `yaml:"public_url" text:"url" default:"http://localhost:8080"` // see Origin and BasePath
	TLS            TLS            `yaml:"tls"`
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`
	Drain          time.Duration  `yaml:"drain" default:"5s"`
}

// TLS names the PEM files to serve https with. Both are "" when a proxy does that.
type TLS struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// HelpCenter is the organization's help center at the vendor (CONTRACT 1).
type HelpCenter struct {
	Environment         string      `yaml:"environment" default:"alpha"`
	Domain              string      `yaml:"domain"`              // or BaseURL; see Origin
	BaseURL             string      `yaml:"base_url" text:"url"` // an origin
	Services            []string    `yaml:"services"`            // at least one, the default first
	OrganizationKey     secret.Text `yaml:"organization_key" text:"key"`
	OrganizationKeyFile string      `yaml:"organization_key_file"`
	Handoff             string      `yaml:"handoff" default:"form"`
	ExtraOrigins        []string    `yaml:"extra_origins" text:"url"`
}

// Session is how long a login lasts, and the keys that seal its cookie, at least one, the newest
// first; see KeyBytes.
type Session struct {
	Lifetime time.Duration `yaml:"lifetime" default:"12h"` // since the login
	Idle     time.Duration `yaml:"idle" default:"2h"`      // since the last request
	Keys     []secret.Text `yaml:"keys"`
	KeysFile string        `yaml:"keys_file"`
}

// Store is where sessions and issued tokens are kept.
type Store struct {
	Kind   string `yaml:"kind" default:"memory"`
	Memory struct {
		MaxMB int `yaml:"max_mb" default:"128"`
	} `yaml:"memory"`
	File struct {
		Path string `yaml:"path" default:"data/ocsso.db"`
	} `yaml:"file"`
	Redis Redis `yaml:"redis"`
}

// Redis is the Redis or Valkey of a store. It has one address of a single server, and at least one
// of a cluster's nodes or of sentinels, which differ in host and port alone.
type Redis struct {
	Addresses    []Address   `yaml:"addresses" default:"127.0.0.1:6379"`
	TLSCAFile    string      `yaml:"tls_ca_file"`
	Username     string      `yaml:"username"`
	Password     secret.Text `yaml:"password"`
	PasswordFile string      `yaml:"password_file"`
	KeyPrefix    string      `yaml:"key_prefix" default:"ocsso:"`
}

// Login is how members log in, and how many attempts there may be.
type Login struct {
	With   string `yaml:"with" default:"password"`
	Limits struct {
		PerAddress Rate `yaml:"per_address" default:"30/1m"` // from one client address
		PerMember  Rate `yaml:"per_member" default:"10/1m"`  // with one usercode, from anywhere
	} `yaml:"limits"`
	// GuestValues are the usercodes that stand for nobody at a site, a provider or a proxy; "..."
	// in one stands for anything.
	GuestValues []string  `yaml:"guest_values" default:"0,-1,null,(null),<null>,undefined,None,nil,<nil>,NaN,false,anonymous,anonymousUser,guest,Optional.empty,[object Object],$...,%{...,%!...,{http...,{{...,#{...,00000000-0000-0000-0000-000000000000"`
	Site        LoginSite `yaml:"site"`
	OIDC        OIDC      `yaml:"oidc"`
	OAuth2      OAuth2    `yaml:"oauth2"`
	Proxy       struct {
		From    []netip.Prefix `yaml:"from" default:"127.0.0.1/32"`
		Headers MemberNames    `yaml:"headers"`
	} `yaml:"proxy"`
}

// LoginSite is the customer's site of login "site".
type LoginSite struct {
	WhoamiURL       string        `yaml:"whoami_url"`
	Cookies         []string      `yaml:"cookies"`
	LoginURL        string        `yaml:"login_url"`
	ReturnParameter string        `yaml:"return_parameter" default:"next"`
	LogoutURL       string        `yaml:"logout_url"` // "" for none
	ReturnOrigins   []string      `yaml:"return_origins" text:"url"`
	Fields          MemberPaths   `yaml:"fields"`
	Recheck         time.Duration `yaml:"recheck" default:"30s"`
}

// OIDC is the OpenID provider of login "oidc". A public client has no secret. Issuer is as the
// provider writes it, to compare byte for byte.
type OIDC struct {
	Issuer           string        `yaml:"issuer"`
	ClientID         string        `yaml:"client_id"`
	ClientSecret     secret.Text   `yaml:"client_secret"`
	ClientSecretFile string        `yaml:"client_secret_file"`
	Scopes           []string      `yaml:"scopes" default:"openid,profile,email"` // with "openid"
	Claims           MemberNames   `yaml:"claims"`
	Logout           string        `yaml:"logout" default:"provider"`
	MaxAge           time.Duration `yaml:"max_age"` // 0 for any
	Prompt           string        `yaml:"prompt"`  // with spaces between several; "" for none
}

// OAuth2 is the provider of login "oauth2", which speaks OAuth 2 and not OpenID Connect. A public
// client has no secret.
type OAuth2 struct {
	AuthorizationURL string      `yaml:"authorization_url"`
	TokenURL         string      `yaml:"token_url"`
	UserInfoURL      string      `yaml:"userinfo_url"`
	UserInfoToken    string      `yaml:"userinfo_token" default:"bearer"`
	ClientID         string      `yaml:"client_id"`
	ClientSecret     secret.Text `yaml:"client_secret"`
	ClientSecretFile string      `yaml:"client_secret_file"`
	Scopes           []string    `yaml:"scopes"`
	Fields           MemberPaths `yaml:"fields"`
}

// MemberPaths are MemberNames that are dotted paths in JSON.
type MemberPaths struct {
	MemberNames   `yaml:",inline"`
	EmailVerified string `yaml:"email_verified"` // with spaces between several; "" for none
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

// Members is where the member accounts are. It is checked only when NeedsMembers.
type Members struct {
	Kind string `yaml:"kind" default:"file"`
	File struct {
		Path string `yaml:"path" default:"members.yaml"`
	} `yaml:"file"`
	SQL MembersSQL `yaml:"sql"`
}

// MembersSQL is the database of the members.
type MembersSQL struct {
	Driver  string        `yaml:"driver" default:"postgres"`
	DSN     secret.Text   `yaml:"dsn"`
	DSNFile string        `yaml:"dsn_file"`
	Query   string        `yaml:"query" text:"lines"`    // with one parameter, the usercode
	MaxOpen int           `yaml:"max_open" default:"10"` // connections
	Timeout time.Duration `yaml:"timeout" default:"1s"`  // of one lookup
}

// Default returns the defaults. It is not complete: domain, services, organization key and session
// keys have none.
func Default() Config {
	var c Config
	l := newLoader(&c)
	for _, s := range l.settings {
		if text := s.tag.Get("default"); text != "" {
			l.set(s, 0, "", s.split(text))
		}
	}
	c.Login.Site.Fields.MemberNames = MemberNames{"usercode", "username", "email", "phone", "memberno"}
	c.Login.OIDC.Claims = MemberNames{UserCode: "sub", UserName: "name", Email: "email", Phone: "phone_number"}
	c.Login.OAuth2.Fields.MemberNames = MemberNames{UserCode: "id", UserName: "name", Email: "email"}
	c.Login.Proxy.Headers = MemberNames{UserCode: "X-Forwarded-User", UserName: "X-Forwarded-Preferred-Username", Email: "X-Forwarded-Email"}
	return c
}

// HasUnknownProxy reports whether something in front must do https for this server, and is not
// named.
func (s Server) HasUnknownProxy() bool {
	return strings.HasPrefix(s.PublicURL, "https:") && s.TLS.CertFile == "" && len(s.TrustedProxies) == 0
}

// Origin is the origin of PublicURL.
func (s Server) Origin() string { return strings.TrimSuffix(s.PublicURL, s.BasePath()) }

// BasePath is the path of PublicURL, without a slash at the end: "" or "/oc-sso".
func (s Server) BasePath() string {
	_, rest, _ := strings.Cut(s.PublicURL, "://")
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return ""
}

// Origin returns the help center's origin: BaseURL, or the vendor's host for Domain in Environment
// (CONTRACT 1), in lower case as browsers send it.
func (h HelpCenter) Origin() string {
	if h.BaseURL != "" {
		return h.BaseURL
	}
	return "https://" + strings.ToLower(h.Domain) + "." + VendorHosts[h.Environment]
}

// VendorHosts are the ends of the help centers' host names by help_center.environment (CONTRACT
// 13). Read-only.
var VendorHosts = map[string]string{
	"real": "oc.nhncloud.com", "beta": "oc.beta-nhncloud.com", "alpha": "oc.alpha-nhncloud.com",
}

// TidyURL returns a pasted URL as browsers write an origin: in lower case as far as its host goes,
// and without a slash at the end. What else is wrong with it is for the rules to say.
func TidyURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(text, "?#") {
		return text
	}
	return strings.ToLower(u.Scheme+"://"+u.Host) + strings.TrimRight(u.EscapedPath(), "/")
}

// NeedsMembers reports whether accounts are looked up: to log in with a password, or for /v1/links.
func (c Config) NeedsMembers() bool { return c.Login.With == "password" || len(c.LinksAPI.Keys) > 0 }

// UsesLinks reports whether members come to the help center by signed links (CONTRACT 8).
func (c Config) UsesLinks() bool { return c.HelpCenter.Handoff == "link" || len(c.LinksAPI.Keys) > 0 }

// TakeKeys replaces the organization key and the session keys by those of fresh.
func (c *Config) TakeKeys(fresh Config) {
	c.HelpCenter.OrganizationKey, c.HelpCenter.OrganizationKeyFile = fresh.HelpCenter.OrganizationKey, fresh.HelpCenter.OrganizationKeyFile
	c.Session.Keys, c.Session.KeysFile, c.SecretFiles = fresh.Session.Keys, fresh.Session.KeysFile, fresh.SecretFiles
}

// KeysInUse returns a fingerprint of the session key that seals and of the organization key, to
// compare replicas by: 8 digits of a SHA-256, which tell nobody the key.
func (c Config) KeysInUse() (session, organization string) {
	of := func(key secret.Text) string {
		sum := sha256.Sum256([]byte(key.Reveal()))
		return hex.EncodeToString(sum[:4])
	}
	return of(c.Session.Keys[0]), of(c.HelpCenter.OrganizationKey)
}

// LinkKeys returns the hashes of LinksAPI.Keys, in their order.
func (c Config) LinkKeys() [][sha256.Size]byte {
	hashes := make([][sha256.Size]byte, len(c.LinksAPI.Keys))
	for i, key := range c.LinksAPI.Keys {
		hex.Decode(hashes[i][:], []byte(key)) // checked by Load
	}
	return hashes
}

// parsePrefix reads a CIDR, or an address as a prefix of one address.
func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Unmap().Prefix(addr.Unmap().BitLen())
	}
	prefix, err := netip.ParsePrefix(text)
	if prefix.Addr().Is4In6() { // it matches no IPv4 address
		err = errors.New("IPv4 in IPv6 form")
	}
	return prefix, err
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
	keys := make([][]byte, len(s.Keys))
	for i, key := range s.Keys {
		keys[i], _ = base64.StdEncoding.DecodeString(key.Reveal())
	}
	return keys
}

// A Rate is how often something may happen: Count times in each Per. As text it is "30/1m".
type Rate struct {
	Count int
	Per   time.Duration
}

func parseRate(text string) (rate Rate, err error) {
	count, per, _ := strings.Cut(text, "/")
	if rate.Count, err = strconv.Atoi(count); err == nil {
		rate.Per, err = time.ParseDuration(per)
	}
	return rate, err
}

// String returns a text that Load reads as the same Rate.
func (r Rate) String() string { return fmt.Sprintf("%d/%v", r.Count, r.Per) }

// MarshalText returns what String returns. YAML calls it.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// An Address is where a Redis server or a sentinel listens, and who logs in there: a host and a
// port, or a URL whose scheme says what listens there. The path of sentinels is the master's name.
type Address struct{ *url.URL }

// The schemes of an Address; with rediss for redis it is over TLS, to the sentinels' servers, too.
const (
	Cluster   = "redis+cluster"
	Sentinels = "redis+sentinel"
)

func parseAddress(text string) (Address, error) {
	if !strings.Contains(text, "://") {
		if strings.Contains(text, "@") {
			return Address{}, errors.New("a password without a scheme")
		}
		text = "redis://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, err
	}
	a, port := Address{u}, "6379"
	if a.Kind() == Sentinels {
		port = "26379"
	}
	if u.Port() == "" && !strings.HasSuffix(u.Host, ":") {
		u.Host += ":" + port
	}
	if !slices.Contains([]string{"redis", Cluster, Sentinels}, a.Kind()) || u.Hostname() == "" || u.Port() == "" || u.Port() == "0" ||
		(a.Kind() == Sentinels) != (a.Master() != "") || strings.Contains(a.Master(), "/") || u.RawQuery+u.Fragment != "" {
		return Address{}, errors.New("no Redis URL")
	}
	return a, nil
}

// Kind is the scheme without TLS: "redis", Cluster or Sentinels.
func (a Address) Kind() string { return strings.Replace(a.Scheme, "rediss", "redis", 1) }

// Master is the sentinels' name for the master, or "".
func (a Address) Master() string { return strings.Trim(a.Path, "/") }

// TLS reports whether to connect over TLS.
func (a Address) TLS() bool { return strings.HasPrefix(a.Scheme, "rediss") }

// String returns a text that Load reads as the same Address, but for its password.
func (a Address) String() string {
	if a.User == nil {
		return strings.TrimPrefix(a.URL.String(), "redis://")
	}
	return a.Redacted()
}

// MarshalText returns what String returns. YAML calls it.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Show returns the settings as YAML that Load reads. A secret that is set shows as "[redacted]".
func (c Config) Show() []byte {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(c); err != nil {
		panic(err) // settings are texts, numbers, and lists of texts
	}
	return text.Bytes()
}
