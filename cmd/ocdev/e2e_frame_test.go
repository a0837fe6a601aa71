package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/oidc/oidctest"
)

const (
	helpFrame   = "#ocPage"
	frameMargin = 70 // CONTRACT 10
)

func TestE2EAMemberIsLoggedInInsideTheFrame(t *testing.T) {
	for way := range handoffs {
		t.Run(way, func(t *testing.T) {
			d := startDemo(t, "--handoff", way)
			b := newBrowser(t, allowed)
			b.logInAtTheSite(d, d.awkward())
			frame := b.openHelp(d)
			if got, want := ask[string](frame, "document.body.dataset.member"), d.awkward().UserCode; got != want {
				t.Errorf("got the frame for %q, want it for %q", got, want)
			}
			d.wantHandoffs(handoffs[way]...)
		})
	}
}

func TestE2ETheFrameGrowsAndShrinksWithItsContent(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, blocked)
	frame := b.openHelp(d)
	low := frame.contentHeight()
	b.waitFrameHeight(low + frameMargin)

	ask[any](frame, `document.querySelector("summary").click()`)
	high := frame.contentHeight()
	if high <= low {
		t.Fatalf("got a content of %d pixels with an answer open and %d without, want it higher", high, low)
	}
	b.waitFrameHeight(high + frameMargin)

	ask[any](frame, `document.querySelector("summary").click()`)
	b.waitFrameHeight(low + frameMargin)
}

// TestE2EOnlyTheFramesOwnDocumentSetsItsHeight is for D11.
func TestE2EOnlyTheFramesOwnDocumentSetsItsHeight(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, blocked)
	frame := b.openHelp(d)
	height := frame.contentHeight() + frameMargin
	b.waitFrameHeight(height)
	ask[any](b, `(window.heard = [], addEventListener("message", (event) => heard.push(event.data)))`)

	ask[any](b, `document.querySelector("main").append(Object.assign(document.createElement("iframe"), {id: "second", src: ocPage.src}))`)
	second := b.in("#second")
	second.waitPage(d.home() + "?iframe=true")
	for _, message := range []struct {
		sender *browser
		data   string // a literal of JavaScript
	}{
		{b, "1001"},      // the page itself
		{second, "1002"}, // the help center in another window
		{frame, "0"},
		{frame, "-1003"},
		{frame, "1004.5"},
		{frame, `"1005"`},
		{frame, "[1006]"},
		{frame, "20001"}, // higher than any page
		{frame, "Infinity"},
	} {
		b.wantFrameHeightAfter(message.sender, message.data, height)
	}
	b.wantFrameHeightAfter(frame, "1007", 1007+frameMargin) // proves that a message has an effect

	// A page of ours in the frame reports its height, too.
	ask[any](b, `ocPage.src = "/login"`)
	frame.waitPage(d.Site + "/login")
	bottom := ask[int](frame, `Math.ceil(document.getElementById("content").getBoundingClientRect().bottom + scrollY)`)
	b.waitFrameHeight(bottom + frameMargin)
}

func TestE2EALoginInTheFrameShowsInThePageAroundIt(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, allowed)
	frame := b.openHelp(d)
	ask[any](frame, `document.querySelector('a[href^="/demo/hc/ticket/list/"]').click()`)
	frame.until(`document.querySelector("#usercode")`)
	b.wantText(".account", "Log in")
	ask[any](frame, `document.querySelector("#usercode").focus()`)
	b.press(d.full().UserCode + kb.Tab + d.full().Password + kb.Enter)
	frame.waitPage(d.history() + "?iframe=true")
	b.until(`document.querySelector(".member")`)
	b.wantText(".member", d.full().name)
}

