package enginetest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/websocket"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/proctest"
)

// A firefoxProcess answers calls of WebDriver BiDi (https://w3c.github.io/webdriver-bidi), one at a
// time.
type firefoxProcess struct {
	socket *websocket.Conn
	lastID int
}

// A firefoxTab is a driver of Firefox.
type firefoxTab struct {
	*firefoxProcess
	context string // of the tab; BiDi's word for a tab or a frame
}

func startFirefox(t *testing.T, home string, s settings) func(*testing.T) driver {
	t.Helper()
	preferences := `user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("signon.rememberSignons", false);
user_pref("privacy.userContext.enabled", true);
`
	if s.allowThirdPartyCookies {
		preferences += `user_pref("network.cookie.cookieBehavior", 0);` + "\n"
	}
	if s.largeText {
		for _, script := range []string{"x-western", "ko"} {
			preferences += `user_pref("font.size.variable.` + script + `", 32);` + "\n"
		}
	}
	if s.noCookies {
		preferences += `user_pref("network.cookie.cookieBehavior", 2);` + "\n"
	}
	if s.noScript {
		preferences += `user_pref("javascript.enabled", false);` + "\n"
	}
	clitest.WriteFile(t, filepath.Join(home, "user.js"), preferences)
	const origin = "http://localhost" // the websocket package always sends one
	command := exec.Command("firefox-esr", "--headless", "--no-remote", "--profile", home,
		"--remote-debugging-port", "0", "--remote-allow-origins", origin)
	command.Env = append(os.Environ(), "HOME="+home)
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	startProgram(t, command)
	address := ""
	for scanner := bufio.NewScanner(output); address == "" && scanner.Scan(); {
		_, address, _ = strings.Cut(scanner.Text(), "WebDriver BiDi listening on ")
	}
	go io.Copy(io.Discard, output)
	socket, err := websocket.Dial(address+"/session", "", origin)
	if err != nil {
		t.Fatalf("connect to Firefox at %q: %v", address, err)
	}
	process := &firefoxProcess{socket: socket}
	call := func(t *testing.T, method string, params object, result any) {
		t.Helper()
		ctx, cancel := proctest.Patience(t)
		defer cancel()
		if err := process.call(ctx, method, params, result); err != nil {
			t.Fatal(err)
		}
	}
	call(t, "session.new", object{"capabilities": object{}}, nil)
	return func(t *testing.T) driver {
		t.Helper()
		var profile struct{ UserContext string }
		call(t, "browser.createUserContext", object{}, &profile)
		var tab struct{ Context string }
		call(t, "browsingContext.create", object{"type": "tab", "userContext": profile.UserContext}, &tab)
		t.Cleanup(func() {
			call(t, "browser.removeUserContext", object{"userContext": profile.UserContext}, nil) // closes its tabs
		})
		return firefoxTab{process, tab.Context}
	}
}

// call sends a command and waits for its answer.
func (f *firefoxProcess) call(ctx context.Context, method string, params object, result any) error {
	deadline, _ := ctx.Deadline()
	f.socket.SetDeadline(deadline)
	f.lastID++
	if err := websocket.JSON.Send(f.socket, object{"id": f.lastID, "method": method, "params": params}); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		var answer struct {
			Type, Error, Message string
			ID                   int
			Result               json.RawMessage
		}
		if err := websocket.JSON.Receive(f.socket, &answer); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case answer.ID != f.lastID: // an event, or the answer to a call that was given up
		case answer.Type == "error":
			return fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, result)
		}
	}
}

func (f firefoxTab) open(ctx context.Context, url string) error {
	return f.call(ctx, "browsingContext.navigate", object{"context": f.context, "url": url, "wait": "complete"}, nil)
}

func (f firefoxTab) resize(ctx context.Context, width int) error {
	return f.call(ctx, "browsingContext.setViewport", object{
		"context": f.context, "viewport": object{"width": width, "height": height},
	}, nil)
}

func (f firefoxTab) back(ctx context.Context) error {
	return f.call(ctx, "browsingContext.traverseHistory", object{"context": f.context, "delta": -1}, nil)
}

// A remoteValue is a value of JavaScript: text, or what names a node or a window.
type remoteValue struct {
	Type     string
	SharedID string
	Value    json.RawMessage
}

// script evaluates an expression in a context, as the page's own script does.
func (f firefoxTab) script(ctx context.Context, in, expression string) (remoteValue, error) {
	var answer struct {
		Type             string
		Result           remoteValue
		ExceptionDetails struct{ Text string }
	}
	err := f.call(ctx, "script.evaluate", object{
		"expression": expression, "awaitPromise": false, "target": object{"context": in},
	}, &answer)
	if err == nil && answer.Type != "success" {
		err = fmt.Errorf("evaluate %s: %s", expression, answer.ExceptionDetails.Text)
	}
	return answer.Result, err
}

// frame is the context of a frame.
func (f firefoxTab) frame(ctx context.Context, selector string) (string, error) {
	if selector == "" {
		return f.context, nil
	}
	window, err := f.script(ctx, f.context, "document.querySelector("+quote(selector)+").contentWindow")
	if err != nil {
		return "", err
	}
	var value struct{ Context string }
	err = json.Unmarshal(window.Value, &value)
	return value.Context, err
}

func (f firefoxTab) evaluate(ctx context.Context, frame, expression string) (json.RawMessage, error) {
	in, err := f.frame(ctx, frame)
	if err != nil {
		return nil, err
	}
	got, err := f.script(ctx, in, "JSON.stringify("+expression+")")
	if err != nil {
		return nil, err
	}
	var text string
	err = json.Unmarshal(got.Value, &text)
	return json.RawMessage(text), err
}

func (f firefoxTab) click(ctx context.Context, frame, selector string) error {
	in, err := f.frame(ctx, frame)
	if err != nil {
		return err
	}
	element, err := f.script(ctx, in, scrolledTo(selector))
	if err != nil {
		return err
	}
	origin := object{"type": "element", "element": object{"sharedId": element.SharedID}}
	return f.call(ctx, "input.performActions", object{"context": in, "actions": []object{{
		"type": "pointer", "id": "mouse", "actions": []object{
			{"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
			{"type": "pointerDown", "button": 0},
			{"type": "pointerUp", "button": 0},
		},
	}}}, nil)
}

func (f firefoxTab) press(ctx context.Context, keys string) error {
	return f.call(ctx, "input.performActions", object{"context": f.context, "actions": []object{keyActions(keys)}}, nil)
}

// keyActions are the actions of a keyboard in both kinds of WebDriver.
func keyActions(keys string) object {
	var actions []object
	for _, key := range keys {
		switch key {
		case '\t':
			key = '\ue004'
		case '\r':
			key = '\ue007'
		}
		for _, kind := range []string{"keyDown", "keyUp"} {
			actions = append(actions, object{"type": kind, "value": string(key)})
		}
	}
	return object{"type": "key", "id": "keyboard", "actions": actions}
}
