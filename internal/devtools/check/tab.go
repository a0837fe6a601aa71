package check

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// A tab is a page of Chromium with cookies and storage of its own. It opens pages of the integration
// alone: a request to the help center, or a step to another site, is stopped and kept.
type tab struct {
	chromium *chromium
	center   string
	stays    func(*url.URL) bool // tells whether a page belongs to the integration

	// As the protocol names them.
	context, target, session string

	changed  chan struct{} // gets a value when something happens
	mu       sync.Mutex
	password string // that was typed
	step     int    // counts what was done in the tab
	seen     seen
}

// seen is what happened in a tab since its last step.
type seen struct {
	at       time.Time // of the last event
	requests int
	open     map[string]bool // requests without an answer, by id
	document string          // the request for the page that is loading, or ""
	page     answer          // the last page, without its body
	sent     *sent
	fetched  bool     // a script called remote.json
	limited  *answer  // a 429
	messages []string // of the page: alerts and errors
	refused  []string // Set-Cookie headers that Chromium ignores
	leaked   bool     // the password was in a URL
}

// sent is a step that was stopped.
type sent struct {
	method, contentType, body string
	url                       *url.URL
}

// openTab opens an empty tab.
func (c *chromium) openTab(ctx context.Context, center string, stays func(*url.URL) bool) (*tab, error) {
	t := &tab{chromium: c, center: center, stays: stays, changed: make(chan struct{}, 1)}
	var made struct{ BrowserContextID, TargetID, SessionID string }
	if err := c.call(ctx, "", "Target.createBrowserContext", nil, &made); err != nil {
		return nil, err
	}
	t.context = made.BrowserContextID
	err := c.call(ctx, "", "Target.createTarget", params{"url": "about:blank", "browserContextId": t.context}, &made)
	if err == nil {
		err = c.call(ctx, "", "Target.attachToTarget", params{"targetId": made.TargetID, "flatten": true}, &made)
	}
	if err != nil {
		return nil, err
	}
	t.target, t.session = made.TargetID, made.SessionID
	c.watch(t.session, t)
	t.begin()
	for _, enable := range []string{"Page.enable", "Network.enable", "Runtime.enable", "Log.enable"} {
		if err := c.call(ctx, t.session, enable, nil, nil); err != nil {
			return nil, err
		}
	}
	t.stopRequests(t.session)
	return t, nil
}

// watch sends the events of a session to the tab.
func (c *chromium) watch(session string, t *tab) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tabs[session] = t
}

// stopRequests makes each request of a session wait for the tab. The frames, workers and windows
// that the session makes wait, too, until the tab knows them.
func (t *tab) stopRequests(session string) {
	t.chromium.send(session, "Fetch.enable", params{"patterns": []params{{"urlPattern": "*"}}}, nil)
	t.chromium.send(session, "Target.setAutoAttach", params{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true}, nil)
}

func (t *tab) close(ctx context.Context) {
	t.chromium.call(ctx, "", "Target.disposeBrowserContext", params{"browserContextId": t.context}, nil)
}

// begin forgets what happened.
func (t *tab) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.step++
	t.seen = seen{at: time.Now(), open: map[string]bool{}, page: t.seen.page}
}

// An event has the parameters of the protocol's events that matter here.
type event struct {
	RequestID    string
	Type         string
	ResourceType string
	FrameID      string
	Request      struct {
		URL, URLFragment, Method, PostData string
		Headers                            map[string]string
		PostDataEntries                    []struct{ Bytes []byte }
	}
	Response struct {
		URL     string
		Status  int
		Headers map[string]string
	}
	BlockedCookies   []struct{ CookieLine string }
	Message          string
	ExceptionDetails struct {
		Text      string
		Exception struct{ Description string }
	}
	Entry     struct{ Level, Text, URL string }
	SessionID string
}

