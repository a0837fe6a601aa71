package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ocsso/internal/audit"
)

// Limits are how many attempts to log in there may be. Those that succeed don't count.
type Limits struct {
	Counter    Counter
	PerAddress Limit // from one client address; in IPv6 its wider networks have more
	PerMember  Limit // for one usercode from one network, and ten times as many from everywhere
}

// A Limit is how many attempts there may be within a window. The next window starts with the first
// attempt after it.
type Limit struct {
	Count  int
	Window time.Duration
}

// A Counter counts in a place that all replicas share. A kv.Store is one.
type Counter interface {
	// Increment adds by to the count of key and returns the count, and how long it still lasts. The
	// count starts at zero and ends after window.
	Increment(ctx context.Context, key string, by int, window time.Duration) (n int, left time.Duration, err error)
}

// A tooManyError is an attempt over a limit.
type tooManyError struct {
	left time.Duration // until the next attempt
	by   string        // "address_limit" or "member_limit"
}

func (e *tooManyError) Error() string { return "too many login attempts" }

// A bucket counts attempts that belong together.
type bucket struct {
	name  string // no usercode makes it that of another bucket
	limit Limit
	by    string // of the tooManyError
}

// ofAddress are the buckets of r's client. In IPv6 a client may have many networks of 64 bits, so
// the wider ones are counted, too, with a limit for all the clients that may share them.
func (l Limits) ofAddress(r *http.Request) []bucket {
	var buckets []bucket
	limit := l.PerAddress
	for _, network := range networksOf(clientOf(r)) {
		buckets = append(buckets, bucket{"address/" + network.String(), limit, "address_limit"})
		limit.Count *= 4
	}
	return buckets
}

// ofMember are the buckets of a usercode, however it is spelled. Others can't use up the attempts
// from a member's own network, unless they come from very many.
func (l Limits) ofMember(r *http.Request, usercode string) []bucket {
	name, everywhere := audit.Folded(usercode), l.PerMember
	everywhere.Count *= 10
	return []bucket{
		{"network/" + clientNetwork(r).String() + "/" + name, l.PerMember, "member_limit"},
		{"member/" + name, everywhere, "member_limit"},
	}
}

// countAttempt is for a request that asks about what the client has sent: a password, or a cookie,
// a code or a token of somebody else's. It counts in all buckets, or is refused with a
// tooManyError, so that nobody guesses. It stops at the first bucket that is full: a sender who is
// over his own limit uses up nobody else's attempts. Call takeBack when the answer was yes.
// usercode is "" when it is not known.
func (s *server) countAttempt(w http.ResponseWriter, r *http.Request, usercode string, buckets []bucket) error {
	for _, b := range buckets {
		n, left, err := s.limits.increment(r.Context(), b, 1)
		outcome := "out_of_order"
		if err == nil && n > b.limit.Count {
			outcome, err = "held_back", &tooManyError{left, b.by}
		}
		if err != nil {
			s.countLogin(w, r, outcome, usercode, err)
			return err
		}
	}
	return nil
}

// takeBack is for an attempt that was counted and does not count. It outlives the client: whoever
// reloads a page quickly has guessed nothing.
func (l Limits) takeBack(r *http.Request, buckets []bucket) error {
	ctx := context.WithoutCancel(r.Context())
	for _, b := range buckets {
		if _, _, err := l.increment(ctx, b, -1); err != nil {
			return err
		}
	}
	return nil
}

// increment adds by to the count of a bucket. It returns the count, and how long it still lasts.
func (l Limits) increment(ctx context.Context, b bucket, by int) (n int, left time.Duration, err error) {
	sum := sha256.Sum256([]byte(b.name)) // a usercode is personal, and may be any text
	key := "login/" + base64.RawURLEncoding.EncodeToString(sum[:])
	n, left, err = l.Counter.Increment(ctx, key, by, b.limit.Window)
	if err != nil {
		err = unavailable(fmt.Errorf("count login attempts: %w", err))
	}
	return n, left, err
}

// findClient returns the address of r's client: it goes from the peer back along X-Forwarded-For,
// to which each proxy appends whom it was called by, for as long as the caller is a trusted proxy.
// It ends at a proxy when what that has appended can't be read, which is logged once, not for every
// request.
//
// It doesn't read Forwarded (RFC 7239): a proxy that sends one and passes the other on as the
// client wrote it would let clients choose their address.
func (s *server) findClient(w http.ResponseWriter, r *http.Request) netip.Addr {
	client := peerOf(r)
	if r.Header.Get("X-Forwarded-For") != "" && !within(client, s.TrustedProxies) &&
		s.seen.noticed(NoticeProxy, client.String()) {
		s.log.Warn("X-Forwarded-For from an address that is not in server.trusted_proxies: if it is your proxy, all members count as one client",
			"peer", client.String(), "request_id", idOf(w))
	}
	callers := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(callers) {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if !within(client, s.TrustedProxies) {
			break
		}
		caller, ok := parseClient(text)
		if !ok {
			s.unreadable.Do(func() {
				s.log.Warn("X-Forwarded-For has an address that can't be read: the proxy's own is used",
					"proxy", client.String(), "request_id", idOf(w))
			})
			break
		}
		client = caller
	}
	return client
}

// clientOf returns the address that accessLog has found. It has no zone, and IPv4 is never in IPv6
// form.
func clientOf(r *http.Request) netip.Addr {
	if line, ok := r.Context().Value(lineKey{}).(*line); ok {
		return line.client
	}
	return netip.Addr{}
}

// parseClient reads an address as proxies write it: with a port or without (Azure writes one), and
// IPv6 with brackets or without.
func parseClient(text string) (netip.Addr, bool) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return plain(withPort.Addr()), true
	}
	if inside, ok := strings.CutPrefix(text, "["); ok {
		if text, ok = strings.CutSuffix(inside, "]"); !ok {
			return netip.Addr{}, false
		}
	}
	address, err := netip.ParseAddr(text)
	return plain(address), err == nil
}

// peerOf returns the address that r's connection comes from.
func peerOf(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // net/http has written it
	return plain(peer.Addr())
}

// plain turns IPv4 in IPv6 form into IPv4 and removes a zone, because no prefix contains either.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

func within(address netip.Addr, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(address) })
}

// calledFrom reports whether r's connection comes from one of the networks. It ignores headers.
func calledFrom(r *http.Request, networks []netip.Prefix) bool { return within(peerOf(r), networks) }

// networksOf returns the networks that a client may have to itself, the narrowest first: one IPv4
// address, or what providers give a customer in IPv6, where each device has a /64 at the least.
func networksOf(client netip.Addr) []netip.Prefix {
	lengths := []int{64, 56, 48}
	if client.Is4() {
		lengths = []int{32}
	}
	var networks []netip.Prefix
	for _, length := range lengths {
		network, _ := client.Prefix(length) // fails for an address that is not valid
		networks = append(networks, network)
	}
	return networks
}

// clientNetwork returns the network of r's client that stands for one customer of a provider: an
// IPv4 address, or an IPv6 network of 56 bits.
func clientNetwork(r *http.Request) netip.Prefix {
	networks := networksOf(clientOf(r))
	return networks[min(1, len(networks)-1)]
}
