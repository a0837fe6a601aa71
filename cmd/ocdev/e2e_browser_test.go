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
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ocsso/internal/cli/clitest"
)

// stepTimeout limits each step of a test in a browser.
const stepTimeout = 20 * time.Second

// thirdPartyCookies tells whether a page's requests to another site carry that site's cookies.
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

// preferences returns the settings of a profile. Chromium's default differs between distributions.
func (c thirdPartyCookies) preferences() string {
	if c {
		return `{"profile":{"cookie_controls_mode":0}}`
	}
	return `{"profile":{"cookie_controls_mode":1}}`
}

// A browserProcess is a Chromium that tests share. Each test has a profile of its own in it.
type browserProcess struct {
	context context.Context
	stop    func()
	folder  string
}

// browserProcesses have been started. The tests that use them don't run in parallel.
var browserProcesses = map[thirdPartyCookies]browserProcess{}

func closeBrowsers() {
	for _, process := range browserProcesses {
		ctx, cancel := context.WithTimeout(process.context, stepTimeout)
		chromedp.Cancel(ctx)
		cancel()
		process.stop()
		os.RemoveAll(process.folder)
	}
}

// browserContext returns the process with this setting of cookies, and starts it at the first use.
func browserContext(t *testing.T, cookies thirdPartyCookies) context.Context {
	t.Helper()
	if process, ok := browserProcesses[cookies]; ok {
		return process.context
	}
	folder, err := os.MkdirTemp("", "ocsso-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	clitest.WriteFile(t, filepath.Join(folder, "Default", "Preferences"), cookies.preferences())
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)),
		chromedp.UserDataDir(folder),
		// Frames of another site share the page's process, so that the tab's session reaches them
		// and receives their console messages. The same-origin policy and cookies are not affected.
		chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("host-resolver-rules", "MAP *.site.test 127.0.0.1"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	browserProcesses[cookies] = browserProcess{ctx, stop, folder}
	if err := chromedp.Do(ctx); err != nil { // a deadline here would be the process's own
		t.Fatalf("start the browser: %v", err)
	}
	return ctx
}

// A browser is one tab of Chromium, with a profile of its own that starts empty. Its methods end
// the test if a step cannot be done in time.
type browser struct {
	t        *testing.T
	tab      context.Context
	frame    string // the CSS selector of the frame that the methods act in; "" for the page
	messages iter.Seq2[chromedp.ConsoleMessage, error]
	expected *[]string // console messages, see expectStatus
}

// newBrowser opens a browser. At the end of the test its console must have the expected errors and
// warnings only. Violations of a Content-Security-Policy are among them.
func newBrowser(t *testing.T, cookies thirdPartyCookies) *browser {
	t.Helper()
	b := openBrowser(t, cookies)
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

// openBrowser opens a browser whose console is not checked.
func openBrowser(t *testing.T, cookies thirdPartyCookies) *browser {
	t.Helper()
	tab, _ := chromedp.NewContext(browserContext(t, cookies), chromedp.WithNewBrowserContext())
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b := &browser{t: t, tab: tab, messages: chromedp.Console(tab), expected: new([]string)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
		defer cancel()
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the tab: %v", err)
		}
	})
	return b
}

// chromium returns the path of the browser.
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

// TestE2EBrowsersHaveTheCookiePolicyOfTheirTest asks one site for its cookie from a page of
// another. Without it, the tests of both policies would prove nothing.
func TestE2EBrowsersHaveTheCookiePolicyOfTheirTest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Set-Cookie", "proof=1; Secure; SameSite=None")
		_, err := r.Cookie("proof")
		json.NewEncoder(w).Encode(err == nil)
	}))
	t.Cleanup(server.Close) // after the browser, which may ask for an icon
	for _, want := range []thirdPartyCookies{allowed, blocked} {
		b := openBrowser(t, want)
		b.open(otherSite(server.URL))
		b.open(server.URL)
		got := ask[thirdPartyCookies](b, "await (await fetch("+quote(otherSite(server.URL))+`, {credentials: "include"})).json()`)
		if got != want {
			t.Errorf("got %s by the browser, want %s", got, want)
		}
	}
}

// otherSite returns a test server's URL with its other name, which is another site for browsers.
func otherSite(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }

