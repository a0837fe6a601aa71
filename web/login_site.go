package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/sitelogin"
)

// SiteLogin takes members from the customer's site, where they have logged in already. It asks the
// site with the cookies that their browsers have of it.
type SiteLogin struct {
	Site            Site
	LoginURL        string // of the site, where somebody logged out is sent
	ReturnParameter string // of LoginURL, which takes the way back here
	LogoutURL       string // where logging out here leads on to; "" for our own page
}

// A Site is a sitelogin.Client.
type Site interface {
	Cookies(r *http.Request) string
	Ask(ctx context.Context, cookies string, purpose sitelogin.Purpose, requestID string) (member.Member, error)
}

// fromSite marks the way back from the site's login page.
const fromSite = "fromSite"

// errStillLoggedOut says that the member came back from the site's login page and is not logged in
// there, as far as the cookies say that reach this server.
var errStillLoggedOut = errors.New("back from the site's login page, and logged out there")

// begin starts a session for whoever is logged in at the site, and sends others to log in there.
func (l SiteLogin) begin(
	f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	cookies := l.Site.Cookies(r)
	var who member.Member
	ask := func() (err error) {
		who, err = l.Site.Ask(r.Context(), cookies, sitelogin.Login, idOf(w))
		return err
	}
	var err error
	if cookies == "" {
		err = ask() // nobody is guessing
	} else {
		err = f.limited(w, r, ask)
	}
	tooMany := (*tooManyError)(nil)
	switch {
	case errors.As(err, &tooMany):
		return err
	case err == nil:
		return f.finish(w, r, who, cookies, r.URL.Path, returnURL)
	case !errors.Is(err, sitelogin.ErrLoggedOut):
		f.count(w, r, "out_of_order", "")
		return unavailable(err)
	case r.URL.Query().Has(fromSite):
		f.count(w, r, "refused", "")
		return errStillLoggedOut
	case framed(r): // many sites refuse to be framed
		return f.leaveFrame(w, r, returnURL)
	}
	location := l.loginURL(f, r.URL.Path, returnURL)
	if len(location) > helpcenter.MaxURL {
		location = l.loginURL(f, r.URL.Path, "") // leads on to the home page
	}
	return seeOther(w, location)
}

// loginURL is the site's login page with the way back to our login page at path.
func (l SiteLogin) loginURL(f loginFlow, path, returnURL string) string {
	back := string(f.own) + withParameter(f.loginURL(path, returnURL), fromSite)
	separator := "?"
	if strings.Contains(l.LoginURL, "?") {
		separator = "&"
	}
	return l.LoginURL + separator + url.QueryEscape(l.ReturnParameter) + "=" + url.QueryEscape(back)
}

func (SiteLogin) named(*http.Request) (member.Member, error) { return member.Member{}, errUnnamed }

// source returns the site's cookies in r. Having none says something only in a navigation of the
// window that begins here: others may come without the cookies that the browser has.
func (l SiteLogin) source(r *http.Request) (cookies string, known bool) {
	cookies = l.Site.Cookies(r)
	site := r.Header.Get("Sec-Fetch-Site")
	here := site == "same-origin" || site == "same-site" || site == "none"
	return cookies, cookies != "" || here && r.Header.Get("Sec-Fetch-Dest") == "document"
}

func (SiteLogin) way() string { return "site" }

func (SiteLogin) routes(loginFlow) []loginRoute { return nil }

func (l SiteLogin) leave(context.Context, string) (string, error) { return l.LogoutURL, nil }
