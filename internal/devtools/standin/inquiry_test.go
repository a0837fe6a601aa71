package standin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

const (
	inquiryPath = "/hangame/hc/ticket/"
	historyPath = "/hangame/hc/ticket/list/"
)

func ask(title string) url.Values {
	return url.Values{"title": {title}, "content": {"first line\r\nsecond line"}}
}

func guestAsk(title string) url.Values {
	form := ask(title)
	form.Set("name", "김손님")
	form.Set("email", "guest@example.com")
	return form
}

func TestAnInquiryIsOnlyInItsMembersHistory(t *testing.T) {
	c := newCenter(t, postSettings())
	alice, bob := logIn(t, c, "alice"), logIn(t, c, "bob")
	for _, title := range []string{"first", "second"} {
		if answer := alice.post(inquiryPath, ask(title)); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != historyPath {
			t.Fatalf("got %d %q, want 303 %s", answer.StatusCode, answer.Header.Get("Location"), historyPath)
		}
	}
	history := alice.get(historyPath).text
	if got := strings.Count(history, `class="inquiry`); got != 2 {
		t.Errorf("alice's history: got %d inquiries, want 2", got)
	}
	if strings.Index(history, "<h2>second</h2>") > strings.Index(history, "<h2>first</h2>") {
		t.Error("the newest is not first")
	}
	if got := strings.Count(bob.get(historyPath).text, `class="inquiry`); got != 0 {
		t.Errorf("bob's history: got %d inquiries, want none", got)
	}
	if got := strings.Count(alice.get("/other/hc/ticket/list/").text, `class="inquiry`); got != 0 {
		t.Errorf("another service: got %d inquiries, want none", got)
	}
}

func TestTheConsolesAPIListsInquiries(t *testing.T) {
	settings := postSettings()
	settings.Guests = true
	c := newCenter(t, settings)
	logIn(t, c, "alice").post(inquiryPath, ask("as a member"))
	newBrowser(t, c).post(inquiryPath, guestAsk("as a guest"))
	want := []standin.Inquiry{
		{ID: 2, Time: noon, Service: "hangame", Name: "김손님", Email: "guest@example.com", Title: "as a guest", Content: "first line\nsecond line"},
		{ID: 1, Time: noon, Service: "hangame", UserCode: "alice", Name: "홍길동", Email: "alice+1@example.com", Title: "as a member", Content: "first line\nsecond line"},
	}
	if diff := cmp.Diff(want, getJSON[[]standin.Inquiry](t, c, "/console/api/inquiries")); diff != "" {
		t.Errorf("inquiries (-want +got):\n%s", diff)
	}
}

func TestAGuestIsThanked(t *testing.T) {
	settings := postSettings()
	settings.Guests = true
	b := newBrowser(t, newCenter(t, settings))
	next := b.post(inquiryPath+"?iframe=true", guestAsk("help")).Header.Get("Location")
	if want := inquiryPath + "?iframe=true&sent=true"; next != want {
		t.Fatalf("got Location %q, want %q", next, want)
	}
	if text := b.get(next + "&lang=en").text; !strings.Contains(text, "We have your inquiry") {
		t.Error("the page has no thanks")
	}
}

func TestGuestsCannotAskUnlessTheSettingsAllowIt(t *testing.T) {
	c := newCenter(t, postSettings())
	b := newBrowser(t, c)
	if text := b.get(inquiryPath + "?lang=en").text; strings.Contains(text, "<form") || !strings.Contains(text, "Only members") {
		t.Errorf("the page offers a form to a guest")
	}
	if answer := b.post(inquiryPath, guestAsk("help")); answer.StatusCode != http.StatusForbidden || !strings.Contains(answer.text, "Only members") {
		t.Errorf("got %d, want 403 and the reason", answer.StatusCode)
	}
	if got := getJSON[[]standin.Inquiry](t, c, "/console/api/inquiries"); len(got) != 0 {
		t.Errorf("got %+v kept, want none", got)
	}
}

