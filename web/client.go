package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// findClient returns the address of r's client: the peer's, or behind trusted proxies the one that
// they have seen. An address that can't be read is logged once, not for every request.
//
// It reads X-Forwarded-For. It doesn't read Forwarded (RFC 7239): a proxy that sends one and passes
// the other on as the client wrote it would let clients choose their address.
func (s *server) findClient(w http.ResponseWriter, r *http.Request) netip.Addr {
	if peer := peerOf(r); r.Header.Get("X-Forwarded-For") != "" && !within(peer, s.TrustedProxies) &&
		s.seen.noticed(NoticeProxy, peer.String()) {
		s.log.Warn("X-Forwarded-For from an address that is not in server.trusted_proxies: if it is your proxy, all members count as one client",
			"peer", peer.String(), "request_id", idOf(w))
	}
	client, complete := forwardedClient(r, s.TrustedProxies)
	if !complete {
		s.unreadable.Do(func() {
			s.log.Warn("X-Forwarded-For has an address that can't be read: the proxy's own is used",
				"proxy", client.String(), "request_id", idOf(w))
		})
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

// forwardedClient goes from the peer back along X-Forwarded-For, to which each proxy appends whom
// it was called by, for as long as the caller is a trusted proxy. It is not complete when it ends
// at a proxy, because what that proxy has appended can't be read.
func forwardedClient(r *http.Request, proxies []netip.Prefix) (client netip.Addr, complete bool) {
	client = peerOf(r)
	callers := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(callers) {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if !within(client, proxies) {
			break
		}
		caller, ok := parseClient(text)
		if !ok {
			return client, false
		}
		client = caller
	}
	return client, true
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
