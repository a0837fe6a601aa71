package main

import (
	"context"
	"fmt"
	"net"

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
	setup := term.Say(textNoSetup)
	if admin != nil {
		setup = "http://" + cli.Openable(admin) + "/setup"
	}
	fmt.Fprintf(term.Stderr, term.Say(textGreeting),
		term.Styled(cli.Bold, term.Stderr, publicURL), term.Styled(cli.Bold, term.Stderr, setup))
}

// sayMissing says what the setup page would: what is missing before members come.
func sayMissing(ctx context.Context, term cli.Terminal, findings func(context.Context) []web.Finding) {
	asking, cancel := context.WithTimeout(ctx, web.FindingsTimeout)
	defer cancel()
	list := findings(asking)
	if ctx.Err() != nil {
		return // the server stops: what was found then says nothing
	}
	text, end := "", term.Styled(cli.Green, term.Stderr, term.Say(textAllThere))
	for _, finding := range list {
		if level := finding.Fault.Level; level != i18n.LevelFine && level != i18n.LevelUnknown {
			name := term.Styled(cli.Yellow, term.Stderr, term.Say(finding.Prerequisite.Name))
			text += fmt.Sprintf("  - %s: %s %s\n", name, term.Say(finding.Fault.Text), term.Say(finding.Fault.Advice))
			end = term.Say(textDetails)
		}
	}
	fmt.Fprintf(term.Stderr, "\n%s%s\n", text, end)
}
