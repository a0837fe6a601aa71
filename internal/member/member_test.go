package member_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/member"
	"ocsso/internal/password"
	"ocsso/internal/token"
)

func TestValidateNamesEveryFieldTheHelpCenterCannotTake(t *testing.T) {
	err := member.Member{
		UserCode: "alice&x", UserName: strings.Repeat("가", 51), Email: strings.Repeat("e", 101),
		Phone: "010\n1234", MemberNo: "\xff",
	}.Validate()
	for _, want := range []string{"usercode has", "username has 51", "email has 101", "phone has", "memberno is not"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "alice") {
		t.Errorf("error %q holds a value", err)
	}
}

func TestValidateAccepts(t *testing.T) {
	for name, m := range map[string]member.Member{
		"only a usercode":    {UserCode: "alice"},
		"an awkward name":    {UserCode: "o'brien", UserName: "O'Brien & Sons 😀 <b>"},
		"fields to the hilt": {UserCode: strings.Repeat("가", 50), UserName: strings.Repeat("😀", 25), Email: strings.Repeat("e", 100), Phone: strings.Repeat("1", 20), MemberNo: strings.Repeat("9", 50)},
	} {
		if err := m.Validate(); err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
		}
	}
}

func TestValidateRequiresAUserCode(t *testing.T) {
	for _, usercode := range []string{"", " ", "\u3000\t"} {
		err := member.Member{UserCode: usercode, UserName: "Alice"}.Validate()
		var fieldError *token.FieldError
		if !errors.As(err, &fieldError) || fieldError.Field != token.FieldUserCode {
			t.Errorf("usercode %q gives %v, want a FieldError of usercode", usercode, err)
		}
	}
}

func TestSendableLeavesOutWhatTheHelpCenterCannotTake(t *testing.T) {
	kim := member.Member{UserCode: "kim", UserName: "김철수", Email: "kim@example.com", Phone: "01012345678", MemberNo: "1001"}
	changed := func(change func(*member.Member)) member.Member {
		m := kim
		change(&m)
		return m
	}
	for name, test := range map[string]struct {
		m, want member.Member
		left    string
	}{
		"everything fits": {kim, kim, ""},
		"only a usercode": {member.Member{UserCode: "kim"}, member.Member{UserCode: "kim"}, ""},
		"a phone of 27 characters": {
			changed(func(m *member.Member) { m.Phone = "+82 (0)10-1234-5678 ext. 12" }),
			changed(func(m *member.Member) { m.Phone = "" }), "phone has 27 characters, of at most 20",
		},
		"an & in the email": {
			changed(func(m *member.Member) { m.Email = "r&d@example.com" }),
			changed(func(m *member.Member) { m.Email = "" }), `email has a "&", which separates the signed fields`,
		},
		"a line break in the member number": {
			changed(func(m *member.Member) { m.MemberNo = "10\n01" }),
			changed(func(m *member.Member) { m.MemberNo = "" }), "memberno has a control character",
		},
		"a name of 60 characters": {
			changed(func(m *member.Member) { m.UserName = strings.Repeat("가", 60) }),
			changed(func(m *member.Member) { m.UserName = strings.Repeat("가", 50) }), "username has 60 characters, of at most 50",
		},
		"a name with half a pair at the limit": {
			changed(func(m *member.Member) { m.UserName = "n" + strings.Repeat("😀", 25) }),
			changed(func(m *member.Member) { m.UserName = "n" + strings.Repeat("😀", 24) }), "username has 51 characters, of at most 50",
		},
		"a name that is cp949": {
			changed(func(m *member.Member) { m.UserName = strings.Repeat("\xb1\xe8", 60) }),
			changed(func(m *member.Member) { m.UserName = "" }), "username is not valid UTF-8",
		},
		"all at once": {
			member.Member{UserCode: "kim", UserName: strings.Repeat("n", 51), Email: "\t", Phone: "&", MemberNo: "\xff"},
			member.Member{UserCode: "kim", UserName: strings.Repeat("n", 50)},
			"username has 51 characters, of at most 50, email has a control character, " +
				`phone has a "&", which separates the signed fields, memberno is not valid UTF-8`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, left, err := test.m.Sendable()
			if got != test.want || err != nil {
				t.Errorf("got %+v and error %v, want %+v", got, err, test.want)
			}
			var texts []string
			for _, fault := range left {
				texts = append(texts, fault.Error())
			}
			if got := strings.Join(texts, ", "); got != test.left {
				t.Errorf("left: got %s, want %s", got, test.left)
			}
			if err := got.Validate(); err != nil {
				t.Errorf("what is left has a fault: %v", err)
			}
		})
	}
}

