package redis_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/redis/redistest"
)

// calls are one of each kind.
func calls(s kv.Store, key string) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"get":       func() error { _, err := s.Get(ctx, key); return err },
		"put":       func() error { return s.Put(ctx, key, nil, time.Hour) },
		"replace":   func() error { _, err := s.Replace(ctx, key, []byte("1"), []byte("2"), time.Hour); return err },
		"delete":    func() error { return s.Delete(ctx, key) },
		"increment": func() error { _, _, err := s.Increment(ctx, "count/"+key, 1, time.Hour); return err },
		"probe":     func() error { return s.Probe(ctx) },
	}
}

// wantOutOfOrder checks that each call is an error within a second, and not ErrNotFound.
func wantOutOfOrder(t *testing.T, s kv.Store, key string) {
	t.Helper()
	for name, call := range calls(s, key) {
		start := time.Now()
		if err := call(); err == nil || errors.Is(err, kv.ErrNotFound) {
			t.Errorf("%s %s: got %v, want an error that says that the store is out of order", name, key, err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s %s: took %v, want a second at most", name, key, took)
		}
	}
}

// wantForgotten checks that key isn't answered for longer than a second.
func wantForgotten(t *testing.T, s kv.Store, key string) {
	t.Helper()
	start := time.Now()
	for {
		if _, err := s.Get(context.Background(), key); err != nil {
			return
		}
		if took := time.Since(start); took > time.Second {
			t.Fatalf("%s is answered after %v, want an error", key, took)
		}
	}
}

// wantBack checks that the store works again within two seconds.
func wantBack(t *testing.T, s kv.Store) {
	t.Helper()
	start := time.Now()
	for {
		err := s.Put(context.Background(), "back", nil, time.Hour)
		if err == nil {
			return
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Fatalf("got %v after %v, want the store to work again", err, took)
		}
	}
}

func TestAServerThatEndsIsAnErrorUntilItIsBack(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server, redis.Options{})
	put(t, s, "warm", "value")
	want(t, s, "warm", "value")
	server.Kill()
	wantForgotten(t, s, "warm")
	wantOutOfOrder(t, s, "warm")
	wantOutOfOrder(t, s, "cold")
	server.Restart()
	wantBack(t, s)
	if got, err := s.Get(context.Background(), "warm"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("got %q, %v, want %v: the server came back empty", got, err, kv.ErrNotFound)
	}
	put(t, s, "warm", "again")
	want(t, s, "warm", "again")
}

func TestAServerThatHangsIsAnErrorUntilItIsBack(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server, redis.Options{})
	put(t, s, "warm", "value")
	want(t, s, "warm", "value")
	server.Pause()
	wantForgotten(t, s, "warm")
	wantOutOfOrder(t, s, "cold") // on a new connection, which is taken and not answered
	server.Resume()
	wantBack(t, s)
	want(t, s, "warm", "value")
}

func TestManyCallersOfAServerThatHangsAreAnsweredInTime(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server, redis.Options{})
	server.Pause()
	start := time.Now()
	var group sync.WaitGroup
	for i := range 5000 { // more than wait for their turn on the connection
		group.Go(func() {
			if _, err := s.Get(context.Background(), fmt.Sprint("key/", i)); err == nil || errors.Is(err, kv.ErrNotFound) {
				t.Errorf("got %v, want an error that says that the store is out of order", err)
			}
		})
	}
	group.Wait()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("5000 calls at once took %v, want little more than one second", took)
	}
	server.Resume()
	wantBack(t, s)
}

func TestAfterCloseCallsAreErrors(t *testing.T) {
	s := open(t, redistest.Start(t), redis.Options{})
	s.Close()
	wantOutOfOrder(t, s, "key")
}

func TestCallsHeedTheirContext(t *testing.T) {
	s := open(t, redistest.Start(t), redis.Options{})
	put(t, s, "key", "value")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Get(ctx, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("get: got %v, want %v", err, context.Canceled)
	}
	if err := s.Delete(ctx, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("delete: got %v, want %v", err, context.Canceled)
	}
	want(t, s, "key", "value")
}
