package oidc

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"ocsso/internal/member"
)

// OAuth2Options are the registration of one client at one provider that speaks OAuth 2 and not
// OpenID Connect. Package config has checked them.
type OAuth2Options struct {
	AuthorizationURL string // may have a query
	TokenURL         string
	UserInfoURL      string
	UserInfoHeaders  bool // ask by POST with headers client_id and access_token, as PAYCO wants it
	ClientID         string
	ClientSecret     string // "" for a public client
	RedirectURL      string
	Scopes           []string     // may be empty
	Fields           member.Names // paths in UserInfo's answer
}

// An OAuth2Provider is safe for concurrent use.
type OAuth2Provider struct {
	opts   OAuth2Options
	oauth  oauth2.Config
	client *http.Client
}

// NewOAuth2 makes no calls. Each call to the provider takes at most 5 s.
func NewOAuth2(opts OAuth2Options, transport http.RoundTripper) *OAuth2Provider {
	return &OAuth2Provider{
		opts: opts,
		oauth: oauth2.Config{
			ClientID: opts.ClientID, ClientSecret: opts.ClientSecret,
			Endpoint: oauth2.Endpoint{
				AuthURL: opts.AuthorizationURL, TokenURL: opts.TokenURL, AuthStyle: oauth2.AuthStyleInParams,
			},
			RedirectURL: opts.RedirectURL, Scopes: opts.Scopes,
		},
		client: newClient(transport),
	}
}

// AuthURL returns the URL at the provider where the member logs in. There is no error.
func (p *OAuth2Provider) AuthURL(_ context.Context, a Attempt) (string, error) {
	return p.oauth.AuthCodeURL(a.State, oauth2.S256ChallengeOption(a.Verifier)), nil
}

// Exchange returns who logged in, as Provider.Exchange does, by two calls: tokens and UserInfo. The
// error is ErrRefused, ErrForged, ErrUnreachable or has a *token.FieldError of the usercode in its
// chain.
func (p *OAuth2Provider) Exchange(ctx context.Context, a Attempt, callback url.Values) (Identity, error) {
	code, err := codeOf(callback, a, !callback.Has("iss") || p.hasOrigin(callback["iss"]))
	if err != nil {
		return Identity{}, err
	}
	form := url.Values{"code_verifier": {a.Verifier}, "state": {a.State}} // Naver requires the state
	tokens, err := redeem(ctx, p.client, p.oauth, code, form)
	if err != nil {
		return Identity{}, err
	}
	method, header := http.MethodGet, bearer(tokens.AccessToken)
	if p.opts.UserInfoHeaders {
		method = http.MethodPost
		header = http.Header{"Client_id": {p.opts.ClientID}, "Access_token": {tokens.AccessToken}}
	}
	document, err := fetch(ctx, p.client, method, p.opts.UserInfoURL, header)
	if err != nil {
		return Identity{}, unreachable("UserInfo", err)
	}
	who, left, err := p.opts.Fields.InJSON(document)
	if err != nil && !errors.Is(err, member.ErrGuest) {
		return Identity{}, unreachable("UserInfo", err)
	}
	return identify(p.opts.Fields, who, left, err)
}

// hasOrigin reports whether the only issuer of a callback (RFC 9207) is on the origin of the
// authorization URL, which is all that is known of the provider.
func (p *OAuth2Provider) hasOrigin(issuers []string) bool {
	own, err := url.Parse(p.opts.AuthorizationURL)
	if err != nil || len(issuers) != 1 {
		return false
	}
	issuer, err := url.Parse(issuers[0])
	return err == nil && issuer.Scheme == own.Scheme && issuer.Host == own.Host
}
