package main

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocsso/internal/simulator"
)

// handoffTimeout is the help_center.request_timeout of serveForCalls.
const handoffTimeout = 300 * time.Millisecond

// serveForCalls runs serve for a help center at origin that is told by a call who the member is.
func serveForCalls(t *testing.T, origin string) served {
	t.Helper()
	return writeSettings(t, `
help_center: {base_url: "`+origin+`", services: [hangame], handoff: api, request_timeout: `+handoffTimeout.String()+`}
log: {format: json}
`).serve(t)
}

// TestAHelpCenterOutOfOrderIsAPage orders each fault of the stand-in in turn.
func TestAHelpCenterOutOfOrderIsAPage(t *testing.T) {
	origin := startSimulator(t)
	d := serveForCalls(t, origin)
	for _, test := range []struct {
		name   string
		faults simulator.Faults
		cause  string // in the log
	}{
		{"no answer in time", atAPI(simulator.Fault{Delay: simulator.Duration(2 * time.Second)}), "help center unreachable: .*deadline exceeded"},
		{"an error", atAPI(simulator.Fault{Status: 500, Body: "out of memory"}), "status 500, not the JSON expected"},
		{"an error in due form", atAPI(simulator.Fault{Status: 503, Body: `{"header":{"resultCode":9,"resultMessage":"busy","isSuccessful":false}}`}), "refused: code 9: busy"},
		{"a login that only seems one", atAPI(simulator.Fault{Status: 500, Body: `{"header":{"isSuccessful":true},"result":{"content":"x"}}`}), "status 500 with a success"},
		{"rubbish", atAPI(simulator.Fault{Status: 200, Body: "<p>We are working on it.</p>"}), "status 200, not the JSON expected"},
		{"an empty answer", atAPI(simulator.Fault{Status: 200}), "status 200, not the JSON expected"},
		{"no token", atAPI(simulator.Fault{Body: `{"header":{"isSuccessful":true},"result":null}`}), "a success without an access token"},
		{"a redirect", atAPI(simulator.Fault{Status: 302}), "status 302, not the JSON expected"},
		{"a wrong clock", simulator.Faults{ClockOffset: simulator.Duration(time.Hour)}, "help center refused: code"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := &visitor{http: newHTTPClient(t), usercode: usercodes[0]}
			if err := v.logIn(d.site); err != nil {
				t.Fatal(err)
			}
			orderFaults(t, origin, test.faults)
			again := wantProblemPage(t, v, d, origin, test.cause)
			orderFaults(t, origin, simulator.Faults{})
			got, err := v.do("GET", again, nil)
			if location := got.header.Get("Location"); err != nil || !strings.HasPrefix(location, origin+"/hangame/hc/ticket/?usercode="+v.usercode+"&") {
				t.Errorf("again: got %d to %q, %v, want the help center as the member", got.code, location, err)
			}
		})
	}
	d.end()
}

func TestAHelpCenterThatIsNotThereIsAPage(t *testing.T) {
	origin := "http://" + freeAddress(t)
	d := serveForCalls(t, origin)
	v := &visitor{http: newHTTPClient(t), usercode: usercodes[0]}
	if err := v.logIn(d.site); err != nil {
		t.Fatal(err)
	}
	wantProblemPage(t, v, d, origin, "help center unreachable: .*connection refused")
	d.end()
}

// startSimulator runs `ocsso simulate` until the test ends.
func startSimulator(t *testing.T) (origin string) {
	t.Helper()
	environment := &environment{values: map[string]string{"OCSSO_HELP_CENTER_ORGANIZATION_KEY": testKey}}
	p := start(t, environment, "simulate", "--listen", "127.0.0.1:0",
		"--login-url", "http://localhost:1/login", "--login-status-url", "http://localhost:1/login/status")
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("got %v from simulate; its log: %s", err, p.log)
	}
	u, err := url.Parse(line[strings.Index(line, "http") : len(line)-1])
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + u.Host
}

func atAPI(fault simulator.Fault) simulator.Faults {
	return simulator.Faults{Endpoints: map[simulator.Kind]simulator.Fault{simulator.KindAPI: fault}}
}

// orderFaults replaces all faults.
func orderFaults(t *testing.T, origin string, faults simulator.Faults) {
	t.Helper()
	body, err := json.Marshal(faults)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "PUT", origin+"/console/api/faults", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("order faults: got %s: %s", resp.Status, readAll(t, resp))
	}
}

// tryAgain is the link of an error page.
var tryAgain = regexp.MustCompile(`<a class="button" href="([^"]+)"`)

// wantProblemPage has the visitor handed off, which is to end in time with a page that says what to do, and with the cause
// in the log. It returns what the page's link leads to.
func wantProblemPage(t *testing.T, v *visitor, d served, origin, cause string) (again string) {
	t.Helper()
	login := d.site + "/login?returnUrl=" + url.QueryEscape(origin+"/hangame/hc/ticket/")
	got, err := v.do("GET", login, nil)
	if err != nil {
		t.Fatal(err)
	}
	if contentType := got.header.Get("Content-Type"); got.code != http.StatusBadGateway || contentType != "text/html; charset=utf-8" {
		t.Errorf("got %d %s, want 502 and a page", got.code, contentType)
	}
	if most := handoffTimeout + time.Second; got.took > most {
		t.Errorf("got an answer after %v, want it within %v", got.took, most)
	}
	id := got.header.Get("X-Request-Id")
	if id == "" || !strings.Contains(got.body, "<code>"+id+"</code>") {
		t.Errorf("got no request id %q in the page:\n%s", id, got.body)
	}
	failed := regexp.MustCompile(`"msg":"request failed","request_id":"` + id + `","error":"[^\n]*` + cause)
	if !failed.MatchString(d.log.String()) {
		t.Errorf("got no line %s in the log:\n%s", failed, d.log)
	}
	link := tryAgain.FindStringSubmatch(got.body)
	if link == nil {
		t.Fatalf("got no link to try again in the page:\n%s", got.body)
	}
	base, err := url.Parse(login)
	if err != nil {
		t.Fatal(err)
	}
	target, err := base.Parse(html.UnescapeString(link[1]))
	if err != nil {
		t.Fatal(err)
	}
	return target.String()
}
