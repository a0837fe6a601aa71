package member_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"ocsso/internal/member"
)

func TestAFieldOfNobodyIsLeftOut(t *testing.T) {
	names := member.Names{UserCode: "id", UserName: "name", Email: "email", Phone: "phone", Guests: member.Guests{"null", "guest", "${...}"}}
	got, left, err := names.InJSON([]byte(`{"id":"kim","name":"Guest","email":"null","phone":"${user.phone}"}`))
	if want := (member.Member{UserCode: "kim", UserName: "Guest"}); got != want || err != nil || len(left) != 2 {
		t.Errorf("got %+v, left %v, and error %v, want %+v", got, left, err, want)
	}
}

func TestWhatVerifiesAnEmail(t *testing.T) {
	for _, yes := range []any{
		true, "true", "True", 1, int64(1), json.Number("1"), "1", "Y", "yes", " on ", "t", "VERIFIED", "\x01", // of MySQL's BIT
		"2026-11-30 05:00:00", "2026-11-30T05:00:00.123+09:00", "2026-11-30T05:00:00Z", 1700000000, // when it was, as Laravel keeps it
	} {
		if !member.Verified(yes) {
			t.Errorf("%#v: got false, want true", yes)
		}
	}
	for _, no := range []any{
		nil, false, "false", "False", "FALSE", 0, json.Number("0"), json.Number("0.0"), "0", "", " ", "N", "no", "off", "f", "null", "None", "undefined",
		"pending", "unverified", "2 mails sent", -1, "\x00", "0000-00-00 00:00:00", time.Time{}, map[string]any{}, []any{}, map[string]any{"verified": true},
	} {
		if member.Verified(no) {
			t.Errorf("%#v: got true, want false", no)
		}
	}
}

// TestAnUnverifiedEmailIsLeftOut: with it, the help center would put a member's inquiries under
// somebody else.
func TestAnUnverifiedEmailIsLeftOut(t *testing.T) {
	kakao := member.Names{UserCode: "id", Email: "account.email", EmailVerified: []string{"account.is_email_verified", "account.is_email_valid"}}
	for account, verified := range map[string]bool{
		`"is_email_verified":true,"is_email_valid":true`:      true,
		`"is_email_verified":1,"is_email_valid":"Y"`:          true,
		`"is_email_verified":false,"is_email_valid":true`:     false,
		`"is_email_verified":true,"is_email_valid":"false"`:   false,
		`"is_email_verified":0,"is_email_valid":true`:         false,
		`"is_email_verified":null,"is_email_valid":true`:      false,
		`"is_email_verified":true`:                            false,
		`"is_email_verified":{"a":1},"is_email_valid":[true]`: false,
	} {
		got, left, err := kakao.InJSON(fmt.Appendf(nil, `{"id":7,"account":{"email":"kim@example.com",%s}}`, account))
		want := member.Member{UserCode: "7"}
		if verified {
			want.Email = "kim@example.com"
		}
		if got != want || err != nil || (len(left) == 0) != verified {
			t.Errorf("%s: got %+v, left %v, and error %v, want %+v", account, got, left, err, want)
		}
	}
	kakao.UserCode = kakao.Email
	if got, _, err := kakao.InJSON([]byte(`{"account":{"email":"kim@example.com","is_email_verified":false}}`)); err == nil {
		t.Errorf("as the usercode: got %+v, want an error", got)
	}
	if got, left, err := kakao.InJSON([]byte(`{"account":{}}`)); got != (member.Member{}) || left != nil || err != nil {
		t.Errorf("without an email: got %+v, %v, %v, want nobody", got, left, err)
	}
}