// TestE2EAnOIDCLoginInTheFrameEndsAtThePageAskedFor: the provider refuses frames, so the login is
// in the top window.
func TestE2EAnOIDCLoginInTheFrameEndsAtThePageAskedFor(t *testing.T) {
	for _, cookies := range []thirdPartyCookies{allowed, blocked} {
		t.Run(cookies.String(), func(t *testing.T) {
			_, issuer := oidctest.New(t, map[string]any{"sub": "minji", "name": "김민지"})
			centerAddress := clitest.FreeAddress(t)
			center := otherSite("http://" + centerAddress)
			site := serveSettings(t, center, "form", fmt.Sprintf(`
login:
  with: oidc
  oidc: {issuer: %q, client_id: help, client_secret: here}
`, issuer)).site
			startSimulator(t, "hangame", "--listen", centerAddress,
				"--login-url", site+"/login", "--login-status-url", site+"/login/status",
				"--parameter", "usercode:query", "--parameter", "token:query")
			history := center + "/hangame/hc/ticket/list/"

			b := newBrowser(t, cookies)
			b.open(site + "/help")
			frame := b.in(helpFrame)
			frame.waitPage(center + "/hangame/hc/?iframe=true")
			ask[any](frame, `document.querySelector('a[href^="/hangame/hc/ticket/list/"]').click()`)
			frame.until(`document.querySelector("a[target=_top]")`)
			ask[any](frame, `document.querySelector("a[target=_top]").click()`)
			b.waitPage(history)
			if got := ask[string](b, "document.body.dataset.member"); got != "minji" {
				t.Errorf("got the history of %q, want it of minji", got)
			}
		})
	}
}

// TestE2EAFramedPageHasOneColourDownToItsEnd looks at the left edge of the frame in a screenshot,
// from below the banner down to where the corner is round.
func TestE2EAFramedPageHasOneColourDownToItsEnd(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, blocked)
	for _, scheme := range []string{"light", "dark"} {
		b.prefer("prefers-color-scheme", scheme)
		for _, width := range []int64{360, 1280} {
			b.resize(width, 800)
			frame := b.openHelp(d)
			b.waitFrameHeight(frame.contentHeight() + frameMargin)
			type rows struct{ Left, Top, Bottom int }
			edge := ask[rows](b, `((r) => ({Left: Math.round(r.left) + 4, Top: Math.ceil(r.top), Bottom: Math.floor(r.bottom) - 20}))(ocPage.getBoundingClientRect())`)
			edge.Top += ask[int](frame, `Math.ceil(document.querySelector(".banner").getBoundingClientRect().bottom) + 1`)

			ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
			defer cancel()
			shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err != nil {
				b.fatal("take a screenshot", err)
			}
			picture, err := png.Decode(bytes.NewReader(shot))
			if err != nil {
				t.Fatal(err)
			}
			want := picture.At(edge.Left, edge.Top)
			for y := edge.Top; y < edge.Bottom; y++ {
				if got := picture.At(edge.Left, y); got != want {
					t.Errorf("%s, %d pixels wide: got colour %v in row %d, want %v down to %d", scheme, width, got, y, want, edge.Bottom)
					break
				}
			}
			// What the page adds below the content is enough.
			empty := ask[float64](frame, `page.getBoundingClientRect().bottom - document.querySelector("main").lastElementChild.getBoundingClientRect().bottom`)
			if empty > 1 {
				t.Errorf("%s, %d pixels wide: got %v empty pixels below the content, want none", scheme, width, empty)
			}
		}
	}
}

// openHelp opens the help page and returns its frame.
func (b *browser) openHelp(d *demo) *browser {
	b.t.Helper()
	b.open(d.Site + "/help")
	frame := b.in(helpFrame)
	frame.waitPage(d.home() + "?iframe=true")
	return frame
}

// contentHeight returns the height of the frame's content in CSS pixels.
func (b *browser) contentHeight() int {
	b.t.Helper()
	return ask[int](b, "Math.ceil(page.getBoundingClientRect().height)")
}

func (b *browser) waitFrameHeight(want int) {
	b.t.Helper()
	b.until(fmt.Sprintf("ocPage.clientHeight === %d", want))
}

// wantFrameHeightAfter checks the frame's height once the page has received data, a literal of
// JavaScript, from sender.
func (b *browser) wantFrameHeightAfter(sender *browser, data string, want int) {
	b.t.Helper()
	ask[any](sender, "parent.postMessage("+data+`, "*")`)
	b.until("heard.some((one) => String(one) === String(" + data + "))")
	if got := ask[int](b, "ocPage.clientHeight"); got != want {
		b.t.Errorf("got a frame of %d pixels after the message %s, want %d", got, data, want)
	}
}
