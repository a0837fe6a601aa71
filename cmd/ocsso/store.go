package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/kv/bolt"
	"ocsso/internal/kv/redis"

	"ocsso/internal/metrics"
)

// stores are the ways to open a store, by store.kind. They return what closes it, too.
var stores = map[string]func(context.Context, config.Store, *metrics.Metrics) (kv.Store, func() error, error){
	"memory": openMemory,
	"file":   openFile,
	"redis":  openRedis,
}

func openStore(ctx context.Context, settings config.Store, counts *metrics.Metrics) (kv.Store, func() error, error) {
	open, ok := stores[settings.Kind]
	if !ok {
		return nil, nil, fmt.Errorf("no store of kind %q", settings.Kind)
	}
	return open(ctx, settings, counts)
}

func openMemory(_ context.Context, settings config.Store, counts *metrics.Metrics) (kv.Store, func() error, error) {
	const megabyte = 1_000_000
	memory := kv.NewMemory(time.Now, settings.Memory.MaxMB*megabyte)
	counts.Watch("store_entries", "Entries of the store in memory.", func() float64 { return float64(memory.Len()) })
	counts.Watch("store_bytes", "Bytes of the store in memory. It is full at store.memory.max_mb.",
		func() float64 { return float64(memory.Bytes()) })
	return memory, func() error { return nil }, nil
}

func openFile(_ context.Context, settings config.Store, _ *metrics.Metrics) (kv.Store, func() error, error) {
	store, err := bolt.Open(settings.File.Path, time.Now)
	if err != nil {
		return nil, nil, cli.Unavailable(err, "store.file.path names a file in a folder that this process can write, for one server alone")
	}
	return store, store.Close, nil
}

// openRedis takes a Redis, too, that can't be reached yet.
func openRedis(ctx context.Context, settings config.Store, _ *metrics.Metrics) (kv.Store, func() error, error) {
	options, err := redisOptions(settings.Redis)
	if err != nil {
		return nil, nil, err
	}
	store, err := redis.Open(ctx, options)
	if err != nil {
		return nil, nil, cli.Unavailable(err, "check store.redis: addresses, tls_ca_file, username and password; deploy/README.md has the commands that the user needs")
	}
	return store, func() error { store.Close(); return nil }, nil
}

func redisOptions(settings config.Redis) (redis.Options, error) {
	first := settings.Addresses[0]
	options := redis.Options{
		Mode:      map[string]redis.Mode{"redis": redis.Single, config.Cluster: redis.Cluster, config.Sentinels: redis.Sentinel}[first.Kind()],
		Master:    first.Master(),
		Username:  settings.Username,
		Password:  settings.Password.Reveal(),
		KeyPrefix: settings.KeyPrefix,
	}
	for _, address := range settings.Addresses {
		options.Addresses = append(options.Addresses, address.Host)
	}
	password, _ := first.User.Password()
	if options.Mode == redis.Sentinel {
		options.SentinelUsername, options.SentinelPassword = first.User.Username(), password
	} else if first.User != nil {
		options.Username, options.Password = first.User.Username(), password
	}
	if !first.TLS() {
		return options, nil
	}
	options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if name := settings.TLSCAFile; name != "" {
		const hint = "it has the certificate of the authority that signed the Redis server's, as PEM"
		data, err := os.ReadFile(name)
		if err != nil {
			return redis.Options{}, cli.Usage(fmt.Errorf("store.redis.tls_ca_file: %w", err), hint)
		}
		options.TLS.RootCAs = x509.NewCertPool()
		if !options.TLS.RootCAs.AppendCertsFromPEM(data) {
			return redis.Options{}, cli.Usage(fmt.Errorf("store.redis.tls_ca_file: %s has no certificate", name), hint)
		}
	}
	return options, nil
}
