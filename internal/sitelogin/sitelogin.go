// Package sitelogin asks the customer's site who is logged in there. The site answers at one address
// of its own, for the cookies that a member's browser has of it.
//
// It believes the site and stores nothing.
package sitelogin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"ocsso/internal/member"
)

// Limits of a question.
const (
	maxAnswer  = 64 << 10 // bytes
	maxCookies = 8 << 10  // bytes
)

var (
	// ErrLoggedOut says that nobody is logged in at the site.
	ErrLoggedOut = errors.New("logged out at the site")
	// ErrUnavailable says that the site gave no answer in time, or one that says neither who is
	// logged in nor that nobody is. The address may be wrong.
	ErrUnavailable = errors.New("the site does not say who is logged in")
)

// Purpose tells the site why it is asked, so that it need not prolong a session for a Recheck.
type Purpose string

// The purposes.
const (
	Login   Purpose = "login"
	Recheck Purpose = "recheck"
)

// Options are where and how to ask. All are required.
type Options struct {
	URL     string   // http or https
	Cookies []string // the names of the site's cookies; no others are passed on
	Fields  member.Names
	Timeout time.Duration // of a question, with the reading of the answer
}

// A Client asks one site. It is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client
}

// New returns a Client with connections of its own. They go to no link-local address, where clouds
// keep their credentials, and through no proxy.
func New(options Options) *Client {
	dialer := &net.Dialer{Timeout: options.Timeout, Control: refuseLinkLocal}
	return &Client{options, &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxAnswer,
		},
		Timeout: options.Timeout,
		// A redirect would take the member's cookies elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// refuseLinkLocal is a net.Dialer's Control: it sees the address after name resolution.
func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", address, err)
	}
	ip := to.Addr().Unmap()
	metadata := netip.MustParseAddr("fd00:ec2::254") // AWS's instance metadata service
	if ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() || ip.WithZone("") == metadata {
		return fmt.Errorf("connect to %s: a site is not at such an address", address)
	}
	return nil
}

// Cookies returns the site's cookies in r, byte for byte and in their order, as a Cookie header. It
// is "" when there are none, or too many to be the site's.
func (c *Client) Cookies(r *http.Request) string {
	var kept []string
	for _, header := range r.Header.Values("Cookie") {
		for pair := range strings.SplitSeq(header, ";") {
			pair = strings.TrimSpace(pair)
			name, _, _ := strings.Cut(pair, "=")
			if slices.Contains(c.options.Cookies, name) {
				kept = append(kept, pair)
			}
		}
	}
	cookies := strings.Join(kept, "; ")
	if len(cookies) > maxCookies {
		return ""
	}
	return cookies
}

// Ask asks who is logged in with these cookies, which are what Cookies returned. Without cookies it
// does not ask. The error is ErrLoggedOut or ErrUnavailable. It contains nothing of the answer.
func (c *Client) Ask(ctx context.Context, cookies string, purpose Purpose, requestID string) (member.Member, error) {
	if cookies == "" {
		return member.Member{}, ErrLoggedOut
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.options.URL, nil)
	if err != nil {
		return member.Member{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Cookie", cookies)
	r.Header.Set("X-Ocsso-Purpose", string(purpose))
	if requestID != "" {
		r.Header.Set("X-Request-Id", requestID)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return member.Member{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNoContent:
		return member.Member{}, ErrLoggedOut
	default:
		return member.Member{}, fmt.Errorf("%w: status %d", ErrUnavailable, resp.StatusCode)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, maxAnswer))
	if err != nil {
		return member.Member{}, fmt.Errorf("%w: read the answer: %w", ErrUnavailable, err)
	}
	who, err := c.options.Fields.InJSON(body)
	if err != nil {
		return member.Member{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if who.UserCode == "" {
		return member.Member{}, ErrLoggedOut
	}
	return who, nil
}
