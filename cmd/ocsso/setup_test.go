package main

import (
	"context"
	"errors"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/config"
	"ocsso/internal/i18n"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/web"
)

// A state is what a finding comes to.
type state struct {
	Level i18n.SetupLevel
	Fault i18n.SetupFaultKind
}

var (
	fine    = state{}
	unknown = state{i18n.LevelUnknown, i18n.FaultClockUnknown}
)

func warn(fault i18n.SetupFaultKind) state  { return state{i18n.LevelWarn, fault} }
func wrong(fault i18n.SetupFaultKind) state { return state{i18n.LevelWrong, fault} }

// An onboarded is a deployment that a test looks into as its setup page does.
type onboarded struct {
	*deployment
	t           *testing.T
	file        string
	environment *environment
}

// onboard deploys a configuration of these sections, beside written ones.
func onboard(t *testing.T, sections string) onboarded {
	t.Helper()
	s := writeSettings(t, sections)
	o := onboarded{t: t, file: s.file, environment: &environment{values: s.environment}}
	load := func() (config.Config, error) {
		return configFile(s.file).load(terminal{lookupEnv: o.environment.lookup})
	}
	cfg, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if o.deployment, err = deploy(t.Context(), cfg, slog.New(slog.DiscardHandler), load); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.close)
	return o
}

// want checks the findings that are named. The rest is for other tests.
func (o onboarded) want(want map[i18n.SetupPrerequisiteKind]state) (details string) {
	o.t.Helper()
	got := map[i18n.SetupPrerequisiteKind]state{}
	for _, f := range (onboarding{o.deployment}).Findings(o.t.Context()) {
		if _, named := want[f.Prerequisite]; named {
			got[f.Prerequisite] = state{f.Level, f.Fault}
			details += f.Detail + "\n"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		o.t.Errorf("findings (-want +got):\n%s%s", diff, details)
	}
	return details
}

// helpCenterAt is one whose clock is off. Its origin is returned.
func helpCenterAt(t *testing.T, off time.Duration) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const hangame = "help_center: {domain: example, services: [hangame]}\n"

func TestSetupHoldsTheClocksAgainstEachOther(t *testing.T) {
	for off, want := range map[time.Duration]state{
		0: fine, 20 * time.Second: fine, -time.Minute: warn(i18n.FaultClockOff), 2 * time.Minute: warn(i18n.FaultClockOff),
		4 * time.Minute: wrong(i18n.FaultClockRefused), -time.Hour: wrong(i18n.FaultClockRefused),
	} {
		o := onboard(t, "help_center: {base_url: "+helpCenterAt(t, off)+", services: [hangame]}\n")
		o.want(map[i18n.SetupPrerequisiteKind]state{i18n.PrerequisiteHelpCenter: fine, i18n.PrerequisiteClock: want})
	}
}

func TestSetupSaysThatTheHelpCenterDoesNotAnswer(t *testing.T) {
	origin := "http://" + freeAddress(t)
	o := onboard(t, "help_center: {base_url: "+origin+", services: [hangame]}\n")
	details := o.want(map[i18n.SetupPrerequisiteKind]state{
		i18n.PrerequisiteHelpCenter: wrong(i18n.FaultHelpCenter), i18n.PrerequisiteClock: unknown,
	})
	if !strings.Contains(details, origin) || !strings.Contains(details, "refused") {
		t.Errorf("got %q, want the origin and the cause", details)
	}
}

func TestSetupKnowsWhatASettingsFileWouldDoAtARestart(t *testing.T) {
	const key = "OCSSO_HELP_CENTER_ORGANIZATION_KEY"
	allFine := map[i18n.SetupPrerequisiteKind]state{
		i18n.PrerequisiteOrganizationKey: fine, i18n.PrerequisiteSessionKeys: fine, i18n.PrerequisiteSettings: fine,
	}
	for name, test := range map[string]struct {
		change func(o onboarded)
		of     i18n.SetupPrerequisiteKind
		want   state
		detail string
	}{
		"nothing has changed": {func(onboarded) {}, i18n.PrerequisiteSettings, fine, ""},
		"no key":              {func(o onboarded) { o.environment.set(key, "") }, i18n.PrerequisiteOrganizationKey, wrong(i18n.FaultOrganizationKey), "is missing"},
		"a placeholder": {
			func(o onboarded) { o.environment.set(key, "your-organization-key") },
			i18n.PrerequisiteOrganizationKey, wrong(i18n.FaultOrganizationKey), "reads like a placeholder",
		},
		"the sample's key": {
			func(o onboarded) { o.environment.set(key, "7cf2828608274a49a3f06152b2188927") },
			i18n.PrerequisiteOrganizationKey, wrong(i18n.FaultOrganizationKey), "published sample",
		},
		"another key": {
			func(o onboarded) { o.environment.set(key, strings.ToUpper(testKey)) },
			i18n.PrerequisiteOrganizationKey, warn(i18n.FaultKeyChanged), "",
		},
		"a weak session key": {
			func(o onboarded) { o.environment.set("OCSSO_SESSION_KEYS", "AAAA") },
			i18n.PrerequisiteSessionKeys, wrong(i18n.FaultSessionKeys), "hint: make a key with: ocsso new-key",
		},
		"another session key": {
			func(o onboarded) { o.environment.set("OCSSO_SESSION_KEYS", newSessionKey()) },
			i18n.PrerequisiteSessionKeys, warn(i18n.FaultKeyChanged), "",
		},
		"another setting": {
			func(o onboarded) { o.environment.set("OCSSO_SESSION_IDLE", "1h") },
			i18n.PrerequisiteSettings, warn(i18n.FaultSettingsChanged), "",
		},
		"settings that can't be": {
			func(o onboarded) { writeFile(o.t, o.file, []byte("lisen: x\nlog: {level: loud}\n")) },
			i18n.PrerequisiteSettings, wrong(i18n.FaultSettings), "lisen: is no setting",
		},
		"no file": {
			func(o onboarded) {
				if err := os.Remove(o.file); err != nil {
					o.t.Fatal(err)
				}
			},
			i18n.PrerequisiteSettings, wrong(i18n.FaultSettings), "no such file",
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := onboard(t, hangame)
			o.want(allFine)
			test.change(o)
			if details := o.want(map[i18n.SetupPrerequisiteKind]state{test.of: test.want}); !strings.Contains(details, test.detail) {
				t.Errorf("got %q, want %q in it", details, test.detail)
			}
		})
	}
}

