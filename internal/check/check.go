// Package check plays the vendor against anybody's integration, and says which requirements of the contract it meets.
//
// It knows only the contract (PROTOCOL.md). It shares no code with the server of this project, so that one mistake can't be
// made twice and cancel out; the token is verified by package simulator, which stands on the same side of the wire.
package check

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ocsso/internal/contract"
	"ocsso/internal/secret"
)

// Level is how binding a requirement is.
type Level string

// The levels.
const (
	Must   Level = "must"   // the contract
	Should Level = "should" // security, and the field's good practice
)

// A Case is one requirement that an integration meets or doesn't.
type Case struct {
	ID          string // stable: group/name
	Level       Level
	Requirement string // a sentence with its section of PROTOCOL

	needs []need
	run   func(context.Context, *session) error
}

// A need is what a Target must have for a case to run, as the flags that give it.
type need string

const (
	needStatus   need = "--login-status-url"
	needLogin    need = "--login-url"
	needVerify   need = "--token-verify-url"
	needLink     need = "--link-url"
	needLogout   need = "--logout-url"
	needFrame    need = "--frame-url"
	needPassword need = "--password-env"
	needMember   need = "--password-env or --cookie-env"
	needKey      need = "--organization-key-env"
	needCenter   need = "--listen-help-center"
)

// mask stands for a secret wherever people look.
const mask = "***"

// A Target is the integration to check, and what the checker needs to be its member and its help center. HelpCenter, Service,
// UserCode and Timeout are set; every other field may be zero, and the cases that need it are skipped.
type Target struct {
	HelpCenter string // an origin
	Service    string
	UserCode   string // of the member that Password or Cookie logs in

	LoginURL       string // PROTOCOL 6
	LoginStatusURL string // PROTOCOL 7
	TokenVerifyURL string // PROTOCOL 9
	LinkURL        string // redirects a member to a signed link, or answers {"url":...}; PROTOCOL 8
	LogoutURL      string // logs out when opened, or shows a form that does
	FrameURL       string // the page with the help center's frame; PROTOCOL 10

	Password        secret.Text
	Cookie          secret.Text // "name=value; name=value" of somebody logged in, where there is no password form
	OrganizationKey contract.Key
	AlsoOrigins     []string // further origins that a login may lead to and that may read the status
	UserNameField   string   // of the login form; "" for the text field before the password
	PasswordField   string   // of the login form; "" for its field of type password

	Center *Center // what HelpCenter is, where that is the checker itself; PROTOCOL 5

	Timeout time.Duration // of each request
}

// validate returns every mistake in the target, joined.
func (t Target) validate() error {
	var problems []error
	if origin, err := url.Parse(t.HelpCenter); err != nil || originOf(origin) != t.HelpCenter || !isWeb(origin) {
		problems = append(problems, fmt.Errorf("the help center %q is not an origin such as https://example.oc.nhncloud.com", t.HelpCenter))
	}
	if t.Service == "" || t.UserCode == "" {
		problems = append(problems, errors.New("the service and the usercode must be given"))
	}
	if t.Timeout <= 0 {
		problems = append(problems, errors.New("the timeout must be above 0"))
	}
	if len(t.urls()) == 0 {
		problems = append(problems, errors.New("there is no URL to check"))
	}
	for _, text := range t.urls() {
		if u, err := url.Parse(text); err != nil || !isWeb(u) || u.User != nil {
			problems = append(problems, fmt.Errorf("%q is not an http or https URL", text))
		}
	}
	for _, text := range t.AlsoOrigins {
		if u, err := url.Parse(text); err != nil || originOf(u) != text || !isWeb(u) {
			problems = append(problems, fmt.Errorf("%q is not an origin", text))
		}
	}
	return errors.Join(problems...)
}

// urls are those of the integration that were given.
func (t Target) urls() []string {
	all := []string{t.LoginURL, t.LoginStatusURL, t.TokenVerifyURL, t.LinkURL, t.LogoutURL, t.FrameURL}
	return slices.DeleteFunc(all, func(text string) bool { return text == "" })
}

// has reports whether what n names was given.
func (t Target) has(n need) bool {
	switch n {
	case needStatus:
		return t.LoginStatusURL != ""
	case needLogin:
		return t.LoginURL != ""
	case needVerify:
		return t.TokenVerifyURL != ""
	case needLink:
		return t.LinkURL != ""
	case needLogout:
		return t.LogoutURL != ""
	case needFrame:
		return t.FrameURL != ""
	case needPassword:
		return t.Password.Reveal() != "" && t.LoginURL != ""
	case needMember:
		return t.Cookie.Reveal() != "" || t.Password.Reveal() != "" && t.LoginURL != ""
	case needKey:
		return t.OrganizationKey != ""
	case needCenter:
		return t.Center != nil
	}
	return false
}

// allows reports whether a login may lead to origin.
func (t Target) allows(origin string) bool {
	if origin == t.HelpCenter || slices.Contains(t.AlsoOrigins, origin) {
		return true
	}
	login, err := url.Parse(t.LoginURL)
	return err == nil && origin == originOf(login)
}

// Cases returns every case, in the order in which they run.
func Cases() []Case {
	return slices.Concat(statusCases(), loginCases(), formCases(), apiCases(), linkCases(), verifyCases(), logoutCases(), clockCases(), frameCases())
}

// Select returns the cases with the given ids, in the order of Cases; all of them for no id. An id that ends in "/" is a
// whole group. The error names an id that no case has.
func Select(ids ...string) ([]Case, error) {
	all := Cases()
	if len(ids) == 0 {
		return all, nil
	}
	named := func(id string) func(Case) bool {
		return func(c Case) bool { return c.ID == id || strings.HasSuffix(id, "/") && strings.HasPrefix(c.ID, id) }
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, named(id)) {
			return nil, fmt.Errorf("there is no case %q", id)
		}
	}
	return slices.DeleteFunc(all, func(c Case) bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return named(id)(c) })
	}), nil
}

// isWeb reports whether u is absolute, of http or https.
func isWeb(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" }

// originOf is the scheme, host and port of u, as a browser writes them but for a default port.
func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }
