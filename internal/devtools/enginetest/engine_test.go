// Package enginetest plays what a member does in three browser engines, with real key and mouse
// events, against `ocdev demo` as a process of its own.
//
// `make test` plays in Chromium, and looks at every page there. `make test-engines` installs
// Firefox and WebKitGTK and plays in them. OCSSO_ENGINES names engines, separated by commas.
package enginetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"ocsso/internal/proctest"
)

// A driver controls one tab of a browser with a profile of its own.
//
// A frame is the CSS selector of an iframe in the page, or "" for the page.
type driver interface {
	// open goes to a URL and returns when a page has loaded.
	open(ctx context.Context, url string) error
	// back goes one step back in the history. The page may still load when it returns.
	back(ctx context.Context) error
	// resize gives the page about this width in CSS pixels.
	resize(ctx context.Context, width int) error
	// evaluate returns the value of an expression of JavaScript as JSON.
	evaluate(ctx context.Context, frame, expression string) (json.RawMessage, error)
	// click clicks the middle of an element with the mouse.
	click(ctx context.Context, frame, selector string) error
	// press types on the keyboard. It knows text of any language, "\t" and "\r" (Enter).
	press(ctx context.Context, keys string) error
}

// An engine starts browsers.
type engine struct {
	name  string
	flags []string // of the demo that it can work with
	// start starts a browser that ends with the last test. home is an empty folder for it. openTab
	// opens a tab until a test ends, which knows no site yet.
	start func(t *testing.T, home string, s settings) (openTab func(*testing.T) driver)
}

// settings are those of a browser. By default, all three block or partition third-party cookies.
type settings struct {
	allowThirdPartyCookies bool
	largeText              bool // letters of twice the usual size
	noCookies              bool
	noScript               bool
}

func (s settings) String() string {
	if s.allowThirdPartyCookies {
		return "third-party cookies allowed"
	}
	return "default settings"
}

var (
	chromium = engine{"chromium", nil, startChromium}
	firefox  = engine{"firefox", nil, startFirefox}
	webkit   = engine{"webkit", []string{"--tls"}, startWebKit} // no Secure cookies over http
)

// A browser is one that visits share. Each visit has a profile of its own in it.
type browser struct {
	engine   engine
	settings settings
	openTab  func(*testing.T) driver
}

// started has openTab of each browser that runs, by engine and settings. To start one costs more
// than a short test.
var started = map[string]func(*testing.T) driver{}

// startBrowser runs a browser, or takes the one that runs with these settings. The test is skipped
// where OCSSO_ENGINES leaves the engine out.
func startBrowser(t *testing.T, e engine, s settings) browser {
	t.Helper()
	names := cmp.Or(os.Getenv("OCSSO_ENGINES"), chromium.name)
	if !slices.Contains(strings.Split(names, ","), e.name) {
		t.Skipf("OCSSO_ENGINES=%s leaves out %s", names, e.name)
	}
	key := fmt.Sprintf("%s %#v", e.name, s)
	if started[key] == nil {
		home, err := os.MkdirTemp(scratch, e.name)
		if err != nil {
			t.Fatal(err)
		}
		started[key] = e.start(t, home, s)
	}
	return browser{e, s, started[key]}
}

// scrolledTo is an expression of JavaScript for an element that is in sight.
func scrolledTo(selector string) string {
	return `((e) => (e.scrollIntoView({block: "nearest", behavior: "instant"}), e))(document.querySelector(` + quote(selector) + `))`
}

// startProgram starts a program of a browser, which ends with the last test.
func startProgram(t *testing.T, command *exec.Cmd) {
	t.Helper()
	stop, err := proctest.Guard(command)
	if err != nil {
		t.Fatalf("%v: make test and make test-engines install what the tests need", err)
	}
	stops = append(stops, stop)
}

// A visit is a tab and the demo that it visits. Its methods end the test when a step can't be done.
type visit struct {
	*demo
	browser
	t      *testing.T
	driver driver
}

// visit opens a tab, and runs a demo with these flags.
func (b browser) visit(t *testing.T, flags ...string) *visit {
	t.Helper()
	return &visit{startDemo(t, append(flags, b.engine.flags...)...), b, t, b.openTab(t)}
}

