package member_test

import (
	"errors"
	"testing"

	"ocsso/internal/member"
	"ocsso/internal/member/membertest"
)

// TestTheExampleIsADirectory shows how to test your own member source.
func TestTheExampleIsADirectory(t *testing.T) {
	membertest.TestDirectory(t, func(t *testing.T, accounts []member.Account) member.Directory {
		var members []shopMember
		for _, a := range accounts {
			members = append(members, shopMember{a.UserCode, a.UserName, a.Email, a.Phone, a.MemberNo, a.PasswordHash})
		}
		api := startShop(members...)
		t.Cleanup(api.Close)
		return shopAPI{http: api.Client(), url: api.URL, key: "its-key"}
	})
}

func TestABrokenAPIIsNotAnUnknownMember(t *testing.T) {
	api := startShop()
	api.Close()
	_, err := shopAPI{http: api.Client(), url: api.URL}.Account(t.Context(), "kim")
	if err == nil || errors.Is(err, member.ErrUnknown) {
		t.Errorf("got error %v, want one that is not ErrUnknown", err)
	}
}
