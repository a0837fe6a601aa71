package enginetest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ocsso/internal/proctest"
)

// A member is one of the demo.
type member struct{ usercode, password, name string }

var (
	korean  = member{"김민지", "spring-1", "김민지"} // has every field
	simple  = member{"simple", "simple-2", "simple"}
	awkward = member{"obrien", "awkward-3", "O'Brien ＆ Sons 😀 <b>"} // D9: without the ampersand
)

// A journey is what a member does with the demo.
type journey struct {
	name  string
	flags []string // of the demo
	// cookies tells that the journey differs where third-party cookies are allowed, and is played
	// there, too.
	cookies bool
	play    func(v *visit)
}

// journeys is the list of what members do. Add a line for another journey.
var journeys = []journey{
	{"a cold start ends in the history by form", []string{"--handoff", "form"}, true, coldStart("form")},
	{"a cold start ends in the history by api", []string{"--handoff", "api"}, true, coldStart("api", "access_token")},
	{"a cold start ends in the history by link", []string{"--handoff", "link"}, false, coldStart("verify", "link")},
	{"a wrong password is corrected at once", nil, false, correctPassword},
	{"an empty field is named beside it", nil, false, leaveEmpty},
	{"the password can be seen while typing", nil, false, seePassword},
	{"no mouse is needed", nil, false, useKeys},
	{"only the status says that a login worked", nil, false, meetPortal},
	{"a slow login is shown, and given up", nil, false, meetSlowServer},
	{"a server that is gone loses nothing typed", nil, false, meetNoServer},
	{"a parameter of the status may be a header", nil, false, sendHeaders},
	{"logging out makes a guest of the member", nil, true, logOut},
	{"coming again is no loop", nil, true, comeAgain},
	{"a loop is stopped", nil, true, meetLoop},
	{"back leads to the page before the login", nil, false, goBack},
	{"the login may be at a shop", []string{"--login", "site"}, true, useShop},
	{"a guest has help in a frame, and a way out of it", nil, true, useHelpAsGuest},
	{"a member has help in a frame, and a way out of it", nil, true, useHelp},
	{"a login in the frame", nil, true, logInInFrame},
	{"the frame is as high as its content", nil, false, measureFrame},
}

func TestJourneys(t *testing.T) {
	for _, e := range []engine{chromium, firefox, webkit} {
		for _, s := range []settings{{}, {allowThirdPartyCookies: true}} {
			t.Run(e.name+"/"+s.String(), func(t *testing.T) {
				browser := startBrowser(t, e, s)
				t.Run("the settings are what they say", func(t *testing.T) { browser.visit(t).wantCookiePolicy() })
				for _, j := range journeys {
					if j.cookies || !s.allowThirdPartyCookies {
						t.Run(j.name, func(t *testing.T) { j.play(browser.visit(t, j.flags...)) })
					}
				}
			})
		}
	}
}

// logIn types into the login page, with nothing but keys.
func (v *visit) logIn(m member) {
	v.t.Helper()
	v.click("#usercode")
	v.press(m.usercode + "\t" + m.password + "\r")
}

// enter opens a page of the help center, and is there as the member after logging in.
func (v *visit) enter(page string, m member) {
	v.t.Helper()
	v.open(page)
	v.waitPage("", v.loginFor(page))
	v.logIn(m)
	v.wantMember(page, m)
}

// logInAtTheSite logs in without the help center.
func (v *visit) logInAtTheSite(m member) {
	v.t.Helper()
	v.open(v.loginFor(v.Site + "/"))
	v.logIn(m)
	v.waitPage("", v.Site+"/")
}

// guest is nobody in the help center.
var guest member

// wantMember waits for a page of the help center and checks whom it is for.
func (v *visit) wantMember(page string, m member) {
	v.t.Helper()
	v.waitPage("", page)
	v.want("", "document.body.dataset.member", m.usercode)
	if got := ask[string](v, "", `document.querySelector(".who").textContent`); !strings.Contains(got, m.name) {
		v.t.Errorf("got %q in the help center's header, want %q in it", got, m.name)
	}
}

// wantHandoffs checks how the member came to the help center, oldest first, and that it found
// nothing wrong with any call.
func (v *visit) wantHandoffs(want ...string) {
	v.t.Helper()
	v.wantHandoffsWith([]string{"ok"}, want...)
}

