// Package check tests an integration in any language as the help center and a browser see it, and
// reports which requirements of the contract (CONTRACT.md) it meets.
//
// A run drives an installed Chromium through a member's visit, with a stand-in help center in this
// process, and asks the rest by plain HTTP. Each Case then looks at what was seen. The package
// shares no code that knows the contract with this project's server, so that one mistake can't be
// made twice and cancel out.
package check

import (
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

// Lang is a language of reports.
type Lang string

// The languages.
const (
	EN Lang = "en"
	KO Lang = "ko"
)

// A Text is a sentence in both languages.
type Text struct{ EN, KO string }

// In returns the text in a language.
func (t Text) In(l Lang) string {
	if l == KO {
		return t.KO
	}
	return t.EN
}

// with formats both sentences with the same arguments.
func (t Text) with(args ...any) Text {
	return Text{fmt.Sprintf(t.EN, args...), fmt.Sprintf(t.KO, args...)}
}

// A Case tests one requirement.
type Case struct {
	ID          string // group/name; it does not change between releases
	Level       Level
	Sections    string // of the contract, separated by spaces; sections has their texts
	Requirement Text

	needs []need
	late  bool // logs somebody in again, which may end the session that other cases use
	run   check
}

// must is a case that the vendor's pages ask for, should one that they don't.
func must(id, sections string, needs []need, run check, en, ko string) Case {
	return Case{ID: id, Level: Must, Sections: sections, Requirement: Text{en, ko}, needs: needs, run: run}
}

func should(id, sections string, needs []need, run check, en, ko string) Case {
	return Case{ID: id, Level: Should, Sections: sections, Requirement: Text{en, ko}, needs: needs, run: run}
}

// late is a should that runs after the others.
func late(id, sections string, needs []need, run check, en, ko string) Case {
	c := should(id, sections, needs, run, en, ko)
	c.late = true
	return c
}

// A check returns nil if the requirement is met, and else a *finding. Any other error
// counts as a failure.
type check func(*run) error

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
	needCall     need = "--listen-help-center"
	needBrowser  need = "a browser"
	needPost     need = "--post-handoff"
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
	PostHandoff    string // the origin of a help center that knows the organization key, and gets one handoff

	LoginID         string      // what the member types; "" means UserCode
	Password        secret.Text // of LoginID
	Cookie          secret.Text // "name=value; name=value" of a login, in place of Password
	OrganizationKey signing.Key
	AlsoOrigins     []string // more origins that a login may lead to and that may read the status
	UserNameField   string   // of the login form; "" means that it is found
	PasswordField   string   // of the login form; "" means that it is found
	UserAgent       string   // "" means the browser's own

	Browser *Browser // nil: only plain HTTP
	Center  *Center  // plays HelpCenter for the browser, and for the server's call if it Listens

	Timeout time.Duration // of each step and each request
	// Patience is how long a run may wait, all in all, for a server that limits logins (429).
	Patience time.Duration
}

// loginID is what the member types.
func (t Target) loginID() string {
	if t.LoginID != "" {
		return t.LoginID
	}
	return t.UserCode
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
	origins := slices.Clip(t.AlsoOrigins)
	if t.PostHandoff != "" {
		origins = append(origins, t.PostHandoff)
	}
	for _, text := range origins {
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
	password := t.Password.Reveal() != "" && t.LoginURL != ""
	return map[need]bool{
		needStatus: t.LoginStatusURL != "", needLogin: t.LoginURL != "", needVerify: t.TokenVerifyURL != "",
		needLink: t.LinkURL != "", needLogout: t.LogoutURL != "", needFrame: t.FrameURL != "",
		needPassword: password, needMember: password || t.Cookie.Reveal() != "",
		needKey: t.OrganizationKey != "", needCall: t.Center != nil && t.Center.Listens, needBrowser: t.Browser != nil, needPost: t.PostHandoff != "",
	}[n]
}

// allows reports whether a login may lead to an origin.
func (t Target) allows(origin string) bool { return origin == t.HelpCenter || t.owns(origin) }

// owns reports whether an origin is the integration's.
func (t Target) owns(origin string) bool {
	return slices.Contains(t.AlsoOrigins, origin) ||
		slices.ContainsFunc(t.urls(), func(text string) bool { return originOf(text) == origin })
}

// Cases returns all cases in the order in which a report has them.
func Cases() []Case {
	return slices.Concat(statusCases(), loginCases(), formCases(), apiCases(), linkCases(), verifyCases(),
		frameCases(), logoutCases(), clockCases())
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
	return err == nil && isWeb(u) && originOf(text) == text
}

// originOf returns the origin of an absolute URL as browsers write it, or "" if it has none.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || !isWeb(u) {
		return ""
	}
	host := strings.ToLower(u.Host)
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	return u.Scheme + "://" + host
}

// withQuery adds parameters to a URL, each a name and its value.
func withQuery(text string, pairs ...string) string {
	separator := "?"
	if strings.Contains(text, "?") {
		separator = "&"
	}
	for i := 0; i < len(pairs); i += 2 {
		text += separator + pairs[i] + "=" + signing.EncodeURIComponent(pairs[i+1])
		separator = "&"
	}
	return text
}

// withoutQuery is a URL without its query and its fragment.
func withoutQuery(text string) string {
	if at := strings.IndexAny(text, "?#"); at >= 0 {
		return text[:at]
	}
	return text
}

// mustParse parses a URL that was parsed before.
func mustParse(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		return &url.URL{}
	}
	return u
}
