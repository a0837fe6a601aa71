// Package oidc logs a member in at the customer's identity provider, by OpenID Connect's authorization code flow with
// PKCE, state and nonce.
//
// It owns the talk with the provider and how its claims become a member. It knows neither the member's requests nor
// sessions, and keeps nothing of an attempt: the caller does, for some minutes, in a way that one browser can use once.
package oidc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Options are one registration at one provider.
type Options struct {
	Issuer       string   // to the byte as the provider writes it; https, or http on loopback
	ClientID     string   // required
	ClientSecret string   // "" for a public client, which only PKCE protects
	RedirectURL  string   // where the callback arrives, as registered; https, or http on loopback
	Scopes       []string // with "openid"
	Claims       Claims
}

// A Provider is safe for concurrent use.
type Provider struct {
	opts   Options
	client *http.Client
	now    func() time.Time

	mu        sync.Mutex // guards discovery
	discovery *discovery // under way or successful; nil before the first use and after a failure
}

// New returns a Provider without a word to the provider: its endpoints are discovered at first use, and again at the next
// one after a failure, so that an outage of the provider's stops neither the start of this server nor the members who are
// logged in. Once found, they are kept; signing keys are fetched anew when a token names an unknown one.
//
// Each call takes at most 5 s, and no more than 1 MiB of an answer is read. The error says what is wrong with opts.
func New(opts Options, transport http.RoundTripper, now func() time.Time) (*Provider, error) {
	if err := opts.validate(); err != nil {
		return nil, err
	}
	return &Provider{opts: opts, client: newClient(transport), now: now}, nil
}

// validate returns everything that is wrong, joined.
func (o Options) validate() error {
	var problems []error
	if u, err := parseURL(o.Issuer); err != nil {
		problems = append(problems, fmt.Errorf("issuer %w", err))
	} else if u.RawQuery != "" {
		problems = append(problems, errors.New("issuer has a query"))
	}
	if o.ClientID == "" {
		problems = append(problems, errors.New("client id is missing"))
	}
	if _, err := parseURL(o.RedirectURL); err != nil {
		problems = append(problems, fmt.Errorf("redirect URL %w", err))
	}
	if !slices.Contains(o.Scopes, gooidc.ScopeOpenID) {
		problems = append(problems, fmt.Errorf("scopes lack %q", gooidc.ScopeOpenID))
	}
	if o.Claims.UserCode == "" {
		problems = append(problems, errors.New("no claim is the usercode"))
	}
	return errors.Join(problems...)
}

// parseURL takes an absolute URL that nobody on the way can read along: https, or http on loopback.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, errors.New("is not an absolute URL without user and fragment")
	}
	addr, _ := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return nil, errors.New("is neither https nor http on loopback")
	}
	return u, nil
}

// An Attempt is one login under way: what the callback must fit. Each field is a secret until the login is over: it
// belongs in no log, and in no place that another browser reads.
type Attempt struct {
	State    string // names the attempt: the callback carries it
	Nonce    string // ties the ID token to it
	Verifier string // proves to the provider that who began it ends it (RFC 7636)
}

// NewAttempt returns an Attempt of random text, at least 130 bits in each field, in characters that need no escaping.
func NewAttempt() Attempt {
	return Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
}

// AuthURL returns where to send the browser so that the member logs in there. The error is ErrUnreachable.
func (p *Provider) AuthURL(ctx context.Context, a Attempt) (string, error) {
	remote, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return remote.oauth.AuthCodeURL(a.State, gooidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}
