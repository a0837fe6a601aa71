package enginetest

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// htmlLang is the lang attribute of each language's pages, by its code.
var htmlLang = map[string]string{"ko": "ko", "en": "en", "ja": "ja", "zh": "zh-Hans"}

// A tour sees every page of both servers in one language and in Chromium: as a guest, while logging
// in, as a member and as an operator, and the error pages.
type tour struct {
	*visit
	lang   string
	center bool // the help center and operators' pages speak it, too
	look   func(v *visit, frame, name string)
}

// takeTour sees every page in a language, and calls look at each and at each frame.
func takeTour(v *visit, lang string, look func(v *visit, frame, name string)) {
	v.t.Helper()
	v.set(v.t, object{"guests": true})
	t := tour{v, lang, slices.Contains([]string{"ko", "en"}, lang), look}
	t.page("home", v.Site+"/?lang="+lang)
	if t.center {
		t.page("center-start", v.HelpCenter+"/?lang="+lang)
	}
	t.asAGuest()
	t.logInWithMistakes()
	t.asAMember()
	t.handOff()
	if t.center {
		t.useConsole()
		t.page("setup", startServer(t.t)+"?lang="+lang)
	}
}

func (t tour) page(name, url string) {
	t.t.Helper()
	t.see(url)
	t.here(name)
}

func (t tour) here(name string) {
	t.t.Helper()
	t.want("", "document.documentElement.lang", htmlLang[t.lang])
	t.look(t.visit, "", name)
}

// opened looks at the page again, with all its details open.
func (t tour) opened(name string) {
	t.t.Helper()
	t.run("", `document.querySelectorAll("details").forEach((one) => { one.open = true; })`)
	t.here(name)
}

// framed looks at the help page and at its frame.
func (t tour) framed(name string) {
	t.t.Helper()
	t.open(t.Site + "/help")
	t.waitPage(helpFrame, t.home()+"?iframe=true")
	t.here(name)
	if t.center {
		t.look(t.visit, helpFrame, name+"-frame")
	}
}

func (t tour) asAGuest() {
	t.page("logged-out", t.Site+"/logout")
	t.framed("help")
	t.page("not-found", t.Site+"/no-such-page")
	t.page("bad-return-url", t.loginFor("https://evil.test/"))
	if !t.center {
		return
	}
	t.page("center-home", t.home())
	t.opened("center-home-open")
	t.page("center-inquiry", t.inquiry())
	t.run("", `document.querySelector("main form").noValidate = true`)
	t.follow("main form button") // with empty fields
	t.here("center-inquiry-wrong")
	t.page("center-inquiry-sent", t.inquiry()+"?sent=true")
	t.page("center-not-found", t.HelpCenter+"/%20/hc/")
}

func (t tour) logInWithMistakes() {
	t.page("login", t.loginFor(t.history()))
	t.logIn(member{usercode: awkward.usercode, password: "not it"})
	t.until("", loginError)
	t.here("login-wrong")
	t.useUpAttempts("somebody")
	t.see(t.Site + "/login")
	t.logIn(member{usercode: "somebody", password: "not it"})
	t.until("", loginError)
	t.here("login-limited")
	t.see(t.loginFor(t.history()))
	t.logIn(awkward)
	t.waitPage("", t.history())
}

// useUpAttempts tries to log in until the limit is reached.
func (d *demo) useUpAttempts(usercode string) {
	for _, loopback := range []string{"127.0.0.1", "[::1]"} { // a browser may come from either
		login := strings.Replace(d.Site, "localhost", loopback, 1) + "/login"
		for range 200 {
			resp, err := client.PostForm(login, url.Values{"usercode": {usercode}, "password": {"not it"}})
			if err != nil {
				break // there is no IPv6
			}
			resp.Body.Close()
			if resp.StatusCode == http.StatusTooManyRequests {
				break
			}
		}
	}
}

func (t tour) asAMember() {
	t.page("home-member", t.Site+"/")
	t.page("logout", t.Site+"/logout")
	t.framed("help-member")
	if !t.center {
		return
	}
	t.page("center-history-empty", t.history())
	t.page("center-home-member", t.home())
	t.page("center-inquiry-member", t.inquiry())
	t.click("#title")
	t.press(strings.Repeat("긴제목", 15) + "\t" + strings.Repeat("word", 40))
	t.click("main form button")
	t.waitPage("", t.history())
	t.here("center-history")
}

// handOff sees the pages that script would leave at once.
func (t tour) handOff() {
	handoff := t.loginFor(t.inquiry())
	t.openWithoutScript(handoff)
	t.run("", `document.getAnimations().filter((one) => one.animationName === "appear").forEach((one) => one.finish())`)
	t.here("handoff")
	comeFromTheCenter := func(want string) {
		t.open(t.HelpCenter + "/")
		t.run("", "location.href = "+quote(handoff))
		t.waitPage("", want)
	}
	comeFromTheCenter(t.inquiry())
	comeFromTheCenter(handoff)
	t.until("", `document.querySelector("#continue")`)
	t.here("loop")
	if !t.center {
		return
	}
	t.set(t.t, object{"organization_key": "another"})
	t.openWithoutScript(t.loginFor(t.home()))
	t.follow("#handoff button")
	t.waitPage("", t.HelpCenter+"/v2/enduser/remote.json")
	t.here("center-refused")
}

