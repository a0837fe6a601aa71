package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// The limits of a server and its connections.
const (
	readTimeout = 10 * time.Second // for the whole request, header and body
	// longWriteTimeout is for endpoints that only operators and developers reach: a fault of the
	// stand-in help center may take a minute.
	longWriteTimeout = 75 * time.Second
	maxHeaderBytes   = 32 << 10
	// idleTimeout is longer than load balancers keep an idle connection: Google's keep one for 600 s.
	// A request would now and then meet a connection that has just been closed.
	idleTimeout = 620 * time.Second
	// maxStreams is how many requests one HTTP/2 connection may have at a time. A page needs a few,
	// and each takes memory for as long as the client doesn't read its answer.
	maxStreams = 32
	// stopTimeout is for the requests in flight when the process is told to stop.
	stopTimeout = 20 * time.Second
)

// An Endpoint is a handler and the listeners that it serves.
type Endpoint struct {
	Handler      http.Handler
	Listeners    []net.Listener
	WriteTimeout time.Duration // from the request to the end of its answer; 0 is longWriteTimeout
	// OnStop ends requests that would not end by themselves; nil if there are none.
	OnStop func()
}

// server returns the endpoint's server, with the limits for its clients.
func (e Endpoint) server(log *slog.Logger) *http.Server {
	timeout := cmp.Or(e.WriteTimeout, longWriteTimeout)
	return &http.Server{
		Handler:        e.Handler,
		ReadTimeout:    readTimeout,
		WriteTimeout:   timeout,
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
		// In HTTP/2 the write timeout is each stream's. The last one is for a client that stops
		// reading from the connection, where a stream can't be reset.
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: timeout},
		ErrorLog: stdlog.New(serverLog{log}, "", 0),
	}
}

// Serve serves all endpoints until ctx is done or one of them fails. Then it accepts no new
// requests and waits for those in flight.
func Serve(ctx context.Context, log *slog.Logger, endpoints ...Endpoint) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running sync.WaitGroup
	for _, e := range endpoints {
		server := e.server(log)
		if e.OnStop != nil {
			server.RegisterOnShutdown(e.OnStop)
		}
		for _, listener := range e.Listeners {
			running.Go(func() {
				if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
					stop(fmt.Errorf("serve %s: %w", listener.Addr(), err))
				}
			})
		}
		running.Go(func() {
			<-ctx.Done()
			deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
			defer cancel()
			if err := server.Shutdown(deadline); err != nil {
				log.Warn("requests cut short", "error", err)
				server.Close()
			}
		})
	}
	running.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// Listen opens address for http, or for https if config is not nil.
func Listen(address string, config *tls.Config) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil || config == nil {
		return listener, err
	}
	config = config.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	return tls.NewListener(listener, config), nil
}

// ListenError adds the hint that fits to an error of listening at address, which is the value of a
// setting or a flag.
func ListenError(err error, address, setting string) error {
	_, port, _ := net.SplitHostPort(address)
	hint := fmt.Sprintf("is another program on port %s? end it, or choose another port with %s", port, setting)
	unknownHost := (*net.DNSError)(nil)
	switch {
	case errors.Is(err, syscall.EACCES):
		hint = fmt.Sprintf("the system keeps port %s for privileged programs: choose one above 1023 with %s, and let a proxy in front lead to it", port, setting)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.As(err, &unknownHost):
		hint = fmt.Sprintf("this machine doesn't have that address: name one of its own in %s, or write :%s for all of them", setting, port)
	}
	return Failed(err, hint)
}

// ListenLoopback opens port on the IPv4 and the IPv6 loopback address, because browsers try both
// for localhost. Port 0 picks a free one. Without IPv6, it opens IPv4 only.
func ListenLoopback(port int, config *tls.Config) (listeners []net.Listener, chosen int, err error) {
	for range 20 { // a port that is free for IPv4 may be taken for IPv6
		var v4, v6 net.Listener
		if v4, err = Listen(fmt.Sprintf("127.0.0.1:%d", port), config); err != nil {
			return nil, 0, err
		}
		chosen = v4.Addr().(*net.TCPAddr).Port
		if !HasIPv6() {
			return []net.Listener{v4}, chosen, nil
		}
		if v6, err = Listen(fmt.Sprintf("[::1]:%d", chosen), config); err == nil {
			return []net.Listener{v4, v6}, chosen, nil
		}
		v4.Close()
		if port != 0 {
			break
		}
	}
	return nil, 0, err
}

// HasIPv6 reports whether this machine has an IPv6 loopback address.
func HasIPv6() bool {
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	probe.Close()
	return true
}

// Openable is the address of a listener as a browser on this machine opens it: one that listens
// everywhere is reached at 127.0.0.1.
func Openable(listener net.Addr) string {
	address, err := netip.ParseAddrPort(listener.String())
	if err != nil || !address.Addr().IsUnspecified() {
		return listener.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", address.Port())
}
