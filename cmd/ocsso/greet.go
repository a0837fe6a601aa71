package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/term"

	"ocsso/internal/i18n"
	"ocsso/web"
)

// isTerminal reports whether somebody reads what is written to w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// greet says which pages there are to open. admin is where the setup page listens, or nil.
func greet(w io.Writer, publicURL string, admin net.Addr) {
	setup := "nowhere: server.admin_listen is empty"
	if admin != nil {
		setup = "http://" + nearAddress(admin) + "/setup"
	}
	fmt.Fprintf(w, "\n  Members log in at  %s\n  Set it up at       %s\n\n", publicURL, setup)
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
func sayMissing(ctx context.Context, w io.Writer, findings func(context.Context) []web.Finding) {
	asking, cancel := context.WithTimeout(ctx, web.FindingsTimeout)
	defer cancel()
	list := findings(asking)
	if ctx.Err() != nil {
		return // the server stops: what was found then says nothing
	}
	var text strings.Builder
	for _, finding := range list {
		if finding.Fault.Level == i18n.LevelFine || finding.Fault.Level == i18n.LevelUnknown {
			continue
		}
		fmt.Fprintf(&text, "  - %s: %s %s\n", finding.Prerequisite.Name.EN, finding.Fault.Text.EN, finding.Fault.Advice.EN)
	}
	if text.Len() == 0 {
		text.WriteString("  Everything that members need is in place.\n")
	} else {
		text.WriteString("  The setup page has the details.\n")
	}
	fmt.Fprintf(w, "\n%s\n", text.String())
}
