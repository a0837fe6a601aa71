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

// A Way is how a member is handed off to the help center (CONTRACT 1).
type Way string

// The ways.
const (
	Form Way = "form" // a page posts Handoff.Fields to Site.FormAction (section 4)
	API  Way = "api"  // Client.Send (section 5)
	Link Way = "link" // Handoff.URL (section 8)
)

// ErrNoEmail refuses a signed link for a member without email: the help center requires one there
// (D4).
var ErrNoEmail = errors.New("a signed link needs an email, and the member has none")

// A Handoff vouches for a member on the way to a page. For Validity it is as good as a login.
type Handoff struct {
	Token  string // the signature
	site   Site
	claims token.Claims
	to     ReturnURL
}

// Sign vouches for m at this time, which is now, on the way to a page. Only a form sends and signs
// the return URL (D3). Blank optional fields are not sent; in the name "&" and control characters
// are replaced. The error is ErrNoEmail for a link, or a *token.FieldError that names a field of m
// that can't be sent (CONTRACT 2, D9).
func (c *Client) Sign(way Way, m token.Member, to ReturnURL, at time.Time) (Handoff, error) {
	if way == Link && token.Blank(m.Email) {
		return Handoff{}, ErrNoEmail
	}
	m.UserName = sentName(m.UserName)
	claims := token.Claims{Service: to.service, Member: m, Time: at.UnixMilli()}
	for _, claim := range claims.Signed() {
		if err := token.CheckField(claim.Name, claim.Value); err != nil {
			return Handoff{}, err
		}
	}
	if way == Form {
		claims.ReturnURL = to.text
	}
	return Handoff{token.Sign(c.key, claims), c.site, claims, to}, nil
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

// A Field is one name and value as the help center receives them, before any encoding for the wire.
type Field struct{ Name, Value string }

// Fields lists what is sent: the signed fields and the token.
func (h Handoff) Fields() (list []Field) {
	for _, claim := range h.claims.Signed() {
		list = append(list, Field{string(claim.Name), claim.Value})
	}
	return append(list, Field{"token", h.Token})
}

// Expires is when the help center stops accepting it.
func (h Handoff) Expires() time.Time { return time.UnixMilli(h.claims.Time).Add(Validity) }

// URL is the signed link. Fields of an earlier handoff in the page's query are replaced.
//
// The help center reads the service from the link's path (CONTRACT 2). A page that is not
// below the signed service (D15) can't be linked to: the link leads to that service's home.
func (h Handoff) URL() (string, error) {
	return h.site.pageWith(h.to, h.Fields()[1:]...) // the service is in the path
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
