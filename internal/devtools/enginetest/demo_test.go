package enginetest

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/proctest"
)

var (
	scratch string   // a folder for as long as the tests run, with the built commands
	stops   []func() // end what runs as long
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "ocsso-engines"); err != nil {
		panic(err)
	}
	defer func() {
		for _, stop := range slices.Backward(stops) {
			stop()
		}
		os.RemoveAll(scratch)
	}()
	build := exec.Command("go", "build", "-o", scratch, "../../../cmd/ocsso", "../../../cmd/ocdev")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return 1
	}
	return m.Run()
}

// client knows no certificate: that of --tls is made for the run.
var client = &http.Client{Transport: &http.Transport{
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
}}

// A demo is `ocdev demo`, running as a process of its own.
type demo struct {
	Site       string `json:"site"`
	Shop       string `json:"shop"`
	HelpCenter string `json:"help_center"`
	Service    string `json:"service"`
	Console    string `json:"console"`
}

// startDemo runs a demo on free ports until the test ends.
func startDemo(t *testing.T, flags ...string) *demo {
	t.Helper()
	command := exec.Command(filepath.Join(scratch, "ocdev"), append([]string{
		"demo", "--json", "--port", "0", "--helpcenter-port", "0", "--shop-port", "0",
	}, flags...)...)
	command.Stderr = t.Output()
	line, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := proctest.Start(t, command); err != nil {
		t.Fatal(err)
	}
	var d demo
	if err := json.NewDecoder(line).Decode(&d); err != nil {
		t.Fatalf("read what the demo prints: %v", err)
	}
	return &d
}

// startServer runs `ocsso serve` until the test ends, and returns the address of its setup page.
func startServer(t *testing.T) string {
	t.Helper()
	dir, admin, key := t.TempDir(), clitest.FreeAddress(t), make([]byte, 64)
	rand.Read(key)
	clitest.WriteFile(t, filepath.Join(dir, "members.yaml"), "members:\n  - {usercode: simple, password_hash: \"$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mWg+r5Ew/lbKrJrNu0ni920594rrnlGEoayKKqzg6xA\"}\n")
	clitest.WriteFile(t, filepath.Join(dir, "config.yaml"), fmt.Sprintf(`
server: {listen: %q, admin_listen: %q, public_url: "https://login.example.com"}
help_center: {base_url: "https://help.example.com", services: [hangame], organization_key: 4f1d0c6b9e7a48f2a3c5d8e1b2f60718}
session: {keys: [%q]}
`, clitest.FreeAddress(t), admin, base64.StdEncoding.EncodeToString(key)))
	command := exec.Command(filepath.Join(scratch, "ocsso"), "serve", "--config", "config.yaml")
	command.Dir = dir
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "OCSSO_") // of these tests, and no settings
	})
	stop, err := proctest.Serve(command, "msg=serving")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return "http://" + admin + "/setup"
}

// home, inquiry and history are the pages of the help center.
func (d *demo) home() string    { return d.HelpCenter + "/" + d.Service + "/hc/" }
func (d *demo) inquiry() string { return d.home() + "ticket/" }
func (d *demo) history() string { return d.home() + "ticket/list/" }

// loginFor is the login page that leads to page.
func (d *demo) loginFor(page string) string {
	return d.Site + "/login?returnUrl=" + url.QueryEscape(page)
}

// shopFor is the login page of the shop that leads to page.
func (d *demo) shopFor(page string) string {
	return d.Shop + "/login?next=" + url.QueryEscape(d.loginFor(page)+"&fromSite=1")
}

// An event is a call that the help center received or made.
type event struct{ Kind, Path, Outcome, Detail, Cause string }

// events are the calls that the help center received and made, newest first.
func (d *demo) events(t *testing.T) (events []event) {
	t.Helper()
	d.callConsole(t, http.MethodGet, "/api/events", nil, &events)
	return events
}

// An object is one of JSON.
type object map[string]any

// set changes settings in the console.
func (d *demo) set(t *testing.T, change object) {
	t.Helper()
	var settings object
	d.callConsole(t, http.MethodGet, "/api/settings", nil, &settings)
	for name, value := range change {
		if _, ok := settings[name]; !ok {
			t.Fatalf("the console has no setting %s, only %v", name, settings)
		}
		settings[name] = value
	}
	d.callConsole(t, http.MethodPut, "/api/settings", settings, &settings)
}

// sendNothingBack leaves the cookie only in the status call.
func (d *demo) sendNothingBack(t *testing.T) {
	t.Helper()
	d.set(t, object{"parameters": []object{}})
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
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: got %s %s, %v", method, path, resp.Status, text, err)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatal(err)
	}
}
