package signing_test

import (
	"strconv"
	"testing"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/secret"
	"ocsso/internal/token"
)

// FuzzSignersAgree looks for fields that the server signs and the help center would refuse. The two
// signers share no code. Each has the vendor's vectors in a test of its own.
func FuzzSignersAgree(f *testing.F) {
	f.Add("hangame", "testusercode", "testUsername", "test@email.com", "123456789", "", "", int64(1660095873001), key)
	f.Add("shop", "김민지", "O'Brien & Sons 😀", " ", "\t", "회원-0001", "https://acme.oc.nhncloud.com/shop/hc/?a=b&c", int64(-1), "")
	f.Fuzz(func(t *testing.T, service, usercode, username, email, phone, memberno, returnURL string, time int64, key string) {
		got := token.Sign(secret.New(key), token.Claims{
			Service: service, ReturnURL: returnURL, Time: time,
			Member: token.Member{UserCode: usercode, UserName: username, Email: email, Phone: phone, MemberNo: memberno},
		})
		want := signing.Sign(signing.Key(key), signing.Message(signing.CallForm, signing.Fields{
			Service: service, UserCode: usercode, UserName: username, Email: email, Phone: phone,
			MemberNo: memberno, ReturnURL: returnURL, Time: strconv.FormatInt(time, 10),
		}))
		if got != want {
			t.Errorf("got %s from the server, want %s, which the vendor expects", got, want)
		}
	})
}