// TestAnInquiryThatTheBrowserDidNotCheckIsRefused sends what required and maxlength keep back.
func TestAnInquiryThatTheBrowserDidNotCheckIsRefused(t *testing.T) {
	settings := postSettings()
	settings.Guests = true
	c := newCenter(t, settings)
	for field, values := range map[string][]string{
		"title": {" ", strings.Repeat("😀", 101)}, "content": {"", strings.Repeat("x", 10_001)}, "name": {"", strings.Repeat("n", 51)}, "email": {""},
	} {
		for _, value := range values {
			form := guestAsk("help")
			form.Set(field, value)
			answer := newBrowser(t, c).post(inquiryPath+"?lang=en", form)
			if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(answer.text, `role="alert"`) {
				t.Errorf("%s %.20q: got %d, want 422 and an alert", field, value, answer.StatusCode)
			}
		}
	}
}

func TestAMessageHasALimit(t *testing.T) {
	c := newCenter(t, postSettings())
	for content, want := range map[string]int{
		strings.Repeat("x\r\n", 4999) + "xx": http.StatusSeeOther, // a line end counts as one
		strings.Repeat("x", 70_000):          http.StatusBadRequest,
	} {
		form := url.Values{"title": {"long"}, "content": {content}}
		if answer := logIn(t, c, "alice").post(inquiryPath, form); answer.StatusCode != want {
			t.Errorf("%d bytes: got %d, want %d", len(content), answer.StatusCode, want)
		}
	}
}

func TestAnotherSiteCannotAskInAMembersName(t *testing.T) {
	c := newCenter(t, postSettings())
	answer := logIn(t, c, "alice").send(http.MethodPost, inquiryPath, ask("forged").Encode(), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"cross-site"},
	})
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("got %d, want 403", answer.StatusCode)
	}
}

func TestAFramedPageStaysFramed(t *testing.T) {
	c := newCenter(t, postSettings())
	b := logIn(t, c, "alice")
	for _, path := range []string{"/hangame/hc/", inquiryPath, historyPath} {
		plain, framed := b.get(path).text, b.get(path+"?iframe=true").text
		for _, part := range []string{"<header", "<footer"} {
			if !strings.Contains(plain, part) || strings.Contains(framed, part) {
				t.Errorf("%s: %s is to be in the page and not in the frame", path, part)
			}
		}
		if strings.Contains(plain, "height.js") || !strings.Contains(framed, "height.js") {
			t.Errorf("%s: the height is to be told in the frame only", path)
		}
		for _, link := range []string{`"/hangame/hc/ticket/"`, `"/hangame/hc/ticket/list/"`} {
			if strings.Contains(framed, link) {
				t.Errorf("%s: %s leaves the frame's view", path, link)
			}
		}
	}
	if got, want := b.post(inquiryPath+"?iframe=true", ask("framed")).Header.Get("Location"), historyPath+"?iframe=true"; got != want {
		t.Errorf("after sending: got %q, want %q", got, want)
	}
}

func TestTextIsEscapedEverywhere(t *testing.T) {
	const awkward = `O'Brien & Sons 😀 <b>`
	const escaped = `O&#39;Brien &amp; Sons 😀 &lt;b&gt;`
	c := newCenter(t, postSettings())
	fields := handoff(signing.CallForm, noon)
	fields.Set("username", awkward)
	fields.Set("usercode", `"><script>`)
	sign(signing.CallForm, fields)
	b := newBrowser(t, c)
	b.post(formPath, fields)
	b.post(inquiryPath, ask(awkward))
	for _, path := range []string{"/hangame/hc/", inquiryPath, historyPath, "/console/events/1"} {
		text := b.get(path).text
		if !strings.Contains(text, escaped) {
			t.Errorf("%s lacks %s", path, escaped)
		}
		if strings.Contains(text, "<b>>") || strings.Contains(text, `"><script>`) || strings.Contains(text, "Sons 😀 <b>") {
			t.Errorf("%s has the text unescaped", path)
		}
	}
}

func TestAMemberWithoutANameIsCalledByUsercode(t *testing.T) {
	c := newCenter(t, postSettings())
	fields := url.Values{"service": {"hangame"}, "usercode": {"alice"}, "time": {ms(noon)}}
	sign(signing.CallForm, fields)
	b := newBrowser(t, c)
	b.post(formPath, fields)
	for lang, want := range map[string]string{"ko": ">alice</bdi> 님", "en": ">alice</bdi>"} {
		if text := b.get("/hangame/hc/?lang=" + lang).text; !strings.Contains(text, want) {
			t.Errorf("%s: the header lacks %q", lang, want)
		}
	}
}
