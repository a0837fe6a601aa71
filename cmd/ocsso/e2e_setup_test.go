package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// paste pastes the clipboard into a field, as an operator does in the vendor's console.
func (b *browser) paste(selector string) {
	b.t.Helper()
	b.do("paste into "+selector,
		chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible),
		call(input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeRawKeyDown, Key: "v", Commands: []string{"paste"},
		}))
}

func TestE2EAnOperatorCopiesTheConsolesValues(t *testing.T) {
	d := writeSettings(t, helpCenterSection(helpCenterWithClock(t, 0), "form")).serve(t)
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
		t.Error("without script: got a copy button, want none")
	}
}

func TestE2EAnOperatorRunsTheChecks(t *testing.T) {
	d := writeSettings(t, helpCenterSection(helpCenterWithClock(t, 0), "form")).serve(t)
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
