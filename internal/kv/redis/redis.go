// Package redis is a kv.Store on Redis 6 or later, or Valkey: state that several machines share.
//
// It owns the names of the keys, the connections and the cache of answers. The server's
// persistence, replication and memory limit are the operator's.
package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"ocsso/internal/kv"
)

const (
	// timeout bounds every call. The help center's calls have a second in all.
	timeout = 700 * time.Millisecond
	// cacheFor is how long an answer is cached at most, in case the server does not report a
	// change.
	cacheFor = time.Minute
)

// A Store is a kv.Store on a Redis server, cluster or sentinel set. It caches what Get returns
// until the server reports that the key has changed, so repeated reads make no round trip.
//
// A call takes a second at most. The cache ends with its connection: when the server stops, calls
// fail at once, and when it no longer answers, within a second. Every call connects again first
// where it has to, so a server that is back is used at once.
type Store struct {
	client rueidis.Client
	prefix string
}

// Get implements kv.Store. It keeps the deadline of ctx; a cancelled ctx only stops it from
// starting.
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

// shared returns a context for reading, with the deadline of ctx and without its cancellation:
// callers that read the same key at the same time share one request, which must not fail for all
// when the first of them goes away.
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
	set := s.client.B().Set().Key(s.prefix + key).Value(rueidis.BinaryString(value)).
		PxMilliseconds(milliseconds(lifetime)).Build()
	if err := s.change(ctx, key, set); err != nil {
		return fmt.Errorf("redis put: %w", err)
	}
	return nil
}

// Replace implements kv.Store.
func (s *Store) Replace(ctx context.Context, key string, value []byte, lifetime time.Duration) (bool, error) {
	set := s.client.B().Set().Key(s.prefix + key).Value(rueidis.BinaryString(value)).Xx().
		PxMilliseconds(milliseconds(lifetime)).Build()
	err := s.change(ctx, key, set)
	if rueidis.IsRedisNil(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("redis replace: %w", err)
	}
	return true, nil
}

// countScript is atomic, so that no count is left without an expiry. It uses only commands that the
// other calls need, too.
const countScript = `
local n = redis.call('GET', KEYS[1])
if n then
	redis.call('SET', KEYS[1], n + ARGV[1], 'KEEPTTL')
elseif tonumber(ARGV[1]) > 0 then
	redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else
	return {0, 0}
end
return {(n or 0) + ARGV[1], redis.call('PTTL', KEYS[1])}`

// Increment implements kv.Store.
func (s *Store) Increment(ctx context.Context, key string, by int, window time.Duration) (int, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	command := s.client.B().Eval().Script(countScript).Numkeys(1).Key(s.prefix+key).
		Arg(strconv.Itoa(by), strconv.FormatInt(milliseconds(window), 10)).Build()
	answer, err := s.client.Do(ctx, command).AsIntSlice()
	if err != nil || len(answer) != 2 {
		return 0, 0, fmt.Errorf("redis increment: %w", cmp.Or(err, errors.New("unexpected answer")))
	}
	return int(answer[0]), time.Duration(answer[1]) * time.Millisecond, nil
}

// Delete implements kv.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.change(ctx, key, s.client.B().Del().Key(s.prefix+key).Build()); err != nil {
		return fmt.Errorf("redis delete: %w", err)
	}
	return nil
}

// Close closes the connections, within about a second. Later calls are errors.
func (s *Store) Close() { s.client.Close() }

// change runs command, which changes key.
//
// The server reports the change after its answer to command, on the same connection, as there is
// only one to each server. So after the answer to a second command, the cached value is gone and a
// later Get sees the change. The second command is one that the store's user may run anyway.
func (s *Store) change(ctx context.Context, key string, command rueidis.Completed) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return s.client.DoMulti(ctx, command, s.client.B().Pttl().Key(s.prefix+key).Build())[0].Error()
}

// milliseconds rounds a positive d up, because the server refuses a lifetime of zero.
func milliseconds(d time.Duration) int64 { return int64((d-1)/time.Millisecond) + 1 }