// height is that of a page that is resized.
const height = 800

// step does something in the browser.
func (v *visit) step(what string, do func(ctx context.Context) error) {
	v.t.Helper()
	ctx, cancel := proctest.Patience(v.t)
	defer cancel()
	err := do(ctx)
	if err == nil {
		return
	}
	ctx, cancel = proctest.Patience(v.t)
	defer cancel()
	shown, _ := v.driver.evaluate(ctx, "", "location.href + ' ' + document.body.innerText")
	v.t.Fatalf("%s: %v\nthe tab shows %s", what, err, shown)
}

func (v *visit) open(url string) {
	v.t.Helper()
	v.step("open "+url, func(ctx context.Context) error { return v.driver.open(ctx, url) })
}

// see opens a page and waits until its script is done with it.
func (v *visit) see(url string) {
	v.t.Helper()
	v.open(url)
	v.waitPage("", url)
}

func (v *visit) back() {
	v.t.Helper()
	v.step("go back", v.driver.back)
}

func (v *visit) resize(width int) {
	v.t.Helper()
	v.step("resize", func(ctx context.Context) error { return v.driver.resize(ctx, width) })
}

func (v *visit) click(selector string) {
	v.t.Helper()
	v.clickIn("", selector)
}

func (v *visit) clickIn(frame, selector string) {
	v.t.Helper()
	v.until(frame, "document.querySelector("+quote(selector)+")")
	v.step("click "+selector, func(ctx context.Context) error { return v.driver.click(ctx, frame, selector) })
}

// follow presses Enter on a button or a link, which may move while the page is laid out, and waits
// until the next page has loaded.
func (v *visit) follow(selector string) {
	v.t.Helper()
	v.run("", "document.documentElement.dataset.left = true")
	v.run("", "document.querySelector("+quote(selector)+").focus()")
	v.press("\r")
	v.until("", `document.readyState === "complete" && !document.querySelector("[aria-busy], [data-left]")`)
}

func (v *visit) press(keys string) {
	v.t.Helper()
	v.step(fmt.Sprintf("press %q", keys), func(ctx context.Context) error { return v.driver.press(ctx, keys) })
}

// until waits for a condition in JavaScript, across pages.
func (v *visit) until(frame, condition string) {
	v.t.Helper()
	v.step("wait for "+condition, func(ctx context.Context) error {
		return poll(ctx, often, func() (bool, error) {
			got, err := v.driver.evaluate(ctx, frame, "!!("+condition+")")
			return string(got) == "true", err
		})
	})
}

const often = 20 * time.Millisecond

// poll asks every so often until the answer is true.
func poll(ctx context.Context, every time.Duration, ask func() (bool, error)) error {
	again := time.NewTicker(every)
	defer again.Stop()
	for {
		if done, err := ask(); err == nil && done {
			return nil
		} else if ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// waitPage waits until the page at url has loaded and the help center's script has decided whom it
// is for.
func (v *visit) waitPage(frame, url string) {
	v.t.Helper()
	v.until(frame, `document.readyState === "complete" && !document.querySelector("[aria-busy]") &&
		location.href === `+quote(url))
}

// ask returns the value of an expression in the page.
func ask[T any](v *visit, frame, expression string) (value T) {
	v.t.Helper()
	v.step("evaluate "+expression, func(ctx context.Context) error {
		got, err := v.driver.evaluate(ctx, frame, expression)
		if err != nil {
			return err
		}
		return json.Unmarshal(got, &value)
	})
	return value
}

// run evaluates an expression for its effect.
func (v *visit) run(frame, expression string) {
	v.t.Helper()
	ask[any](v, frame, "("+expression+", null)")
}

// want checks a value in the page.
func (v *visit) want(frame, expression string, want any) {
	v.t.Helper()
	if got, want := quote(ask[any](v, frame, expression)), quote(want); got != want {
		v.t.Errorf("got %s for %s, want %s", got, expression, want)
	}
}

// quote is a value as a literal of JavaScript.
func quote(value any) string {
	literal, err := json.Marshal(value)
	if err != nil {
		panic(err) // the values of these tests have a JSON form
	}
	return string(literal)
}
