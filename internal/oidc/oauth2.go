package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ocsso/internal/member"
)

// OAuth2Options are the registration of one client at one provider that speaks OAuth 2 and not
// OpenID Connect. Package config has checked them.
type OAuth2Options struct {
	AuthorizationURL string // may have a query
	TokenURL         string
	UserInfoURL      string
	UserInfoHeaders  bool // send the access token as userInfo says
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
// error is ErrRefused, ErrForged, ErrUnreachable or has a
// *token.FieldError of the usercode in its chain.
func (p *OAuth2Provider) Exchange(ctx context.Context, a Attempt, callback url.Values) (Identity, error) {
	if !isOnly(callback["state"], a.State) {
		return Identity{}, fmt.Errorf("%w: state differs", ErrForged)
	}
	if callback.Has("iss") && !p.hasOrigin(callback["iss"]) {
		return Identity{}, fmt.Errorf("%w: issuer differs", ErrForged)
	}
	code, err := codeOf(callback)
	if err != nil {
		return Identity{}, err
	}
	tokens, err := redeem(gooidc.ClientContext(ctx, p.client), p.oauth, code,
		oauth2.VerifierOption(a.Verifier), oauth2.SetAuthURLParam("state", a.State)) // Naver requires the state
	if err != nil {
		return Identity{}, err
	}
	document, err := p.userInfo(ctx, tokens.AccessToken)
	if err != nil {
		return Identity{}, unreachable("UserInfo", err)
	}
	who, left, err := p.opts.Fields.InJSON(document)
	if errors.Is(err, member.ErrGuest) {
		return Identity{}, unusable(p.opts.Fields.UserCode, err)
	}
	if err != nil {
		return Identity{}, unreachable("UserInfo", err)
	}
	if err := checkUserCode(p.opts.Fields.UserCode, who.UserCode); err != nil {
		return Identity{}, err
	}
	return Identity{Member: who, Left: left}, nil
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

// userInfo asks who the member is: by GET with the access token as RFC 6750 has it; or, where
// UserInfoHeaders is set, by POST with the headers client_id and access_token, as PAYCO wants it.
// The error contains nothing of the answer.
func (p *OAuth2Provider) userInfo(ctx context.Context, accessToken string) ([]byte, error) {
	method := http.MethodGet
	if p.opts.UserInfoHeaders {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, p.opts.UserInfoURL, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	if p.opts.UserInfoHeaders {
		r.Header.Set("client_id", p.opts.ClientID)
		r.Header.Set("access_token", accessToken)
	} else {
		r.Header.Set("Authorization", "Bearer "+accessToken)
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	return io.ReadAll(resp.Body)
}
