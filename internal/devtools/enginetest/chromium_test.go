package enginetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/proctest"
)

// A chromiumTab is a driver of Chromium, by its own protocol.
type chromiumTab struct {
	tab     context.Context
	console iter.Seq2[chromedp.ConsoleMessage, error]
}

func startChromium(t *testing.T, home string, s settings) func(*testing.T) driver {
	t.Helper()
	preferences := `"profile":{"cookie_controls_mode":1}` // the default differs between distributions
	switch {
	case s.allowThirdPartyCookies:
		preferences = `"profile":{"cookie_controls_mode":0}`
	case s.noCookies:
		preferences = `"profile":{"default_content_setting_values":{"cookies":2}}`
	case s.largeText:
		preferences = `"webkit":{"webprefs":{"default_font_size":32}}`
	}
	clitest.WriteFile(t, filepath.Join(home, "Default", "Preferences"), "{"+preferences+"}")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(home),
		// Frames of another site then share the page's process, and the tab's session reaches them.
		chromedp.Flag("disable-site-isolation-trials", true),
		// A window without pages of the browser's own, which cost as much as those that are tested.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	stops = append(stops, stop)
	process, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(process); err != nil { // a deadline here would be the process's own
		t.Fatalf("start Chromium, which make test installs: %v", err)
	}
	return func(t *testing.T) driver {
		t.Helper()
		tab, stop := chromedp.NewContext(process, chromedp.WithNewBrowserContext())
		t.Cleanup(stop)
		if err := chromedp.Do(tab); err != nil {
			t.Fatalf("open a tab: %v", err)
		}
		c := chromiumTab{tab, chromedp.Console(tab)}
		t.Cleanup(func() {
			if complaints := c.complaints(t); len(complaints) > 0 && t.Name() != consoleTest {
				t.Errorf("the console has:\n%s", strings.Join(complaints, "\n"))
			}
		})
		return c
	}
}

// complaints are the errors and warnings in the console, among them what a Content-Security-Policy
// forbids. A page or a script's request that is refused is none, but a file of a page is.
func (c chromiumTab) complaints(t *testing.T) (found []string) {
	t.Helper()
	ctx, cancel := proctest.Patience(t)
	defer cancel()
	const last = "the visit is over"
	if err := c.do(ctx, chromedp.Evaluate[chromedp.Void]("console.debug("+quote(last)+")")); err != nil {
		t.Errorf("read the console: %v", err)
		return nil
	}
	for message, err := range c.console {
		if err != nil || message.Text == last {
			break
		}
		if file, err := url.Parse(message.URL); message.Source == "network" && err == nil && slices.Contains([]string{"", ".json"}, path.Ext(file.Path)) {
			continue
		}
		switch message.Type {
		case chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException:
			found = append(found, message.Source+" "+message.URL+": "+message.Text)
		}
	}
	return found
}

// in returns the tab's context with the deadline of ctx.
func (c chromiumTab) in(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, _ := ctx.Deadline()
	return context.WithDeadline(c.tab, deadline)
}

func (c chromiumTab) do(ctx context.Context, actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := c.in(ctx)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

func (c chromiumTab) open(ctx context.Context, url string) error {
	return c.do(ctx, chromedp.Navigate(url))
}

func (c chromiumTab) back(ctx context.Context) error { return c.do(ctx, chromedp.NavigateBack()) }

func (c chromiumTab) resize(ctx context.Context, width int) error {
	return c.do(ctx, chromedp.EmulateViewport(int64(width), height))
}

func (c chromiumTab) press(ctx context.Context, keys string) error {
	return c.do(ctx, chromedp.KeyEvent(keys))
}

func (c chromiumTab) evaluate(ctx context.Context, frame, expression string) (json.RawMessage, error) {
	ctx, cancel := c.in(ctx)
	defer cancel()
	text, err := chromedp.Run(ctx, inDocument[string](frame, "JSON.stringify("+expression+")"))
	return json.RawMessage(text), err
}

// inDocument evaluates an expression where document is the page's, or that of the frame.
func inDocument[T any](frame, expression string) chromedp.Action[T] {
	return func(ctx context.Context, tab *chromedp.Target) (value T, err error) {
		if frame == "" {
			return chromedp.Evaluate[T](expression)(ctx, tab)
		}
		element, err := chromedp.Evaluate[*runtime.RemoteObject]("document.querySelector("+quote(frame)+")")(ctx, tab)
		if err != nil {
			return value, err
		}
		node, err := cdp.Call(ctx, tab, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: element.ObjectID, Pierce: new(true)})
		if err != nil {
			return value, err
		}
		if node.Node.ContentDocument == nil {
			return value, errors.New("the frame is empty")
		}
		content, err := cdp.Call(ctx, tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node.Node.ContentDocument.BackendNodeID})
		if err != nil {
			return value, err
		}
		of := func(p *runtime.CallFunctionOnParams) { p.ObjectID = content.Object.ObjectID }
		return chromedp.CallFunctionOn[T]("function() { return "+expression+" }", of)(ctx, tab)
	}
}

func (c chromiumTab) click(ctx context.Context, frame, selector string) error {
	return c.do(ctx, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		element, err := inDocument[*runtime.RemoteObject](frame, scrolledTo(selector))(ctx, tab)
		if err != nil {
			return err
		}
		seen, err := cdp.Call(ctx, tab, dom.GetContentQuads, dom.GetContentQuadsParams{ObjectID: element.ObjectID})
		if err != nil || len(seen.Quads) == 0 {
			return cmp.Or(err, errors.New("the element has no place on the page"))
		}
		at := seen.Quads[0] // the corners, clockwise, in the page around all frames
		_, err = chromedp.MouseClickXY((at[0]+at[4])/2, (at[1]+at[5])/2)(ctx, tab)
		return err
	}))
}
