// Package config is what an operator can set: the settings, their defaults, where they come from and which of them
// can't be right.
//
// It reads no file and no environment variable by itself, and knows nothing of what the settings are for; cmd/ocsso
// turns them into the values that other packages take.
package config

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strings"
	"time"

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
	Members      Members      `yaml:"members"`
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

// HelpCenter is the organization's help center at the vendor (PROTOCOL section 1). Either Domain or BaseURL is set;
// see Origin.
type HelpCenter struct {
	Environment         string        `yaml:"environment"` // "real" or "alpha"
	Domain              string        `yaml:"domain"`
	BaseURL             string        `yaml:"base_url"`
	Services            []string      `yaml:"services"` // at least one, the default first, no two the same
	OrganizationKey     Secret        `yaml:"organization_key"`
	OrganizationKeyFile string        `yaml:"organization_key_file"` // where OrganizationKey was read from, or ""
	Handoff             string        `yaml:"handoff"`               // "form", "api" or "link"
	RequestTimeout      time.Duration `yaml:"request_timeout"`       // of the server call, 100 ms to 60 s
	ExtraOrigins        []string      `yaml:"extra_origins"`         // origins, none of them the help center's
}

// Session is how long a login lasts and what its cookie is sealed with.
type Session struct {
	Lifetime time.Duration `yaml:"lifetime"`  // from the login on, up to 30 days
	Idle     time.Duration `yaml:"idle"`      // from the last request on, no longer than Lifetime
	Keys     []Secret      `yaml:"keys"`      // at least one, the newest first; see KeyBytes
	KeysFile string        `yaml:"keys_file"` // where Keys were read from, or ""
}

// IssuedTokens is how long the token verify URL vouches for a token (PROTOCOL D7).
type IssuedTokens struct {
	Lifetime time.Duration `yaml:"lifetime"` // 3 minutes to the session's lifetime
}

// Store is where sessions and issued tokens are kept.
type Store struct {
	Kind string `yaml:"kind"` // "memory"
}

// Members is where the member accounts are.
type Members struct {
	Kind string      `yaml:"kind"` // "file"
	File MembersFile `yaml:"file"`
}

// MembersFile is the member file of kind "file".
type MembersFile struct {
	Path string `yaml:"path"` // relative to the working directory
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

// Default returns the settings that need no decision. It is not complete: domain, services, organization key and
// session keys have no default.
func Default() Config {
	return Config{
		Server:       Server{Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", PublicURL: "http://localhost:8080"},
		HelpCenter:   HelpCenter{Environment: "alpha", Handoff: "form", RequestTimeout: 5 * time.Second},
		Session:      Session{Lifetime: 12 * time.Hour, Idle: 2 * time.Hour},
		IssuedTokens: IssuedTokens{Lifetime: time.Hour},
		Store:        Store{Kind: "memory"},
		Members:      Members{Kind: "file", File: MembersFile{Path: "members.yaml"}},
		UI:           UI{DefaultLanguage: "ko"},
		Log:          Log{Format: "text", Level: "info"},
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

// TrustedPrefixes are the trusted proxies as CIDRs; an address without a length stands for itself alone.
func (s Server) TrustedPrefixes() []string {
	prefixes := make([]string, 0, len(s.TrustedProxies))
	for _, text := range s.TrustedProxies {
		if prefix, err := parsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix.String())
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
		panic(err) // a Config always encodes: it holds strings, durations and lists of them
	}
	return text.Bytes()
}