func TestSendableRefusesAUserCode(t *testing.T) {
	for _, usercode := range []string{"", " ", "alice&x", "alice\x00", "alice\xff", strings.Repeat("가", 51)} {
		got, left, err := member.Member{UserCode: usercode, Phone: "&"}.Sendable()
		var fault *token.FieldError
		if !errors.As(err, &fault) || fault.Field != token.FieldUserCode {
			t.Errorf("%q: got error %v, want a FieldError of usercode", usercode, err)
		}
		if got != (member.Member{}) || left != nil {
			t.Errorf("%q: got %+v and %v beside the error, want nothing", usercode, got, left)
		}
	}
}

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
	return member.Account{Member: member.Member{UserCode: "alice", UserName: "Alice"}, PasswordHash: "$alice$"}, nil
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
				return hash == "$alice$" && text == " correct " || text == "decoy", nil
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

func TestABrokenDirectoryIsNotARefusal(t *testing.T) {
	outage := errors.New("no connection")
	for name, dir := range map[string]directoryFunc{
		"an outage": func(string) (member.Account, error) { return member.Account{}, outage },
		"no hash": func(string) (member.Account, error) {
			return member.Account{Member: member.Member{UserCode: "alice"}}, nil
		},
		"another hash": func(string) (member.Account, error) {
			return member.Account{Member: member.Member{UserCode: "alice"}, PasswordHash: "$2a$10$secret"}, nil
		},
	} {
		_, err := member.Authenticate(t.Context(), dir, password.NewGate(1).Verify, "alice", "correct")
		if err == nil || errors.Is(err, member.ErrRefused) || errors.Is(err, member.ErrUnknown) {
			t.Errorf("%s: got error %v, want one that is neither member.ErrRefused nor ErrUnknown", name, err)
			continue
		}
		if strings.Contains(err.Error(), "alice") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %q holds a value", name, err)
		}
	}
}

const (
	bcryptHash = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	scryptHash = "$scrypt$ln=1,r=8,p=1$c2FsdHNhbHQ$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"
)

// wantCost fails unless a refused login checks one hash, and that differs from want only in its
// sum.
func wantCost(t *testing.T, dir member.Directory, usercode, want string) {
	t.Helper()
	cost := func(hash string) string { return hash[:len(hash)-22] }
	var checked []string
	verify := func(_ context.Context, hash, _ string) (bool, error) {
		checked = append(checked, cost(hash))
		return false, nil
	}
	if _, err := member.Authenticate(t.Context(), dir, verify, usercode, "wrong"); err != member.ErrRefused {
		t.Errorf("%s: got error %v, want member.ErrRefused itself", usercode, err)
	}
	if got := strings.Join(checked, " and "); got != cost(want) {
		t.Errorf("%s: the hash checked begins with %s, want %s", usercode, got, cost(want))
	}
}

func TestAnUnknownMemberCostsAsMuchAsAWrongPassword(t *testing.T) {
	wantCost(t, onlyAlice, "bob", password.Decoy(""))
	_, file := loadedFile(t, "members:\n"+
		"- {usercode: alice, password_hash: '"+bcryptHash+"'}\n"+
		"- {usercode: carol, password_hash: '"+scryptHash+"'}\n")
	wantCost(t, file, "alice", bcryptHash)
	wantCost(t, file, "bob", bcryptHash) // the file's first
}

func TestAnUnknownMemberOfADatabaseCostsAsMuchAsTheLastKnownOne(t *testing.T) {
	s := newShop(t, engines[0], engines[0].exact)
	hashes := map[string]string{"alice": bcryptHash, "carol": scryptHash}
	for usercode, hash := range hashes {
		s.add(t, member.Account{Member: member.Member{UserCode: usercode}, PasswordHash: hash})
	}
	s.add(t, member.Account{Member: member.Member{UserCode: "dave"}}) // without a hash
	dir := open(t, s.options())
	wantCost(t, dir, "bob", password.Decoy("")) // while none is known
	for usercode, hash := range hashes {
		for _, each := range []string{usercode, "bob", "bob & bob", "dave"} {
			wantCost(t, dir, each, hash)
		}
	}
}

// TestAMemberIsFoundByADecomposedUsercode: macOS writes Korean letters in parts.
func TestAMemberIsFoundByADecomposedUsercode(t *testing.T) {
	const composed, decomposed = "회원", "\u1112\u116c\u110b\u116f\u11ab"
	dir := directoryFunc(func(usercode string) (member.Account, error) {
		if usercode != composed {
			return member.Account{}, member.ErrUnknown
		}
		return member.Account{Member: member.Member{UserCode: composed}}, nil
	})
	fits := func(context.Context, string, string) (bool, error) { return true, nil }
	got, err := member.Authenticate(t.Context(), dir, fits, decomposed, "x")
	if err != nil || got.UserCode != composed {
		t.Errorf("got %q, %v, want the member's own usercode %q", got.UserCode, err, composed)
	}
}
