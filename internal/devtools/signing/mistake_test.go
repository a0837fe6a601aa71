package signing

import (
	"context"
	"strings"
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
	for _, r := range mistakes(Case{}) {
		if seen[r.cause] && r.variants != nil {
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

func TestASearchStopsAtItsLimit(t *testing.T) {
	const many, limit = " 홍 +길동 ", 30_000
	c := Case{Call: CallForm, Key: "key", Fields: Fields{
		Service: many, UserCode: many, UserName: many, Email: many, Phone: many, MemberNo: many, ReturnURL: many, Time: "1772452800001",
		Token: Sign("another", "message"),
	}}
	if got := explain(context.Background(), c, 2, limit); !got.Unknown() || got.Complete || got.Tried > limit {
		t.Errorf("got %+v after %d tokens, complete %v; want nothing found, and the search cut before %d", got.Mistakes, got.Tried, got.Complete, limit)
	}
	c.Fields.UserName = strings.Repeat(many, 10_000)
	if got := explain(context.Background(), c, 2, limit); got.Tried > limit/100 {
		t.Errorf("a long value: got %d tokens, want far fewer", got.Tried)
	}
}
