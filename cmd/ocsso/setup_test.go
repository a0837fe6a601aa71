package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/app"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
	"ocsso/internal/i18n"
	"ocsso/internal/kv"
	"ocsso/internal/member"
)

// A state is the result of a finding.
type state struct {
	Level i18n.Level
	Fault i18n.Fault
}

var (
	fine    = state{}
	unknown = state{i18n.LevelUnknown, i18n.Faults.ClockUnknown}
)

func warn(fault i18n.Fault) state  { return state{i18n.LevelWarn, fault} }
func wrong(fault i18n.Fault) state { return state{i18n.LevelWrong, fault} }

// wantFindings checks the findings of these prerequisites, and returns their details.
func (d *deployed) wantFindings(want map[i18n.Prerequisite]state) (details string) {
	d.t.Helper()
	got := map[i18n.Prerequisite]state{}
	for _, f := range d.findings(d.t.Context()) {
		if _, named := want[f.Prerequisite]; named {
			got[f.Prerequisite] = state{f.Fault.Level, f.Fault}
			details += f.Detail + "\n"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("findings (-want +got):\n%s%s", diff, details)
	}
	return details
}

// helpCenterWithClock runs a help center whose clock is off, and returns its origin.
func helpCenterWithClock(t *testing.T, off time.Duration) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestSetupAndReadinessCompareTheClocks(t *testing.T) {
	for off, test := range map[time.Duration]struct {
		want    state
		warning string
	}{
		0:                 {fine, ""},
		20 * time.Second:  {fine, ""},
		-time.Minute:      {warn(i18n.Faults.ClockOff), "\nwarning: the help center's clock is -"},
		150 * time.Second: {warn(i18n.Faults.ClockOff), "\nwarning: the help center's clock is 2m"},
		270 * time.Second: {wrong(i18n.Faults.ClockRefused), "\nwarning: the help center's clock is 4m"},
		-time.Hour:        {wrong(i18n.Faults.ClockRefused), "\nwarning: the help center's clock is -1h"},
	} {
		d := writeSettings(t, helpCenterSection(helpCenterWithClock(t, off), "form")).deploy(t)
		d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.HelpCenter: fine, i18n.Prerequisites.Clock: test.want})
		d.clock.compare(t.Context())
		if got := d.clock.warning(); !strings.HasPrefix(got, test.warning) || (test.warning == "") != (got == "") {
			t.Errorf("%v ahead: got %q, want %q", off, got, test.warning)
		}
	}
}

func TestSetupSaysThatTheHelpCenterDoesNotAnswer(t *testing.T) {
	for _, test := range []struct {
		section, detail string
		fault           i18n.Fault
	}{
		{helpCenterSection("http://"+clitest.FreeAddress(t), "form"), "refused", i18n.Faults.HelpCenter},
		{"help_center: {domain: exmaple, environment: real, services: [hangame]}\n", "no such host", i18n.Faults.HelpCenterHost},
	} {
		d := writeSettings(t, test.section).deploy(t)
		if test.fault == i18n.Faults.HelpCenterHost {
			d.clock.client = app.HelpCenter(d.settings.load(t).HelpCenter, &http.Transport{DialContext: noSuchHost})
		}
		details := d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.HelpCenter: wrong(test.fault), i18n.Prerequisites.Clock: unknown})
		if origin := d.settings.load(t).HelpCenter.Origin(); !strings.Contains(details, origin) || !strings.Contains(details, test.detail) {
			t.Errorf("got %q, want %s and %q", details, origin, test.detail)
		}
	}
}

// noSuchHost answers every lookup of a name as the DNS does for one that there isn't.
func noSuchHost(_ context.Context, _, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
}

