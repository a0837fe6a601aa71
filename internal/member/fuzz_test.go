package member

import (
	"testing"
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
		file, err := ParseFile("m.yaml", data)
		if err != nil {
			return
		}
		if len(file.accounts) == 0 {
			t.Error("a file without members loads")
		}
		for usercode, account := range file.accounts {
			if account.UserCode != usercode {
				t.Errorf("%q is filed under %q", account.UserCode, usercode)
			}
			if err := account.Validate(); err != nil {
				t.Errorf("a member that loads is not valid: %v", err)
			}
			if _, err := parseHash(account.PasswordHash); err != nil {
				t.Errorf("a hash that loads can't be checked: %v", err)
			}
		}
	})
}
