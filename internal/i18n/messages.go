// Package i18n holds every sentence of the pages, for members in four languages and for operators
// in two, and chooses the language of a request. It knows neither HTML nor HTTP: Negotiate takes
// the text of an Accept-Language header.
package i18n

import (
	"fmt"
	"strings"
	"time"
)

// Messages is every sentence of members' pages in one language. They are plain text: a page has to
// escape them. A sentence with a placeholder is unexported and has a method.
type Messages struct {
	HTMLLang     string // a BCP 47 tag, for the lang and hreflang attributes
	LanguageName string // in the language itself

	SiteName       string // used if no site name is configured
	SkipToContent  string
	LanguageSwitch string // for screen readers, the name of the language links
	LogIn          string
	LogOut         string
	LogInAgain     string
	TryAgain       string
	GoHome         string
	Cancel         string
	Copy           string
	Copied         string // in the place of Copy, for a moment
	ErrorTitle     string // before a page's title, when it shows an error

	// The links of ui.links.
	FindID        string
	ResetPassword string
	SignUp        string
	Support       string
	Privacy       string

	homeGreeting  string
	HomeHeading   string // replaces the greeting for a guest
	HomeText      string
	HomeTextGuest string
	InquiryTitle  string
	InquiryText   string
	HistoryTitle  string
	HistoryText   string
	HelpTitle     string
	HelpText      string
	HelpNotices   string // the menu above the frame, as in the vendor's sample
	HelpArticles  string
	HelpInquiry   string
	HelpHistory   string
	HelpOpen      string // the link that opens the help center in a window of its own

	LoginTitle           string
	loginLeads           string // back to the help center of a site
	LoginText            string // likewise, of a site without a name
	LoginTextHere        string // back to a page of the site
	LoginUserCode        string
	LoginPassword        string
	LoginShowPassword    string
	LoginWrong           string // the same for an unknown member and a wrong password
	LoginMissingUserCode string
	LoginMissingPassword string
	LoginCapsLock        string
	LoginBusy            string // on the button, while the script waits for the answer
	LoginUnavailable     string // the store or the directory failed
	LoginUnreachable     string // shown by the script, which keeps what was typed
	loginTooMany         string
	seconds              count
	minutes              count
	hours                count

	LogoutTitle            string
	logoutText             string
	LogoutNote             string // the help center's own session stays (D10)
	LoggedOutTitle         string
	LoggedOutText          string
	LeaveText, LeaveAction string // logged out here, on to the logout elsewhere

	HandoffTitle  string
	HandoffText   string
	HandoffButton string

	LoopTitle        string
	LoopText         string
	LoopFramedTitle  string // inside the frame of the help page
	LoopFramedText   string
	LoopAllowCookies string // the likeliest cause
	LoopOther        string // the summary of the other ways
	LoopLeavePrivate string
	LoopOtherBrowser string
	LoopOperator     string // what else it may be
	LoopContinue     string // the link that hands off again

	ProblemReport string // whom to tell the request id
	RequestID     string // the label before it
	Problems      [problemKinds]ProblemMessages
}

// Named is the text before and after a member's name in a sentence, spaces included. The page marks
// up the name separately, because it may be in another language and run from right to left.
type Named struct{ Before, After string }

// HomeGreeting welcomes a member by name.
func (m *Messages) HomeGreeting() Named { return named(m.homeGreeting) }

// LogoutText asks the member, by name, whether to log out.
func (m *Messages) LogoutText() Named { return named(m.logoutText) }

// LoginLeads says that the login leads back to the help center of a site, by the site's name, which
// may be the help center's.
func (m *Messages) LoginLeads(site string) string {
	own := strings.TrimSpace(site)
	if cut := len(own) - len(m.HelpTitle); cut >= 0 && strings.EqualFold(own[cut:], m.HelpTitle) {
		own = strings.TrimSpace(own[:cut])
	}
	if own == "" {
		return m.LoginText
	}
	return fmt.Sprintf(m.loginLeads, own)
}

func named(sentence string) Named {
	before, after, _ := strings.Cut(sentence, "%s")
	return Named{before, after}
}

// LoginTooMany says how long to wait before the next attempt, rounded up: in seconds below a
// minute, in minutes below two hours, otherwise in hours.
func (m *Messages) LoginTooMany(wait time.Duration) string {
	unit, units := time.Minute, m.minutes
	switch {
	case wait < time.Minute:
		unit, units = time.Second, m.seconds
	case wait >= 2*time.Hour:
		unit, units = time.Hour, m.hours
	}
	return fmt.Sprintf(m.loginTooMany, units.of(int((wait+unit-1)/unit)))
}

// A count formats a number with its unit. Only English has a separate form for one.
type count struct{ one, other string }

func (c count) of(n int) string {
	if n == 1 {
		return fmt.Sprintf(c.one, n)
	}
	return fmt.Sprintf(c.other, n)
}

// ProblemMessages is the text of one error page: what happened, and one sentence more.
type ProblemMessages struct{ Title, Text string }

// ProblemKind is an index into Messages.Problems.
type ProblemKind int

// The kinds of problem: one for each way out that a member has. The zero value is the most general.
const (
	ProblemInternal    ProblemKind = iota
	ProblemUnavailable             // nobody can log in right now
	ProblemNotFound
	ProblemBadRequest   // not what a browser sends us, or too large
	ProblemUnsafe       // posted from another site, or to a return URL that is not allowed
	ProblemHelpCenter   // it is unreachable, refused, or answered otherwise than the contract says
	ProblemLoginFailed  // at the identity provider, or it expired
	ProblemOtherBrowser // the login began in another browser or app
	ProblemNotLoggedIn  // as far as the customer's site or the reverse proxy says
	ProblemNoCookie     // the browser did not keep the session cookie
	ProblemNoCookieHTTP // likewise over http, as in the demo
	ProblemNoEmail      // the help center needs an email
	ProblemMemberData   // a field that the help center does not accept
	problemKinds        // the number of kinds
)