// wantHandoffsWith is wantHandoffs where calls may have these outcomes.
func (v *visit) wantHandoffsWith(outcomes []string, want ...string) {
	v.t.Helper()
	var got []string
	for _, e := range v.events(v.t) {
		switch e.Kind {
		case "form", "api", "access_token", "link", "verify":
			got = append([]string{e.Kind}, got...)
		}
		if !slices.Contains(outcomes, e.Outcome) {
			v.t.Errorf("got %s by the help center for %s: %s %s", e.Outcome, e.Path, e.Detail, e.Cause)
		}
	}
	if !slices.Equal(got, want) {
		v.t.Errorf("got the handoffs %v, want %v", got, want)
	}
}

// The cards on the home page of the customer's site, and the button of its login form.
const (
	inquiryCard = ".cards li:nth-child(1) a"
	historyCard = ".cards li:nth-child(2) a"
	loginButton = ".form > .button"
)

// coldStart is the whole way, in a browser that neither site knows. calls tell the help center who
// the member is.
func coldStart(calls ...string) func(*visit) {
	return func(v *visit) {
		if slices.Contains(calls, "link") { // the help center sends nobody to the login page
			v.open(v.Site)
			v.click(inquiryCard)
		} else {
			v.open(v.inquiry())
		}
		v.waitPage("", v.loginFor(v.inquiry()))
		v.logIn(awkward)
		v.wantMember(v.inquiry(), awkward)
		v.sendInquiry()
		v.wantMember(v.history(), awkward)
		v.want("", `[...document.querySelectorAll(".inquiry h2, .inquiry .text")].map((e) => e.textContent)`,
			[]string{"Where is my <parcel>?", `It & "all" should have come.`})
		v.wantHandoffs(calls...)

		v.open(v.Site) // where the member is logged in
		v.click(historyCard)
		v.wantMember(v.history(), awkward)
		v.wantHandoffs(append(calls, calls...)...)
	}
}

func (v *visit) sendInquiry() {
	v.t.Helper()
	v.click("#title")
	v.press("Where is my <parcel>?\t" + `It & "all" should have come.`)
	v.click("main form button")
}

// loginError is true once the login page shows an error.
const loginError = `document.querySelector("#error:not([hidden])")`

// typed is what the login page has in its fields.
const typed = `["usercode", "password"].map((name) => document.getElementById(name).value)`

// correctPassword types Hangul as single letters, as macOS writes the names of files. The right
// password replaces the wrong one without clearing the field.
func correctPassword(v *visit) {
	const usercode = "\u1100\u1175\u11b7\u1106\u1175\u11ab\u110c\u1175"
	v.open(v.inquiry())
	v.waitPage("", v.loginFor(v.inquiry()))
	v.logIn(member{usercode: usercode, password: "wrong"})
	for range 2 { // the second time, the page has an error already
		v.until("", loginError)
		v.want("", typed, []string{usercode, "wrong"})
		v.want("", `[document.activeElement.id, document.activeElement.getAttribute("aria-describedby")]`, []string{"password", "error"})
		v.want("", `document.querySelectorAll("[aria-invalid=true]").length`, 2)
		v.press("wrong\r")
	}
	v.until("", loginError)
	v.press(korean.password + "\r")
	v.wantMember(v.inquiry(), korean)
	v.wantHandoffs("form")
}

// fieldErrors are the errors beside fields, the focused field and what describes it.
const fieldErrors = `[document.querySelectorAll(".field > p:not([hidden])").length, document.querySelectorAll("#error:not([hidden])").length,
	document.activeElement.id, document.activeElement.getAttribute("aria-describedby"), document.title.startsWith("Error: Log in")]`

func leaveEmpty(v *visit) {
	v.see(v.loginFor(v.history()) + "&lang=en")
	v.click(loginButton)
	v.want("", fieldErrors, []any{2, 0, "usercode", "usercode-error", true})
	v.press("somebody\r")
	v.want("", fieldErrors, []any{1, 0, "password", "password-error", true})
	v.press("not it")
	v.run("", `usercode.value = "\u3000"`) // which the server takes for empty
	v.click(loginButton)
	v.until("", `document.getElementById("usercode-error").checkVisibility()`)
	v.want("", fieldErrors, []any{1, 0, "usercode", "usercode-error", true})
}

