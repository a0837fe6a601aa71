package main

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/devtools/standin"
)

// A demo is `ocdev demo` inside the test.
type demo struct {
	demoInfo
	t      *testing.T
	client *http.Client
	log    *clitest.LockedBuffer
}

// startDemo runs a demo on free ports until the test ends.
func startDemo(t *testing.T, flags ...string) *demo {
	t.Helper()
	p := clitest.Start(t, run, nil, append([]string{"demo", "--json", "--port", "0", "--helpcenter-port", "0", "--shop-port", "0"}, flags...)...)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	d := &demo{t: t, client: &http.Client{Transport: transport}, log: p.Log}
	if err := json.Unmarshal([]byte(p.Line()), &d.demoInfo); err != nil {
		t.Fatal(err)
	}
	return d
}

// A person is a member of the demo.
type person struct {
	demoMember
	name     string // as our pages show it
	username string // as the help center receives it; "" for none
}

// full, simple and awkward are the members of the demo. The contract cannot carry the ampersand of
// awkward's name (D9).
func (d *demo) full() person   { return person{d.Members[0], "김민지", "김민지"} }
func (d *demo) simple() person { return person{d.Members[1], "simple", ""} }
func (d *demo) awkward() person {
	return person{d.Members[2], "O'Brien & Sons 😀 <b>", "O'Brien ＆ Sons 😀 <b>"}
}

// home, inquiry and history are the pages of the help center.
func (d *demo) home() string    { return d.HelpCenter + "/" + d.Service + "/hc/" }
func (d *demo) inquiry() string { return d.home() + "ticket/" }
func (d *demo) history() string { return d.home() + "ticket/list/" }

// loginFor returns the URL of the login page that leads to page.
func (d *demo) loginFor(page string) string {
	return d.Site + "/login?returnUrl=" + url.QueryEscape(page)
}

// inquiries returns the inquiries in the help center, newest first.
func (d *demo) inquiries() []standin.Inquiry {
	d.t.Helper()
	return fromConsole[[]standin.Inquiry](d, "GET", "inquiries", nil)
}

// events returns the calls that the help center received and made, oldest first.
func (d *demo) events() []standin.Event {
	d.t.Helper()
	events := fromConsole[[]standin.Event](d, "GET", "events", nil)
	slices.Reverse(events)
	return events
}

// set changes settings in the console.
func (d *demo) set(change func(*standin.Settings)) {
	d.t.Helper()
	settings := fromConsole[standin.Settings](d, "GET", "settings", nil)
	change(&settings)
	fromConsole[standin.Settings](d, "PUT", "settings", settings)
}

// fromConsole calls the console's API.
func fromConsole[T any](d *demo, method, path string, body any) (answer T) {
	d.t.Helper()
	return callConsole[T](d.t, d.client, method, d.Console+"/api/"+path, body)
}

// callConsole calls the API of a stand-in's console.
func callConsole[T any](t *testing.T, client *http.Client, method, url string, body any) (answer T) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: got %s", method, url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return answer
}

func (b *browser) logIn(member person) {
	b.t.Helper()
	b.fill("#usercode", member.UserCode)
	b.fill("#password", member.Password)
	b.click(loginButton)
}

// enter opens a page of the help center and logs in.
func (b *browser) enter(d *demo, page string, member person) {
	b.t.Helper()
	b.open(page)
	b.waitPage(d.loginFor(page))
	b.logIn(member)
	b.waitPage(page)
	b.wantMember(member)
}

// logInAtTheSite logs in on the customer's site.
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

// wantMember checks the member of a page of the help center.
func (b *browser) wantMember(member person) {
	b.t.Helper()
	if got := ask[string](b, "document.body.dataset.member"); got != member.UserCode {
		b.t.Errorf("got the help center's page for %q, want it for %q", got, member.UserCode)
	}
	if got, want := b.text(".who"), cmp.Or(member.username, member.UserCode); !strings.Contains(got, want) {
		b.t.Errorf("got %q in the help center's header, want %q in it", got, want)
	}
}

// wantText checks the text of an element.
func (b *browser) wantText(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); got != want {
		b.t.Errorf("got %q in %s, want %q", got, selector, want)
	}
}

// A visitor is a browser without script, in a demo with --tls: Go keeps our cookies over https
// only. It follows no redirect.
type visitor struct {
	t    *testing.T
	http *http.Client
}

func (d *demo) newVisitor() visitor {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return visitor{d.t, &http.Client{Transport: d.client.Transport, Jar: jar, CheckRedirect: stay}}
}

// do makes one request. A nil form sends no body.
func (v visitor) do(method, target string, form url.Values) (code int, body string) {
	v.t.Helper()
	resp, body := v.send(method, target, form)
	return resp.StatusCode, body
}

func (v visitor) send(method, target string, form url.Values) (*http.Response, string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp, string(page)
}