// handle takes an event of one of the tab's sessions. It must not wait for a reply.
func (t *tab) handle(session, method string, text json.RawMessage) {
	var e event
	if json.Unmarshal(text, &e) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := &t.seen
	isPage := e.FrameID == t.target
	switch method {
	case "Target.attachedToTarget":
		t.chromium.watch(e.SessionID, t)
		t.stopRequests(e.SessionID)
		t.chromium.send(e.SessionID, "Runtime.runIfWaitingForDebugger", nil, nil)
	case "Fetch.requestPaused":
		t.decide(session, e)
	case "Network.requestWillBeSent":
		now.requests++
		now.leaked = now.leaked || t.password != "" && strings.Contains(e.Request.URL, url.QueryEscape(t.password))
		if !slices.Contains([]string{"EventSource", "WebSocket", "Ping", "Prefetch"}, e.Type) {
			now.open[e.RequestID] = true
		}
		if e.Type == "Document" && isPage {
			now.document = e.RequestID
		}
	case "Network.responseReceived":
		a := e.answer()
		if e.Type == "Document" && isPage {
			now.page = a
		}
		if a.status == http.StatusTooManyRequests && t.stays(a.url) {
			now.limited = &a
		}
	case "Network.responseReceivedExtraInfo":
		for _, each := range e.BlockedCookies {
			now.refused = append(now.refused, each.CookieLine)
		}
	case "Network.loadingFinished", "Network.loadingFailed":
		delete(now.open, e.RequestID)
		if method == "Network.loadingFailed" && e.Type == "Document" {
			now.document = ""
		}
	case "Page.loadEventFired", "Page.frameStoppedLoading":
		if method == "Page.loadEventFired" || isPage {
			now.document = ""
		}
	case "Page.javascriptDialogOpening":
		now.messages = append(now.messages, e.Message)
		t.chromium.send(session, "Page.handleJavaScriptDialog", params{"accept": true}, nil)
	case "Runtime.exceptionThrown":
		text, _, _ := strings.Cut(cmp.Or(e.ExceptionDetails.Exception.Description, e.ExceptionDetails.Text), "\n")
		now.messages = append(now.messages, text)
	case "Log.entryAdded":
		if e.Entry.Level == "error" && !strings.HasSuffix(e.Entry.URL, "/favicon.ico") {
			now.messages = append(now.messages, e.Entry.Text)
		}
	default:
		return
	}
	now.messages = now.messages[:min(len(now.messages), maxMessages)]
	now.at = time.Now()
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// maxMessages is how many messages of a page are kept.
const maxMessages = 3

// answer is the answer of an event, without its body.
func (e event) answer() answer {
	a := answer{url: &url.URL{}, method: http.MethodGet, status: e.Response.Status, header: http.Header{}}
	if u, err := url.Parse(e.Response.URL); err == nil {
		a.url = u
	}
	for name, lines := range e.Response.Headers {
		for line := range strings.SplitSeq(lines, "\n") {
			a.header.Add(name, line)
		}
	}
	return a
}

// decide lets a request go, or stops it. The page then stays as it is.
func (t *tab) decide(session string, e event) {
	to, err := url.Parse(e.Request.URL)
	if err != nil {
		to = &url.URL{}
	}
	isStep := e.ResourceType == "Document" && e.FrameID == t.target
	toCenter := originOf(to) == t.center
	if !toCenter && (!isStep || t.stays(to)) {
		t.chromium.send(session, "Fetch.continueRequest", params{"requestId": e.RequestID}, nil)
		return
	}
	t.chromium.send(session, "Fetch.failRequest", params{"requestId": e.RequestID, "errorReason": "Aborted"}, nil)
	if isStep && t.seen.sent == nil {
		to.Fragment, _ = url.PathUnescape(strings.TrimPrefix(e.Request.URLFragment, "#"))
		t.seen.sent = &sent{method: e.Request.Method, url: to, body: e.body()}
		for name, value := range e.Request.Headers {
			if strings.EqualFold(name, "Content-Type") {
				t.seen.sent.contentType = value
			}
		}
	} else if strings.HasSuffix(to.Path, "/remote.json") {
		t.seen.fetched = true
	}
}

// body is the body of the request.
func (e event) body() string {
	var parts []byte
	for _, part := range e.Request.PostDataEntries {
		parts = append(parts, part.Bytes...)
	}
	return cmp.Or(e.Request.PostData, string(parts))
}

// form is what was sent, as a form on the page a.
func (s *sent) form(a answer) form {
	f := form{page: a.url, action: s.url, method: s.method, enctype: s.contentType, charset: "utf-8", submitter: -1}
	text := s.body
	if s.method == http.MethodGet {
		text = s.url.RawQuery
	}
	values, _ := url.ParseQuery(text)
	pageEncoding, name := charset.Lookup(a.charset)
	for _, list := range values {
		if slices.ContainsFunc(list, func(value string) bool { return !utf8.ValidString(value) }) && pageEncoding != nil {
			f.charset = name
		}
	}
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		field := input{kind: "hidden", sent: true}
		field.name, _ = url.QueryUnescape(name)
		field.value, _ = url.QueryUnescape(value)
		if f.charset != "utf-8" {
			if decoded, err := pageEncoding.NewDecoder().String(field.value); err == nil {
				field.value = decoded
			}
		}
		f.inputs = append(f.inputs, field)
	}
	return f
}