func seePassword(v *visit) {
	v.see(v.Site + "/login")
	v.want("", `document.activeElement.id`, "usercode")
	v.press("somebody\tabcd")
	v.run("", `password.setSelectionRange(1, 2)`)
	for _, kind := range []string{"text", "password"} {
		v.click("#reveal")
		v.want("", `[password.type, password.selectionStart, password.selectionEnd, document.activeElement.id]`, []any{kind, 1, 2, "password"})
	}
	for caps, want := range map[string]bool{"true": true, "false": false} {
		v.run("", `password.dispatchEvent(new KeyboardEvent("keydown", {modifierCapsLock: `+caps+`}))`)
		v.want("", `document.getElementById("capslock").checkVisibility()`, want)
	}
}

// useKeys moves the focus by Tab alone.
func useKeys(v *visit) {
	v.see(v.Site + "/")
	v.tabTo(".skip")
	v.press("\r\t")
	v.want("", `document.activeElement.matches(".hero .button")`, true)
	v.see(v.loginFor(v.history()))
	v.want("", `document.activeElement.id`, "usercode")
	v.press(awkward.usercode + "\t" + awkward.password + "\t ") // the space shows the password
	v.want("", `[document.activeElement.getAttribute("aria-pressed"), document.getElementById("password").type]`, []string{"true", "text"})
	v.press("\t")
	v.want("", `document.activeElement.matches(`+quote(loginButton)+`)`, true)
	v.press("\r")
	v.wantMember(v.history(), awkward)
	v.wantHandoffs("form")
	v.see(v.Site + "/")
	v.tabTo(".account button")
	v.press("\r")
	v.waitPage("", v.Site+"/logout")
	v.want("", `document.querySelectorAll(".member").length`, 0)
}

// tabTo presses Tab until an element has the focus.
func (v *visit) tabTo(selector string) {
	v.t.Helper()
	for range 30 {
		v.press("\t")
		if ask[bool](v, "", "document.activeElement.matches("+quote(selector)+")") {
			return
		}
	}
	v.t.Fatalf("Tab does not reach %s", selector)
}

// inFront runs a proxy in front of the site. post answers posts in its place.
func (v *visit) inFront(post http.HandlerFunc) *httptest.Server {
	to, err := url.Parse(v.Site)
	if err != nil {
		v.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.Transport = client.Transport
	return v.serve(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			post(w, r)
		} else {
			proxy.ServeHTTP(w, r)
		}
	})
}

// comes waits for what the site is sent.
func comes[T any](v *visit, sent <-chan T) (what T) {
	v.t.Helper()
	ctx, cancel := proctest.Patience(v.t)
	defer cancel()
	select {
	case what = <-sent:
	case <-ctx.Done():
		v.t.Fatal("the browser sends nothing")
	}
	return what
}

// meetPortal has something in front of the site that redirects to a page of its own.
func meetPortal(v *visit) {
	server := v.inFront(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/logout?portal", http.StatusSeeOther)
	})
	v.see(server.URL + "/login")
	v.press("somebody\tsecret\r")
	v.waitPage("", server.URL+"/logout?portal")
}

// meetSlowServer replaces the browser's clock where the script asks it to give up.
func meetSlowServer(v *visit) {
	arrived, over := make(chan string, 9), make(chan bool)
	defer close(over)
	server := v.inFront(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Header.Get("Sec-Fetch-Mode")
		if r.Header.Get("Sec-Fetch-Mode") != "navigate" {
			<-over
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(`<link rel="icon" href="data:,">at last`))
	})
	v.see(server.URL + "/login?lang=en")
	v.run("", `AbortSignal.timeout = (ms) => {
		const control = new AbortController();
		window.pass = (time) => { if (time >= ms) control.abort(new DOMException("", "TimeoutError")); };
		return control.signal;
	}`)
	v.press("somebody\tsecret\r")
	comes(v, arrived)
	v.until("", `document.querySelector("#login .button[aria-busy=true]")?.textContent === "Logging in…"`)
	v.run("", "pass(19_999)")
	v.want("", `document.querySelector("#login .button").ariaBusy`, "true")
	v.run("", "pass(20_000)")
	if mode := comes(v, arrived); mode != "navigate" {
		v.t.Errorf("got a request of mode %s after 20 seconds, want the plain form", mode)
	}
	v.until("", `document.body.textContent.trim() === "at last"`)
}

