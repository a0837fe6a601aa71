package signing_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"

	"ocsso/internal/devtools/signing"
)

// The key of the published example, and the help center's origin. The key looks like hex, as the
// vendor's keys do.
const (
	key  = "7cf2828608274a49a3f06152b2188927"
	self = "http://127.0.0.1:8090"
)

func TestThePublishedExampleIsValid(t *testing.T) {
	example := signing.Fields{
		Service: "hangame", UserCode: "testusercode", UserName: "testUsername", Email: "test@email.com", Phone: "123456789",
		Time: "1660095873001", Token: "Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo=",
	}
	if !signing.Verify(signing.CallAPI, key, example) {
		t.Error("got a wrong token, want a valid one")
	}
	want := "hangame&testusercode&testUsername&test@email.com&123456789&1660095873001"
	if got := signing.Message(signing.CallAPI, example); got != want {
		t.Errorf("message: got %q, want %q", got, want)
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
		Key                                                            signing.Key
		Token                                                          string
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 48 {
		t.Fatalf("got %d vectors, want 48 or more", len(vectors))
	}
	for i, v := range vectors {
		f := signing.Fields{
			Service: v.Service, UserCode: v.UserCode, UserName: v.UserName, Email: v.Email, Phone: v.Phone,
			MemberNo: v.MemberNo, ReturnURL: v.ReturnURL, Time: strconv.FormatInt(v.Time, 10), Token: v.Token,
		}
		if !signing.Verify(signing.CallForm, v.Key, f) {
			t.Errorf("vector %d: message %q: got a wrong token, want %s", i, signing.Message(signing.CallForm, f), v.Token)
		}
	}
}

func TestTheKeyPrintsAsAMask(t *testing.T) {
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "key", signing.Key(key))
	printed := log.String() + signing.Key(key).String() + signing.Key(key).GoString()
	if strings.Contains(printed, key) {
		t.Errorf("got %q, want no key in it", printed)
	}
}

// tokenOf and tokenUnder make tokens without the code under test.
func tokenOf(message string) string { return tokenUnder(key, message) }

func tokenUnder(key, message string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestVerifyComparesTheWholeToken(t *testing.T) {
	fields := signing.Fields{Service: "hangame", UserCode: "alice", Time: "1772452800001"}
	const message = "hangame&alice&1772452800001"
	for _, token := range []string{tokenOf(message), tokenOf(message) + "\n", tokenUnder("another", message), ""} {
		fields.Token = token
		want := token == tokenOf(message)
		if got := signing.Verify(signing.CallAPI, key, fields); got != want {
			t.Errorf("token %q: got %t, want %t", token, got, want)
		}
	}
}
