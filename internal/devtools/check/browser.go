package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// maxBody is how many bytes of an answer or of a call are read.
const maxBody = 1 << 20

// maxRedirects is how many redirects in a row a browser follows.
const maxRedirects = 20

// A browser keeps cookies. It follows redirects only within the integration.
type browser struct {
	transport http.RoundTripper
	timeout   time.Duration
	now       func() time.Time
	patience  *patience
	origins   []string // of the integration, besides the one that an answer comes from
	jar       jar

	tab *tab // of Chromium; nil until a page is opened there
}

// patience is how long a run still waits for a server that limits requests.
type patience struct{ left time.Duration }

// errLimited is the error of a request that the integration answers with 429, time and again.
var errLimited = errors.New("429 Too Many Requests")

// An answer has a body of at most maxBody bytes.
type answer struct {
	url    *url.URL // of the request
	method string   // of the request
	status int
	header http.Header
	body   []byte
	took   time.Duration
	// hops are the URLs that the redirects before this answer led to. The last one is where this
	// answer redirects to.
	hops []*url.URL

	rendered
}

// rendered is what Chromium shows, for an answer that comes from there. The body is then the page
// after its scripts, in UTF-8.
type rendered struct {
	inChromium bool
	shown      string   // the text that is visible
	charset    string   // of the page
	messages   []string // alerts and errors
	sent       *sent    // where the page has left to, if it has
	fetched    bool     // a script called the help center's remote.json
	leaked     bool     // the password was in a URL
	step       int      // of the tab
}

// A header is a request header, or a query parameter for withQuery.
type header struct{ name, value string }

// A request is one that a browser sends.
type request struct {
	method, target    string
	body, contentType string
	headers           []header
}

func (b *browser) get(ctx context.Context, target string, headers ...header) (answer, error) {
	return b.do(ctx, request{method: http.MethodGet, target: target, headers: headers})
}

