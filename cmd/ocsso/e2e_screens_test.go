package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// maxScreenshot is the most bytes of a picture in the README.
const maxScreenshot = 150 << 10

// TestE2EScreenshots makes the README's pictures, and make screenshot keeps them in the folder that OCSSO_SCREENSHOTS names.
func TestE2EScreenshots(t *testing.T) {
	folder := cmp.Or(os.Getenv("OCSSO_SCREENSHOTS"), t.TempDir())
	d := startDemo(t)
	b := newBrowser(t, blocked)
	b.resize(1280, 800)
	b.open(d.Site + "/?lang=ko")
	b.open(d.HelpCenter + "/?lang=ko")
	b.open(d.history())
	b.waitPage(d.loginFor(d.history()))
	b.fill("#usercode", d.full().UserCode)
	b.fill("#password", d.full().Password)
	b.screenshot(filepath.Join(folder, "login.png"))

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
	b.screenshot(filepath.Join(folder, "history.png"))
}

func (b *browser) screenshot(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.tab, stepTimeout)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.fatal("take a screenshot", err)
	}
	if len(picture) > maxScreenshot {
		b.t.Errorf("got %d bytes for %s, want at most %d", len(picture), path, maxScreenshot)
	}
	writeFile(b.t, path, picture)
}
