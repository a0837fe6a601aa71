package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A discovery is one fetch of the provider's metadata. Concurrent callers share it.
type discovery struct {
	done  chan struct{} // closed when found or err is set
	found *configuration
	err   error
}

// A configuration is what discovery found out about the provider. Read-only.
type configuration struct {
	oauth        oauth2.Config
	provider     *gooidc.Provider
	keys         *gooidc.RemoteKeySet
	endSession   string   // unchecked; "" for none
	algorithms   []string // for the signature of ID tokens; empty: RS256
	alwaysIssuer bool     // every callback has an iss parameter (RFC 9207)
}

// discover waits for the discovery, and starts it if there is none. The error is ErrUnreachable.
func (p *Provider) discover(ctx context.Context) (*configuration, error) {
	p.mu.Lock()
	d := p.discovery
	if d == nil {
		d = &discovery{done: make(chan struct{})}
		p.discovery = d
		go p.run(d)
	}
	p.mu.Unlock()
	select {
	case <-d.done:
		return d.found, d.err
	case <-ctx.Done():
		return nil, unreachable("discovery", ctx.Err())
	}
}

// run completes d, in no caller's context: one that gives up must not fail the others.
func (p *Provider) run(d *discovery) {
	var err error
	if d.found, err = p.fetch(gooidc.ClientContext(context.Background(), p.client)); err != nil {
		d.err = unreachable("discovery", err)
		p.mu.Lock()
		p.discovery = nil
		p.mu.Unlock()
	}
	close(d.done)
}

// fetch reads the provider's metadata (OpenID Connect Discovery 1.0, sections 3 and 4).
func (p *Provider) fetch(ctx context.Context) (*configuration, error) {
	provider, err := gooidc.NewProvider(ctx, p.opts.Issuer)
	if err != nil {
		return nil, err
	}
	var m metadata
	if err := provider.Claims(&m); err != nil {
		return nil, err
	}
	if err := m.checkEndpoints(p.opts.Issuer); err != nil {
		return nil, err
	}
	style, err := m.authStyle(p.opts.ClientSecret)
	if err != nil {
		return nil, err
	}
	return &configuration{
		oauth: oauth2.Config{
			ClientID:     p.opts.ClientID,
			ClientSecret: p.opts.ClientSecret,
			Endpoint:     oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token, AuthStyle: style},
			RedirectURL:  p.opts.RedirectURL,
			Scopes:       p.opts.Scopes,
		},
		provider:     provider,
		keys:         gooidc.NewRemoteKeySet(ctx, m.Keys),
		endSession:   m.EndSession,
		algorithms:   m.publicKeyAlgorithms(),
		alwaysIssuer: m.AlwaysIssuer,
	}, nil
}

// metadata is the part of the provider's metadata that is used here.
type metadata struct {
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	AlwaysIssuer  bool     `json:"authorization_response_iss_parameter_supported"`
}

// checkEndpoints checks the endpoints that a login needs. UserInfo is optional.
func (m metadata) checkEndpoints(issuer string) error {
	names := []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"}
	for i, endpoint := range []string{m.Authorization, m.Token, m.Keys, m.UserInfo} {
		if names[i] == "userinfo_endpoint" && endpoint == "" {
			continue
		}
		if _, err := parseEndpoint(issuer, endpoint); err != nil {
			return fmt.Errorf("%s %w", names[i], err)
		}
	}
	return nil
}

// parseEndpoint parses an endpoint. It requires https if the issuer has it.
func parseEndpoint(issuer, endpoint string) (*url.URL, error) {
	u, err := parseURL(endpoint)
	if err == nil && strings.HasPrefix(strings.ToLower(issuer), "https:") && u.Scheme != "https" {
		err = errors.New("is not https, as the issuer is")
	}
	return u, err
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

// publicKeyAlgorithms returns the provider's algorithms for ID tokens, without "none" and those
// whose key is the client's secret.
func (m metadata) publicKeyAlgorithms() []string {
	known := []string{
		gooidc.RS256, gooidc.RS384, gooidc.RS512, gooidc.PS256, gooidc.PS384, gooidc.PS512,
		gooidc.ES256, gooidc.ES384, gooidc.ES512, gooidc.EdDSA,
	}
	return slices.DeleteFunc(m.Algorithms, func(algorithm string) bool { return !slices.Contains(known, algorithm) })
}
