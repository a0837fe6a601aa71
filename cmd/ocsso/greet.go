package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"ocsso/internal/cli"
	"ocsso/internal/i18n"
	"ocsso/web"
)

// What serve says to somebody at a terminal.
var (
	textGreeting = i18n.Words{
		KO: "\n  회원 로그인  %s\n  설정 안내    %s\n\n",
		EN: "\n  Members log in at  %s\n  Set it up at       %s\n\n",
	}
	textNoSetup  = i18n.Words{KO: "없음(server.admin_listen이 비어 있음)", EN: "nowhere: server.admin_listen is empty"}
	textAllThere = i18n.Words{KO: "  회원에게 필요한 준비가 끝났습니다.\n", EN: "  Everything that members need is in place.\n"}
	textDetails  = i18n.Words{KO: "  자세한 내용은 설정 안내 페이지에 있습니다.\n", EN: "  The setup page has the details.\n"}
)

// greet says which pages there are to open. admin is where the setup page listens, or nil.
func greet(term cli.Terminal, publicURL string, admin net.Addr) {
	lang := i18n.Lang(term.Lang())
	setup := textNoSetup.In(lang)
	if admin != nil {
		setup = "http://" + nearAddress(admin) + "/setup"
	}
	fmt.Fprintf(term.Stderr, textGreeting.In(lang),
		term.In(cli.Bold, term.Stderr, publicURL), term.In(cli.Bold, term.Stderr, setup))
}

// nearAddress returns a listener's address as this machine reaches it.
func nearAddress(listener net.Addr) string {
	address, err := netip.ParseAddrPort(listener.String())
	if err != nil || !address.Addr().IsUnspecified() {
		return listener.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", address.Port())
}

// sayMissing says what the setup page would: what is missing before members come.
func sayMissing(ctx context.Context, term cli.Terminal, findings func(context.Context) []web.Finding) {
	asking, cancel := context.WithTimeout(ctx, web.FindingsTimeout)
	defer cancel()
	list := findings(asking)
	if ctx.Err() != nil {
		return // the server stops: what was found then says nothing
	}
	lang := i18n.Lang(term.Lang())
	var text strings.Builder
	for _, finding := range list {
		if finding.Fault.Level == i18n.LevelFine || finding.Fault.Level == i18n.LevelUnknown {
			continue
		}
		fmt.Fprintf(&text, "  - %s: %s %s\n",
			term.In(cli.Yellow, term.Stderr, finding.Prerequisite.Name.In(lang)), finding.Fault.Text.In(lang), finding.Fault.Advice.In(lang))
	}
	if text.Len() == 0 {
		text.WriteString(term.In(cli.Green, term.Stderr, textAllThere.In(lang)))
	} else {
		text.WriteString(textDetails.In(lang))
	}
	fmt.Fprintf(term.Stderr, "\n%s\n", text.String())
}
