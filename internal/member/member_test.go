package member

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ocsso/internal/password"
	"ocsso/internal/token"
)

func TestValidateNamesEveryFieldTheHelpCenterCannotTake(t *testing.T) {
	err := Member{
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

func TestValidateTakes(t *testing.T) {
	for name, m := range map[string]Member{
		"only a usercode":    {UserCode: "alice"},
		"an awkward name":    {UserCode: "o'brien", UserName: "O'Brien & Sons 😀 <b>"},
		"fields to the hilt": {UserCode: strings.Repeat("가", 50), UserName: strings.Repeat("😀", 25), Email: strings.Repeat("e", 100), Phone: strings.Repeat("1", 20), MemberNo: strings.Repeat("9", 50)},
	} {
		if err := m.Validate(); err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
		}
	}
}

func TestValidateWantsAUserCode(t *testing.T) {
	for _, usercode := range []string{"", " ", "\u3000\t"} {
		err := Member{UserCode: usercode, UserName: "Alice"}.Validate()
		var fieldError *token.FieldError
		if !errors.As(err, &fieldError) || fieldError.Field != token.FieldUserCode {
			t.Errorf("usercode %q gives %v, want a FieldError of usercode", usercode, err)
		}
	}
}

// directoryFunc is a Directory for tests.
type directoryFunc func(usercode string) (Account, error)

func (f directoryFunc) Account(_ context.Context, usercode string) (Account, error) {
	return f(usercode)
}

// onlyAlice knows alice alone.
var onlyAlice = directoryFunc(func(usercode string) (Account, error) {
	if usercode != "alice" {
		return Account{}, ErrUnknown
	}
	return Account{Member{UserCode: "alice", UserName: "Alice"}, "$alice$"}, nil
})

func TestAuthenticate(t *testing.T) {
	for _, test := range []struct {
		name, usercode, password string
		want                     error
	}{
		{"the right password", "alice", " correct ", nil},
		{"a wrong password", "alice", "correct", ErrRefused},
		{"an unknown member", "bob", "correct", ErrRefused},
		{"an unknown member and a decoy that matches", "bob", "decoy", ErrRefused},
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
			got, err := Authenticate(t.Context(), onlyAlice, verify, test.usercode, test.password)
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			want := Member{}
			if test.want == nil {
				want = Member{UserCode: "alice", UserName: "Alice"}
			}
			if got != want {
				t.Errorf("got member %q, want %q", got.UserCode, want.UserCode)
			}
		})
	}
}

func TestADirectoryOutOfOrderIsNoRefusal(t *testing.T) {
	outage := errors.New("no connection")
	for name, dir := range map[string]directoryFunc{
		"an outage":    func(string) (Account, error) { return Account{}, outage },
		"no hash":      func(string) (Account, error) { return Account{Member: Member{UserCode: "alice"}}, nil },
		"another hash": func(string) (Account, error) { return Account{Member{UserCode: "alice"}, "$2a$10$secret"}, nil },
	} {
		_, err := Authenticate(t.Context(), dir, password.NewGate(1).Verify, "alice", "correct")
		if err == nil || errors.Is(err, ErrRefused) || errors.Is(err, ErrUnknown) {
			t.Errorf("%s: got error %v, want one that is neither ErrRefused nor ErrUnknown", name, err)
			continue
		}
		if strings.Contains(err.Error(), "alice") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %q holds a value", name, err)
		}
	}
}
