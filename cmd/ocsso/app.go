package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"ocsso/internal/audit"
	"ocsso/internal/config"
	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/issued"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/oidc"
	"ocsso/internal/password"
	"ocsso/internal/session"
	"ocsso/internal/token"
	"ocsso/internal/whoami"
	"ocsso/web"
)

// An app is the server of one organization, not yet listening. It keeps its parts when keys change.
type app struct {
	log       *slog.Logger
	counts    *metrics.Metrics
	store     kv.Store
	members   member.Directory
	passwords *password.Gate
	transport http.RoundTripper // for calls to the help center and to the identity provider
}

func newApp(
	log *slog.Logger, counts *metrics.Metrics, store kv.Store, members member.Directory,
	transport http.RoundTripper,
) *app {
	gate := password.NewGate(runtime.GOMAXPROCS(0), memoryLimit())
	counts.Watch("password_queue", "Password checks that wait for their turn.", func() float64 {
		return float64(gate.Waiting())
	})
	return &app{log, counts, store, members, gate, transport}
}

// handler turns checked settings into the values that the packages take, and joins the packages.
func (a *app) handler(cfg config.Config) (http.Handler, error) {
	center, err := newHelpCenterClient(cfg.HelpCenter, a.transport)
	if err != nil {
		return nil, err
	}
	own, err := helpcenter.ParseOrigin(cfg.Server.Origin())
	if err != nil {
		return nil, fmt.Errorf("server.public_url: %w", err)
	}
	extra, err := parseOrigins(cfg.HelpCenter.ExtraOrigins)
	if err != nil {
		return nil, fmt.Errorf("help_center.extra_origins: %w", err)
	}
	var returnOrigins []helpcenter.Origin
	if cfg.Login.With == "site" {
		if returnOrigins, err = parseOrigins(cfg.Login.Site.ReturnOrigins); err != nil {
			return nil, fmt.Errorf("login.site.return_origins: %w", err)
		}
	}
	site := a.site(cfg)
	limits := session.Limits{Lifetime: cfg.Session.Lifetime, Idle: cfg.Session.Idle}
	sessions, err := session.NewManager(a.store, cfg.Session.KeyBytes(), limits, a.recheck(cfg, site), time.Now)
	if err != nil {
		return nil, err
	}
	login, err := a.login(cfg, site)
	if err != nil {
		return nil, err
	}
	settings := web.Settings{
		Own:            own,
		BasePath:       cfg.Server.BasePath(),
		ReturnOrigins:  returnOrigins,
		Handoff:        web.Way(cfg.HelpCenter.Handoff),
		ExtraOrigins:   extra,
		TrustedProxies: cfg.Server.TrustedPrefixes(),
		LinkKeys:       cfg.LinksAPI.Hashes(),
		AuditKey:       audit.NewKey(cfg.Session.KeyBytes()[0]),
		SiteName:       cfg.UI.SiteName,
		Language:       i18n.Lang(cfg.UI.DefaultLanguage),
	}
	tokens := issued.NewRegistry(a.store, sessions, cfg.IssuedTokens.Lifetime)
	return web.New(settings, a.log, a.counts, center, a.members, login, sessions, tokens), nil
}

