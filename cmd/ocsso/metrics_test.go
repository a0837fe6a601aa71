package main

import (
	"crypto/sha256"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/config"
)

// scrape returns what Prometheus gets.
func (d *deployment) scrape() string {
	page := httptest.NewRecorder()
	d.counts.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	return page.Body.String()
}

func wantMetrics(t *testing.T, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(page, "\n"+line) {
			t.Errorf("got no line %s in\n%s", line, page)
		}
	}
}

func TestWhatIsNotKnownYetHasNoValue(t *testing.T) {
	d := writeSettings(t, helpCenterSection(helpCenterWithClock(t, 20*time.Second), "form")).deploy(t)
	const clock = "ocsso_help_center_clock_difference_seconds"
	page := d.scrape()
	for _, name := range []string{clock, "ocsso_certificate_expiry_timestamp_seconds"} {
		if strings.Contains(page, "\n"+name) {
			t.Errorf("got a value of %s, want none", name)
		}
	}
	d.clock.compare(t.Context())
	wantMetrics(t, d.scrape(), clock+" ")
}

func TestTheMemoryStoreIsMeasured(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).deploy(t)
	zeros := []string{"ocsso_store_entries 0\n", `ocsso_store_seconds_count{operation="replace",outcome="ok"} 0` + "\n"}
	wantMetrics(t, d.scrape(), zeros...)
	d.logIn("ara")
	page := d.scrape()
	for _, zero := range zeros {
		if strings.Contains(page, "\n"+zero) {
			t.Errorf("got %s after a login, want more", zero)
		}
	}
}

// TestTheKeysInUseHaveAFingerprint, by which replicas are compared in a rotation.
func TestTheKeysInUseHaveAFingerprint(t *testing.T) {
	s := writeSettings(t, anyHelpCenter)
	d := s.serve(t)
	of := func(key string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(key)))[:8] }
	shown := func(session string) {
		t.Helper()
		page := newVisitor(t, "").must(t, "GET", d.admin+"/metrics", nil).body
		wantMetrics(t, page, fmt.Sprintf("ocsso_key_info{fingerprint=%q,key=\"session\"} 1\n", of(session)),
			fmt.Sprintf("ocsso_key_info{fingerprint=%q,key=\"organization\"} 1\n", of(testKey)))
		if got := strings.Count(page, "\nocsso_key_info"); got != 2 {
			t.Errorf("got %d keys in use, want 2", got)
		}
	}
	old, fresh := s.load(t).Session.Keys[0].Reveal(), config.NewSessionKey()
	shown(old)
	v := loggedInAt(t, d.site)
	for _, step := range []struct{ keys, first string }{{old + "," + fresh, old}, {fresh + "," + old, fresh}} {
		d.environment.Set("OCSSO_SESSION_KEYS", step.keys)
		d.hangUp("keys reloaded")
		shown(step.first)
		v.wantStatus(t, d.site, loggedIn("minji"))
	}
	for _, want := range []string{"msg=serving version=", "session_key=" + of(old) + " organization_key=" + of(testKey), `msg="keys reloaded" session_key=` + of(fresh)} {
		if !strings.Contains(d.Log.String(), want) {
			t.Errorf("got no %s in %s", want, d.Log)
		}
	}
}

func TestReloadsAndTheCertificateAreMeasured(t *testing.T) {
	dir := t.TempDir()
	files := config.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	d := writeSettings(t, anyHelpCenter).deploy(t)
	reloads := func(what string, ok, failed int) {
		t.Helper()
		wantMetrics(t, d.scrape(), fmt.Sprintf("ocsso_reloads_total{outcome=\"ok\",what=%q} %d\n", what, ok),
			fmt.Sprintf("ocsso_reloads_total{outcome=\"failed\",what=%q} %d\n", what, failed))
	}
	reloads("members", 0, 0)
	d.reload()
	d.writeMembers(t, "members:\n  - usercode: a&b\n")
	d.reload()
	reloads("members", 1, 1)
	d.environment.Set("OCSSO_SESSION_KEYS", "changeme")
	d.reload()
	reloads("keys", 2, 1)

	at := time.Now().Truncate(time.Second)
	writeCertificate(t, files, at)
	settings, err := loadCertificate(files, d.log, d.counts)
	if err != nil {
		t.Fatal(err)
	}
	expiry := func(made time.Time) {
		t.Helper()
		wantMetrics(t, d.scrape(), fmt.Sprintf("ocsso_certificate_expiry_timestamp_seconds %d\n", made.Add(7*24*time.Hour).Unix()))
	}
	expiry(at)
	reloads("certificate", 0, 0)
	writeCertificate(t, files, at.Add(time.Minute))
	if _, err := settings.GetCertificate(nil); err != nil {
		t.Fatal(err)
	}
	expiry(at.Add(time.Minute))
	clitest.WriteFile(t, files.KeyFile, "half a key")
	if _, err := settings.GetCertificate(nil); err != nil {
		t.Fatal(err)
	}
	reloads("certificate", 1, 1)
}
