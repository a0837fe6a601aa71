// Package redis is a kv.Store on Redis 6 or later, or Valkey: state that several machines share.
//
// It owns the names of the keys and the connections. The server's persistence, replication and
// memory limit are the operator's.
package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"ocsso/internal/kv"
)

// timeout bounds every call. The help center waits for the login status, which needs one as a rule.
const timeout = 700 * time.Millisecond

// A Store is a kv.Store on a Redis server, cluster or sentinel set.
//
// A call takes a second at most. When the server stops, calls fail at once, and when it no longer
// answers, within a second. Every call connects again first where it has to, so a server that is
// back is used at once.
type Store struct {
	prefix string
	link   link
}

// Get implements kv.Store.
func (s *Store) Get(ctx context.Context, key string) (value []byte, err error) {
	err = s.link.ask(ctx, func(ctx context.Context, c rueidis.Client) (err error) {
		value, err = c.Do(ctx, c.B().Get().Key(s.prefix+key).Build()).AsBytes()
		return err
	})
	if rueidis.IsRedisNil(err) {
		return nil, kv.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("redis get: %w", err)
	}
	return value, nil
}

// Put implements kv.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	err := s.link.ask(ctx, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Set().Key(s.prefix+key).Value(rueidis.BinaryString(value)).
			PxMilliseconds(milliseconds(lifetime)).Build()).Error()
	})
	if err != nil {
		return fmt.Errorf("redis put: %w", err)
	}
	return nil
}

// replaceScript takes "" for no value.
const replaceScript = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

// Replace implements kv.Store.
func (s *Store) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (same bool, err error) {
	err = s.link.ask(ctx, func(ctx context.Context, c rueidis.Client) (err error) {
		same, err = c.Do(ctx, c.B().Eval().Script(replaceScript).Numkeys(1).Key(s.prefix+key).
			Arg(rueidis.BinaryString(old), rueidis.BinaryString(value), strconv.FormatInt(milliseconds(lifetime), 10)).Build()).AsBool()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("redis replace: %w", err)
	}
	return same, nil
}

// countScript is atomic, so that no count is left without an expiry.
const countScript = `
local n = redis.call('GET', KEYS[1])
if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[2]) then
	n = false
end
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
	var answer []int64
	err := s.link.ask(ctx, func(ctx context.Context, c rueidis.Client) (err error) {
		answer, err = c.Do(ctx, c.B().Eval().Script(countScript).Numkeys(1).Key(s.prefix+key).
			Arg(strconv.Itoa(by), strconv.FormatInt(milliseconds(window), 10)).Build()).AsIntSlice()
		if err == nil && len(answer) != 2 {
			err = errors.New("unexpected answer")
		}
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("redis increment: %w", err)
	}
	return int(answer[0]), time.Duration(answer[1]) * time.Millisecond, nil
}

// Delete implements kv.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.link.ask(ctx, func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Del().Key(s.prefix+key).Build()).Error()
	})
	if err != nil {
		return fmt.Errorf("redis delete: %w", err)
	}
	return nil
}

// Close closes the connections, within about a second. Later calls are errors.
func (s *Store) Close() { s.link.close() }

// Probe implements kv.Store. On a cluster it uses keys of slots that are evenly spread, so that
// every node that has a usual share of the slots is asked.
func (s *Store) Probe(ctx context.Context) error {
	err := s.link.ask(ctx, func(ctx context.Context, c rueidis.Client) error {
		want := rand.Text()
		var sets, gets rueidis.Commands
		for _, key := range probeKeys(c, s.prefix) {
			sets = append(sets, c.B().Set().Key(key).Value(want).PxMilliseconds(milliseconds(kv.ProbeLifetime)).Build())
			gets = append(gets, c.B().Get().Key(key).Build())
		}
		for _, result := range c.DoMulti(ctx, sets...) {
			if err := result.Error(); err != nil {
				return err
			}
		}
		for _, result := range c.DoMulti(ctx, gets...) {
			got, err := result.ToString()
			if err != nil {
				return err
			}
			if got != want {
				return errors.New("what was read is not what was written")
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("redis probe: %w", err)
	}
	return nil
}

// probeSlots is how many slots of a cluster have a probe key each.
const probeSlots = 64

// probeKeys returns keys that no other process uses.
func probeKeys(client rueidis.Client, prefix string) []string {
	prefix += "probe/" + rand.Text()
	if client.Mode() != rueidis.ClientModeCluster {
		return []string{prefix}
	}
	var keys []string
	seen := map[uint16]bool{}
	// With a prefix like "{ocsso}:" all keys have one slot.
	for i := 0; i < 100*probeSlots && len(keys) < probeSlots; i++ {
		key := fmt.Sprintf("%s/%d", prefix, i)
		command := client.B().Get().Key(key).Build()
		const slots = 16384
		if part := command.Slot() / (slots / probeSlots); !seen[part] {
			seen[part] = true
			keys = append(keys, key)
		}
	}
	return keys
}

// milliseconds rounds a positive d up, because the server refuses a lifetime of zero.
func milliseconds(d time.Duration) int64 { return int64((d-1)/time.Millisecond) + 1 }
