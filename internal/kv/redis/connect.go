package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
	"golang.org/x/sync/singleflight"
)

// connectEvery is how often new connections are made at most, besides those that the client library
// makes again by itself.
const connectEvery = time.Second

// A link has the connections to the server, which may be missing at first, and makes new ones where
// the server at the other end is not the master any more.
type link struct {
	options Options

	mu     sync.Mutex
	client rueidis.Client // nil until the server is there
	tried  time.Time      // when a client was last replaced, or could not be made
	err    error          // of that
	closed bool
	group  singleflight.Group
}

// ask runs f, within timeout. After a failover the old master may live on as a replica, while the
// address leads to the new one: where an answer says so, f runs once more on a new connection.
func (l *link) ask(ctx context.Context, f func(ctx context.Context, c rueidis.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client, err := l.connect(ctx, nil)
	if err != nil {
		return err
	}
	err = f(ctx, client)
	if !isOfAnotherServer(err) {
		return err
	}
	fresh, failed := l.connect(ctx, client)
	if failed != nil {
		return err
	}
	return f(ctx, fresh)
}

// connect returns the client in use, if it isn't the one to replace, or else a new one.
func (l *link) connect(ctx context.Context, replace rueidis.Client) (rueidis.Client, error) {
	l.mu.Lock()
	client, closed := l.client, l.closed
	l.mu.Unlock()
	if closed {
		return nil, rueidis.ErrClosing
	}
	if client != nil && client != replace {
		return client, nil
	}
	select {
	case made := <-l.group.DoChan("", func() (any, error) { return l.replace(client) }):
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
func (l *link) replace(old rueidis.Client) (rueidis.Client, error) {
	l.mu.Lock()
	current, recent, err := l.client, time.Since(l.tried) < connectEvery, l.err
	l.mu.Unlock()
	switch {
	case current != old:
		return current, nil
	case recent && err != nil:
		return nil, err
	case recent:
		return nil, errors.New("a new connection has been tried")
	}
	client, err := l.options.connect()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || old != nil {
		l.tried, l.err = time.Now(), err
	}
	if err != nil {
		return nil, err
	}
	if l.closed {
		client.Close()
		return nil, rueidis.ErrClosing
	}
	l.client = client
	if old != nil {
		go old.Close()
	}
	return client, nil
}

func (l *link) close() {
	l.mu.Lock()
	client := l.client
	l.closed = true
	l.mu.Unlock()
	if client != nil {
		client.Close()
	}
}

// isOfAnotherServer reports whether err says that another server may be the right one to ask, or
// that another call has replaced the client.
func isOfAnotherServer(err error) bool {
	return errors.Is(err, rueidis.ErrClosing) || isAnswer(err, "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN")
}

// isAnswer reports whether err is the server's, with one of these codes. An error of a command in a
// script begins with other words in Redis 6.
func isAnswer(err error, codes ...string) bool {
	var answer *rueidis.RedisError
	if !errors.As(err, &answer) {
		return false
	}
	for _, code := range codes {
		if text := answer.Error(); strings.HasPrefix(text, code+" ") || strings.Contains(text, "-"+code+" ") {
			return true
		}
	}
	return false
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
