package oidc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A discovery is one fetch of the provider's metadata, shared by all who wait for it.
type discovery struct {
	done   chan struct{} // closed when the other two are set
	remote *remote
	err    error
}

// A remote is the provider as discovery found it.
type remote struct {
	oauth       oauth2.Config
	provider    *gooidc.Provider
	keys        *gooidc.RemoteKeySet
	algorithms  []string // that an ID token may be signed with; empty: RS256
	namesIssuer bool     // every callback has an iss (RFC 9207)
}

// discover returns what a discovery has found, and starts one where there is none. The error is ErrUnreachable.
func (p *Provider) discover(ctx context.Context) (*remote, error) {
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
		return d.remote, d.err
	case <-ctx.Done():
		return nil, unreachable("discovery", ctx.Err())
	}
}

// run does what d stands for. It has no caller's context: one who leaves must not fail it for those who wait on.
func (p *Provider) run(d *discovery) {
	var err error
	if d.remote, err = p.fetchRemote(gooidc.ClientContext(context.Background(), p.client)); err != nil {
		d.err = unreachable("discovery", err)
		p.mu.Lock()
		p.discovery = nil
		p.mu.Unlock()
	}
	close(d.done)
}

// fetchRemote reads the provider's metadata (OpenID Connect Discovery 1.0, sections 3 and 4).
func (p *Provider) fetchRemote(ctx context.Context) (*remote, error) {
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
	return &remote{
		oauth: oauth2.Config{
			ClientID:     p.opts.ClientID,
			ClientSecret: p.opts.ClientSecret,
			Endpoint:     oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token, AuthStyle: style},
			RedirectURL:  p.opts.RedirectURL,
			Scopes:       p.opts.Scopes,
		},
		provider:    provider,
		keys:        gooidc.NewRemoteKeySet(ctx, m.Keys),
		algorithms:  m.publicKeyAlgorithms(),
		namesIssuer: m.NamesIssuer,
	}, nil
}

// metadata is the part of the provider's metadata that matters here.
type metadata struct {
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	NamesIssuer   bool     `json:"authorization_response_iss_parameter_supported"`
}

// checkEndpoints holds the endpoints to the issuer's security. A provider can do without UserInfo.
func (m metadata) checkEndpoints(issuer string) error {
	from, err := parseURL(issuer)
	if err != nil {
		return fmt.Errorf("issuer %w", err)
	}
	endpoints := []struct{ name, url string }{
		{"authorization_endpoint", m.Authorization}, {"token_endpoint", m.Token}, {"jwks_uri", m.Keys},
	}
	if m.UserInfo != "" {
		endpoints = append(endpoints, struct{ name, url string }{"userinfo_endpoint", m.UserInfo})
	}
	for _, endpoint := range endpoints {
		u, err := parseURL(endpoint.url)
		if err != nil {
			return fmt.Errorf("%s %w", endpoint.name, err)
		}
		if from.Scheme == "https" && u.Scheme != "https" {
			return fmt.Errorf("%s is not https, as the issuer is", endpoint.name)
		}
	}
	return nil
}

// authStyle is how the token endpoint wants to be shown the client's secret: in the header where it leaves the choice,
// which is also the default of section 3.
func (m metadata) authStyle(secret string) (oauth2.AuthStyle, error) {
	switch {
	case secret == "":
		return oauth2.AuthStyleInParams, nil // the client id alone
	case m.AuthMethods == nil, slices.Contains(m.AuthMethods, "client_secret_basic"):
		return oauth2.AuthStyleInHeader, nil
	case slices.Contains(m.AuthMethods, "client_secret_post"):
		return oauth2.AuthStyleInParams, nil
	}
	return 0, errors.New("the token endpoint takes neither client_secret_basic nor client_secret_post")
}

// publicKeyAlgorithms are those that the provider signs ID tokens with, without "none" and the ones whose key is the
// client's secret.
func (m metadata) publicKeyAlgorithms() []string {
	known := []string{
		gooidc.RS256, gooidc.RS384, gooidc.RS512, gooidc.PS256, gooidc.PS384, gooidc.PS512,
		gooidc.ES256, gooidc.ES384, gooidc.ES512, gooidc.EdDSA,
	}
	return slices.DeleteFunc(m.Algorithms, func(algorithm string) bool { return !slices.Contains(known, algorithm) })
}
