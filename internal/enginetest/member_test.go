package enginetest

import "testing"

// The members of the demo that have names of ASCII alone, which can be typed in every engine.
type member struct{ usercode, password string }

var (
	simple  = member{"simple", "simple-2"}  // has nothing but a usercode
	awkward = member{"obrien", "awkward-3"} // has every field
)

// logIn types into the login page, with nothing but keys.
func (v *visit) logIn(m member) {
	v.t.Helper()
	v.click("#usercode")
	v.press(m.usercode + "\t" + m.password + "\r")
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
	var got []string
	for _, e := range v.events(v.t) {
		switch e.Kind {
		case "form", "api", "access_token", "link", "verify":
			got = append([]string{e.Kind}, got...)
		}
		if e.Outcome != "ok" {
			v.t.Errorf("got %s by the help center for %s: %s", e.Outcome, e.Path, e.Detail)
		}
	}
	if len(got) != len(want) {
		v.t.Errorf("got the handoffs %v, want %v", got, want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			v.t.Errorf("got the handoffs %v, want %v", got, want)
			return
		}
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
				if way == "link" { // with signed links, the help center sends nobody to the login page
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
				v.want("", `[...document.querySelectorAll(".inquiry h2")].map((e) => e.textContent)`, []string{"Where is my parcel?"})
				v.want("", `document.querySelector(".inquiry .text").textContent`, "It should have come last week.")
				v.wantHandoffs(calls...)
			}, "--handoff", way)
		})
	}
}
