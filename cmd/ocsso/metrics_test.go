package main

import (
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
	zeros := []string{"ocsso_store_entries 0\n", `ocsso_store_seconds_count{operation="put",outcome="ok"} 0` + "\n"}
	wantMetrics(t, d.scrape(), zeros...)
	d.logIn("ara")
	page := d.scrape()
	for _, zero := range zeros {
		if strings.Contains(page, "\n"+zero) {
			t.Errorf("got %s after a login, want more", zero)
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
