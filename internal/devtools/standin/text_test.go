package standin

import (
	"testing"
	"time"
)

func TestDurationsAreWrittenInEachLanguage(t *testing.T) {
	apart := noted(sayTimeOff, 3*time.Minute+time.Second, 3*time.Minute)
	for l, want := range map[lang]string{
		langEN: "time differs from the help center's clock by 3m1s, the limit is 3m0s",
		langKO: "time이 헬프센터의 시계와 3분 1초 차이 나며 3분까지만 허용됨",
	} {
		if got := apart.in(l); got != want {
			t.Errorf("%s: got %q, want %q", l, got, want)
		}
	}
}

func TestADifferenceIsCutBetweenCharacters(t *testing.T) {
	for _, test := range []struct{ a, b, before, midA, midB, after string }{
		{"a&b&c", "a&x&c", "a&", "b", "x", "&c"},
		{"길", "긷", "", "길", "긷", ""},
		{"x길y", "x긷y", "x", "길", "긷", "y"},
		{"각", "간", "", "각", "간", ""},
		{"a", "ab", "a", "", "b", ""},
		{"aa", "aaa", "aa", "", "a", ""},
		{"", "b", "", "", "b", ""},
		{"\xb1\xe8", "김", "", "\xb1\xe8", "김", ""},
	} {
		before, midA, midB, after := difference(test.a, test.b)
		if before != test.before || midA != test.midA || midB != test.midB || after != test.after {
			t.Errorf("%q, %q: got %q %q %q %q, want %+v", test.a, test.b, before, midA, midB, after, test)
		}
	}
}
