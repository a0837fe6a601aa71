package main

import (
	"net/url"
	"testing"
	"time"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/devtools/standin"
)

// TestE2EADemoWithAShop logs in at the shop of the demo, once, and out again.
func TestE2EADemoWithAShop(t *testing.T) {
	for _, cookies := range []thirdPartyCookies{allowed, blocked} {
		t.Run(cookies.String(), func(t *testing.T) {
			d := startDemo(t, "--login", "site")
			b := newBrowser(t, cookies)
			b.resize(320, 640)
			b.open(d.inquiry())
			b.waitPage(d.Shop + "/login?next=" + url.QueryEscape(d.loginFor(d.inquiry())+"&fromSite=1"))
			b.wantFits("the shop's login page")
			b.logInAtTheShop(d.awkward())
			b.waitPage(d.inquiry())
			b.openInquiry(d, d.awkward())

			b.open(d.Shop)
			b.click("ul li:nth-child(2) a")
			b.waitPage(d.Site + "/help")
			b.in(helpFrame).waitPage(d.home() + "?iframe=true")
			if cookies == allowed { // otherwise the frame has no cookie of the help center
				b.in(helpFrame).wantMember(d.awkward())
			}

			b.open(d.Shop)
			b.wantFits("the shop")
			b.follow("main form button")
			b.waitGuest(d)
			b.open(d.history())
			b.waitPage(d.Shop + "/login?next=" + url.QueryEscape(d.loginFor(d.history())+"&fromSite=1"))
			b.logInAtTheShop(d.simple())
			b.waitPage(d.history())
			b.wantMember(d.simple())
			if got := b.count(".inquiry"); got != 0 {
				t.Errorf("got %d inquiries of another member, want none", got)
			}
		})
	}
}

// logInAtTheShop fills in the shop's login form.
func (b *browser) logInAtTheShop(member person) {
	b.t.Helper()
	b.fill("[name=usercode]", member.UserCode)
	b.fill("[name=password]", member.Password)
	b.click("form button")
}

// waitGuest opens the home of the help center until it takes the visitor for a guest.
func (b *browser) waitGuest(d *demo) {
	b.t.Helper()
	start := time.Now()
	clitest.WaitUntil(b.t, "the help center takes the member for a guest", func() bool {
		b.open(d.home())
		b.waitPage(d.home())
		return ask[string](b, "document.body.dataset.member") == ""
	})
	b.t.Logf("a guest after %v", time.Since(start))
	for _, event := range d.events() {
		if event.Outcome != standin.OutcomeOK {
			b.t.Errorf("got %s by the help center for %s %s: %s", event.Outcome, event.Method, event.Path, event.Detail)
		}
	}
}
