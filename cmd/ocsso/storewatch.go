package main

import (
	"context"
	"errors"
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
	// remindEvery is how often a store that stays out of order is logged, since the reason may be
	// another one by then.
	remindEvery = time.Minute
)

// A storeWatch probes the store again and again, so that /readyz answers at once whatever the store
// does, and /metrics says what there is to say without /readyz being asked.
type storeWatch struct {
	store kv.Store
	log   *slog.Logger
	up    metrics.Gauge // 1 or 0

	mu     sync.Mutex
	err    error // of the last probe
	worked bool  // once, or could be read, as on a full disk: then members who are logged in go on
	logged time.Time
}

// newStoreWatch probes the store for the first time.
func newStoreWatch(ctx context.Context, store kv.Store, log *slog.Logger, up metrics.Gauge) *storeWatch {
	up.Set(1)
	s := &storeWatch{store: store, log: log, up: up}
	s.probe(ctx)
	return s
}

// watch probes every probeInterval, until ctx is done.
func (s *storeWatch) watch(ctx context.Context) {
	next := time.NewTicker(probeInterval)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			s.probe(ctx)
		}
	}
}

// probe logs when the store stops working, now and then while it doesn't work, and when it works
// again.
func (s *storeWatch) probe(ctx context.Context) {
	probing, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	err := s.store.Probe(probing)
	if ctx.Err() != nil {
		return // the server stops
	}
	_, worked := s.state()
	worked = worked || err == nil || s.canBeRead(probing)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil && (s.err == nil || time.Since(s.logged) >= remindEvery):
		s.logged = time.Now()
		s.up.Set(0)
		s.log.Error("store out of order", "error", err)
	case err == nil && s.err != nil:
		s.up.Set(1)
		s.log.Info("store works again")
	}
	s.err = err
	s.worked = worked
}

func (s *storeWatch) canBeRead(ctx context.Context) bool {
	_, err := s.store.Get(ctx, "probe/none")
	return errors.Is(err, kv.ErrNotFound)
}

// state returns the error of the last probe, or nil, and whether the store has ever worked.
func (s *storeWatch) state() (err error, worked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err, s.worked
}