// meetNoServer has a proxy in front of the site, which answers posts by itself.
func meetNoServer(v *visit) {
	arrived, answer := make(chan bool, 9), make(chan int)
	server := v.inFront(func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(<-answer)
		w.Write([]byte(`<link rel="icon" href="data:,">by the proxy`))
	})
	defer close(answer) // for a request too many
	typeIt := func() {
		v.t.Helper()
		v.open(server.URL + "/login?returnUrl=" + url.QueryEscape(v.history()))
		v.click("#usercode")
		v.press("somebody\tsecret")
	}
	typeIt()
	wantKept := func() {
		v.t.Helper()
		v.until("", loginError)
		v.want("", typed, []string{"somebody", "secret"})
	}
	for range 2 {
		v.click(loginButton)
		comes(v, arrived)
		v.click(loginButton) // sends nothing
		answer <- http.StatusBadGateway
		wantKept()
	}
	if len(arrived) > 0 {
		v.t.Errorf("got %d requests by second clicks, want none", len(arrived))
	}
	// An answer that is no login form is shown: the script's request, and then the form's.
	v.click(loginButton)
	for range 2 {
		comes(v, arrived)
		answer <- http.StatusTeapot
	}
	v.until("", `document.body.textContent.trim() === "by the proxy"`)

	typeIt()
	server.Close()
	v.click(loginButton)
	wantKept()
}

// serve runs a server of the demo's scheme until the test ends. Its host is 127.0.0.1.
func (v *visit) serve(handler http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	if strings.HasPrefix(v.Site, "https:") {
		server.StartTLS()
	} else {
		server.Start()
	}
	v.t.Cleanup(server.Close)
	return server
}

// sendHeaders needs a preflight, and a usercode that is encoded for a header.
func sendHeaders(v *visit) {
	v.set(v.t, object{"parameters": []object{{"name": "usercode", "in": "header"}, {"name": "token", "in": "header"}}})
	v.enter(v.inquiry(), korean)
	v.wantHandoffs("form")
}

func logOut(v *visit) {
	v.enter(v.history(), awkward)
	v.open(v.Site)
	v.click(".account button")
	v.waitPage("", v.Site+"/logout")
	v.open(v.home())
	v.wantMember(v.home(), guest)
	v.open(v.history())
	v.waitPage("", v.loginFor(v.history()))
}

// comeAgain comes again and again by our own links, by the address and by reloads.
func comeAgain(v *visit) {
	v.logInAtTheSite(awkward)
	for range 2 { // two handoffs each time, and the third would be a loop
		v.open(v.Site)
		v.click(inquiryCard)
		v.wantMember(v.inquiry(), awkward)
		v.open(v.loginFor(v.inquiry()))
		v.wantMember(v.inquiry(), awkward)
	}
	if !v.framesHaveCookies() {
		return // the frame meets a real loop
	}
	for range 3 {
		v.open(v.Site + "/help")
		v.waitPage(helpFrame, v.home()+"?iframe=true")
		v.want(helpFrame, "document.body.dataset.member", awkward.usercode)
	}
}

// meetLoop takes away what the help center needs where the browser blocks its cookies: the usercode
// and the token that it sends back.
func meetLoop(v *visit) {
	v.sendNothingBack(v.t)
	v.open(v.inquiry())
	v.waitPage("", v.loginFor(v.inquiry()))
	v.logIn(awkward)
	// WebKit sends the cookies of sites that were visited.
	if v.settings.allowThirdPartyCookies || v.engine.name == "webkit" {
		v.wantMember(v.inquiry(), awkward)
		v.wantHandoffs("form")
		return
	}
	v.until("", `document.querySelector("#continue")`)
	v.wantHandoffsWith([]string{"ok", "warning"}, "form", "form") // it warns of the loop
	v.click("#continue")                                          // starts another handoff
	v.until("", `location.pathname === "/loop"`)                  // the help center's end
	v.wantHandoffsWith([]string{"ok", "warning"}, "form", "form", "form")
}

func goBack(v *visit) {
	v.open(v.Site)
	v.click(inquiryCard)
	v.waitPage("", v.loginFor(v.inquiry()))
	v.logIn(awkward)
	v.wantMember(v.inquiry(), awkward)
	v.back()
	v.waitPage("", v.Site+"/")
	v.wantHandoffs("form")
}

