package web

import (
	"fmt"
	"log/slog"
	"net/http"

	"ocsso/internal/metrics"
)

// NewAdmin returns the handler of the operator's listener. It asks for no login, so the listener
// must not face the public.
//
// /healthz says that the process answers. /readyz answers what ready returns, which is at once, or
// 503 and its error; with ?store=strict it is strict about the store. /metrics is for Prometheus.
// These answer whatever the Host is. /setup is the onboarding page; it answers at localhost or an
// IP address only.
func NewAdmin(
	log *slog.Logger, counts *metrics.Metrics, ready func(strict bool) (string, error), settings SetupSettings, findings Findings,
) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		strict := query.Get("store") == "strict"
		if query.Has("store") && !strict {
			writeHealth(w, http.StatusBadRequest, "store can only be strict: /readyz?store=strict")
			return
		}
		detail, err := ready(strict)
		if err != nil {
			writeHealth(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		writeHealth(w, http.StatusOK, detail)
	})
	mux.Handle("GET /metrics", counts.Handler())
	routeSetup(mux, log, settings, findings)
	return mux
}

// writeHealth answers with a line of text.
func writeHealth(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
