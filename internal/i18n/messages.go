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
	HelpOpen      string // the link that opens the help center in a window of its own

	LoginTitle           string
	LoginText            string
	LoginUserCode        string
	LoginPassword        string
	LoginShowPassword    string
	LoginWrong           string // the same for an unknown member and a wrong password
	LoginMissingUserCode string
	LoginMissingPassword string
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
	LoopFramed       string // inside the frame of the help page
	LoopText         string
	LoopAllowCookies string
	LoopLeavePrivate string
	LoopOtherBrowser string
	LoopContinue     string // the link that hands off again

	RequestID string // the label before the request id
	Problems  [problemKinds]ProblemMessages
}

// Named is the text before and after a member's name in a sentence, spaces included. The page marks
// up the name separately, because it may be in another language and run from right to left.
type Named struct{ Before, After string }

// HomeGreeting welcomes a member by name.
func (m *Messages) HomeGreeting() Named { return named(m.homeGreeting) }

// LogoutText asks the member, by name, whether to log out.
func (m *Messages) LogoutText() Named { return named(m.logoutText) }

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

// ProblemMessages is the text of one error page.
type ProblemMessages struct {
	Title  string
	Text   string // what happened
	Advice string // what the member can do
	Action string // the label of the link
}

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
	ProblemNotLoggedIn  // as far as the customer's site or the reverse proxy says
	ProblemNoCookie     // the browser did not keep the session cookie
	ProblemNoCookieHTTP // likewise over http, as in the demo
	ProblemNoEmail      // the help center needs an email
	ProblemMemberData   // a field that the help center does not accept
	problemKinds        // the number of kinds
)
