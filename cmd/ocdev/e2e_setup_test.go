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
	page, settings := serveSetup(t)
	b := newBrowser(t, blocked)
	b.open(page + "?lang=ko")
	want := string(settings.Own) + "/login/status"
	button := `.copy[data-value="` + want + `"]`
	b.click(button)
	b.until(`document.querySelector(".values ~ .copied").textContent === ` + quote("복사했습니다: "+want))
	wantPasted := func(want string) {
		t.Helper()
		ask[any](b, `document.querySelector("main").prepend(document.createElement("textarea"))`)
		b.paste("textarea")
		if got := ask[string](b, `document.querySelector("textarea").value`); got != want {
			t.Errorf("pasted %q, want %q", got, want)
		}
	}
	wantPasted(want)
	b.click(`.command .copy`)
	b.until(`document.querySelector(".command ~ .copied").textContent === ` + quote("복사했습니다: "+settings.CheckCommand))
	wantPasted(settings.CheckCommand)

	b.disableScript()
	b.open(page)
	if got := b.text(".values"); !strings.Contains(got, want) {
		t.Errorf("without script: got %q, want %s in it", got, want)
	}
	if got := ask[bool](b, "document.querySelector("+quote(button)+").checkVisibility()"); got {
		t.Error("without script: got a copy button, want none")
	}
}
