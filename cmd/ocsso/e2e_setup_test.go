package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// paste puts the clipboard into a field, as an operator does in the vendor's console.
func (b *browser) paste(selector string) {
	b.t.Helper()
	b.do("paste into "+selector,
		chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible),
		chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: input.DispatchKeyEventTypeRawKeyDown, Key: "v", Commands: []string{"paste"},
			})
			return err
		}))
}

func TestE2EAnOperatorCopiesTheConsolesValues(t *testing.T) {
	d := serveWith(t, helpCenterAt(t, 0), "form")
	b := newBrowser(t, blocked)
	b.open(d.admin + "/setup?lang=ko")
	want := d.site + "/login/status"
	button := `.copy[data-value="` + want + `"]`
	b.click(button)
	b.until(`document.getElementById("copied").textContent === ` + quote("복사했습니다: "+want))
	b.paste("#usercode")
	if got := ask[string](b, `document.getElementById("usercode").value`); got != want {
		t.Errorf("pasted %q, want %q", got, want)
	}

	b.disableScript()
	b.open(d.admin + "/setup")
	if got := b.text(".values"); !strings.Contains(got, want) {
		t.Errorf("without script: got %q, want %s in it", got, want)
	}
	if got := ask[bool](b, "document.querySelector("+quote(button)+").checkVisibility()"); got {
		t.Error("without script: got a button that does nothing, want none")
	}
}

func TestE2EAnOperatorRunsTheChecks(t *testing.T) {
	d := serveWith(t, helpCenterAt(t, 0), "form")
	b := newBrowser(t, blocked)
	b.open(d.admin + "/setup?lang=en")
	b.fill("#usercode", "minji")
	b.fill("#password", testPassword)
	b.click("#run .button")
	b.until(`document.readyState === "complete" && document.activeElement.id === "result"`)
	if got := b.text("#result"); !strings.Contains(got, "failed 0 · warnings 0") {
		t.Errorf("got %q, want nothing failed", got)
	}
	type form struct{ UserCode, Password string }
	got := ask[form](b, `(({usercode, password}) => ({UserCode: usercode.value, Password: password.value}))(document.getElementById("run").elements)`)
	if want := (form{UserCode: "minji"}); got != want {
		t.Errorf("got the form %+v, want %+v", got, want)
	}
	if got := ask[bool](b, `document.querySelector("#run .button").disabled`); got {
		t.Error("got a button that is disabled, want another run to be possible")
	}
}

// TestE2EAccessibilityOfTheSetupPage has axe-core look at it in each language, light and dark, as it opens and with what the checks
// found. It fits a small screen, which is also a screen of 1280 pixels at 400 % (WCAG 1.4.10).
func TestE2EAccessibilityOfTheSetupPage(t *testing.T) {
	axe := axeSource(t)
	d := serveWith(t, helpCenterAt(t, -time.Minute), "form") // a warning, and a case that fails
	b := newBrowser(t, blocked)
	b.resize(320, 640)
	for lang := range htmlLang {
		b.open(d.admin + "/setup?lang=" + lang)
		b.wantAccessible(axe, lang)
		b.click("#run .button")
		b.until(`document.readyState === "complete" && document.activeElement.id === "result"`)
		b.click("summary")
		b.wantAccessible(axe, lang+", checked")
	}
}

func (b *browser) wantAccessible(axe, name string) {
	b.t.Helper()
	b.wantFits(name)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer("prefers-color-scheme", scheme)
		for _, violation := range b.axe(axe) {
			b.t.Errorf("%s, %s: %s", name, scheme, violation)
		}
	}
}
