// Package web answers every HTTP request: members' pages, the help center's calls, the calls of the
// customer's backends, and the operator's health checks and setup page.
//
// It knows HTTP and asks the internal packages for everything else. It reads no configuration;
// internal/app passes it what it needs.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"sync"

	"ocsso/internal/audit"
	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/session"
	"ocsso/static"
	"ocsso/templates"
)

// Settings are what an operator chooses. Package config has checked them.
type Settings struct {
	Own            helpcenter.Origin   // where members reach this server
	BasePath       string              // before every path of ours, such as "/oc-sso"; "" for none
	ReturnOrigins  []helpcenter.Origin // where a login may lead back to, besides the help center and here
	Handoff        helpcenter.Way      // what /login does
	ExtraOrigins   []helpcenter.Origin // may read the login status, like the help center
	TrustedProxies []netip.Prefix      // whose X-Forwarded-For and X-Request-Id are believed
	LinkKeys       [][32]byte          // SHA-256 of the bearer keys of /v1; empty: no /v1 routes
	LoginWith      string              // the way to log in, in the audit log
	AuditKey       audit.Key           // for the ids of members in the log
	Language       i18n.Lang           // for a browser that asks for none of ours
	Brand          Brand
}

// Brand is what makes members' pages the customer's own.
type Brand struct {
	SiteName string // "" for a general word
	LogoURL  string // "" for the look's, or our icon
	Look     static.Look
	Links    templates.Links
}

// server has what the handlers need. It is read-only after New, but for unreadable.
type server struct {
	Settings
	*pages
	metrics    *metrics.Metrics
	center     *helpcenter.Client
	site       helpcenter.Site
	fromCenter string   // the Sec-Fetch-Site of navigations from the help center
	own        []string // where a login may lead back to
	members    member.Directory
	login      Login
	limits     Limits
	sessions   *session.Manager
	seen       *Seen
	unreadable sync.Once // an address in X-Forwarded-For
}

// New returns the handler of the public listener; NewAdmin returns the operator's. Nothing may be
// nil. members is where POST /v1/links looks members up.
func New(
	settings Settings, log *slog.Logger, counts *metrics.Metrics, center *helpcenter.Client,
	members member.Directory, login Login, limits Limits, sessions *session.Manager,
	seen *Seen,
) http.Handler {
	brand := settings.Brand
	files := static.New(brand.Look)
	logo := brand.LogoURL
	if path := files.LogoURL(); path != "" {
		logo = settings.BasePath + path
	}
	s := &server{
		Settings: settings,
		pages: &pages{
			log: log, languages: i18n.Langs, fallback: settings.Language,
			secure: settings.Own.Secure(),
			blank: templates.Page{
				Base: settings.BasePath, SiteName: brand.SiteName, Links: brand.Links, Static: files, Logo: logo,
			},
		},
		metrics:    counts,
		center:     center,
		site:       center.Site(),
		fromCenter: "cross-site",
		own:        []string{string(settings.Own) + settings.BasePath},
		members:    members,
		login:      login,
		limits:     limits,
		sessions:   sessions,
		seen:       seen,
	}
	for _, origin := range settings.ReturnOrigins {
		s.own = append(s.own, string(origin))
	}
	if settings.Own.SameSite(s.site.Origin()) {
		s.fromCenter = "same-site"
	}
	return s.routes()
}