// useShop logs in at the shop of the demo, once, and out again.
func useShop(v *visit) {
	logInAtShop := func(m member) {
		v.click("[name=usercode]")
		v.press(m.usercode + "\t" + m.password + "\r")
	}
	v.open(v.inquiry())
	v.waitPage("", v.shopFor(v.inquiry()))
	logInAtShop(awkward)
	v.wantMember(v.inquiry(), awkward)
	v.sendInquiry()
	v.wantMember(v.history(), awkward)
	v.open(v.Shop)
	v.click("ul li:nth-child(2) a")
	v.waitPage("", v.Site+"/help")

	v.open(v.Shop)
	v.follow("main form button")
	v.step("come again until the shop has been asked again", func(ctx context.Context) error {
		return poll(ctx, time.Second, func() (bool, error) {
			v.open(v.history())
			v.until("", `location.href === `+quote(v.shopFor(v.history()))+` || document.body.dataset.member && !document.querySelector("[aria-busy]")`)
			return ask[string](v, "", "location.href") == v.shopFor(v.history()), nil
		})
	})
	logInAtShop(simple)
	v.wantMember(v.history(), simple)
	v.want("", `document.querySelectorAll(".inquiry").length`, 0) // nothing of another member
}

const helpFrame = "#ocPage"

// framesHaveCookies reports whether the help center gets its cookie back in a frame of our page.
// Firefox keeps one for that frame alone.
func (v *visit) framesHaveCookies() bool {
	return v.settings.allowThirdPartyCookies || v.engine.name == "firefox"
}

// wayOut is the link on the help page that opens the help center by itself.
const wayOut = `a[target="_blank"][rel~="noopener"]`

// takeWayOut opens what the link of the help page opens.
func (v *visit) takeWayOut() {
	v.t.Helper()
	v.want("", `[...document.querySelectorAll('main `+wayOut+`')].map((link) => link.checkVisibility())`, []bool{true})
	v.open(ask[string](v, "", "document.querySelector('main "+wayOut+"').href"))
}

func useHelpAsGuest(v *visit) {
	v.open(v.Site + "/help")
	v.waitPage(helpFrame, v.home()+"?iframe=true")
	v.want(helpFrame, "document.body.dataset.member", "")
	for i, page := range []string{"notice/", "article/"} { // by the menu, which shows what is open
		v.click(fmt.Sprintf("#menu a:nth-child(%d)", i+1))
		v.waitPage(helpFrame, v.home()+page+"?iframe=true")
		v.want("", `[...document.querySelectorAll("#menu a")].findIndex((a) => a.ariaCurrent === "page")`, i)
	}
	v.takeWayOut()
	v.until("", `document.querySelector("#usercode")`)
	v.logIn(awkward)
	v.wantMember(v.home(), awkward)
}

func useHelp(v *visit) {
	v.logInAtTheSite(awkward)
	v.see(v.Site + "/help")
	if v.framesHaveCookies() {
		v.waitPage(helpFrame, v.home()+"?iframe=true")
		v.want(helpFrame, "document.body.dataset.member", awkward.usercode)
		v.wantHandoffs("form")
	}
	v.takeWayOut()
	v.wantMember(v.home(), awkward)
}

// logInInFrame shows the member in the page around the frame, too. Where the frame can't know the
// member, the loop page in it leads out.
func logInInFrame(v *visit) {
	v.open(v.Site + "/help")
	v.waitPage(helpFrame, v.home()+"?iframe=true")
	v.clickIn(helpFrame, `a[href^="/demo/hc/ticket/list/"]`)
	v.until(helpFrame, `document.querySelector("#usercode")`)
	v.want("", `document.querySelectorAll(".member").length`, 0)
	v.clickIn(helpFrame, "#usercode")
	v.press(awkward.usercode + "\t" + awkward.password + "\r")
	v.until("", `document.querySelector(".member")`)
	if v.framesHaveCookies() {
		v.waitPage(helpFrame, v.history()+"?iframe=true")
		v.want(helpFrame, "document.body.dataset.member", awkward.usercode)
		return
	}
	v.until(helpFrame, `location.href.startsWith(`+quote(v.Site)+`) && document.querySelector("#continue")`)
	v.want(helpFrame, `document.querySelector("main a").matches(`+quote(wayOut)+`)`, true)
}

const frameMargin = 70 // CONTRACT 10

