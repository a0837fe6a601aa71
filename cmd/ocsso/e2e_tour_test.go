package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ocsso/internal/simulator"
)

// htmlLang is the lang attribute of each language's pages, by its code.
var htmlLang = map[string]string{"ko": "ko", "en": "en", "ja": "ja", "zh": "zh-Hans"}

// A tour is one visitor who sees every page of both servers in one language: as a guest, while logging in, as a member and as an
// operator, and what they show when something is wrong.
type tour struct {
	*browser
	d    *demo
	lang string
	look func(page *browser, name string) // is called at each; where the page is framed, acts in the frame
}

// eachLanguage takes the tour in every language.
func eachLanguage(t *testing.T, look func(page *browser, lang, name string)) {
	for lang := range htmlLang {
		t.Run(lang, func(t *testing.T) {
			b := newBrowser(t, allowed)
			takeTour(b, lang, func(page *browser, name string) { look(page, lang, name) })
		})
	}
}

func takeTour(b *browser, lang string, look func(page *browser, name string)) {
	b.t.Helper()
	d := startDemo(b.t)
	d.set(func(s *simulator.Settings) { s.Guests = true })
	t := tour{b, d, lang, look}
	t.see("home", d.Site+"/?lang="+lang)
	t.see("center-start", d.HelpCenter+"/?lang="+lang)
	t.seeTheSiteAsAGuest()
	t.seeTheCenterAsAGuest()
	t.seeTheLogin()
	t.seeTheSiteAsAMember()
	t.seeTheCenterAsAMember()
	t.seeTheConsole()
	t.seeTheHandoff()
	t.seeTheSetup()
}

func (t tour) seeTheSiteAsAGuest() {
	d := t.d
	t.see("logged-out", d.Site+"/logout")
	t.seeFramed("help")
	t.seeError("not-found", d.Site+"/no-such-page", http.StatusNotFound)
	t.seeError("bad-return-url", d.loginFor("https://evil.test/"), http.StatusBadRequest)
}

func (t tour) seeTheCenterAsAGuest() {
	d := t.d
	t.see("center-home", d.home())
	t.openDetails("center-home-open")
	t.see("center-inquiry", d.inquiry())
	t.expectStatus(d.inquiry(), http.StatusUnprocessableEntity)
	t.submit("main form button") // nothing is filled in
	t.here("center-inquiry-wrong")
	t.see("center-inquiry-sent", d.inquiry()+"?sent=true")
	t.seeError("center-not-found", d.HelpCenter+"/%20/hc/", http.StatusNotFound)
}

func (t tour) seeTheLogin() {
	d := t.d
	t.open(d.loginFor(d.history()))
	t.waitPage(d.loginFor(d.history()))
	t.here("login")
	mistaken := d.awkward()
	mistaken.Password = "not it"
	t.expectStatus(d.Site+"/login", http.StatusUnauthorized)
	t.logIn(mistaken)
	t.until(loginError)
	t.here("login-wrong")

	d.useUpAttempts("somebody")
	t.open(d.Site + "/login")
	t.waitPage(d.Site + "/login")
	t.expectStatus(d.Site+"/login", http.StatusTooManyRequests)
	t.fill("#usercode", "somebody")
	t.fill("#password", "not it")
	t.click(loginButton)
	t.until(loginError)
	t.here("login-limited")

	t.open(d.loginFor(d.history()))
	t.waitPage(d.loginFor(d.history()))
	t.logIn(d.awkward())
	t.waitPage(d.history())
}

