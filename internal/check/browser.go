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

// maxBody is how many bytes of an answer or of a call are read.
const maxBody = 1 << 20

// maxRedirects is how many redirects in a row a browser follows.
const maxRedirects = 10

// A browser keeps cookies, and follows redirects only by follow. It sends Secure cookies over plain
// http too, as real browsers do on loopback.
type browser struct {
	transport http.RoundTripper
	timeout   time.Duration
	now       func() time.Time
	cookies   []cookie
}

// A cookie is stored with the host that set it.
type cookie struct {
	http.Cookie
	host string // without a port
}

// An answer has a body of at most maxBody bytes.
type answer struct {
	url    *url.URL // of the request
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// A header is a request header, or a query parameter for withQuery.
type header struct{ name, value string }

func (b *browser) get(ctx context.Context, target string, headers ...header) (answer, error) {
	return b.do(ctx, http.MethodGet, target, nil, headers...)
}

// open gets target and follows redirects on its origin.
func (b *browser) open(ctx context.Context, target string) (answer, error) {
	a, err := b.get(ctx, target)
	if err != nil {
		return answer{}, err
	}
	return b.follow(ctx, a)
}

// submit sends a form with the headers of a page on the same site, and follows redirects on its
// origin.
func (b *browser) submit(ctx context.Context, f form) (answer, error) {
	target, values := *f.action, f.values()
	headers := []header{{"Sec-Fetch-Site", "same-origin"}}
	if f.method == http.MethodGet {
		target.RawQuery, values = values.Encode(), nil
	} else {
		headers = append(headers, header{"Origin", originOf(f.action)})
	}
	a, err := b.do(ctx, f.method, target.String(), values, headers...)
	if err != nil {
		return answer{}, err
	}
	return b.follow(ctx, a)
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
		if c.isFor(req.URL.Hostname()) {
			req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	start := b.now()
	resp, err := b.transport.RoundTrip(req)
	var body []byte
	if err == nil {
		defer resp.Body.Close()
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody))
	}
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, withoutQuery(req.URL), err)
	}
	for _, c := range resp.Cookies() {
		b.setCookie(req.URL.Hostname(), c)
	}
	return answer{req.URL, resp.StatusCode, resp.Header, body, b.now().Sub(start)}, nil
}

// isFor reports whether the cookie is sent to host.
func (c cookie) isFor(host string) bool {
	domain := strings.TrimPrefix(c.Domain, ".")
	return c.host == host || domain != "" && strings.HasSuffix("."+host, "."+domain)
}

// setCookie stores a cookie that host set, or deletes it when it has expired.
func (b *browser) setCookie(host string, c *http.Cookie) {
	b.cookies = slices.DeleteFunc(b.cookies, func(old cookie) bool { return old.Name == c.Name && old.host == host })
	if c.MaxAge < 0 || !c.Expires.IsZero() && !c.Expires.After(b.now()) {
		return
	}
	b.cookies = append(b.cookies, cookie{*c, host})
}

// clone returns a copy with the same cookies. The cookies of the two then change independently.
func (b *browser) clone() *browser {
	other := *b
	other.cookies = slices.Clone(b.cookies)
	return &other
}

// withoutCookie returns a copy of b without the cookies of this name.
func (b *browser) withoutCookie(name string) *browser {
	other := b.clone()
	other.cookies = slices.DeleteFunc(other.cookies, func(c cookie) bool { return c.Name == name })
	return other
}

// follow follows redirects that stay on the origin of a, and returns the first other answer.
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

// location returns the URL that a redirects to.
func (a answer) location() (*url.URL, bool) {
	if a.status < 300 || a.status > 399 || a.header.Get("Location") == "" {
		return nil, false
	}
	next, err := a.url.Parse(a.header.Get("Location"))
	return next, err == nil
}

// String describes the answer for a report: its status and its Location or body.
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

// is reports whether the Content-Type is mediaType, with any parameters.
func (a answer) is(mediaType string) bool {
	got, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && got == mediaType
}

// lists reports whether a comma-separated header contains the word, ignoring case.
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

// withoutQuery returns u without its query, which may have a token.
func withoutQuery(u *url.URL) string { return originOf(u) + u.EscapedPath() }

// mustParse parses a URL that Target.validate has accepted.
func mustParse(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

// withQuery sets parameters in the query of a URL that Target.validate has accepted.
func withQuery(text string, parameters ...header) string {
	u := mustParse(text)
	query := u.Query()
	for _, p := range parameters {
		query.Set(p.name, p.value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