func TestSetupAsksWhetherThisServerAnswersAtItsPublicURL(t *testing.T) {
	ours := httptest.NewUnstartedServer(nil)
	ours.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // refused certificates
	ours.StartTLS()
	defer ours.Close()
	others := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "Welcome") }))
	defer others.Close()
	away := httptest.NewTLSServer(http.RedirectHandler("https://www.example.com/", http.StatusFound))
	defer away.Close()
	for name, test := range map[string]struct {
		url       string
		transport http.RoundTripper
		want      state
		detail    string
	}{
		"it does":               {ours.URL, ours.Client().Transport, fine, ""},
		"an unknown authority":  {ours.URL, http.DefaultTransport, wrong(i18n.Faults.PublicURLCertificate), "certificate"},
		"another host's":        {strings.Replace(ours.URL, "127.0.0.1", "localhost", 1), ours.Client().Transport, wrong(i18n.Faults.PublicURLCertificate), "localhost"},
		"another server":        {others.URL, others.Client().Transport, wrong(i18n.Faults.PublicURLOther), "200 OK"},
		"a redirect to another": {away.URL, away.Client().Transport, wrong(i18n.Faults.PublicURLOther), "302 Found"},
		"no such host":          {"https://login.example.com", &http.Transport{DialContext: noSuchHost}, wrong(i18n.Faults.PublicURLHost), "no such host"},
		"nothing listens":       {"https://" + clitest.FreeAddress(t), http.DefaultTransport, warn(i18n.Faults.PublicURLSilent), "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			d := writeSettings(t, anyHelpCenter).with("OCSSO_SERVER_PUBLIC_URL", test.url).deploy(t)
			ours.Config.Handler = d
			d.transport = test.transport
			details := d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.PublicURL: test.want})
			if !strings.Contains(details, test.url) || !strings.Contains(details, test.detail) {
				t.Errorf("got %q, want %s and %q", details, test.url, test.detail)
			}
		})
	}
}

