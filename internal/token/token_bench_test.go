package token_test

import (
	"testing"

	"ocsso/internal/token"
)

// published are the fields of the vendor's example.
func published(t testing.TB) (token.Key, token.Claims) {
	list := vectors(t)
	v := list[len(list)-1]
	return token.NewKey(v.Key), v.claims()
}

func BenchmarkSign(b *testing.B) {
	key, claims := published(b)
	b.ReportAllocs()
	for b.Loop() {
		token.Sign(key, claims)
	}
}
