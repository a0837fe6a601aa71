package i18n

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// sentences returns every sentence in l by the path of its field, unexported fields included.
func sentences(l Lang) map[string]string {
	texts := map[string]string{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Int: // a level
		case reflect.Interface:
			walk(path, v.Elem())
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[Words]() {
				texts[path] = v.FieldByName(strings.ToUpper(string(l))).String()
				return
			}
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Array, reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		default:
			texts[path] = v.String()
		}
	}
	walk("", reflect.ValueOf(For(l)).Elem())
	if slices.Contains(OperatorLangs, l) {
		walk("Setup", reflect.ValueOf([]any{Setup, Prerequisites, Faults}))
	}
	return texts
}

func TestEveryLanguageHasEverySentenceWithItsPlaceholders(t *testing.T) {
	placeholder := regexp.MustCompile(`%.`)
	korean := sentences(KO)
	for _, l := range Langs {
		for path, text := range sentences(l) {
			if text == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s%s = %q, want text without space around it", l, path, text)
			}
			got, want := placeholder.FindAllString(text, -1), placeholder.FindAllString(korean[path], -1)
			if !slices.Equal(got, want) {
				t.Errorf("%s%s has the placeholders %q, want %q", l, path, got, want)
			}
		}
	}
}

func TestNoSentenceIsCopiedFromAnotherLanguage(t *testing.T) {
	for i, l := range Langs {
		texts := sentences(l)
		for _, other := range Langs[i+1:] {
			for path, text := range sentences(other) {
				if text == texts[path] {
					t.Errorf("%s%s and %s%s are both %q", l, path, other, path, text)
				}
			}
		}
	}
}

func TestSentencesUseTheScriptsOfTheirLanguage(t *testing.T) {
	kana := []*unicode.RangeTable{unicode.Hiragana, unicode.Katakana}
	foreign := map[Lang][]*unicode.RangeTable{
		KO: append(kana, unicode.Han),
		EN: append(kana, unicode.Han, unicode.Hangul),
		JA: {unicode.Hangul},
		ZH: append(kana, unicode.Hangul),
	}
	for _, l := range Langs {
		for path, text := range sentences(l) {
			isForeign := func(r rune) bool { return unicode.In(r, foreign[l]...) }
			if i := strings.IndexFunc(text, isForeign); i >= 0 {
				t.Errorf("%s%s = %q, has foreign letters from %q", l, path, text, text[i:])
			}
		}
	}
}

// TestKoreanHasOneRegister: members are asked with ~해 주세요 and operators with ~하세요, one honorific a
// sentence, and one word for one thing.
func TestKoreanHasOneRegister(t *testing.T) {
	var (
		honorific = regexp.MustCompile(`하시|하신|하실|으시|셨|[가-힣]시면|[가-힣]시려면|드립니다|세요`)
		spelling  = regexp.MustCompile(`십시오|해요([.?!]|$)|서드 파티|거절|리턴 URL|[가-힣] 후(에)?[ .]|%[sdqv](은|는|이|가|을|를|와|과|로|으로)([ .]|$)`)
		toMember  = regexp.MustCompile(`[^주]세요`)
		operator  = regexp.MustCompile(`주세요`)
	)
	for path, text := range sentences(KO) {
		wrong := spelling.FindString(text)
		if strings.HasPrefix(path, "Setup") {
			wrong = cmp.Or(wrong, operator.FindString(text))
		} else {
			wrong = cmp.Or(wrong, toMember.FindString(text))
		}
		if wrong != "" {
			t.Errorf("%s = %q: %q is not how we say it", path, text, wrong)
		}
		for sentence := range strings.SplitSeq(text, ". ") {
			if found := honorific.FindAllString(sentence, -1); len(found) > 1 {
				t.Errorf("%s: %q has the honorifics %q, want one in a sentence", path, sentence, found)
			}
		}
	}
}

func TestTheLoginLeadsToTheHelpCenterOfTheSite(t *testing.T) {
	for site, want := range map[string]string{
		"":              "로그인하면 고객센터로 돌아갑니다.",
		"Example Games": "로그인하면 Example Games 고객센터로 돌아갑니다.",
		"에이스 고객센터":      "로그인하면 에이스 고객센터로 돌아갑니다.",
		"고객센터":          "로그인하면 고객센터로 돌아갑니다.",
		"100% <b> %s":   "로그인하면 100% <b> %s 고객센터로 돌아갑니다.",
	} {
		if got := For(KO).LoginLeads(site); got != want {
			t.Errorf("%q: got %q, want %q", site, got, want)
		}
	}
	if got, want := For(EN).LoginLeads("Acme Help Center"), "Log in to return to the Acme help center."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestANameHasTheHonorificOfItsLanguage(t *testing.T) {
	const name = "100% <b>"
	honorifics := map[Lang]string{KO: name + " 님", EN: name, JA: name + " 様", ZH: name}
	for _, l := range Langs {
		for sentence, halves := range map[string]Named{For(l).homeGreeting: For(l).HomeGreeting(), For(l).logoutText: For(l).LogoutText()} {
			got := halves.Before + name + halves.After
			if want := strings.Replace(sentence, "%s", name, 1); got != want || !strings.Contains(got, honorifics[l]) {
				t.Errorf("%s: got %q, want %q with %q in it", l, got, want, honorifics[l])
			}
		}
	}
}

func TestTheWaitHasAFittingUnit(t *testing.T) {
	for _, test := range []struct {
		lang Lang
		wait time.Duration
		want string
	}{
		{EN, time.Second, "in 1 second."},
		{EN, 1500 * time.Millisecond, "in 2 seconds."},
		{EN, time.Minute, "in 1 minute."},
		{EN, 90 * time.Second, "in 2 minutes."},
		{EN, time.Hour, "in 60 minutes."},
		{EN, 119 * time.Minute, "in 119 minutes."},
		{EN, 2 * time.Hour, "in 2 hours."},
		{EN, 24*time.Hour - time.Second, "in 24 hours."},
		{KO, 30 * time.Second, " 30초 뒤에 "},
		{KO, 24 * time.Hour, " 24시간 뒤에 "},
		{JA, time.Minute, "。1分後に"},
		{ZH, 30 * time.Second, "请在 30 秒钟后重试"},
		{ZH, 24 * time.Hour, "请在 24 小时后重试"},
	} {
		if got := For(test.lang).LoginTooMany(test.wait); !strings.Contains(got, test.want) {
			t.Errorf("%s, %s: got %q, want %q in it", test.lang, test.wait, got, test.want)
		}
	}
}

func TestForReturnsTheMessagesOfTheLanguage(t *testing.T) {
	for l, want := range map[Lang]string{KO: "ko", EN: "en", JA: "ja", ZH: "zh-Hans", "fr": "ko"} {
		if got := For(l).HTMLLang; got != want {
			t.Errorf("For(%q) is in %q, want %q", l, got, want)
		}
	}
	for l, want := range map[Lang]string{KO: "한", EN: "en", JA: "en", "fr": "en"} {
		if got := (Words{"한", "en"}).In(l); got != want {
			t.Errorf("In(%q) is %q, want %q", l, got, want)
		}
	}
}
