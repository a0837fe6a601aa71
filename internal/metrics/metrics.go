// Package metrics has what an operator watches, as Prometheus collectors. It counts what it is told and knows nothing of where
// that comes from. No label holds anything of a member.
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
	StatusAnswers   Answers                  // answer
	VerifyAnswers   Answers                  // answer
	Store           *prometheus.HistogramVec // seconds; operation, outcome
	Directory       *prometheus.HistogramVec // seconds; outcome
	RemoteLogins    *prometheus.HistogramVec // seconds; code: the help center's result code, or what went wrong
	ClockDifference prometheus.Gauge         // seconds that the help center's clock is ahead of ours

	registry *prometheus.Registry
}

// Answers counts what a URL has answered: that a member is logged in, that nobody is, or that the store is out of order.
// Finding a counter by its label would take as long as counting, several times.
type Answers struct{ True, False, Unavailable prometheus.Counter }

// New returns collectors that stand at zero. version is the build's.
func New(version string) *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	factory := promauto.With(registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return factory.NewCounterVec(prometheus.CounterOpts{Name: "ocsso_" + name, Help: help}, labels)
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
		StatusAnswers: answers(counter("status_answers_total", "Answers of the login status URL.", "answer")),
		VerifyAnswers: answers(counter("verify_answers_total", "Answers of the token verify URL.", "answer")),
		Store:         histogram("store_seconds", "Time of an operation of the store.", "operation", "outcome"),
		Directory:     histogram("directory_seconds", "Time of looking a member up.", "outcome"),
		RemoteLogins:  histogram("remote_login_seconds", "Time of the help center's remote login, by its result code.", "code"),
		ClockDifference: factory.NewGauge(prometheus.GaugeOpts{
			Name: "ocsso_help_center_clock_difference_seconds", Help: "How far the help center's clock is ahead of this server's. Tokens die at 180.",
		}),
		registry: registry,
	}
}

func answers(by *prometheus.CounterVec) Answers {
	return Answers{by.WithLabelValues("true"), by.WithLabelValues("false"), by.WithLabelValues("unavailable")}
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
