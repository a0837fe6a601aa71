package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

// slowHelpCenter reports each server call on called and answers it after a receive from answer.
func slowHelpCenter(t *testing.T) (origin string, called, answer chan struct{}) {
	called, answer = make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return // a request for the time
		}
		called <- struct{}{}
		<-answer
		fmt.Fprint(w, `{"header":{"isSuccessful":true},"result":{"content":"access-token-for-the-log-test"}}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, called, answer
}

func TestAStopWaitsForTheRequestInFlight(t *testing.T) {
	origin, called, finish := slowHelpCenter(t)
	d := writeSettings(t, helpCenterSection(origin, "api")).serve(t)
	v := loggedInAt(t, d.site)
	handedOff := make(chan answer)
	go func() {
		got, err := v.do("GET", d.site+"/login", nil)
		if err != nil {
			t.Error(err)
		}
		handedOff <- got
	}()
	<-called
	d.Stop()
	close(finish)
	got := <-handedOff
	if location := got.header.Get("Location"); got.code != http.StatusSeeOther || !strings.HasPrefix(location, origin+"/hangame/hc/?usercode=minji&") {
		t.Errorf("got %d to %q, want the handoff to finish", got.code, location)
	}
	d.End()
	if _, err := v.status(d.site); err == nil {
		t.Error("the server still answers, want it stopped")
	}
}

// TestTheLogHasNoSecrets logs in with a wrong and the right password, hands off in each way, calls
// the status and verify endpoints, and logs out, all at the debug level.
func TestTheLogHasNoSecrets(t *testing.T) {
	origin, called, finish := slowHelpCenter(t)
	d := writeSettings(t, helpCenterSection(origin, "form")).serve(t)
	v := newVisitor(t, "minji")
	v.must(t, "POST", d.site+"/login", credentials("minji", "wrong "+testPassword))
	login := credentials("minji", testPassword)
	login.Set("returnUrl", origin+"/hangame/hc/?email=minji@example.com")
	v.must(t, "POST", d.site+"/login", login)
	page := v.must(t, "GET", d.site+"/login", nil).body
	token := regexp.MustCompile(`name="token" value="([^"]*)"`).FindStringSubmatch(page)
	if token == nil {
		t.Fatalf("got no token in %s", page)
	}
	go func() { <-called; close(finish) }()
	call := v.must(t, "GET", d.site+"/login/api?returnUrl="+url.QueryEscape(origin+"/hangame/hc/"), nil)
	link := v.must(t, "GET", d.site+"/help/ticket", nil)
	query := url.Values{"usercode": {"minji"}, "token": {token[1]}, "email": {"minji@example.com"}, "phone": {"010-1234-5678"}}.Encode()
	v.must(t, "GET", d.site+"/login/status?"+query, nil)
	if got := newVisitor(t, "").must(t, "GET", d.site+"/token/verify?"+query, nil).body; !strings.Contains(got, `"true"`) {
		t.Errorf("verify: got %s, want true", got)
	}
	v.must(t, "GET", d.site+"/login?returnUrl="+url.QueryEscape("https://evil.test/?"+query), nil)
	v.must(t, "GET", d.site+"/nowhere?"+query, nil)
	v.must(t, "POST", d.site+"/logout", nil)
	d.End()

	log := d.Log.String()
	for _, want := range []string{"path=/login/api", "path=/logout", "msg=stopped", "status=400"} {
		if !strings.Contains(log, want) {
			t.Errorf("got no %s in the log:\n%s", want, log)
		}
	}
	if strings.Contains(log, "Members log in at") {
		t.Errorf("got the log %s, want no greeting where nobody reads", log)
	}
	linked, err := url.Parse(link.header.Get("Location"))
	if err != nil || linked.Query().Get("token") == "" || v.cookie == nil || call.code != http.StatusSeeOther {
		t.Fatalf("got link %v, cookie %v and status %d of the call: not the whole flow", linked, v.cookie, call.code)
	}
	for _, secret := range []string{
		testPassword, testKey, token[1], url.QueryEscape(token[1]), linked.Query().Get("token"), v.cookie.Value, "access-token-for-the-log-test",
		"minji@example.com", url.QueryEscape("minji@example.com"), "010-1234-5678", "김민지", "evil.test",
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
}

func TestOnlyTheAdminListenerAnswersHealthChecks(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	for target, want := range map[string]int{
		d.admin + "/healthz": http.StatusOK, d.admin + "/readyz": http.StatusOK,
		d.site + "/healthz": http.StatusNotFound, d.site + "/readyz": http.StatusNotFound, d.admin + "/login": http.StatusNotFound,
	} {
		if got := newVisitor(t, "").must(t, "GET", target, nil).code; got != want {
			t.Errorf("%s: got %d, want %d", target, got, want)
		}
	}
}

func TestAnErrorOfListeningSaysWhatMovesIt(t *testing.T) {
	taken, err := cli.Listen("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	inUse := "address already in use\nhint: is another program on port " + port + "? end it, or choose another port with "
	const notOurs = "hint: this machine doesn't have that address: name one of its own in server.listen, or write :8080 for all of them\n"
	for _, test := range []struct{ variable, address, want string }{
		{"OCSSO_SERVER_LISTEN", address, inUse + "server.listen\n"},
		{"OCSSO_SERVER_ADMIN_LISTEN", address, inUse + "server.admin_listen\n"},
		{"OCSSO_SERVER_LISTEN", "192.0.2.1:8080", notOurs},
		{"OCSSO_SERVER_LISTEN", "nowhere.invalid:8080", notOurs},
	} {
		s := writeSettings(t, anyHelpCenter).with(test.variable, test.address)
		_, stderr, code := clitest.RunCommand(t, "ocsso", run, s.environment, "serve", "--config", s.file)
		if code != cli.ExitFailed || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: got exit code %d and %q, want 1 and %q", test.address, code, stderr, test.want)
		}
	}
}
