package metrics

import (
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/shown.txt")

// TestTheNamesStay compares what a scrape shows with testdata/shown.txt: companies' alerts and
// dashboards name it.
func TestTheNamesStay(t *testing.T) {
	m := New("v1.2.3")
	m.Watch("store_entries", "Entries of the store in memory.", func() float64 { return 3 })
	m.Handoffs.With("sent", "form").Inc()
	m.StatusAnswers.Cookie.Unavailable.Inc()
	m.Store.With("get", "ok").Update(.0005)
	m.RemoteLogins.With("9001").Update(60)
	m.requests.With("GET /login/status", "200").Update(60)
	m.StoreUp.Set(1)
	m.ClockDifference.Set(-1.5)
	m.CertificateExpiry.Set(1764500000)
	m.ShowKeys("0a1b2c3d", "4e5f6071")
	m.ShowKeys("8899aabb", "4e5f6071") // after a reload
	page := httptest.NewRecorder()
	m.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	if got := page.Header().Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("got Content-Type %s", got) // Prometheus 3 refuses a scrape without it
	}

	ours := regexp.MustCompile(`(?m)^(# (HELP|TYPE) )?ocsso_.*\n`).FindAllString(page.Body.String(), -1)
	got := strings.Join(ours, "")
	if *update {
		if err := os.WriteFile("testdata/shown.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/shown.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the metrics changed (-want +got):\n%s", diff)
	}

	promtool := exec.Command("promtool", "check", "metrics")
	promtool.Stdin = strings.NewReader(got)
	if output, err := promtool.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s\nmake programs installs it", err, output)
	}
}

func TestAGaugeHasNoValueUntilItIsSet(t *testing.T) {
	page := httptest.NewRecorder()
	New("").Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for _, name := range []string{"ocsso_help_center_clock_difference_seconds", "ocsso_certificate_expiry_timestamp_seconds"} {
		if strings.Contains(page.Body.String(), "\n"+name+" ") {
			t.Errorf("got a value of %s, want none", name)
		}
	}
}
