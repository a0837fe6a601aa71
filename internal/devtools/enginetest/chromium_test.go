package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
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

func startChromium(t *testing.T, s settings) func(*testing.T) driver {
	t.Helper()
	profile := t.TempDir()
	preferences := `"profile":{"cookie_controls_mode":1}` // the default differs between distributions
	switch {
	case s.allowThirdPartyCookies:
		preferences = `"profile":{"cookie_controls_mode":0}`
	case s.noCookies:
		preferences = `"profile":{"default_content_setting_values":{"cookies":2}}`
	case s.largeText:
		preferences = `"webkit":{"webprefs":{"default_font_size":32}}`
	}
	clitest.WriteFile(t, filepath.Join(profile, "Default", "Preferences"), "{"+preferences+"}")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromiumPath(t)),
		chromedp.UserDataDir(profile),
		// Frames of another site then share the page's process, and the tab's session reaches them.
		chromedp.Flag("disable-site-isolation-trials", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	process, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(process); err != nil { // a deadline here would be the process's own
		t.Fatalf("start Chromium: %v", err)
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

func chromiumPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium is on the path: make test installs it on Debian and Ubuntu")
	return ""
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
	return chromedp.Run(ctx, func(ctx context.Context, tab *chromedp.Target) (json.RawMessage, error) {
		document, err := c.document(ctx, tab, frame)
		if err != nil {
			return nil, err
		}
		function := "function() { return JSON.stringify(" + expression + ") }"
		this := func(p *runtime.CallFunctionOnParams) { p.ObjectID = document }
		text, err := chromedp.CallFunctionOn[string](function, this)(ctx, tab)
		return json.RawMessage(text), err
	})
}

// document finds the page's document, or the one in the frame.
func (c chromiumTab) document(ctx context.Context, tab *chromedp.Target, frame string) (runtime.RemoteObjectID, error) {
	if frame == "" {
		document, err := chromedp.Evaluate[*runtime.RemoteObject]("document")(ctx, tab)
		if err != nil {
			return "", err
		}
		return document.ObjectID, nil
	}
	element, err := chromedp.Evaluate[*runtime.RemoteObject]("document.querySelector("+quote(frame)+")")(ctx, tab)
	if err != nil {
		return "", err
	}
	pierce := dom.DescribeNodeParams{ObjectID: element.ObjectID, Pierce: new(true)}
	node, err := cdp.Call(ctx, tab, dom.DescribeNode, pierce)
	if err != nil {
		return "", err
	}
	if node.Node.ContentDocument == nil {
		return "", errors.New("the frame is empty")
	}
	id := node.Node.ContentDocument.BackendNodeID
	content, err := cdp.Call(ctx, tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: id})
	if err != nil {
		return "", err
	}
	return content.Object.ObjectID, nil
}

func (c chromiumTab) click(ctx context.Context, frame, selector string) error {
	var corner, middle [2]float64
	if err := c.point(ctx, frame, selector, "[r.left + r.width / 2, r.top + r.height / 2]", &middle); err != nil {
		return err
	}
	if frame != "" {
		if err := c.point(ctx, "", frame, "[r.left, r.top]", &corner); err != nil {
			return err
		}
	}
	mouse := func(kind input.DispatchMouseEventType) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, input.DispatchMouseEvent, input.DispatchMouseEventParams{
				Type: kind, Button: input.MouseButtonLeft, ClickCount: 1,
				X: corner[0] + middle[0], Y: corner[1] + middle[1],
			})
			return err
		})
	}
	return c.do(ctx, mouse(input.DispatchMouseEventTypeMousePressed), mouse(input.DispatchMouseEventTypeMouseReleased))
}

// point evaluates an expression with the rectangle r of an element. It scrolls to an element that
// is no frame: a frame stays where its element is in sight.
func (c chromiumTab) point(ctx context.Context, frame, selector, expression string, into *[2]float64) error {
	got, err := c.evaluate(ctx, frame, `((e) => {
		if (!e.matches("iframe")) e.scrollIntoView({block: "nearest", behavior: "instant"});
		const r = e.getBoundingClientRect();
		return `+expression+`;
	})(document.querySelector(`+quote(selector)+`))`)
	if err != nil {
		return err
	}
	return json.Unmarshal(got, into)
}
