package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// stepTimeout bounds each thing that a test does in a browser, or waits for.
const stepTimeout = 20 * time.Second

// thirdPartyCookies is whether a page's requests to another site carry that site's cookies.
type thirdPartyCookies bool

const (
	allowed thirdPartyCookies = true
	blocked thirdPartyCookies = false
)

func (c thirdPartyCookies) String() string {
	if c {
		return "third-party cookies allowed"
	}
	return "third-party cookies blocked"
}

// preferences are the settings of a profile. Chromium's own default differs between its distributions.
func (c thirdPartyCookies) preferences() string {
	if c {
		return `{"profile":{"cookie_controls_mode":0}}`
	}
	return `{"profile":{"cookie_controls_mode":1}}`
}

// A browser is a real one with one tab, and a profile of its own that begins empty. Its methods end the test when a step
// can't be done in time.
type browser struct {
	t        *testing.T
	tab      context.Context
	frame    string // the CSS selector of the frame that the methods act in; "" for the page
	messages iter.Seq2[chromedp.ConsoleMessage, error]
	expected *[]string // complaints, by expectStatus
}

// newBrowser starts a browser that has proved its setting for cookies. At the end of the test its console must have no errors
// and warnings but the expected ones. Violations of a Content-Security-Policy are among them.
func newBrowser(t *testing.T, cookies thirdPartyCookies, options ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	b := startBrowser(t, cookies, options...)
	b.wantCookies(cookies)
	t.Cleanup(func() {
		got := b.complaints()
		slices.Sort(got)
		slices.Sort(*b.expected)
		if !slices.Equal(got, *b.expected) {
			t.Errorf("got in the console:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(*b.expected, "\n"))
		}
	})
	return b
}

func startBrowser(t *testing.T, cookies thirdPartyCookies, options ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	profile := t.TempDir()
	writeFile(t, filepath.Join(profile, "Default", "Preferences"), []byte(cookies.preferences()))
	all := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)),
		chromedp.UserDataDir(profile),
		// Frames of another site share the page's process, so that the tab's one session reaches them and hears their console.
		// What pages may do to each other, and their cookies, stay the same.
		chromedp.Flag("disable-site-isolation-trials", true),
	)
	if os.Geteuid() == 0 {
		all = append(all, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(all, options...)...)
	t.Cleanup(stop)
	tab, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(tab); err != nil { // without a deadline, which would be the browser's own
		t.Fatalf("start the browser: %v", err)
	}
	b := &browser{t: t, tab: tab, messages: chromedp.Console(tab), expected: new([]string)}
	t.Cleanup(b.close)
	return b
}

// close lets the browser clean up behind itself.
func (b *browser) close() {
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil {
		b.t.Errorf("close the browser: %v", err)
	}
}

// chromium is the path of the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("got no chromium, chromium-browser or google-chrome on the path: install Chromium, as make test does on Debian and Ubuntu")
	return ""
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// wantCookies asks one site for its cookie from a page of another.
func (b *browser) wantCookies(want thirdPartyCookies) {
	b.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Set-Cookie", "proof=1; Secure; SameSite=None")
		_, err := r.Cookie("proof")
		json.NewEncoder(w).Encode(err == nil)
	}))
	b.t.Cleanup(server.Close) // not yet: the browser may come for an icon
	b.open(otherSite(server.URL))
	b.open(server.URL)
	got := ask[thirdPartyCookies](b, "await (await fetch("+quote(otherSite(server.URL))+`, {credentials: "include"})).json()`)
	if got != want {
		b.t.Fatalf("got %s by the browser, want %s", got, want)
	}
}

// otherSite is a test server's URL by its other name, which browsers take for another site.
func otherSite(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }

// in acts in the page's frame that a CSS selector finds.
func (b *browser) in(frame string) *browser {
	framed := *b
	framed.frame = frame
	return &framed
}

// open goes to a URL, and waits until a page has loaded. It may be one that the first has led on to.
func (b *browser) open(url string) {
	b.t.Helper()
	b.do("open "+url, chromedp.Navigate(url))
}

// resize gives the page a size in CSS pixels.
func (b *browser) resize(width, height int64) {
	b.t.Helper()
	b.do("resize", chromedp.EmulateViewport(width, height))
}

// click clicks with the mouse.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// follow clicks with the mouse, and waits until the page that this leads to has loaded.
func (b *browser) follow(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		b.fatal("follow "+selector, err)
	}
}

// fill types into a field, behind what it has.
func (b *browser) fill(selector, text string) {
	b.t.Helper()
	b.do("fill "+selector,
		chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible),
		chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, input.InsertText, input.InsertTextParams{Text: text})
			return err
		}))
}

// text is what an element says, without the space around it.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return ask[string](b, "document.querySelector("+quote(selector)+").textContent.trim()")
}

// count is how many elements there are.
func (b *browser) count(selector string) int {
	b.t.Helper()
	return ask[int](b, "document.querySelectorAll("+quote(selector)+").length")
}

