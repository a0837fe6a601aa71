package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
	"ocsso/internal/devtools/signing"
	"ocsso/internal/token"
)

// A signedMember is a member's fields with the token that both signers must compute: the server's
// and the vendor's, which share no code.
type signedMember struct {
	Service, UserCode, UserName, Email, Phone, MemberNo, ReturnURL string
	Time                                                           int64
	Key, Token                                                     string
}

// vendorVectors are 48 tokens computed by the vendor's algorithm in Java, and the published
// example.
func vendorVectors(t testing.TB) []signedMember {
	t.Helper()
	data, err := os.ReadFile("../../internal/token/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []signedMember
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	list = append(list, signedMember{
		Service: "hangame", UserCode: "testusercode", UserName: "testUsername", Email: "test@email.com", Phone: "123456789",
		Time: 1660095873001, Key: "7cf2828608274a49a3f06152b2188927", Token: "Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo=",
	})
	if got, want := len(list), 49; got != want {
		t.Fatalf("got %d vectors, want %d", got, want)
	}
	return list
}

// byServer returns the token that the server sends.
func (m signedMember) byServer() string {
	return token.Sign(token.NewKey(m.Key), token.Claims{
		Service: m.Service, ReturnURL: m.ReturnURL, Time: m.Time,
		Member: token.Member{UserCode: m.UserCode, UserName: m.UserName, Email: m.Email, Phone: m.Phone, MemberNo: m.MemberNo},
	})
}

// byVendor returns the token that the help center expects.
func (m signedMember) byVendor() string {
	return signing.Sign(signing.Key(m.Key), signing.Message(signing.CallForm, signing.Fields{
		Service: m.Service, UserCode: m.UserCode, UserName: m.UserName, Email: m.Email, Phone: m.Phone,
		MemberNo: m.MemberNo, ReturnURL: m.ReturnURL, Time: strconv.FormatInt(m.Time, 10),
	}))
}

func TestSignersAgreeOnTheVendorsVectors(t *testing.T) {
	for i, m := range vendorVectors(t) {
		if got := m.byServer(); got != m.Token {
			t.Errorf("vector %d, server: got %s, want %s", i, got, m.Token)
		}
		if got := m.byVendor(); got != m.Token {
			t.Errorf("vector %d, vendor: got %s, want %s", i, got, m.Token)
		}
	}
}

// FuzzSignersAgree looks for fields that the server signs and the help center would refuse.
func FuzzSignersAgree(f *testing.F) {
	for _, m := range vendorVectors(f) {
		f.Add(m.Service, m.UserCode, m.UserName, m.Email, m.Phone, m.MemberNo, m.ReturnURL, m.Time, m.Key)
	}
	f.Fuzz(func(t *testing.T, service, usercode, username, email, phone, memberno, returnURL string, time int64, key string) {
		m := signedMember{
			Service: service, UserCode: usercode, UserName: username, Email: email, Phone: phone,
			MemberNo: memberno, ReturnURL: returnURL, Time: time, Key: key,
		}
		if got, want := m.byServer(), m.byVendor(); got != want {
			t.Errorf("got %s from the server, want %s, which the vendor expects", got, want)
		}
	})
}

func TestTheExitCodeOfExplainIsItsVerdict(t *testing.T) {
	environment := &clitest.Environment{Values: map[string]string{keyVariable: "7cf2828608274a49a3f06152b2188927"}}
	for token, want := range map[string]int{
		"Sh/8sq7JPB8FYL4/86BZyRzqKjNsVbzXcVxS3OwA8/c=": 0, // right
		"HGoyTfMvETpYySQM1hg4Wy1yd5H0JmyhOIDZYq/t5/g=": cli.ExitFailed,
		"": cli.ExitUsage,
	} {
		_, _, got := clitest.RunCommand(t, "ocdev", run, environment,
			"token", "explain", "--service", "hangame", "--usercode", "alice", "--time", "1660095873001", "--token", token)
		if got != want {
			t.Errorf("token %q: got exit code %d, want %d", token, got, want)
		}
	}
}

// TestExplainAsksForWhatTheSignerMayHaveUsed is for the vendor's sample, which writes lower-case hex
// and signs a returnUrl in an api call.
func TestExplainAsksForWhatTheSignerMayHaveUsed(t *testing.T) {
	environment := &clitest.Environment{Values: map[string]string{keyVariable: "7cf2828608274a49a3f06152b2188927"}}
	sample := []string{"token", "explain", "--lang", "en", "--handoff", "api", "--service", "hangame", "--usercode", "alice", "--time", "1660095873001",
		"--token", "79fcd254768151d0d1209e53bad4dd29cd004ba2f286bb638373be20545240d8"}
	_, stderr, _ := clitest.RunCommand(t, "ocdev", run, environment, sample...)
	for _, want := range []string{"--return-url", "--also-key-file"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("without a returnUrl: got %q, want it to name %s", stderr, want)
		}
	}
	stdout, _, _ := clitest.RunCommand(t, "ocdev", run, environment, append(sample, "--return-url", "https://acme.oc.nhncloud.com/hangame/hc/")...)
	for _, want := range []string{"returnUrl signed in an api call", "token not in standard Base64", "&https://acme.oc.nhncloud.com/hangame/hc/&"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("with it: got\n%swant %q in it", stdout, want)
		}
	}
}