// quiet is how long nothing happens in a page that has done what it does by itself, and brief the
// same for one that waits for somebody to type.
const (
	quiet = 1500 * time.Millisecond
	brief = 400 * time.Millisecond
)

// open opens a page and waits until it has done what it does by itself.
func (t *tab) open(ctx context.Context, target string, timeout time.Duration) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout+chromiumEnd)
	defer cancel()
	t.begin()
	t.mu.Lock()
	t.seen.page = answer{url: mustParse(target), method: http.MethodGet}
	t.mu.Unlock()
	var opened struct{ ErrorText string }
	if err := t.chromium.call(ctx, t.session, "Page.navigate", params{"url": target}, &opened); err != nil {
		return answer{}, err
	}
	t.mu.Lock()
	failed := opened.ErrorText != "" && t.seen.sent == nil && t.seen.page.status == 0
	t.mu.Unlock()
	if failed {
		return answer{}, fmt.Errorf("open %s in the browser: %s", withoutQuery(mustParse(target)), opened.ErrorText)
	}
	err := t.wait(ctx, timeout, brief)
	if err != nil {
		return answer{}, err
	}
	var asks bool
	if t.evaluate(ctx, "("+findFields+`)("password", "", "") !== null`, &asks) != nil || !asks {
		err = t.wait(ctx, timeout, quiet)
	}
	if err != nil {
		return answer{}, err
	}
	return t.result(ctx)
}

// wait returns when the page has left, when it has been quiet, or after timeout.
func (t *tab) wait(ctx context.Context, timeout, quiet time.Duration) error {
	end := time.Now().Add(timeout)
	for {
		t.mu.Lock()
		left, idle := t.seen.sent != nil, t.seen.document == "" && len(t.seen.open) == 0
		rest := time.Until(t.seen.at.Add(quiet))
		t.mu.Unlock()
		if untilEnd := time.Until(end); !idle || rest > untilEnd {
			rest = untilEnd
		}
		if left || rest <= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.chromium.ended:
			return errChromiumEnded
		case <-t.changed:
		case <-time.After(rest):
		}
	}
}

