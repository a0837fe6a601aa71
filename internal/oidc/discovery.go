package oidc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A configuration is what discovery found out about the provider.
type configuration struct {
	metadata
	oauth oauth2.Config
	keys  *keySet
}

// discover returns what is known of the provider, or finds it out. The error is ErrUnreachable.
func (p *Provider) discover(ctx context.Context) (*configuration, error) {
	begun, found := p.found.begun.Load(), p.found.known.Load()
	if found != nil {
		return found, nil
	}
	found, err := p.found.fetch(ctx, begun, func(ctx context.Context) (*configuration, error) {
		if found := p.found.known.Load(); found != nil {
			return found, nil
		}
		return p.readMetadata(ctx)
	})
	if err != nil {
		return nil, unreachable("discovery", err)
	}
	return found, nil
}

// readMetadata reads the provider's metadata (OpenID Connect Discovery 1.0, sections 3 and 4).
func (p *Provider) readMetadata(ctx context.Context) (*configuration, error) {
	address := strings.TrimSuffix(p.opts.Issuer, "/") + "/.well-known/openid-configuration"
	document, err := fetch(ctx, p.client, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	var m metadata
	if err := json.Unmarshal(document, &m); err != nil {
		return nil, fmt.Errorf("the metadata: %w", err)
	}
	if m.Issuer != p.opts.Issuer {
		return nil, fmt.Errorf("the metadata has the issuer %s, which is not login.oidc.issuer", printable(m.Issuer))
	}
	for _, endpoint := range [][2]string{ // which a login needs; UserInfo is optional
		{"authorization_endpoint", m.Authorization}, {"token_endpoint", m.Token}, {"jwks_uri", m.Keys},
		{"userinfo_endpoint", cmp.Or(m.UserInfo, m.Keys)},
	} {
		if _, err := m.parse(endpoint[1]); err != nil {
			return nil, fmt.Errorf("%s %w", endpoint[0], err)
		}
	}
	style, err := m.authStyle(p.opts.ClientSecret)
	if err != nil {
		return nil, err
	}
	return &configuration{m, oauth2.Config{
		ClientID:     p.opts.ClientID,
		ClientSecret: p.opts.ClientSecret,
		Endpoint:     oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token, AuthStyle: style},
		RedirectURL:  p.opts.RedirectURL,
		Scopes:       p.opts.Scopes,
	}, &keySet{m.Keys, p.client, newShared[gooidc.StaticKeySet]()}}, nil
}

// metadata is the part of the provider's metadata that is used here.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`    // "" for none
	EndSession    any      `json:"end_session_endpoint"` // unchecked: no login needs it
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	AlwaysIssuer  bool     `json:"authorization_response_iss_parameter_supported"` // in callbacks (RFC 9207)
}

// parse parses an endpoint: an absolute URL that is https, or http on loopback; or https alone if
// the issuer is.
func (m metadata) parse(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, errors.New("is not an absolute URL without user and fragment")
	}
	addr, _ := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || addr.IsLoopback()
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback):
		return nil, errors.New("is neither https nor http on loopback")
	case u.Scheme != "https" && strings.HasPrefix(strings.ToLower(m.Issuer), "https:"):
		return nil, errors.New("is not https, as the issuer is")
	}
	return u, nil
}

// authStyle is how to send the client's secret to the token endpoint: in the header if it accepts
// both. Section 3 has the same default.
func (m metadata) authStyle(secret string) (oauth2.AuthStyle, error) {
	switch {
	case secret == "":
		return oauth2.AuthStyleInParams, nil // sends the client id only
	case m.AuthMethods == nil, slices.Contains(m.AuthMethods, "client_secret_basic"):
		return oauth2.AuthStyleInHeader, nil
	case slices.Contains(m.AuthMethods, "client_secret_post"):
		return oauth2.AuthStyleInParams, nil
	}
	return 0, errors.New("the token endpoint takes neither client_secret_basic nor client_secret_post")
}

// publicKeyAlgorithms returns the provider's algorithms for tokens, without "none" and those whose
// key is the client's secret. None stands for RS256.
func (m metadata) publicKeyAlgorithms() (algorithms []string) {
	for _, algorithm := range []string{
		gooidc.RS256, gooidc.RS384, gooidc.RS512, gooidc.PS256, gooidc.PS384, gooidc.PS512,
		gooidc.ES256, gooidc.ES384, gooidc.ES512, gooidc.EdDSA,
	} {
		if slices.Contains(m.Algorithms, algorithm) {
			algorithms = append(algorithms, algorithm)
		}
	}
	return algorithms
}
