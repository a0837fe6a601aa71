package simulator_test

import (
	"net/url"
	"strings"
	"testing"

	"ocsso/internal/contract"
)

// signedAs is a form login whose token was made for another message.
func signedAs(key contract.Key, change func(url.Values)) url.Values {
	sent, signed := handoff(contract.CallForm, noon), handoff(contract.CallForm, noon)
	change(signed)
	sent.Set("token", contract.Sign(key, contract.Message(contract.CallForm, contract.ReadFields(signed))))
	return sent
}

func TestARefusedCallIsOpenAndSaysInBothLanguagesHowToMendIt(t *testing.T) {
	c := newCenter(t, postSettings())
	newBrowser(t, c).post(formPath, signedAs(key, func(v url.Values) { v.Set("phone", "01012345678") }))
	newBrowser(t, c).post(formPath, handoff(contract.CallForm, noon))
	for lang, wants := range map[string][]string{
		"en": {"the phone number in another form", "sign the phone number in the form in which you send it"},
		"ko": {"전화번호 형식이 보낸 값과 다름", "하이픈, 국가 번호, 맨 앞의 0까지 보내는 형식 그대로 서명하십시오"},
	} {
		text := newBrowser(t, c).get("/console?lang=" + lang).text
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the console lacks %q", lang, want)
			}
		}
		if opened, all := strings.Count(text, `<details class="event" open>`), strings.Count(text, `<details class="event"`); opened != 1 || all != 2 {
			t.Errorf("%s: got %d of %d calls open, want the refused one of two", lang, opened, all)
		}
	}
}

func TestTheCallsOwnPageTriesPairsOfMistakes(t *testing.T) {
	c := newCenter(t, postSettings())
	newBrowser(t, c).post(formPath, signedAs(key+"\n", func(v url.Values) { v.Del("returnUrl") }))
	if text := newBrowser(t, c).get("/console?lang=en").text; !strings.Contains(text, "<b>not known</b>") || !strings.Contains(text, "Try pairs of mistakes") {
		t.Errorf("the console: want no single mistake, and a way to try pairs, in\n%s", text)
	}
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
	fields := handoff(contract.CallForm, noon)
	fields.Set("username", "%ED%99%8D%EA%B8%B8%EB%8F%99")
	sign(contract.CallForm, fields)
	token := url.QueryEscape(fields.Get("token"))
	plain := fields.Get("token")
	fields.Set("token", token)
	newBrowser(t, c).post(formPath, fields)
	for _, path := range []string{"/console?lang=en", "/console/events/1?lang=en"} {
		text := strings.ReplaceAll(newBrowser(t, c).get(path).text, "&#43;", "+")
		if want := "username: has percent escapes: it was percent-encoded twice, or not decoded; perhaps 홍길동 was meant"; !strings.Contains(text, want) {
			t.Errorf("%s lacks %q", path, want)
		}
		if strings.Contains(text, plain) || strings.Contains(text, token) {
			t.Errorf("%s shows the token", path)
		}
	}
}
