// Package redis is a kv.Store on Redis 6 or later, or Valkey: state that a fleet shares.
//
// It owns how the keys are named there, the connections and what is remembered of the answers. It does not own the server:
// its persistence, replication and memory limit are the operator's.
package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"ocsso/internal/kv"
)

const (
	// timeout bounds every call, and leaves some of a second to whoever has to answer within one.
	timeout = 700 * time.Millisecond
	// cacheFor is how long an answer is remembered at most, should the server forget to say that it has changed.
	cacheFor = time.Minute
)

// A Store is a kv.Store on a Redis server, cluster or sentinel set. What Get has answered is remembered in this process and
// forgotten when the server says that the key has changed, so that asking again makes no round trip.
//
// A call takes a second at most, whatever the server does. Nothing that is remembered outlives the connection that would
// tell of its changes: when the server ends, calls are errors at once, and when it doesn't answer any more, after a second
// at most. Connecting again is each call's first step, so a server that is back is in use at once.
type Store struct {
	client rueidis.Client
	prefix string
}

// Get implements kv.Store. It heeds the deadline of ctx, and its end only before it asks.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	ctx, cancel, err := shared(ctx)
	if err != nil {
		return nil, fmt.Errorf("redis get: %w", err)
	}
	defer cancel()
	value, err := s.client.DoCache(ctx, s.client.B().Get().Key(s.prefix+key).Cache(), cacheFor).AsBytes()
	if rueidis.IsRedisNil(err) {
		return nil, kv.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("redis get: %w", err)
	}
	return value, nil
}

// shared is a context for reading, with the deadline of ctx and without its end: those who ask for the same key at once share one
// request, which must not fail for all when the one who asked first goes away.
func shared(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	within := timeout
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	return ctx, cancel, nil
}

// Put implements kv.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	set := s.client.B().Set().Key(s.prefix + key).Value(rueidis.BinaryString(value)).PxMilliseconds(milliseconds(lifetime)).Build()
	if err := s.change(ctx, key, set); err != nil {
		return fmt.Errorf("redis put: %w", err)
	}
	return nil
}

// Replace implements kv.Store.
func (s *Store) Replace(ctx context.Context, key string, value []byte, lifetime time.Duration) (bool, error) {
	set := s.client.B().Set().Key(s.prefix + key).Value(rueidis.BinaryString(value)).Xx().PxMilliseconds(milliseconds(lifetime)).Build()
	err := s.change(ctx, key, set)
	if rueidis.IsRedisNil(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("redis replace: %w", err)
	}
	return true, nil
}

// countScript is one step, so that no count is left without an end, whatever happens in between.
const countScript = `
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`

// Increment implements kv.Store.
func (s *Store) Increment(ctx context.Context, key string, window time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	command := s.client.B().Eval().Script(countScript).Numkeys(1).Key(s.prefix + key).Arg(strconv.FormatInt(milliseconds(window), 10)).Build()
	n, err := s.client.Do(ctx, command).AsInt64()
	if err != nil {
		return 0, fmt.Errorf("redis increment: %w", err)
	}
	return int(n), nil
}

// Delete implements kv.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.change(ctx, key, s.client.B().Del().Key(s.prefix+key).Build()); err != nil {
		return fmt.Errorf("redis delete: %w", err)
	}
	return nil
}

// Close ends the connections, within a second or so. Later calls are errors.
func (s *Store) Close() { s.client.Close() }

// change does command, which changes key.
//
// The server tells of the change after it has answered command, on the same connection, as there is but one to each server.
// So when the command that follows is answered, what was remembered of key is forgotten, and a later Get sees the change.
// That command is one that every user of this store needs to be allowed.
func (s *Store) change(ctx context.Context, key string, command rueidis.Completed) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return s.client.DoMulti(ctx, command, s.client.B().Pttl().Key(s.prefix+key).Build())[0].Error()
}

// milliseconds is d, which is positive, rounded up: no lifetime is zero, which the server would refuse.
func milliseconds(d time.Duration) int64 { return int64((d-1)/time.Millisecond) + 1 }
