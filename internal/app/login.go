package app

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"ocsso/internal/config"
	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/session"
	"ocsso/internal/sitelogin"
	"ocsso/internal/token"
	"ocsso/web"
)

// ways are the values of login.with: how members prove who they are, and who is asked later whether
// they are still members. A provider and a proxy are not asked.
var ways = map[string]func(*App, config.Config) (web.Login, session.Recheck){
	"password": withPassword,
	"site":     withSite,
	"oidc":     withOIDC,
	"oauth2":   withOAuth2,
	"proxy":    withProxy,
}

// siteTimeout is how long the customer's site has to answer.
const siteTimeout = 3 * time.Second

// recheckEvery is how long a member who was removed from the directory may stay logged in.
const recheckEvery = time.Minute

func withPassword(a *App, cfg config.Config) (web.Login, session.Recheck) {
	login := web.PasswordLogin{Members: a.members, Passwords: a.passwords}
	return login, recheck(recheckEvery, login.Recheck)
}

func withSite(a *App, cfg config.Config) (web.Login, session.Recheck) {
	settings := cfg.Login.Site
	site := measuredSite{sitelogin.New(sitelogin.Options{
		URL: settings.WhoamiURL, Cookies: settings.Cookies, Fields: paths(cfg, settings.Fields),
		Timeout: siteTimeout,
	}), a.counts}
	login := web.SiteLogin{
		Site: site, LoginURL: settings.LoginURL, ReturnParameter: settings.ReturnParameter,
		LogoutURL: settings.LogoutURL,
	}
	return login, recheck(settings.Recheck, func(ctx context.Context, source string) (member.Member, error) {
		answer, err := site.Ask(ctx, source, sitelogin.Recheck, rand.Text())
		return answer.Member, err
	})
}

func withOIDC(a *App, cfg config.Config) (web.Login, session.Recheck) {
	provider := oidc.New(oidcOptions(cfg), a.transport, time.Now)
	login := web.ProviderLogin{Provider: provider, Logout: provider}
	if cfg.Login.OIDC.Logout == "provider" {
		login.AfterLogout = cfg.Server.PublicURL + web.LogoutPath
	}
	return login, session.Recheck{}
}

func oidcOptions(cfg config.Config) oidc.Options {
	settings := cfg.Login.OIDC
	return oidc.Options{
		Issuer: settings.Issuer, ClientID: settings.ClientID, ClientSecret: settings.ClientSecret.Reveal(),
		RedirectURL: cfg.Server.PublicURL + web.CallbackPath, Scopes: settings.Scopes,
		Claims: names(cfg, settings.Claims), MaxAge: settings.MaxAge, Prompt: settings.Prompt,
	}
}

func withOAuth2(a *App, cfg config.Config) (web.Login, session.Recheck) {
	return web.ProviderLogin{Provider: oidc.NewOAuth2(oauth2Options(cfg), a.transport)}, session.Recheck{}
}

func oauth2Options(cfg config.Config) oidc.OAuth2Options {
	settings := cfg.Login.OAuth2
	return oidc.OAuth2Options{
		AuthorizationURL: settings.AuthorizationURL, TokenURL: settings.TokenURL,
		UserInfoURL: settings.UserInfoURL, UserInfoHeaders: settings.UserInfoToken == "headers",
		ClientID: settings.ClientID, ClientSecret: settings.ClientSecret.Reveal(),
		RedirectURL: cfg.Server.PublicURL + web.CallbackPath, Scopes: settings.Scopes,
		Fields: paths(cfg, settings.Fields),
	}
}

func withProxy(_ *App, cfg config.Config) (web.Login, session.Recheck) {
	return web.ProxyLogin{
		From: cfg.Login.Proxy.From, Headers: names(cfg, cfg.Login.Proxy.Headers),
	}, session.Recheck{}
}

// names are where a member's fields are, and who is nobody.
func names(cfg config.Config, n config.MemberNames) member.Names {
	return member.Names{
		UserCode: n.UserCode, UserName: n.UserName, Email: n.Email, Phone: n.Phone, MemberNo: n.MemberNo,
		Guests: cfg.Login.GuestValues,
	}
}

// paths is names in JSON.
func paths(cfg config.Config, p config.MemberPaths) member.Names {
	n := names(cfg, p.MemberNames)
	n.EmailVerified = strings.Fields(p.EmailVerified)
	return n
}

// recheck asks about members who have logged in, by what their session began with.
func recheck(every time.Duration, ask func(ctx context.Context, source string) (member.Member, error)) session.Recheck {
	return session.Recheck{Every: every, Member: func(ctx context.Context, source string) (member.Member, error) {
		who, err := ask(ctx, source)
		if err == nil {
			who, _, err = who.Sendable()
		}
		var unsendable *token.FieldError // nobody whom the help center can know
		if errors.Is(err, member.ErrUnknown) || errors.Is(err, sitelogin.ErrLoggedOut) || errors.As(err, &unsendable) {
			return member.Member{}, session.ErrNone
		}
		return who, err
	}}
}
