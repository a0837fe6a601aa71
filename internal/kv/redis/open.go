package redis

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/redis/rueidis"
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
// The user needs the commands HELLO, PING, GET, PTTL, SET, DEL and EVAL on keys with the prefix; for
// a cluster also CLUSTER SLOTS and CLUSTER SHARDS, and behind sentinels ROLE. The sentinels' user
// needs HELLO, PING, SENTINEL SENTINELS, SENTINEL GET-MASTER-ADDR-BY-NAME, SUBSCRIBE and UNSUBSCRIBE
// on all channels.
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
}

const (
	// dialTimeout bounds connecting to a server; the handshake may take as long again.
	dialTimeout = 400 * time.Millisecond
	// A connection without an answer for pingAfter gets a ping, and is closed when pingTimeout
	// passes without a reply. So a dead connection is noticed within a second.
	pingAfter   = 150 * time.Millisecond
	pingTimeout = 400 * time.Millisecond
	// mastersEvery is how often the sentinels are asked for the master, besides their
	// notifications.
	mastersEvery = 2 * time.Second
)

// Open connects to the store, and makes each kind of call once to see that it works. A server that
// can't be reached yet is no error: then calls are errors, and connect, until it is there. An error
// is for what waiting doesn't mend: a password or a certificate that is refused, a user without the
// rights, another kind of server. It says what was tried, without the password. Open takes some
// seconds at most for each address.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{options: o}
	_, err := s.connect(ctx, nil)
	if err == nil {
		if err = s.try(ctx); err != nil {
			err = o.describe(err)
		}
	}
	if err != nil && !passes(err) {
		s.Close()
		return nil, err
	}
	return s, nil
}

// try makes each kind of call once.
func (s *Store) try(ctx context.Context) error {
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
	return s.Delete(ctx, key)
}

// passes reports whether the reason for err may pass without a change of the settings. Not TLS's
// reasons, though the network reports some of them.
func passes(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	if ok && op.Op == "remote error" || errors.As(err, new(*tls.CertificateVerificationError)) {
		return false
	}
	// A proxy in front of a server that hasn't started accepts the connection and closes it.
	return errors.As(err, new(net.Error)) || errors.Is(err, io.EOF) || errors.Is(err, rueidis.ErrNoSlot) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		isOfAnotherServer(err) || isAnswer(err, "OOM", "MISCONF", "BUSY", "NOREPLICAS") ||
		strings.Contains(err.Error(), "ERR max number of clients reached")
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
		DisableCache:      true,
		PipelineMultiplex: -1,   // one connection to each server
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

// String says what the store connects to, and how.
func (o Options) String() string {
	how := []string{string(o.Mode), "without TLS"}
	if o.Mode == Sentinel {
		how[0] += fmt.Sprintf(" with master %q", o.Master)
	}
	if o.TLS != nil {
		how[1] = "with TLS"
	}
	if o.Username != "" {
		how = append(how, fmt.Sprintf("as user %q", o.Username))
	}
	if o.Password == "" {
		how = append(how, "without a password")
	} else {
		how = append(how, "with a password")
	}
	return fmt.Sprintf("redis store at %s (%s)", strings.Join(o.Addresses, ", "), strings.Join(how, ", "))
}

// explain words the client library's errors for an operator.
func explain(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer in time: %w", err)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("it closes the connection: does it want TLS (rediss://), or a certificate of this server, which shows none? %w", err)
	case strings.Contains(err.Error(), "syntax error"): // in countScript
		return fmt.Errorf("the store takes Redis 6 or later, or Valkey: %w", err)
	}
	return err
}
