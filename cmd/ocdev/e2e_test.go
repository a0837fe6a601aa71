package main

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/security"
	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/standin"
)

// handoffs are the calls of each way that tell the help center who the member is.
var handoffs = map[string][]standin.Kind{
	"form": {standin.KindForm},
	"api":  {standin.KindAPI, standin.KindAccessToken},
	"link": {standin.KindVerify, standin.KindLink},
}

// The cards on the home page of the customer's site, and the button of its login form.
const (
	inquiryCard = ".cards li:nth-child(1) a"
	historyCard = ".cards li:nth-child(2) a"
	loginButton = ".form > .button"
)

// TestE2EAMemberOpensAnInquiryFromAColdStart is the whole flow, in a browser without cookies.
func TestE2EAMemberOpensAnInquiryFromAColdStart(t *testing.T) {
	for way, calls := range handoffs {
		for _, cookies := range []thirdPartyCookies{allowed, blocked} {
			t.Run(way+"/"+cookies.String(), func(t *testing.T) {
				d := startDemo(t, "--handoff", way)
				members := []person{d.full(), d.awkward()}
				if way != "link" { // TestE2EALinkNeedsAnEmail
					members = append(members, d.simple())
				}
				b := newBrowser(t, cookies)
				var want []standin.Kind
				for _, member := range members {
					b.clearCookies()
					if way == "link" {
						b.enterFromTheSite(d, member)
					} else {
						b.enter(d, d.inquiry(), member)
					}
					b.openInquiry(d, member)
					want = append(want, calls...)
				}
				d.wantHandoffs(want...)
			})
		}
	}
}

// enterFromTheSite opens the inquiry page and logs in. It is for signed links: then the help center
// sends nobody to the login page.
func (b *browser) enterFromTheSite(d *demo, member person) {
	b.t.Helper()
	b.open(d.Site)
	b.click(inquiryCard)
	b.waitPage(d.loginFor(d.inquiry()))
	b.logIn(member)
	b.waitPage(d.inquiry())
	b.wantMember(member)
}

// openInquiry sends the member's first inquiry and finds it in the history.
func (b *browser) openInquiry(d *demo, member person) {
	b.t.Helper()
	const (
		title   = "배송이 안 와요 🚚"
		content = "지난주에 <주문>한 \"상품\" & 사은품이\n아직이에요 😢"
	)
	b.sendInquiry(title, content)
	b.waitPage(d.history())
	b.wantMember(member)
	if got := b.count(".inquiry"); got != 1 {
		b.t.Errorf("got %d inquiries in the history of %s, want 1", got, member.UserCode)
	}
	b.wantText(".inquiry h2", title)
	b.wantText(".inquiry .text", content)
	if last := d.inquiries()[0]; last.UserCode != member.UserCode || last.Name != member.username {
		b.t.Errorf("got an inquiry by %q, called %q, want it by %q, called %q", last.UserCode, last.Name, member.UserCode, member.username)
	}
}

// wantHandoffs checks the calls that tell the help center who the member is. No call may have
// failed.
func (d *demo) wantHandoffs(want ...standin.Kind) {
	d.t.Helper()
	d.wantHandoffsWith([]standin.Outcome{standin.OutcomeOK}, want...)
}

// wantHandoffsWith is wantHandoffs where calls may have these outcomes.
func (d *demo) wantHandoffsWith(outcomes []standin.Outcome, want ...standin.Kind) {
	d.t.Helper()
	var got []standin.Kind
	for _, event := range d.events() {
		switch event.Kind {
		case standin.KindForm, standin.KindAPI, standin.KindAccessToken, standin.KindLink, standin.KindVerify:
			got = append(got, event.Kind)
		}
		if !slices.Contains(outcomes, event.Outcome) {
			d.t.Errorf("got %s by the help center for %s %s: %s %s", event.Outcome, event.Method, event.Path, event.Detail, event.Cause)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("handoffs (-want +got):\n%s", diff)
	}
}

// TestE2EALoginPathHasItsOwnHandoff uses the login path of the handoff that is not configured.
func TestE2EALoginPathHasItsOwnHandoff(t *testing.T) {
	for configured, way := range map[string]string{"form": "api", "api": "form"} {
		t.Run(way, func(t *testing.T) {
			d := startDemo(t, "--handoff", configured)
			login := d.Site + "/login/" + way
			d.set(func(s *standin.Settings) { s.LoginURL = login })
			b := newBrowser(t, blocked)
			b.open(d.history())
			b.waitPage(login + "?returnUrl=" + url.QueryEscape(d.history()))
			b.logIn(d.awkward())
			b.waitPage(d.history())
			b.wantMember(d.awkward())
			d.wantHandoffs(handoffs[way]...)
		})
	}
}

// TestE2EALinkNeedsAnEmail is for D4.
func TestE2EALinkNeedsAnEmail(t *testing.T) {
	d := startDemo(t, "--handoff", "link")
	b := newBrowser(t, allowed)
	b.open(d.Site)
	b.click(inquiryCard)
	b.waitPage(d.loginFor(d.inquiry()))
	b.expectStatus(d.loginFor(d.inquiry())+"&loggedIn=1", http.StatusUnprocessableEntity)
	b.logIn(d.simple())
	b.until(`document.readyState === "complete" && document.querySelector(".note code")`)
	d.wantHandoffs()
}

// TestE2EALoggedInMemberEntersWithoutTheLoginPage logs in on the customer's site first.
func TestE2EALoggedInMemberEntersWithoutTheLoginPage(t *testing.T) {
	for way, calls := range handoffs {
		for _, cookies := range []thirdPartyCookies{allowed, blocked} {
			t.Run(way+"/"+cookies.String(), func(t *testing.T) {
				d := startDemo(t, "--handoff", way)
				b := newBrowser(t, cookies)
				b.logInAtTheSite(d, d.awkward())
				if way == "link" {
					b.click(historyCard)
				} else {
					b.open(d.history())
				}
				b.waitPage(d.history())
				b.wantMember(d.awkward())
				d.wantHandoffs(calls...)
			})
		}
	}
}

func TestE2EALoggedOutMemberIsAGuestInTheHelpCenter(t *testing.T) {
	for _, cookies := range []thirdPartyCookies{allowed, blocked} {
		t.Run(cookies.String(), func(t *testing.T) {
			d := startDemo(t)
			b := newBrowser(t, cookies)
			b.enter(d, d.history(), d.full())
			b.open(d.Site)
			b.click(".account button")
			b.waitPage(d.Site + "/logout")
			if got := b.count(".member"); got != 0 {
				t.Errorf("got %d names in the header, want none", got)
			}
			b.open(d.home())
			b.waitPage(d.home())
			if got := ask[string](b, "document.body.dataset.member"); got != "" {
				t.Errorf("got the help center's home for %q, want it for a guest", got)
			}
			b.open(d.history())
			b.waitPage(d.loginFor(d.history()))
		})
	}
}

func TestE2EAHandoffOverHTTPS(t *testing.T) {
	d := startDemo(t, "--tls")
	resp, err := d.client.Get(d.Site)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got, want := resp.Header.Get("Strict-Transport-Security"), "max-age=31536000"; got != want {
		t.Errorf("got Strict-Transport-Security %q, want %q", got, want)
	}

	b := newBrowser(t, blocked)
	b.do("accept the certificate", call(security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}))
	b.enter(d, d.history(), d.full())
	d.wantHandoffs(handoffs["form"]...)
}
