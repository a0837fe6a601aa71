package enginetest

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"ocsso/internal/cli/clitest"
)

const consoleTest = "TestErrorsOfEveryDocumentAreFound"

// TestErrorsOfEveryDocumentAreFound proves that an empty console means something.
func TestErrorsOfEveryDocumentAreFound(t *testing.T) {
	v := startBrowser(t, chromium, settings{}).visit(t)
	server := v.serve(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "script-src 'self'")
		if r.URL.Path == "/script.js" {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `console.error("said in " + location.href); throw new Error("thrown in " + location.href)`)
			return
		}
		fmt.Fprint(w, `<script>forbidden()</script><script src="/script.js"></script><link rel="icon" href="data:,">`)
		if r.URL.Path == "/page" {
			fmt.Fprintf(w, `<iframe src="http://%s/frame"></iframe>`, strings.Replace(r.Host, "127.0.0.1", "localhost", 1))
		}
	})
	page, frame := server.URL+"/page", strings.Replace(server.URL, "127.0.0.1", "localhost", 1)+"/frame"
	v.see(page)
	got := strings.Join(v.driver.(chromiumTab).complaints(t), "\n")
	for _, document := range []string{page, frame} {
		for _, want := range []string{"security " + document + ": Executing inline script violates", "said in " + document, "thrown in " + document} {
			if !strings.Contains(got, want) {
				t.Errorf("got no %q in the console:\n%s", want, got)
			}
		}
	}
}

// TestWhatTheVisitorPrefers compares the border of each invalid field with and without the mark, in
// the colours of the operating system, and counts what moves.
func TestWhatTheVisitorPrefers(t *testing.T) {
	v := startBrowser(t, chromium, settings{}).visit(t)
	v.prefer("forced-colors", "active")
	v.see(v.loginFor(v.inquiry()))
	v.logIn(member{usercode: korean.usercode, password: "not it"})
	v.until("", `document.querySelector("[aria-invalid]")`)
	v.want("", `[...document.querySelectorAll("[aria-invalid]")].map((field) => {
		const border = () => getComputedStyle(field).borderStyle + getComputedStyle(field).borderWidth;
		const marked = border();
		field.removeAttribute("aria-invalid");
		return marked !== border();
	})`, []bool{true, true})
	v.press(korean.password + "\r")
	v.waitPage("", v.inquiry())

	for preference, want := range map[string]int{"no-preference": 1, "reduce": 0} {
		v.prefer("prefers-reduced-motion", preference)
		v.openWithoutScript(v.loginFor(v.home()))
		v.want("", `document.getAnimations().filter((one) => one.animationName === "turn").length`, want)
	}
}

// TestAFramedPageHasOneColourDownToItsEnd looks at the left edge of the frame in a screenshot, from
// below the banner down to where the corner is round.
func TestAFramedPageHasOneColourDownToItsEnd(t *testing.T) {
	v := startBrowser(t, chromium, settings{}).visit(t)
	v.open(v.Site + "/help")
	v.waitPage(helpFrame, v.home()+"?iframe=true")
	for _, scheme := range []string{"light", "dark"} {
		v.prefer("prefers-color-scheme", scheme)
		for _, width := range []int{360, 1280} {
			v.resize(width)
			v.fitFrame()
			edge := ask[[3]int](v, "", `((r) => [Math.round(r.left) + 4, Math.ceil(r.top), Math.floor(r.bottom) - 20])(document.querySelector("iframe").getBoundingClientRect())`)
			top := edge[1] + ask[int](v, helpFrame, `Math.ceil(document.querySelector(".banner").getBoundingClientRect().bottom) + 1`)
			picture, err := png.Decode(bytes.NewReader(v.screenshot(chromedp.FullScreenshot(100))))
			if err != nil {
				t.Fatal(err)
			}
			want := picture.At(edge[0], top)
			for y := top; y < edge[2]; y++ {
				if got := picture.At(edge[0], y); got != want {
					t.Errorf("%s, %d pixels wide: got colour %v in row %d, want %v down to %d", scheme, width, got, y, want, edge[2])
					break
				}
			}
			// What the page adds below the content is enough.
			v.want(helpFrame, `page.getBoundingClientRect().bottom - document.querySelector("main").lastElementChild.getBoundingClientRect().bottom > 1`, false)
		}
	}
}

