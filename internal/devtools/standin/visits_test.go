package standin

import "testing"

func TestADifferenceIsCutBetweenCharacters(t *testing.T) {
	for _, test := range []struct{ a, b, before, midA, midB, after string }{
		{"a&b&c", "a&x&c", "a&", "b", "x", "&c"},
		{"길", "긷", "", "길", "긷", ""},
		{"x길y", "x긷y", "x", "길", "긷", "y"},
		{"각", "간", "", "각", "간", ""},
		{"a", "ab", "a", "", "b", ""},
		{"aa", "aaa", "aa", "", "a", ""},
		{"", "b", "", "", "b", ""},
	} {
		before, midA, midB, after := difference(test.a, test.b)
		if before != test.before || midA != test.midA || midB != test.midB || after != test.after {
			t.Errorf("%q, %q: got %q %q %q %q, want %+v", test.a, test.b, before, midA, midB, after, test)
		}
	}
}
