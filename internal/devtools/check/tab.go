package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	logs "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// A tab is a page of the browser, with cookies and storage of its own.
type tab struct {
	ctx    context.Context
	cancel context.CancelFunc
	limit  time.Duration // of each step

	mu       sync.Mutex
	at       time.Time // of the last event
	sent     []*sent
	current  map[network.RequestID]*sent
	messages []string // of the console: errors, exceptions and alerts
	refused  []refusedCookie
	unsent   map[network.RequestID][]string
}

type refusedCookie struct{ line, reason string }

// sent is a request of the page.
type sent struct {
	id                     network.RequestID
	at                     time.Time
	method, url            string // with its fragment
	headers                http.Header
	body                   []byte
	isPage                 bool   // it replaces the whole page
	kind                   string // in the browser's words, such as Document or Fetch
	referrerPolicy         network.RequestReferrerPolicy
	status                 int // 0: no answer yet
	answer                 http.Header
	failed                 string // in the browser's words
	done                   bool
	redirected, fromAnswer bool // went on to another address; is where a redirect went
}

// openTab opens an empty tab.
func (b *Browser) openTab(center *Center, limit time.Duration) (*tab, error) {
	t := &tab{limit: limit, current: map[network.RequestID]*sent{}, unsent: map[network.RequestID][]string{}}
	t.ctx, t.cancel = b.contextFor(center)
	if err := chromedp.Listen(t.ctx, t.handle); err != nil {
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	_, errNetwork := chromedp.Call(t.ctx, network.Enable, network.EnableParams{MaxPostDataSize: new(int64(1 << 20))})
	// The help center's frame tells its height; the frame's page need not listen. A login form in a
	// closed shadow root is for somebody to type into, too.
	_, errScript := chromedp.Call(t.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "{" + inEachPage + "}"})
	return t, errors.Join(errNetwork, errScript)
}

const inEachPage = `addEventListener("message", e => { if (typeof e.data === "number" && e.data > 0) window.__heard = e.data; }, true);
	const attachShadow = Element.prototype.attachShadow;
	Element.prototype.attachShadow = function (options) { return attachShadow.call(this, {...options, mode: "open"}); };`

