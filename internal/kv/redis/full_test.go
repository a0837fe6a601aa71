package redis_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/kv"
	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/redis/redistest"
)

// wantNoChanges checks that key can be read as 1, and that it and new keys can't be changed.
func wantNoChanges(t *testing.T, s *redis.Store, key, reason string) {
	t.Helper()
	for _, name := range []string{"probe", "put", "replace", "increment"} {
		if err := calls(s, key)[name](); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: got %v, want an error with %q", name, err, reason)
		}
	}
	want(t, s, key, "1")
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
			server.Tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
			server.Tell("CONFIG", "SET", "maxmemory", "1mb")
			wantNoChanges(t, before, "key", "OOM")
			if _, err := before.Get(context.Background(), "none"); !errors.Is(err, kv.ErrNotFound) {
				t.Errorf("get of what is not there: got %v, want %v", err, kv.ErrNotFound)
			}
			if err := before.Delete(context.Background(), "key"); err != nil {
				t.Errorf("delete: got %v, want no error: a logout makes room", err)
			}
			if _, err := before.Get(context.Background(), "key"); !errors.Is(err, kv.ErrNotFound) {
				t.Errorf("get after the delete: got %v, want %v", err, kv.ErrNotFound)
			}
			server.Tell("CONFIG", "SET", "maxmemory", "0")
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
	server.Tell("REPLICAOF", host, port)
	wantNoChanges(t, s, "key", "READONLY")
	server.Tell("REPLICAOF", "NO", "ONE")
	if err := s.Probe(context.Background()); err != nil {
		t.Errorf("probe of a master again: got %v, want no error", err)
	}
}