// fitFrame waits until the frame is as high as its content, and returns that height.
func (v *visit) fitFrame() (content int) {
	v.t.Helper()
	v.step("wait for the frame's height", func(ctx context.Context) error {
		return poll(ctx, often, func() (bool, error) {
			content = ask[int](v, helpFrame, `Math.ceil(document.getElementById("page").getBoundingClientRect().height)`)
			return ask[int](v, "", "document.querySelector("+quote(helpFrame)+").clientHeight") == content+frameMargin, nil
		})
	})
	return content
}

// measureFrame opens an answer in the frame and closes it again. Only the frame's own document sets
// the height (D11).
func measureFrame(v *visit) {
	v.open(v.Site + "/help")
	v.waitPage(helpFrame, v.home()+"?iframe=true")
	low := v.fitFrame()
	v.clickIn(helpFrame, "summary")
	v.until(helpFrame, `document.querySelector("details").open`)
	if high := v.fitFrame(); high <= low {
		v.t.Errorf("got a content of %d pixels with an answer open and %d without, want it higher", high, low)
	}
	v.clickIn(helpFrame, "summary")
	v.until(helpFrame, `!document.querySelector("details").open`)
	v.fitFrame()

	// The engines' drivers see a page's script through its elements.
	v.run("", `addEventListener("message", (event) => { document.body.dataset.heard = event.data; })`)
	v.run("", `document.querySelector("main").append(Object.assign(document.createElement("iframe"), {id: "second", src: `+quote(v.home()+"?iframe=true")+`}))`)
	v.waitPage("#second", v.home()+"?iframe=true")
	for _, message := range []struct {
		frame, literal string
		want           int // 0 for no effect
	}{
		{"", "1001", 0}, // the page itself
		{"#second", "1002", 0},
		{helpFrame, "0", 0}, {helpFrame, "-1003", 0}, {helpFrame, `"1e3"`, 0}, {helpFrame, `"0x3f0"`, 0}, {helpFrame, `" 1005"`, 0}, {helpFrame, "[1006]", 0},
		{helpFrame, "20000.5", 0}, {helpFrame, "Infinity", 0}, {helpFrame, `""`, 0}, {helpFrame, "null", 0},
		{helpFrame, "1007", 1007}, {helpFrame, "1008.25", 1009}, {helpFrame, `"1010"`, 1010}, {helpFrame, `"1010.5"`, 1011},
	} {
		v.run(message.frame, "parent.postMessage("+message.literal+`, "*")`)
		v.until("", `document.body.dataset.heard === String(`+message.literal+`)`)
		if message.want == 0 {
			v.fitFrame()
		} else {
			v.until("", "document.querySelector("+quote(helpFrame)+").clientHeight === "+strconv.Itoa(message.want+frameMargin))
		}
	}
}

// TestABrowserThatKeepsNoCookieSaysSo types the right password.
func TestABrowserThatKeepsNoCookieSaysSo(t *testing.T) {
	overHTTP := webkit
	overHTTP.flags = nil
	for name, browser := range map[string]struct {
		engine   engine
		settings settings
	}{
		"WebKit over http":          {overHTTP, settings{}},
		"Firefox with cookies off":  {firefox, settings{noCookies: true}},
		"Chromium with cookies off": {chromium, settings{noCookies: true}},
	} {
		t.Run(name, func(t *testing.T) {
			v := startBrowser(t, browser.engine, browser.settings).visit(t)
			v.open(v.inquiry())
			for range 2 {
				v.waitPage("", v.loginFor(v.inquiry()))
				v.logIn(awkward)
				v.waitPage("", v.loginFor(v.inquiry())+"&loggedIn=1")
				v.want("", `document.querySelector("main").innerText.includes("Safari")`, true)
				v.click("main a.button") // to the same login again
			}
		})
	}
}

// TestWithoutScriptButtonsLeadOn is for Firefox, where a member can switch script off.
func TestWithoutScriptButtonsLeadOn(t *testing.T) {
	v := startBrowser(t, firefox, settings{noScript: true}).visit(t)
	v.open(v.loginFor(v.history()))
	v.want("", `document.querySelector("#reveal").hidden`, true) // our script shows it
	v.logIn(awkward)
	v.click("#handoff button")
	v.until("", `location.href === `+quote(v.history()))
	v.want("", "document.body.dataset.member", awkward.usercode)
	v.wantHandoffs("form")
}
