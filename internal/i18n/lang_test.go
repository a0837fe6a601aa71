package i18n

import (
	"strings"
	"testing"
)

func TestParseTakesExactCodesOnly(t *testing.T) {
	for _, l := range Langs {
		if got, ok := Parse(string(l), Langs); !ok || got != l {
			t.Errorf("Parse(%q) = %q, %t, want the same language", l, got, ok)
		}
	}
	for _, s := range []string{"", "fr", "ja", "KO", "ko-KR", "zh-Hans", " en", "en\x00"} {
		if got, ok := Parse(s, OperatorLangs); ok || got != "" {
			t.Errorf("Parse(%q) = %q, %t, want none", s, got, ok)
		}
	}
}

func TestNegotiateReturnsThePreferredLanguage(t *testing.T) {
	tests := []struct {
		name, header string
		want         Lang
	}{
		{"a browser's Korean", "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", KO},
		{"a browser's English", "en-US,en;q=0.5", EN},
		{"a region is ignored", "ja-JP", JA},
		{"simplified Chinese", "zh-CN", ZH},
		{"traditional Chinese too", "zh-TW,zh;q=0.9", ZH},
		{"an underscore, as in a locale", "en_US,ko;q=0.5", EN},
		{"a script is ignored", "zh-Hant-HK", ZH},
		{"letter case is ignored", "JA-jp;q=1", JA},
		{"the highest q wins over the first one", "ja;q=0.3, en;q=0.9, zh;q=0.5", EN},
		{"the first of equals wins", "zh;q=0.5,ja;q=0.5", ZH},
		{"space is allowed", " \ten ; q = 0.5 ", EN},
		{"q=0 is a refusal", "en;q=0,ja;q=0.1", JA},
		{"an unknown language is skipped", "fr,de;q=0.9,en;q=0.1", EN},
		{"what is no language is skipped", "zh-CHS,x,ja;q=0.1", JA},
		{"a longer code is another language", "kok,ja;q=0.1", JA},
		{"* is the fallback", "fr,*;q=0.5,en;q=0.1", KO},
		{"* with a lower q loses", "en,*;q=0.5", EN},

		{"no header", "", KO},
		{"only unknown languages", "fr,de", KO},
		{"only refusals", "en;q=0", KO},
		{"not a header", "%%;;==,,;q=1,\x00\xff", KO},
		{"q is not a number", "en;q=high", KO},
		{"q is NaN", "en;q=NaN", KO},
		{"q is below 0", "en;q=-1", KO},
		{"another parameter than q", "en;level=1", KO},
		{"longer than 1 KiB", "en," + strings.Repeat("fr,", 400), KO},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Negotiate(tt.header, Langs, KO); got != tt.want {
				t.Errorf("Negotiate(%q) = %q, want %q", tt.header, got, tt.want)
			}
		})
	}
}

func TestNegotiateSkipsLanguagesThatThePageDoesNotHave(t *testing.T) {
	for header, want := range map[string]Lang{"ja,zh;q=0.9": EN, "ja,ko;q=0.5": KO, "ja,*;q=0.5,ko;q=0.1": EN} {
		if got := Negotiate(header, OperatorLangs, EN); got != want {
			t.Errorf("Negotiate(%q) = %q, want %q", header, got, want)
		}
	}
}