// TestAnOperatorCopiesTheConsolesValues pastes them, as an operator does in the vendor's console.
func TestAnOperatorCopiesTheConsolesValues(t *testing.T) {
	v := startBrowser(t, chromium, settings{}).visit(t)
	page := startServer(t)
	v.see(page + "?lang=ko")
	for _, section := range []string{".values", ".command"} {
		value := ask[string](v, "", `document.querySelector("`+section+` .copy").dataset.value`)
		v.click(section + " .copy")
		// The button says so, and the page to screen readers.
		v.until("", `document.querySelector("`+section+` .copy").innerText.startsWith("복사됨") && copied.textContent === `+quote("복사됨: "+value))
		v.run("", `document.querySelector("main").prepend(document.createElement("textarea"))`)
		v.click("textarea")
		v.inChromium("paste", call(input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeRawKeyDown, Key: "v", Commands: []string{"paste"},
		}))
		v.want("", `document.querySelector("textarea").value`, value)
	}
	v.openWithoutScript(page)
	v.want("", `[...document.querySelectorAll(".copy")].some((button) => button.checkVisibility())`, false)
	v.want("", `document.querySelector(".values").textContent.includes("https://login.example.com/login/status")`, true)
}

// TestScreenshots takes the README's pictures. If OCSSO_SCREENSHOTS names a folder, as make
// screenshots does, it keeps them there, with pictures of every page: in Korean and English, light
// and dark, on a phone, a tablet and a desktop.
func TestScreenshots(t *testing.T) {
	folder, wanted := os.LookupEnv("OCSSO_SCREENSHOTS")
	if !wanted {
		folder = t.TempDir()
	}
	browser := startBrowser(t, chromium, settings{allowThirdPartyCookies: true}) // so that frames show the member
	takeReadmesPictures(browser.visit(t), filepath.Join(folder, "readme"))
	if !wanted {
		return
	}
	for _, lang := range []string{"ko", "en"} {
		takeTour(browser.visit(t), lang, func(v *visit, frame, name string) {
			if frame != "" {
				return // is in the picture of its page
			}
			for _, scheme := range []string{"light", "dark"} {
				v.prefer("prefers-color-scheme", scheme)
				for _, width := range []int{360, 768, 1280} {
					v.resize(width)
					picture := fmt.Sprintf("%s-%s-%s-%d.png", name, lang, scheme, width)
					clitest.WriteFile(t, filepath.Join(folder, picture), string(v.screenshot(chromedp.FullScreenshot(100))))
				}
			}
		})
	}
}

func takeReadmesPictures(v *visit, folder string) {
	const largest = 150 << 10 // bytes of a picture
	v.inChromium("resize", chromedp.EmulateViewport(1280, 680))
	take := func(name string) {
		picture := v.screenshot(chromedp.CaptureScreenshot())
		if len(picture) > largest {
			v.t.Errorf("got %d bytes for %s, want at most %d", len(picture), name, largest)
		}
		clitest.WriteFile(v.t, filepath.Join(folder, name+".png"), string(picture))
	}
	v.open(v.HelpCenter + "/?lang=ko")
	v.open(v.Site + "/?lang=ko")
	v.open(v.history())
	v.waitPage("", v.loginFor(v.history()))
	v.click("#usercode")
	v.press(korean.usercode + "\t" + korean.password)
	take("login")
	v.press("\r")
	v.waitPage("", v.history())
	for _, inquiry := range [][2]string{
		{"주문한 상품이 아직 도착하지 않았어요", "지난주 화요일에 주문했는데 아직 배송 준비 중으로 나옵니다. 언제쯤 받을 수 있을까요?"},
		{"영수증을 다시 받고 싶습니다", "회사에 제출할 영수증이 필요합니다. 가입한 이메일로 보내 주세요."},
	} {
		v.see(v.inquiry())
		v.click("#title")
		v.press(inquiry[0] + "\t" + inquiry[1])
		v.click("main form button")
		v.waitPage("", v.history())
	}
	take("history")
	v.see(v.Site + "/")
	take("home")
	v.open(v.Site + "/help")
	v.waitPage(helpFrame, v.home()+"?iframe=true")
	take("help")
}

func (v *visit) screenshot(take chromedp.Action[[]byte]) (picture []byte) {
	v.t.Helper()
	v.step("take a screenshot", func(ctx context.Context) (err error) {
		ctx, cancel := v.driver.(chromiumTab).in(ctx)
		defer cancel()
		picture, err = chromedp.Run(ctx, take)
		return err
	})
	return picture
}
