package redis

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"ocsso/internal/kv"
)

// A Mode is how the servers work together.
type Mode string

const (
	Single   Mode = "single"   // one server
	Cluster  Mode = "cluster"  // a Redis Cluster
	Sentinel Mode = "sentinel" // a master that sentinels watch
)

// Options say where the store is. Addresses has at least one item, and Mode is set.
//
// The user needs the commands HELLO, PING, CLIENT TRACKING, CLIENT CACHING, MULTI, EXEC, GET, PTTL,
// SET, DEL and EVAL on keys with the prefix; for a cluster also CLUSTER SLOTS and CLUSTER SHARDS,
// behind sentinels ROLE, and with MinReplicas WAIT. The sentinels' user needs HELLO, PING, CLIENT
// TRACKING, SENTINEL SENTINELS, SENTINEL GET-MASTER-ADDR-BY-NAME, SUBSCRIBE and UNSUBSCRIBE on all
// channels.
type Options struct {
	Addresses []string // host:port; some nodes of a cluster, or the sentinels
	Mode      Mode
	Master    string      // the sentinels' name for the master; only for Sentinel
	TLS       *tls.Config // nil: no TLS; also for sentinels
	Username  string      // empty: the default user
	Password  string      // empty: none
	KeyPrefix string      // starts every key; stores with different prefixes don't see each other
	// SentinelUsername and SentinelPassword are for the sentinels. If both are empty, their default
	// user is taken to have Password.
	SentinelUsername, SentinelPassword string
	// MinReplicas is how many replicas must have a change with kv.Durable before it is answered.
	MinReplicas int
}

const (
	// dialTimeout bounds connecting to a server; the handshake may take as long again.
	dialTimeout = 400 * time.Millisecond
	// A connection without an answer for pingAfter gets a ping, and is closed when pingTimeout
	// passes without a reply. So a dead connection is noticed within a second.
	pingAfter   = 150 * time.Millisecond
	pingTimeout = 400 * time.Millisecond
	// cacheSize is the bytes of cached answers for each server: some ten thousand sessions.
	cacheSize = 64 << 20
	// mastersEvery is how often the sentinels are asked for the master, besides their
	// notifications.
	mastersEvery = 2 * time.Second
)

// Open connects to the store, and writes, reads and deletes a key to see that it works. An error
// says what was tried, without the password. Open takes some seconds at most for each address.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("redis store %s: %w", o.describe(), explain(err))
	}
	return s, nil
}

func open(ctx context.Context, o Options) (*Store, error) {
	if o.Mode != Single && o.Mode != Cluster && o.Mode != Sentinel {
		return nil, fmt.Errorf("mode %q: want %s, %s or %s", o.Mode, Single, Cluster, Sentinel)
	}
	client, err := rueidis.NewClient(o.client())
	if err != nil {
		if client != nil { // it would go on trying to connect
			client.Close()
		}
		return nil, err
	}
	s := &Store{
		client: client, prefix: o.KeyPrefix, minReplicas: o.MinReplicas,
		probeKeys: newProbeKeys(client, o.KeyPrefix),
	}
	if err := s.try(ctx, o.Mode); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// client turns the options into the client library's.
func (o Options) client() rueidis.ClientOption {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAlive: pingAfter}
	option := rueidis.ClientOption{
		InitAddress:       o.Addresses,
		ForceSingleClient: o.Mode == Single,
		TLSConfig:         o.TLS,
		Username:          o.Username,
		Password:          o.Password,
		Dialer:            dialer,
		ConnWriteTimeout:  pingTimeout,
		CacheSizeEachConn: cacheSize,
		PipelineMultiplex: -1,   // one connection to each server: see Store.change
		AlwaysPipelining:  true, // notices at once when a connection ends
		DisableRetry:      true, // a call fails fast, and the caller may repeat it
		// Otherwise the user would need one more command.
		ClientSetInfo: rueidis.DisableClientSetInfo,
	}
	if o.Mode == Sentinel {
		if o.SentinelUsername == "" && o.SentinelPassword == "" {
			o.SentinelPassword = o.Password
		}
		option.Sentinel = rueidis.SentinelOption{
			Dialer:                  dialer,
			TLSConfig:               o.TLS,
			MasterSet:               o.Master,
			Username:                o.SentinelUsername,
			Password:                o.SentinelPassword,
			TopologyRefreshInterval: mastersEvery,
		}
	}
	return option
}

// try makes each kind of call once.
func (s *Store) try(ctx context.Context, mode Mode) error {
	if mode == Cluster && s.client.Mode() != rueidis.ClientModeCluster {
		// The client library takes a server for a single one that doesn't say who has which slot.
		for _, command := range []rueidis.Completed{
			s.client.B().ClusterSlots().Build(), s.client.B().ClusterShards().Build(),
		} {
			if err := s.client.Do(ctx, command).Error(); isRefusal(err, "NOPERM") {
				return err
			}
		}
		return errors.New("the server is not part of a cluster")
	}
	key := "try/" + rand.Text()
	if err := s.Put(ctx, key, nil, time.Second); err != nil {
		return err
	}
	if _, err := s.Get(ctx, key); err != nil {
		return err
	}
	if _, _, err := s.Increment(ctx, key+"/count", 1, time.Second); err != nil {
		return err
	}
	if err := s.Delete(kv.Durable(ctx), key); !errors.Is(err, errTooFewReplicas) {
		return err
	}
	return nil // others can log in until the replicas are there
}

// describe says what the store connects to, and how.
func (o Options) describe() string {
	text := fmt.Sprintf("at %s (%s", strings.Join(o.Addresses, ", "), o.Mode)
	if o.Mode == Sentinel {
		text += fmt.Sprintf(" with master %q", o.Master)
	}
	if o.TLS == nil {
		text += ", without TLS"
	} else {
		text += ", with TLS"
	}
	if o.Username != "" {
		text += fmt.Sprintf(", as user %q", o.Username)
	}
	if o.Password == "" {
		return text + ", without a password)"
	}
	return text + ", with a password)"
}

// explain words the client library's errors for an operator.
func explain(err error) error {
	switch {
	case errors.Is(err, rueidis.ErrNoCache):
		const need = "that takes Redis 6 or later, or Valkey, and a user who may use HELLO and CLIENT TRACKING"
		// Other answers may repeat the password that the server was told.
		if answer, _, _ := strings.Cut(err.Error(), "\n"); strings.HasPrefix(answer, "NOPERM") {
			return fmt.Errorf("the server won't tell of changed keys: %s: %s", need, answer)
		}
		return errors.New("the server won't tell of changed keys: " + need)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer in time: %w", err)
	}
	return err
}
