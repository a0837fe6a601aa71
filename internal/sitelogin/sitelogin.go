// Package sitelogin asks the customer's site who is logged in there. The site answers at one address
// of its own, for the cookies that a member's browser has of it.
//
// It believes the site and stores nothing.
package sitelogin

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"ocsso/internal/member"
)

// Limits of a question.
const (
	maxAnswer  = 64 << 10 // bytes
	maxCookies = 16 << 10 // bytes
	maxAgent   = 512      // bytes
)

var (
	// ErrLoggedOut says that nobody is logged in at the site.
	ErrLoggedOut = errors.New("logged out at the site")
	// ErrUnavailable says that the site gave no answer in time, or one that says neither who is
	// logged in nor that nobody is. The address may be wrong.
	ErrUnavailable = errors.New("the site does not say who is logged in")
	// ErrAnyone is an ErrUnavailable: the site names a member to somebody without a cookie.
	ErrAnyone = fmt.Errorf("%w: it names a member without a cookie, so every visitor would be that member", ErrUnavailable)
	// errNoAnswer is an ErrUnavailable: nothing comes from the site itself.
	errNoAnswer = fmt.Errorf("%w: no answer", ErrUnavailable)
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
	checked atomic.Bool // see Check
}

// New returns a Client with connections of its own. They go to no link-local address, where clouds
// keep their credentials, and through no proxy.
func New(options Options) *Client {
	dialer := &net.Dialer{Timeout: options.Timeout, Control: refuseLinkLocal}
	return &Client{options: options, http: &http.Client{
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
	metadata := ip.WithZone("") == netip.MustParseAddr("fd00:ec2::254") // AWS's service
	if ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() || metadata {
		return fmt.Errorf("connect to %s: a site is not at such an address", address)
	}
	return nil
}

// oneUse is like the names of cookies that log in by themselves, such as remember-me. A site
// changes them at each use, and takes the second use of a value for a theft.
var oneUse = regexp.MustCompile(`(?i)remember|(auto|keep|stay|persistent)[_-]?(me[_-]?)?(log|sign)`)

// passes reports whether a cookie is sent to the site for this purpose.
func (c *Client) passes(purpose Purpose, cookie string) bool {
	name, _, _ := strings.Cut(cookie, "=")
	return slices.Contains(c.options.Cookies, name) && (purpose == Login || !oneUse.MatchString(name))
}

// Source returns what to ask the site with about r, whose client has this address: the browser's
// User-Agent, the address, and the cookies for this purpose byte for byte and in their order, a
// line each. It is "" when there are none.
func (c *Client) Source(r *http.Request, client netip.Addr, purpose Purpose) string {
	var kept []string
	for pair := range strings.SplitSeq(strings.Join(r.Header.Values("Cookie"), ";"), ";") {
		if pair = strings.TrimSpace(pair); c.passes(purpose, pair) {
			kept = append(kept, pair)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	agent := r.UserAgent()
	return agent[:min(len(agent), maxAgent)] + "\n" + client.String() + "\n" + strings.Join(kept, "; ")
}

// Cookies returns the cookies of a Source.
func Cookies(source string) string { return source[strings.LastIndexByte(source, '\n')+1:] }

// An Answer is what the site says.
type Answer struct {
	Member member.Member // zero beside an error
	// SetCookie are the lines of that header that are about the cookies to pass on.
	SetCookie []string
}

// RecheckSource returns the Source for later Rechecks, which knows the cookies that the answer has
// changed. It is "" when no cookie remains.
func (c *Client) RecheckSource(source string, answer Answer) string {
	head, kept := strings.TrimSuffix(source, Cookies(source)), strings.Split(Cookies(source), "; ")
	for _, line := range answer.SetCookie {
		pair, _, _ := strings.Cut(line, ";")
		name, _, _ := strings.Cut(pair, "=")
		kept = slices.DeleteFunc(kept, func(old string) bool { return strings.HasPrefix(old, name+"=") })
		if cookie, err := http.ParseSetCookie(line); err == nil && cookie.Value != "" && cookie.MaxAge >= 0 {
			kept = append(kept, pair)
		}
	}
	kept = slices.DeleteFunc(kept, func(pair string) bool { return !c.passes(Recheck, pair) })
	if len(kept) == 0 {
		return ""
	}
	return head + strings.Join(kept, "; ")
}

// Check asks without a cookie, until the site has answered once that nobody is logged in then. A
// cache in front of the site, or a mistake in it, shows so before it logs strangers in. The error
// is ErrAnyone, or ErrUnavailable where there is no answer.
func (c *Client) Check(ctx context.Context) error {
	if c.checked.Load() {
		return nil
	}
	_, err := c.ask(ctx, "", Login, "")
	switch {
	case err == nil:
		return ErrAnyone
	case errors.Is(err, errNoAnswer):
		return err
	}
	c.checked.Store(true)
	return nil
}

// Ask asks who is logged in, with what Source returned, after a Check. Without cookies it does not
// ask. The error is ErrLoggedOut, with member.ErrGuest where that is why, or ErrUnavailable. It
// contains nothing of the answer.
func (c *Client) Ask(ctx context.Context, source string, purpose Purpose, requestID string) (Answer, error) {
	if source == "" {
		return Answer{}, ErrLoggedOut
	}
	if n := len(Cookies(source)); n > maxCookies {
		return Answer{}, fmt.Errorf("%w: the browser's cookies for it have %d bytes, of at most %d", ErrUnavailable, n, maxCookies)
	}
	if err := c.Check(ctx); err != nil {
		return Answer{}, err
	}
	return c.ask(ctx, source, purpose, requestID)
}

func (c *Client) ask(ctx context.Context, source string, purpose Purpose, requestID string) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.options.URL, nil)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	// Sites bind sessions to both.
	if lines := strings.Split(source, "\n"); len(lines) == 3 {
		r.Header.Set("User-Agent", lines[0])
		r.Header.Set("X-Forwarded-For", lines[1])
	}
	if cookies := Cookies(source); cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Ocsso-Purpose", string(purpose))
	if requestID != "" {
		r.Header.Set("X-Request-Id", requestID)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, maxAnswer))
	if err != nil {
		return Answer{}, fmt.Errorf("%w: read the answer: %w", ErrUnavailable, err)
	}
	answer := Answer{SetCookie: slices.DeleteFunc(resp.Header.Values("Set-Cookie"), func(line string) bool {
		return !c.passes(Login, line)
	})}
	switch {
	case resp.StatusCode == http.StatusOK:
	case resp.StatusCode == http.StatusForbidden && isPage(resp.Header.Get("Content-Type"), body):
		return Answer{}, fmt.Errorf("%w: status 403 with a page, as a firewall answers", ErrUnavailable)
	case slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNoContent}, resp.StatusCode):
		return answer, ErrLoggedOut
	case resp.StatusCode >= http.StatusBadGateway && resp.StatusCode <= http.StatusGatewayTimeout: // a proxy's
		return Answer{}, fmt.Errorf("%w: status %d", errNoAnswer, resp.StatusCode)
	default:
		return Answer{}, fmt.Errorf("%w: status %d", ErrUnavailable, resp.StatusCode)
	}
	answer.Member, _, err = c.options.Fields.InJSON(body)
	if errors.Is(err, member.ErrGuest) {
		return answer, fmt.Errorf("%w: usercode %w", ErrLoggedOut, err)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if answer.Member.UserCode == "" {
		return answer, ErrLoggedOut
	}
	return answer, nil
}

// isPage reports whether a body is for people to read. PHP says text/html where it sends nothing.
func isPage(contentType string, body []byte) bool {
	kind, _, _ := strings.Cut(strings.ToLower(cmp.Or(contentType, http.DetectContentType(body))), ";")
	kind = strings.TrimSpace(kind)
	return len(bytes.TrimSpace(body)) > 0 && (kind == "text/html" || strings.HasSuffix(kind, "xml"))
}