func parseOrigins(texts []string) (origins []helpcenter.Origin, err error) {
	for _, text := range texts {
		origin, err := helpcenter.ParseOrigin(text)
		if err != nil {
			return nil, err
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

func newHelpCenterClient(
	settings config.HelpCenter, transport http.RoundTripper,
) (*helpcenter.Client, error) {
	origin, err := helpcenter.ParseOrigin(settings.Origin())
	if err != nil {
		return nil, fmt.Errorf("help_center: %w", err)
	}
	site, err := helpcenter.NewSite(origin, settings.Services...)
	if err != nil {
		return nil, fmt.Errorf("help_center.services: %w", err)
	}
	key := token.NewKey(settings.OrganizationKey.Reveal())
	return helpcenter.NewClient(site, key, transport, settings.RequestTimeout, time.Now), nil
}

// login is how members prove who they are.
func (a *app) login(cfg config.Config, site web.Site) (web.Login, error) {
	switch cfg.Login.With {
	case "site":
		settings := cfg.Login.Site
		return web.SiteLogin{
			Site: site, LoginURL: settings.LoginURL, ReturnParameter: settings.ReturnParameter,
			LogoutURL: settings.LogoutURL,
		}, nil
	case "oidc":
		settings := cfg.Login.OIDC
		provider, err := oidc.New(oidc.Options{
			Issuer: settings.Issuer, ClientID: settings.ClientID, ClientSecret: settings.ClientSecret.Reveal(),
			RedirectURL: cfg.Server.PublicURL + web.CallbackPath, Scopes: settings.Scopes,
			Claims: oidc.Claims(settings.Claims), MaxAge: settings.MaxAge, Prompt: settings.Prompt,
		}, a.transport, time.Now)
		if err != nil {
			return nil, fmt.Errorf("login.oidc: %w", err)
		}
		login := web.OIDCLogin{Provider: provider}
		if settings.Logout == "provider" {
			login.AfterLogout = cfg.Server.PublicURL + web.LogoutPath
		}
		return login, nil
	case "oauth2":
		settings := cfg.Login.OAuth2
		provider, err := oidc.NewOAuth2(oidc.OAuth2Options{
			AuthorizationURL: settings.AuthorizationURL, TokenURL: settings.TokenURL,
			UserInfoURL: settings.UserInfoURL, UserInfoHeaders: settings.UserInfoToken == "headers",
			ClientID: settings.ClientID, ClientSecret: settings.ClientSecret.Reveal(),
			RedirectURL: cfg.Server.PublicURL + web.CallbackPath, Scopes: settings.Scopes,
			Fields: member.JSONPaths(settings.Fields), PKCE: settings.PKCE,
		}, a.transport)
		if err != nil {
			return nil, fmt.Errorf("login.oauth2: %w", err)
		}
		return web.OAuth2Login{Provider: provider}, nil
	case "proxy":
		return web.ProxyLogin{
			From: cfg.Login.Proxy.Prefixes(), Headers: web.ProxyHeaders(cfg.Login.Proxy.Headers),
		}, nil
	}
	devices, err := session.NewDevices(cfg.Session.KeyBytes())
	if err != nil {
		return nil, err
	}
	limits := cfg.Login.Limits
	return web.PasswordLogin{
		Members:    a.members,
		Passwords:  a.passwords,
		Devices:    devices,
		Counter:    a.store,
		PerAddress: web.Limit{Count: limits.PerAddress.Count, Window: limits.PerAddress.Per},
		PerMember:  web.Limit{Count: limits.PerMember.Count, Window: limits.PerMember.Per},
	}, nil
}

// recheckEvery is how long a member who was removed from the directory may stay logged in.
const recheckEvery = time.Minute

// recheck asks the directory, or the customer's site, about members who have logged in there.
func (a *app) recheck(cfg config.Config, site web.Site) session.Recheck {
	var ask func(ctx context.Context, source string) (member.Member, error)
	every := recheckEvery
	switch cfg.Login.With {
	case "password":
		ask = func(ctx context.Context, usercode string) (member.Member, error) {
			account, err := member.LookUp(ctx, a.members, usercode)
			return account.Member, err
		}
	case "site":
		every = cfg.Login.Site.Recheck
		ask = func(ctx context.Context, cookies string) (member.Member, error) {
			return site.Ask(ctx, cookies, whoami.Recheck, rand.Text())
		}
	default:
		return session.Recheck{}
	}
	return session.Recheck{Every: every, Member: func(ctx context.Context, s session.Session) (member.Member, error) {
		who, err := ask(ctx, s.Source)
		if err == nil {
			who, _, err = who.Sendable()
		}
		var unsendable *token.FieldError // nobody whom the help center can know
		if errors.Is(err, member.ErrUnknown) || errors.Is(err, whoami.ErrLoggedOut) || errors.As(err, &unsendable) {
			return member.Member{}, session.ErrNone
		}
		return who, err
	}}
}

// site asks the customer's site of login "site", and measures that.
func (a *app) site(cfg config.Config) web.Site {
	settings := cfg.Login.Site
	return measuredSite{whoami.New(whoami.Options{
		URL: settings.WhoamiURL, Cookies: settings.Cookies, Fields: member.JSONPaths(settings.Fields),
		Timeout: settings.Timeout,
	}), a.counts}
}

// measuredSite measures the questions to the customer's site.
type measuredSite struct {
	web.Site
	counts *metrics.Metrics
}

// Ask implements web.Site.
func (s measuredSite) Ask(ctx context.Context, cookies string, purpose whoami.Purpose, requestID string) (member.Member, error) {
	start := time.Now()
	who, err := s.Site.Ask(ctx, cookies, purpose, requestID)
	outcome := "ok"
	switch {
	case errors.Is(err, whoami.ErrLoggedOut):
		outcome = "logged_out"
	case err != nil:
		outcome = "failed"
	}
	s.counts.Site.WithLabelValues(outcome).Observe(time.Since(start).Seconds())
	return who, err
}