// page is the header of a request for a page.
var page = header{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

// open gets target as if somebody had typed it, and follows where it leads within the integration.
// An integration that stops login loops can tell that the help center sends nobody back.
func (b *browser) open(ctx context.Context, target string) (answer, error) {
	return b.navigate(ctx, request{method: http.MethodGet, target: target}, "none")
}

// submit sends a form with the headers of a page on the same site, and follows where it leads.
func (b *browser) submit(ctx context.Context, f form) (answer, error) {
	r := f.request()
	if f.method == http.MethodPost {
		r.headers = []header{{"Origin", originOf(f.page)}}
	}
	return b.navigate(ctx, r, "same-origin")
}

// navigate sends a request that comes from the given Sec-Fetch-Site, and follows redirects, meta
// refreshes and literal locations in scripts as long as they stay within the integration.
func (b *browser) navigate(ctx context.Context, r request, site string) (answer, error) {
	fetch := []header{page, {"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}}
	r.headers = append(r.headers, fetch...)
	var hops []*url.URL
	for range maxRedirects {
		a, err := b.do(ctx, r)
		if err != nil {
			return answer{}, err
		}
		next, redirected := a.location()
		if redirected {
			hops = append(hops, next)
		}
		a.hops = hops
		if !redirected {
			next, _ = a.goesOn()
		}
		if next == nil || !b.stays(a.url, next) {
			return a, nil
		}
		if !redirected || !keepsMethod(a.status) {
			r = request{method: http.MethodGet, headers: fetch}
		}
		r.target = next.String()
	}
	return answer{}, fmt.Errorf("more than %d redirects, the last to %s", maxRedirects, r.target)
}

// keepsMethod reports whether a redirect repeats a post.
func keepsMethod(status int) bool {
	return status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
}

// stays reports whether next is within the integration.
func (b *browser) stays(from, next *url.URL) bool {
	origin := originOf(next)
	return origin == originOf(from) || slices.Contains(b.origins, origin)
}

// do sends a request. It waits and tries again when the server answers with 429.
func (b *browser) do(ctx context.Context, r request) (answer, error) {
	return b.patiently(ctx, func() (answer, error) { return b.send(ctx, r) })
}

// patiently calls ask until the answer is not 429.
func (b *browser) patiently(ctx context.Context, ask func() (answer, error)) (answer, error) {
	for {
		a, err := ask()
		if err != nil || a.status != http.StatusTooManyRequests {
			return a, err
		}
		wait := a.retryAfter(b.now())
		if wait > b.patience.left {
			return answer{}, errLimited
		}
		b.patience.left -= wait
		if err := pause(ctx, wait); err != nil {
			return answer{}, err
		}
	}
}

// retryAfter returns how long an answer with 429 asks to wait.
func (a answer) retryAfter(now time.Time) time.Duration {
	wait := 10 * time.Second
	value := a.header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return max(wait, time.Second)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (b *browser) send(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, r.target, strings.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (compatible; ocdev check)")
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	for _, h := range r.headers {
		req.Header.Set(h.name, h.value)
	}
	if cookies := b.jar.headerFor(req.URL, b.now()); cookies != "" {
		req.Header.Set("Cookie", cookies)
	}
	start := b.now()
	resp, err := b.transport.RoundTrip(req)
	var body []byte
	if err == nil {
		defer resp.Body.Close()
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody))
	}
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", r.method, withoutQuery(req.URL), err)
	}
	b.jar.setFrom(req.URL, resp.Header, b.now())
	return answer{url: req.URL, method: r.method, status: resp.StatusCode, header: resp.Header, body: body, took: b.now().Sub(start)}, nil
}

// clone returns a copy with the same cookies. The cookies of the two then change independently.
func (b *browser) clone() *browser {
	other := *b
	other.tab = nil
	other.jar.cookies = slices.Clone(b.jar.cookies)
	return &other
}

// withCookies returns a copy of b that keeps the cookies for which keep is true.
func (b *browser) withCookies(keep func(cookie) bool) *browser {
	other := b.clone()
	other.jar.cookies = slices.DeleteFunc(other.jar.cookies, func(c cookie) bool { return !keep(c) })
	return other
}

// location returns the URL that a redirects to.
func (a answer) location() (*url.URL, bool) {
	if a.status < 300 || a.status > 399 || a.header.Get("Location") == "" {
		return nil, false
	}
	next, err := a.url.Parse(a.header.Get("Location"))
	return next, err == nil
}

// leadsTo returns the URL to which a browser goes on from this answer by itself.
func (a answer) leadsTo() (*url.URL, bool) {
	if next, ok := a.location(); ok {
		return next, true
	}
	return a.goesOn()
}

// combined returns a header as Fetch reads it: all lines, joined.
func (a answer) combined(name string) string { return strings.Join(a.header.Values(name), ", ") }

// String describes the answer for a report: its status and its Location or body.
func (a answer) String() string {
	text := fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))
	if a.inChromium && a.sent != nil {
		return a.rendered.String()
	} else if a.inChromium {
		return text + "; " + a.rendered.String()
	}
	if location := a.header.Get("Location"); location != "" {
		if u, err := a.url.Parse(location); err == nil {
			location = withoutQuery(u)
		}
		return text + " to " + location
	}
	if a.is("text/html") && a.hasTags() {
		return text + " with a page"
	}
	if body := strings.TrimSpace(string(a.body)); body != "" {
		return text + " with " + strings.ReplaceAll(body, "\ufeff", "<BOM>")
	}
	return text + " with an empty body"
}

// String says what Chromium shows.
func (r rendered) String() string {
	if r.sent != nil {
		return "the browser went on by " + r.sent.method + " to " + withoutQuery(r.sent.url)
	}
	text := "the browser showed: " + cmp.Or(r.shown, "an empty page")
	if len(r.messages) > 0 {
		text += "; and said: " + strings.Join(r.messages, "; ")
	}
	return text
}

// hasTags reports whether the body looks like HTML and not like JSON that is called HTML.
func (a answer) hasTags() bool { return strings.HasPrefix(strings.TrimSpace(string(a.body)), "<") }

// is reports whether the Content-Type is mediaType, with any parameters.
func (a answer) is(mediaType string) bool {
	got, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && got == mediaType
}

// lists reports whether a comma-separated header contains the word, ignoring case.
func (a answer) lists(name, word string) bool {
	for item := range strings.SplitSeq(a.combined(name), ",") {
		if strings.EqualFold(strings.TrimSpace(item), word) {
			return true
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

// withQuery adds parameters to the query of a URL that Target.validate has accepted, as the help
// center's script does it.
func withQuery(text string, parameters ...header) string {
	u := mustParse(text)
	for _, p := range parameters {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += p.name + "=" + signing.EncodeURIComponent(p.value)
	}
	return u.String()
}
