package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/metrics"
)

const (
	// probeInterval is how long a result of the probe is used.
	probeInterval = 5 * time.Second
	probeTimeout  = 3 * time.Second
)

// A storeWatch probes the store again and again, so that /readyz answers at once whatever the store
// does, and /metrics says what there is to say without /readyz being asked.
type storeWatch struct {
	store kv.Store
	log   *slog.Logger
	up    metrics.Gauge // 1 or 0

	mu  sync.Mutex
	err error // of the last probe; nil until the first, as the store was tried when it was opened
}

func newStoreWatch(store kv.Store, log *slog.Logger, up metrics.Gauge) *storeWatch {
	up.Set(1)
	return &storeWatch{store: store, log: log, up: up}
}

// watch probes now and then every probeInterval, until ctx is done.
func (s *storeWatch) watch(ctx context.Context) {
	next := time.NewTicker(probeInterval)
	defer next.Stop()
	for {
		s.probe(ctx)
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}

// probe logs when the store stops working and when it works again.
func (s *storeWatch) probe(ctx context.Context) {
	probing, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	err := s.store.Probe(probing)
	if ctx.Err() != nil {
		return // the server stops
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil && s.err == nil:
		s.up.Set(0)
		s.log.Error("store out of order", "error", err)
	case err == nil && s.err != nil:
		s.up.Set(1)
		s.log.Info("store works again")
	}
	s.err = err
}

// failure returns the error of the last probe, or nil.
func (s *storeWatch) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
