// Package metrics has the Prometheus collectors that an operator watches. No label holds a member's
// data.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is safe for concurrent use.
type Metrics struct {
	Logins        *prometheus.CounterVec   // outcome
	Handoffs      *prometheus.CounterVec   // way, outcome
	StatusAnswers *prometheus.CounterVec   // answer: true, false or unavailable
	VerifyAnswers *prometheus.CounterVec   // likewise
	Store         *prometheus.HistogramVec // seconds; operation, outcome
	Directory     *prometheus.HistogramVec // seconds; outcome
	Site          *prometheus.HistogramVec // seconds; outcome
	RemoteLogins  *prometheus.HistogramVec // seconds; code: the help center's, or the failure
	Requests      *prometheus.HistogramVec // seconds; route, status
	Reloads       *prometheus.CounterVec   // what: members, keys or certificate; outcome
	StoreUp       prometheus.Gauge         // 1, or 0 while the store is out of order

	// ClockDifference is the seconds by which the help center's clock is ahead, and
	// CertificateExpiry when server.tls's ends, in seconds since 1970. Neither has labels. They are
	// vectors because these have no value until one is set.
	ClockDifference, CertificateExpiry *prometheus.GaugeVec

	factory  promauto.Factory
	registry *prometheus.Registry
}

// New returns collectors that start at zero. version is the build's.
func New(version string) *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	factory := promauto.With(registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return factory.NewCounterVec(prometheus.CounterOpts{Name: "ocsso_" + name, Help: help}, labels)
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return factory.NewGaugeVec(prometheus.GaugeOpts{Name: "ocsso_" + name, Help: help}, nil)
	}
	answers := func(name, help string) *prometheus.CounterVec {
		vec := counter(name, help, "answer")
		for _, answer := range []string{"true", "false", "unavailable"} {
			vec.WithLabelValues(answer)
		}
		return vec
	}
	// From a lookup in memory to a call that runs into its timeout.
	buckets := []float64{.00001, .0001, .001, .005, .01, .05, .1, .5, 1, 5, 10, 60}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return factory.NewHistogramVec(prometheus.HistogramOpts{Name: "ocsso_" + name, Help: help, Buckets: buckets}, labels)
	}
	build := factory.NewGaugeVec(prometheus.GaugeOpts{Name: "ocsso_build_info", Help: "Always 1; the label has the version."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	m := &Metrics{
		Logins:        counter("logins_total", "Attempts to log in, by outcome.", "outcome"),
		Handoffs:      counter("handoffs_total", "Handoffs to the help center, by way and outcome.", "way", "outcome"),
		StatusAnswers: answers("status_answers_total", "Answers of the login status URL."),
		VerifyAnswers: answers("verify_answers_total", "Answers of the token verify URL."),
		Store:         histogram("store_seconds", "Time of an operation of the store.", "operation", "outcome"),
		Directory:     histogram("directory_seconds", "Time of looking a member up.", "outcome"),
		Site:          histogram("site_seconds", "Time of asking the customer's site who is logged in.", "outcome"),
		RemoteLogins:  histogram("remote_login_seconds", "Time of the help center's remote login, by its result code.", "code"),
		Requests: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ocsso_request_seconds", Help: "Time of a request, by its route and status.",
			Buckets: []float64{.005, .05, .5, 5}, // few, as there are many routes
		}, []string{"route", "status"}),
		Reloads:           counter("reloads_total", "Reloads, by what was read again and the outcome.", "what", "outcome"),
		StoreUp:           gauge("store_up", "1, or 0 while a value can't be written to the store and read back.").WithLabelValues(),
		ClockDifference:   gauge("help_center_clock_difference_seconds", "How far the help center's clock is ahead of this server's. Tokens die at 180."),
		CertificateExpiry: gauge("certificate_expiry_timestamp_seconds", "When the certificate in server.tls ends, in seconds since 1970."),
		factory:           factory,
		registry:          registry,
	}
	m.start()
	return m
}

// start gives a series at zero to everything that can be counted, so that the first one is seen as
// an increase.
func (m *Metrics) start() {
	for _, outcome := range []string{"ok", "refused", "held_back", "out_of_order", "expired"} {
		m.Logins.WithLabelValues(outcome)
	}
	for _, way := range []string{"form", "api", "link"} {
		for _, outcome := range []string{"ok", "failed", "loop"} {
			m.Handoffs.WithLabelValues(way, outcome)
		}
	}
	for _, outcome := range []string{"ok", "unknown", "failed"} {
		m.Directory.WithLabelValues(outcome)
	}
	for _, outcome := range []string{"ok", "logged_out", "failed"} {
		m.Site.WithLabelValues(outcome)
	}
	for _, what := range []string{"members", "keys", "certificate"} {
		for _, outcome := range []string{"ok", "failed"} {
			m.Reloads.WithLabelValues(what, outcome)
		}
	}
}

// Watch adds a gauge that is read at each scrape.
func (m *Metrics) Watch(name, help string, value func() float64) {
	m.factory.NewGaugeFunc(prometheus.GaugeOpts{Name: "ocsso_" + name, Help: help}, value)
}

// CountReload counts that what was read again, or with an error could not be.
func (m *Metrics) CountReload(what string, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	m.Reloads.WithLabelValues(what, outcome).Inc()
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
