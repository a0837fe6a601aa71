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

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

func TestTheDemoSaysHowToSeeABlockedCookie(t *testing.T) {
	for handoff, want := range map[string]bool{"form": true, "api": true, "link": false} {
		if text := printed(t, demoCommand{handoff: handoff}, "en"); strings.Contains(text, "incognito") != want {
			t.Errorf("handoff %s: got %q, want how to see it: %t", handoff, text, want)
		}
	}
}

func printed(t *testing.T, c demoCommand, lang string) string {
	t.Helper()
	var text bytes.Buffer
	term := cli.Terminal{Stdout: &text, Environ: func() []string { return []string{"LANG=" + lang} }}
	if err := c.print(term, demoInfo{Site: "http://localhost:8080", Console: "http://127.0.0.1:8090/console", Members: []demoMember{{"김민지", "p"}, {"simple", "p"}}}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// TestTheDemoEndsWithWhatToOpen fits a terminal of 80 columns, and a Korean name moves no column.
func TestTheDemoEndsWithWhatToOpen(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "Open this     http://localhost:8080\nIts console   http://127.0.0.1:8090/console\nNext          ",
		"ko": "열어 볼 주소  http://localhost:8080\n콘솔          http://127.0.0.1:8090/console\n다음 단계     ",
	} {
		text := printed(t, demoCommand{tls: true}, lang)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if last := strings.Join(lines[len(lines)-3:], "\n"); !strings.HasPrefix(last, want) {
			t.Errorf("%s: got the last lines\n%s\nwant\n%s", lang, last, want)
		}
		if !strings.Contains(text, "\n  김민지      p\n  simple      p\n") {
			t.Errorf("%s: the members' table is not aligned:\n%s", lang, text)
		}
		for _, line := range lines {
			if n := uniseg.StringWidth(line); n > 80 {
				t.Errorf("%s: got %d columns, want 80 or less: %s", lang, n, line)
			}
		}
	}
}

// TestALinksDemoOffersMembersWhoCanUseIt: a link needs an email.
func TestALinksDemoOffersMembersWhoCanUseIt(t *testing.T) {
	d := startDemo(t, "--handoff", "link")
	if diff := cmp.Diff([]demoMember{{"김민지", "spring-1"}, {"obrien", "awkward-3"}}, d.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
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
		if want := "ocdev: port " + taken + " is taken: using port " + u.Port() + "\nhint: to choose one: --"; !strings.Contains(p.Log.String(), want) {
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
