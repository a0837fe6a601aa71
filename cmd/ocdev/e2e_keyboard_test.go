package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"ocsso/internal/devtools/standin"
)

// TestE2EAMemberNeedsNoMouse logs in, hands off and logs out with the keyboard only.
func TestE2EAMemberNeedsNoMouse(t *testing.T) {
	for name, script := range map[string]bool{"with script": true, "without script": false} {
		t.Run(name, func(t *testing.T) {
			d := startDemo(t)
			b := newBrowser(t, blocked)
			b.setScript(script)
			b.open(d.loginFor(d.history()))
			b.tabTo("#usercode")
			b.press(d.awkward().UserCode + kb.Tab + d.awkward().Password)
			if script {
				b.press(kb.Tab + " ") // the space presses the button that shows the password
				b.wantFocused("#reveal[aria-pressed=true]")
				b.press(kb.Tab)
				b.wantFocused(loginButton)
				b.press(kb.Enter)
				b.waitPage(d.history())
			} else {
				b.pressToFollow(kb.Enter)
				b.tabTo("#handoff button")
				b.pressToFollow(kb.Enter)
			}
			b.wantMember(d.awkward())
			d.wantHandoffs(handoffs["form"]...)

			b.open(d.Site)
			b.tabTo(".account button")
			b.pressToFollow(kb.Enter)
			if got, want := ask[string](b, "location.href"), d.Site+"/logout"; got != want || b.count(".member") != 0 {
				t.Errorf("got to %s with %d names in the header, want to %s with none", got, b.count(".member"), want)
			}
		})
	}
}

func TestE2EASkipLinkLeadsPastTheHeader(t *testing.T) {
	d := startDemo(t)
	d.set(func(s *standin.Settings) { s.Guests = true }) // so that no page needs a login
	b := newBrowser(t, blocked)
	for page, firstInContent := range map[string]string{d.Site + "/": ".hero .button", d.inquiry() + "?sent=true": "main .button"} {
		b.open(page)
		b.waitPage(page)
		b.press(kb.Tab)
		b.wantFocused(".skip")
		b.press(kb.Enter + kb.Tab)
		b.wantFocused(firstInContent)
	}
}

// wantFocusSeen moves the focus through the page, and looks for an outline each time.
func (b *browser) wantFocusSeen(name string) {
	b.t.Helper()
	ask[any](b, fromTheTop)
	got := 0
	for ; b.tabOn(); got++ {
		if !ask[bool](b, `document.activeElement.matches("iframe") || getComputedStyle(document.activeElement).outlineStyle !== "none"`) {
			b.t.Errorf("%s: got no outline around %s", name, ask[string](b, "document.activeElement.outerHTML"))
		}
	}
	if want := ask[int](b, reachable); got < want {
		b.t.Errorf("%s: got the focus in %d places, want it in all %d", name, got, want)
	}
}

// reachable counts the elements that the keyboard must reach. Of radio buttons, this is the checked
// one.
const reachable = `[...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden], [type=radio]), [type=radio]:checked")]
	.filter((one) => one.checkVisibility()).length`

// fromTheTop makes the next Tab lead to the first element of the page.
const fromTheTop = `(
	document.querySelectorAll("[data-reached]").forEach((one) => delete one.dataset.reached),
	document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex")
)`

// tabOn presses Tab, and reports whether the focus is on an element that did not have it before.
func (b *browser) tabOn() bool {
	b.t.Helper()
	b.press(kb.Tab)
	return ask[bool](b, `((one) => {
		const isNew = one !== document.body && !one.dataset.reached;
		one.dataset.reached = "yes";
		return isNew;
	})(document.activeElement)`)
}

// tabTo presses Tab until an element has the focus.
func (b *browser) tabTo(selector string) {
	b.t.Helper()
	for b.tabOn() {
		if b.focused(selector) {
			return
		}
	}
	b.t.Fatalf("Tab does not reach %s", selector)
}

func (b *browser) focused(selector string) bool {
	b.t.Helper()
	return ask[bool](b, "document.activeElement.matches("+quote(selector)+")")
}

func (b *browser) wantFocused(selector string) {
	b.t.Helper()
	if !b.focused(selector) {
		b.t.Errorf("got the focus on %s, want it on %s", ask[string](b, "document.activeElement.outerHTML"), selector)
	}
}

func TestE2ENothingMovesWithReducedMotion(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, blocked)
	b.logInAtTheSite(d, d.full())
	for preference, want := range map[string]int{"no-preference": 1, "reduce": 0} {
		b.prefer("prefers-reduced-motion", preference)
		b.openWithoutScript(d.loginFor(d.home()))
		if got := ask[int](b, "document.getAnimations().length"); got != want {
			t.Errorf("prefers-reduced-motion: %s: got %d animations on the handoff page, want %d", preference, got, want)
		}
	}
}
