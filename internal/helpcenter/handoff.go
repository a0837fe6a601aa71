package helpcenter

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ocsso/internal/token"
)

// Validity is how far the help center's clock may be from a token's time (PROTOCOL section 2).
const Validity = 3 * time.Minute

// ErrNoEmail refuses a signed link for a member without email: the help center requires one there (D4).
var ErrNoEmail = errors.New("a signed link needs an email, and the member has none")

// A Member is who the help center is told of. Blank optional fields (all but UserCode) are not sent. token.CheckField says
// what a field can't be (PROTOCOL sections 2 and 11, D9); in UserName "&" and control characters are replaced.
type Member struct {
	UserCode string
	UserName string
	Email    string
	Phone    string
	MemberNo string
}

// A Field is one name and value as the help center receives them, before any encoding for the wire.
type Field struct{ Name, Value string }

// A Signer vouches for members. Whoever holds it can log anybody in to the help center. It is immutable.
type Signer struct {
	site Site
	key  token.Key
}

// NewSigner returns a Signer for the organization that has this key.
func NewSigner(site Site, key token.Key) Signer { return Signer{site, key} }

// A Form is the remote login from the browser (PROTOCOL section 4): a page posts Fields to Site.FormAction.
type Form struct {
	Fields []Field
	Token  string // the signature, also among the fields
}

// Form signs m in, to end up at to. It is good for Validity from at, so at should be now.
// A *token.FieldError names a field of m that can't be sent.
func (s Signer) Form(m Member, to ReturnURL, at time.Time) (Form, error) {
	c, err := claims(m, to.service, at)
	if err != nil {
		return Form{}, err
	}
	c.ReturnURL = to.text
	signature := token.Sign(s.key, c).String()
	return Form{
		Fields: fields(c, signature),
		Token:  signature,
	}, nil
}

// A Link is a signed link (PROTOCOL section 8). URL has the token in it: it is as good as a login until ExpiresAt.
type Link struct {
	URL       string
	Token     string
	ExpiresAt time.Time
}

// Link signs m in by a link to the help-center page to; fields of an earlier handoff in its query are replaced. The error is
// ErrNoEmail, or a *token.FieldError that names a field of m that can't be sent.
//
// The help center reads the service out of the link's path (PROTOCOL section 2). So a page that is not below the service that is
// signed for, which is the default one then (D15), is left for that service's home.
func (s Signer) Link(m Member, to ReturnURL, at time.Time) (Link, error) {
	if token.Blank(m.Email) {
		return Link{}, ErrNoEmail
	}
	c, err := claims(m, to.service, at)
	if err != nil {
		return Link{}, err
	}
	signature := token.Sign(s.key, c).String()
	if !s.site.isBelow(to, to.service) {
		to = s.site.Page(to.service, Home)
	}
	page := to.Bare().with(fields(c, signature)[1:]...) // the service is in the path
	return Link{URL: page.text, Token: signature, ExpiresAt: at.Add(Validity)}, nil
}

// A Call is the remote login from the server (PROTOCOL section 5), ready for Client.Send.
type Call struct {
	Token  string
	fields []Field
	claims token.Claims
	to     ReturnURL
}

// Call signs m in by a server call. The return URL is neither sent nor signed (D3); Send adds to it what the call
// brings. A *token.FieldError names a field of m that can't be sent.
func (s Signer) Call(m Member, to ReturnURL, at time.Time) (Call, error) {
	c, err := claims(m, to.service, at)
	if err != nil {
		return Call{}, err
	}
	signature := token.Sign(s.key, c).String()
	return Call{Token: signature, fields: fields(c, signature), claims: c, to: to}, nil
}

// claims brings m into the form in which it is both signed and sent, and checks every field of it.
func claims(m Member, service string, at time.Time) (token.Claims, error) {
	c := token.Claims{
		Service:  service,
		UserCode: m.UserCode,
		UserName: sentName(m.UserName),
		Email:    m.Email,
		Phone:    m.Phone,
		MemberNo: m.MemberNo,
		Time:     at.UnixMilli(),
	}
	for i, f := range [...]Field{
		{"service", c.Service}, {"usercode", c.UserCode}, {"username", c.UserName}, {"email", c.Email}, {"phone", c.Phone}, {"memberno", c.MemberNo},
	} {
		if optional := i >= 2; optional && token.Blank(f.Value) {
			continue // it isn't sent
		}
		if err := token.CheckField(token.Field(f.Name), f.Value); err != nil {
			return token.Claims{}, err
		}
	}
	return c, nil
}

// sentName replaces what can't be sent in a display name: "&" separates the signed fields (D9), and browsers rewrite line
// breaks in a form.
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

// fields lists c and its signature in the order of the signed message, without the blank optional ones.
func fields(c token.Claims, signature string) []Field {
	list := append(make([]Field, 0, 9), Field{"service", c.Service}, Field{"usercode", c.UserCode})
	for _, optional := range [...]Field{
		{"username", c.UserName}, {"email", c.Email}, {"phone", c.Phone}, {"memberno", c.MemberNo}, {"returnUrl", c.ReturnURL},
	} {
		if !token.Blank(optional.Value) {
			list = append(list, optional)
		}
	}
	return append(list, Field{"time", strconv.FormatInt(c.Time, 10)}, Field{"token", signature})
}
