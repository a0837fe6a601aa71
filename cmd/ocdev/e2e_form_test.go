package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"ocsso/internal/i18n"
)

// loginError is true once the login page shows an error.
const loginError = `document.querySelector("#error:not([hidden])")`

// A loginForm is what the login page shows after an attempt.
type loginForm struct {
	UserCode, Password, ReturnURL string
	Error                         string
	Focused, Described            string // the ids of the focused element and of its description
}

// wantLoginForm waits until the page shows an error.
func (b *browser) wantLoginForm(want loginForm) {
	b.t.Helper()
	b.until(loginError)
	got := ask[loginForm](b, `(({usercode, password, returnUrl}) => ({
		UserCode: usercode.value, Password: password.value, ReturnURL: returnUrl.value,
		Error: document.getElementById("error").textContent,
		Focused: document.activeElement.id, Described: document.activeElement.getAttribute("aria-describedby") ?? "",
	}))(document.querySelector(".form").elements)`)
	got.Error = someSeconds.ReplaceAllString(got.Error, "1 minute")
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("the login form differs (-want +got):\n%s", diff)
	}
}

// someSeconds is what is left of a login limit of a minute.
var someSeconds = regexp.MustCompile(`[1-9][0-9]? seconds?`)

// openLogin opens a site's login page in English and types the values of want.
func (b *browser) openLogin(site string, want loginForm) {
	b.t.Helper()
	b.open(site + "/login?lang=en&returnUrl=" + url.QueryEscape(want.ReturnURL))
	b.fill("#usercode", want.UserCode)
	b.fill("#password", want.Password)
}

func TestE2EAWrongPasswordCanBeCorrected(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, blocked)
	mistaken := loginForm{
		UserCode: d.full().UserCode, Password: "not it", ReturnURL: d.history(), Error: i18n.For(i18n.EN).LoginWrong,
		Focused: "password", Described: "error",
	}
	b.openLogin(d.Site, mistaken)
	for range 2 { // the second time, the page has an error already
		b.expectStatus(d.Site+"/login", http.StatusUnauthorized)
		b.click(loginButton)
		b.wantLoginForm(mistaken)
	}
	if got := b.count("[aria-invalid=true]"); got != 2 {
		t.Errorf("got %d fields marked invalid, want both", got)
	}

	b.press(d.full().Password + kb.Enter) // replaces the wrong password
	b.waitPage(d.history())
	b.wantMember(d.full())
	d.wantHandoffs(handoffs["form"]...)
}

// TestE2EAnInvalidFieldLooksInvalidInForcedColours compares the border of each field with and
// without the mark, in the colours of the operating system.
func TestE2EAnInvalidFieldLooksInvalidInForcedColours(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, blocked)
	b.prefer("forced-colors", "active")
	wantMarked := func(page string) {
		t.Helper()
		b.until(`document.querySelector("[aria-invalid]")`)
		got := ask[[]bool](b, `[...document.querySelectorAll("[aria-invalid]")].map((field) => {
			const border = () => getComputedStyle(field).borderStyle + getComputedStyle(field).borderWidth;
			const marked = border();
			field.removeAttribute("aria-invalid");
			return marked !== border();
		})`)
		if want := []bool{true, true}; !slices.Equal(got, want) {
			t.Errorf("%s: got fields that look invalid: %v, want %v", page, got, want)
		}
	}
	b.openLogin(d.Site, loginForm{UserCode: d.full().UserCode, Password: "not it", ReturnURL: d.inquiry()})
	b.expectStatus(d.Site+"/login", http.StatusUnauthorized)
	b.click(loginButton)
	wantMarked("the login")
	b.press(d.full().Password + kb.Enter)
	b.waitPage(d.inquiry())
	b.expectStatus(d.inquiry(), http.StatusUnprocessableEntity)
	b.follow("main form button")
	wantMarked("the inquiry")
}

func TestE2ETooManyAttemptsKeepWhatWasTyped(t *testing.T) {
	d := startDemo(t)
	d.useUpAttempts(d.full().UserCode)
	b := newBrowser(t, blocked)
	limited := loginForm{
		UserCode: d.full().UserCode, Password: d.full().Password, ReturnURL: d.history(),
		Error: i18n.For(i18n.EN).LoginTooMany(time.Minute), Focused: "password", Described: "error",
	}
	b.openLogin(d.Site, limited)
	b.expectStatus(d.Site+"/login", http.StatusTooManyRequests)
	b.click(loginButton)
	b.wantLoginForm(limited)
}

