package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocsso/internal/devtools/standin"
)

// handoffTimeout is the help_center.request_timeout of serveForCalls.
const handoffTimeout = 300 * time.Millisecond

// serveForCalls runs a server with an api handoff to the help center at origin.
func serveForCalls(t *testing.T, origin string) served {
	t.Helper()
	return writeSettings(t, helpCenterSection(origin, "api")+"log: {format: json}\n").
		with("OCSSO_HELP_CENTER_REQUEST_TIMEOUT", handoffTimeout.String()).serve(t)
}

// TestAFaultyHelpCenterIsAnErrorPage tries each fault of the stand-in.
func TestAFaultyHelpCenterIsAnErrorPage(t *testing.T) {
	origin := startSimulator(t, "hangame")
	d := serveForCalls(t, origin)
	for _, test := range []struct {
		name   string
		faults standin.Faults
		cause  string // in the log
	}{
		{"no answer in time", atAPI(standin.Fault{Delay: standin.Duration(time.Minute)}), "help center unreachable: .*deadline exceeded"},
		{"an error", atAPI(standin.Fault{Status: 500, Body: "out of memory"}), "status 500, not the JSON expected"},
		{"an error in due form", atAPI(standin.Fault{Status: 503, Body: `{"header":{"resultCode":9,"resultMessage":"busy","isSuccessful":false}}`}), "refused: code 9: busy"},
		{"a login that only seems one", atAPI(standin.Fault{Status: 500, Body: `{"header":{"isSuccessful":true},"result":{"content":"x"}}`}), "status 500 with a success"},
		{"rubbish", atAPI(standin.Fault{Status: 200, Body: "<p>We are working on it.</p>"}), "status 200, not the JSON expected"},
		{"an empty answer", atAPI(standin.Fault{Status: 200}), "status 200, not the JSON expected"},
		{"no token", atAPI(standin.Fault{Body: `{"header":{"isSuccessful":true},"result":null}`}), "a success without an access token"},
		{"a redirect", atAPI(standin.Fault{Status: 302}), "status 302, not the JSON expected"},
		{"a wrong clock", standin.Faults{ClockOffset: standin.Duration(time.Hour)}, "help center refused: code"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := loggedInAt(t, d.site)
			setFaults(t, origin, test.faults)
			again := wantErrorPage(t, v, d, origin, test.cause)
			setFaults(t, origin, standin.Faults{})
			got := v.must(t, "GET", again, nil)
			if location := got.header.Get("Location"); !strings.HasPrefix(location, origin+"/hangame/hc/ticket/?usercode=minji&") {
				t.Errorf("again: got %d to %q, want the help center as the member", got.code, location)
			}
		})
	}
}

func TestAHelpCenterThatCannotBeReachedIsAnErrorPage(t *testing.T) {
	origin := "http://" + freeAddress(t)
	d := serveForCalls(t, origin)
	wantErrorPage(t, loggedInAt(t, d.site), d, origin, "help center unreachable: .*connection refused")
}

func atAPI(fault standin.Fault) standin.Faults {
	return standin.Faults{Endpoints: map[standin.Kind]standin.Fault{standin.KindAPI: fault}}
}

// setFaults replaces all faults.
func setFaults(t *testing.T, origin string, faults standin.Faults) {
	t.Helper()
	callConsole[any](t, http.DefaultClient, "PUT", origin+"/console/api/faults", faults)
}

// tryAgain matches the link of an error page.
var tryAgain = regexp.MustCompile(`<a class="button" href="([^"]+)"`)

// wantErrorPage checks that the visitor's handoff ends with an error page, and with the cause in
// the log. It returns the target of the page's link.
func wantErrorPage(t *testing.T, v *visitor, d served, origin, cause string) (again string) {
	t.Helper()
	login := d.site + "/login?returnUrl=" + url.QueryEscape(origin+"/hangame/hc/ticket/")
	got := v.must(t, "GET", login, nil)
	if contentType := got.header.Get("Content-Type"); got.code != http.StatusBadGateway || contentType != "text/html; charset=utf-8" {
		t.Errorf("got %d %s, want 502 and a page", got.code, contentType)
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