// handle takes an event of the page. It must not wait for anything.
func (t *tab) handle(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		t.begin(e)
	case *network.EventRequestWillBeSentExtraInfo:
		for _, c := range e.AssociatedCookies {
			for _, reason := range c.BlockedReasons {
				t.unsent[e.RequestID] = append(t.unsent[e.RequestID], "did not send the cookie "+c.Cookie.Name+": "+string(reason))
			}
		}
	case *network.EventResponseReceivedExtraInfo:
		for _, c := range e.BlockedCookies {
			for _, reason := range c.BlockedReasons {
				t.refused = append(t.refused, refusedCookie{c.CookieLine, string(reason)})
			}
		}
	case *network.EventResponseReceived:
		if s := t.current[e.RequestID]; s != nil {
			s.take(e.Response)
		}
	case *network.EventLoadingFinished:
		if s := t.current[e.RequestID]; s != nil {
			s.done = true
		}
	case *network.EventLoadingFailed:
		if s := t.current[e.RequestID]; s != nil {
			s.done, s.failed = true, e.ErrorText
			if e.CorsErrorStatus != nil {
				s.failed += " (CORS: " + string(e.CorsErrorStatus.CorsError) + " " + e.CorsErrorStatus.FailedParameter + ")"
			}
			if e.BlockedReason != "" {
				s.failed += " (" + string(e.BlockedReason) + ")"
			}
		}
	case *page.EventJavascriptDialogOpening:
		t.messages = append(t.messages, "alert: "+e.Message)
		go chromedp.Call(t.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil && e.ExceptionDetails.Exception.Description != "" {
			text, _, _ = strings.Cut(e.ExceptionDetails.Exception.Description, "\n")
		}
		t.messages = append(t.messages, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError {
			return
		}
		var words []string
		for _, each := range e.Args {
			words = append(words, strings.Trim(string(each.Value), `"`)+each.Description)
		}
		t.messages = append(t.messages, "console: "+strings.Join(words, " "))
	case *logs.EventEntryAdded:
		if e.Entry.Level == logs.EntryLevelError && !strings.HasSuffix(e.Entry.URL, "/favicon.ico") {
			t.messages = append(t.messages, "console: "+e.Entry.Text)
		}
	default:
		return
	}
	t.at = time.Now()
}

// begin notes a request, and that a redirect has led to it. The caller holds the lock.
func (t *tab) begin(e *network.EventRequestWillBeSent) {
	s := &sent{id: e.RequestID, at: time.Now(), method: e.Request.Method, url: e.Request.URL + e.Request.URLFragment, kind: string(e.Type), referrerPolicy: e.Request.ReferrerPolicy}
	s.headers = headersOf(e.Request.Headers)
	for _, entry := range e.Request.PostDataEntries {
		s.body = append(s.body, entry.Bytes...)
	}
	target := chromedp.FromContext(t.ctx).Target
	s.isPage = e.Type == network.ResourceTypeDocument && target != nil && string(e.FrameID) == string(target.TargetID)
	if before := t.current[e.RequestID]; before != nil && e.RedirectResponse != nil {
		before.take(e.RedirectResponse)
		before.done, before.redirected, s.fromAnswer = true, true, true
	}
	t.current[e.RequestID] = s
	t.sent = append(t.sent, s)
}

func (s *sent) take(r *network.Response) {
	s.status, s.answer = int(r.Status), headersOf(r.Headers)
}

// headersOf reads headers as the protocol has them, in which lines of one name are joined.
func headersOf(h network.Headers) http.Header {
	list := http.Header{}
	for name, value := range h {
		for line := range strings.SplitSeq(fmt.Sprint(value), "\n") {
			list.Add(name, line)
		}
	}
	return list
}

func (s sent) String() string {
	text := s.method + " " + withoutQuery(s.url) + ": "
	switch {
	case s.url == "":
		return "no request"
	case s.failed != "":
		return text + s.failed
	case s.status == 0:
		return text + "no answer"
	case s.redirected:
		return text + fmt.Sprint(s.status) + " Location: " + s.answer.Get("Location")
	}
	return text + fmt.Sprint(s.status)
}

// broken reports whether no answer came. A page that goes on before it has loaded is aborted.
func (s sent) broken() bool {
	return s.failed != "" && !strings.HasPrefix(s.failed, "net::ERR_ABORTED")
}

// form has the fields that the request carries in its body, or in its query.
func (s sent) form() url.Values {
	if s.method == http.MethodPost {
		values, _ := url.ParseQuery(string(s.body))
		return values
	}
	return mustParse(s.url).Query()
}

type mark struct{ sent, messages, refused int }

func (t *tab) mark() mark {
	t.mu.Lock()
	defer t.mu.Unlock()
	return mark{len(t.sent), len(t.messages), len(t.refused)}
}

// events are what happened in a tab since a moment.
type events struct {
	sent    []sent
	said    []string        // of the console: errors, exceptions and alerts
	refused []refusedCookie // that the browser did not store
}

func (t *tab) since(m mark) (e events) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.sent[m.sent:] {
		e.sent = append(e.sent, *s)
	}
	e.said, e.refused = slices.Clone(t.messages[m.messages:]), slices.Clone(t.refused[m.refused:])
	return e
}

// page is the last request that replaced the whole page, or the zero one.
func (e events) page() (last sent) {
	for _, s := range e.sent {
		if s.isPage {
			last = s
		}
	}
	return last
}