func (t tour) useConsole() {
	resp, err := client.PostForm(t.HelpCenter+"/api/v2/enduser/remote.json", url.Values{ // is refused with long details
		"service": {t.Service}, "usercode": {"alice"}, "username": {strings.Repeat("W", 50)},
		"time": {"1660095873"}, "token": {"Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo="},
	})
	if err != nil {
		t.t.Fatal(err)
	}
	resp.Body.Close()
	t.page("console", t.Console)
	t.opened("console-open")
	for _, tab := range []string{"settings", "faults", "api", "reset"} {
		t.page("console-"+tab, t.Console+"/"+tab)
	}
	t.page("console-revealed", t.Console+"/settings?reveal=1")
	t.page("console-event", t.Console+"/events/1")
	t.page("console-no-event", t.Console+"/events/0")
	t.open(t.Console + "/settings")
	t.run("", `document.querySelector("[name=login_url]").value = " nowhere"`)
	t.follow(`[action="/console/settings"] button`)
	t.here("console-settings-wrong")
}

// inChromium does something that only its driver can.
func (v *visit) inChromium(what string, actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	v.step(what, func(ctx context.Context) error { return v.driver.(chromiumTab).do(ctx, actions...) })
}

// call returns the action that calls a command of the DevTools protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, command, params)
		return err
	})
}

// openWithoutScript opens a page whose own scripts do not run. The test can still evaluate
// expressions.
func (v *visit) openWithoutScript(url string) {
	v.t.Helper()
	for _, off := range []bool{true, false} {
		v.inChromium("switch script", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off}))
		if off {
			v.open(url)
		}
	}
}

// prefer sets a media feature of the visitor, for example prefers-color-scheme to dark.
func (v *visit) prefer(feature, value string) {
	v.t.Helper()
	v.inChromium("prefer "+feature, call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	}))
}

// TestEveryPageIsAccessible checks each page of both servers in each language, on a screen of 320
// pixels, which is also one of 1280 pixels enlarged fourfold (WCAG 1.4.10). A long name and wider
// text must fit too.
//
// To axe-core, a language is how long the words are, and a scheme is which colors they have. One
// rule needs the first (the size of targets), others the second (contrast), and none needs both. So
// each page is judged in the short words of Korean and light colors, and in the long ones of
// English and dark colors.
func TestEveryPageIsAccessible(t *testing.T) {
	browser, axe := startBrowser(t, chromium, settings{allowThirdPartyCookies: true}), axeSource(t)
	schemes := map[string]string{"ko": "light", "en": "dark"}
	for lang := range htmlLang {
		t.Run(lang, func(t *testing.T) {
			v, scheme := browser.visit(t), schemes[lang]
			v.resize(320)
			v.prefer("prefers-color-scheme", cmp.Or(scheme, "light"))
			takeTour(v, lang, func(v *visit, frame, name string) {
				v.wantFits(frame, name)
				if scheme != "" {
					v.wantAccessible(axe, frame, name+" in "+scheme+" colors")
				}
				if lang == "en" && frame == "" { // the keyboard comes to a frame from its page
					v.wantFocusSeen(name)
				}
				v.run(frame, `document.querySelectorAll("bdi").forEach((name) => { name.textContent = "W".repeat(50); })`)
				v.wantFits(frame, name+" with a long name")
				v.run(frame, widerText)
				v.wantFits(frame, name+" with a long name and wider text")
			})
		})
	}
}

// widerText sets the text as wide as WCAG 1.4.12 asks for.
const widerText = `((wider) => {
	wider.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
	document.adoptedStyleSheets = [wider];
})(new CSSStyleSheet())`

func (v *visit) wantFits(frame, name string) {
	v.t.Helper()
	got := ask[[2]int](v, frame, `[document.documentElement.scrollWidth, document.documentElement.clientWidth]`)
	if got[0] > got[1] {
		v.t.Errorf("got %s with %d pixels on a screen of %d, want it no wider", name, got[0], got[1])
	}
}

// reachable are the elements that the keyboard must reach. Of radio buttons, this is the checked
// one. Behind a frame are others, but its own come first.
const reachable = `[...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden], [type=radio]), [type=radio]:checked")]
	.filter((one) => one.checkVisibility() && !(document.querySelector("iframe")?.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING))`

// wantFocusSeen moves the focus through the page, and looks for an outline each time.
func (v *visit) wantFocusSeen(name string) {
	v.t.Helper()
	v.run("", `(document.querySelectorAll("[data-reached]").forEach((one) => { delete one.dataset.reached; }),
		document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex"))`)
	for reached := 0; ; {
		v.press("\t")
		switch got := ask[string](v, "", focused); got {
		case "in the frame":
			continue
		case "at the end":
			if want := ask[int](v, "", reachable+".length"); reached < want {
				v.t.Errorf("%s: got the focus in %d places, want it in all %d", name, reached, want)
			}
			return
		case "outlined":
		default:
			v.t.Errorf("%s: got no outline around %s", name, got)
		}
		reached++
	}
}

// focused tells where the keyboard is after Tab. It marks where it was.
const focused = `((one) => {
	if (one.matches("iframe[data-reached]")) return "in the frame";
	if (one === document.body || one.dataset.reached) return "at the end";
	one.dataset.reached = "yes";
	return one.matches("iframe") || getComputedStyle(one).outlineStyle !== "none" ? "outlined" : one.outerHTML;
})(document.activeElement)`
