// Package membertest tests that a member.Directory keeps its contract.
package membertest

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"ocsso/internal/member"

	"github.com/google/go-cmp/cmp"
)

// Hash is a hash of Password that costs next to nothing to check.
const (
	Password = "correct horse"
	Hash     = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mrcKdUQc2g5SDtY+IqU5/VFbCkNMfGxDclk68QM47bM"
)

// accounts returns the accounts of the directory under test.
func accounts() []member.Account {
	return []member.Account{
		{PasswordHash: Hash, Member: member.Member{UserCode: "kim", UserName: "김철수", Email: "kim@example.com", Phone: "01012345678", MemberNo: "1001"}},
		{PasswordHash: Hash, Member: member.Member{UserCode: "lee"}},
		{PasswordHash: Hash, Member: member.Member{UserCode: "LEE", UserName: "the other one"}},
		{PasswordHash: Hash, Member: member.Member{UserCode: "o'brien", UserName: `O'Brien & Sons 😀 <b> "quoted" \`}},
		{PasswordHash: Hash, Member: member.Member{UserCode: "회원 1", MemberNo: "007"}},
		{PasswordHash: Hash, Member: member.Member{UserCode: "caf\u00e9"}},
	}
}

// TestDirectory runs the suite. newDirectory returns a directory with exactly the given accounts,
// and closes it by t.Cleanup where necessary.
func TestDirectory(t *testing.T, newDirectory func(t *testing.T, accounts []member.Account) member.Directory) {
	dir := newDirectory(t, accounts())

	t.Run("an account comes back whole", func(t *testing.T) {
		for _, want := range accounts() {
			got, err := dir.Account(t.Context(), want.UserCode)
			if err != nil {
				t.Errorf("Account(%q) gives error %v", want.UserCode, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Account(%q) differs (-want +got):\n%s", want.UserCode, diff)
			}
		}
	})

	t.Run("another spelling finds nobody, or a member with the member's own usercode", func(t *testing.T) {
		for _, usercode := range []string{
			"Kim", "KIM", "kim ", " kim", "Lee", "cafe", "cafe\u0301", "\uff4b\uff49\uff4d",
		} {
			got, err := dir.Account(t.Context(), usercode)
			if err == nil && !slices.Contains(accounts(), got) || err != nil && !errors.Is(err, member.ErrUnknown) {
				t.Errorf("Account(%q) gives %+v and error %v, want ErrUnknown or one of the accounts whole", usercode, got, err)
			}
		}
	})

	t.Run("nobody else is found", func(t *testing.T) {
		for _, usercode := range []string{
			"", " ", "nobody", "kim\x00", "ki", "k%", "ki_", "*", "' OR '1'='1", "o''brien", "회원  1", "kim\xff",
			"kim@example.com", "김철수",
		} {
			got, err := dir.Account(t.Context(), usercode)
			if !errors.Is(err, member.ErrUnknown) {
				t.Errorf("Account(%q) gives error %v, want ErrUnknown", usercode, err)
			}
			if got != (member.Account{}) {
				t.Errorf("Account(%q) gives the account of %q, want none", usercode, got.UserCode)
			}
		}
	})

	t.Run("many may ask at once", func(t *testing.T) {
		var group sync.WaitGroup
		for _, want := range accounts() {
			for range 8 {
				group.Go(func() {
					got, err := dir.Account(t.Context(), want.UserCode)
					if err != nil || got != want {
						t.Errorf("Account(%q) gives %q and error %v, want that account", want.UserCode, got.UserCode, err)
					}
				})
			}
		}
		group.Wait()
	})
}
