// Package check tests an integration in any language over HTTP, as the help center and a browser
// see it, and reports which requirements of the contract (internal/contract) it meets.
//
// It shares no code that knows the contract with this project's server, so that one mistake can't
// be made twice and cancel out. Package signing, which the server doesn't use, checks tokens.
package check

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/secret"
)

// Level says how binding a requirement is.
type Level string

// The levels.
const (
	Must   Level = "must"   // the vendor's pages say so
	Should Level = "should" // security and good practice beyond them
)

// A Case tests one requirement.
type Case struct {
	ID       string // group/name; it does not change between releases
	Level    Level
	Sections string // of the contract, separated by spaces

	needs []need
	run   runFunc
}

// Requirement returns the sentence that the case tests.
func (c Case) Requirement() Text { return requirements[c.ID] }

// needsMember reports whether the case needs somebody to log in.
func (c Case) needsMember() bool {
	return slices.Contains(c.needs, needMember) || slices.Contains(c.needs, needPassword)
}

// A runFunc returns nil if the requirement is met, a *failure if it is not, and a *skipped if the
// case can't tell. Any other error counts as a failure.
type runFunc func(context.Context, *session) error

// A need is something that a case needs in its Target, named by the flag that gives it.
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

// A Target is the integration to check. HelpCenter, Service, UserCode, Timeout and at least one URL
// are required. Cases that need another field are skipped when it is empty.
type Target struct {
	HelpCenter string // an origin
	Service    string
	UserCode   string // of the member that Password or Cookie logs in

	LoginURL       string // CONTRACT 6
	LoginStatusURL string // CONTRACT 7
	TokenVerifyURL string // CONTRACT 9
	LinkURL        string // redirects a member to a signed link, or answers {"url":...}; CONTRACT 8
	LogoutURL      string // logs out when opened, or shows a form that does
	FrameURL       string // the page with the help center's frame; CONTRACT 10

	Password        secret.Text
	Cookie          secret.Text // "name=value; name=value" of a login, in place of Password
	OrganizationKey signing.Key
	AlsoOrigins     []string // more origins that a login may lead to and that may read the status
	UserNameField   string   // of the login form; "" means the text field nearest before the password
	PasswordField   string   // of the login form; "" means its field of type password

	Center   *Center   // serves HelpCenter; nil if another server does
	Chromium *Chromium // runs the scripts of the login; nil if none run

	Timeout time.Duration // of each request
	// Patience is how long a run may wait, all in all, for a server that limits logins (429).
	Patience time.Duration
}

// validate returns all mistakes in the target, joined.
func (t Target) validate() error {
	var problems []error
	if !isOrigin(t.HelpCenter) {
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
		if !isOrigin(text) {
			problems = append(problems, fmt.Errorf("%q is not an origin", text))
		}
	}
	return errors.Join(problems...)
}

// urls returns the integration's URLs that are set.
func (t Target) urls() []string {
	all := []string{t.LoginURL, t.LoginStatusURL, t.TokenVerifyURL, t.LinkURL, t.LogoutURL, t.FrameURL}
	return slices.DeleteFunc(all, func(text string) bool { return text == "" })
}

// has reports whether the target has what n names.
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
	return t.LoginURL != "" && origin == originOf(mustParse(t.LoginURL))
}

// Cases returns all cases in the order in which they run.
func Cases() []Case {
	return slices.Concat(statusCases(), loginCases(), formCases(), apiCases(), linkCases(), verifyCases(),
		logoutCases(), clockCases(), frameCases())
}

// Select returns the cases with these ids in the order of Cases, or all cases if there are no ids.
// An id that ends in "/" selects a group. An id that selects no case is an error.
func Select(ids ...string) ([]Case, error) {
	all := Cases()
	if len(ids) == 0 {
		return all, nil
	}
	selects := func(id string, c Case) bool {
		return c.ID == id || strings.HasSuffix(id, "/") && strings.HasPrefix(c.ID, id)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(c Case) bool { return selects(id, c) }) {
			return nil, fmt.Errorf("there is no case %q", id)
		}
	}
	return slices.DeleteFunc(all, func(c Case) bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return selects(id, c) })
	}), nil
}

// isWeb reports whether u is an absolute http or https URL.
func isWeb(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" }

func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && isWeb(u) && originOf(u) == text
}

// originOf returns the origin of u, as browsers write it.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := u.Port(); port == "" || port == portOf(&url.URL{Scheme: scheme}) {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return scheme + "://" + host
}
