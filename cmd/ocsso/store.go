package main

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/sqlite"
	"ocsso/internal/metrics"
)

// openStore opens the configured store and returns what ends it. One that can be slow is measured;
// memory can't.
func openStore(ctx context.Context, settings config.Store, counts *metrics.Metrics) (store kv.Store, end func() error, err error) {
	switch settings.Kind {
	case "sqlite":
		store, err := sqlite.Open(ctx, settings.SQLite.Path, time.Now)
		if err != nil {
			return nil, nil, usage(err, "the folder of store.sqlite.path has to be writable, and the file a database of this server's")
		}
		return newMeasuredStore(store, counts), store.Close, nil
	case "redis":
		store, err := redis.Open(ctx, redisOptions(settings.Redis))
		if err != nil {
			return nil, nil, usage(err, "check store.redis.addresses, mode, tls, username and password")
		}
		return newMeasuredStore(store, counts), func() error { store.Close(); return nil }, nil
	}
	return kv.NewMemory(time.Now, settings.Memory.MaxEntries), func() error { return nil }, nil
}

func redisOptions(settings config.Redis) redis.Options {
	options := redis.Options{
		Addresses: settings.Addresses,
		Mode:      redis.Mode(settings.Mode),
		Master:    settings.Master,
		Username:  settings.Username,
		Password:  settings.Password.Reveal(),
		KeyPrefix: settings.KeyPrefix,
	}
	if settings.TLS {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return options
}

// measuredStore times what it passes on.
type measuredStore struct {
	kv.Store
	get, put, replace, delete, increment operation
}

func newMeasuredStore(store kv.Store, counts *metrics.Metrics) measuredStore {
	named := func(name string) operation {
		return operation{counts.Store.WithLabelValues(name, "ok"), counts.Store.WithLabelValues(name, "failed")}
	}
	return measuredStore{store, named("get"), named("put"), named("replace"), named("delete"), named("increment")}
}

// An operation has its times, by outcome.
type operation struct{ ok, failed prometheus.Observer }

// observe takes one that began at start.
func (o operation) observe(start time.Time, err error) {
	outcome := o.ok
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		outcome = o.failed
	}
	outcome.Observe(time.Since(start).Seconds())
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
func (s measuredStore) Replace(ctx context.Context, key string, value []byte, lifetime time.Duration) (ok bool, err error) {
	defer func(start time.Time) { s.replace.observe(start, err) }(time.Now())
	return s.Store.Replace(ctx, key, value, lifetime)
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
