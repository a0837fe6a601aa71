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

// nobody is the usercode of no member.
const nobody = "ocsso-setup-nobody"

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

// onboarding tells the setup page how a deployment is set up.
type onboarding struct{ d *deployment }

// Findings asks the public URL, the help center, the store and the
// directory at the same time.
func (o onboarding) Findings(ctx context.Context) []web.Finding {
	cfg := *o.d.cfg.Load()
	var public, center, store, members []web.Finding
	var asking sync.WaitGroup
	asking.Go(func() { public = o.publicURL(ctx, cfg) })
	asking.Go(func() { center = o.helpCenter(ctx, cfg) })
	asking.Go(func() { store = o.store(ctx, cfg) })
	asking.Go(func() { members = o.members(ctx, cfg) })
	settings := append(o.settings(cfg), o.noticed(cfg)...)
	asking.Wait()
	return slices.Concat(settings, public, center, store, members)
}

// noticed tells what the requests have shown about the settings.
func (o onboarding) noticed(cfg config.Config) []web.Finding {
	proxies := web.Finding{Prerequisite: i18n.Prerequisites.Proxies}
	services := web.Finding{Prerequisite: i18n.Prerequisites.Services}
	peers := o.d.app.Seen().Noticed(web.NoticeProxy)
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
	if unknown := o.d.app.Seen().Noticed(web.NoticeService); len(unknown) > 0 {
		services.Fault = i18n.Faults.UnknownService
		services.Detail = strings.Join(unknown, ", ")
	}
	return []web.Finding{proxies, services}
}

// settings compares the settings in use with what the files and the environment say now, so that a
// mistake in them shows before a restart.
func (o onboarding) settings(cfg config.Config) []web.Finding {
	organizationKey := web.Finding{Prerequisite: i18n.Prerequisites.OrganizationKey}
	sessionKeys := web.Finding{Prerequisite: i18n.Prerequisites.SessionKeys}
	others := web.Finding{Prerequisite: i18n.Prerequisites.Settings}
	fresh, err := o.d.load()
	problems := (yamlfile.Problems)(nil)
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			switch {
			case strings.HasPrefix(p.Path, "help_center.organization_key"):
				blame(&organizationKey, i18n.Faults.OrganizationKey, p)
			case strings.HasPrefix(p.Path, "session.keys"):
				blame(&sessionKeys, i18n.Faults.SessionKeys, p)
			default:
				blame(&others, i18n.Faults.Settings, p)
			}
		}
	case err != nil:
		others.Fault, others.Detail = i18n.Faults.Settings, err.Error()
	default:
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

// blame adds a problem to a finding.
func blame(finding *web.Finding, fault i18n.Fault, p yamlfile.Problem) {
	finding.Fault = fault
	if finding.Detail != "" {
		finding.Detail += "\n"
	}
	finding.Detail += p.String()
	if p.Hint != "" {
		finding.Detail += "\nhint: " + p.Hint
	}
}

// publicURL asks whether this server answers at its public URL.
func (o onboarding) publicURL(ctx context.Context, cfg config.Config) []web.Finding {
	finding := web.Finding{Prerequisite: i18n.Prerequisites.PublicURL, Detail: cfg.Server.PublicURL}
	if !helpcenter.Origin(cfg.Server.PublicURL).Secure() {
		finding.Fault = i18n.Faults.PublicURL
		return []web.Finding{finding}
	}
	err := o.askOwnStatus(ctx, cfg.Server.PublicURL)
	var certificate *tls.CertificateVerificationError
	switch {
	case err == nil:
		if o.isPrivate(ctx, cfg.Server.PublicURL) {
			finding.Fault = i18n.Faults.PublicURLPrivate
		}
		return []web.Finding{finding}
	case isNoSuchHost(err):
		finding.Fault = i18n.Faults.PublicURLHost
	case errors.As(err, &certificate):
		finding.Fault = i18n.Faults.PublicURLCertificate
	case errors.Is(err, errNotOurs):
		finding.Fault = i18n.Faults.PublicURLOther
	default:
		finding.Fault = i18n.Faults.PublicURLSilent
	}
	finding.Detail += "\n" + err.Error()
	return []web.Finding{finding}
}

