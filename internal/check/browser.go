package check

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxAnswer is the most bytes of an answer that are read.
const maxAnswer = 1 << 20

// maxRedirects is the longest chain of redirects that a browser of ours follows.
const maxRedirects = 10

// A browser has cookies and follows redirects only when told to. As browsers do on loopback, it sends Secure cookies over
// plain http too.
type browser struct {
	transport http.RoundTripper
	timeout   time.Duration
	now       func() time.Time
	cookies   []cookie
}

// A cookie remembers whom it is for.
type cookie struct {
	http.Cookie
	host string // without a port
}

// An answer is one that was read to its end, or to maxAnswer.
type answer struct {
	url    *url.URL // that was asked
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// A header is one to send.
type header struct{ name, value string }

func (b *browser) get(ctx context.Context, target string, headers ...header) (answer, error) {
	return b.do(ctx, http.MethodGet, target, nil, headers...)
}

// send sends a form as a page of its own site does.
func (b *browser) send(ctx context.Context, f form) (answer, error) {
	if f.method == http.MethodGet {
		target := *f.action
		target.RawQuery = f.values().Encode()
		return b.get(ctx, target.String(), header{"Sec-Fetch-Site", "same-origin"})
	}
	return b.do(ctx, http.MethodPost, f.action.String(), f.values(),
		header{"Origin", originOf(f.action)}, header{"Sec-Fetch-Site", "same-origin"})
}

func (b *browser) do(ctx context.Context, method, target string, values url.Values, headers ...header) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(values.Encode()))
	if err != nil {
		return answer{}, err
	}
	if values != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		req.Header.Set(h.name, h.value)
	}
	for _, c := range b.cookies {
		if c.matches(req.URL.Hostname()) {
			req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	start := b.now()
	resp, err := b.transport.RoundTrip(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, withoutQuery(req.URL), err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, withoutQuery(req.URL), err)
	}
	for _, c := range resp.Cookies() {
		b.keep(req.URL.Hostname(), c)
	}
	return answer{req.URL, resp.StatusCode, resp.Header, body, b.now().Sub(start)}, nil
}

// matches reports whether the cookie is sent to host.
func (c cookie) matches(host string) bool {
	domain := strings.TrimPrefix(c.Domain, ".")
	return c.host == host || domain != "" && strings.HasSuffix("."+host, "."+domain)
}

// keep takes over a cookie that host sets, or deletes.
func (b *browser) keep(host string, c *http.Cookie) {
	b.cookies = slices.DeleteFunc(b.cookies, func(old cookie) bool { return old.Name == c.Name && old.host == host })
	if c.MaxAge < 0 || !c.Expires.IsZero() && !c.Expires.After(b.now()) {
		return
	}
	b.cookies = append(b.cookies, cookie{*c, host})
}

// without is a copy of b that lacks the cookies of a name.
func (b *browser) without(name string) *browser {
	other := *b
	other.cookies = slices.DeleteFunc(slices.Clone(b.cookies), func(c cookie) bool { return c.Name == name })
	return &other
}

// clone is a browser with b's cookies, to do something with behind b's back.
func (b *browser) clone() *browser {
	other := *b
	other.cookies = slices.Clone(b.cookies)
	return &other
}

// follow goes on from a while it redirects within its own origin. The rest of the way is somebody else's.
func (b *browser) follow(ctx context.Context, a answer) (answer, error) {
	for range maxRedirects {
		next, ok := a.location()
		if !ok || originOf(next) != originOf(a.url) {
			return a, nil
		}
		var err error
		if a, err = b.get(ctx, next.String()); err != nil {
			return answer{}, err
		}
	}
	return answer{}, fmt.Errorf("more than %d redirects, the last to %s", maxRedirects, withoutQuery(a.url))
}

// location is where a redirects to.
func (a answer) location() (*url.URL, bool) {
	if a.status < 300 || a.status > 399 || a.header.Get("Location") == "" {
		return nil, false
	}
	next, err := a.url.Parse(a.header.Get("Location"))
	return next, err == nil
}

// String describes the answer for a person: its status, and where it leads or how it begins.
func (a answer) String() string {
	text := fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))
	if location := a.header.Get("Location"); location != "" {
		if u, err := a.url.Parse(location); err == nil {
			location = withoutQuery(u)
		}
		return text + " to " + location
	}
	if a.is("text/html") {
		return text + " with a page"
	}
	if body := bytes.TrimSpace(a.body); len(body) > 0 {
		return text + " with " + string(body)
	}
	return text
}

// is reports whether the answer says that it has the media type.
func (a answer) is(mediaType string) bool {
	got, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && got == mediaType
}

// lists reports whether a comma-separated header has the word, in any case.
func (a answer) lists(name, word string) bool {
	for _, line := range a.header.Values(name) {
		for item := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(item), word) {
				return true
			}
		}
	}
	return false
}

// withoutQuery is where u leads; its query may have a token.
func withoutQuery(u *url.URL) string { return originOf(u) + u.EscapedPath() }

// withQuery is text, a URL that has been validated, with parameters set in its query.
func withQuery(text string, pairs ...header) string {
	u, err := url.Parse(text)
	if err != nil {
		panic(err) // Target.validate has let it through
	}
	query := u.Query()
	for _, p := range pairs {
		query.Set(p.name, p.value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
