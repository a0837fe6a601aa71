package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"ocsso/internal/metrics"
)

// readyTimeout bounds a readiness check, so that a store that hangs counts as not ready.
const readyTimeout = time.Second

// NewAdmin returns the handler of the operator's listener. It asks for no login, so the listener
// must not face the public.
//
// /healthz says that the process answers. /readyz answers what ready returns, or 503 and its error.
// /metrics is for Prometheus. These answer whatever the Host is. /setup is the onboarding page; it
// answers at localhost or an IP address only.
func NewAdmin(
	log *slog.Logger, counts *metrics.Metrics, ready func(context.Context) (string, error), settings SetupSettings, onboarding Onboarding,
) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		detail, err := ready(ctx)
		if err != nil {
			log.Warn("not ready", "error", err)
			writeHealth(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		writeHealth(w, http.StatusOK, detail)
	})
	mux.Handle("GET /metrics", counts.Handler())
	routeSetup(mux, log, settings, onboarding)
	return mux
}

// writeHealth answers with a line of text.
func writeHealth(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
