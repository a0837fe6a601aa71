package memberdb

import (
	"errors"
	"strings"
	"testing"
)

func FuzzMasked(f *testing.F) {
	f.Add("cannot parse `user=kim password=open sesame`", "password=open sesame")
	f.Add("lookup ss%21word@db: no such host", "postgres://kim:pa@ss%2521word@db/shop")
	f.Add("비밀번호가 틀립니다", "kim:비밀번호@/")
	f.Fuzz(func(t *testing.T, text, dsn string) {
		got := Options{DSN: dsn}.masked(errors.New(text))
		for _, piece := range strings.Split(got, "…") {
			for i := 0; i+4 <= len(piece); i++ {
				if strings.Contains(dsn, piece[i:i+4]) {
					t.Errorf("%q has %q of the DSN %q", got, piece[i:i+4], dsn)
				}
			}
		}
	})
}
