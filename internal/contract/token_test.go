package contract_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"ocsso/internal/contract"
)

// The key of the published example, and where the help center is.
const (
	key  = "7cf2828608274a49a3f06152b2188927"
	self = "http://127.0.0.1:8090"
)

func TestPublishedVector(t *testing.T) {
	got := contract.Verify(contract.CallAPI, key, contract.Fields{
		Service: "hangame", UserCode: "testusercode", UserName: "testUsername", Email: "test@email.com", Phone: "123456789",
		Time: "1660095873001", Token: "Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo=",
	})
	if !got.Valid || got.Cause != "" {
		t.Errorf("got %+v, want a valid token", got)
	}
	if want := "hangame&testusercode&testUsername&test@email.com&123456789&1660095873001"; got.Message != want {
		t.Errorf("message: got %q, want %q", got.Message, want)
	}
}

func TestVectorsOfTheVendorsAlgorithm(t *testing.T) {
	data, err := os.ReadFile("testdata/token.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Service, UserCode, UserName, Email, Phone, MemberNo, ReturnURL string
		Time                                                           int64
		Key                                                            contract.Key
		Token                                                          string
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 48 {
		t.Fatalf("got %d vectors, want 48 or more", len(vectors))
	}
	for i, v := range vectors {
		got := contract.Verify(contract.CallForm, v.Key, contract.Fields{
			Service: v.Service, UserCode: v.UserCode, UserName: v.UserName, Email: v.Email, Phone: v.Phone,
			MemberNo: v.MemberNo, ReturnURL: v.ReturnURL, Time: strconv.FormatInt(v.Time, 10), Token: v.Token,
		})
		if !got.Valid {
			t.Errorf("vector %d: message %q: got token %s, want %s", i, got.Message, got.Expected, v.Token)
		}
	}
}

// TestTheCauseOfAWrongToken signs as a mistaken integrator does, and sends the fields as he would.
func TestTheCauseOfAWrongToken(t *testing.T) {
	full := contract.Fields{
		Service: "hangame", UserCode: "alice", UserName: "홍길동", Email: "alice+1@example.com", Phone: "010-1234-5678",
		MemberNo: "M-1", ReturnURL: self + "/hangame/hc/?a=b", Time: "1772452800000",
	}
	short := contract.Fields{Service: "hangame", UserCode: "alice", UserName: "홍 길동", Phone: " ", Time: "1772452800000"}
	signed := func(f contract.Fields, message string) contract.Fields {
		f.Token = contract.Sign(key, message)
		return f
	}
	right := func(call contract.Call, f contract.Fields) contract.Fields {
		return signed(f, contract.Message(call, f))
	}
	changed := func(f contract.Fields, change func(*contract.Fields)) contract.Fields {
		change(&f)
		return f
	}
	recoded := func(encode func([]byte) string) contract.Fields {
		f := right(contract.CallForm, full)
		mac, err := base64.StdEncoding.DecodeString(f.Token)
		if err != nil {
			t.Fatal(err)
		}
		f.Token = encode(mac)
		return f
	}
	withPlus := full // a token with "+" in it
	for i := 0; !strings.Contains(withPlus.Token, "+"); i++ {
		withPlus.UserCode = strconv.Itoa(i)
		withPlus = right(contract.CallForm, withPlus)
	}
	tests := []struct {
		name   string
		call   contract.Call
		fields contract.Fields
		want   contract.Cause
	}{
		{"nothing wrong", contract.CallForm, right(contract.CallForm, full), ""},
		{"seconds signed, milliseconds sent", contract.CallAPI,
			signed(full, "hangame&alice&홍길동&alice+1@example.com&010-1234-5678&M-1&1772452800"), contract.CauseSeconds},
		{"milliseconds signed, seconds sent", contract.CallAPI,
			changed(right(contract.CallAPI, full), func(f *contract.Fields) { f.Time = "1772452800" }), contract.CauseSeconds},
		{"returnUrl signed in an api call", contract.CallAPI, right(contract.CallForm, full), contract.CauseReturnURLSigned},
		{"returnUrl signed in a link", contract.CallLink, right(contract.CallForm, full), contract.CauseReturnURLSigned},
		{"returnUrl signed in an api call but not sent", contract.CallAPI,
			changed(signed(full, contract.Message(contract.CallForm, changed(full, func(f *contract.Fields) { f.ReturnURL = self + "/hangame/hc/" }))),
				func(f *contract.Fields) { f.ReturnURL = "" }), contract.CauseReturnURLSigned},
		{"returnUrl sent in a form but not signed", contract.CallForm, right(contract.CallAPI, full), contract.CauseReturnURLUnsigned},
		{"absent fields signed as empty", contract.CallAPI, signed(short, "hangame&alice&홍 길동&&&&1772452800000"), contract.CauseBlankSigned},
		{"one blank signed as it stands", contract.CallAPI, signed(short, "hangame&alice&홍 길동& &1772452800000"), contract.CauseBlankSigned},
		{"absent fields signed as null", contract.CallAPI, signed(short, "hangame&alice&홍 길동&null&null&1772452800000"), contract.CauseBlankSigned},
		{"absent fields signed as undefined", contract.CallAPI, signed(short, "hangame&alice&홍 길동&undefined&1772452800000"), contract.CauseBlankSigned},
		{"the token's + not encoded", contract.CallForm,
			changed(withPlus, func(f *contract.Fields) { f.Token = strings.ReplaceAll(f.Token, "+", " ") }), contract.CausePlusLost},
		{"a field's + not encoded", contract.CallForm,
			changed(right(contract.CallForm, full), func(f *contract.Fields) { f.Email = "alice 1@example.com" }), contract.CausePlusLost},
		{"one value encoded as encodeURIComponent does", contract.CallAPI,
			signed(full, "hangame&alice&%ED%99%8D%EA%B8%B8%EB%8F%99&alice+1@example.com&010-1234-5678&M-1&1772452800000"), contract.CausePercentEncoded},
		{"every value encoded in lower case", contract.CallAPI,
			signed(full, "hangame&alice&%ed%99%8d%ea%b8%b8%eb%8f%99&alice%2b1%40example.com&010-1234-5678&M-1&1772452800000"), contract.CausePercentEncoded},
		{"a space encoded as +", contract.CallAPI, signed(short, "hangame&alice&"+url.QueryEscape("홍 길동")+"&1772452800000"), contract.CausePercentEncoded},
		{"the whole message encoded", contract.CallAPI, signed(short, "hangame%26alice%26%ED%99%8D%20%EA%B8%B8%EB%8F%99%261772452800000"), contract.CausePercentEncoded},
		{"memberno after returnUrl", contract.CallForm,
			signed(full, "hangame&alice&홍길동&alice+1@example.com&010-1234-5678&"+full.ReturnURL+"&M-1&1772452800000"), contract.CauseOrder},
		{"time first", contract.CallAPI, signed(short, "1772452800000&hangame&alice&홍 길동"), contract.CauseOrder},
		{"memberno left out", contract.CallAPI,
			signed(full, "hangame&alice&홍길동&alice+1@example.com&010-1234-5678&1772452800000"), contract.CauseMemberNoUnsigned},
		{"a newline behind a value", contract.CallAPI, signed(short, "hangame&alice\n&홍 길동&1772452800000"), contract.CauseSpaces},
		{"the key with a newline", contract.CallAPI,
			changed(short, func(f *contract.Fields) {
				f.Token = contract.Sign(key+"\n", contract.Message(contract.CallAPI, short))
			}), contract.CauseKeySpaces},
		{"two mistakes", contract.CallAPI, signed(short, "alice&hangame&홍 길동&1772452800"), contract.CauseKey}, // Explain tells them
		{"token in hex", contract.CallForm, recoded(hex.EncodeToString), contract.CauseEncoding},
		{"token in URL-safe Base64", contract.CallForm, recoded(base64.RawURLEncoding.EncodeToString), contract.CauseEncoding},
		{"another key", contract.CallForm,
			changed(full, func(f *contract.Fields) {
				f.Token = contract.Sign("another", contract.Message(contract.CallForm, full))
			}), contract.CauseKey},
		{"no token", contract.CallForm, full, contract.CauseKey},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := contract.Verify(test.call, key, test.fields, self+"/hangame/hc/")
			if got.Cause != test.want || got.Valid != (test.want == "") {
				t.Errorf("got valid %v, cause %q; want cause %q", got.Valid, got.Cause, test.want)
			}
		})
	}
}
