package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// connectEvery is how often new connections are made at most, besides those that the client library
// makes again by itself.
const connectEvery = time.Second

// errTried is why a call does not connect again.
var errTried = errors.New("a new connection has been tried")

// ask runs f, within timeout. After a failover the old master may live on as a replica, while the
// address leads to the new one: where an answer says so, f runs once more on a new connection.
func (s *Store) ask(ctx context.Context, what string, f func(ctx context.Context, c rueidis.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client, err := s.connect(ctx, nil)
	if err == nil {
		err = f(ctx, client)
	}
	if client != nil && isOfAnotherServer(err) {
		if fresh, failed := s.connect(ctx, client); failed == nil {
			err = f(ctx, fresh)
		}
	}
	if err != nil {
		return fmt.Errorf("redis %s: %w", what, err)
	}
	return nil
}

// connect returns the client in use, if it isn't the one to replace, or else a new one.
func (s *Store) connect(ctx context.Context, replace rueidis.Client) (rueidis.Client, error) {
	s.mu.Lock()
	client, closed := s.client, s.closed
	s.mu.Unlock()
	if closed {
		return nil, rueidis.ErrClosing
	}
	if client != nil && client != replace {
		return client, nil
	}
	select {
	case made := <-s.connecting.DoChan("", func() (any, error) { return s.replace(client) }):
		if made.Err != nil {
			return nil, made.Err
		}
		return made.Val.(rueidis.Client), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// replace puts a new client in the place of old, which is nil at first. What old was asked is
// answered.
func (s *Store) replace(old rueidis.Client) (rueidis.Client, error) {
	s.mu.Lock()
	current, recent, err := s.client, time.Since(s.tried) < connectEvery, s.err
	s.mu.Unlock()
	if current != old {
		return current, nil
	}
	if recent {
		return nil, err
	}
	client, err := s.options.connect()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || old != nil {
		s.tried, s.err = time.Now(), cmp.Or(err, errTried)
	}
	if err != nil {
		return nil, err
	}
	if s.closed {
		client.Close()
		return nil, rueidis.ErrClosing
	}
	s.client = client
	if old != nil {
		go old.Close()
	}
	return client, nil
}

// Close closes the connections, within about a second. Later calls are errors. It returns nil.
func (s *Store) Close() error {
	s.mu.Lock()
	client := s.client
	s.closed = true
	s.mu.Unlock()
	if client != nil {
		client.Close()
	}
	return nil
}

// isOfAnotherServer reports whether err says that another server may be the right one to ask, or
// that another call has replaced the client.
func isOfAnotherServer(err error) bool {
	return errors.Is(err, rueidis.ErrClosing) || isAnswer(err, "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN")
}

// isAnswer reports whether err is the server's, with one of these codes. An error of a command in a
// script begins with other words in Redis 6.
func isAnswer(err error, codes ...string) bool {
	answer, ok := errors.AsType[*rueidis.RedisError](err)
	return ok && slices.ContainsFunc(codes, func(code string) bool {
		return strings.HasPrefix(answer.Error(), code+" ") || strings.Contains(answer.Error(), "-"+code+" ")
	})
}

// connect makes a client, in some seconds at most for each address. An error says what was tried,
// without the password.
func (o Options) connect() (rueidis.Client, error) {
	client, err := rueidis.NewClient(o.client())
	if err == nil && o.Mode == Cluster && client.Mode() != rueidis.ClientModeCluster {
		err = whyNoCluster(client)
	}
	if err != nil {
		if client != nil { // it would go on trying to connect
			client.Close()
		}
		return nil, o.describe(err)
	}
	return client, nil
}

// whyNoCluster returns the reason why the client library takes the server for a single one: it
// doesn't say who has which slot.
func whyNoCluster(client rueidis.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for _, command := range []rueidis.Completed{
		client.B().ClusterSlots().Build(), client.B().ClusterShards().Build(),
	} {
		if err := client.Do(ctx, command).Error(); isAnswer(err, "NOPERM") {
			return err
		}
	}
	return errors.New("the server is not part of a cluster")
}

// describe adds to err where the store is.
func (o Options) describe(err error) error { return fmt.Errorf("%s: %w", o, explain(err)) }
