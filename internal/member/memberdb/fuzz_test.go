package memberdb

import (
	"errors"
	"strings"
	"testing"
)

func FuzzMasked(f *testing.F) {
	f.Add("cannot parse `user=kim password=open sesame`", "open sesame")
	f.Add("lookup ss%21word@db: no such host", "pa@ss%2521word")
	f.Add("비밀번호가 틀립니다", "비밀번호")
	f.Fuzz(func(t *testing.T, text, password string) {
		got := secretsOf("postgres://kim:"+password+"@db/shop", password, true).mask(errors.New(text))
		for _, piece := range strings.Split(got, "…") {
			for i := 0; i+4 <= len(piece); i++ {
				if strings.Contains(password, piece[i:i+4]) {
					t.Errorf("%q has %q of the password %q", got, piece[i:i+4], password)
				}
			}
		}
	})
}
