package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestE2EEveryPageIsCleanAndFitsASmallScreen sees that nothing has to be scrolled sideways at 320 pixels, which is also a screen of
// 1280 at 400 % (WCAG 1.4.10), whatever the member is called and however wide the reader sets the text (1.4.12). The browser's console stays empty.
func TestE2EEveryPageIsCleanAndFitsASmallScreen(t *testing.T) {
	eachLanguage(t, func(page *browser, _, name string) {
		page.resize(320, 640)
		page.wantFits(name)
		ask[any](page, `document.querySelectorAll("bdi").forEach((name) => name.textContent = "W".repeat(50))`)
		page.wantFits(name + " with a long name")
		page.spaceText()
		page.wantFits(name + " with a long name and wider text")
	})
}

// spaceText sets text as wide as WCAG 1.4.12 lets readers set it.
func (b *browser) spaceText() {
	b.t.Helper()
	ask[any](b, `((wider) => {
		wider.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
		document.adoptedStyleSheets = [wider];
	})(new CSSStyleSheet())`)
}

func (b *browser) wantFits(name string) {
	b.t.Helper()
	type widths struct{ Content, Screen int }
	got := ask[widths](b, `{Content: document.documentElement.scrollWidth, Screen: document.documentElement.clientWidth}`)
	if got.Content > got.Screen {
		b.t.Errorf("got %s with %d pixels on a screen of %d, want it no wider", name, got.Content, got.Screen)
	}
}

// TestE2EComplaintsOfEveryDocumentAreHeard: without it, an empty console would prove nothing.
func TestE2EComplaintsOfEveryDocumentAreHeard(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "script-src 'self'")
		if r.URL.Path == "/script.js" {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `console.error("said in " + location.href); throw new Error("thrown in " + location.href)`)
			return
		}
		fmt.Fprint(w, `<script>forbidden()</script><script src="/script.js"></script>`)
		if r.URL.Path == "/page" {
			fmt.Fprintf(w, `<iframe src="%s/frame"></iframe>`, otherSite("http://"+r.Host))
		}
	}))
	defer server.Close()
	page, frame := server.URL+"/page", otherSite(server.URL)+"/frame"
	b := startBrowser(t, allowed)
	b.open(page)
	b.waitPage(page)

	got := strings.Join(b.complaints(), "\n")
	for _, document := range []string{page, frame} {
		for _, want := range []string{"security " + document + ": Executing inline script violates", "said in " + document, "thrown in " + document} {
			if !strings.Contains(got, want) {
				t.Errorf("got no %q in the console:\n%s", want, got)
			}
		}
	}
}
