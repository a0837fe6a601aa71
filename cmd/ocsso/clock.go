package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/metrics"
)

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
	for {
		c.compare(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(clockInterval):
		}
	}
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