func TestSetupSaysThatThePublicURLIsPrivate(t *testing.T) {
	ours := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"login":"false","usercode":null}`)
	}))
	defer ours.Close()
	toOurs := ours.Client().Transport.(*http.Transport)
	toOurs.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("tcp", ours.Listener.Addr().String())
	}
	private := warn(i18n.Faults.PublicURLPrivate)
	for address, want := range map[string]state{
		"10.1.2.3": private, "192.168.0.9": private, "127.0.0.1": private, "fd00::1": private, "172.16.0.1": private, "::ffff:100.64.1.1": private,
		"203.0.113.7": fine, "2001:db8::7": fine, "100.128.0.1": fine,
	} {
		d := writeSettings(t, anyHelpCenter).with("OCSSO_SERVER_PUBLIC_URL", "https://example.com").deploy(t) // as the certificate says
		d.transport = toOurs
		d.lookUp = func(_ context.Context, _, host string) ([]netip.Addr, error) {
			if host != "example.com" {
				t.Errorf("got a question for %s", host)
			}
			return []netip.Addr{netip.MustParseAddr(address)}, nil
		}
		d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.PublicURL: want})
	}
}

// TestSetupHasTheLineForAProxy that nobody has named: with it missing all members count as one
// client.
func TestSetupHasTheLineForAProxy(t *testing.T) {
	unknown, proxies := warn(i18n.Faults.UnknownProxy), i18n.Prerequisites.Proxies
	from := func(d *deployed, peer string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = peer + ":1"
		r.Header.Set("X-Forwarded-For", "198.51.100.7")
		d.ServeHTTP(httptest.NewRecorder(), r)
	}
	d := writeSettings(t, anyHelpCenter).with("OCSSO_SERVER_TRUSTED_PROXIES", "10.0.0.0/8").deploy(t)
	d.wantFindings(map[i18n.Prerequisite]state{proxies: fine})
	from(d, "10.1.2.3")
	d.wantFindings(map[i18n.Prerequisite]state{proxies: fine})
	from(d, "172.17.0.1")
	details := d.wantFindings(map[i18n.Prerequisite]state{proxies: unknown})
	if want := "server.trusted_proxies: [172.17.0.1, 10.0.0.0/8]\n"; details != want {
		t.Errorf("got %q, want %q", details, want)
	}

	// Somebody must do https for this server, on this machine.
	d = writeSettings(t, anyHelpCenter).with("OCSSO_SERVER_PUBLIC_URL", "https://sso.example.com").with("OCSSO_SERVER_LISTEN", "127.0.0.1:8080").deploy(t)
	details = d.wantFindings(map[i18n.Prerequisite]state{proxies: unknown})
	if want := "server.trusted_proxies: [127.0.0.1]\n"; details != want {
		t.Errorf("got %q, want %q", details, want)
	}
}

func TestSetupHasTheServicesThatAreNotConfigured(t *testing.T) {
	d := writeSettings(t, "help_center: {domain: acme, environment: real, services: [hangame]}\n").deploy(t)
	ask := func(page string) {
		d.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/login?returnUrl="+url.QueryEscape("https://acme.oc.nhncloud.com"+page), nil))
	}
	ask("/hangame/hc/")
	d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.Services: fine})
	ask("/shop/hc/ticket/")
	details := d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.Services: warn(i18n.Faults.UnknownService)})
	if details != "shop\n" {
		t.Errorf("got %q, want the service", details)
	}
}

func TestSetupTellsWhatTheSettingsWouldDoAtARestart(t *testing.T) {
	const key = "OCSSO_HELP_CENTER_ORGANIZATION_KEY"
	helpCenter := helpCenterSection(helpCenterWithClock(t, 0), "form")
	of, fault := i18n.Prerequisites, i18n.Faults
	allFine := map[i18n.Prerequisite]state{of.OrganizationKey: fine, of.SessionKeys: fine, of.Settings: fine}
	for name, test := range map[string]struct {
		variable, value string // in the environment now; without a variable, the configuration is this text
		of              i18n.Prerequisite
		want            state
		detail          string
	}{
		"no key":                 {key, "", of.OrganizationKey, wrong(fault.OrganizationKey), "is missing"},
		"a placeholder":          {key, "your-organization-key", of.OrganizationKey, wrong(fault.OrganizationKey), "reads like a placeholder"},
		"the sample's key":       {key, "7cf2828608274a49a3f06152b2188927", of.OrganizationKey, wrong(fault.OrganizationKey), "published sample"},
		"another key":            {key, strings.ToUpper(testKey), of.OrganizationKey, warn(fault.KeyChanged), ""},
		"a weak session key":     {"OCSSO_SESSION_KEYS", "AAAA", of.SessionKeys, wrong(fault.SessionKeys), "hint: make a key with: ocsso new-key"},
		"another session key":    {"OCSSO_SESSION_KEYS", config.NewSessionKey(), of.SessionKeys, warn(fault.KeyChanged), ""},
		"another setting":        {"OCSSO_SESSION_IDLE", "1h", of.Settings, warn(fault.SettingsChanged), ""},
		"settings that can't be": {"", "lisen: x\nlog: {format: loud}\n", of.Settings, wrong(fault.Settings), "lisen: is unknown"},
		"no file":                {"", "", of.Settings, wrong(fault.Settings), "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			d := writeSettings(t, helpCenter).deploy(t)
			d.wantFindings(allFine)
			if test.variable != "" {
				d.environment.Set(test.variable, test.value)
			} else if os.Remove(d.file); test.value != "" {
				clitest.WriteFile(t, d.file, test.value)
			}
			if details := d.wantFindings(map[i18n.Prerequisite]state{test.of: test.want}); !strings.Contains(details, test.detail) {
				t.Errorf("got %q, want %q in it", details, test.detail)
			}
		})
	}
}

func TestSetupSaysWhenTheMemberFileAndTheMembersInUseDiffer(t *testing.T) {
	d := writeSettings(t, helpCenterSection(helpCenterWithClock(t, 0), "form")).deploy(t)
	wantMembers := func(want state, detail string) {
		t.Helper()
		if got := d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.Members: want}); !strings.Contains(got, detail) {
			t.Errorf("got %q, want %q", got, detail)
		}
	}
	wantMembers(fine, "")
	d.writeMembers(t, "members:\n  - usercode: newcomer\n    password_hash: "+cheapHash+"\n")
	wantMembers(warn(i18n.Faults.MembersChanged), "")
	d.reload()
	wantMembers(fine, "")
	d.writeMembers(t, "members:\n  - usercode: newcomer\n    password: x\n")
	wantMembers(wrong(i18n.Faults.MembersFile), "members[0].password: is unknown\nhint: did you mean password_hash?")
	if err := os.Remove(d.environment.Values["OCSSO_MEMBERS_FILE_PATH"]); err != nil {
		t.Fatal(err)
	}
	wantMembers(wrong(i18n.Faults.MembersFile), "no such file")
}

func TestSetupLooksAtTheStoreAndTheMembers(t *testing.T) {
	helpCenter := helpCenterSection(helpCenterWithClock(t, 0), "form")
	d := writeSettings(t, helpCenter).deploy(t)
	d.wantFindings(map[i18n.Prerequisite]state{
		i18n.Prerequisites.Store: warn(i18n.Faults.StoreForgets), i18n.Prerequisites.Members: fine, i18n.Prerequisites.PublicURL: warn(i18n.Faults.PublicURL),
	})
	d.store = brokenStore{}
	d.members = brokenDirectory{}
	details := d.wantFindings(map[i18n.Prerequisite]state{
		i18n.Prerequisites.Store: wrong(i18n.Faults.Store), i18n.Prerequisites.Members: wrong(i18n.Faults.Members),
	})
	if !strings.Contains(details, errBroken.Error()) {
		t.Errorf("got %q, want the cause", details)
	}

	d = writeSettings(t, helpCenter+"store: {kind: file, file: {path: "+t.TempDir()+"/ocsso.db}}\nlogin: {with: proxy}\n").deploy(t)
	d.environment.Set("OCSSO_SERVER_PUBLIC_URL", "https://sso.example.com")
	d.reload()
	d.wantFindings(map[i18n.Prerequisite]state{i18n.Prerequisites.Store: fine})
	for _, f := range d.findings(t.Context()) {
		if f.Prerequisite == i18n.Prerequisites.Members {
			t.Errorf("got %+v where nobody looks members up, want nothing about them", f)
		}
	}
}

var errBroken = errors.New("out of order")

type brokenStore struct{ kv.Store }

func (brokenStore) Probe(context.Context) error { return errBroken }

type brokenDirectory struct{}

func (brokenDirectory) Account(context.Context, string) (member.Account, error) {
	return member.Account{}, errBroken
}

func TestTheSetupPageHasACommandForEachLogin(t *testing.T) {
	for login, want := range map[string]string{
		"password": " --usercode USERCODE --password-env PASSWORD",
		"proxy":    " --usercode USERCODE --cookie-env COOKIE",
	} {
		cfg := writeSettings(t, anyHelpCenter).load(t)
		cfg.Login.With, cfg.Server.PublicURL = login, "https://sso.example.com/oc-sso"
		const begin = "ocdev check --help-center https://help.example.com --service hangame --login-url https://sso.example.com/oc-sso/login "
		if got := checkCommand(cfg); !strings.HasPrefix(got, begin) || !strings.HasSuffix(got, want) || strings.Contains(got, "--link-url") {
			t.Errorf("%s: got %s, want it to begin with %s, to end with %s and to check no links", login, got, begin, want)
		}
		cfg.HelpCenter.Handoff = "link"
		if got := checkCommand(cfg); !strings.Contains(got, " --link-url https://sso.example.com/oc-sso/help/ticket ") {
			t.Errorf("%s: got %s, want it to check links", login, got)
		}
	}
}
