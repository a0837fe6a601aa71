package check

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
)

const (
	maxBody      = 4 << 20 // bytes of an answer that are read
	maxRedirects = 10
)

type header struct{ name, value string }

type request struct {
	method, url string
	headers     []header
	body        []byte
	cookies     jar
}

// An answer is what came of a request.
type answer struct {
	url, method string
	status      int
	header      http.Header
	body        []byte
	took        time.Duration
	cookies     jar // those of the request, and what the answer set
	hops        int // redirects that were followed
}

// A jar holds cookies. A browser's own rules, such as SameSite, are the browser's to show.
type jar []*http.Cookie

// with returns the jar with one more cookie, or without it if that has expired.
func (j jar) with(set *http.Cookie) jar {
	same := func(c *http.Cookie) bool { return c.Name == set.Name && c.Domain == set.Domain && c.Path == set.Path }
	kept := slices.DeleteFunc(slices.Clone(j), same)
	if set.MaxAge < 0 || !set.Expires.IsZero() && set.Expires.Before(time.Now()) {
		return kept
	}
	return append(kept, set)
}

func (j jar) without(name string) jar {
	return slices.DeleteFunc(slices.Clone(j), func(c *http.Cookie) bool { return c.Name == name })
}

func (j jar) header(u *url.URL) string {
	var pairs []string
	for _, c := range j {
		host, wide := strings.CutPrefix(c.Domain, ".")
		path := cmp.Or(c.Path, "/")
		onHost := u.Hostname() == host || wide && strings.HasSuffix(u.Hostname(), "."+host)
		onPath := u.Path == path || strings.HasPrefix(cmp.Or(u.Path, "/"), strings.TrimSuffix(path, "/")+"/")
		if onHost && onPath {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

// get asks for a URL once, following no redirect. Without cookies it asks as a guest.
func (r *run) get(target string, cookies jar, headers ...header) (answer, error) {
	return r.do(request{method: http.MethodGet, url: target, headers: headers, cookies: cookies})
}

// do sends a request. An integration that limits requests (429) is waited for within the run's
// patience.
func (r *run) do(req request) (answer, error) {
	for {
		a, err := r.once(req)
		if err != nil || a.status != http.StatusTooManyRequests {
			return a, err
		}
		seconds, _ := strconv.Atoi(a.header.Get("Retry-After"))
		rest := max(time.Duration(seconds)*time.Second, time.Second)
		if r.waited+rest > r.target.Patience {
			return a, errLimited
		}
		r.waited += rest
		if err := r.pause(rest); err != nil {
			return a, err
		}
	}
}

var errLimited = skip("the integration limits requests (429 Too Many Requests): wait a minute and run again, or run fewer cases with --only",
	"연동 서버가 요청 수를 제한합니다(429 Too Many Requests). 잠시 후 다시 실행하거나 --only로 일부만 실행하세요")

func (r *run) pause(d time.Duration) error {
	select {
	case <-r.ctx.Done():
		return r.ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (r *run) once(req request) (answer, error) {
	ctx, cancel := context.WithTimeout(r.ctx, r.target.Timeout)
	defer cancel()
	u, err := url.Parse(req.url)
	if err != nil {
		return answer{}, err
	}
	u.Fragment, u.RawFragment = "", ""
	message, err := http.NewRequestWithContext(ctx, req.method, u.String(), bytes.NewReader(req.body))
	if err != nil {
		return answer{}, err
	}
	// As browsers do: some sites end a session whose User-Agent changes.
	message.Header.Set("User-Agent", cmp.Or(r.target.UserAgent, r.userAgent, "Mozilla/5.0 (ocdev check)"))
	message.Header.Set("Accept", "text/html,application/json;q=0.9,*/*;q=0.8")
	for _, h := range req.headers {
		message.Header.Set(h.name, h.value)
	}
	if pairs := req.cookies.header(u); pairs != "" {
		message.Header.Set("Cookie", pairs)
	}
	began := time.Now()
	response, err := r.transport.RoundTrip(message)
	if err != nil {
		if u.RawQuery != "" { // has tokens
			u.RawQuery = "..."
		}
		return answer{}, fmt.Errorf("%s %s: %w", req.method, u, err)
	}
	defer response.Body.Close()
	a := answer{url: req.url, method: req.method, status: response.StatusCode, header: response.Header, cookies: req.cookies}
	a.body, err = io.ReadAll(io.LimitReader(response.Body, maxBody))
	a.took = time.Since(began)
	if err != nil {
		return a, fmt.Errorf("%s %s: %w", req.method, withoutQuery(req.url), err)
	}
	for _, c := range response.Cookies() {
		if c.Domain = strings.TrimPrefix(c.Domain, "."); c.Domain == "" {
			c.Domain = u.Hostname()
		} else if c.Domain != u.Hostname() {
			c.Domain = "." + c.Domain
		}
		c.Path = cmp.Or(c.Path, "/")
		a.cookies = a.cookies.with(c)
	}
	r.hideCookies(a.cookies)
	return a, nil
}

// open is get that follows the redirects that stay on the integration's origins.
func (r *run) open(target string, cookies jar) (answer, error) {
	return r.follow(request{method: http.MethodGet, url: target, cookies: cookies}, r.staysHere)
}

func (r *run) staysHere(_ answer, next string) bool { return r.target.owns(originOf(next)) }

// follow sends a request, and goes on to where the answers lead as long as they may.
func (r *run) follow(req request, may func(a answer, next string) bool) (answer, error) {
	a, err := r.do(req)
	for err == nil && a.hops < maxRedirects {
		next, hops := a.leadsTo(), a.hops+1
		if next == "" || !may(a, next) {
			break
		}
		if repeats := a.status == http.StatusTemporaryRedirect || a.status == http.StatusPermanentRedirect; !repeats && req.method != http.MethodGet {
			req = request{method: http.MethodGet}
		}
		req.url, req.cookies = next, a.cookies
		a, err = r.do(req)
		a.hops = hops
	}
	return a, err
}

func (a answer) String() string {
	text := strconv.Itoa(a.status)
	if location := a.header.Get("Location"); location != "" {
		text += " Location: " + location
	} else if len(a.body) > 0 {
		text += " " + cut(strings.Join(strings.Fields(string(a.body)), " "), 200)
	}
	return text
}

func cut(text string, limit int) string {
	if shown := []rune(text); len(shown) > limit {
		return string(shown[:limit]) + "…"
	}
	return text
}

// combined is a header as Fetch combines it.
func (a answer) combined(name string) string { return strings.Join(a.header.Values(name), ", ") }

func (a answer) show(name string) string { return name + ": " + cmp.Or(a.combined(name), "(none)") }

// lists reports whether a header's list has a value.
func (a answer) lists(name, value string) bool {
	for each := range strings.SplitSeq(a.combined(name), ",") {
		if strings.EqualFold(strings.TrimSpace(each), value) {
			return true
		}
	}
	return false
}

func (a answer) is(mediaType string) bool {
	got, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(got), mediaType)
}

// leadsTo is where a browser goes on to by itself: by a redirect, or by a meta refresh. It is "" if
// it stays.
func (a answer) leadsTo() string {
	location := ""
	if a.status >= 300 && a.status <= 399 {
		location = a.header.Get("Location")
	}
	if location == "" {
		for tag := range a.tags() {
			if tag.name == "meta" && strings.EqualFold(tag.attributes["http-equiv"], "refresh") {
				_, target, _ := strings.Cut(tag.attributes["content"], "=")
				location = strings.Trim(strings.TrimSpace(target), `'"`)
			}
		}
	}
	if location == "" {
		return ""
	}
	to, err := mustParse(a.url).Parse(location)
	if err != nil {
		return location
	}
	return to.String()
}

// A tag is a start tag of a page.
type tag struct {
	name       string
	attributes map[string]string
	end        bool
}

// tags returns the start and end tags in the order of the text. A table does not move an input out
// of its form here, as it does in a tree.
func (a answer) tags() iter.Seq[tag] {
	return func(yield func(tag) bool) {
		tokens := html.NewTokenizer(bytes.NewReader(a.body))
		for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
			token := tokens.Token()
			t := tag{name: token.Data, end: kind == html.EndTagToken, attributes: map[string]string{}}
			for _, each := range token.Attr {
				t.attributes[each.Key] = each.Val
			}
			isTag := kind == html.StartTagToken || kind == html.SelfClosingTagToken || t.end
			if isTag && !yield(t) {
				return
			}
		}
	}
}

// A form is one of a page, with its fields that have a name.
type form struct {
	action, method string
	enctype        string
	values         url.Values
	disabled       []string // names
	password       bool
}

func (a answer) forms() (list []form) {
	page, inside, fieldset := mustParse(a.url), false, false
	for t := range a.tags() {
		_, disabled := t.attributes["disabled"]
		switch {
		case t.name == "form" && t.end:
			inside = false
		case t.name == "form":
			f := form{action: a.url, method: strings.ToUpper(cmp.Or(t.attributes["method"], "get")), values: url.Values{},
				enctype: cmp.Or(t.attributes["enctype"], urlencoded)}
			if to, err := page.Parse(t.attributes["action"]); err == nil && t.attributes["action"] != "" {
				f.action = to.String()
			}
			list, inside = append(list, f), true
		case t.name == "fieldset":
			fieldset = !t.end && disabled
		case t.name == "input" && inside:
			f, name := &list[len(list)-1], t.attributes["name"]
			f.password = f.password || strings.EqualFold(t.attributes["type"], "password")
			switch {
			case name == "":
			case disabled || fieldset:
				f.disabled = append(f.disabled, name)
			default:
				f.values.Add(name, t.attributes["value"])
			}
		}
	}
	return list
}

// isRemoteLogin reports whether values look like a handoff: two of its required fields are there.
func isRemoteLogin(values url.Values) bool {
	count := 0
	for _, name := range []string{"service", "usercode", "time", "token"} {
		if values.Has(name) {
			count++
		}
	}
	return count >= 2
}

// notText matches what a page does not show.
var notText = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>|<[^>]*>`)

// text is what a page says, roughly.
func (a answer) text() string {
	return strings.Join(strings.Fields(html.UnescapeString(notText.ReplaceAllString(string(a.body), " "))), " ")
}
