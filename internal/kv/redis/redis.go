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
	"sync"
	"time"

	"github.com/redis/rueidis"
	"golang.org/x/sync/singleflight"

	"ocsso/internal/kv"
)

// timeout bounds every call. The help center waits for the login status, which needs one as a rule.
const timeout = 700 * time.Millisecond

// A Store is a kv.Store on a Redis server, cluster or sentinel set.
//
// A call takes a second at most. When the server stops, calls fail at once, and when it no longer
// answers, within a second. Every call connects again first where it has to, so a server that is
// back is used at once.
//
// The connections may be missing at first, and are replaced where the server at the other end is
// not the master any more.
type Store struct {
	options Options

	mu         sync.Mutex
	client     rueidis.Client // nil until the server is there
	tried      time.Time      // when a client was last replaced, or could not be made
	err        error          // of that
	closed     bool
	connecting singleflight.Group
}

// Get implements kv.Store.
func (s *Store) Get(ctx context.Context, key string) (value []byte, err error) {
	err = s.ask(ctx, "get", func(ctx context.Context, c rueidis.Client) (err error) {
		value, err = c.Do(ctx, c.B().Get().Key(s.options.KeyPrefix+key).Build()).AsBytes()
		return err
	})
	if errors.Is(err, rueidis.Nil) {
		return nil, kv.ErrNotFound
	}
	return value, err
}

// Put implements kv.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	return s.ask(ctx, "put", func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Set().Key(s.options.KeyPrefix+key).Value(rueidis.BinaryString(value)).
			PxMilliseconds(milliseconds(lifetime)).Build()).Error()
	})
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
	err = s.ask(ctx, "replace", func(ctx context.Context, c rueidis.Client) (err error) {
		same, err = c.Do(ctx, c.B().Eval().Script(replaceScript).Numkeys(1).Key(s.options.KeyPrefix+key).
			Arg(rueidis.BinaryString(old), rueidis.BinaryString(value), strconv.FormatInt(milliseconds(lifetime), 10)).Build()).AsBool()
		return err
	})
	return same, err
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
	answer := make([]int64, 2)
	err := s.ask(ctx, "increment", func(ctx context.Context, c rueidis.Client) error {
		numbers, err := c.Do(ctx, c.B().Eval().Script(countScript).Numkeys(1).Key(s.options.KeyPrefix+key).
			Arg(strconv.Itoa(by), strconv.FormatInt(milliseconds(window), 10)).Build()).AsIntSlice()
		if err == nil && copy(answer, numbers) != 2 {
			err = errors.New("unexpected answer")
		}
		return err
	})
	return int(answer[0]), time.Duration(answer[1]) * time.Millisecond, err
}

// Delete implements kv.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.ask(ctx, "delete", func(ctx context.Context, c rueidis.Client) error {
		return c.Do(ctx, c.B().Del().Key(s.options.KeyPrefix+key).Build()).Error()
	})
}

// Probe implements kv.Store. On a cluster it uses keys of slots that are evenly spread, so that
// every node that has a usual share of the slots is asked.
func (s *Store) Probe(ctx context.Context) error {
	return s.ask(ctx, "probe", func(ctx context.Context, c rueidis.Client) error {
		want := rand.Text()
		var sets, gets rueidis.Commands
		for _, key := range probeKeys(c, s.options.KeyPrefix) {
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