// useUpAttempts tries to log in until it is refused for that.
func (d *demo) useUpAttempts(usercode string) {
	d.t.Helper()
	for range 30 {
		resp, err := d.client.PostForm(d.Site+"/login", url.Values{"usercode": {usercode}, "password": {"not it"}})
		if err != nil {
			d.t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	d.t.Fatal("got 30 attempts to log in, want them held back")
}

func (t tour) seeTheSiteAsAMember() {
	t.see("home-member", t.d.Site+"/")
	t.see("logout", t.d.Site+"/logout")
	t.seeFramed("help-member")
}

func (t tour) seeTheCenterAsAMember() {
	d := t.d
	t.see("center-history-empty", d.history())
	t.see("center-home-member", d.home())
	t.see("center-inquiry-member", d.inquiry())
	t.sendInquiry(strings.Repeat("긴제목", 50), strings.Repeat("word", 200))
	t.waitPage(d.history())
	t.here("center-history")
}

func (t tour) seeTheConsole() {
	d := t.d
	d.refuseOneOfEach()
	t.see("console", d.Console)
	t.openDetails("console-open")
	t.see("console-revealed", d.Console+"?reveal=1")
	t.see("console-event", d.Console+"/events/1")
	t.seeError("console-no-event", d.Console+"/events/0", http.StatusNotFound)
	for form, field := range map[string]string{"settings": "login_url", "faults": "clock_offset"} {
		t.open(d.Console)
		ask[any](t.browser, `document.querySelector("[name=`+field+`]").closest("details").open = true`)
		t.fill("[name="+field+"]", " nowhere")
		t.expectStatus(d.Console+"/"+form, http.StatusBadRequest)
		t.submit(`[action="/console/` + form + `"] button`)
		t.here("console-" + form + "-wrong")
	}
}

// refuseOneOfEach gives the console a refused call to the server's endpoint, whose details are the longest.
func (d *demo) refuseOneOfEach() {
	d.t.Helper()
	resp, err := d.client.PostForm(d.HelpCenter+"/api/v2/enduser/remote.json", url.Values{
		"service": {d.Service}, "usercode": {"alice"}, "username": {strings.Repeat("W", 50)}, "time": {"1660095873"}, "token": {"Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo="},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	resp.Body.Close()
}

// seeTheHandoff keeps the pages that script would leave at once.
func (t tour) seeTheHandoff() {
	d := t.d
	handoff := d.loginFor(d.inquiry())
	t.openWithoutScript(handoff)
	t.here("handoff")
	t.openWithoutScript(handoff)
	t.see("loop", handoff)
	if got := t.count("#continue"); got != 1 {
		t.t.Errorf("got %d buttons to go on at the third handoff, want 1", got)
	}
	d.set(func(s *simulator.Settings) { s.OrganizationKey = "another" })
	t.openWithoutScript(d.loginFor(d.home()))
	t.expectStatus(d.HelpCenter+"/v2/enduser/remote.json", http.StatusBadRequest)
	t.follow("#handoff button")
	t.waitPage(d.HelpCenter + "/v2/enduser/remote.json")
	t.here("center-refused")
}

// seeTheSetup is at the operator's listener, which a demo has none of.
func (t tour) seeTheSetup() {
	setup := serveWith(t.t, helpCenterAt(t.t, 0), "form").admin + "/setup"
	t.see("setup", setup+"?lang="+t.lang)
	t.fill("#usercode", "minji")
	t.fill("#password", testPassword)
	t.submit("#run .button")
	t.openDetails("setup-checked")
}

// submit presses a form's button, and waits until the page that answers has made up its mind.
func (t tour) submit(button string) {
	t.t.Helper()
	t.follow(button)
	t.until(`document.readyState === "complete" && !document.querySelector("[aria-busy]")`)
}

// openDetails looks at the page again, with all that was folded.
func (t tour) openDetails(name string) {
	t.t.Helper()
	ask[any](t.browser, `document.querySelectorAll("details").forEach((one) => one.open = true)`)
	t.here(name)
}

// seeFramed looks at the help page and at what is in its frame.
func (t tour) seeFramed(name string) {
	t.t.Helper()
	t.open(t.d.Site + "/help")
	frame := t.in(helpFrame)
	frame.waitPage(t.d.home() + "?iframe=true")
	t.here(name)
	t.look(frame, name+"-frame")
}

func (t tour) seeError(name, url string, status int) {
	t.t.Helper()
	t.expectStatus(url, status)
	t.see(name, url)
}

func (t tour) see(name, url string) {
	t.t.Helper()
	t.open(url)
	t.waitPage(url)
	t.here(name)
}

func (t tour) here(name string) {
	t.t.Helper()
	if got, want := ask[string](t.browser, "document.documentElement.lang"), htmlLang[t.lang]; got != want {
		t.t.Errorf("got %s in %q, want it in %q", name, got, want)
	}
	t.look(t.browser, name)
}
