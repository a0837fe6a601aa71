package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"ocsso/internal/member"
	"ocsso/internal/session"
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
	Check(ctx context.Context) error
	Source(r *http.Request, client netip.Addr, purpose sitelogin.Purpose) string
	Ask(ctx context.Context, source string, purpose sitelogin.Purpose, requestID string) (sitelogin.Answer, error)
	RecheckSource(source string, answer sitelogin.Answer) string
}

// forOurs is the room in a header for our own cookie and a location.
const forOurs = 700

// fromSite marks the way back from the site's login page.
const fromSite = "fromSite"

// errStillLoggedOut says that the member came back from the site's login page and is not logged in
// there, as far as the cookies say that reach this server.
var errStillLoggedOut = errors.New("back from the site's login page, and logged out there")

// Begin starts a session for whoever is logged in at the site, and sends others to log in there.
func (l SiteLogin) Begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	source := l.Site.Source(r, clientOf(r), sitelogin.Login)
	var buckets []bucket
	if source != "" { // without cookies nobody is guessing
		buckets = s.limits.ofAddress(r)
	}
	if err := s.countAttempt(w, r, "", buckets); err != nil {
		return err
	}
	answer, err := l.Site.Ask(r.Context(), source, sitelogin.Login, idOf(w))
	for _, line := range answer.SetCookie {
		if len(line) > room(w.Header(), "Set-Cookie")-forOurs {
			s.log.Error("a cookie of the site is too long to be passed on", "bytes", len(line), "request_id", idOf(w))
			continue
		}
		w.Header().Add("Set-Cookie", line)
	}
	switch {
	case err == nil:
		if err := s.limits.takeBack(r, buckets); err != nil {
			return err
		}
		ties := session.Ties{Source: l.Site.RecheckSource(source, answer)}
		return s.Finish(w, r, answer.Member, ties, r.URL.Path, returnURL)
	case !errors.Is(err, sitelogin.ErrLoggedOut):
		s.countLogin(w, r, "out_of_order", "", err)
		return unavailable(err)
	case r.URL.Query().Has(fromSite):
		err = fmt.Errorf("%w: %w", errStillLoggedOut, err)
		s.countLogin(w, r, "refused", "", err)
		return err
	}
	if errors.Is(err, member.ErrGuest) {
		s.log.Warn("nobody is logged in at the site", "error", err, "request_id", idOf(w))
	}
	if framed(r) { // many sites refuse to be framed
		return s.leaveFrame(w, r, returnURL)
	}
	// Without a return URL it leads on to the home page.
	return seeOther(w, l.loginURL(s, r.URL.Path, returnURL), l.loginURL(s, r.URL.Path, ""))
}

// Check logs what is wrong with the site, as far as it shows without a member.
func (l SiteLogin) Check(ctx context.Context, log *slog.Logger) {
	if err := l.Site.Check(ctx); errors.Is(err, sitelogin.ErrAnyone) {
		log.Error("nobody can log in: login.site.whoami_url has to see each visitor's cookies, and no cache may answer for it", "error", err)
	} else if err != nil {
		log.Warn("nobody can log in for now", "error", err)
	}
}

// loginURL is the site's login page with the way back to our login page at path.
func (l SiteLogin) loginURL(s *server, path, returnURL string) string {
	back := string(s.Own) + withParameter(s.loginURL(path, returnURL), fromSite, "1")
	return withParameter(l.LoginURL, l.ReturnParameter, back)
}

// Routes are none.
func (SiteLogin) Routes() []loginRoute { return nil }

// claim is what the site's cookies say. Having none says something only in a navigation of the
// window that begins here: others may come without the cookies that the browser has, and so do the
// help center's calls.
func (l SiteLogin) claim(r *http.Request) claim {
	if asksForStatus(r) {
		return claim{}
	}
	site := r.Header.Get("Sec-Fetch-Site")
	here := site == "same-origin" || site == "same-site" || site == "none"
	if here && r.Header.Get("Sec-Fetch-Dest") != "" && inWindow(r) && l.Site.Source(r, clientOf(r), sitelogin.Login) == "" {
		return claim{nobody: sitelogin.ErrLoggedOut}
	}
	return claim{source: l.Site.Source(r, clientOf(r), sitelogin.Recheck)}
}

func (l SiteLogin) leave(context.Context, string) (string, error) { return l.LogoutURL, nil }
