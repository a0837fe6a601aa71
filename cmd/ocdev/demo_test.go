package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

func TestTheDemoSaysHowToSeeABlockedCookie(t *testing.T) {
	for handoff, want := range map[string]bool{"form": true, "api": true, "link": false} {
		var text bytes.Buffer
		if err := (demoCommand{handoff: handoff}).print(&text, demoInfo{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(text.String(), "incognito"); got != want {
			t.Errorf("handoff %s: got %q, want how to see it: %t", handoff, text.String(), want)
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
		p := clitest.Start(t, run, nil, args...)
		const member = `\{"usercode":"[^"]+","password":"[^"]+"\}`
		want := regexp.MustCompile(`^\{"site":"` + scheme + `://localhost:\d+","help_center":"` + scheme + `://127\.0\.0\.1:\d+","service":"demo",` +
			`"console":"` + scheme + `://127\.0\.0\.1:\d+/console","organization_key":"[^"]+",` +
			`"members":\[` + member + "," + member + "," + member + `\]\}` + "\n$")
		if line := p.Line(); !want.MatchString(line) {
			t.Errorf("got %s, want %s", line, want)
		}
		p.End()
		if rest, err := io.ReadAll(p.Stdout); err != nil || len(rest) != 0 {
			t.Errorf("got %q, %v after the line, want nothing", rest, err)
		}
	}
}

func TestDemoListensOnBothLoopbackAddresses(t *testing.T) {
	if !cli.HasIPv6() {
		t.Skip("this machine has no IPv6 loopback address")
	}
	d := startDemo(t)
	for _, origin := range []string{d.Site, d.HelpCenter} {
		port := origin[strings.LastIndex(origin, ":"):]
		for _, host := range []string{"127.0.0.1", "[::1]"} {
			if got := statusOf(t, "http://"+host+port+"/"); got != http.StatusOK {
				t.Errorf("%s%s: got %d, want 200", host, port, got)
			}
		}
	}
}

// TestTheDemoTakesAFreePortWhereItsOwnIsTaken: many programs listen on 8080.
func TestTheDemoTakesAFreePortWhereItsOwnIsTaken(t *testing.T) {
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.1:8090"} {
		if listener, err := cli.Listen(address, nil); err == nil { // else something has it already
			t.Cleanup(func() { listener.Close() })
		}
	}
	p := clitest.Start(t, run, nil, "demo", "--json")
	var info demoInfo
	if err := json.Unmarshal([]byte(p.Line()), &info); err != nil {
		t.Fatal(err)
	}
	for taken, address := range map[string]string{"8080": info.Site, "8090": info.HelpCenter} {
		u, err := url.Parse(address)
		if err != nil || u.Port() == taken {
			t.Errorf("got %s, want another port than %s", address, taken)
			continue
		}
		if want := "ocdev: port " + taken + " is taken: using port " + u.Port() + " (--"; !strings.Contains(p.Log.String(), want) {
			t.Errorf("got %q, want %q", p.Log, want)
		}
		if got := statusOf(t, address+"/"); got != http.StatusOK {
			t.Errorf("%s: got %d, want 200", address, got)
		}
	}
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
