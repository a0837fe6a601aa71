package main

import (
	"context"
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
	return &app{log, counts, store, members, password.NewGate(runtime.GOMAXPROCS(0)), transport}
}

// handler turns checked settings into the values that the packages take, and joins the packages.
func (a *app) handler(cfg config.Config) (http.Handler, error) {
	center, err := newHelpCenterClient(cfg.HelpCenter, a.transport)
	if err != nil {
		return nil, err
	}
	own, err := helpcenter.ParseOrigin(cfg.Server.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("server.public_url: %w", err)
	}
	var extra []helpcenter.Origin
	for _, text := range cfg.HelpCenter.ExtraOrigins {
		origin, err := helpcenter.ParseOrigin(text)
		if err != nil {
			return nil, fmt.Errorf("help_center.extra_origins: %w", err)
		}
		extra = append(extra, origin)
	}
	limits := session.Limits{Lifetime: cfg.Session.Lifetime, Idle: cfg.Session.Idle}
	sessions, err := session.NewManager(a.store, cfg.Session.KeyBytes(), limits, a.recheck(cfg), time.Now)
	if err != nil {
		return nil, err
	}
	login, err := a.login(cfg)
	if err != nil {
		return nil, err
	}
	settings := web.Settings{
		Own:            own,
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
func (a *app) login(cfg config.Config) (web.Login, error) {
	switch cfg.Login.With {
	case "oidc":
		settings := cfg.Login.OIDC
		provider, err := oidc.New(oidc.Options{
			Issuer: settings.Issuer, ClientID: settings.ClientID, ClientSecret: settings.ClientSecret.Reveal(),
			RedirectURL: cfg.Server.PublicURL + web.CallbackPath, Scopes: settings.Scopes,
			Claims: oidc.Claims(settings.Claims),
		}, a.transport, time.Now)
		if err != nil {
			return nil, fmt.Errorf("login.oidc: %w", err)
		}
		return web.OIDCLogin{Provider: provider}, nil
	case "proxy":
		return web.ProxyLogin{
			From: cfg.Login.Proxy.Prefixes(), Headers: web.ProxyHeaders(cfg.Login.Proxy.Headers),
		}, nil
	}
	limits := cfg.Login.Limits
	return web.PasswordLogin{
		Members:    a.members,
		Passwords:  a.passwords,
		Counter:    a.store,
		PerAddress: web.Limit{Count: limits.PerAddress.Count, Window: limits.PerAddress.Per},
		PerMember:  web.Limit{Count: limits.PerMember.Count, Window: limits.PerMember.Per},
	}, nil
}

// recheckEvery is how long a member who was removed from the directory may stay logged in.
const recheckEvery = time.Minute

// recheck looks members up again who have logged in with a password.
func (a *app) recheck(cfg config.Config) session.Recheck {
	if cfg.Login.With != "password" {
		return session.Recheck{}
	}
	return session.Recheck{Every: recheckEvery, Member: func(ctx context.Context, s session.Session) (member.Member, error) {
		account, err := a.members.Account(ctx, s.Source)
		if errors.Is(err, member.ErrUnknown) {
			return member.Member{}, session.ErrNone
		}
		if err != nil {
			return member.Member{}, err
		}
		who, _, err := account.Sendable()
		if err != nil {
			return member.Member{}, session.ErrNone // nobody whom the help center can know
		}
		return who, nil
	}}
}

// ready checks that the store can be read.
func (a *app) ready(ctx context.Context) error {
	if _, err := a.store.Get(ctx, "ready"); err != nil && !errors.Is(err, kv.ErrNotFound) {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
