package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/member"
	"ocsso/internal/yamlfile"
	"ocsso/web"
)

// setupSettings are what the setup page shows of cfg. A reload does not change them.
func setupSettings(cfg config.Config, seen *web.Seen) web.SetupSettings {
	environment := cfg.HelpCenter.Environment
	if cfg.HelpCenter.BaseURL != "" {
		environment = "base_url"
	}
	return web.SetupSettings{
		Version:      cli.Version(version),
		Organization: cmp.Or(cfg.HelpCenter.Domain, cfg.HelpCenter.BaseURL),
		Environment:  environment,
		Services:     cfg.HelpCenter.Services,
		Seen:         seen,
		Own:          helpcenter.Origin(cfg.Server.PublicURL),
		Handoff:      helpcenter.Way(cfg.HelpCenter.Handoff),
		CheckCommand: checkCommand(cfg),
		SiteName:     cfg.UI.SiteName,
		Language:     i18n.Lang(cfg.UI.DefaultLanguage),
	}
}

// checkCommand is the command line that checks this server from wherever ocdev is. config.Load lets
// nothing through that a shell would change.
func checkCommand(cfg config.Config) string {
	own := cfg.Server.PublicURL
	words := []string{
		"ocdev", "check", "--help-center", cfg.HelpCenter.Origin(), "--service", cfg.HelpCenter.Services[0],
		"--login-url", own + "/login", "--login-status-url", own + "/login/status", "--token-verify-url", own + "/token/verify",
		"--logout-url", own + "/logout", "--frame-url", own + "/help", "--usercode", "USERCODE",
	}
	if cfg.UsesLinks() {
		words = append(words, "--link-url", own+"/help/ticket")
	}
	if cfg.Login.With == "password" {
		words = append(words, "--password-env", "PASSWORD")
	} else {
		words = append(words, "--cookie-env", "COOKIE")
	}
	return strings.Join(words, " ")
}

// findings tell the setup page how this deployment is set up. The public URL, the help center, the
// store and the directory are asked at the same time.
func (d *deployment) findings(ctx context.Context) []web.Finding {
	cfg := *d.cfg.Load()
	var found [6][]web.Finding
	var asking sync.WaitGroup
	for i, find := range []func(context.Context, config.Config) []web.Finding{
		d.findSettings, d.findNoticed, d.findPublicURL, d.findHelpCenter, d.findStore, d.findMembers,
	} {
		asking.Go(func() { found[i] = find(ctx, cfg) })
	}
	asking.Wait()
	return slices.Concat(found[:]...)
}

// findSettings compares the settings in use with what the files and the environment say now, so
// that a mistake in them shows before a restart.
func (d *deployment) findSettings(_ context.Context, cfg config.Config) []web.Finding {
	organizationKey := web.Finding{Prerequisite: i18n.Prerequisites.OrganizationKey}
	sessionKeys := web.Finding{Prerequisite: i18n.Prerequisites.SessionKeys}
	others := web.Finding{Prerequisite: i18n.Prerequisites.Settings}
	fresh, err := d.load()
	if problems, ok := errors.AsType[yamlfile.Problems](err); ok {
		for _, p := range problems {
			one := yamlfile.Problems{p}
			switch {
			case strings.HasPrefix(p.Path, "help_center.organization_key"):
				blame(&organizationKey, i18n.Faults.OrganizationKey, one)
			case strings.HasPrefix(p.Path, "session.keys"):
				blame(&sessionKeys, i18n.Faults.SessionKeys, one)
			default:
				blame(&others, i18n.Faults.Settings, one)
			}
		}
	} else if err != nil {
		blame(&others, i18n.Faults.Settings, err)
	} else {
		if fresh.HelpCenter.OrganizationKey.Reveal() != cfg.HelpCenter.OrganizationKey.Reveal() {
			organizationKey.Fault = i18n.Faults.KeyChanged
		}
		if !reflect.DeepEqual(fresh.Session.Keys, cfg.Session.Keys) {
			sessionKeys.Fault = i18n.Faults.KeyChanged
		}
		fresh.TakeKeys(cfg)
		if !reflect.DeepEqual(fresh, cfg) {
			others.Fault = i18n.Faults.SettingsChanged
		}
	}
	return []web.Finding{organizationKey, sessionKeys, others}
}

// blame adds an error to a finding: each of several problems with its hint.
func blame(finding *web.Finding, fault i18n.Fault, err error) {
	finding.Fault = fault
	lines := []string{finding.Detail}
	if problems, ok := errors.AsType[yamlfile.Problems](err); ok {
		for _, p := range problems {
			lines = append(lines, p.String())
			if p.Hint != "" {
				lines = append(lines, "hint: "+p.Hint)
			}
		}
	} else {
		lines = append(lines, err.Error())
	}
	finding.Detail = strings.TrimPrefix(strings.Join(lines, "\n"), "\n")
}

// findNoticed tells what the requests have shown about the settings.
func (d *deployment) findNoticed(_ context.Context, cfg config.Config) []web.Finding {
	proxies := web.Finding{Prerequisite: i18n.Prerequisites.Proxies}
	services := web.Finding{Prerequisite: i18n.Prerequisites.Services}
	peers := d.app.Seen().Noticed(web.NoticeProxy)
	if host, _, _ := net.SplitHostPort(cfg.Server.Listen); len(peers) == 0 && cfg.Server.HasUnknownProxy() {
		proxies.Fault = i18n.Faults.UnknownProxy
		if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() { // nothing else can call us
			peers = []string{host}
		}
	}
	if len(peers) > 0 {
		proxies.Fault = i18n.Faults.UnknownProxy
		for _, known := range cfg.Server.TrustedProxies {
			peers = append(peers, known.String())
		}
		proxies.Detail = "server.trusted_proxies: [" + strings.Join(peers, ", ") + "]"
	}
	if unknown := d.app.Seen().Noticed(web.NoticeService); len(unknown) > 0 {
		services.Fault, services.Detail = i18n.Faults.UnknownService, strings.Join(unknown, ", ")
	}
	return []web.Finding{proxies, services}
}

