package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/kvtest"
	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/redis/redistest"
)

// open connects with the options, which are for a single server unless they say otherwise, and
// closes the store when the test ends.
func open(t testing.TB, server *redistest.Server, o redis.Options) *redis.Store {
	t.Helper()
	s, err := redis.Open(context.Background(), at(server, o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// at completes options with the server's address, and with the mode of a single one where there is
// none.
func at(server *redistest.Server, o redis.Options) redis.Options {
	o.Addresses = []string{server.Address}
	if o.Mode == "" {
		o.Mode = redis.Single
	}
	return o
}

// testStore runs the suite on stores of one server that differ in their key prefix.
func testStore(t *testing.T, server *redistest.Server, o redis.Options) {
	var stores atomic.Int64
	kvtest.TestStore(t, func(t *testing.T) (kv.Store, func(time.Duration)) {
		own := o
		own.KeyPrefix = fmt.Sprintf("%s%d:", o.KeyPrefix, stores.Add(1))
		return open(t, server, own), wait
	})
}

// wait lets d pass, and the time that an answer may have taken from the server.
func wait(d time.Duration) { <-time.After(d + 20*time.Millisecond) }

func put(t *testing.T, s kv.Store, key, value string) {
	t.Helper()
	if err := s.Put(context.Background(), key, []byte(value), time.Hour); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

func want(t *testing.T, s kv.Store, key, value string) {
	t.Helper()
	if got, err := s.Get(context.Background(), key); err != nil || string(got) != value {
		t.Fatalf("get %s: got %q, %v, want %q", key, got, err, value)
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	testStore(t, redistest.Start(t), redis.Options{})
}

func TestStoresOfOneServerSeeEachOthersChanges(t *testing.T) {
	server := redistest.Start(t)
	one, other := open(t, server, redis.Options{}), open(t, server, redis.Options{})
	put(t, one, "key", "1")
	want(t, other, "key", "1")
	put(t, one, "key", "2")
	want(t, other, "key", "2")
	if err := one.Delete(context.Background(), "key"); err != nil {
		t.Fatal(err)
	}
	if got, err := other.Get(context.Background(), "key"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("got %q, %v, want %v", got, err, kv.ErrNotFound)
	}
}

func TestKeysHaveTheirPrefixAndALifetime(t *testing.T) {
	server := redistest.Start(t)
	one, other := open(t, server, redis.Options{KeyPrefix: "one:"}), open(t, server, redis.Options{KeyPrefix: "other:"})
	put(t, one, "key", "1")
	if got, err := other.Get(context.Background(), "key"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("got %q, %v from the store with another prefix, want %v", got, err, kv.ErrNotFound)
	}
	put(t, other, "key", "2")
	want(t, one, "key", "1")
	if got, err := strconv.Atoi(server.Ask("PTTL", "one:key")); err != nil || got <= 0 || got > int(time.Hour.Milliseconds()) {
		t.Errorf("got %d ms to live, %v, want an hour at most", got, err)
	}
}

func TestALifetimeBelowAMillisecondIsOne(t *testing.T) {
	s := open(t, redistest.Start(t), redis.Options{})
	for _, lifetime := range []time.Duration{1, time.Millisecond - 1, time.Millisecond, time.Millisecond + 1} {
		if err := s.Put(context.Background(), "key", nil, lifetime); err != nil {
			t.Errorf("put for %v: %v", lifetime, err)
		}
	}
}
