package helpcenter

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"ocsso/internal/token"
)

// Validity is how far the help center's clock may be from a token's time (CONTRACT 2).
const Validity = 3 * time.Minute

// ErrNoEmail refuses a signed link for a member without email: the help center requires one there
// (D4).
var ErrNoEmail = errors.New("a signed link needs an email, and the member has none")

// A Field is one name and value as the help center receives them, before any encoding for the wire.
type Field struct{ Name, Value string }

// A Form is a remote login from the browser (CONTRACT 4): a page posts Fields to
// Site.FormAction. It is good for Validity.
type Form struct {
	Fields []Field
	Token  string // the signature, also among the fields
}

// Form signs m in at this time, which is now, to end up at to. A *token.FieldError names a field of
// m that can't be sent (CONTRACT 2, D9). Blank optional fields are not sent; in the name "&" and
// control characters are replaced.
func (c *Client) Form(m token.Member, to ReturnURL, at time.Time) (Form, error) {
	claims, err := c.claims(m, to.service, at)
	if err != nil {
		return Form{}, err
	}
	claims.ReturnURL = to.text
	signature := token.Sign(c.key, claims)
	return Form{Fields: fields(claims, signature), Token: signature}, nil
}

// A Link is a signed link (CONTRACT 8). URL holds the token: until ExpiresAt it is as good
// as a login.
type Link struct {
	URL       string
	Token     string
	ExpiresAt time.Time
}

// Link signs m in by a link to the help-center page to. Fields of an earlier handoff in its query
// are replaced. The error is ErrNoEmail, or a *token.FieldError for a field of m that can't be
// sent.
//
// The help center reads the service from the link's path (CONTRACT 2). A page that is not
// below the signed service (D15) can't be linked to: the link leads to that service's home.
func (c *Client) Link(m token.Member, to ReturnURL, at time.Time) (Link, error) {
	if token.Blank(m.Email) {
		return Link{}, ErrNoEmail
	}
	claims, err := c.claims(m, to.service, at)
	if err != nil {
		return Link{}, err
	}
	signature := token.Sign(c.key, claims)
	page, err := c.site.pageWith(to, fields(claims, signature)[1:]...) // the service is in the path
	if err != nil {
		return Link{}, err
	}
	expires := time.UnixMilli(claims.Time).Add(Validity)
	return Link{URL: page, Token: signature, ExpiresAt: expires}, nil
}

// pageWith adds what vouches for a member to the query of a page below its service. Any other page,
// such as one that redirects to another site, and one that would become longer than MaxURL, is
// replaced by the service's home.
func (s Site) pageWith(to ReturnURL, fields ...Field) (string, error) {
	home := s.Page(to.service, Home).with(fields...).text
	page := to.Bare().with(fields...).text
	below := string(s.origin) + "/" + to.service + "/"
	if !strings.HasPrefix(to.text, below) || len(page) > MaxURL {
		page = home
	}
	if len(page) > MaxURL {
		return "", fmt.Errorf("%w: its access token has too many characters for a URL", ErrAnswer)
	}
	return page, nil
}

// A Call is a remote login from the server (CONTRACT 5), ready for Client.Send.
type Call struct {
	Token  string
	claims token.Claims
	to     ReturnURL
}

// Call signs m in by a server call. The return URL is neither sent nor signed (D3); Send adds the
// answer to it. A *token.FieldError names a field of m that can't be sent.
func (c *Client) Call(m token.Member, to ReturnURL, at time.Time) (Call, error) {
	claims, err := c.claims(m, to.service, at)
	if err != nil {
		return Call{}, err
	}
	return Call{Token: token.Sign(c.key, claims), claims: claims, to: to}, nil
}

// claims returns m as it is signed and sent at a time, and checks each field.
func (c *Client) claims(m token.Member, service string, at time.Time) (token.Claims, error) {
	m.UserName = sentName(m.UserName)
	claims := token.Claims{Service: service, Member: m, Time: at.UnixMilli()}
	for _, claim := range claims.Signed() {
		if err := token.CheckField(claim.Name, claim.Value); err != nil {
			return token.Claims{}, err
		}
	}
	return claims, nil
}

// sentName replaces what can't be sent in a display name: "&" separates the signed fields (D9), and
// browsers change line breaks in a form.
func sentName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '&':
			return '＆'
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, name)
}

// fields lists what is sent, with its signature.
func fields(c token.Claims, signature string) (list []Field) {
	for _, claim := range c.Signed() {
		list = append(list, Field{string(claim.Name), claim.Value})
	}
	return append(list, Field{"token", signature})
}
