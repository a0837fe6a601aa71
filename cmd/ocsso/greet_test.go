package main

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/i18n"
	"ocsso/web"
)

func TestTheGreetingSaysWhatToOpen(t *testing.T) {
	for _, test := range []struct {
		admin net.Addr
		want  string
	}{
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9090}, "http://127.0.0.1:9090/setup\n"},
		{&net.TCPAddr{IP: net.IPv6zero, Port: 9090}, "http://127.0.0.1:9090/setup\n"},
		{&net.TCPAddr{IP: net.IPv4zero, Port: 9090}, "http://127.0.0.1:9090/setup\n"},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 9090}, "http://[::1]:9090/setup\n"},
		{nil, "nowhere: server.admin_listen is empty\n"},
	} {
		var text bytes.Buffer
		greet(cli.Terminal{Stderr: &text, Environ: noEnvironment}, "https://login.example.com", test.admin)
		if got := text.String(); !strings.Contains(got, "  https://login.example.com\n") || !strings.Contains(got, "  "+test.want) {
			t.Errorf("got %q, want the members' address and %q", got, test.want)
		}
	}
}

func TestTheGreetingSaysWhatIsMissing(t *testing.T) {
	findings := []web.Finding{
		{Prerequisite: i18n.Prerequisites.Settings},
		{Prerequisite: i18n.Prerequisites.Store, Fault: i18n.Faults.StoreForgets},
		{Prerequisite: i18n.Prerequisites.HelpCenter, Fault: i18n.Faults.HelpCenterHost},
		{Prerequisite: i18n.Prerequisites.Clock, Fault: i18n.Faults.ClockUnknown},
	}
	environ := noEnvironment
	say := func(findings ...web.Finding) string {
		var text bytes.Buffer
		sayMissing(t.Context(), cli.Terminal{Stderr: &text, Environ: environ}, func(context.Context) []web.Finding { return findings })
		return text.String()
	}
	want := `
  - Store: Kept in memory only: a restart logs every member out. Set store.kind to file for one server, or to redis for several.
  - Help center: There is no such host. Check help_center.domain and help_center.environment, then this server’s DNS.
  The setup page has the details.

`
	if got := say(findings...); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := say(findings[0]), "\n  Everything that members need is in place.\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	environ = func() []string { return []string{"LANG=ko_KR.UTF-8"} }
	if got, want := say(findings[0]), "\n  회원에게 필요한 준비가 끝났습니다.\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestServeGreetsNobodyInALogFile(t *testing.T) {
	d := writeSettings(t, anyHelpCenter).serve(t)
	if got := d.Log.String(); strings.Contains(got, "Members log in at") {
		t.Errorf("got the log %s, want no greeting where nobody reads", got)
	}
}
