package i18n

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// sentences returns the text of every field of m, also of unexported ones, by the path of the field.
func sentences(m *Messages) map[string]string {
	texts := map[string]string{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Array:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
			}
		default:
			texts[path] = v.String()
		}
	}
	walk("", reflect.ValueOf(m).Elem())
	return texts
}

func TestEverySentenceIsWrittenInEveryLanguage(t *testing.T) {
	for _, l := range Langs {
		for path, text := range sentences(For(l)) {
			if text == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s%s = %q, want text without space around it", l, path, text)
			}
		}
	}
}

func TestPlaceholdersAgreeBetweenLanguages(t *testing.T) {
	placeholder := regexp.MustCompile(`%.`)
	korean := sentences(For(KO))
	for _, l := range Langs {
		for path, text := range sentences(For(l)) {
			got, want := placeholder.FindAllString(text, -1), placeholder.FindAllString(korean[path], -1)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s%s = %q has other placeholders than the Korean (-want +got):\n%s", l, path, text, diff)
			}
		}
	}
}

func TestNoSentenceIsCopiedFromAnotherLanguage(t *testing.T) {
	for i, l := range Langs {
		texts := sentences(For(l))
		for _, other := range Langs[i+1:] {
			for path, text := range sentences(For(other)) {
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
		for path, text := range sentences(For(l)) {
			isForeign := func(r rune) bool { return unicode.In(r, foreign[l]...) }
			if i := strings.IndexFunc(text, isForeign); i >= 0 {
				t.Errorf("%s%s = %q, has foreign letters from %q", l, path, text, text[i:])
			}
		}
	}
}

func TestKoreanKeepsTheFormalRegister(t *testing.T) {
	informal := regexp.MustCompile(`요([.?!]|$)`)
	for path, text := range sentences(For(KO)) {
		if informal.MatchString(text) {
			t.Errorf("%s = %q, want it to end in -습니다, -십시오 or -까", path, text)
		}
	}
}

// TestANameIsAddressedAsItsLanguageDoes also holds that nothing is lost between the two halves.
func TestANameIsAddressedAsItsLanguageDoes(t *testing.T) {
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

func TestAWaitIsToldInTheUnitThatFits(t *testing.T) {
	for _, test := range []struct {
		lang Lang
		wait time.Duration
		want string
	}{
		{EN, time.Second, "in 1 second."},
		{EN, 1500 * time.Millisecond, "in 2 seconds."},
		{EN, 59 * time.Second, "in 59 seconds."},
		{EN, time.Minute, "in 1 minute."},
		{EN, 90 * time.Second, "in 2 minutes."},
		{EN, time.Hour, "in 60 minutes."},
		{EN, 119 * time.Minute, "in 119 minutes."},
		{EN, 2 * time.Hour, "in 2 hours."},
		{EN, 24*time.Hour - time.Second, "in 24 hours."},
		{KO, 30 * time.Second, " 30초 후 "},
		{KO, time.Minute, " 1분 후 "},
		{KO, 24 * time.Hour, " 24시간 후 "},
		{JA, 30 * time.Second, "。30秒後に"},
		{JA, time.Minute, "。1分後に"},
		{JA, 24 * time.Hour, "。24時間後に"},
		{ZH, 30 * time.Second, "请在 30 秒钟后重试"},
		{ZH, time.Minute, "请在 1 分钟后重试"},
		{ZH, 24 * time.Hour, "请在 24 小时后重试"},
	} {
		if got := For(test.lang).LoginTooMany(test.wait); !strings.Contains(got, test.want) {
			t.Errorf("%s, %s: got %q, want %q in it", test.lang, test.wait, got, test.want)
		}
	}
}

func TestForReturnsTheLanguagesOwnMessages(t *testing.T) {
	var got []string
	for _, l := range Langs {
		got = append(got, For(l).HTMLLang)
	}
	if want := []string{"ko", "en", "ja", "zh-Hans"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := For("fr").HTMLLang; got != "ko" {
		t.Errorf("For a language that there is not: got %q, want ko", got)
	}
}