// TestE2EWithoutScriptTheUserCodeIsKept expects no password, because the server never sends it
// back.
func TestE2EWithoutScriptTheUserCodeIsKept(t *testing.T) {
	d := startDemo(t)
	d.useUpAttempts("somebody")
	b := newBrowser(t, blocked)
	b.disableScript()
	text := i18n.For(i18n.EN)
	for _, test := range []struct {
		usercode, says string
		status         int
	}{
		{d.full().UserCode, text.LoginWrong, http.StatusUnauthorized},
		{"somebody", text.LoginTooMany(time.Minute), http.StatusTooManyRequests},
	} {
		want := loginForm{UserCode: test.usercode, ReturnURL: d.history(), Error: test.says, Focused: "password", Described: "error"}
		b.openLogin(d.Site, want)
		b.fill("#password", "not it")
		b.expectStatus(d.Site+"/login", test.status)
		b.follow(loginButton)
		b.wantLoginForm(want)
	}
}

// inFrontOf runs a proxy that passes requests to a site, except for posts, which post answers.
func inFrontOf(t *testing.T, site string, post http.HandlerFunc) *httptest.Server {
	t.Helper()
	to, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			post(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// withStatus answers with a page of its own. The page names an icon, because the browser would ask
// for one otherwise, maybe after the server has stopped.
func withStatus(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprint(w, `<link rel="icon" href="data:,">by the proxy`)
	}
}

func TestE2EAServerThatIsGoneKeepsWhatWasTyped(t *testing.T) {
	d := startDemo(t)
	typed := loginForm{
		UserCode: d.full().UserCode, Password: d.full().Password, ReturnURL: d.history(), Error: i18n.For(i18n.EN).LoginUnreachable,
	}
	b := newBrowser(t, blocked)
	server := inFrontOf(t, d.Site, withStatus(http.StatusBadGateway))
	b.openLogin(server.URL, typed)
	b.expectStatus(server.URL+"/login", http.StatusBadGateway)
	b.click(loginButton)
	b.wantLoginForm(typed)

	server.Close()
	b.expect(server.URL+"/login", "net::ERR_CONNECTION_REFUSED")
	b.click(loginButton)
	b.wantLoginForm(typed)
}

func TestE2EAnAnswerThatIsNotALoginFormIsShown(t *testing.T) {
	d := startDemo(t)
	server := inFrontOf(t, d.Site, withStatus(http.StatusTeapot))
	b := newBrowser(t, blocked)
	b.openLogin(server.URL, loginForm{UserCode: "somebody", Password: "not it", ReturnURL: d.history()})
	for range 2 { // for the script's request, and for the form that it then submits
		b.expectStatus(server.URL+"/login", http.StatusTeapot)
	}
	b.click(loginButton)
	b.until(`document.body.textContent.trim() === "by the proxy"`)
}

func TestE2EASecondClickSendsNothing(t *testing.T) {
	d := startDemo(t)
	arrived, release := make(chan bool, 9), make(chan bool)
	defer close(release) // for a request too many
	server := inFrontOf(t, d.Site, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- true
		<-release
		w.WriteHeader(http.StatusBadGateway)
	})
	b := newBrowser(t, blocked)
	b.openLogin(server.URL, loginForm{UserCode: "somebody", Password: "not it", ReturnURL: d.history()})
	for range 2 {
		b.expectStatus(server.URL+"/login", http.StatusBadGateway)
		b.click(loginButton)
		<-arrived
		b.click(loginButton)
		release <- true
		b.until(loginError)
	}
	if got := len(arrived); got != 0 {
		t.Errorf("got %d requests too many", got)
	}
}

func TestE2EAMemberCanLogInInsideTheFrame(t *testing.T) {
	d := startDemo(t)
	b := newBrowser(t, allowed)
	frame := b.openHelp(d)
	home := d.home() + "?iframe=true"
	login := d.loginFor(home)
	ask[any](b, "ocPage.src = "+quote(login))
	frame.waitPage(login)
	b.expectStatus(d.Site+"/login", http.StatusUnauthorized)
	frame.fill("#usercode", d.full().UserCode)
	frame.fill("#password", "not it"+kb.Enter)
	frame.until(loginError)
	frame.waitPage(login)

	frame.press(d.full().Password + kb.Enter)
	frame.waitPage(home)
	if got, want := ask[string](frame, "document.body.dataset.member"), d.full().UserCode; got != want {
		t.Errorf("got the frame for %q, want it for %q", got, want)
	}
}
