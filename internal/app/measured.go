package app

import (
	"context"
	"errors"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/metrics"
	"ocsso/internal/sitelogin"
	"ocsso/web"
)

// measuredStore times what it passes on.
type measuredStore struct {
	kv.Store
	get, put, replace, delete, increment operation
}

func newMeasuredStore(store kv.Store, counts *metrics.Metrics) measuredStore {
	named := func(name string) operation {
		return operation{counts.Store.With(name, "ok"), counts.Store.With(name, "failed")}
	}
	return measuredStore{store, named("get"), named("put"), named("replace"), named("delete"), named("increment")}
}

// An operation has its times, by outcome.
type operation struct{ ok, failed *metrics.Histogram }

// observe takes one that began at start, unless a client that went away has cut it off.
func (o operation) observe(start time.Time, err error) {
	outcome := o.ok
	if errors.Is(err, context.Canceled) {
		return
	}
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		outcome = o.failed
	}
	outcome.UpdateDuration(start)
}

// Get implements kv.Store.
func (s measuredStore) Get(ctx context.Context, key string) (value []byte, err error) {
	defer func(start time.Time) { s.get.observe(start, err) }(time.Now())
	return s.Store.Get(ctx, key)
}

// Put implements kv.Store.
func (s measuredStore) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) (err error) {
	defer func(start time.Time) { s.put.observe(start, err) }(time.Now())
	return s.Store.Put(ctx, key, value, lifetime)
}

// Replace implements kv.Store.
func (s measuredStore) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (ok bool, err error) {
	defer func(start time.Time) { s.replace.observe(start, err) }(time.Now())
	return s.Store.Replace(ctx, key, old, value, lifetime)
}

// Delete implements kv.Store.
func (s measuredStore) Delete(ctx context.Context, key string) (err error) {
	defer func(start time.Time) { s.delete.observe(start, err) }(time.Now())
	return s.Store.Delete(ctx, key)
}

// Increment implements kv.Store.
func (s measuredStore) Increment(ctx context.Context, key string, by int, window time.Duration) (n int, left time.Duration, err error) {
	defer func(start time.Time) { s.increment.observe(start, err) }(time.Now())
	return s.Store.Increment(ctx, key, by, window)
}

// measure takes a call that began at start, by its outcome: "ok", "failed", or named for the error
// none. A client that went away has cut a call off, which is left out.
func measure(calls metrics.Histograms, start time.Time, err, none error, named string) {
	outcome := "ok"
	switch {
	case errors.Is(err, context.Canceled):
		return
	case errors.Is(err, none):
		outcome = named
	case err != nil:
		outcome = "failed"
	}
	calls.With(outcome).UpdateDuration(start)
}

// A measuredDirectory measures lookups.
type measuredDirectory struct {
	member.Directory
	counts *metrics.Metrics
}

// Account implements member.Directory.
func (d measuredDirectory) Account(ctx context.Context, usercode string) (account member.Account, err error) {
	defer func(start time.Time) { measure(d.counts.Directory, start, err, member.ErrUnknown, "unknown") }(time.Now())
	return d.Directory.Account(ctx, usercode)
}

// DecoyHash implements the method that member.Directory speaks of.
func (d measuredDirectory) DecoyHash() string { return member.DecoyHash(d.Directory) }

// measuredSite measures the questions to the customer's site.
type measuredSite struct {
	web.Site
	counts *metrics.Metrics
}

// Ask implements web.Site.
func (s measuredSite) Ask(ctx context.Context, source string, purpose sitelogin.Purpose, requestID string) (answer sitelogin.Answer, err error) {
	defer func(start time.Time) { measure(s.counts.Site, start, err, sitelogin.ErrLoggedOut, "logged_out") }(time.Now())
	return s.Site.Ask(ctx, source, purpose, requestID)
}
