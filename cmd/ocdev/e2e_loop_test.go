package main

import (
	"testing"

	"ocsso/internal/devtools/standin"
)

// TestE2EBlockedCookiesEndInTheLoopPage is for D8: if the help center cannot see that the member is
// logged in, it asks for the login again and again.
func TestE2EBlockedCookiesEndInTheLoopPage(t *testing.T) {
	d := startDemo(t)
	d.set(sendNothingBack)
	b := newBrowser(t, blocked)
	b.open(d.inquiry())
	b.waitPage(d.loginFor(d.inquiry()))
	b.logIn(d.full())
	b.until(`document.querySelector("#continue")`)
	b.wantText(".member", d.full().name)
	warned := []standin.Outcome{standin.OutcomeOK, standin.OutcomeWarning} // of the loop
	d.wantHandoffsWith(warned, standin.KindForm, standin.KindForm)

	// The button starts another handoff. The stand-in stops at the fourth round.
	b.click("#continue")
	b.until(`location.pathname === "/loop"`)
	d.wantHandoffsWith(warned, standin.KindForm, standin.KindForm, standin.KindForm)
}

// TestE2ETheConsoleBlocksCookies is the same in a browser that blocks none.
func TestE2ETheConsoleBlocksCookies(t *testing.T) {
	d := startDemo(t)
	d.set(sendNothingBack)
	b := newBrowser(t, allowed)
	b.open(d.Console + "/faults")
	b.follow("[action='/console/cookies'] button")
	b.open(d.inquiry())
	b.waitPage(d.loginFor(d.inquiry()))
	b.logIn(d.full())
	b.until(`document.querySelector("#continue")`)
}

// TestE2EStatusParametersCanBeHeaders needs a preflight, and a usercode that is encoded for a
// header.
func TestE2EStatusParametersCanBeHeaders(t *testing.T) {
	d := startDemo(t)
	d.set(func(s *standin.Settings) {
		for i := range s.Parameters {
			s.Parameters[i].In = standin.InHeader
		}
	})
	b := newBrowser(t, blocked)
	b.enter(d, d.inquiry(), d.full())
	d.wantHandoffs(handoffs["form"]...)
}

func TestE2EAllowedCookiesNeedNoParameters(t *testing.T) {
	for _, way := range []string{"form", "api"} {
		t.Run(way, func(t *testing.T) {
			d := startDemo(t, "--handoff", way)
			d.set(sendNothingBack)
			b := newBrowser(t, allowed)
			b.enter(d, d.inquiry(), d.full())
			d.wantHandoffs(handoffs[way]...)
		})
	}
}

// sendNothingBack leaves the cookie only in the status call.
func sendNothingBack(s *standin.Settings) { s.Parameters = nil }
