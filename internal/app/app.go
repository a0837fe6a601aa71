// Package app joins checked settings, a store and a directory of members into the handler of one
// organization's server. It opens nothing and listens nowhere: the commands do that.
package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"ocsso/internal/audit"
	"ocsso/internal/config"
	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/password"
	"ocsso/internal/session"
	"ocsso/static"
	"ocsso/templates"
	"ocsso/web"
)

// An App keeps its parts when keys change.
type App struct {
	log       *slog.Logger
	counts    *metrics.Metrics
	store     kv.Store
	members   member.Directory
	passwords *password.Gate
	transport http.RoundTripper
	seen      *web.Seen
	login     atomic.Pointer[web.Login] // of the last Handler
}

// New measures the calls of store and members in counts. transport makes the calls to the help
// center and to an identity provider. memory is how many bytes the process may use, for the number
// of passwords that are checked at once; 0 is no limit.
func New(
	log *slog.Logger, counts *metrics.Metrics, store kv.Store, members member.Directory,
	transport http.RoundTripper, memory int64,
) *App {
	gate := password.NewGate(runtime.GOMAXPROCS(0), memory)
	counts.Watch("password_queue", "Password checks that wait for their turn.", func() float64 {
		return float64(gate.Waiting())
	})
	return &App{
		log: log, counts: counts, store: newMeasuredStore(store, counts), members: measuredDirectory{members, counts},
		passwords: gate, transport: transport, seen: &web.Seen{},
	}
}

// Seen is what the requests of members and of the help center have shown. It outlives a change of
// keys.
func (a *App) Seen() *web.Seen { return a.seen }

// Handler returns the server with these settings, which config.Load has checked.
func (a *App) Handler(cfg config.Config) (http.Handler, error) {
	way, ok := ways[cfg.Login.With]
	if !ok {
		return nil, fmt.Errorf("login.with: nothing here logs members in with %q", cfg.Login.With)
	}
	login, recheck := way(a, cfg)
	a.login.Store(&login)
	lasting := session.Limits{Lifetime: cfg.Session.Lifetime, Idle: cfg.Session.Idle, Token: cfg.IssuedTokens.Lifetime}
	sessions, err := session.NewManager(a.store, session.CookieName(cfg.Server.Origin()+cfg.Server.BasePath()), cfg.Session.KeyBytes(), lasting, recheck, time.Now)
	if err != nil {
		return nil, err
	}
	settings := web.Settings{
		Own:            helpcenter.Origin(cfg.Server.Origin()),
		BasePath:       cfg.Server.BasePath(),
		Handoff:        helpcenter.Way(cfg.HelpCenter.Handoff),
		ExtraOrigins:   origins(cfg.HelpCenter.ExtraOrigins),
		TrustedProxies: cfg.Server.TrustedProxies,
		LinkKeys:       cfg.LinkKeys(),
		LoginWith:      cfg.Login.With,
		AuditKey:       audit.NewKey(cfg.Session.KeyBytes()[0]),
		Language:       i18n.Lang(cfg.UI.DefaultLanguage),
		Brand: web.Brand{
			SiteName: cfg.UI.SiteName,
			LogoURL:  cfg.UI.LogoURL,
			Look:     static.Look{Accent: cfg.UI.Accent, LogoName: cfg.UI.LogoFile, Logo: cfg.Logo},
			Links:    templates.Links(cfg.UI.Links),
		},
	}
	if cfg.Login.With == "site" {
		settings.ReturnOrigins = origins(cfg.Login.Site.ReturnOrigins)
	}
	perAddress, perMember := cfg.Login.Limits.PerAddress, cfg.Login.Limits.PerMember
	limits := web.Limits{
		Counter:    a.store,
		PerAddress: web.Limit{Count: perAddress.Count, Window: perAddress.Per},
		PerMember:  web.Limit{Count: perMember.Count, Window: perMember.Per},
	}
	center := HelpCenter(cfg.HelpCenter, a.transport)
	return web.New(settings, a.log, a.counts, center, a.members, login, limits, sessions, a.seen), nil
}

// CheckLogin logs what is wrong with the way to log in of the last Handler, as far as it shows
// before a member comes.
func (a *App) CheckLogin(ctx context.Context) {
	if login, ok := (*a.login.Load()).(interface {
		Check(ctx context.Context, log *slog.Logger)
	}); ok {
		login.Check(ctx, a.log)
	}
}

func origins(texts []string) (list []helpcenter.Origin) {
	for _, text := range texts {
		list = append(list, helpcenter.Origin(text))
	}
	return list
}

// requestTimeout is how long a call to the help center may take.
const requestTimeout = 5 * time.Second

// HelpCenter returns the client of the organization's help center.
func HelpCenter(settings config.HelpCenter, transport http.RoundTripper) *helpcenter.Client {
	site := helpcenter.NewSite(helpcenter.Origin(settings.Origin()), settings.Services...)
	return helpcenter.NewClient(site, settings.OrganizationKey, transport, requestTimeout, time.Now)
}
