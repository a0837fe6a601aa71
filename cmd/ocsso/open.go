package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/kv"
	"ocsso/internal/kv/bolt"
	"ocsso/internal/kv/redis"
	"ocsso/internal/member"
	"ocsso/internal/member/memberdb"
	"ocsso/internal/metrics"
	"ocsso/internal/yamlfile"
)

// stores are the ways to open a store, by store.kind.
var stores = map[string]func(context.Context, config.Store, *metrics.Metrics) (kv.Store, error){
	"memory": openMemory,
	"file":   openFile,
	"redis":  openRedis,
}

func openStore(ctx context.Context, settings config.Store, counts *metrics.Metrics) (kv.Store, error) {
	open, ok := stores[settings.Kind]
	if !ok {
		return nil, fmt.Errorf("no store of kind %q", settings.Kind)
	}
	return open(ctx, settings, counts)
}

func openMemory(_ context.Context, settings config.Store, counts *metrics.Metrics) (kv.Store, error) {
	const megabyte = 1_000_000
	memory := kv.NewMemory(time.Now, settings.Memory.MaxMB*megabyte)
	counts.Watch("store_entries", "Entries of the store in memory.", func() float64 { return float64(memory.Len()) })
	counts.Watch("store_bytes", "Bytes of the store in memory. It is full at store.memory.max_mb.",
		func() float64 { return float64(memory.Bytes()) })
	return memory, nil
}

func openFile(_ context.Context, settings config.Store, _ *metrics.Metrics) (kv.Store, error) {
	store, err := bolt.Open(settings.File.Path, time.Now)
	if err != nil {
		return nil, cli.Unavailable(err, "store.file.path names a file in a folder that this process can write, for one server alone")
	}
	return store, nil
}

// openRedis takes a Redis, too, that can't be reached yet.
func openRedis(ctx context.Context, settings config.Store, _ *metrics.Metrics) (kv.Store, error) {
	options, err := redisOptions(settings.Redis)
	if err != nil {
		return nil, err
	}
	store, err := redis.Open(ctx, options)
	if err != nil {
		return nil, cli.Unavailable(err, "check store.redis: addresses, tls_ca_file, username and password; deploy/README.md has the commands that the user needs")
	}
	return store, nil
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

// directories are the ways to find members, by members.kind.
var directories = map[string]func(context.Context, config.Members, *slog.Logger) (member.Directory, error){
	"file": openMemberFile,
	"sql":  openDatabase,
}

// openDirectory opens the configured directory, or none where the settings need no members. A
// database may come later.
func openDirectory(ctx context.Context, cfg config.Config, log *slog.Logger) (member.Directory, error) {
	if !cfg.NeedsMembers() {
		return nil, nil
	}
	open, ok := directories[cfg.Members.Kind]
	if !ok {
		return nil, fmt.Errorf("no members of kind %q", cfg.Members.Kind)
	}
	return open(ctx, cfg.Members, log)
}

func openMemberFile(_ context.Context, settings config.Members, _ *slog.Logger) (member.Directory, error) {
	members, err := member.LoadFile(settings.File.Path)
	if err == nil {
		return members, nil
	}
	if _, inside := errors.AsType[yamlfile.Problems](err); inside {
		return nil, err
	}
	return nil, cli.Usage(err, "members.file.path names the member file; ocsso hash-password makes the hashes for it")
}

func openDatabase(ctx context.Context, settings config.Members, log *slog.Logger) (member.Directory, error) {
	database, err := memberdb.Open(ctx, log, sqlOptions(settings.SQL))
	if err == nil {
		return database, nil
	}
	if fault, ok := errors.AsType[*memberdb.Error](err); ok && fault.OfQuery {
		return nil, cli.Usage(fmt.Errorf("members.sql: %w", err), fault.Hint)
	} else if ok {
		return nil, cli.Unavailable(fmt.Errorf("members.sql: %w", err), fault.Hint)
	}
	return nil, err
}

func sqlOptions(settings config.MembersSQL) memberdb.Options {
	return memberdb.Options{
		Driver: settings.Driver, DSN: settings.DSN.Reveal(), Query: settings.Query, MaxOpen: settings.MaxOpen, Timeout: settings.Timeout,
	}
}
