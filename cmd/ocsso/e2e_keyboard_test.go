package main

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ocsso/internal/simulator"
)

// TestE2EAMemberNeedsNoMouse logs in, hands off and logs out by the keys of a keyboard alone, with script and without.
func TestE2EAMemberNeedsNoMouse(t *testing.T) {
	for name, script := range map[string]bool{"with script": true, "without script": false} {
		t.Run(name, func(t *testing.T) {
			d := startDemo(t)
			b := newBrowser(t, blocked)
			b.setScript(script)
			b.open(d.loginFor(d.history()))
			b.tabTo("#usercode")
			b.press(d.full().UserCode)
			b.press(kb.Tab)
			b.press(d.full().Password)
			if script {
				b.press(kb.Tab + " ") // a space presses the button that shows the password
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
			b.wantMember(d.full())

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
	d.set(func(s *simulator.Settings) { s.Guests = true }) // else the inquiry page sends them to log in
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

// TestE2EFocusIsSeenOnEveryPage goes through all that the keyboard can reach, which is all that can be pressed or filled in, and looks for
// the outline. The languages don't differ.
func TestE2EFocusIsSeenOnEveryPage(t *testing.T) {
	takeTour(newBrowser(t, allowed), "en", func(page *browser, name string) {
		if page.frame != "" {
			return // the keyboard comes to it from the page around it; the same pages are on the tour without a frame
		}
		ask[any](page, fromTheTop)
		got := 0
		for ; page.tabOn(); got++ {
			if !ask[bool](page, `document.activeElement.matches("iframe") || getComputedStyle(document.activeElement).outlineStyle !== "none"`) {
				page.t.Errorf("%s: got no outline around %s", name, ask[string](page, "document.activeElement.outerHTML"))
			}
		}
		if want := ask[int](page, reachable); got < want {
			page.t.Errorf("%s: got the focus in %d places, want it in all %d", name, got, want)
		}
	})
}

// reachable counts what can be pressed or filled in. Of radio buttons, the chosen one has the focus for all.
const reachable = `[...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden], [type=radio]), [type=radio]:checked")]
	.filter((one) => one.checkVisibility()).length`

// fromTheTop lets the next Tab lead to the first place on the page, whatever had the focus before.
const fromTheTop = `(
	document.querySelectorAll("[data-reached]").forEach((one) => delete one.dataset.reached),
	document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex")
)`

// tabOn moves the focus on by one, and reports whether it has come to something new.
func (b *browser) tabOn() bool {
	b.t.Helper()
	b.press(kb.Tab)
	return ask[bool](b, `((one) => {
		const isNew = one !== document.body && !one.dataset.reached;
		one.dataset.reached = "yes";
		return isNew;
	})(document.activeElement)`)
}

// tabTo moves the focus on to an element.
func (b *browser) tabTo(selector string) {
	b.t.Helper()
	for b.tabOn() {
		if b.focused(selector) {
			return
		}
	}
	b.t.Fatalf("got through the page without %s, want it to be reached", selector)
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

// press types on the keyboard.
func (b *browser) press(keys string) {
	b.t.Helper()
	b.do("press keys", chromedp.KeyEvent(keys))
}

// pressToFollow types on the keyboard, and waits until the page that this leads to has loaded.
func (b *browser) pressToFollow(keys string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(keys)); err != nil {
		b.fatal("press keys", err)
	}
}

func TestE2ENothingMovesForThoseWhoPreferThat(t *testing.T) {
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