// isPrivate reports whether the name of a URL's host leads to an address that the internet does not
// have. For an address, the operator knows.
func (o onboarding) isPrivate(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return false
	}
	addresses, _ := o.d.lookUp(ctx, "ip", u.Hostname())
	shared := netip.MustParsePrefix("100.64.0.0/10") // of carriers, and of some VPNs
	return slices.ContainsFunc(addresses, func(a netip.Addr) bool {
		a = a.Unmap()
		return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || shared.Contains(a)
	})
}

var errNotOurs = errors.New("not the answer of this server")

// askOwnStatus asks for the login status at the public URL, as somebody logged out.
func (o onboarding) askOwnStatus(ctx context.Context, publicURL string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, publicURL+"/login/status", nil)
	if err != nil {
		return err
	}
	client := http.Client{
		Transport:     o.d.transport,
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

// helpCenter finds out with one call whether the help center answers and what its time is.
func (o onboarding) helpCenter(ctx context.Context, cfg config.Config) []web.Finding {
	center := web.Finding{Prerequisite: i18n.Prerequisites.HelpCenter, Detail: cfg.HelpCenter.Origin()}
	clock := web.Finding{Prerequisite: i18n.Prerequisites.Clock}
	difference, err := o.d.clock.client.ClockDifference(ctx)
	if err == nil {
		clock.Detail = fmt.Sprintf("%+d s", int(difference.Round(time.Second).Seconds()))
	}
	switch {
	case errors.Is(err, helpcenter.ErrUnreachable):
		center.Fault = i18n.Faults.HelpCenter
		if isNoSuchHost(err) {
			center.Fault = i18n.Faults.HelpCenterHost
		}
		center.Detail += "\n" + err.Error()
		clock.Fault = i18n.Faults.ClockUnknown
	case err != nil:
		clock.Fault, clock.Detail = i18n.Faults.ClockUnknown, err.Error()
	case difference.Abs() >= helpcenter.Validity:
		clock.Fault = i18n.Faults.ClockRefused
	case difference.Abs() > clockTolerance:
		clock.Fault = i18n.Faults.ClockOff
	}
	return []web.Finding{center, clock}
}

func (o onboarding) store(ctx context.Context, cfg config.Config) []web.Finding {
	finding := web.Finding{Prerequisite: i18n.Prerequisites.Store, Detail: cfg.Store.Kind}
	if err := o.d.store.Probe(ctx); err != nil {
		finding.Fault = i18n.Faults.Store
		finding.Detail += "\n" + err.Error()
	} else if cfg.Store.Kind == "memory" {
		finding.Fault = i18n.Faults.StoreForgets
	}
	return []web.Finding{finding}
}

// members looks up an unknown member, to see whether the directory answers, and compares a member
// file with the members in use.
func (o onboarding) members(ctx context.Context, cfg config.Config) []web.Finding {
	if !cfg.NeedsMembers() {
		return nil
	}
	finding := web.Finding{Prerequisite: i18n.Prerequisites.Members, Detail: cfg.Members.Kind}
	if _, err := o.d.members.Account(ctx, nobody); err != nil && !errors.Is(err, member.ErrUnknown) {
		finding.Fault = i18n.Faults.Members
		finding.Detail += "\n" + err.Error()
	} else if o.d.members.file != nil {
		compareMembers(&finding, o.d.members.file)
	}
	return []web.Finding{finding}
}

// compareMembers compares the members in use with those that the file has now.
func compareMembers(finding *web.Finding, file *member.File) {
	differs, err := file.Differs()
	problems := (yamlfile.Problems)(nil)
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			blame(finding, i18n.Faults.MembersFile, p)
		}
	case err != nil:
		finding.Fault = i18n.Faults.MembersFile
		finding.Detail += "\n" + err.Error()
	case differs:
		finding.Fault = i18n.Faults.MembersChanged
	}
}
