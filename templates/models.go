// Package templates holds the pages that members and operators see. Each page is a function of one
// struct with everything that it shows. It decides nothing. Text and URLs are escaped; in links and
// form actions, a URL whose scheme could run script becomes about:invalid.
package templates

import (
	"cmp"
	"time"

	"ocsso/internal/i18n"
	"ocsso/static"
)

// Page is what every page shows around its content.
type Page struct {
	Base      string // before every path of this server; empty at the root of its host
	Lang      i18n.Lang
	T         *i18n.Messages // the sentences of Lang; required
	SiteName  string         // empty: T.SiteName
	Languages []LanguageLink // the language switch, in its order; empty: none
	Member    string         // the display name of who is logged in; empty: nobody
	LoginURL  string         // the header's link to log in, when nobody is; empty: no link
	Framed    bool           // no header, as inside the help page's frame

	Links  Links
	Static *static.Files // nil: the files as they are
	Logo   string        // a URL of the site's own; empty: our icon

	RefreshURL string // where the browser goes on to by itself; empty: nowhere
}

// asset is the URL of a static file.
func (p Page) asset(name string) string {
	if p.Static == nil {
		return p.Base + static.URL(name)
	}
	return p.Base + p.Static.URL(name)
}

func (p Page) logo() string { return cmp.Or(p.Logo, p.asset("favicon.svg")) }

// Links are those of ui.links, each empty for none: what members look for beside a login.
type Links struct{ FindID, ResetPassword, SignUp, Support, Privacy string }

// LanguageLink leads to the same page in another language, or in this one.
type LanguageLink struct {
	Name     string // what the language calls itself
	HTMLLang string // its BCP 47 tag
	URL      string
	Current  bool
}

// Home is the home page of the customer's site. A guest sees the same links and a prompt to log in.
type Home struct {
	Page
	InquiryURL string
	HistoryURL string
}

// Login is the login form. It has no field for the password, which is never sent back.
type Login struct {
	Page
	Action    string
	ReturnURL string // where to go afterwards, posted as returnUrl; empty: not posted
	Here      bool   // it is a page of this site, and not the help center's
	UserCode  string // what was typed last time, or empty
	Error     LoginError
	Wait      time.Duration // before the next attempt, with LoginErrorTooMany
}

// LoginError is why the login form is shown again.
type LoginError int

// The reasons. Wrong stands for an unknown member as well as for a wrong password.
const (
	LoginErrorNone LoginError = iota
	LoginErrorWrong
	LoginErrorMissingUserCode
	LoginErrorMissingPassword
	LoginErrorTooMany
	LoginErrorUnavailable
)

// Handoff posts the fields to the help center, in this order.
type Handoff struct {
	Page
	Method string // of the form: "post" or "get"
	Action string // where the form leads
	Fields []Field
}

// Field is a hidden input of a Handoff: a name as it is on the wire, and its value.
type Field struct {
	Name  string
	Value string
}

// Help is the page around the help center's frame (CONTRACT 10). templ does not sanitise
// the address of a frame, so FrameURL must be a checked http or https URL.
type Help struct {
	Page
	OpenURL     string // opens the help center in a window of its own
	FrameURL    string
	FrameOrigin string // the help center's origin; its messages set the frame's height

	NoticesURL, ArticlesURL, InquiryURL, HistoryURL string // of the menu, for the frame
}

// Loop says that the help center does not see the login (D8), and what helps.
type Loop struct {
	Page
	OpenURL     string // opens the help center in a window of its own; empty outside of a frame
	ContinueURL string // tries once more
	Unconfirmed bool   // only the browser knows whether the help center took the handoff
}

// Problem is an error page.
type Problem struct {
	Page
	Kind      i18n.ProblemKind
	RequestID string
	Action    string // what the link says
	ActionURL string
}
