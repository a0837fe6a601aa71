package config

import (
	"net"
	"net/url"
	"strings"

	"ocsso/internal/secret"
)

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
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	password, _ := u.User.Password()
	return Address{net.JoinHostPort(u.Hostname(), port), u.User.Username(), secret.New(password), u.Scheme == "rediss"}
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
