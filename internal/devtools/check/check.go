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

	"ocsso/internal/contract"
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
type Lang = signing.Lang

// The languages.
const (
	EN = signing.English
	KO = signing.Korean
)

// A Text is a sentence in both languages.
type Text signing.Words

// In returns the text in a language.
func (t Text) In(l Lang) string { return signing.Words(t).In(l) }

// with formats both sentences with the same arguments.
func (t Text) with(args ...any) Text {
	return Text{fmt.Sprintf(t.EN, args...), fmt.Sprintf(t.KO, args...)}
}

// A Case tests one requirement.
type Case struct {
	ID          string // group/name; it does not change between releases
	Level       Level
	Sections    string // of the contract, separated by spaces
	Requirement Text

	needs []need // where it is needMember, the check runs only with somebody logged in
	check check
	late  bool // logs somebody in again, which may end the session that other cases use
}

// must is a case that the vendor's pages ask for, should one that they don't.
func must(id, sections string, needs []need, c check, en, ko string) Case {
	return Case{id, Must, sections, Text{en, ko}, needs, c, false}
}

func should(id, sections string, needs []need, c check, en, ko string) Case {
	return Case{id, Should, sections, Text{en, ko}, needs, c, false}
}

// replaying is a should that sends the login again, once that is known to work without a change.
func replaying(id, sections string, needs []need, c check, en, ko string) Case {
	return Case{id, Should, sections, Text{en, ko}, needs, func(r *run) error {
		if !r.checked {
			r.checked, r.err = true, r.checkReplay()
		}
		if r.err != nil {
			return r.err
		}
		return c(r)
	}, true}
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

// validate returns all mistakes in the target, joined.
func (t Target) validate() error {
	var problems []error
	want := func(right bool, format string, args ...any) {
		if !right {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	want(isOrigin(t.HelpCenter), "the help center %q is not an origin such as https://example.oc.nhncloud.com", t.HelpCenter)
	want(t.Service != "" && t.UserCode != "", "the service and the usercode must be given")
	want(t.Timeout > 0, "the timeout must be above 0")
	want(len(t.urls()) > 0, "there is no URL to check")
	for _, text := range t.urls() {
		u, err := url.Parse(text)
		want(err == nil && isWeb(u) && u.User == nil, "%q is not an http or https URL", text)
	}
	for _, text := range t.AlsoOrigins {
		want(isOrigin(text), "%q is not an origin", text)
	}
	want(t.PostHandoff == "" || isOrigin(t.PostHandoff), "%q is not an origin", t.PostHandoff)
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
	var selected []string
	for _, id := range ids {
		before := len(selected)
		for _, c := range all {
			if c.ID == id || strings.HasSuffix(id, "/") && strings.HasPrefix(c.ID, id) {
				selected = append(selected, c.ID)
			}
		}
		if len(selected) == before {
			return nil, fmt.Errorf("there is no case %q", id)
		}
	}
	return slices.DeleteFunc(all, func(c Case) bool { return !slices.Contains(selected, c.ID) }), nil
}

// Explain returns what the contract says about the matter of a case: its sections in English, and
// their summaries in Korean.
func (c Case) Explain(l Lang) string {
	var text strings.Builder
	level := Text{"must: the vendor's pages say so", "필수: 벤더 문서의 요구 사항"}
	if c.Level == Should {
		level = Text{"should: security and good practice beyond the vendor's pages", "권장: 벤더 문서 밖의 보안과 모범 사례"}
	}
	fmt.Fprintf(&text, "%s\n%s\n%s\n", c.ID, c.Requirement.In(l), level.In(l))
	if len(c.needs) > 0 {
		fmt.Fprintf(&text, "%s: %s\n", Text{"needs", "필요한 값"}.In(l), listed(c.needs))
	}
	for number := range strings.FieldsSeq(c.Sections) {
		fmt.Fprintf(&text, "\n%s. %s\n", number, section(number).In(l))
	}
	return text.String()
}

func listed(needs []need) string {
	var flags []string
	for _, n := range needs {
		flags = append(flags, string(n))
	}
	return strings.Join(flags, ", ")
}

// section returns a section of the contract. Its title has both languages, and its Korean summary
// is a quotation.
func section(number string) Text {
	title, body, _ := strings.Cut(contract.Section(number), "\n")
	var lines Text
	for line := range strings.Lines(body) {
		if korean, ok := strings.CutPrefix(line, ">"); ok {
			lines.KO += strings.TrimPrefix(korean, " ")
		} else {
			lines.EN += line
		}
	}
	en, ko, _ := strings.Cut(title, " / ")
	return Text{en + "\n" + strings.TrimSpace(lines.EN), ko + "\n" + strings.TrimSpace(lines.KO)}
}

func isWeb(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" }

func isOrigin(text string) bool { return text != "" && originOf(text) == text }

// originOf returns the origin of an absolute URL as browsers write it, or "" if it has none.
func originOf(text string) string {
	u := mustParse(text)
	if !isWeb(u) {
		return ""
	}
	return u.Scheme + "://" + strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
}

// withQuery adds parameters to a URL, each a name and its value.
func withQuery(text string, pairs ...string) string {
	for pair := range slices.Chunk(pairs, 2) {
		separator := "?"
		if strings.Contains(text, "?") {
			separator = "&"
		}
		text += separator + pair[0] + "=" + signing.EncodeURIComponent(pair[1])
	}
	return text
}

func withoutQuery(text string) string {
	if at := strings.IndexAny(text, "?#"); at >= 0 {
		return text[:at]
	}
	return text
}

// mustParse parses a URL. What is none is an empty one.
func mustParse(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		return &url.URL{}
	}
	return u
}
