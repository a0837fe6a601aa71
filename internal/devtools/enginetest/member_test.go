package enginetest

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
)

// A member is one of the demo.
type member struct{ usercode, password string }

var (
	korean  = member{"김민지", "spring-1"}     // has every field
	simple  = member{"simple", "simple-2"}  // has nothing but a usercode
	awkward = member{"obrien", "awkward-3"} // has every field
)

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
	v.wantMember(page, m.usercode)
}

// logInAtTheSite logs in without the help center.
func (v *visit) logInAtTheSite(m member) {
	v.t.Helper()
	v.open(v.loginFor(v.Site + "/"))
	v.logIn(m)
	v.waitPage("", v.Site+"/")
}

// wantMember waits for a page of the help center and checks whom it is for. "" is a guest.
func (v *visit) wantMember(page, usercode string) {
	v.t.Helper()
	v.waitPage("", page)
	v.want("", "document.body.dataset.member", usercode)
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
			v.t.Errorf("got %s by the help center for %s: %s", e.Outcome, e.Path, e.Detail)
		}
	}
	if !slices.Equal(got, want) {
		v.t.Errorf("got the handoffs %v, want %v", got, want)
	}
}

// TestColdStartToHistory is the whole way, in a browser that neither site knows.
func TestColdStartToHistory(t *testing.T) {
	for way, calls := range map[string][]string{
		"form": {"form"},
		"api":  {"api", "access_token"},
		"link": {"verify", "link"},
	} {
		t.Run(way, func(t *testing.T) {
			inEveryBrowser(t, func(v *visit) {
				if way == "link" { // the help center sends nobody to the login page
					v.open(v.Site)
					v.click(".cards li:nth-child(1) a")
				} else {
					v.open(v.inquiry())
				}
				v.waitPage("", v.loginFor(v.inquiry()))
				v.logIn(awkward)
				v.wantMember(v.inquiry(), awkward.usercode)

				v.click("#title")
				v.press("Where is my parcel?\tIt should have come last week.")
				v.click("main form button")
				v.wantMember(v.history(), awkward.usercode)
				titles := `[...document.querySelectorAll(".inquiry h2")].map((e) => e.textContent)`
				v.want("", titles, []string{"Where is my parcel?"})
				v.want("", `document.querySelector(".inquiry .text").textContent`, "It should have come last week.")
				v.wantHandoffs(calls...)
			}, "--handoff", way)
		})
	}
}

// TestWrongPasswordThenTheRightOne types the right password at once, without clearing the field.
func TestWrongPasswordThenTheRightOne(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		v.open(v.inquiry())
		v.waitPage("", v.loginFor(v.inquiry()))
		v.logIn(member{simple.usercode, "wrong"})
		v.until("", `document.querySelector("#error:not([hidden])")`)
		v.want("", "document.activeElement.id", "password")
		v.press(simple.password + "\r")
		v.wantMember(v.inquiry(), simple.usercode)
		v.wantHandoffs("form")
	})
}

// TestABrowserThatKeepsNoCookieSaysSo types the right password.
func TestABrowserThatKeepsNoCookieSaysSo(t *testing.T) {
	overHTTP := webkit
	overHTTP.flags = nil
	for _, test := range []struct {
		name     string
		engine   engine
		settings settings
	}{
		{"WebKit over http", overHTTP, settings{}},
		{"Firefox with cookies off", firefox, settings{noCookies: true}},
		{"Chromium with cookies off", chromium, settings{noCookies: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := newVisit(t, test.engine, test.settings)
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

// TestAKoreanUsercodeIsTyped types Hangul as syllables, as most keyboards send it, and as single
// letters, as macOS writes the names of files. Both are the same member.
func TestAKoreanUsercodeIsTyped(t *testing.T) {
	for name, usercode := range map[string]string{
		"composed":   korean.usercode,
		"decomposed": "\u1100\u1175\u11b7\u1106\u1175\u11ab\u110c\u1175",
	} {
		t.Run(name, func(t *testing.T) {
			inEveryBrowser(t, func(v *visit) {
				v.open(v.inquiry())
				v.waitPage("", v.loginFor(v.inquiry()))
				v.logIn(member{usercode, "wrong"})
				v.until("", `document.querySelector("#error:not([hidden])")`)
				v.want("", `document.querySelector("#usercode").value`, usercode)
				v.press(korean.password + "\r")
				v.wantMember(v.inquiry(), korean.usercode)
				v.wantHandoffs("form")
			})
		})
	}
}

func TestLoggingOutMakesAGuestOfTheMember(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		v.enter(v.history(), awkward)
		v.open(v.Site)
		v.click(".account button")
		v.waitPage("", v.Site+"/logout")
		v.open(v.home())
		v.wantMember(v.home(), "")
		v.open(v.history())
		v.waitPage("", v.loginFor(v.history()))
	})
}

// TestComingAgainIsNoLoop comes again and again by our own links, by the address and by reloads.
func TestComingAgainIsNoLoop(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		v.logInAtTheSite(awkward)
		for range 4 {
			v.open(v.Site)
			v.click(".cards li:nth-child(1) a")
			v.wantMember(v.inquiry(), awkward.usercode)
			v.open(v.loginFor(v.inquiry()))
			v.wantMember(v.inquiry(), awkward.usercode)
		}
		if !v.framesHaveCookies() {
			return // the frame meets a real loop
		}
		for range 4 {
			v.open(v.Site + "/help")
			v.waitPage(helpFrame, v.home()+"?iframe=true")
			v.want(helpFrame, "document.body.dataset.member", awkward.usercode)
		}
	})
}