// in returns the browser for the frame with this CSS selector.
func (b *browser) in(frame string) *browser {
	framed := *b
	framed.frame = frame
	return &framed
}

// open goes to a URL and waits until a page has loaded, which may be one that the first redirects
// to.
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

// follow clicks with the mouse and waits until the next page has loaded.
func (b *browser) follow(selector string) {
	b.t.Helper()
	b.followBy("follow "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (b *browser) followBy(step string, action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, action); err != nil {
		b.fatal(step, err)
	}
}

// fill focuses a field and types on the keyboard. What the field has is not deleted.
func (b *browser) fill(selector, text string) {
	b.t.Helper()
	ask[any](b, "document.querySelector("+quote(selector)+").focus()")
	b.press(text)
}

// press types on the keyboard.
func (b *browser) press(keys string) {
	b.t.Helper()
	b.do("press keys", chromedp.KeyEvent(keys))
}

// pressToFollow types on the keyboard and waits until the next page has loaded.
func (b *browser) pressToFollow(keys string) {
	b.t.Helper()
	b.followBy("press keys", chromedp.KeyEvent(keys))
}

// text returns an element's text, without the space around it.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return ask[string](b, "document.querySelector("+quote(selector)+").textContent.trim()")
}

// count returns the number of elements.
func (b *browser) count(selector string) int {
	b.t.Helper()
	return ask[int](b, "document.querySelectorAll("+quote(selector)+").length")
}

// waitPage waits until the page at url has loaded and the help center's script is done with it.
func (b *browser) waitPage(url string) {
	b.t.Helper()
	b.until(`document.readyState === "complete" && !document.querySelector("[aria-busy]") && location.href === ` + quote(url))
}

// until waits until an expression of JavaScript is true, on this page or a later one.
func (b *browser) until(condition string) {
	b.t.Helper()
	poll[bool](b, "!!("+condition+")")
}

// ask returns the value of an expression of JavaScript, which may await.
func ask[T any](b *browser, expression string) T {
	b.t.Helper()
	return poll[[]T](b, "["+expression+"]")[0] // an array is true, whatever is in it
}

// poll evaluates an expression of JavaScript until it is true, and returns its value. If the
// document goes away, it continues with the next one. chromedp's own Poll ends with the document,
// and the Content-Security-Policy of our pages forbids it, because it makes a function from text.
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

// document returns the document of the page or the frame.
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

func (b *browser) clearCookies() {
	b.t.Helper()
	b.do("clear cookies", call(network.ClearBrowserCookies, cdp.Empty{}))
}

// disableScript switches script off in all later pages. Pages have no timers then, so the methods
// that wait for a condition fail if it is not true at once.
func (b *browser) disableScript() {
	b.t.Helper()
	b.setScript(false)
}

func (b *browser) setScript(runs bool) {
	b.t.Helper()
	b.do("switch script", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !runs}))
}

// openWithoutScript opens a page whose own scripts do not run. The test can still evaluate
// expressions.
func (b *browser) openWithoutScript(url string) {
	b.t.Helper()
	b.setScript(false)
	b.open(url)
	b.setScript(true)
}

// prefer sets a media feature of the visitor, for example prefers-color-scheme to dark.
func (b *browser) prefer(feature, value string) {
	b.t.Helper()
	b.do("prefer "+feature, call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	}))
}

// call returns the action that calls a command of the DevTools protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, command, params)
		return err
	})
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

// fatal ends the test and prints what the tab shows.
func (b *browser) fatal(step string, err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	shown, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + `\n` + document.body.innerText"))
	b.t.Fatalf("%s: %v\nat %s", step, err, shown)
}

// complaints returns the errors and warnings in the console since the start. Later ones are lost.
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
			// Only the browser's own messages have a source.
			source := cmp.Or(message.Source, string(message.Type))
			found = append(found, fmt.Sprintf("%s %s: %s", source, message.URL, message.Text))
		}
	}
	return found
}

// expectStatus adds the console message for a page with a status of 400 or more.
func (b *browser) expectStatus(url string, status int) {
	b.expect(url, fmt.Sprintf("the server responded with a status of %d (%s)", status, http.StatusText(status)))
}

func (b *browser) expect(url, problem string) {
	*b.expected = append(*b.expected, "network "+url+": Failed to load resource: "+problem)
}

// quote returns text as a literal of JavaScript.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(literal)
}
