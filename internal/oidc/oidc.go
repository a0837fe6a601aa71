// Package oidc logs a member in and out at the customer's identity provider: by OpenID Connect's
// authorization code flow with PKCE, state and nonce, or by that of OAuth 2 alone.
//
// It calls the provider and turns its claims into a member. It stores nothing: the caller keeps
// each Attempt for some minutes, for one browser, and what of an Identity a logout needs.
package oidc

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"ocsso/internal/member"
	"ocsso/internal/token"
)

// Options are the registration of one client at one provider. Package config has checked them.
type Options struct {
	Issuer       string // exactly as the provider writes it; https, or http on loopback
	ClientID     string
	ClientSecret string   // "" for a public client, which only PKCE protects
	RedirectURL  string   // of the callback, as registered
	Scopes       []string // with "openid"

	// Claims name the claim of each field; "sub" is best for the usercode, since providers never
	// reassign it. A name may have dots, as in "https://example.com/memberno": it never means a
	// claim inside another claim.
	Claims member.Names

	// MaxAge is how long ago the member may have logged in at the provider; 0 for any time.
	MaxAge time.Duration
	// Prompt is what the provider shows even to a member who is logged in there: "login",
	// "consent", "select_account" or several with spaces between them. It is not checked that it
	// did; MaxAge is.
	Prompt string
}

// A Provider is safe for concurrent use.
type Provider struct {
	opts   Options
	client *http.Client
	now    func() time.Time
	found  *shared[configuration]
}

// New makes no calls: discovery runs at the first use, and again after a failure, so this server
// can start during an outage of the provider. Signing keys are fetched again for a token that none
// of them has signed. Each call takes at most 5 s and reads at most 1 MiB.
func New(opts Options, transport http.RoundTripper, now func() time.Time) *Provider {
	return &Provider{opts: opts, client: newClient(transport), now: now, found: newShared[configuration]()}
}

// An Attempt is one pending login. Its fields are secrets until the login is over: do not log them
// or store them where another browser can read them.
type Attempt struct {
	State    string // identifies the attempt in the callback
	Nonce    string // ties the ID token to the attempt
	Verifier string // proves to the provider that the same client started the login (RFC 7636)
}

// NewAttempt derives an Attempt from seed, which is random and as secret: URL-safe texts of which
// none tells another.
func NewAttempt(seed string) Attempt {
	derive := func(use string) string {
		mac := hmac.New(sha256.New, []byte(seed))
		mac.Write([]byte(use))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	return Attempt{State: derive("state"), Nonce: derive("nonce"), Verifier: derive("verifier")}
}

// AuthURL returns the URL at the provider where the member logs in. The error is ErrUnreachable.
func (p *Provider) AuthURL(ctx context.Context, a Attempt) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{gooidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if p.opts.MaxAge > 0 {
		seconds := strconv.Itoa(int(p.opts.MaxAge.Seconds()))
		options = append(options, oauth2.SetAuthURLParam("max_age", seconds))
	}
	if p.opts.Prompt != "" {
		options = append(options, oauth2.SetAuthURLParam("prompt", p.opts.Prompt))
	}
	return found.oauth.AuthCodeURL(a.State, options...), nil
}

// Why a login fails. No error contains a code, a token, a secret or the value of a claim.
var (
	// ErrRefused means that the provider said no. The member cancelled or is not allowed in, or the
	// code is expired, used or from another attempt. The text ends with the provider's error code.
	ErrRefused = errors.New("identity provider refused the login")
	// ErrForged means that the callback does not belong to this attempt or to this provider.
	ErrForged = errors.New("callback does not belong to the login")
	// ErrUnreachable means that the provider gave no valid answer in time, or rejects this client.
	ErrUnreachable = errors.New("identity provider unavailable")
	// ErrToken means that the ID token is invalid, or UserInfo is about someone else.
	ErrToken = errors.New("invalid ID token")
	// ErrLogoutToken means that a logout token is forged, old or incomplete.
	ErrLogoutToken = errors.New("invalid logout token")
	// ErrNoLogout means that members can't be logged out at the provider.
	ErrNoLogout = errors.New("identity provider has no logout")
)

// identify returns an Identity of who, or an error for a usercode that can't be sent or was not
// found, with a *token.FieldError in its chain. The other arguments are what names.Member has
// returned.
func identify(names member.Names, who member.Member, left []*token.FieldError, err error) (Identity, error) {
	if err == nil {
		err = token.CheckField(token.FieldUserCode, who.UserCode)
	}
	if _, ok := errors.AsType[*token.FieldError](err); err != nil && !ok {
		err = &token.FieldError{Field: token.FieldUserCode, Reason: err.Error()}
	}
	if err != nil {
		return Identity{}, fmt.Errorf("claim %s: %w", names.UserCode, err)
	}
	return Identity{Member: who, Left: left}, nil
}

func unreachable(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnreachable, what, err)
}

// printable makes the provider's text fit for a log line: short, and without control characters.
func printable(text string) string {
	return fmt.Sprintf("%.100s", strings.Map(func(r rune) rune { // also replaces invalid UTF-8
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
}
