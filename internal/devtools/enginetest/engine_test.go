// Package enginetest plays what a member does in three browser engines, with real key and mouse
// events, against `ocdev demo` as a process of its own.
//
// `make test-engines` installs the browsers and runs it. Without OCSSO_ENGINES in the environment
// every test is skipped. OCSSO_ENGINES=1 means all engines, OCSSO_ENGINES=firefox,webkit some.
package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
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
	start func(t *testing.T, s settings) driver
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

// inEveryBrowser runs a test in each engine, with default settings and with third-party cookies
// allowed. Each run has a new browser and a new demo with these flags.
func inEveryBrowser(t *testing.T, test func(v *visit), flags ...string) {
	for _, e := range []engine{chromium, firefox, webkit} {
		for _, s := range []settings{{}, {allowThirdPartyCookies: true}} {
			t.Run(e.name+"/"+s.String(), func(t *testing.T) { test(newVisit(t, e, s, flags...)) })
		}
	}
}

// A visit is a browser and the demo that it visits. Its methods end the test when a step can't be
// done in time.
type visit struct {
	*demo
	t        *testing.T
	driver   driver
	engine   engine
	settings settings
}

// newVisit skips the test unless OCSSO_ENGINES names the engine.
func newVisit(t *testing.T, e engine, s settings, flags ...string) *visit {
	t.Helper()
	names := os.Getenv("OCSSO_ENGINES")
	if names == "" {
		t.Skip("needs Chromium, Firefox and WebKitGTK: run make test-engines")
	}
	if names != "1" && !slices.Contains(strings.Split(names, ","), e.name) {
		t.Skipf("OCSSO_ENGINES=%s leaves out %s", names, e.name)
	}
	return &visit{t: t, demo: startDemo(t, append(flags, e.flags...)...), driver: e.start(t, s), engine: e, settings: s}
}

// height is that of a page that is resized.
const height = 800

const stepTimeout = 20 * time.Second

// step does something in the browser.
func (v *visit) step(what string, do func(ctx context.Context) error) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	if err := do(ctx); err != nil {
		v.fatal(what, err)
	}
}

// fatal ends the test and says what the tab shows.
func (v *visit) fatal(what string, err error) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	shown, _ := v.driver.evaluate(ctx, "", "location.href + ' ' + document.body.innerText")
	v.t.Fatalf("%s: %v\nthe tab shows %s", what, err, shown)
}

func (v *visit) open(url string) {
	v.t.Helper()
	v.step("open "+url, func(ctx context.Context) error { return v.driver.open(ctx, url) })
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
	v.until("", "document.querySelector("+quote(selector)+")")
	v.step("click "+selector, func(ctx context.Context) error { return v.driver.click(ctx, "", selector) })
}

func (v *visit) press(keys string) {
	v.t.Helper()
	v.step(fmt.Sprintf("press %q", keys), func(ctx context.Context) error { return v.driver.press(ctx, keys) })
}

// until waits for a condition in JavaScript, across pages.
func (v *visit) until(frame, condition string) {
	v.t.Helper()
	v.step("wait for "+condition, func(ctx context.Context) error {
		for {
			got, err := v.driver.evaluate(ctx, frame, "!!("+condition+")")
			if err == nil && string(got) == "true" {
				return nil
			}
			select {
			case <-ctx.Done():
				return errors.Join(ctx.Err(), err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
}

// waitPage waits until the page at url has loaded and the help center's script has decided whom it
// is for.
func (v *visit) waitPage(frame, url string) {
	v.t.Helper()
	v.until(frame, `document.readyState === "complete" && !document.querySelector("[aria-busy]") &&
		location.href === `+quote(url))
}

// want checks a value in the page.
func (v *visit) want(frame, expression string, want any) {
	v.t.Helper()
	literal, err := json.Marshal(want)
	if err != nil {
		v.t.Fatal(err)
	}
	v.step("evaluate "+expression, func(ctx context.Context) error {
		got, err := v.driver.evaluate(ctx, frame, expression)
		if err == nil && string(got) != string(literal) {
			v.t.Errorf("got %s for %s, want %s", got, expression, literal)
		}
		return err
	})
}

// quote is a text as a literal of JavaScript.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(literal)
}

// startProcess starts a program that ends with the test. output gets what it prints.
func startProcess(t *testing.T, output io.Writer, env []string, name string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(name, args...)
	command.Env = append(os.Environ(), env...)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		t.Fatalf("%v: run make test-engines, which installs it", err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	return command
}
