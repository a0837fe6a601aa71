package member_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/member"
	"ocsso/internal/member/membertest"
	"ocsso/internal/password"

	"github.com/google/go-cmp/cmp"
)

// A directoryFunc is a member.Directory.
type directoryFunc func(usercode string) (member.Account, error)

func (f directoryFunc) Account(_ context.Context, usercode string) (member.Account, error) {
	return f(usercode)
}

// onlyAlice knows alice alone.
var onlyAlice = directoryFunc(func(usercode string) (member.Account, error) {
	if usercode != "alice" {
		return member.Account{}, member.ErrUnknown
	}
	return member.Account{Member: member.Member{UserCode: "alice", UserName: "Alice"}, PasswordHash: standardHash}, nil
})

func TestAuthenticate(t *testing.T) {
	for _, test := range []struct {
		name, usercode, password string
		want                     error
	}{
		{"the right password", "alice", " correct ", nil},
		{"a wrong password", "alice", "correct", member.ErrRefused},
		{"an unknown member", "bob", "correct", member.ErrRefused},
		{"an unknown member and a decoy that matches", "bob", "decoy", member.ErrRefused},
		{"too many checks", "alice", "busy", password.ErrBusy},
		{"too many checks, and an unknown member", "bob", "busy", password.ErrBusy},
	} {
		t.Run(test.name, func(t *testing.T) {
			verify := func(_ context.Context, hash, text string) (bool, error) {
				if text == "busy" {
					return false, password.ErrBusy
				}
				return hash == standardHash && text == " correct " || text == "decoy", nil
			}
			got, err := member.Authenticate(t.Context(), onlyAlice, verify, test.usercode, test.password)
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			want := member.Member{}
			if test.want == nil {
				want = member.Member{UserCode: "alice", UserName: "Alice"}
			}
			if got != want {
				t.Errorf("got member %q, want %q", got.UserCode, want.UserCode)
			}
		})
	}
}

// verify checks a password at once, without a gate.
func verify(_ context.Context, hash, typed string) (bool, error) { return password.Verify(hash, typed) }

func TestABrokenDirectoryIsNotARefusal(t *testing.T) {
	outage := errors.New("no connection")
	dir := directoryFunc(func(string) (member.Account, error) { return member.Account{}, outage })
	_, err := member.Authenticate(t.Context(), dir, verify, "alice", "correct")
	if !errors.Is(err, outage) || errors.Is(err, member.ErrRefused) || errors.Is(err, member.ErrUnknown) {
		t.Errorf("got error %v, want the directory's, and neither ErrRefused nor ErrUnknown", err)
	}
}

// TestARefusalSaysWhoseAttemptItWas: the attempts at one member are counted together, however the
// usercode was spelt.
func TestARefusalSaysWhoseAttemptItWas(t *testing.T) {
	caseless := directoryFunc(func(usercode string) (member.Account, error) { return onlyAlice(strings.ToLower(usercode)) })
	for typed, want := range map[string]string{"ALICE": "alice", "Alice": "alice", "bob": ""} {
		_, err := member.Authenticate(t.Context(), caseless, neverFits, typed, "wrong")
		var refused *member.RefusedError
		if !errors.As(err, &refused) || refused.UserCode != want {
			t.Errorf("%s: got error %#v, want a RefusedError of %q", typed, err, want)
		}
		if text := err.Error(); text != member.ErrRefused.Error() {
			t.Errorf("%s: the error says %q, want no word of who it is", typed, text)
		}
	}
}

// neverFits is a verify.
func neverFits(context.Context, string, string) (bool, error) { return false, nil }

// TestARowThatCannotBeUsedIsRefusedAfterTheSameWork: one member's row is no outage, and says
// nothing of who is a member.
func TestARowThatCannotBeUsedIsRefusedAfterTheSameWork(t *testing.T) {
	const notAHash = "is in no form of hash that ocsso reads: deploy/README.md lists them"
	for name, test := range map[string]struct {
		account member.Account
		want    *member.RowError
	}{
		"an md5 hash": {
			member.Account{Member: member.Member{UserCode: "alice"}, PasswordHash: "5f4dcc3b5aa765d61d8327deb882cf99"},
			&member.RowError{Column: "password_hash", Reason: notAHash},
		},
		"Django's unusable password": {
			member.Account{Member: member.Member{UserCode: "alice"}, PasswordHash: "!y8oJ8BdJbTUMYCbPRGEyOGpYzNCVbmW7aEKRzUkS"},
			&member.RowError{Column: "password_hash", Reason: notAHash},
		},
		"a hash that stalls": {
			member.Account{Member: member.Member{UserCode: "alice"}, PasswordHash: strings.Replace(bcryptHash, "$05$", "$15$", 1)},
			&member.RowError{Column: "password_hash", Reason: "is too dear to check: about 2.0 s of a core and 0 MiB, of at most 1 s and 256 MiB"},
		},
		"an & in the usercode": {
			member.Account{Member: member.Member{UserCode: "alice&x"}, PasswordHash: bcryptHash},
			&member.RowError{Column: "usercode", Reason: `has a "&", which separates the signed fields`},
		},
		"a usercode that ends with a space": {
			member.Account{Member: member.Member{UserCode: "alice "}, PasswordHash: bcryptHash},
			&member.RowError{Column: "usercode", Reason: "ends with a space (U+0020)"},
		},
		"no usercode": {member.Account{PasswordHash: bcryptHash}, &member.RowError{Column: "usercode", Reason: "is missing"}},
		"no hash, as members have who log in elsewhere": {member.Account{Member: member.Member{UserCode: "alice"}}, nil},
	} {
		dir := directoryFunc(func(string) (member.Account, error) { return test.account, nil })
		wantChecks(t, dir, "alice", password.Decoy)
		for _, typed := range []string{"correct", test.account.PasswordHash, ""} {
			_, err := member.Authenticate(t.Context(), dir, verify, "alice", typed)
			if !errors.Is(err, member.ErrRefused) {
				t.Errorf("%s: got error %v, want ErrRefused", name, err)
			}
			var row *member.RowError
			errors.As(err, &row)
			if diff := cmp.Diff(test.want, row); diff != "" {
				t.Errorf("%s: the RowError differs (-want +got):\n%s", name, diff)
			}
		}
	}
}

