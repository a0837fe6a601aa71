package redis_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/redis/redistest"
)

// wantNoChanges checks that key can be read, and that it and new keys can't be changed.
func wantNoChanges(t *testing.T, s *redis.Store, key, value, reason string) {
	t.Helper()
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"probe":     func() error { return s.Probe(ctx) },
		"put":       func() error { return s.Put(ctx, key, []byte("2"), time.Hour) },
		"replace":   func() error { _, err := s.Replace(ctx, key, []byte("2"), time.Hour); return err },
		"increment": func() error { _, _, err := s.Increment(ctx, "count", 1, time.Hour); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v, want an error with %q", name, err, reason)
		}
	}
	want(t, s, key, value)
}

func TestAServerWithAFullMemoryTakesNoChanges(t *testing.T) {
	for name, user := range map[string]redis.Options{
		"as the default user":                        {},
		"as a user who may do no more than it takes": {Username: "ocsso", Password: password, KeyPrefix: "ocsso:"},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t, allowedTo("ocsso", redis.Options{})...)
			before := open(t, server, user)
			put(t, before, "key", "1")
			tell(t, server, "CONFIG", "SET", "maxmemory-policy", "noeviction")
			tell(t, server, "CONFIG", "SET", "maxmemory", "1mb")
			wantNoChanges(t, before, "key", "1", "OOM")
			if _, err := before.Get(context.Background(), "none"); !errors.Is(err, kv.ErrNotFound) {
				t.Errorf("get of what is not there: got %v, want %v", err, kv.ErrNotFound)
			}
			if err := before.Delete(context.Background(), "key"); err != nil {
				t.Errorf("delete: got %v, want no error: a logout makes room", err)
			}
			if _, err := before.Get(context.Background(), "key"); !errors.Is(err, kv.ErrNotFound) {
				t.Errorf("get after the delete: got %v, want %v", err, kv.ErrNotFound)
			}
			tell(t, server, "CONFIG", "SET", "maxmemory", "0")
			put(t, before, "key", "2")
			want(t, before, "key", "2")
			if err := before.Probe(context.Background()); err != nil {
				t.Errorf("probe with room again: got %v, want no error", err)
			}
		})
	}
}

func TestAServerThatBecomesAReplicaTakesNoChanges(t *testing.T) {
	master, server := redistest.Start(t), redistest.Start(t, "--replica-serve-stale-data", "yes")
	s := open(t, server, redis.Options{})
	put(t, s, "key", "1")
	if err := s.Probe(context.Background()); err != nil {
		t.Fatalf("probe before: got %v, want no error", err)
	}
	host, port, _ := strings.Cut(master.Address, ":")
	master.Pause() // or the new replica would take over that the master has nothing
	defer master.Resume()
	tell(t, server, "REPLICAOF", host, port)
	wantNoChanges(t, s, "key", "1", "READONLY")
	tell(t, server, "REPLICAOF", "NO", "ONE")
	if err := s.Probe(context.Background()); err != nil {
		t.Errorf("probe of a master again: got %v, want no error", err)
	}
}

func TestAProbeIsNotAnsweredFromTheCache(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server, redis.Options{})
	tell(t, server, "CONFIG", "RESETSTAT")
	for range 3 {
		if err := s.Probe(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if stats := text(t, server, "INFO", "commandstats"); !strings.Contains(stats, "cmdstat_set:calls=3,") || !strings.Contains(stats, "cmdstat_get:calls=3,") {
		t.Errorf("got %s\nwant 3 writes and 3 reads", stats)
	}
}

func TestALogoutWaitsForTheReplicas(t *testing.T) {
	ctx := context.Background()
	master := redistest.Start(t, append(allowedTo("ocsso", redis.Options{MinReplicas: 1}), "--repl-diskless-sync-delay", "0")...)
	host, port, _ := strings.Cut(master.Address, ":")
	replica := redistest.Start(t, "--replicaof", host, port)
	o := redis.Options{Username: "ocsso", Password: password, KeyPrefix: "ocsso:", MinReplicas: 1}
	early := open(t, master, o) // before there is a replica: a server can start, members can log in
	put(t, early, "early", "value")
	until(t, "the replica follows", func() bool { return strings.Contains(info(t, replica), "master_link_status:up") })

	s, other := open(t, master, o), open(t, master, o)
	put(t, s, "session", "value")
	put(t, s, "other", "value")
	want(t, s, "session", "value")
	want(t, other, "session", "value")
	if err := s.Delete(kv.Durable(ctx), "session"); err != nil {
		t.Fatalf("delete: got %v, want no error", err)
	}
	if got := text(t, replica, "GET", "ocsso:session"); got != "redis nil message" {
		t.Errorf("got %q from the replica after the delete, want nothing", got)
	}
	if _, err := s.Get(ctx, "session"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("get after the delete: got %v, want %v", err, kv.ErrNotFound)
	}
	if err := s.Put(kv.Durable(ctx), "mark", []byte("1"), time.Hour); err != nil {
		t.Errorf("put: got %v, want no error", err)
	}

	replica.Pause()
	defer replica.Resume()
	want(t, s, "other", "value")
	start := time.Now()
	const reason = "0, of store.redis.min_replicas 1"
	if err := s.Delete(kv.Durable(ctx), "other"); err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("delete without a replica: got %v, want an error with %q", err, reason)
	}
	if err := s.Put(kv.Durable(ctx), "mark", []byte("2"), time.Hour); err == nil || !strings.Contains(err.Error(), reason) {
		t.Errorf("put without a replica: got %v, want an error with %q", err, reason)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("two changes took %v, want a second each at most", took)
	}
	if _, err := s.Get(ctx, "other"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("get after the delete: got %v, want %v: the change is made all the same", err, kv.ErrNotFound)
	}
	put(t, s, "login", "value") // doesn't wait
	want(t, s, "login", "value")
	if err := s.Delete(ctx, "login"); err != nil {
		t.Errorf("another delete: got %v, want no error: it doesn't wait", err)
	}
}