// TestALoopIsStopped takes away what the help center needs where the browser blocks its cookies:
// the usercode and the token that it sends back.
func TestALoopIsStopped(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		v.sendNothingBack(v.t)
		v.open(v.inquiry())
		v.waitPage("", v.loginFor(v.inquiry()))
		v.logIn(awkward)
		// WebKit sends the cookies of sites that were visited.
		if v.settings.allowThirdPartyCookies || v.engine.name == "webkit" {
			v.wantMember(v.inquiry(), awkward.usercode)
			v.wantHandoffs("form")
			return
		}
		v.until("", `document.querySelector("#continue")`)
		v.wantHandoffsWith([]string{"ok", "warning"}, "form", "form") // it warns of the loop
	})
}

func TestBackAfterTheHandoffLeadsToThePageBefore(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		v.open(v.Site)
		v.click(".cards li:nth-child(1) a")
		v.waitPage("", v.loginFor(v.inquiry()))
		v.logIn(awkward)
		v.wantMember(v.inquiry(), awkward.usercode)
		v.back()
		v.waitPage("", v.Site+"/")
		v.wantHandoffs("form")
	})
}

const helpFrame = "#ocPage"

func TestHelpShowsTheHelpCenterToAGuest(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		v.open(v.Site + "/help")
		v.waitPage(helpFrame, v.home()+"?iframe=true")
		v.want(helpFrame, "document.body.dataset.member", "")
	})
}

// framesHaveCookies reports whether the help center gets its cookie back in a frame of our page.
// Firefox keeps one for that frame alone.
func (v *visit) framesHaveCookies() bool {
	return v.settings.allowThirdPartyCookies || v.engine.name == "firefox"
}

func TestHelpKnowsTheMember(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		if !v.framesHaveCookies() {
			v.t.Skip("the frame needs the help center's cookie")
		}
		v.logInAtTheSite(awkward)
		v.open(v.Site + "/help")
		v.waitPage(helpFrame, v.home()+"?iframe=true")
		v.want(helpFrame, "document.body.dataset.member", awkward.usercode)
		v.wantHandoffs("form")
	})
}

// wayOut is the link on the help page that opens the help center by itself.
const wayOut = `a[target="_blank"][rel~="noopener"]`

func TestHelpHasAWayOutOfTheFrame(t *testing.T) {
	for who, loggedIn := range map[string]bool{"member": true, "guest": false} {
		t.Run(who, func(t *testing.T) {
			inEveryBrowser(t, func(v *visit) {
				if loggedIn {
					v.logInAtTheSite(awkward)
				}
				v.open(v.Site + "/help")
				v.until("", `document.readyState === "complete"`)
				v.want("", "document.querySelectorAll('main "+wayOut+"').length", 1)
				if v.t.Failed() {
					return
				}
				v.want("", "document.querySelector('main "+wayOut+"').checkVisibility()", true)
				v.open(v.read("document.querySelector('main " + wayOut + "').href"))
				if !loggedIn {
					v.until("", `document.querySelector("#usercode")`)
					v.logIn(awkward)
				}
				v.wantMember(v.home(), awkward.usercode)
			})
		})
	}
}

// TestTheLoopPageInTheFrameLeadsOutOfIt is about browsers in which the frame can't know the member.
func TestTheLoopPageInTheFrameLeadsOutOfIt(t *testing.T) {
	inEveryBrowser(t, func(v *visit) {
		if v.framesHaveCookies() {
			v.t.Skip("the frame knows the member")
		}
		v.logInAtTheSite(awkward)
		v.open(v.Site + "/help")
		// Chromium keeps our cookie from the status call, too, and home is a guest's.
		if v.engine.name == "chromium" {
			v.waitPage(helpFrame, v.home()+"?iframe=true")
			v.step("open the history", func(ctx context.Context) error {
				return v.driver.click(ctx, helpFrame, `a[href^="/demo/hc/ticket/list/"]`)
			})
		}
		v.until(helpFrame, `location.href.startsWith(`+quote(v.Site)+`) && document.querySelector("main a")`)
		v.want(helpFrame, `document.querySelector("main a").matches(`+quote(wayOut)+`)`, true)
	})
}

// read is a text in the page.
func (v *visit) read(expression string) (text string) {
	v.t.Helper()
	v.step("evaluate "+expression, func(ctx context.Context) error {
		got, err := v.driver.evaluate(ctx, "", expression)
		if err != nil {
			return err
		}
		return json.Unmarshal(got, &text)
	})
	return text
}

// TestWithoutScriptButtonsLeadOn is for Firefox, where a member can switch script off.
func TestWithoutScriptButtonsLeadOn(t *testing.T) {
	v := newVisit(t, firefox, settings{noScript: true})
	v.open(v.loginFor(v.history()))
	v.want("", `document.querySelector("#reveal").hidden`, true) // our script shows it
	v.logIn(awkward)
	v.click("#handoff button")
	v.until("", `location.href === `+quote(v.history()))
	v.want("", "document.body.dataset.member", awkward.usercode)
	v.wantHandoffs("form")
}
