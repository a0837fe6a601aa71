package signing

import (
	"testing"
	"unicode"
)

func TestEveryMistakeHasItsWordsInBothLanguages(t *testing.T) {
	korean := func(text string) bool {
		for _, r := range text {
			if unicode.Is(unicode.Hangul, r) {
				return true
			}
		}
		return false
	}
	seen := map[Cause]bool{}
	for _, r := range mistakes {
		if seen[r.cause] {
			t.Errorf("%s is twice in the table", r.cause)
		}
		seen[r.cause] = true
		if got := r.cause.In(Korean); !korean(got) {
			t.Errorf("%s: got %q, want Korean", r.cause, got)
		}
		if en, ko := r.cause.Hint(English), r.cause.Hint(Korean); en == "" || korean(en) || !korean(ko) {
			t.Errorf("%s: got the hints %q and %q, want English and Korean", r.cause, en, ko)
		}
	}
}
