package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/kv"
	"ocsso/internal/metrics"
)

// every calls f after each interval, until ctx is done.
func every(ctx context.Context, interval time.Duration, f func()) {
	next := time.NewTicker(interval)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			f()
		}
	}
}

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
func (s *storeWatch) watch(ctx context.Context) { every(ctx, probeInterval, func() { s.probe(ctx) }) }

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

const (
	// clockTolerance is the difference above which the operator is warned. The help center refuses
	// tokens from helpcenter.Validity on.
	clockTolerance = 30 * time.Second
	clockInterval  = 10 * time.Minute
)

// A clockWatch compares the help center's clock with this machine's.
type clockWatch struct {
	client     *helpcenter.Client
	log        *slog.Logger
	gauge      metrics.Gauge
	difference atomic.Int64 // nanoseconds; 0 until the first comparison
}

// watch compares the clocks now and then every clockInterval, until ctx is done.
func (c *clockWatch) watch(ctx context.Context) {
	c.compare(ctx)
	every(ctx, clockInterval, func() { c.compare(ctx) })
}

func (c *clockWatch) compare(ctx context.Context) {
	difference, err := c.client.ClockDifference(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.log.Warn("the help center's clock can't be read", "error", err)
		}
		return
	}
	c.difference.Store(int64(difference))
	c.gauge.Set(difference.Seconds())
	if difference.Abs() > clockTolerance {
		c.log.Warn("the clocks differ: the help center refuses tokens from 3m of difference",
			"help_center_ahead", difference.Round(time.Second))
	}
}

// warning returns a line for the readiness answer, or "" while the clocks agree.
func (c *clockWatch) warning() string {
	difference := time.Duration(c.difference.Load())
	if difference.Abs() <= clockTolerance {
		return ""
	}
	return fmt.Sprintf("\nwarning: the help center's clock is %v ahead of this machine's; it refuses tokens from %v of difference",
		difference.Round(time.Second), helpcenter.Validity)
}
