// Package redis is a kv.Store on Redis 6 or later, or Valkey: state that several machines share.
//
// It owns the names of the keys, the connections and the cache of answers. The server's
// persistence, replication and memory limit are the operator's.
package redis

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
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
	// replicaTimeout is how long replicas have to confirm a change.
	replicaTimeout = 400 * time.Millisecond
)

// A Store is a kv.Store on a Redis server, cluster or sentinel set. It caches what Get returns
// until the server reports that the key has changed, so repeated reads make no round trip.
//
// A call takes a second at most. The cache ends with its connection: when the server stops, calls
// fail at once, and when it no longer answers, within a second. Every call connects again first
// where it has to, so a server that is back is used at once.
type Store struct {
	client      rueidis.Client
	prefix      string
	minReplicas int
	probeKeys   []string
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
	if isRefusal(err, "OOM") {
		// A server with a full memory refuses all commands within MULTI, which the cache needs.
		value, err = s.client.Do(ctx, s.client.B().Get().Key(s.prefix+key).Build()).AsBytes()
	}
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

// Probe implements kv.Store. On a cluster it uses keys of slots that are evenly spread, so that
// every node that has a usual share of the slots is asked.
func (s *Store) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*timeout)
	defer cancel()
	want := rand.Text()
	var sets, gets rueidis.Commands
	for _, key := range s.probeKeys {
		key := s.prefix + key
		sets = append(sets, s.client.B().Set().Key(key).Value(want).
			PxMilliseconds(milliseconds(kv.ProbeLifetime)).Build())
		gets = append(gets, s.client.B().Get().Key(key).Build())
	}
	for _, result := range s.client.DoMulti(ctx, sets...) {
		if err := result.Error(); err != nil {
			return fmt.Errorf("redis probe: %w", err)
		}
	}
	for _, result := range s.client.DoMulti(ctx, gets...) {
		got, err := result.ToString()
		if err != nil {
			return fmt.Errorf("redis probe: %w", err)
		}
		if got != want {
			return errors.New("redis probe: what was read is not what was written")
		}
	}
	return nil
}

// probeSlots is how many slots of a cluster have a probe key each.
const probeSlots = 64

// newProbeKeys returns the keys for Probe, which no other process uses.
func newProbeKeys(client rueidis.Client, prefix string) []string {
	id := rand.Text()
	if client.Mode() != rueidis.ClientModeCluster {
		return []string{"probe/" + id}
	}
	var keys []string
	seen := map[uint16]bool{}
	// With a prefix like "{ocsso}:" all keys have one slot.
	for i := 0; i < 100*probeSlots && len(keys) < probeSlots; i++ {
		key := fmt.Sprintf("probe/%s/%d", id, i)
		command := client.B().Get().Key(prefix + key).Build()
		const slots = 16384
		if part := command.Slot() / (slots / probeSlots); !seen[part] {
			seen[part] = true
			keys = append(keys, key)
		}
	}
	return keys
}

// change runs command, which changes key.
//
// The server reports the change after its answer to command, on the same connection, as there is
// only one to each server. So after the answer to a second command, the cached value is gone and a
// later Get sees the change. The second command is one that the store's user may run anyway.
func (s *Store) change(ctx context.Context, key string, command rueidis.Completed) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	second := s.client.B().Pttl().Key(s.prefix + key).Build()
	if s.minReplicas == 0 || !kv.IsDurable(ctx) {
		return s.client.DoMulti(ctx, command, second)[0].Error()
	}
	err := s.replicate(ctx, command)
	return cmp.Or(err, s.client.Do(ctx, second).Error())
}

// errTooFewReplicas says that a change is made, and would be lost with the server.
var errTooFewReplicas = errors.New("too few replicas have the change")

// replicate runs command and waits until enough replicas have the change. It needs a connection of
// its own, because WAIT keeps all other commands on a connection waiting.
func (s *Store) replicate(ctx context.Context, command rueidis.Completed) error {
	return s.client.Dedicated(func(own rueidis.DedicatedClient) error {
		wait := own.B().Wait().Numreplicas(int64(s.minReplicas)).Timeout(replicaTimeout.Milliseconds()).Build()
		results := own.DoMulti(ctx, command, wait)
		if err := results[0].Error(); err != nil {
			return err
		}
		n, err := results[1].AsInt64()
		if err != nil {
			return err
		}
		if n < int64(s.minReplicas) {
			return fmt.Errorf("%w: %d, of store.redis.min_replicas %d", errTooFewReplicas, n, s.minReplicas)
		}
		return nil
	})
}

// isRefusal reports whether err is the server's answer with this code.
func isRefusal(err error, code string) bool {
	answer, ok := rueidis.IsRedisErr(err)
	return ok && strings.HasPrefix(answer.Error(), code+" ")
}

// milliseconds rounds a positive d up, because the server refuses a lifetime of zero.
func milliseconds(d time.Duration) int64 { return int64((d-1)/time.Millisecond) + 1 }