// findPublicURL asks whether this server answers at its public URL.
func (d *deployment) findPublicURL(ctx context.Context, cfg config.Config) []web.Finding {
	finding := web.Finding{Prerequisite: i18n.Prerequisites.PublicURL, Detail: cfg.Server.PublicURL}
	if !helpcenter.Origin(cfg.Server.PublicURL).Secure() {
		finding.Fault = i18n.Faults.PublicURL
		return []web.Finding{finding}
	}
	err := d.askOwnStatus(ctx, cfg.Server.PublicURL)
	var certificate *tls.CertificateVerificationError
	switch {
	case err == nil:
		if d.isPrivate(ctx, cfg.Server.PublicURL) {
			finding.Fault = i18n.Faults.PublicURLPrivate
		}
	case isNoSuchHost(err):
		blame(&finding, i18n.Faults.PublicURLHost, err)
	case errors.As(err, &certificate):
		blame(&finding, i18n.Faults.PublicURLCertificate, err)
	case errors.Is(err, errNotOurs):
		blame(&finding, i18n.Faults.PublicURLOther, err)
	default:
		blame(&finding, i18n.Faults.PublicURLSilent, err)
	}
	return []web.Finding{finding}
}

// isPrivate reports whether the name of a URL's host leads to an address that the internet does not
// have. For an address, the operator knows.
func (d *deployment) isPrivate(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return false
	}
	addresses, _ := d.lookUp(ctx, "ip", u.Hostname())
	shared := netip.MustParsePrefix("100.64.0.0/10") // of carriers, and of some VPNs
	return slices.ContainsFunc(addresses, func(a netip.Addr) bool {
		a = a.Unmap()
		return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || shared.Contains(a)
	})
}

var errNotOurs = errors.New("not the answer of this server")

// askOwnStatus asks for the login status at the public URL, as somebody logged out.
func (d *deployment) askOwnStatus(ctx context.Context, publicURL string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, publicURL+"/login/status", nil)
	if err != nil {
		return err
	}
	client := http.Client{
		Transport:     d.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || string(body) != `{"login":"false","usercode":null}` {
		return fmt.Errorf("%w: %s, %s", errNotOurs, resp.Status, resp.Header.Get("Content-Type"))
	}
	return nil
}

// isNoSuchHost reports whether the DNS says that there is no such host.
func isNoSuchHost(err error) bool {
	var unknown *net.DNSError
	return errors.As(err, &unknown) && unknown.IsNotFound
}

// findHelpCenter finds out with one call whether the help center answers and what its time is.
func (d *deployment) findHelpCenter(ctx context.Context, cfg config.Config) []web.Finding {
	center := web.Finding{Prerequisite: i18n.Prerequisites.HelpCenter, Detail: cfg.HelpCenter.Origin()}
	clock := web.Finding{Prerequisite: i18n.Prerequisites.Clock}
	difference, err := d.clock.client.ClockDifference(ctx)
	if err == nil {
		clock.Detail = fmt.Sprintf("%+d s", int(difference.Round(time.Second).Seconds()))
	}
	switch {
	case errors.Is(err, helpcenter.ErrUnreachable):
		fault := i18n.Faults.HelpCenter
		if isNoSuchHost(err) {
			fault = i18n.Faults.HelpCenterHost
		}
		blame(&center, fault, err)
		clock.Fault = i18n.Faults.ClockUnknown
	case err != nil:
		blame(&clock, i18n.Faults.ClockUnknown, err)
	case difference.Abs() >= helpcenter.Validity:
		clock.Fault = i18n.Faults.ClockRefused
	case difference.Abs() > clockTolerance:
		clock.Fault = i18n.Faults.ClockOff
	}
	return []web.Finding{center, clock}
}

func (d *deployment) findStore(ctx context.Context, cfg config.Config) []web.Finding {
	finding := web.Finding{Prerequisite: i18n.Prerequisites.Store, Detail: cfg.Store.Kind}
	if err := d.store.Probe(ctx); err != nil {
		blame(&finding, i18n.Faults.Store, err)
	} else if cfg.Store.Kind == "memory" {
		finding.Fault = i18n.Faults.StoreForgets
	}
	return []web.Finding{finding}
}

// findMembers looks up an unknown member, to see whether the directory answers, and compares the
// members in use with those that their file has now.
func (d *deployment) findMembers(ctx context.Context, cfg config.Config) []web.Finding {
	if !cfg.NeedsMembers() {
		return nil
	}
	finding := web.Finding{Prerequisite: i18n.Prerequisites.Members, Detail: cfg.Members.Kind}
	if _, err := d.members.Account(ctx, "ocsso-setup-nobody"); err != nil && !errors.Is(err, member.ErrUnknown) {
		blame(&finding, i18n.Faults.Members, err)
	} else if file, ok := d.members.(*member.File); ok {
		if differs, err := file.Differs(); err != nil {
			blame(&finding, i18n.Faults.MembersFile, err)
		} else if differs {
			finding.Fault = i18n.Faults.MembersChanged
		}
	}
	return []web.Finding{finding}
}