// result is the page as it is now.
func (t *tab) result(ctx context.Context) (answer, error) {
	var shown struct{ HTML, Text, Charset, URL string }
	const script = `({HTML: document.documentElement.outerHTML, Text: document.body ? document.body.innerText : "",
		Charset: document.characterSet, URL: location.href})`
	if err := t.evaluate(ctx, script, &shown); err != nil {
		return answer{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.seen.page
	if u, err := url.Parse(shown.URL); err == nil && isWeb(u) {
		a.url = u // a script may have changed it
	}
	a.body = []byte(shown.HTML)
	a.rendered = rendered{
		inChromium: true, step: t.step, shown: strings.Join(strings.Fields(shown.Text), " "), charset: shown.Charset,
		messages: t.seen.messages, sent: t.seen.sent, fetched: t.seen.fetched, leaked: t.seen.leaked,
	}
	if t.seen.limited != nil {
		a.status, a.header = http.StatusTooManyRequests, t.seen.limited.header
	}
	return a, nil
}

// shows reports whether the tab still shows the page a.
func (t *tab) shows(a answer) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return a.step == t.step
}

// evaluate runs an expression in the page.
func (t *tab) evaluate(ctx context.Context, expression string, value any) error {
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Text string }
	}
	err := t.chromium.call(ctx, t.session, "Runtime.evaluate", params{"expression": expression, "returnByValue": true}, &got)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("the page keeps the browser busy")
	}
	if err != nil {
		return err
	}
	if got.ExceptionDetails != nil {
		return fmt.Errorf("look into the page: %s", got.ExceptionDetails.Text)
	}
	return json.Unmarshal(got.Result.Value, value)
}

// findFields is a function of JavaScript that returns a control of the page's login form: the field
// for the user name or the password, or the button.
const findFields = `(what, userField, passwordField) => {
	const usable = e => e.getClientRects().length > 0 && !e.disabled && !e.readOnly;
	const inputs = [...document.querySelectorAll("input")].filter(usable);
	const isPassword = e => passwordField ? e.name === passwordField || e.id === passwordField : e.type === "password";
	const passwords = inputs.filter(isPassword);
	const single = e => e.autocomplete !== "new-password" && passwords.filter(p => p.form === e.form).length === 1;
	const password = passwords.find(single) || passwords[0];
	if (!password) return null;
	const others = ["hidden", "checkbox", "radio", "submit", "image", "button", "reset", "file", "color", "range", "date", "time",
		"datetime-local", "month", "week", "password"];
	const named = inputs.find(e => userField && (e.name === userField || e.id === userField));
	const texts = inputs.filter(e => e.form === password.form && e !== password && !others.includes(e.type));
	const before = texts.filter(e => e.compareDocumentPosition(password) & Node.DOCUMENT_POSITION_FOLLOWING);
	const buttons = [...document.querySelectorAll("button, input[type=submit], input[type=image], input[type=button], [role=button]")];
	return {
		password, user: named || before.at(-1) || texts[0],
		button: buttons.filter(usable).find(e => password.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING),
	}[what] || null;
}`

// A typedLogin is what is typed into a page's login form. The fields may be empty, as in Target.
type typedLogin struct{ userField, passwordField, user, password string }

// logIn types a login into the page, presses Enter, and waits for what comes of it. Where the page
// does nothing on Enter, it clicks on the button.
func (t *tab) logIn(ctx context.Context, l typedLogin, timeout time.Duration) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*timeout+chromiumEnd)
	defer cancel()
	t.mu.Lock()
	t.password = l.password
	t.mu.Unlock()
	for _, field := range []struct{ what, text string }{{"user", l.user}, {"password", l.password}} {
		if err := t.focus(ctx, l, field.what); err != nil {
			return answer{}, err
		}
		for _, r := range field.text {
			if err := t.press(ctx, string(r), params{"text": string(r)}); err != nil {
				return answer{}, err
			}
		}
	}
	t.begin()
	err := t.press(ctx, "Enter", params{"text": "\r", "code": "Enter", "windowsVirtualKeyCode": 13})
	if err == nil {
		err = t.wait(ctx, timeout, brief)
	}
	if err == nil && t.isIdle() {
		t.begin()
		err = t.click(ctx, l)
	}
	if err == nil {
		err = t.wait(ctx, timeout, quiet)
	}
	if err != nil {
		return answer{}, err
	}
	return t.result(ctx)
}

// isIdle reports whether the page has asked for nothing and said nothing since its last step.
func (t *tab) isIdle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen.requests == 0 && t.seen.sent == nil && t.seen.messages == nil
}