// The optional fields are left to Member.Sendable.
func TestAMemberLogsInWhateverTheOptionalFieldsAre(t *testing.T) {
	want := member.Member{UserCode: "kim", UserName: strings.Repeat("가", 60), Email: "r&d@example.com", Phone: "+82 (0)10-1234-5678 ext. 12", MemberNo: "\xff"}
	dir := directoryFunc(func(string) (member.Account, error) {
		return member.Account{Member: want, PasswordHash: membertest.Hash}, nil
	})
	got, err := member.Authenticate(t.Context(), dir, verify, "kim", membertest.Password)
	if got != want || err != nil {
		t.Errorf("got %+v and error %v, want %+v", got, err, want)
	}
}

// Hashes from the cheapest to the dearest.
const (
	scryptHash   = "$scrypt$ln=1,r=8,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"
	bcryptHash   = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	standardHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"
	dearHash     = "$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
)

// wantChecks fails unless a refused login checks hashes that differ from these only in their sums.
func wantChecks(t *testing.T, dir member.Directory, usercode string, want ...string) {
	t.Helper()
	cost := func(hash string) string { return hash[:len(hash)-22] }
	var checked []string
	verify := func(_ context.Context, hash, _ string) (bool, error) {
		checked = append(checked, cost(hash))
		return false, nil
	}
	if _, err := member.Authenticate(t.Context(), dir, verify, usercode, "wrong"); !errors.Is(err, member.ErrRefused) {
		t.Errorf("%s: got error %v, want ErrRefused", usercode, err)
	}
	for i := range want {
		want[i] = cost(want[i])
	}
	if diff := cmp.Diff(want, checked); diff != "" {
		t.Errorf("%s: the hashes checked begin otherwise (-want +got):\n%s", usercode, diff)
	}
}

func TestARefusalCostsWhatTheDearestHashOfAFileDoes(t *testing.T) {
	wantChecks(t, onlyAlice, "bob", password.Decoy) // a directory that doesn't know
	wantChecks(t, onlyAlice, "alice", standardHash)
	path, file := loadedFile(t, "members:\n"+
		"- {usercode: alice, password_hash: '"+bcryptHash+"'}\n"+
		"- {usercode: dave, password_hash: '"+dearHash+"'}\n"+
		"- {usercode: carol, password_hash: '"+scryptHash+"'}\n")
	wantChecks(t, file, "bob", dearHash)
	wantChecks(t, file, "dave", dearHash)
	wantChecks(t, file, "alice", bcryptHash, dearHash)
	wantChecks(t, file, "carol", scryptHash, dearHash)
	writeFile(t, path, "members:\n- {usercode: alice, password_hash: '"+bcryptHash+"'}\n")
	if err := file.Reload(); err != nil {
		t.Fatal(err)
	}
	wantChecks(t, file, "bob", bcryptHash) // the dearest is gone
	wantChecks(t, file, "alice", bcryptHash)
}

func TestTheRightPasswordIsCheckedOnce(t *testing.T) {
	_, file := loadedFile(t, "members:\n"+
		"- {usercode: kim, password_hash: '"+membertest.Hash+"'}\n"+
		"- {usercode: dave, password_hash: '"+dearHash+"'}\n")
	checks := 0
	verify := func(_ context.Context, hash, text string) (bool, error) {
		checks++
		return password.Verify(hash, text)
	}
	if _, err := member.Authenticate(t.Context(), file, verify, "kim", membertest.Password); checks != 1 || err != nil {
		t.Errorf("got %d checks and error %v, want 1", checks, err)
	}
}

// TestAMemberIsFoundByADecomposedUsercode: macOS writes Korean letters in parts.
func TestAMemberIsFoundByADecomposedUsercode(t *testing.T) {
	const composed, decomposed = "회원", "\u1112\u116c\u110b\u116f\u11ab"
	dir := directoryFunc(func(usercode string) (member.Account, error) {
		if usercode != composed {
			return member.Account{}, member.ErrUnknown
		}
		return member.Account{Member: member.Member{UserCode: composed}, PasswordHash: standardHash}, nil
	})
	fits := func(context.Context, string, string) (bool, error) { return true, nil }
	got, err := member.Authenticate(t.Context(), dir, fits, decomposed, "x")
	if err != nil || got.UserCode != composed {
		t.Errorf("got %q, %v, want the member's own usercode %q", got.UserCode, err, composed)
	}
}
