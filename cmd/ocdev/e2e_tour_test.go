package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ocsso/internal/devtools/standin"
	"ocsso/internal/i18n"
)

// htmlLang is the lang attribute of each language's pages, by its code.
var htmlLang = map[string]string{"ko": "ko", "en": "en", "ja": "ja", "zh": "zh-Hans"}

// A tour sees every page of both servers in one language: as a guest, while logging in, as a member
// and as an operator, and the error pages.
type tour struct {
	*browser
	d    *demo
	lang string
	look func(page *browser, name string)
}

// takeTour sees every page. look is called at each; for a framed page, its browser acts in the
// frame.
func takeTour(b *browser, lang string, look func(page *browser, name string)) {
	b.t.Helper()
	d := startDemo(b.t)
	d.set(func(s *standin.Settings) { s.Guests = true })
	t := tour{b, d, lang, look}
	t.see("home", d.Site+"/?lang="+lang)
	t.see("center-start", d.HelpCenter+"/?lang="+lang)
	t.seeTheSiteAsAGuest()
	t.seeTheCenterAsAGuest()
	t.seeTheLogin()
	t.seeTheSiteAsAMember()
	t.seeTheCenterAsAMember()
	t.seeTheHandoff()
	if slices.Contains(i18n.OperatorLangs, i18n.Lang(lang)) {
		t.seeTheConsole()
		t.seeTheSetup()
	}
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
	t.submit("main form button") // with empty fields
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
	t.logIn(person{demoMember: demoMember{"somebody", "not it"}})
	t.until(loginError)
	t.here("login-limited")

	t.open(d.loginFor(d.history()))
	t.waitPage(d.loginFor(d.history()))
	t.logIn(d.awkward())
	t.waitPage(d.history())
}

// useUpAttempts tries to log in until the limit is reached.
func (d *demo) useUpAttempts(usercode string) {
	d.t.Helper()
	form := url.Values{"usercode": {usercode}, "password": {"not it"}}
	for _, loopback := range []string{"127.0.0.1", "[::1]"} { // a browser may come from either
		login := strings.Replace(d.Site, "localhost", loopback, 1) + "/login"
		for n := 0; ; n++ {
			resp, err := d.client.PostForm(login, form)
			if err != nil && loopback == "[::1]" {
				return // there is no IPv6
			}
			if err != nil || n == 30 {
				d.t.Fatalf("got 30 attempts to log in, want them limited: %v", err)
			}
			resp.Body.Close()
			if resp.StatusCode == http.StatusTooManyRequests {
				break
			}
		}
	}
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
	t.sendInquiry(strings.Repeat("긴제목", 15), strings.Repeat("word", 40))
	t.waitPage(d.history())
	t.here("center-history")
}

func (t tour) seeTheConsole() {
	d := t.d
	d.refuseACall()
	t.see("console", d.Console)
	t.openDetails("console-open")
	for _, tab := range []string{"settings", "faults", "api", "reset"} {
		t.see("console-"+tab, d.Console+"/"+tab)
	}
	t.see("console-revealed", d.Console+"/settings?reveal=1")
	t.see("console-event", d.Console+"/events/1")
	t.seeError("console-no-event", d.Console+"/events/0", http.StatusNotFound)
	t.open(d.Console + "/settings")
	t.fill("[name=login_url]", " nowhere")
	t.expectStatus(d.Console+"/settings", http.StatusBadRequest)
	t.submit(`[action="/console/settings"] button`)
	t.here("console-settings-wrong")
}

// refuseACall makes a call that the help center refuses. Its details are the longest in the
// console.
func (d *demo) refuseACall() {
	d.t.Helper()
	resp, err := d.client.PostForm(d.HelpCenter+"/api/v2/enduser/remote.json", url.Values{
		"service": {d.Service}, "usercode": {"alice"}, "username": {strings.Repeat("W", 50)},
		"time": {"1660095873"}, "token": {"Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo="},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	resp.Body.Close()
}

// seeTheHandoff sees the pages that script would leave at once.
func (t tour) seeTheHandoff() {
	d := t.d
	handoff := d.loginFor(d.inquiry())
	t.openWithoutScript(handoff)
	t.here("handoff")
	t.comeFromTheCenter(handoff, d.inquiry())
	t.comeFromTheCenter(handoff, handoff)
	t.here("loop")
	if got := t.count("#continue"); got != 1 {
		t.t.Errorf("got %d buttons to go on at the third handoff, want 1", got)
	}
	d.set(func(s *standin.Settings) { s.OrganizationKey = "another" })
	t.openWithoutScript(d.loginFor(d.home()))
	t.expectStatus(d.HelpCenter+"/v2/enduser/remote.json", http.StatusBadRequest)
	t.follow("#handoff button")
	t.waitPage(d.HelpCenter + "/v2/enduser/remote.json")
	t.here("center-refused")
}

// comeFromTheCenter follows a link of the help center, which ends up at want.
func (t tour) comeFromTheCenter(link, want string) {
	t.t.Helper()
	t.open(t.d.HelpCenter + "/")
	ask[string](t.browser, "location.href = "+quote(link))
	t.waitPage(want)
}

// seeTheSetup looks at the operator's page, which a demo has not.
func (t tour) seeTheSetup() {
	page, _ := serveSetup(t.t)
	t.see("setup", page+"?lang="+t.lang)
}

// submit presses a form's button and waits until the next page has loaded.
func (t tour) submit(button string) {
	t.t.Helper()
	t.follow(button)
	t.until(`document.readyState === "complete" && !document.querySelector("[aria-busy]")`)
}

// openDetails looks at the page again, with all its details open.
func (t tour) openDetails(name string) {
	t.t.Helper()
	ask[any](t.browser, `document.querySelectorAll("details").forEach((one) => one.open = true)`)
	t.here(name)
}

// seeFramed looks at the help page and at its frame.
func (t tour) seeFramed(name string) {
	t.t.Helper()
	frame := t.openHelp(t.d)
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
	want := htmlLang[t.lang]
	if strings.HasPrefix(name, "center-") && want != "ko" { // the stand-in speaks Korean and English
		want = "en"
	}
	if got := ask[string](t.browser, "document.documentElement.lang"); got != want {
		t.t.Errorf("got %s in %q, want it in %q", name, got, want)
	}
	t.look(t.browser, name)
}
