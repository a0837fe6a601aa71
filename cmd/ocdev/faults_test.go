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

// TestAFaultyHelpCenterIsAnErrorPage tries each fault of the stand-in. The first one lasts for as
// long as a call may take.
func TestAFaultyHelpCenterIsAnErrorPage(t *testing.T) {
	d := startDemo(t, "--handoff", "api", "--tls")
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
			v, member := d.newVisitor(), d.simple()
			v.do("POST", d.Site+"/login", url.Values{"usercode": {member.UserCode}, "password": {member.Password}})
			fromConsole[any](d, "PUT", "faults", test.faults)
			again := d.wantErrorPage(v, test.cause)
			fromConsole[any](d, "PUT", "faults", standin.Faults{})
			got, _ := v.send("GET", again, nil)
			if location := got.Header.Get("Location"); !strings.HasPrefix(location, d.inquiry()+"?usercode=simple&") {
				t.Errorf("again: got %d to %q, want the help center as the member", got.StatusCode, location)
			}
		})
	}
}

func atAPI(fault standin.Fault) standin.Faults {
	return standin.Faults{Endpoints: map[standin.Kind]standin.Fault{standin.KindAPI: fault}}
}

// tryAgain matches the link of an error page.
var tryAgain = regexp.MustCompile(`<a class="button" href="([^"]+)"`)

// wantErrorPage checks that the visitor's handoff ends with an error page, and with the cause in
// the log. It returns the target of the page's link.
func (d *demo) wantErrorPage(v visitor, cause string) (again string) {
	d.t.Helper()
	login := d.loginFor(d.inquiry())
	got, page := v.send("GET", login, nil)
	if contentType := got.Header.Get("Content-Type"); got.StatusCode != http.StatusBadGateway || contentType != "text/html; charset=utf-8" {
		d.t.Errorf("got %d %s, want 502 and a page", got.StatusCode, contentType)
	}
	id := got.Header.Get("X-Request-Id")
	if id == "" || !strings.Contains(page, "<code>"+id+"</code>") {
		d.t.Errorf("got no request id %q in the page:\n%s", id, page)
	}
	failed := regexp.MustCompile(`msg="request failed" request_id=` + id + ` error="?[^\n]*` + cause)
	if !failed.MatchString(d.log.String()) {
		d.t.Errorf("got no line %s in the log:\n%s", failed, d.log)
	}
	link := tryAgain.FindStringSubmatch(page)
	if link == nil {
		d.t.Fatalf("got no link to try again in the page:\n%s", page)
	}
	target, err := got.Request.URL.Parse(html.UnescapeString(link[1]))
	if err != nil {
		d.t.Fatal(err)
	}
	return target.String()
}