func TestSetupLooksAtTheStoreAndTheMembers(t *testing.T) {
	o := onboard(t, hangame)
	o.want(map[i18n.SetupPrerequisiteKind]state{
		i18n.PrerequisiteStore: warn(i18n.FaultStoreForgets), i18n.PrerequisiteMembers: fine, i18n.PrerequisitePublicURL: warn(i18n.FaultPublicURL),
	})
	o.app.store = brokenStore{}
	o.members.Directory = brokenDirectory{}
	details := o.want(map[i18n.SetupPrerequisiteKind]state{
		i18n.PrerequisiteStore: wrong(i18n.FaultStore), i18n.PrerequisiteMembers: wrong(i18n.FaultMembers),
	})
	if !strings.Contains(details, errBroken.Error()) {
		t.Errorf("got %q, want the cause", details)
	}

	o = onboard(t, hangame+"store: {kind: sqlite, sqlite: {path: "+t.TempDir()+"/ocsso.db}}\nlogin: {with: proxy}\n")
	o.environment.set("OCSSO_SERVER_PUBLIC_URL", "https://sso.example.com")
	o.reload()
	o.want(map[i18n.SetupPrerequisiteKind]state{i18n.PrerequisiteStore: fine})
	for _, f := range (onboarding{o.deployment}).Findings(t.Context()) {
		if f.Prerequisite == i18n.PrerequisiteMembers {
			t.Errorf("got %+v where nobody looks members up, want nothing about them", f)
		}
	}
}

var errBroken = errors.New("out of order")

type brokenStore struct{ kv.Store }

func (brokenStore) Get(context.Context, string) ([]byte, error) { return nil, errBroken }

type brokenDirectory struct{}

func (brokenDirectory) Account(context.Context, string) (member.Account, error) {
	return member.Account{}, errBroken
}

// operate posts the setup page's form, and returns the answer as text.
func operate(t *testing.T, d served, usercode, password string) (page string, code int) {
	t.Helper()
	resp, err := http.PostForm(d.admin+"/setup?lang=en", url.Values{"usercode": {usercode}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return html.UnescapeString(readAll(t, resp)), resp.StatusCode
}

var counts = regexp.MustCompile(`Passed \d+ · failed \d+ · warnings \d+ · skipped \d+`)

func TestTheChecksOfTheSetupPagePassAgainstThisVeryServer(t *testing.T) {
	d := serveWith(t, helpCenterAt(t, 0), "form")
	for _, test := range []struct {
		usercode, password string
		want               *regexp.Regexp
	}{
		{"", "", regexp.MustCompile(`^Passed [12]\d · failed 0 · warnings 0 · skipped [45]\d$`)},
		{"minji", testPassword, regexp.MustCompile(`^Passed 6\d · failed 0 · warnings 0 · skipped 1\d$`)},
	} {
		page, code := operate(t, d, test.usercode, test.password)
		if got := counts.FindString(page); code != http.StatusOK || !test.want.MatchString(got) {
			t.Errorf("as %q: got status %d and %q, want 200 and %v in:\n%s", test.usercode, code, got, test.want, page)
		}
	}
	page, _ := operate(t, d, "minji", "not "+testPassword)
	if got := counts.FindString(page); got == "" || strings.Contains(got, "failed 0") || !strings.Contains(page, "login/works") {
		t.Errorf("with a wrong password: got %q in:\n%s\nwant login/works among the failed", got, page)
	}
	d.end()
	for _, secret := range []string{testPassword, testKey} {
		if strings.Contains(d.log.String(), secret) || strings.Contains(page, secret) {
			t.Errorf("got %q in the log or the page", secret)
		}
	}
}

func TestTheChecksSayThatThePublicURLCannotBeReached(t *testing.T) {
	o := onboard(t, hangame) // and doesn't listen
	_, err := onboarding{o.deployment}.Check(t.Context(), web.Credentials{})
	if err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got error %v, want that the connection was refused", err)
	}
}