// find is the expression for a control of the login form.
func (l typedLogin) find(what string) string {
	arguments, _ := json.Marshal([]string{what, l.userField, l.passwordField})
	return "(" + findFields + ")(..." + string(arguments) + ")"
}

// focus puts the cursor into a field, with its text selected.
func (t *tab) focus(ctx context.Context, l typedLogin, what string) error {
	var found bool
	script := "(e => { if (e) { e.focus(); e.select(); } return e !== null; })(" + l.find(what) + ")"
	if err := t.evaluate(ctx, script, &found); err != nil {
		return err
	}
	if !found {
		return skip(whyNoField, what)
	}
	return nil
}

// press presses a key.
func (t *tab) press(ctx context.Context, key string, p params) error {
	for _, kind := range []string{"keyDown", "keyUp"} {
		event := maps.Clone(p)
		event["type"], event["key"] = kind, key
		if kind == "keyUp" {
			delete(event, "text")
		}
		if err := t.chromium.call(ctx, t.session, "Input.dispatchKeyEvent", event, nil); err != nil {
			return err
		}
	}
	return nil
}

// click clicks on the button of the login form, if it has one.
func (t *tab) click(ctx context.Context, l typedLogin) error {
	var at *struct{ X, Y float64 }
	script := `(e => { if (!e) return null; e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect();
		return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })(` + l.find("button") + ")"
	if err := t.evaluate(ctx, script, &at); err != nil || at == nil {
		return err
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		p := params{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}
		if err := t.chromium.call(ctx, t.session, "Input.dispatchMouseEvent", p, nil); err != nil {
			return err
		}
	}
	return nil
}

// setCookies gives the tab the cookies of a jar in place of its own.
func (t *tab) setCookies(ctx context.Context, j *jar) error {
	var list []params
	for _, c := range j.cookies {
		if c.refused != "" || c.name == "" {
			continue
		}
		scheme := "http://"
		if c.secure {
			scheme = "https://"
		}
		p := params{"name": c.name, "value": c.value, "path": c.path, "secure": c.secure, "httpOnly": c.httpOnly, "url": scheme + c.domain + c.path}
		if !c.hostOnly {
			p["domain"] = "." + c.domain
		}
		if c.sameSite != "" {
			p["sameSite"] = c.sameSite
		}
		if !c.expires.IsZero() {
			p["expires"] = c.expires.Unix()
		}
		list = append(list, p)
	}
	err := t.chromium.call(ctx, "", "Storage.clearCookies", params{"browserContextId": t.context}, nil)
	if err == nil && list != nil {
		err = t.chromium.call(ctx, "", "Storage.setCookies", params{"browserContextId": t.context, "cookies": list}, nil)
	}
	return err
}

// readCookies gives a jar the tab's cookies in place of its own. Those that Chromium has refused
// stay in it with the reason.
func (t *tab) readCookies(ctx context.Context, j *jar, now time.Time) error {
	var got struct {
		Cookies []struct {
			Name, Value, Domain, Path, SameSite string
			Expires                             float64
			HTTPOnly, Secure, Session           bool
		}
	}
	if err := t.chromium.call(ctx, "", "Storage.getCookies", params{"browserContextId": t.context}, &got); err != nil {
		return err
	}
	j.cookies = slices.DeleteFunc(j.cookies, func(c cookie) bool { return c.refused == "" })
	for _, each := range got.Cookies {
		c := cookie{name: each.Name, value: each.Value, path: each.Path, secure: each.Secure, httpOnly: each.HTTPOnly, sameSite: each.SameSite}
		domain, wide := strings.CutPrefix(each.Domain, ".")
		c.domain, c.hostOnly = domain, !wide
		if !each.Session {
			c.expires = time.UnixMilli(int64(each.Expires * 1000))
		}
		j.set(c, now)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, line := range t.seen.refused {
		if c, ok := parseCookie(line, t.seen.page.url, now); ok {
			c.refused = cmp.Or(c.refused, "Chromium does not store it")
			j.set(c, now)
		}
	}
	return nil
}
