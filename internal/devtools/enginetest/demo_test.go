package enginetest

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the path of the built command.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if os.Getenv("OCSSO_ENGINES") != "" {
		dir, err := os.MkdirTemp("", "ocsso-engines")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "ocdev")
		build := exec.Command("go", "build", "-o", binary, "../../../cmd/ocdev")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 1
		}
	}
	return m.Run()
}

// A demo is `ocdev demo`, running as a process of its own.
type demo struct {
	Site       string `json:"site"`
	HelpCenter string `json:"help_center"`
	Service    string `json:"service"`
	Console    string `json:"console"`
}

// startDemo runs a demo on free ports until the test ends.
func startDemo(t *testing.T, flags ...string) *demo {
	t.Helper()
	line, output := io.Pipe()
	t.Cleanup(func() { line.Close() })
	args := append([]string{"demo", "--json", "--port", "0", "--helpcenter-port", "0"}, flags...)
	startProcess(t, output, nil, binary, args...)
	var d demo
	if err := json.NewDecoder(line).Decode(&d); err != nil {
		t.Fatalf("read what the demo prints: %v", err)
	}
	go io.Copy(t.Output(), line) // its log
	return &d
}

// home, inquiry and history are the pages of the help center.
func (d *demo) home() string    { return d.HelpCenter + "/" + d.Service + "/hc/" }
func (d *demo) inquiry() string { return d.home() + "ticket/" }
func (d *demo) history() string { return d.home() + "ticket/list/" }

// loginFor is the login page that leads to page.
func (d *demo) loginFor(page string) string {
	return d.Site + "/login?returnUrl=" + url.QueryEscape(page)
}

// An event is a call that the help center received or made.
type event struct {
	Kind    string `json:"kind"`
	Path    string `json:"path"`
	Outcome string `json:"outcome"`
	Detail  string `json:"detail"`
}

// events are the calls that the help center received and made, newest first.
func (d *demo) events(t *testing.T) (events []event) {
	t.Helper()
	d.callConsole(t, http.MethodGet, "/api/events", nil, &events)
	return events
}

// sendNothingBack leaves the cookie only in the status call.
func (d *demo) sendNothingBack(t *testing.T) {
	t.Helper()
	var settings object
	d.callConsole(t, http.MethodGet, "/api/settings", nil, &settings)
	settings["parameters"] = []object{}
	d.callConsole(t, http.MethodPut, "/api/settings", settings, &settings)
}

// callConsole calls the API of the help center's console.
func (d *demo) callConsole(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, d.Console+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	// The certificate of --tls is made for the run.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: got %s", method, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		t.Fatal(err)
	}
}
