package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestE2EEveryPageIsAccessible checks each page of both servers in each language, on a screen of
// 320 pixels, which is also one of 1280 pixels at 400 % (WCAG 1.4.10). A long name and wider text
// must fit too. What does not depend on the language is checked in one: dark colors and the focus.
// The browser's console must stay empty.
func TestE2EEveryPageIsAccessible(t *testing.T) {
	axe := axeSource(t)
	t.Run("axe", func(t *testing.T) { testAxe(t, axe) })
	for lang := range htmlLang {
		t.Run(lang, func(t *testing.T) {
			b := newBrowser(t, allowed)
			b.resize(320, 640)
			takeTour(b, lang, func(page *browser, name string) {
				page.wantFits(name)
				page.wantAccessible(axe, name)
				if lang == "en" {
					page.prefer("prefers-color-scheme", "dark")
					page.wantAccessible(axe, name+" in dark colors")
					page.prefer("prefers-color-scheme", "light")
				}
				if lang == "en" && page.frame == "" { // the keyboard comes to a frame from its page
					page.wantFocusSeen(name)
				}
				ask[any](page, `document.querySelectorAll("bdi").forEach((name) => name.textContent = "W".repeat(50))`)
				page.wantFits(name + " with a long name")
				page.spaceText()
				page.wantFits(name + " with a long name and wider text")
			})
		})
	}
}

// spaceText sets the text as wide as WCAG 1.4.12 asks for.
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

// TestE2EErrorsOfEveryDocumentAreFound proves that an empty console means something.
func TestE2EErrorsOfEveryDocumentAreFound(t *testing.T) {
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
	b := openBrowser(t, allowed)
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
