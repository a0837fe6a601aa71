package standin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

// signedAs is a form login whose token was made for another message.
func signedAs(key signing.Key, change func(url.Values)) url.Values {
	sent, signed := handoff(signing.CallForm, noon), handoff(signing.CallForm, noon)
	change(signed)
	sent.Set("token", signing.Sign(key, signing.Message(signing.CallForm, signing.ReadFields(signed))))
	return sent
}

func TestARefusedCallIsOpenAndSaysInBothLanguagesHowToMendIt(t *testing.T) {
	c := newCenter(t, postSettings())
	newBrowser(t, c).post(formPath, signedAs(key, func(v url.Values) { v.Set("phone", "01012345678") }))
	newBrowser(t, c).post(formPath, handoff(signing.CallForm, noon))
	for lang, wants := range map[string][]string{
		"en": {"the phone number in another form", "sign the phone number in the form in which you send it"},
		"ko": {"전화번호 형식이 보낸 값과 다름", "하이픈, 국가 번호, 맨 앞의 0까지 보내는 형식 그대로 서명하세요"},
	} {
		text := newBrowser(t, c).get("/console?lang=" + lang).text
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the console lacks %q", lang, want)
			}
		}
		if opened, all := strings.Count(text, `<details class="visit" open>`), strings.Count(text, `<details class="visit"`); opened != 1 || all != 2 {
			t.Errorf("%s: got %d of %d visits open, want the refused one of two", lang, opened, all)
		}
		if want := "<title>(1) "; !strings.Contains(text, want) {
			t.Errorf("%s: the title does not count the failure", lang)
		}
	}
}

func TestTheConsoleNamesPairsOfMistakes(t *testing.T) {
	c := newCenter(t, postSettings())
	newBrowser(t, c).post(formPath, signedAs(key+"\n", func(v url.Values) { v.Del("returnUrl") }))
	for lang, wants := range map[string][]string{
		"en": {"returnUrl sent in a form but not signed; other spaces or a newline around the key", "use the key exactly as the console shows it"},
		"ko": {"returnUrl을 보냈지만 서명하지 않음; 조직 Key 앞뒤의 공백이나 줄 바꿈이 다름"},
	} {
		text := newBrowser(t, c).get("/console/events/1?lang=" + lang).text
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", lang, want)
			}
		}
	}
}

func TestTheConsoleSaysWhatIsOddAboutAValueAndKeepsTheTokenMasked(t *testing.T) {
	c := newCenter(t, postSettings())
	fields := handoff(signing.CallForm, noon)
	fields.Set("username", "%ED%99%8D%EA%B8%B8%EB%8F%99")
	sign(signing.CallForm, fields)
	token := url.QueryEscape(fields.Get("token"))
	plain := fields.Get("token")
	fields.Set("token", token)
	newBrowser(t, c).post(formPath, fields)
	for _, path := range []string{"/console?lang=en", "/console/events/1?lang=en"} {
		text := strings.ReplaceAll(newBrowser(t, c).get(path).text, "&#43;", "+")
		if want := "has percent escapes: it was percent-encoded twice, or not decoded; perhaps 홍길동 was meant"; !strings.Contains(text, want) {
			t.Errorf("%s lacks %q", path, want)
		}
		if strings.Contains(text, plain) || strings.Contains(text, token) {
			t.Errorf("%s shows the token", path)
		}
	}
}

func TestALogoutRightAfterAHandoffIsFlagged(t *testing.T) {
	const flag = "right after an accepted handoff"
	status := func(t *testing.T, answers ...string) standin.Event {
		c := newCenter(t, postSettings())
		b := logIn(t, c, "alice")
		for _, answer := range answers {
			report(t, b, "/hangame/hc/", http.StatusOK, answer, "")
		}
		return c.lastEvent(standin.KindStatus)
	}
	if got := status(t, loggedOut); got.Outcome != standin.OutcomeWarning || !strings.Contains(got.Detail, flag) ||
		!strings.Contains(got.Detail, "SameSite") || !strings.Contains(got.Detail, "Path") || !strings.Contains(got.Detail, "third-party cookies") {
		t.Errorf("false at once: got %s %q, want a warning with its likely causes", got.Outcome, got.Detail)
	}
	if got := status(t, asAlice, loggedOut); got.Outcome != standin.OutcomeOK || strings.Contains(got.Detail, flag) {
		t.Errorf("false after true: got %s %q, want a usual logout", got.Outcome, got.Detail)
	}
	if got := status(t, asAlice, loggedOut, loggedOut); got.Outcome != standin.OutcomeOK || strings.Contains(got.Detail, flag) {
		t.Errorf("a guest: got %s %q, want no flag", got.Outcome, got.Detail)
	}
}

func TestALoginWithoutAHandoffIsAWarningUntilItComes(t *testing.T) {
	const inquiry = "/hangame/hc/ticket/"
	want := func(t *testing.T, c *center, after time.Duration, outcome standin.Outcome, detail string) {
		t.Helper()
		c.now = noon.Add(after)
		got := c.lastEvent(standin.KindLogin)
		if got.Outcome != outcome || !strings.Contains(got.Detail, detail) || got.Path != site+"/login" || !got.Time.Equal(noon) {
			t.Errorf("after %s: got %+v, want %s %q", after, got, outcome, detail)
		}
	}
	for name, path := range map[string]string{"form": formPath, "api": apiPath} {
		c := newCenter(t, postSettings())
		report(t, newBrowser(t, c), inquiry, http.StatusOK, loggedOut, "") // leads to the login URL
		want(t, c, 10*time.Second-1, standin.OutcomeOK, "opened")
		want(t, c, 11*time.Second, standin.OutcomeWarning, "no handoff came")
		c.now = noon.Add(12 * time.Second)
		newBrowser(t, c).post(path, url.Values{"usercode": {"alice"}}) // also a refused one
		want(t, c, time.Minute, standin.OutcomeOK, "the handoff came after 12.0 s")
		if got := c.lastEvent(standin.KindLogin); strings.Contains(got.Detail, "no handoff") {
			t.Errorf("%s: got %q, want no warning any more", name, got.Detail)
		}
	}
}
