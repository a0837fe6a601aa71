package simulator_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"ocsso/internal/simulator"
)

func TestPublishedVector(t *testing.T) {
	got := simulator.Verify(simulator.CallAPI, key, simulator.Fields{
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
		Key                                                            simulator.Key
		Token                                                          string
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 48 {
		t.Fatalf("got %d vectors, want 48 or more", len(vectors))
	}
	for i, v := range vectors {
		got := simulator.Verify(simulator.CallForm, v.Key, simulator.Fields{
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
	full := simulator.Fields{
		Service: "hangame", UserCode: "alice", UserName: "홍길동", Email: "alice+1@example.com", Phone: "010-1234-5678",
		MemberNo: "M-1", ReturnURL: self + "/hangame/hc/?a=b", Time: "1772452800000",
	}
	short := simulator.Fields{Service: "hangame", UserCode: "alice", UserName: "홍 길동", Phone: " ", Time: "1772452800000"}
	signed := func(f simulator.Fields, message string) simulator.Fields {
		f.Token = simulator.Sign(key, message)
		return f
	}
	right := func(call simulator.Call, f simulator.Fields) simulator.Fields {
		return signed(f, simulator.Message(call, f))
	}
	changed := func(f simulator.Fields, change func(*simulator.Fields)) simulator.Fields {
		change(&f)
		return f
	}
	recoded := func(encode func([]byte) string) simulator.Fields {
		f := right(simulator.CallForm, full)
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
		withPlus = right(simulator.CallForm, withPlus)
	}
	tests := []struct {
		name   string
		call   simulator.Call
		fields simulator.Fields
		want   simulator.Cause
	}{
		{"nothing wrong", simulator.CallForm, right(simulator.CallForm, full), ""},
		{"seconds signed, milliseconds sent", simulator.CallAPI,
			signed(full, "hangame&alice&홍길동&alice+1@example.com&010-1234-5678&M-1&1772452800"), simulator.CauseSeconds},
		{"milliseconds signed, seconds sent", simulator.CallAPI,
			changed(right(simulator.CallAPI, full), func(f *simulator.Fields) { f.Time = "1772452800" }), simulator.CauseSeconds},
		{"returnUrl signed in an api call", simulator.CallAPI, right(simulator.CallForm, full), simulator.CauseReturnURLSigned},
		{"returnUrl signed in a link", simulator.CallLink, right(simulator.CallForm, full), simulator.CauseReturnURLSigned},
		{"returnUrl signed in an api call but not sent", simulator.CallAPI,
			changed(signed(full, simulator.Message(simulator.CallForm, changed(full, func(f *simulator.Fields) { f.ReturnURL = self + "/hangame/hc/" }))),
				func(f *simulator.Fields) { f.ReturnURL = "" }), simulator.CauseReturnURLSigned},
		{"returnUrl sent in a form but not signed", simulator.CallForm, right(simulator.CallAPI, full), simulator.CauseReturnURLUnsigned},
		{"absent fields signed as empty", simulator.CallAPI, signed(short, "hangame&alice&홍 길동&&&&1772452800000"), simulator.CauseBlankSigned},
		{"one blank signed as it stands", simulator.CallAPI, signed(short, "hangame&alice&홍 길동& &1772452800000"), simulator.CauseBlankSigned},
		{"absent fields signed as null", simulator.CallAPI, signed(short, "hangame&alice&홍 길동&null&null&1772452800000"), simulator.CauseBlankSigned},
		{"absent fields signed as undefined", simulator.CallAPI, signed(short, "hangame&alice&홍 길동&undefined&1772452800000"), simulator.CauseBlankSigned},
		{"the token's + not encoded", simulator.CallForm,
			changed(withPlus, func(f *simulator.Fields) { f.Token = strings.ReplaceAll(f.Token, "+", " ") }), simulator.CausePlusLost},
		{"a field's + not encoded", simulator.CallForm,
			changed(right(simulator.CallForm, full), func(f *simulator.Fields) { f.Email = "alice 1@example.com" }), simulator.CausePlusLost},
		{"one value encoded as encodeURIComponent does", simulator.CallAPI,
			signed(full, "hangame&alice&%ED%99%8D%EA%B8%B8%EB%8F%99&alice+1@example.com&010-1234-5678&M-1&1772452800000"), simulator.CausePercentEncoded},
		{"every value encoded in lower case", simulator.CallAPI,
			signed(full, "hangame&alice&%ed%99%8d%ea%b8%b8%eb%8f%99&alice%2b1%40example.com&010-1234-5678&M-1&1772452800000"), simulator.CausePercentEncoded},
		{"a space encoded as +", simulator.CallAPI, signed(short, "hangame&alice&"+url.QueryEscape("홍 길동")+"&1772452800000"), simulator.CausePercentEncoded},
		{"the whole message encoded", simulator.CallAPI, signed(short, "hangame%26alice%26%ED%99%8D%20%EA%B8%B8%EB%8F%99%261772452800000"), simulator.CausePercentEncoded},
		{"memberno after returnUrl", simulator.CallForm,
			signed(full, "hangame&alice&홍길동&alice+1@example.com&010-1234-5678&"+full.ReturnURL+"&M-1&1772452800000"), simulator.CauseOrder},
		{"time first", simulator.CallAPI, signed(short, "1772452800000&hangame&alice&홍 길동"), simulator.CauseOrder},
		{"memberno left out", simulator.CallAPI,
			signed(full, "hangame&alice&홍길동&alice+1@example.com&010-1234-5678&1772452800000"), simulator.CauseMemberNoUnsigned},
		{"a newline behind a value", simulator.CallAPI, signed(short, "hangame&alice\n&홍 길동&1772452800000"), simulator.CauseSpaces},
		{"the key with a newline", simulator.CallAPI,
			changed(short, func(f *simulator.Fields) {
				f.Token = simulator.Sign(key+"\n", simulator.Message(simulator.CallAPI, short))
			}), simulator.CauseKeySpaces},
		{"two mistakes", simulator.CallAPI, signed(short, "alice&hangame&홍 길동&1772452800"), simulator.CauseKey}, // Explain tells them
		{"token in hex", simulator.CallForm, recoded(hex.EncodeToString), simulator.CauseEncoding},
		{"token in URL-safe Base64", simulator.CallForm, recoded(base64.RawURLEncoding.EncodeToString), simulator.CauseEncoding},
		{"another key", simulator.CallForm,
			changed(full, func(f *simulator.Fields) {
				f.Token = simulator.Sign("another", simulator.Message(simulator.CallForm, full))
			}), simulator.CauseKey},
		{"no token", simulator.CallForm, full, simulator.CauseKey},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := simulator.Verify(test.call, key, test.fields, self+"/hangame/hc/")
			if got.Cause != test.want || got.Valid != (test.want == "") {
				t.Errorf("got valid %v, cause %q; want cause %q", got.Valid, got.Cause, test.want)
			}
		})
	}
}
