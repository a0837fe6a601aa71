package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/simulator"
)

// A demo is `ocsso demo`, running in this process.
type demo struct {
	demoInfo
	t      *testing.T
	client *http.Client
}

// startDemo runs a demo on free ports until the test ends. Then it must stop without an error.
func startDemo(t *testing.T, flags ...string) *demo {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	line, stdout := io.Pipe()
	stopped := make(chan error, 1)
	go func() {
		args := append([]string{"demo", "--json", "--port", "0", "--helpcenter-port", "0"}, flags...)
		noEnv := func(string) (string, bool) { return "", false }
		err := run(ctx, args, noEnv, strings.NewReader(""), stdout, t.Output())
		stdout.CloseWithError(err)
		stopped <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("got %v from the demo, want it to stop without an error", err)
		}
	})
	// The certificate of --tls is made for the run.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	d := &demo{t: t, client: &http.Client{Transport: transport}}
	if err := json.NewDecoder(line).Decode(&d.demoInfo); err != nil {
		t.Fatalf("read what the demo prints: %v", err)
	}
	return d
}

// A person is a member of the demo.
type person struct {
	demoMember
	name     string // as our pages show it
	username string // as the help center gets it; "" for none, and it shows the usercode
}

// full is the member with every field.
func (d *demo) full() person { return person{d.Members[0], "김민지", "김민지"} }

// simple is the member with only what is required.
func (d *demo) simple() person { return person{d.Members[1], "simple", ""} }

// awkward is the member whose name tries every layer. The contract can't carry its ampersand (D9).
func (d *demo) awkward() person {
	return person{d.Members[2], "O'Brien & Sons 😀 <b>", "O'Brien ＆ Sons 😀 <b>"}
}

// home, inquiry and history are the pages of the help center.
func (d *demo) home() string    { return d.HelpCenter + "/" + d.Service + "/hc/" }
func (d *demo) inquiry() string { return d.home() + "ticket/" }
func (d *demo) history() string { return d.home() + "ticket/list/" }

// loginFor is the login page that leads to page.
func (d *demo) loginFor(page string) string {
	return d.Site + "/login?returnUrl=" + url.QueryEscape(page)
}

// inquiries are those that the help center has, newest first.
func (d *demo) inquiries() []simulator.Inquiry {
	d.t.Helper()
	return fromConsole[[]simulator.Inquiry](d, "GET", "inquiries", nil)
}

// events are the calls that the help center received and made, oldest first.
func (d *demo) events() []simulator.Event {
	d.t.Helper()
	events := fromConsole[[]simulator.Event](d, "GET", "events", nil)
	slices.Reverse(events)
	return events
}

// set saves settings in the console.
func (d *demo) set(change func(*simulator.Settings)) {
	d.t.Helper()
	settings := fromConsole[simulator.Settings](d, "GET", "settings", nil)
	change(&settings)
	fromConsole[simulator.Settings](d, "PUT", "settings", settings)
}

// fromConsole calls the console's API.
func fromConsole[T any](d *demo, method, path string, body any) (answer T) {
	d.t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.Console+"/api/"+path, bytes.NewReader(sent))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := d.client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		d.t.Fatalf("%s %s at the console: got %s", method, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		d.t.Fatalf("%s %s at the console: %v", method, path, err)
	}
	return answer
}

// What a member does, and sees.

func (b *browser) logIn(member person) {
	b.t.Helper()
	b.fill("#usercode", member.UserCode)
	b.fill("#password", member.Password)
	b.click(loginButton)
}

// enter opens a page of the help center, and is there as the member after logging in.
func (b *browser) enter(d *demo, page string, member person) {
	b.t.Helper()
	b.open(page)
	b.waitPage(d.loginFor(page))
	b.logIn(member)
	b.waitPage(page)
	b.wantMember(member)
}

// logInAtTheSite does that without the help center.
func (b *browser) logInAtTheSite(d *demo, member person) {
	b.t.Helper()
	b.open(d.Site)
	b.click(".account a")
	b.waitPage(d.loginFor(d.Site + "/"))
	b.logIn(member)
	b.waitPage(d.Site + "/")
	b.wantText(".member", member.name)
}

func (b *browser) sendInquiry(title, content string) {
	b.t.Helper()
	b.fill("#title", title)
	b.fill("#content", content)
	b.click("main form button")
}

// wantMember checks whom the help center's page is for.
func (b *browser) wantMember(member person) {
	b.t.Helper()
	if got := ask[string](b, "document.body.dataset.member"); got != member.UserCode {
		b.t.Errorf("got the help center's page for %q, want it for %q", got, member.UserCode)
	}
	if got, want := b.text(".who"), cmp.Or(member.username, member.UserCode); !strings.Contains(got, want) {
		b.t.Errorf("got %q in the help center's header, want %q in it", got, want)
	}
}

// wantText checks what an element says.
func (b *browser) wantText(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); got != want {
		b.t.Errorf("got %q in %s, want %q", got, selector, want)
	}
}
