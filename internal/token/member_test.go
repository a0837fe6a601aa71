package token_test

import (
	"errors"
	"strings"
	"testing"

	"ocsso/internal/token"
)

func TestSendableLeavesOutWhatTheHelpCenterCannotTake(t *testing.T) {
	kim := token.Member{UserCode: "kim", UserName: "김철수", Email: "kim@example.com", Phone: "01012345678", MemberNo: "1001"}
	changed := func(change func(*token.Member)) token.Member {
		m := kim
		change(&m)
		return m
	}
	for name, test := range map[string]struct {
		m, want token.Member
		left    string
	}{
		"everything fits": {kim, kim, ""},
		"an awkward name": {token.Member{UserCode: "o'brien", UserName: "O'Brien & Sons 😀 <b>"}, token.Member{UserCode: "o'brien", UserName: "O'Brien & Sons 😀 <b>"}, ""},
		"only a usercode": {token.Member{UserCode: "kim"}, token.Member{UserCode: "kim"}, ""},
		"a phone of 27 characters": {
			changed(func(m *token.Member) { m.Phone = "+82 (0)10-1234-5678 ext. 12" }),
			changed(func(m *token.Member) { m.Phone = "" }), "phone has 27 characters, of at most 20",
		},
		"an & in the email": {
			changed(func(m *token.Member) { m.Email = "r&d@example.com" }),
			changed(func(m *token.Member) { m.Email = "" }), `email has a "&", which separates the signed fields`,
		},
		"a line break in the member number": {
			changed(func(m *token.Member) { m.MemberNo = "10\n01" }),
			changed(func(m *token.Member) { m.MemberNo = "" }), "memberno has a control character",
		},
		"a name of 60 characters": {
			changed(func(m *token.Member) { m.UserName = strings.Repeat("가", 60) }),
			changed(func(m *token.Member) { m.UserName = strings.Repeat("가", 50) }), "username has 60 characters, of at most 50",
		},
		"a name with half a pair at the limit": {
			changed(func(m *token.Member) { m.UserName = "n" + strings.Repeat("😀", 25) }),
			changed(func(m *token.Member) { m.UserName = "n" + strings.Repeat("😀", 24) }), "username has 51 characters, of at most 50",
		},
		"a name with a family at the limit": {
			changed(func(m *token.Member) { m.UserName = strings.Repeat("n", 40) + "👨\u200d👩\u200d👧\u200d👦" }),
			changed(func(m *token.Member) { m.UserName = strings.Repeat("n", 40) }), "username has 51 characters, of at most 50",
		},
		"a name with an accent at the limit": {
			changed(func(m *token.Member) { m.UserName = strings.Repeat("n", 49) + "e\u0301" }),
			changed(func(m *token.Member) { m.UserName = strings.Repeat("n", 49) }), "username has 51 characters, of at most 50",
		},
		"a name in parts of letters": {
			changed(func(m *token.Member) { m.UserName = strings.Repeat("\u1112\u1161\u11ab", 17) }),
			changed(func(m *token.Member) { m.UserName = strings.Repeat("\u1112\u1161\u11ab", 16) }), "username has 51 characters, of at most 50",
		},
		"a name that is cp949": {
			changed(func(m *token.Member) { m.UserName = strings.Repeat("\xb1\xe8", 60) }),
			changed(func(m *token.Member) { m.UserName = "" }), "username is not valid UTF-8",
		},
		"all at once": {
			token.Member{UserCode: "kim", UserName: strings.Repeat("n", 51), Email: "\t", Phone: "&", MemberNo: "\xff"},
			token.Member{UserCode: "kim", UserName: strings.Repeat("n", 50)},
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
			if again, left, err := got.Sendable(); again != got || left != nil || err != nil {
				t.Errorf("what is left has a fault: %v, %v", left, err)
			}
		})
	}
}

func TestSendableRefusesAUserCode(t *testing.T) {
	for _, usercode := range []string{"", " ", "alice&x", "alice\x00", "alice\xff", strings.Repeat("가", 51)} {
		got, left, err := token.Member{UserCode: usercode, Phone: "&"}.Sendable()
		var fault *token.FieldError
		if !errors.As(err, &fault) || fault.Field != token.FieldUserCode {
			t.Errorf("%q: got error %v, want a FieldError of usercode", usercode, err)
		}
		if got != (token.Member{}) || left != nil {
			t.Errorf("%q: got %+v and %v beside the error, want nothing", usercode, got, left)
		}
	}
}
