package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"ocsso/internal/cli/clitest"
)

// maxScreenshot is the limit of a picture in the README, in bytes.
const maxScreenshot = 150 << 10

// TestE2EScreenshots takes the README's pictures. If OCSSO_SCREENSHOTS names a folder, as make
// screenshots does, it keeps them there, with pictures of every page: in Korean and English, light
// and dark, on a phone and on a desktop.
func TestE2EScreenshots(t *testing.T) {
	folder, wanted := os.LookupEnv("OCSSO_SCREENSHOTS")
	if !wanted {
		folder = t.TempDir()
	}
	t.Run("readme", func(t *testing.T) { takeReadmesPictures(t, filepath.Join(folder, "readme")) })
	if !wanted {
		return
	}
	for _, lang := range []string{"ko", "en"} {
		t.Run(lang, func(t *testing.T) {
			takeTour(newBrowser(t, allowed), lang, func(page *browser, name string) {
				if page.frame != "" {
					return // is in the picture of its page
				}
				for _, scheme := range []string{"light", "dark"} {
					page.prefer("prefers-color-scheme", scheme)
					for _, width := range []int64{360, 1280} {
						page.resize(width, 800)
						picture := fmt.Sprintf("%s-%s-%s-%d.png", name, lang, scheme, width)
						page.screenshot(filepath.Join(folder, picture), chromedp.FullScreenshot(100))
					}
				}
			})
		})
	}
}

func takeReadmesPictures(t *testing.T, folder string) {
	d := startDemo(t)
	b := newBrowser(t, allowed) // so that the frame shows the member and the language
	b.resize(1280, 680)
	readme := func(name string) {
		t.Helper()
		if size := b.screenshot(filepath.Join(folder, name+".png"), chromedp.CaptureScreenshot()); size > maxScreenshot {
			t.Errorf("got %d bytes for %s, want at most %d", size, name, maxScreenshot)
		}
	}
	b.open(d.HelpCenter + "/?lang=ko")
	b.open(d.Site + "/?lang=ko")
	b.open(d.history())
	b.waitPage(d.loginFor(d.history()))
	b.fill("#usercode", d.full().UserCode)
	b.fill("#password", d.full().Password)
	readme("login")

	b.click(loginButton)
	b.waitPage(d.history())
	for _, inquiry := range []struct{ title, content string }{
		{"주문한 상품이 아직 도착하지 않았어요", "지난주 화요일에 주문했는데 아직 배송 준비 중으로 나옵니다. 언제쯤 받을 수 있을까요?"},
		{"영수증을 다시 받고 싶습니다", "회사에 제출할 영수증이 필요합니다. 가입한 이메일로 보내 주세요."},
	} {
		b.open(d.inquiry())
		b.waitPage(d.inquiry())
		b.sendInquiry(inquiry.title, inquiry.content)
		b.waitPage(d.history())
	}
	readme("history")

	b.open(d.Site)
	b.waitPage(d.Site + "/")
	readme("home")
	b.open(d.Site + "/help")
	b.in(helpFrame).waitPage(d.home() + "?iframe=true")
	readme("help")
}

// screenshot writes a picture to a file and returns its size in bytes.
func (b *browser) screenshot(path string, take chromedp.Action[[]byte]) (size int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	picture, err := chromedp.Run(ctx, take)
	if err != nil {
		b.fatal("take a screenshot", err)
	}
	clitest.WriteFile(b.t, path, string(picture))
	return len(picture)
}
