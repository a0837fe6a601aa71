// Package metrics has what an operator watches, in Prometheus's text format. No label holds a
// member's data.
package metrics

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
)

// Metrics is safe for concurrent use. Its series with labels are looked up by With: keep what With
// returns where something happens on every page move.
type Metrics struct {
	Logins        Counters   // outcome
	Handoffs      Counters   // outcome, way
	StatusAnswers ByAnswers  //
	VerifyAnswers Answers    //
	Store         Histograms // seconds; operation, outcome
	Directory     Histograms // seconds; outcome
	Site          Histograms // seconds; outcome
	RemoteLogins  Histograms // seconds; code: the help center's, or the failure
	Reloads       Counters   // outcome; what: members, keys or certificate
	StoreUp       Gauge      // 1, or 0 while the store is out of order

	ClockDifference   Gauge // seconds by which the help center's clock is ahead
	CertificateExpiry Gauge // when server.tls's ends, in seconds since 1970

	keys     *family    // 1; fingerprint, key: session or organization
	requests Histograms // seconds; route, status
	families []*family
}

type (
	Counter   = vm.Counter
	Histogram = vm.PrometheusHistogram
)

// A family is all series of one name. Each has its own Set, because a Set knows no help texts.
type family struct {
	name, help, kind string
	labels           []string // sorted
	set              *vm.Set
}

// series returns the full name of the series with these values of the labels.
func (f *family) series(values []string) string {
	if len(f.labels) == 0 {
		return f.name
	}
	var pairs []string
	for i, label := range f.labels {
		pairs = append(pairs, fmt.Sprintf("%s=%q", label, values[i]))
	}
	return f.name + "{" + strings.Join(pairs, ",") + "}"
}

// Counters have a counter for each combination of label values.
type Counters struct{ *family }

// With takes the label values in the order of the labels' names.
func (c Counters) With(values ...string) *Counter { return c.set.GetOrCreateCounter(c.series(values)) }

// Answers count how a call of the help center was answered.
type Answers struct{ True, False, Unavailable *Counter }

// ByAnswers are Answers by what the visitor was known by: the session's cookie, the parameters that
// the help center sends back, or nothing.
type ByAnswers struct{ Cookie, Parameters, None Answers }

// Histograms have a histogram for each combination of label values.
type Histograms struct {
	*family
	buckets []float64
}

// With takes the label values in the order of the labels' names.
func (h Histograms) With(values ...string) *Histogram {
	return h.set.GetOrCreatePrometheusHistogramExt(h.series(values), h.buckets)
}

// A Gauge has no value until it is set.
type Gauge struct{ *family }

func (g Gauge) Set(value float64) { g.set.GetOrCreateGauge(g.name, nil).Set(value) }

// A Route times the requests of one route.
type Route struct {
	histograms Histograms
	name       string
	byStatus   sync.Map // int to *Histogram
}

// Route returns what times the requests of the route called name, such as "GET /login".
func (m *Metrics) Route(name string) *Route { return &Route{histograms: m.requests, name: name} }

// Observe takes a request that began at start and was answered with status.
func (r *Route) Observe(status int, start time.Time) {
	histogram, ok := r.byStatus.Load(status)
	if !ok {
		histogram, _ = r.byStatus.LoadOrStore(status, r.histograms.With(r.name, fmt.Sprint(status)))
	}
	histogram.(*Histogram).UpdateDuration(start)
}

