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
	Logins          *prometheus.CounterVec   // outcome
	Handoffs        *prometheus.CounterVec   // way, outcome
	StatusAnswers   *prometheus.CounterVec   // answer: true, false or unavailable
	VerifyAnswers   *prometheus.CounterVec   // likewise
	Store           *prometheus.HistogramVec // seconds; operation, outcome
	Directory       *prometheus.HistogramVec // seconds; outcome
	Site            *prometheus.HistogramVec // seconds; outcome
	RemoteLogins    *prometheus.HistogramVec // seconds; code: the help center's, or the failure
	ClockDifference prometheus.Gauge         // seconds by which the help center's clock is ahead

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
	answers := func(name, help string) *prometheus.CounterVec {
		vec := counter(name, help, "answer")
		for _, answer := range []string{"true", "false", "unavailable"} {
			vec.WithLabelValues(answer) // a series from the start, at zero
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
	return &Metrics{
		Logins:        counter("logins_total", "Attempts to log in, by outcome.", "outcome"),
		Handoffs:      counter("handoffs_total", "Handoffs to the help center, by way and outcome.", "way", "outcome"),
		StatusAnswers: answers("status_answers_total", "Answers of the login status URL."),
		VerifyAnswers: answers("verify_answers_total", "Answers of the token verify URL."),
		Store:         histogram("store_seconds", "Time of an operation of the store.", "operation", "outcome"),
		Directory:     histogram("directory_seconds", "Time of looking a member up.", "outcome"),
		Site:          histogram("site_seconds", "Time of asking the customer's site who is logged in.", "outcome"),
		RemoteLogins:  histogram("remote_login_seconds", "Time of the help center's remote login, by its result code.", "code"),
		ClockDifference: factory.NewGauge(prometheus.GaugeOpts{
			Name: "ocsso_help_center_clock_difference_seconds", Help: "How far the help center's clock is ahead of this server's. Tokens die at 180.",
		}),
		registry: registry,
	}
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
