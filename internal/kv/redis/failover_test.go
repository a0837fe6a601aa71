package redis_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/redis/redistest"
)

// An endpoint is an address that leads to one server after the other, as a cloud's does. Its
// connections stay with the server that they began with.
type endpoint struct {
	address string
	server  atomic.Pointer[redistest.Server] // of new connections
	made    atomic.Int64                     // connections
}

func newEndpoint(t *testing.T, server *redistest.Server) *endpoint {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	e := &endpoint{address: listener.Addr().String()}
	e.server.Store(server)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			e.made.Add(1)
			go pass(conn, e.server.Load().Address)
		}
	}()
	return e
}

func pass(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	go func() {
		defer server.Close()
		io.Copy(server, client)
	}()
	io.Copy(client, server)
}

// startPair runs a master with the key "key" and its replica, which has it, too.
func startPair(t *testing.T, settings ...string) (master, replica *redistest.Server) {
	t.Helper()
	master = redistest.Start(t, append(settings, "--repl-diskless-sync-delay", "0")...)
	host, port, _ := strings.Cut(master.Address, ":")
	replica = redistest.Start(t, "--replicaof", host, port)
	master.Tell("SET", "key", "value", "EX", "3600")
	until(t, "the replica has the key", func() bool { return replica.Ask("GET", "key") == "value" })
	return master, replica
}

// swap makes the replica the master of its master.
func swap(t *testing.T, master, replica *redistest.Server) {
	t.Helper()
	host, port, _ := strings.Cut(replica.Address, ":")
	replica.Tell("REPLICAOF", "NO", "ONE")
	master.Tell("REPLICAOF", host, port)
}

func TestNoCallFailsWhenTheEndpointMovesToTheNewMaster(t *testing.T) {
	for _, call := range []string{"put", "replace", "increment", "delete", "probe"} {
		t.Run(call, func(t *testing.T) {
			master, replica := startPair(t)
			e := newEndpoint(t, master)
			s := open(t, &redistest.Server{Address: e.address}, redis.Options{})
			want(t, s, "key", "value")
			swap(t, master, replica)
			e.server.Store(replica) // the connection to the old master lives on
			var group sync.WaitGroup
			for range 20 {
				group.Go(func() {
					if err := calls(s, "key")[call](); err != nil {
						t.Errorf("got %v, want no error", err)
					}
				})
			}
			group.Wait()
			put(t, s, "new", "value")
			if got := replica.Ask("GET", "new"); got != "value" {
				t.Errorf("got %q at the new master, want the value", got)
			}
			if got, want := e.made.Load(), int64(2); got != want {
				t.Errorf("got %d connections, want %d", got, want)
			}
		})
	}
}

func TestAServerThatCannotAnswerReadsIsLeft(t *testing.T) {
	for reason, fail := range map[string]func(t *testing.T, master *redistest.Server){
		"MASTERDOWN": func(t *testing.T, master *redistest.Server) {
			master.Tell("CONFIG", "SET", "replica-serve-stale-data", "no")
			master.Tell("REPLICAOF", "127.0.0.1", "1")
		},
		"LOADING": func(t *testing.T, master *redistest.Server) {
			master.Tell("CONFIG", "SET", "loading-process-events-interval-bytes", "1024")
			master.Tell("CONFIG", "SET", "key-load-delay", "3000")
			master.Tell("DEBUG", "POPULATE", "10000")
			go master.Ask("DEBUG", "RELOAD")
		},
	} {
		t.Run(reason, func(t *testing.T) {
			master, other := startPair(t, "--enable-debug-command", "yes")
			other.Tell("REPLICAOF", "NO", "ONE")
			e := newEndpoint(t, master)
			s := open(t, &redistest.Server{Address: e.address}, redis.Options{})
			fail(t, master)
			until(t, reason, func() bool { return strings.HasPrefix(master.Ask("GET", "key"), reason) })
			e.server.Store(other)
			want(t, s, "key", "value")
		})
	}
}

func TestAnEndpointThatStaysWithAReplicaIsAskedAnewOnceASecond(t *testing.T) {
	master, replica := startPair(t)
	e := newEndpoint(t, master)
	s := open(t, &redistest.Server{Address: e.address}, redis.Options{})
	swap(t, master, replica)
	start := time.Now()
	for i := range 1000 {
		if err := s.Put(context.Background(), "key", nil, time.Hour); err == nil || !strings.Contains(err.Error(), "READONLY") {
			t.Fatalf("put %d: got %v, want READONLY", i, err)
		}
		if _, err := s.Get(context.Background(), "key"); err != nil {
			t.Fatalf("get %d: got %v, want no error", i, err)
		}
	}
	if got, most := e.made.Load(), 2+int64(time.Since(start)/time.Second); got > most {
		t.Errorf("got %d connections after %v, want %d at most", got, time.Since(start), most)
	}
	e.server.Store(replica)
	until(t, "the new master is found", func() bool { return s.Put(context.Background(), "key", nil, time.Hour) == nil })
}

func TestACallDuringADoomedReplacementIsAnError(t *testing.T) {
	master, replica := startPair(t)
	e := newEndpoint(t, master)
	s := open(t, &redistest.Server{Address: e.address}, redis.Options{})
	swap(t, master, replica)
	replica.Kill()
	e.server.Store(replica)
	if err := s.Put(context.Background(), "key", nil, time.Hour); err == nil || !strings.Contains(err.Error(), "READONLY") {
		t.Errorf("got %v, want READONLY", err)
	}
	want(t, s, "key", "value") // the old one still answers
	s.Close()
	if err := s.Put(context.Background(), "key", nil, time.Hour); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after Close: got %v, want an error at once", err)
	}
}
