package contract_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/contract"
)

// The key of the published example, and the help center's origin. The key looks like hex, as the
// vendor's keys do.
const (
	key  = "7cf2828608274a49a3f06152b2188927"
	self = "http://127.0.0.1:8090"
)

func TestThePublishedExampleIsValid(t *testing.T) {
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

func TestTokensOfTheVendorsAlgorithmAreValid(t *testing.T) {
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

// TestVerifyNamesOneMistake leaves pairs of mistakes, and most single ones, to the tests of
// Explain.
func TestVerifyNamesOneMistake(t *testing.T) {
	sent := explainFields
	sent.ReturnURL = ""
	home := self + "/hangame/hc/"
	signed := strings.Replace(apiMessage, "M-1&", "M-1&"+home+"&", 1)
	for name, test := range map[string]struct {
		token string
		want  contract.Cause
	}{
		"nothing wrong":                    {tokenOf(apiMessage), ""},
		"seconds signed":                   {tokenOf(swapped("800001", "800")), contract.CauseSeconds},
		"a returnUrl signed, but not sent": {tokenOf(signed), contract.CauseReturnURLSigned},
		"token in hex":                     {hex.EncodeToString(macOf(key, apiMessage)), contract.CauseEncoding},
		"two mistakes":                     {tokenOf(swapped("800001", "800", "M-1&", "")), contract.CauseKey},
		"another key":                      {tokenUnder("another", apiMessage), contract.CauseKey},
		"no token":                         {"", contract.CauseKey},
	} {
		sent.Token = test.token
		got := contract.Verify(contract.CallAPI, key, sent, self+"/", home)
		want := contract.Verdict{
			Valid: test.want == "", Message: apiMessage, Expected: tokenOf(apiMessage), Received: test.token, Cause: test.want,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: verdict (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheKeyPrintsAsAMask(t *testing.T) {
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "key", contract.Key(key))
	printed := log.String() + contract.Key(key).String() + contract.Key(key).GoString()
	if strings.Contains(printed, key) {
		t.Errorf("got %q, want no key in it", printed)
	}
}
