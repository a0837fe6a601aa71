package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
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
	d.stop()
	close(finish)
	got := <-handedOff
	if location := got.header.Get("Location"); got.code != http.StatusSeeOther || !strings.HasPrefix(location, origin+"/hangame/hc/?usercode=minji&") {
		t.Errorf("got %d to %q, want the handoff to finish", got.code, location)
	}
	d.end()
	if _, err := v.status(d.site); err == nil {
		t.Error("the server still answers, want it stopped")
	}
}

// TestTheLogHasNoSecrets logs in with a wrong and the right password, hands off in each way, calls
// the status and verify endpoints, and logs out, all at the debug level.
func TestTheLogHasNoSecrets(t *testing.T) {
	origin, called, finish := slowHelpCenter(t)
	d := writeSettings(t, helpCenterSection(origin, "form")+"log: {level: debug}\n").serve(t)
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
	d.end()

	log := d.log.String()
	for _, want := range []string{"path=/login/api", "path=/logout", "msg=stopped", "status=400"} {
		if !strings.Contains(log, want) {
			t.Errorf("got no %s in the log:\n%s", want, log)
		}
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

// TestDemoPrintsOneLineOfJSON checks the order of the keys too, because scripts may rely on it.
func TestDemoPrintsOneLineOfJSON(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		args := []string{"demo", "--json", "--port", "0", "--helpcenter-port", "0"}
		if scheme == "https" {
			args = append(args, "--tls")
		}
		p := start(t, nil, args...)
		const member = `\{"usercode":"[^"]+","password":"[^"]+"\}`
		want := regexp.MustCompile(`^\{"site":"` + scheme + `://localhost:\d+","help_center":"` + scheme + `://127\.0\.0\.1:\d+","service":"demo",` +
			`"console":"` + scheme + `://127\.0\.0\.1:\d+/console","organization_key":"[^"]+",` +
			`"members":\[` + member + "," + member + "," + member + `\]\}` + "\n$")
		if line := p.line(); !want.MatchString(line) {
			t.Errorf("got %s, want %s", line, want)
		}
		p.end()
		if rest, err := io.ReadAll(p.stdout); err != nil || len(rest) != 0 {
			t.Errorf("got %q, %v after the line, want nothing", rest, err)
		}
	}
}

func TestDemoListensOnBothLoopbackAddresses(t *testing.T) {
	if !hasIPv6() {
		t.Skip("this machine has no IPv6 loopback address")
	}
	d := startDemo(t)
	for _, origin := range []string{d.Site, d.HelpCenter} {
		port := origin[strings.LastIndex(origin, ":"):]
		for _, host := range []string{"127.0.0.1", "[::1]"} {
			if got := newVisitor(t, "").must(t, "GET", "http://"+host+port+"/", nil).code; got != http.StatusOK {
				t.Errorf("%s%s: got %d, want 200", host, port, got)
			}
		}
	}
}

// takePort lets another program have a port of this machine.
func takePort(t *testing.T, address string) (port string) {
	t.Helper()
	taken, err := listen(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	_, port, _ = net.SplitHostPort(taken.Addr().String())
	return port
}

func TestAnErrorOfListeningSaysWhatMovesIt(t *testing.T) {
	port := takePort(t, "127.0.0.1:0")
	with := func(name, value string) settings { return writeSettings(t, anyHelpCenter).with(name, value) }
	const inUse = "address already in use\nhint: is another program on port "
	serve := []string{"serve"}
	for _, test := range []struct {
		name     string
		settings settings
		args     []string
		want     string
	}{
		{"the public listener", with("OCSSO_SERVER_LISTEN", "127.0.0.1:"+port), serve, inUse + port + "? end it, or choose another port with server.listen\n"},
		{"the admin listener", with("OCSSO_SERVER_ADMIN_LISTEN", "127.0.0.1:"+port), serve, inUse + port + "? end it, or choose another port with server.admin_listen\n"},
		{"another machine's address", with("OCSSO_SERVER_LISTEN", "192.0.2.1:8080"), serve, "hint: this machine doesn't have that address: name one of its own in server.listen, or write :8080 for all of them\n"},
		{"an unknown name", with("OCSSO_SERVER_LISTEN", "nowhere.invalid:8080"), serve, "hint: this machine doesn't have that address: name one of its own in server.listen"},
		{"the demo", settings{}, []string{"demo", "--port", port, "--helpcenter-port", "0"}, inUse + port + "? end it, or choose another port with --port\n"},
		{"the demo's help center", settings{}, []string{"demo", "--port", "0", "--helpcenter-port", port}, inUse + port + "? end it, or choose another port with --helpcenter-port\n"},
		{"the stand-in", with("KEY", testKey), []string{"simulate", "--organization-key-env", "KEY", "--listen", "127.0.0.1:" + port,
			"--login-url", "http://localhost:1/login", "--login-status-url", "http://localhost:1/status"}, inUse + port + "? end it, or choose another port with --listen\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := test.args
			if args[0] == "serve" {
				args = append(slices.Clip(args), "--config", test.settings.file)
			}
			_, stderr, code := runCommand(t, test.settings.environment, args...)
			if code != exitFailed || !strings.Contains(stderr, test.want) {
				t.Errorf("got exit code %d and %q, want 1 and %q", code, stderr, test.want)
			}
		})
	}
}

// TestAPortBelow1024HasAHintOfItsOwn: root may take any port here, so the system's error is given.
func TestAPortBelow1024HasAHintOfItsOwn(t *testing.T) {
	denied := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}
	got := (*commandError)(nil)
	if err := listenError(denied, ":443", "server.listen"); !errors.As(err, &got) || !strings.Contains(got.hint, "choose one above 1023 with server.listen") {
		t.Errorf("got %v, want a hint at ports above 1023", got)
	}
}

// TestTheDemoTakesAFreePortWhereItsOwnIsTaken: many programs listen on 8080.
func TestTheDemoTakesAFreePortWhereItsOwnIsTaken(t *testing.T) {
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.1:8090"} {
		if listener, err := listen(address, nil); err == nil { // else something has it already
			t.Cleanup(func() { listener.Close() })
		}
	}
	p := start(t, nil, "demo", "--json")
	var info demoInfo
	if err := json.Unmarshal([]byte(p.line()), &info); err != nil {
		t.Fatal(err)
	}
	for taken, address := range map[string]string{"8080": info.Site, "8090": info.HelpCenter} {
		u, err := url.Parse(address)
		if err != nil || u.Port() == taken {
			t.Errorf("got %s, want another port than %s", address, taken)
			continue
		}
		if want := "ocsso: port " + taken + " is taken: using port " + u.Port() + " (--"; !strings.Contains(p.log.String(), want) {
			t.Errorf("got %q, want %q", p.log, want)
		}
		if got := newVisitor(t, "").must(t, "GET", address+"/", nil).code; got != http.StatusOK {
			t.Errorf("%s: got %d, want 200", address, got)
		}
	}
}

func TestTheLongWriteTimeoutIsAboveTheLongestDelay(t *testing.T) {
	const longest = 60 * time.Second // of a run of checks, and of the stand-in's faults
	if longWriteTimeout <= longest {
		t.Errorf("got %v, want more than %v", longWriteTimeout, longest)
	}
}