// unsentTo says which cookies the browser did not send with the last request of an address, and
// why.
func (t *tab) unsentTo(address string) []string {
	if t == nil { // plain HTTP
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range slices.Backward(t.sent) {
		if withoutQuery(s.url) == withoutQuery(address) {
			return slices.Compact(slices.Clone(t.unsent[s.id]))
		}
	}
	return nil
}

// evidence is what the browser said since a moment, and what it shows.
func (t *tab) evidence(m mark) (lines []string) {
	seen := t.since(m)
	for _, s := range seen.sent {
		interesting := s.broken() || s.status >= 400 || s.isPage || s.method == http.MethodPost
		if interesting && !strings.HasSuffix(s.url, "/favicon.ico") {
			lines = append(lines, s.String())
		}
		lines = append(lines, t.unsentTo(s.url)...)
	}
	for _, c := range seen.refused {
		lines = append(lines, "did not store the cookie: "+c.reason+": "+c.line)
	}
	lines = append(lines, seen.said...)
	shown, err := evaluate[[]string](t, `[location.href, (document.body ? document.body.innerText : "").replace(/\s+/g, " ").trim()]`)
	if err == nil {
		lines = append(lines, "shows "+withoutQuery(shown[0])+": "+cut(shown[1], 200))
	} else {
		lines = append(lines, err.Error())
	}
	var unique []string
	for _, line := range lines {
		if !slices.Contains(unique, line) {
			unique = append(unique, line)
		}
	}
	const most = 12
	if len(unique) > most {
		unique = append(unique[:most-1], unique[len(unique)-1])
	}
	return unique
}

// until waits until done, until nothing has happened for so long as quiet, or for the limit of a
// step. It reports whether done was true. On a busy machine, where a page takes its time to answer
// at all, quiet is longer.
func (t *tab) until(quiet time.Duration, done func() bool) bool {
	end, began, asked := time.Now().Add(t.limit), time.Now(), false
	for {
		if done() {
			return true
		}
		t.mu.Lock()
		open, last := false, t.at
		for _, s := range slices.Backward(t.sent) {
			endless := slices.Contains([]string{"EventSource", "WebSocket", "Ping", "Prefetch", "Preflight"}, s.kind)
			unread := s.kind == "Fetch" && s.status != 0 // the end comes when a script reads the body, if it ever does
			open = open || !s.done && !endless && !unread
			if s.isPage { // the requests of the page before have no end
				break
			}
		}
		t.mu.Unlock()
		if last.Before(began) {
			last = began
		}
		rest := time.Until(last.Add(quiet))
		if untilEnd := time.Until(end); open || rest > untilEnd {
			rest = untilEnd
		}
		switch {
		case t.ctx.Err() != nil, !time.Now().Before(end), rest <= 0 && asked:
			return done()
		case rest <= 0:
			asking := time.Now()
			evaluate[int](t, "0") // after what the page does now
			quiet, asked = quiet+20*time.Since(asking), true
			continue
		}
		time.Sleep(min(rest, 50*time.Millisecond))
	}
}

// evaluate runs an expression in the page. A page that keeps the browser busy is an error.
func evaluate[T any](t *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.limit)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if errors.Is(err, context.DeadlineExceeded) && t.ctx.Err() == nil {
		err = errors.New("the page keeps the browser busy")
	}
	return value, err
}

// open goes to an address, and waits until the browser has an answer.
func (t *tab) open(address string) error {
	ctx, cancel := context.WithTimeout(t.ctx, t.limit)
	defer cancel()
	// The page before may be about to go elsewhere.
	_, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: "about:blank"})
	if err == nil {
		_, err = chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: address})
	}
	if errors.Is(err, context.DeadlineExceeded) && t.ctx.Err() == nil {
		return fmt.Errorf("%s: no answer within %s", withoutQuery(address), t.limit)
	}
	return err
}

// finders are functions of the page that look into shadow roots, too. find returns a control of the
// login form: the field for the login name, the one for the password, or the button.
const finders = `
const every = (root, list = []) => { for (const e of root.querySelectorAll("*")) { list.push(e); if (e.shadowRoot) every(e.shadowRoot, list); } return list; };
const usable = e => e.getClientRects().length > 0 && !e.disabled && !e.readOnly && getComputedStyle(e).visibility !== "hidden";
const labels = e => [e.name, e.id, e.placeholder, e.getAttribute("aria-label"), e.autocomplete, ...[...(e.labels || [])].map(l => l.textContent)].join(" ");
const isHandoff = f => f && ["service", "usercode", "time", "token"].filter(n => f.querySelector('[name="' + n + '"]')).length >= 2;
const find = (what, userField, passwordField) => {
	const all = every(document), inputs = all.filter(e => e.tagName === "INPUT" && usable(e) && !isHandoff(e.form));
	const named = (e, name) => name && (e.name === name || e.id === name);
	const passwords = inputs.filter(e => passwordField ? named(e, passwordField) : e.type === "password" || e.autocomplete === "current-password");
	const single = e => e.autocomplete !== "new-password" && passwords.filter(p => p.form === e.form).length === 1;
	const password = passwords.find(single) || (passwordField ? passwords[0] : null);
	const texts = inputs.filter(e => ["text", "email", "tel", "number", ""].includes(e.type) && e !== password);
	const before = password ? texts.filter(e => e.form === password.form && all.indexOf(e) < all.indexOf(password)) : [];
	const user = texts.find(e => named(e, userField)) || texts.find(e => /\busername\b/.test(e.autocomplete) && (!password || e.form === password.form)) || before.at(-1) ||
		(password ? null : texts.find(e => !/search|q\b|query|검색/i.test(labels(e) + (e.form ? e.form.action + e.form.role : "")) &&
			(e.type === "email" || /user|login|e-?mail|account|member|\bid\b|아이디|이메일|계정|회원|휴대/i.test(labels(e)))));
	const near = password || user;
	const button = near && all.filter(e => usable(e) && (e.tagName === "BUTTON" || e.role === "button" || ["submit", "image", "button"].includes(e.type)))
		.find(e => near.form && e.form === near.form && e.type !== "button" || all.indexOf(e) > all.indexOf(near));
	return {password, user, button}[what] || null;
};
`

