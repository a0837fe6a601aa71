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
	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/sqlite"
	"ocsso/internal/metrics"
)

// openStore opens the configured store and returns what ends it.
func openStore(ctx context.Context, settings config.Store, counts *metrics.Metrics) (store kv.Store, end func() error, err error) {
	switch settings.Kind {
	case "file":
		store, err := sqlite.Open(ctx, settings.File.Path, time.Now)
		if err != nil {
			return nil, nil, cli.Usage(err, "the folder of store.file.path has to be writable, and the file a database of this server's")
		}
		return store, store.Close, nil
	case "redis":
		options, err := redisOptions(settings.Redis)
		if err != nil {
			return nil, nil, err
		}
		store, err := redis.Open(ctx, options)
		if err != nil {
			return nil, nil, cli.Usage(err, "check store.redis: addresses, mode, tls and its files, username and password; deploy/README.md has the commands that the user needs")
		}
		return store, func() error { store.Close(); return nil }, nil
	}
	memory := kv.NewMemory(time.Now, settings.Memory.MaxMB*2500)
	counts.Watch("store_entries", "Entries of the store in memory. It is full at store.memory.max_mb.",
		func() float64 { return float64(memory.Len()) })
	return memory, func() error { return nil }, nil
}

func redisOptions(settings config.Redis) (redis.Options, error) {
	options := redis.Options{
		Mode:      redis.Mode(settings.Mode),
		Master:    settings.Master,
		Username:  settings.Username,
		Password:  settings.Password.Value.Reveal(),
		KeyPrefix: settings.KeyPrefix,
	}
	for _, address := range settings.Addresses {
		options.Addresses = append(options.Addresses, address.HostPort)
	}
	switch own := settings.Addresses[0]; {
	case settings.Mode == "sentinel":
		options.SentinelUsername, options.SentinelPassword = own.Username, own.Password.Reveal()
	case own.Username != "" || own.Password.Reveal() != "":
		options.Username, options.Password = own.Username, own.Password.Reveal()
	}
	if settings.UsesTLS() {
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
			return nil, cli.Usage(fmt.Errorf("store.redis.tls_ca_file: %w", err), hint)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, cli.Usage(fmt.Errorf("store.redis.tls_ca_file: %s has no certificate", name), hint)
		}
	}
	if settings.TLSCertFile != "" {
		pair, err := tls.LoadX509KeyPair(settings.TLSCertFile, settings.TLSKeyFile)
		if err != nil {
			return nil, cli.Usage(fmt.Errorf("store.redis.tls_cert_file and tls_key_file: %w", err),
				"they have this client's certificate and its key, as PEM")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
