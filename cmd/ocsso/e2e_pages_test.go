package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ocsso/internal/simulator"
)

// TestE2EEveryPageIsCleanAndFitsASmallScreen opens what both servers can show, for guests and for members. The browser's
// console stays empty, and nothing has to be scrolled sideways at 320 pixels.
func TestE2EEveryPageIsCleanAndFitsASmallScreen(t *testing.T) {
	for _, lang := range []string{"ko", "en"} {
		t.Run(lang, func(t *testing.T) {
			d := startDemo(t)
			b := newBrowser(t, allowed)
			b.resize(320, 640)
			s := smallScreen{b, d, lang}

			s.visit(d.Site + "/?lang=" + lang)
			s.visit(d.HelpCenter + "/?lang=" + lang)
			s.visitAsGuest()
			s.logIn()
			s.visitAsMember()
			s.visitWithoutScript()
		})
	}
}

// smallScreen is a visitor of a demo with a small screen.
type smallScreen struct {
	*browser
	d    *demo
	lang string
}

func (s smallScreen) visitAsGuest() {
	d := s.d
	d.set(func(settings *simulator.Settings) { settings.Guests = true })
	s.visit(d.Site + "/login")
	s.visit(d.Site + "/logout")
	s.visitHelp()
	s.visitError(d.Site+"/no-such-page", http.StatusNotFound)
	s.visitError(d.loginFor("https://evil.test/"), http.StatusBadRequest)

	s.visit(d.home())
	s.visit(d.inquiry())
	s.visit(d.inquiry() + "?sent=true")
	s.visit(d.Console)
	s.visit(d.Console + "?reveal=1")
	s.visit(d.Console + "/events/1")
	s.visitError(d.Console+"/events/0", http.StatusNotFound)
	s.visitError(d.HelpCenter+"/%20/hc/", http.StatusNotFound)
}

func (s smallScreen) logIn() {
	d := s.d
	s.open(d.loginFor(d.history()))
	s.waitPage(d.loginFor(d.history()))
	mistaken := d.awkward()
	mistaken.Password = "not it"
	s.expectStatus(d.Site+"/login", http.StatusUnauthorized)
	s.browser.logIn(mistaken)
	s.waitPage(d.Site + "/login")
	s.wantFits(s.lang)

	s.fill("#password", d.awkward().Password)
	s.click(loginButton)
	s.waitPage(d.history())
	s.wantFits(s.lang)
}

func (s smallScreen) visitAsMember() {
	d := s.d
	s.visit(d.home())
	s.visit(d.inquiry())
	s.sendInquiry(strings.Repeat("긴제목", 50), strings.Repeat("word", 200))
	s.waitPage(d.history())
	s.wantFits(s.lang)
	s.visit(d.Console)

	s.visit(d.Site + "/")
	s.visit(d.Site + "/logout")
	s.visitHelp()
}

func (s smallScreen) visitHelp() {
	s.visit(s.d.Site + "/help")
	frame := s.in(helpFrame)
	frame.waitPage(s.d.home() + "?iframe=true")
	frame.wantFits(s.lang)
}

// visitWithoutScript sees the pages that script would leave at once.
func (s smallScreen) visitWithoutScript() {
	d := s.d
	s.disableScript()
	handoff := d.loginFor(d.inquiry())
	s.visit(handoff)
	s.visit(handoff)
	s.visit(handoff)
	if got := s.count("#continue"); got != 1 {
		s.t.Errorf("got %d buttons to go on at the third handoff, want 1", got)
	}
	d.set(func(settings *simulator.Settings) { settings.OrganizationKey = "another" })
	s.open(d.loginFor(d.home()))
	s.expectStatus(d.HelpCenter+"/v2/enduser/remote.json", http.StatusBadRequest)
	s.follow("#handoff button")
	s.waitPage(d.HelpCenter + "/v2/enduser/remote.json")
	s.wantFits(s.lang)
}

func (s smallScreen) visitError(url string, status int) {
	s.t.Helper()
	s.expectStatus(url, status)
	s.visit(url)
}

func (s smallScreen) visit(url string) {
	s.t.Helper()
	s.open(url)
	s.waitPage(url)
	s.wantFits(s.lang)
}

// wantFits checks the document's language and width.
func (b *browser) wantFits(lang string) {
	b.t.Helper()
	type document struct {
		URL, Lang     string
		Width, Screen int
	}
	got := ask[document](b, `{
		URL: location.href, Lang: document.documentElement.lang,
		Width: document.documentElement.scrollWidth, Screen: document.documentElement.clientWidth,
	}`)
	if got.Width > got.Screen || got.Lang != lang {
		b.t.Errorf("got %s in %q with %d pixels on a screen of %d, want it in %q and no wider", got.URL, got.Lang, got.Width, got.Screen, lang)
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
