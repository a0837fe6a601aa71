package check

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Chromium is an installed Chromium, which runs the scripts of pages.
type Chromium struct {
	Path           string
	AnyCertificate bool // accepts certificates of any make
}

// A chromium is a running Chromium with a new profile. It speaks the DevTools protocol over the
// file descriptors 3 and 4 of the process: each message is JSON and ends in a zero byte.
type chromium struct {
	process *exec.Cmd
	profile string
	ended   chan struct{} // closed when there are no more messages

	writing sync.Mutex
	input   *os.File

	mu      sync.Mutex
	calls   int
	waiting map[int]chan message
	tabs    map[string]*tab // by the protocol's session ids
}

// A message is a call of the protocol, a reply, or an event.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// params are those of a call.
type params map[string]any

// chromiumStart is how long Chromium may take to start, and chromiumEnd how long to end.
const (
	chromiumStart = 30 * time.Second
	chromiumEnd   = 5 * time.Second
)

// start starts Chromium, which can't reach the help center.
func (c Chromium) start(ctx context.Context, center *url.URL) (*chromium, error) {
	profile, err := os.MkdirTemp("", "ocsso-check-")
	if err != nil {
		return nil, err
	}
	running, err := c.startIn(ctx, profile, center)
	if err != nil {
		os.RemoveAll(profile)
		return nil, fmt.Errorf("start the browser %s: %w", c.Path, err)
	}
	return running, nil
}

func (c Chromium) startIn(ctx context.Context, profile string, center *url.URL) (*chromium, error) {
	// The tabs are in contexts of their own, in which Chromium blocks third-party cookies unless it
	// is told to treat them as in a usual window.
	if err := os.Mkdir(filepath.Join(profile, "Default"), 0o700); err != nil {
		return nil, err
	}
	settings := []byte(`{"profile":{"cookie_controls_mode":0}}`)
	if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), settings, 0o600); err != nil {
		return nil, err
	}
	flags := []string{
		"--headless", "--remote-debugging-pipe", "--user-data-dir=" + profile, "--no-first-run", "--no-default-browser-check",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--disable-dev-shm-usage", "--disable-gpu", "--password-store=basic", "--use-mock-keychain",
		"--host-resolver-rules=MAP " + net.JoinHostPort(center.Hostname(), portOf(center)) + " ~NOTFOUND",
	}
	if c.AnyCertificate {
		flags = append(flags, "--ignore-certificate-errors")
	}
	if os.Geteuid() == 0 {
		flags = append(flags, "--no-sandbox") // Chromium refuses to run as root otherwise
	}
	theirInput, input, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	output, theirOutput, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirInput.Close(), input.Close())
	}
	log, err := os.Create(filepath.Join(profile, "log"))
	if err != nil {
		return nil, err
	}
	running := &chromium{
		process: exec.CommandContext(ctx, c.Path, append(flags, "about:blank")...), profile: profile, input: input, ended: make(chan struct{}),
		waiting: map[int]chan message{}, tabs: map[string]*tab{},
	}
	running.process.ExtraFiles = []*os.File{theirInput, theirOutput}
	running.process.Stderr = log
	err = running.process.Start()
	theirInput.Close()
	theirOutput.Close()
	log.Close()
	if err != nil {
		return nil, errors.Join(err, input.Close(), output.Close())
	}
	go running.read(output)

	ctx, cancel := context.WithTimeout(ctx, chromiumStart)
	defer cancel()
	if err := running.call(ctx, "", "Target.setDiscoverTargets", params{"discover": false}, nil); err != nil {
		running.process.Process.Kill()
		running.process.Wait()
		err = fmt.Errorf("%w%s", err, lastLine(filepath.Join(profile, "log")))
		running.close()
		return nil, err
	}
	return running, nil
}

// lastLine returns the last line of a log, to be added to an error.
func lastLine(file string) string {
	text, err := os.ReadFile(file)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if last := lines[len(lines)-1]; err == nil && last != "" {
		return ": " + last
	}
	return ""
}

// close ends Chromium and removes its profile.
func (c *chromium) close() {
	ctx, cancel := context.WithTimeout(context.Background(), chromiumEnd)
	defer cancel()
	c.call(ctx, "", "Browser.close", nil, nil)
	kill := time.AfterFunc(chromiumEnd, func() { c.process.Process.Kill() })
	c.process.Wait()
	kill.Stop()
	c.input.Close()
	// A process of Chromium's may still write to the profile for a moment.
	for range 20 {
		if os.RemoveAll(c.profile) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

var errChromiumEnded = errors.New("the browser has ended")

// call calls a method of the protocol, and reads its result into result, which may be nil.
func (c *chromium) call(ctx context.Context, session, method string, p params, result any) error {
	reply := make(chan message, 1)
	if err := c.send(session, method, p, reply); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	case <-c.ended:
		return errChromiumEnded
	case got := <-reply:
		if got.Error != nil {
			return fmt.Errorf("%s: %s", method, got.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(got.Result, result)
	}
}

// send sends a call. Its reply, if anybody wants it, goes to the channel.
func (c *chromium) send(session, method string, p params, reply chan message) error {
	c.mu.Lock()
	c.calls++
	id := c.calls
	if reply != nil {
		c.waiting[id] = reply
	}
	c.mu.Unlock()
	if p == nil {
		p = params{}
	}
	text, err := json.Marshal(message{ID: id, Session: session, Method: method, Params: p})
	if err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if _, err := c.input.Write(append(text, 0)); err != nil {
		return errChromiumEnded
	}
	return nil
}

// read hands replies to those who wait for them, and events to the tabs, until Chromium ends.
func (c *chromium) read(output *os.File) {
	defer close(c.ended)
	defer output.Close()
	for reader := bufio.NewReader(output); ; {
		text, err := reader.ReadBytes(0)
		if err != nil {
			return
		}
		var body json.RawMessage
		got := message{Params: &body}
		if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &got) != nil {
			continue
		}
		c.mu.Lock()
		reply, tab := c.waiting[got.ID], c.tabs[got.Session]
		delete(c.waiting, got.ID)
		c.mu.Unlock()
		switch {
		case got.ID != 0 && reply != nil:
			reply <- got
		case got.ID == 0 && tab != nil:
			tab.handle(got.Session, got.Method, body)
		}
	}
}
