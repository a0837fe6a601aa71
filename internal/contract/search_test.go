package contract

import (
	"crypto/sha256"
	"testing"
)

// TestASearchStopsAtItsLimit has many spaces to change: pairs have millions of variants.
func TestASearchStopsAtItsLimit(t *testing.T) {
	const many = " 홍 +길동 "
	fields := Fields{
		Service: many, UserCode: many, UserName: many, Email: many, Phone: many, MemberNo: many, ReturnURL: many, Time: "1772452800000",
	}
	look := search{mac: make([]byte, sha256.Size), left: 10_000}
	contract := signing{parts: signed(CallForm, fields), separator: "&", hash: sha256.New()}
	if causes, _, found := look.try(contract, mistakes("key", nil), maxCauses); found || look.left != 0 {
		t.Errorf("got causes %v, %d signings left; want no causes and none left", causes, look.left)
	}
}
