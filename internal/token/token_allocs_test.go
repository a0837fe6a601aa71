//go:build !race

// The race detector makes sync.Pool forget on purpose.

package token_test

import (
	"testing"

	"ocsso/internal/token"
)

func TestSignAllocatesNothing(t *testing.T) {
	key, claims := published(t)
	if got := testing.AllocsPerRun(1000, func() { token.Sign(key, claims) }); got > 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