// waitPage waits until the page at url is there, and the help center's script has made up its mind about it.
func (b *browser) waitPage(url string) {
	b.t.Helper()
	b.until(`document.readyState === "complete" && !document.querySelector("[aria-busy]") && location.href === ` + quote(url))
}

// until waits for a condition in JavaScript, across pages.
func (b *browser) until(condition string) {
	b.t.Helper()
	poll[bool](b, "!!("+condition+")")
}

// ask evaluates an expression of JavaScript, which may await.
func ask[T any](b *browser, expression string) T {
	b.t.Helper()
	return poll[[]T](b, "["+expression+"]")[0] // an array is true, whatever is in it
}

// poll evaluates an expression of JavaScript until it is true, and returns its value. Where the document goes away
// meanwhile, the next one is asked. (chromedp's own Poll makes a function out of text, which the Content-Security-Policy of
// our pages forbids, and ends with the document.)
func poll[T any](b *browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	function := `async function() {
		for (;;) {
			const value = ` + expression + `;
			if (value) return value;
			await new Promise((again) => setTimeout(again, 10));
		}
	}`
	call := func(ctx context.Context, tab *chromedp.Target) (value T, err error) {
		document, err := b.document(ctx, tab)
		if err != nil {
			return value, err
		}
		return chromedp.CallFunctionOn[T](function, func(p *runtime.CallFunctionOnParams) {
			p.ObjectID, p.AwaitPromise = document, new(true)
		})(ctx, tab)
	}
	for {
		value, err := chromedp.Run(ctx, call)
		if err == nil {
			return value
		}
		if thrown := (*chromedp.ExceptionError)(nil); errors.As(err, &thrown) || ctx.Err() != nil {
			b.fatal("wait for "+expression, err)
		}
	}
}

// document is the page's document, or the one in the frame.
func (b *browser) document(ctx context.Context, tab *chromedp.Target) (runtime.RemoteObjectID, error) {
	if b.frame == "" {
		document, err := chromedp.Evaluate[*runtime.RemoteObject]("document")(ctx, tab)
		if err != nil {
			return "", err
		}
		return document.ObjectID, nil
	}
	element, err := chromedp.Evaluate[*runtime.RemoteObject]("document.querySelector("+quote(b.frame)+")")(ctx, tab)
	if err != nil {
		return "", err
	}
	frame, err := cdp.Call(ctx, tab, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: element.ObjectID, Pierce: new(true)})
	if err != nil {
		return "", err
	}
	if frame.Node.ContentDocument == nil {
		return "", errors.New("the frame is empty")
	}
	document, err := cdp.Call(ctx, tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: frame.Node.ContentDocument.BackendNodeID})
	if err != nil {
		return "", err
	}
	return document.Object.ObjectID, nil
}

// clearCookies makes all sites forget the browser.
func (b *browser) clearCookies() {
	b.t.Helper()
	b.do("clear cookies", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// disableScript switches script off in all pages to come. The methods that wait for a condition then fail where it is not true
// at once: pages have no timers without script.
func (b *browser) disableScript() {
	b.t.Helper()
	b.setScript(false)
}

func (b *browser) setScript(runs bool) {
	b.t.Helper()
	b.do("switch script", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !runs})
		return err
	}))
}

// openWithoutScript goes to a URL whose own scripts don't run. The test's do.
func (b *browser) openWithoutScript(url string) {
	b.t.Helper()
	b.setScript(false)
	b.open(url)
	b.setScript(true)
}

// prefer sets what style sheets are told of the visitor's wishes: "prefers-color-scheme" to "dark", for example.
func (b *browser) prefer(feature, value string) {
	b.t.Helper()
	b.do("prefer "+feature, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		return err
	}))
}

// do runs actions as one step.
func (b *browser) do(step string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.fatal(step, err)
	}
}

// fatal ends the test with what the tab shows.
func (b *browser) fatal(step string, err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	shown, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + `\n` + document.body.innerText"))
	b.t.Fatalf("%s: %v\nat %s", step, err, shown)
}

// complaints ends the listening to the console, and returns the errors and warnings of the whole visit.
func (b *browser) complaints() []string {
	b.t.Helper()
	const last = "the visit is over"
	b.do("end the visit", chromedp.Evaluate[chromedp.Void]("console.debug("+quote(last)+")"))
	var found []string
	for message, err := range b.messages {
		if err != nil {
			b.t.Fatal(err)
		}
		if message.Text == last {
			break
		}
		switch message.Type {
		case chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException:
			source := cmp.Or(message.Source, string(message.Type)) // only the browser's own messages have one
			found = append(found, fmt.Sprintf("%s %s: %s", source, message.URL, message.Text))
		}
	}
	return found
}

// expectStatus makes it part of the test that a page is answered with a status of 400 or more, of which browsers complain.
func (b *browser) expectStatus(url string, status int) {
	*b.expected = append(*b.expected, fmt.Sprintf("network %s: Failed to load resource: the server responded with a status of %d (%s)", url, status, http.StatusText(status)))
}

// quote is a text as a literal of JavaScript.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(literal)
}