// New returns metrics that start at zero. version is the build's.
func New(version string) *Metrics {
	m := &Metrics{}
	counters := func(name, help string, labels ...string) Counters {
		return Counters{m.family("ocsso_"+name, help, "counter", labels)}
	}
	answers := func(c Counters, by ...string) Answers {
		with := func(answer string) *Counter { return c.With(append([]string{answer}, by...)...) }
		return Answers{True: with("true"), False: with("false"), Unavailable: with("unavailable")}
	}
	gauge := func(name, help string) Gauge { return Gauge{m.family("ocsso_"+name, help, "gauge", nil)} }
	// From a lookup in memory to a call that runs into its timeout.
	buckets := []float64{.00001, .0001, .001, .005, .01, .05, .1, .5, 1, 5, 10, 60}
	histograms := func(name, help string, labels ...string) Histograms {
		return Histograms{m.family("ocsso_"+name, help, "histogram", labels), buckets}
	}
	build := m.family("ocsso_build_info", "Always 1; the label has the version.", "gauge", []string{"version"})
	build.set.NewGauge(build.series([]string{version}), func() float64 { return 1 })
	m.Logins = counters("logins_total", "Attempts to log in, by outcome.", "outcome")
	m.Handoffs = counters("handoffs_total", "Handoffs to the help center, by way and outcome.", "outcome", "way")
	status := counters("status_answers_total", "Answers of the login status URL, by what the visitor was known by.", "answer", "by")
	m.StatusAnswers = ByAnswers{answers(status, "cookie"), answers(status, "parameters"), answers(status, "none")}
	m.VerifyAnswers = answers(counters("verify_answers_total", "Answers of the token verify URL.", "answer"))
	m.Store = histograms("store_seconds", "Time of an operation of the store.", "operation", "outcome")
	m.Directory = histograms("directory_seconds", "Time of looking a member up.", "outcome")
	m.Site = histograms("site_seconds", "Time of asking the customer's site who is logged in.", "outcome")
	m.RemoteLogins = histograms("remote_login_seconds", "Time of the help center's remote login, by its result code.", "code")
	m.requests = histograms("request_seconds", "Time of a request, by its route and status.", "route", "status")
	m.requests.buckets = []float64{.005, .05, .5, 5} // few, as there are many routes
	m.Reloads = counters("reloads_total", "Reloads, by what was read again and the outcome.", "outcome", "what")
	m.StoreUp = gauge("store_up", "1, or 0 while a value can't be written to the store and read back.")
	m.ClockDifference = gauge("help_center_clock_difference_seconds", "How far the help center's clock is ahead of this server's. Tokens die at 180.")
	m.CertificateExpiry = gauge("certificate_expiry_timestamp_seconds", "When the certificate in server.tls ends, in seconds since 1970.")
	m.keys = m.family("ocsso_key_info", "Always 1; the labels have the key in use and its fingerprint.", "gauge", []string{"fingerprint", "key"})
	limit := m.family("go_gc_gomemlimit_bytes", "GOMEMLIMIT.", "gauge", nil)
	limit.set.NewGauge(limit.name, func() float64 { return float64(debug.SetMemoryLimit(-1)) })

	// What can be counted has a series at zero, so that the first one is seen as an increase.
	for _, outcome := range []string{"ok", "refused", "held_back", "out_of_order", "expired"} {
		m.Logins.With(outcome)
	}
	for _, way := range []string{"form", "api", "link"} {
		sent := "ok"
		if way == "form" { // only the member's browser sees the help center's answer
			sent = "sent"
		}
		for _, outcome := range []string{sent, "failed", "loop"} {
			m.Handoffs.With(outcome, way)
		}
	}
	for _, outcome := range []string{"ok", "unknown", "failed"} {
		m.Directory.With(outcome)
	}
	for _, outcome := range []string{"ok", "logged_out", "failed"} {
		m.Site.With(outcome)
	}
	for _, what := range []string{"members", "keys", "certificate"} {
		m.Reloads.With("ok", what)
		m.Reloads.With("failed", what)
	}
	return m
}

func (m *Metrics) family(name, help, kind string, labels []string) *family {
	f := &family{name, help, kind, labels, vm.NewSet()}
	m.families = append(m.families, f)
	return f
}

// Watch adds a gauge that is read at each scrape. Call it before the first one.
func (m *Metrics) Watch(name, help string, value func() float64) {
	f := m.family("ocsso_"+name, help, "gauge", nil)
	f.set.NewGauge(f.name, value)
}

// ShowKeys replaces what the metrics say of the keys in use by their fingerprints.
func (m *Metrics) ShowKeys(session, organization string) {
	m.keys.set.UnregisterAllMetrics()
	for key, fingerprint := range map[string]string{"session": session, "organization": organization} {
		m.keys.set.NewGauge(m.keys.series([]string{fingerprint, key}), func() float64 { return 1 })
	}
}

// CountReload counts that what was read again, or with an error could not be.
func (m *Metrics) CountReload(what string, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	m.Reloads.With(outcome, what).Inc()
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		for _, f := range m.families {
			fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
			f.set.WritePrometheus(w)
		}
		vm.WriteProcessMetrics(w)
		vm.WriteFDMetrics(w)
	})
}
