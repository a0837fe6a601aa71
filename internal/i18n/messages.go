// Package i18n holds every sentence that a member reads, in each language that the pages speak, and chooses the
// language of a request. It knows no HTML and no HTTP: it is handed the text of an Accept-Language header.
package i18n

import (
	"fmt"
	"strings"
	"time"
)

// Messages is every sentence of the pages in one language. Sentences are plain text, to be escaped by whoever puts
// them into a page. Those with a placeholder are unexported and have a method; where a member's name belongs, it returns what is
// around the name.
type Messages struct {
	HTMLLang     string // the lang and hreflang attribute, a BCP 47 tag
	LanguageName string // what the language calls itself

	SiteName       string // stands in for a site name that was not configured
	SkipToContent  string
	LanguageSwitch string // names the language links for a screen reader
	LogIn          string
	LogOut         string

	homeGreeting  string
	HomeHeading   string // logged out, in place of the greeting
	HomeText      string
	HomeTextGuest string
	InquiryTitle  string
	InquiryText   string
	HistoryTitle  string
	HistoryText   string
	HelpTitle     string
	HelpText      string

	LoginTitle           string
	LoginText            string
	LoginUserCode        string
	LoginPassword        string
	LoginShowPassword    string
	LoginWrong           string // the same for an unknown member and a wrong password
	LoginMissingUserCode string
	LoginMissingPassword string
	LoginUnavailable     string // the store or the directory is out of order
	LoginUnreachable     string // said by script, which keeps what was typed
	loginTooMany         string
	seconds              count
	minutes              count
	hours                count

	LogoutTitle    string
	logoutText     string
	LogoutNote     string // what logging out leaves to the help center (PROTOCOL section 11, D10)
	LoggedOutTitle string
	LoggedOutText  string

	HandoffTitle  string
	HandoffText   string
	HandoffButton string

	LoopTitle        string
	LoopText         string
	LoopAllowCookies string
	LoopLeavePrivate string
	LoopOtherBrowser string
	LoopContinue     string // hands off once more

	RequestID string // the label before the id, which helps the site's operator find the request
	Problems  [problemKinds]Problem

	Setup Setup
}

// Named is a sentence with a member's name in it: what comes before the name and after it, with the spaces that the language wants
// there. The name is apart because it may be in another language than the sentence, and run in the other direction.
type Named struct{ Before, After string }

// HomeGreeting welcomes a member by display name.
func (m *Messages) HomeGreeting() Named { return named(m.homeGreeting) }

// LogoutText says who is about to log out, by display name.
func (m *Messages) LogoutText() Named { return named(m.logoutText) }

func named(sentence string) Named {
	before, after, _ := strings.Cut(sentence, "%s")
	return Named{before, after}
}

// LoginTooMany says how long to wait before the next attempt: in seconds below a minute, in minutes below two hours, else in
// hours, rounded up.
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

// A count is a number of something: of one, and of any other number. Of our languages, English alone tells them apart.
type count struct{ one, other string }

func (c count) of(n int) string {
	if n == 1 {
		return fmt.Sprintf(c.one, n)
	}
	return fmt.Sprintf(c.other, n)
}

// Problem is what an error page says.
type Problem struct {
	Title  string // what is wrong
	Text   string // what happened
	Advice string // what the member can do
	Action string // the label of the link that does it
}

// ProblemKind selects one of Messages.Problems.
type ProblemKind int

// The kinds of problem, each beside the HTTP status that it goes with. The zero kind is the one that admits least.
const (
	ProblemInternal              ProblemKind = iota // 500
	ProblemUnavailable                              // 503, nobody can log in for the moment
	ProblemNotFound                                 // 404
	ProblemMethodNotAllowed                         // 405
	ProblemBadReturnURL                             // 400, the address to go back to is neither ours nor the help center's
	ProblemCrossSite                                // 403, a form posted from another site
	ProblemBadForm                                  // 400, a body that is no form
	ProblemTooLarge                                 // 413
	ProblemHelpCenterUnreachable                    // 502
	ProblemHelpCenterRefused                        // 502
	ProblemHelpCenterAnswer                         // 502, an answer that is not what the contract says
	ProblemLoginRefused                             // 403, the identity provider let nobody in
	ProblemLoginExpired                             // 400, a callback that belongs to no login under way
	ProblemIdentityProvider                         // 502, the identity provider is out of order or not to be believed
	ProblemNotByProxy                               // 403, the proxy in front told us of nobody
	ProblemNoEmail                                  // 422, the help center needs an email and the account has none
	ProblemMemberData                               // 422, the help center can't take a field of the account

	problemKinds // how many there are
)