func inPage(statements string) string { return "(() => {" + finders + statements + "})()" }

// A typist knows what is typed into a login form. The fields may be empty, as in Target.
type typist struct{ userField, passwordField, id, password string }

func (w typist) find(what string) string {
	arguments, _ := json.Marshal([]string{what, w.userField, w.passwordField})
	return "find(..." + string(arguments) + ")"
}

// asks reports which fields of a login the page has.
func (t *tab) asks(w typist) (user, password bool) {
	got, err := evaluate[[]bool](t, inPage("return ["+w.find("user")+" !== null, "+w.find("password")+" !== null]"))
	if err != nil || len(got) != 2 {
		return false, false
	}
	return got[0], got[1]
}

// fill focuses a field, and types a text by the keyboard.
func (t *tab) fill(w typist, what, text string) error {
	found, err := evaluate[bool](t, inPage("const e = "+w.find(what)+"; if (e) { e.focus(); e.select(); } return e !== null"))
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("no field for the %s", what)
	}
	for _, r := range text {
		if err := t.do(chromedp.KeyEvent(string(r))); err != nil {
			return err
		}
	}
	return nil
}

// do waits until the page has taken what the hand does.
func (t *tab) do(hand chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, t.limit)
	defer cancel()
	return chromedp.Do(ctx, hand)
}

// submit presses Enter. Where the page does nothing then, it clicks on the button.
func (t *tab) submit(w typist) error {
	m := t.mark()
	if err := t.do(chromedp.KeyEvent("\r")); err != nil {
		return err
	}
	something := func() bool { seen := t.since(m); return len(seen.sent)+len(seen.said) > 0 }
	if t.until(400*time.Millisecond, something) {
		return nil
	}
	at, err := evaluate[[]float64](t, inPage(`const e = `+w.find("button")+`; if (!e) return []; e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]`))
	if err != nil || len(at) != 2 {
		return nil // the page has gone on in the meantime, or has no button
	}
	return t.do(chromedp.MouseClickXY(at[0], at[1]))
}

// cookies returns those that the browser has stored.
func (t *tab) cookies() (jar, error) {
	got, err := chromedp.CallBrowser(t.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID})
	if err != nil {
		return nil, err
	}
	list := jar{}
	for _, c := range got.Cookies {
		if c.PartitionKey != nil && siteOf(c.PartitionKey.TopLevelSite) != siteOf("https://"+strings.TrimPrefix(c.Domain, ".")) {
			continue // is sent on the help center's pages alone, where the login did not store one
		}
		site := map[network.CookieSameSite]http.SameSite{
			network.CookieSameSiteNone: http.SameSiteNoneMode, network.CookieSameSiteLax: http.SameSiteLaxMode, network.CookieSameSiteStrict: http.SameSiteStrictMode,
		}[c.SameSite]
		list = append(list, &http.Cookie{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path, Secure: c.Secure, HttpOnly: c.HTTPOnly, SameSite: site, Partitioned: c.PartitionKey != nil})
	}
	return list, nil
}

// setCookies gives the browser cookies, which it sends to the site in every situation.
func (t *tab) setCookies(list jar) error {
	params := storage.SetCookiesParams{BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID}
	for _, c := range list {
		// A browser that gets a cookie here takes Secure only for https.
		params.Cookies = append(params.Cookies, &network.CookieParam{
			Name: c.Name, Value: c.Value, URL: "https://" + c.Domain + "/", Path: "/", Secure: true, SameSite: network.CookieSameSiteNone,
		})
	}
	_, err := chromedp.CallBrowser(t.ctx, storage.SetCookies, params)
	return err
}
