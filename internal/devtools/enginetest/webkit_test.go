package enginetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/proctest"
)

// A webkitTab is a driver of WebKitGTK, by WebDriver (https://www.w3.org/TR/webdriver2).
type webkitTab struct{ session string } // the session's URL

func startWebKit(t *testing.T, home string, s settings) func(*testing.T) driver {
	t.Helper()
	browsers, err := filepath.Glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")
	if err != nil || len(browsers) == 0 {
		t.Fatal("no MiniBrowser of WebKitGTK: run make test-engines, which installs it")
	}
	_, port, _ := strings.Cut(clitest.FreeAddress(t), ":")
	command := exec.Command("WebKitWebDriver", "--port="+port)
	command.Env = append(os.Environ(), "DISPLAY="+startDisplay(t), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CACHE_HOME="+home,
		"XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home)
	startProgram(t, command)
	process := &webkitTab{"http://127.0.0.1:" + port}
	ctx, cancel := proctest.Patience(t)
	defer cancel()
	if err := poll(ctx, often, func() (bool, error) {
		err := process.call(ctx, http.MethodGet, "/status", nil, nil)
		return err == nil, err
	}); err != nil {
		t.Fatalf("start WebKitWebDriver: %v", err)
	}
	args := []string{"--automation"}
	if s.allowThirdPartyCookies {
		args = append(args, "--cookies-policy=always")
	}
	capabilities := object{"capabilities": object{"alwaysMatch": object{
		"acceptInsecureCerts": true,
		// The driver would wait for ever once it is back at a page with Cross-Origin-Opener-Policy:
		// WebKitGTK shows the page, but does not say that it has loaded.
		"pageLoadStrategy":         "none",
		"webkitgtk:browserOptions": object{"binary": browsers[0], "args": args},
	}}}
	return func(t *testing.T) driver {
		t.Helper()
		ctx, cancel := proctest.Patience(t)
		defer cancel()
		var session struct{ SessionID string }
		if err := process.call(ctx, http.MethodPost, "/session", capabilities, &session); err != nil {
			t.Fatalf("start WebKit: %v", err)
		}
		w := &webkitTab{process.session + "/session/" + session.SessionID}
		t.Cleanup(func() {
			ctx, cancel := proctest.Patience(t)
			defer cancel()
			if err := w.call(ctx, http.MethodDelete, "", nil, nil); err != nil {
				t.Errorf("close WebKit: %v", err)
			}
		})
		return w
	}
}

// startDisplay starts an X server without a screen and returns its display.
func startDisplay(t *testing.T) string {
	t.Helper()
	lines, output, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	command := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
	command.ExtraFiles = []*os.File{output}
	startProgram(t, command)
	output.Close()
	number, err := bufio.NewReader(lines).ReadString('\n')
	if err != nil {
		t.Fatalf("read the number of the display: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}

// call sends a command. A nil body is none.
func (w *webkitTab) call(ctx context.Context, method, path string, body, result any) error {
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, w.session+path, sent)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, answer.Value)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, result)
}

// open marks the page that is there, so that it knows the next one.
func (w *webkitTab) open(ctx context.Context, url string) error {
	if _, err := w.evaluate(ctx, "", "document.documentElement.dataset.left = true"); err != nil {
		return err
	}
	if err := w.call(ctx, http.MethodPost, "/url", object{"url": url}, nil); err != nil {
		return err
	}
	const loaded = `!document.documentElement.dataset.left && document.readyState === "complete"`
	return poll(ctx, often, func() (bool, error) {
		got, err := w.evaluate(ctx, "", loaded)
		return string(got) == "true", err
	})
}

func (w *webkitTab) resize(ctx context.Context, width int) error {
	return w.call(ctx, http.MethodPost, "/window/rect", object{"width": width, "height": height}, nil)
}

func (w *webkitTab) back(ctx context.Context) error {
	return w.call(ctx, http.MethodPost, "/back", object{}, nil)
}

// An element is a reference to one, by a name that WebDriver fixes.
type element struct {
	ID string `json:"element-6066-11e4-a52e-4f735466cecf"`
}

func (w *webkitTab) find(ctx context.Context, selector string) (e element, err error) {
	err = w.call(ctx, http.MethodPost, "/element", object{"using": "css selector", "value": selector}, &e)
	return e, err
}

// enter makes the frame the one that the next commands are for.
func (w *webkitTab) enter(ctx context.Context, frame string) error {
	if err := w.call(ctx, http.MethodPost, "/frame", object{"id": nil}, nil); err != nil || frame == "" {
		return err
	}
	e, err := w.find(ctx, frame)
	if err != nil {
		return err
	}
	return w.call(ctx, http.MethodPost, "/frame", object{"id": e}, nil)
}

// evaluate asks again after a while, and waits longer each time: the driver never answers a command
// that meets the change from one page's process to another's.
func (w *webkitTab) evaluate(ctx context.Context, frame, expression string) (json.RawMessage, error) {
	for wait := 3 * time.Second; ; wait *= 2 {
		short, cancel := context.WithTimeout(ctx, wait)
		got, err := w.evaluateOnce(short, frame, expression)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return got, err
		}
	}
}

func (w *webkitTab) evaluateOnce(ctx context.Context, frame, expression string) (json.RawMessage, error) {
	if err := w.enter(ctx, frame); err != nil {
		return nil, err
	}
	var text string
	script := object{"script": "return JSON.stringify(" + expression + ")", "args": []any{}}
	err := w.call(ctx, http.MethodPost, "/execute/sync", script, &text)
	return json.RawMessage(text), err
}

func (w *webkitTab) click(ctx context.Context, frame, selector string) error {
	if err := w.enter(ctx, frame); err != nil {
		return err
	}
	e, err := w.find(ctx, selector)
	if err != nil {
		return err
	}
	return w.call(ctx, http.MethodPost, "/element/"+e.ID+"/click", object{}, nil)
}

func (w *webkitTab) press(ctx context.Context, keys string) error {
	return w.call(ctx, http.MethodPost, "/actions", object{"actions": []object{keyActions(keys)}}, nil)
}
