package member

import (
	"errors"
	"strings"
	"testing"

	"ocsso/internal/password"
)

func FuzzFile(f *testing.F) {
	const hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$c3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3Vtc3U"
	for _, seed := range []string{
		"",
		"members: []",
		"members: &a [*a]",
		"members:\n- usercode: kim\n  password_hash: " + hash + "\n",
		"members:\n- &k {usercode: kim, password_hash: " + hash + ", username: '김 & 이'}\n- *k\n",
		"members: [{usercode: \"a\\u0000\", password_hash: x, phone: 010, email: ~}]",
		"members:\n- <<: {usercode: kim}\n",
		"\xff\xfem\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		content, err := parse("m.yaml", data)
		if err != nil {
			return
		}
		if len(content.accounts) == 0 {
			t.Error("a file without members loads")
		}
		if err := password.CheckHash(content.decoyHash); err != nil {
			t.Errorf("the work for an unknown member can't be done: %v", err)
		}
		for usercode, account := range content.accounts {
			if account.UserCode != usercode {
				t.Errorf("%q is filed under %q", account.UserCode, usercode)
			}
			if err := account.Validate(); err != nil {
				t.Errorf("a member that loads is not valid: %v", err)
			}
			if err := password.CheckHash(account.PasswordHash); err != nil {
				t.Errorf("a hash that loads can't be checked: %v", err)
			}
		}
	})
}

func FuzzMasked(f *testing.F) {
	f.Add("cannot parse `user=kim password=open sesame`", "password=open sesame")
	f.Add("lookup ss%21word@db: no such host", "postgres://kim:pa@ss%2521word@db/shop")
	f.Add("비밀번호가 틀립니다", "kim:비밀번호@/")
	f.Fuzz(func(t *testing.T, text, dsn string) {
		got := SQLOptions{DSN: dsn}.masked(errors.New(text))
		for _, piece := range strings.Split(got, "…") {
			for i := 0; i+4 <= len(piece); i++ {
				if strings.Contains(dsn, piece[i:i+4]) {
					t.Errorf("%q has %q of the DSN %q", got, piece[i:i+4], dsn)
				}
			}
		}
	})
}
