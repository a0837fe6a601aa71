package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/sqlite"
	"ocsso/internal/metrics"
)

// openStore opens the configured store, which is measured, and returns what ends it.
func openStore(ctx context.Context, settings config.Store, counts *metrics.Metrics) (store kv.Store, end func() error, err error) {
	switch settings.Kind {
	case "sqlite":
		store, err := sqlite.Open(ctx, settings.SQLite.Path, time.Now)
		if err != nil {
			return nil, nil, usage(err, "the folder of store.sqlite.path has to be writable, and the file a database of this server's")
		}
		return newMeasuredStore(store, counts), store.Close, nil
	case "redis":
		options, err := redisOptions(settings.Redis)
		if err != nil {
			return nil, nil, err
		}
		store, err := redis.Open(ctx, options)
		if err != nil {
			return nil, nil, usage(err, "check store.redis: addresses, mode, tls and its files, username and password; deploy/README.md has the commands that the user needs")
		}
		return newMeasuredStore(store, counts), func() error { store.Close(); return nil }, nil
	}
	memory := kv.NewMemory(time.Now, settings.Memory.MaxEntries)
	counts.Watch("store_entries", "Entries of the store in memory. It is full at store.memory.max_entries.",
		func() float64 { return float64(memory.Len()) })
	return newMeasuredStore(memory, counts), func() error { return nil }, nil
}

func redisOptions(settings config.Redis) (redis.Options, error) {
	options := redis.Options{
		Addresses: settings.Addresses,
		Mode:      redis.Mode(settings.Mode),
		Master:    settings.Master,
		Username:  settings.Username,
		Password:  settings.Password.Reveal(),
		KeyPrefix: settings.KeyPrefix,

		SentinelUsername: settings.SentinelUsername,
		SentinelPassword: settings.SentinelPassword.Reveal(),
		MinReplicas:      settings.MinReplicas,
	}
	if settings.TLS {
		var err error
		if options.TLS, err = redisTLS(settings); err != nil {
			return redis.Options{}, err
		}
	}
	return options, nil
}

func redisTLS(settings config.Redis) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if name := settings.TLSCAFile; name != "" {
		const hint = "it has the certificate of the authority that signed the Redis server's, as PEM"
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, usage(fmt.Errorf("store.redis.tls_ca_file: %w", err), hint)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, usage(fmt.Errorf("store.redis.tls_ca_file: %s has no certificate", name), hint)
		}
	}
	if settings.TLSCertFile != "" {
		pair, err := tls.LoadX509KeyPair(settings.TLSCertFile, settings.TLSKeyFile)
		if err != nil {
			return nil, usage(fmt.Errorf("store.redis.tls_cert_file and tls_key_file: %w", err),
				"they have this client's certificate and its key, as PEM")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
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
