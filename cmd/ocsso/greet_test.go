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
	for want, admin := range map[string]net.Addr{
		"http://127.0.0.1:9090/setup\n":           &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9090},
		"http://127.0.0.1:9091/setup\n":           &net.TCPAddr{IP: net.IPv6zero, Port: 9091},
		"http://127.0.0.1:9092/setup\n":           &net.TCPAddr{IP: net.IPv4zero, Port: 9092},
		"http://[::1]:9090/setup\n":               &net.TCPAddr{IP: net.IPv6loopback, Port: 9090},
		"nowhere: server.admin_listen is empty\n": nil,
	} {
		var text bytes.Buffer
		greet(cli.Terminal{Stderr: &text, Environ: noEnvironment}, "https://login.example.com", admin)
		if got := text.String(); !strings.Contains(got, "  https://login.example.com\n") || !strings.Contains(got, "  "+want) {
			t.Errorf("got %q, want the members' address and %q", got, want)
		}
	}
}

func TestTheGreetingSaysWhatIsMissing(t *testing.T) {
	fine := web.Finding{Prerequisite: i18n.Prerequisites.Settings}
	missing := []web.Finding{
		fine,
		{Prerequisite: i18n.Prerequisites.Store, Fault: i18n.Faults.StoreForgets},
		{Prerequisite: i18n.Prerequisites.HelpCenter, Fault: i18n.Faults.HelpCenterHost},
		{Prerequisite: i18n.Prerequisites.Clock, Fault: i18n.Faults.ClockUnknown},
	}
	for _, test := range []struct {
		lang, want string
		findings   []web.Finding
	}{
		{"C", `
  - Store: Kept in memory only: a restart logs every member out. Set store.kind to file for one server, or to redis for several.
  - Help center: There is no such host. Check help_center.domain and help_center.environment, then this server’s DNS.
  The setup page has the details.

`, missing},
		{"C", "\n  Everything that members need is in place.\n\n", []web.Finding{fine}},
		{"ko_KR.UTF-8", "\n  회원에게 필요한 준비가 끝났습니다.\n\n", []web.Finding{fine}},
	} {
		var text bytes.Buffer
		term := cli.Terminal{Stderr: &text, Environ: func() []string { return []string{"LANG=" + test.lang} }}
		sayMissing(t.Context(), term, func(context.Context) []web.Finding { return test.findings })
		if got := text.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
