package contract_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/contract"
)

// explainFields has a value for every field, with a space and a "+" among them.
var explainFields = contract.Fields{
	Service: "hangame", UserCode: "alice", UserName: "홍 길동", Email: "alice+1@example.com", Phone: "010-1234-5678",
	MemberNo: "M-1", ReturnURL: "https://acme.oc.nhncloud.com/hangame/hc/", Time: "1772452800001",
}

const (
	formMessage = "hangame&alice&홍 길동&alice+1@example.com&010-1234-5678&M-1&https://acme.oc.nhncloud.com/hangame/hc/&1772452800001"
	apiMessage  = "hangame&alice&홍 길동&alice+1@example.com&010-1234-5678&M-1&1772452800001"
)

// macOf makes the signature without the code under test.
func macOf(key, message string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

func tokenOf(message string) string { return tokenUnder(key, message) }

func hashOf(message string, encode func([]byte) string) string {
	sum := sha256.Sum256([]byte(message))
	return encode(sum[:])
}

func tokenUnder(key, message string) string {
	return base64.StdEncoding.EncodeToString(macOf(key, message))
}

// swapped replaces texts in the message of the api call: old, new, old, new.
func swapped(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(apiMessage) }

// withPlus returns fields whose token contains a "+", and that token.
func withPlus() (contract.Fields, string) {
	f := explainFields
	for !strings.Contains(f.Token, "+") {
		f.Phone += "1"
		f.Token = tokenOf(swapped(explainFields.Phone, f.Phone))
	}
	token := f.Token
	f.Token = ""
	return f, token
}

func TestExplainNamesTheMistake(t *testing.T) {
	blank := explainFields
	blank.Phone = " "
	blankSigned := func(phone string) string { return tokenOf(swapped("010-1234-5678", phone)) }
	untrimmed := explainFields
	untrimmed.UserName = " 홍길동 "
	seconds := explainFields
	seconds.Time = "1772452800"
	short := contract.Fields{Service: "hangame", UserCode: "alice", UserName: "홍 길동", Phone: " ", Time: "1772452800001"}
	shortSigned := func(between string) string { return tokenOf("hangame&alice&홍 길동&" + between + "1772452800001") }
	emailWithSpace := explainFields
	emailWithSpace.Email = "alice 1@example.com"
	plus, plusToken := withPlus()
	spaceForPlus := plus
	spaceForPlus.Email = "alice 1@example.com"

	for name, test := range map[string]struct {
		call   contract.Call
		fields contract.Fields
		token  string
		want   []contract.Cause
	}{
		"nothing wrong in a form":           {contract.CallForm, explainFields, tokenOf(formMessage), nil},
		"nothing wrong in an api call":      {contract.CallAPI, explainFields, tokenOf(apiMessage), nil},
		"seconds signed":                    {contract.CallAPI, explainFields, tokenOf(swapped("800001", "800")), causes(contract.CauseSeconds)},
		"seconds sent":                      {contract.CallAPI, seconds, tokenOf(swapped("800001", "800000")), causes(contract.CauseSeconds)},
		"seconds signed and sent":           {contract.CallAPI, seconds, tokenOf(swapped("800001", "800")), causes(contract.CauseSeconds)},
		"returnUrl signed in an api call":   {contract.CallAPI, explainFields, tokenOf(formMessage), causes(contract.CauseReturnURLSigned)},
		"returnUrl signed in a link":        {contract.CallLink, explainFields, tokenOf(formMessage), causes(contract.CauseReturnURLSigned)},
		"returnUrl not signed in a form":    {contract.CallForm, explainFields, tokenOf(apiMessage), causes(contract.CauseReturnURLUnsigned)},
		"memberno left out":                 {contract.CallAPI, explainFields, tokenOf(swapped("M-1&", "")), causes(contract.CauseMemberNoUnsigned)},
		"a blank signed as it is":           {contract.CallAPI, blank, blankSigned(" "), causes(contract.CauseBlankSigned)},
		"a blank signed as empty":           {contract.CallAPI, blank, blankSigned(""), causes(contract.CauseBlankSigned)},
		"a blank signed as null":            {contract.CallAPI, blank, blankSigned("null"), causes(contract.CauseBlankSigned)},
		"absent fields signed as empty":     {contract.CallAPI, short, shortSigned("&&&"), causes(contract.CauseBlankSigned)},
		"one of several blanks signed":      {contract.CallAPI, short, shortSigned(" &"), causes(contract.CauseBlankSigned)},
		"absent fields signed as null":      {contract.CallAPI, short, shortSigned("null&null&"), causes(contract.CauseBlankSigned)},
		"absent fields signed as undefined": {contract.CallAPI, short, shortSigned("undefined&"), causes(contract.CauseBlankSigned)},
		"a value trimmed":                   {contract.CallAPI, untrimmed, tokenOf(swapped("홍 길동", "홍길동")), causes(contract.CauseSpaces)},
		"a value not trimmed":               {contract.CallAPI, explainFields, tokenOf(swapped("alice&", "alice &")), causes(contract.CauseSpaces)},
		"a value with a line end":           {contract.CallAPI, explainFields, tokenOf(swapped("M-1", "M-1\r\n")), causes(contract.CauseSpaces)},
		"a space signed as +":               {contract.CallAPI, explainFields, tokenOf(swapped("홍 길동", "홍+길동")), causes(contract.CausePlusLost)},
		"a + signed as a space":             {contract.CallAPI, explainFields, tokenOf(swapped("alice+1", "alice 1")), causes(contract.CausePlusLost)},
		"a field's + sent as a space":       {contract.CallForm, emailWithSpace, tokenOf(formMessage), causes(contract.CausePlusLost)},
		"the token's + sent as a space":     {contract.CallAPI, plus, strings.ReplaceAll(plusToken, "+", " "), causes(contract.CausePlusLost)},
		"every + sent as a space":           {contract.CallAPI, spaceForPlus, strings.ReplaceAll(plusToken, "+", " "), causes(contract.CausePlusLost)},
		"one value percent-encoded":         {contract.CallAPI, explainFields, tokenOf(swapped("alice+1@", "alice%2B1%40")), causes(contract.CausePercentEncoded)},
		"one value encoded as a form does":  {contract.CallAPI, explainFields, tokenOf(swapped("홍 길동", "%ED%99%8D+%EA%B8%B8%EB%8F%99")), causes(contract.CausePercentEncoded)},
		"one value encoded in lower case":   {contract.CallAPI, explainFields, tokenOf(swapped("홍 길동", "%ed%99%8d%20%ea%b8%b8%eb%8f%99")), causes(contract.CausePercentEncoded)},
		"every value encoded in lower case": {contract.CallAPI, explainFields, tokenOf(swapped("홍 길동", "%ed%99%8d%20%ea%b8%b8%eb%8f%99", "@", "%40", "+", "%2b")), causes(contract.CausePercentEncoded)},
		"the whole message percent-encoded": {contract.CallAPI, explainFields, tokenOf(swapped("홍 길동", "%ED%99%8D%20%EA%B8%B8%EB%8F%99", "&", "%26", "@", "%40", "+", "%2B")), causes(contract.CausePercentEncoded)},
		"memberno after returnUrl":          {contract.CallForm, explainFields, tokenOf(strings.Replace(formMessage, "M-1&"+explainFields.ReturnURL, explainFields.ReturnURL+"&M-1", 1)), causes(contract.CauseOrder)},
		"another order":                     {contract.CallAPI, explainFields, tokenOf("1772452800001&" + strings.TrimSuffix(apiMessage, "&1772452800001")), causes(contract.CauseOrder)},
		"hex for Base64":                    {contract.CallAPI, explainFields, hex.EncodeToString(macOf(key, apiMessage)), causes(contract.CauseEncoding)},
		"upper-case hex":                    {contract.CallAPI, explainFields, strings.ToUpper(hex.EncodeToString(macOf(key, apiMessage))), causes(contract.CauseEncoding)},
		"Base64 of hex":                     {contract.CallAPI, explainFields, base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(macOf(key, apiMessage)))), causes(contract.CauseEncoding)},
		"unpadded Base64":                   {contract.CallAPI, explainFields, strings.TrimRight(tokenOf(apiMessage), "="), causes(contract.CauseEncoding)},
		"URL-safe Base64":                   {contract.CallAPI, plus, strings.NewReplacer("+", "-", "/", "_").Replace(plusToken), causes(contract.CauseEncoding)},
		"Base64 with a newline":             {contract.CallAPI, explainFields, tokenOf(apiMessage) + "\n", causes(contract.CauseEncoding)},
		"a percent-encoded token":           {contract.CallAPI, explainFields, strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(tokenOf(apiMessage)), causes(contract.CauseEncoding)},
		"the key with a newline":            {contract.CallAPI, explainFields, tokenUnder(key+"\n", apiMessage), causes(contract.CauseKeySpaces)},
		"the key's text decoded from hex":   {contract.CallAPI, explainFields, tokenUnder("\x7c\xf2\x82\x86\x08\x27\x4a\x49\xa3\xf0\x61\x52\xb2\x18\x89\x27", apiMessage), causes(contract.CauseKeyHex)},
		"SHA-256 without a key":             {contract.CallAPI, explainFields, hashOf(apiMessage, base64.StdEncoding.EncodeToString), causes(contract.CauseNoKey)},
		"another key":                       {contract.CallAPI, explainFields, tokenUnder("another", apiMessage), causes(contract.CauseKey)},
		"another key, and seconds":          {contract.CallAPI, seconds, tokenUnder("another", apiMessage), causes(contract.CauseSeconds, contract.CauseKey)},
		"something that is not a token":     {contract.CallAPI, explainFields, "abc", causes(contract.CauseKey)},
		"no token":                          {contract.CallAPI, explainFields, "", causes(contract.CauseKey)},
		"seconds sent, in another order":    {contract.CallAPI, seconds, tokenOf("1772452800&" + strings.TrimSuffix(apiMessage, "&1772452800001")), causes(contract.CauseSeconds, contract.CauseOrder)},
		"three mistakes":                    {contract.CallAPI, explainFields, hashOf(swapped("800001", "800", "M-1&", ""), base64.StdEncoding.EncodeToString), causes(contract.CauseKey)},
	} {
		t.Run(name, func(t *testing.T) {
			test.fields.Token = test.token
			got := contract.Explain(test.call, key, test.fields)
			if diff := cmp.Diff(test.want, got.Causes); diff != "" {
				t.Errorf("causes (-want +got):\n%s", diff)
			}
			if right := len(test.want) == 0; got.Right() != right || (got.Hint() == "") != right {
				t.Errorf("got right %v, hint %q; want right %v, and a hint when it is not", got.Right(), got.Hint(), right)
			}
		})
	}
}

func causes(list ...contract.Cause) []contract.Cause { return list }

func TestExplainFindsThatTheKeyWasTrimmed(t *testing.T) {
	f := explainFields
	f.Token = tokenOf(apiMessage)
	got := contract.Explain(contract.CallAPI, key+" ", f)
	if diff := cmp.Diff(causes(contract.CauseKeySpaces), got.Causes); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
}

func TestExplainNamesTwoMistakes(t *testing.T) {
	blank := explainFields
	blank.Phone = ""
	plus, plusToken := withPlus()
	reversed := "1772452800001&M-1&010-1234-5678&alice+1@example.com&홍 길동&alice&hangame"
	allEncoded := []string{"홍 길동", "%ED%99%8D%20%EA%B8%B8%EB%8F%99", "@", "%40", "+", "%2B"}

	for name, test := range map[string]struct {
		call   contract.Call
		fields contract.Fields
		token  string
		want   []contract.Cause
	}{
		"seconds, and returnUrl signed":      {contract.CallAPI, explainFields, tokenOf(strings.Replace(formMessage, "800001", "800", 1)), causes(contract.CauseSeconds, contract.CauseReturnURLSigned)},
		"seconds, and returnUrl not signed":  {contract.CallForm, explainFields, tokenOf(swapped("800001", "800")), causes(contract.CauseSeconds, contract.CauseReturnURLUnsigned)},
		"seconds, and a blank":               {contract.CallAPI, blank, tokenOf(swapped("800001", "800", "010-1234-5678", "")), causes(contract.CauseSeconds, contract.CauseBlankSigned)},
		"seconds, and in hex":                {contract.CallAPI, explainFields, hex.EncodeToString(macOf(key, swapped("800001", "800"))), causes(contract.CauseSeconds, contract.CauseEncoding)},
		"seconds, and another order":         {contract.CallAPI, explainFields, tokenOf(strings.Replace(reversed, "800001", "800", 1)), causes(contract.CauseSeconds, contract.CauseOrder)},
		"seconds, and percent-encoded":       {contract.CallAPI, explainFields, tokenOf(swapped(append(allEncoded, "800001", "800")...)), causes(contract.CauseSeconds, contract.CausePercentEncoded)},
		"returnUrl signed and encoded":       {contract.CallAPI, explainFields, tokenOf(strings.NewReplacer(":", "%3A", "/", "%2F").Replace(formMessage)), causes(contract.CauseReturnURLSigned, contract.CausePercentEncoded)},
		"returnUrl and memberno not signed":  {contract.CallForm, explainFields, tokenOf(swapped("M-1&", "")), causes(contract.CauseReturnURLUnsigned, contract.CauseMemberNoUnsigned)},
		"memberno left out, and a blank":     {contract.CallAPI, blank, tokenOf(swapped("M-1&", "", "010-1234-5678", "null")), causes(contract.CauseMemberNoUnsigned, contract.CauseBlankSigned)},
		"memberno left out, and URL-safe":    {contract.CallAPI, explainFields, base64.RawURLEncoding.EncodeToString(macOf(key, swapped("M-1&", ""))), causes(contract.CauseMemberNoUnsigned, contract.CauseEncoding)},
		"a newline, and a + for a space":     {contract.CallAPI, explainFields, tokenOf(swapped("홍 길동", "홍+길동", "M-1", "M-1\n")), causes(contract.CauseSpaces, contract.CausePlusLost)},
		"a blank, and a key with a newline":  {contract.CallAPI, blank, tokenUnder(key+"\n", swapped("010-1234-5678", "")), causes(contract.CauseBlankSigned, contract.CauseKeySpaces)},
		"percent-encoded, and key from hex":  {contract.CallAPI, explainFields, tokenUnder("\x7c\xf2\x82\x86\x08\x27\x4a\x49\xa3\xf0\x61\x52\xb2\x18\x89\x27", swapped(allEncoded...)), causes(contract.CausePercentEncoded, contract.CauseKeyHex)},
		"percent-encoded, in another order":  {contract.CallAPI, explainFields, tokenOf(strings.NewReplacer(allEncoded...).Replace(reversed)), causes(contract.CausePercentEncoded, contract.CauseOrder)},
		"no key, and in hex":                 {contract.CallAPI, explainFields, hashOf(apiMessage, hex.EncodeToString), causes(contract.CauseNoKey, contract.CauseEncoding)},
		"no key, and another order":          {contract.CallAPI, explainFields, hashOf(reversed, base64.StdEncoding.EncodeToString), causes(contract.CauseNoKey, contract.CauseOrder)},
		"key with a newline, another order":  {contract.CallAPI, explainFields, tokenUnder(key+"\n", reversed), causes(contract.CauseKeySpaces, contract.CauseOrder)},
		"another order, and in hex":          {contract.CallAPI, explainFields, hex.EncodeToString(macOf(key, reversed)), causes(contract.CauseOrder, contract.CauseEncoding)},
		"the token's + lost, and no padding": {contract.CallAPI, plus, strings.TrimRight(strings.ReplaceAll(plusToken, "+", " "), "="), causes(contract.CausePlusLost, contract.CauseEncoding)},
	} {
		t.Run(name, func(t *testing.T) {
			test.fields.Token = test.token
			got := contract.Explain(test.call, key, test.fields)
			if diff := cmp.Diff(test.want, got.Causes); diff != "" {
				t.Errorf("causes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExplainMarksTheFirstDifference has characters of width 0, 1 and 2.
func TestExplainMarksTheFirstDifference(t *testing.T) {
	short := contract.Fields{Service: "hangame", UserCode: "alice", Time: "1772452800001"}
	named := func(name string) contract.Fields {
		f := short
		f.UserName = name
		return f
	}
	emailed := func(name, email string) contract.Fields {
		f := named(name)
		f.Email = email
		return f
	}
	for name, test := range map[string]struct {
		fields contract.Fields
		token  string
		want   string
	}{
		"right": {short, tokenOf("hangame&alice&1772452800001"), `
right             the key gives this token for these fields
signed            hangame&alice&1772452800001
`},
		"seconds signed and sent": {contract.Fields{Service: "hangame", UserCode: "alice", Time: "1772452800"}, tokenOf("hangame&alice&1772452800"), `
wrong             seconds for milliseconds
should be signed  hangame&alice&1772452800000
was signed        hangame&alice&1772452800
                                          ^ first difference, at byte 24
`},
		"after Korean": {named("홍길동"), tokenOf("hangame&alice&홍길동&1772452800"), `
wrong             seconds for milliseconds
should be signed  hangame&alice&홍길동&1772452800001
was signed        hangame&alice&홍길동&1772452800
                                                 ^ first difference, at byte 34
`},
		"among Korean": {named("홍 길동"), tokenOf("hangame&alice&홍+길동&1772452800001"), `
wrong             + lost to a space
should be signed  hangame&alice&홍 길동&1772452800001
was signed        hangame&alice&홍+길동&1772452800001
                                  ^ first difference, at byte 17
`},
		"inside a character": {emailed("길", "긷"), tokenOf("hangame&alice&긷&길&1772452800001"), `
wrong             fields in another order
should be signed  hangame&alice&길&긷&1772452800001
was signed        hangame&alice&긷&길&1772452800001
                                ^ first difference, at byte 14
`},
		"invisible characters": {named("e\u0301\U0001F600\u3000"), tokenOf("hangame&alice&e\u0301\U0001F600\u3000\n&1772452800001"), `
wrong             other spaces around a value
should be signed  hangame&alice&` + "e\u0301" + `😀\u3000&1772452800001
was signed        hangame&alice&` + "e\u0301" + `😀\u3000\n&1772452800001
                                         ^ first difference, at byte 24
`},
		"invalid UTF-8": {named("\xff"), tokenOf("hangame&alice&\xff\n&1772452800001"), `
wrong             other spaces around a value
should be signed  hangame&alice&\xff&1772452800001
was signed        hangame&alice&\xff\n&1772452800001
                                    ^ first difference, at byte 15
`},
		"another encoding": {short, strings.TrimSuffix(tokenOf("hangame&alice&1772452800001"), "="), `
wrong             token not in standard Base64
signed            hangame&alice&1772452800001 (right)
standard Base64   +m8C8PzYDgrnZcHyDlhb3aSlcIC/0mfh4hj93xCYyW8=
was sent          +m8C8PzYDgrnZcHyDlhb3aSlcIC/0mfh4hj93xCYyW8
                                                             ^ first difference, at byte 43
`},
		"another key": {short, tokenUnder("another", "hangame&alice&1772452800001"), `
wrong             another key
should be signed  hangame&alice&1772452800001
was signed        not known
`},
		"no token": {short, "abc", `
wrong             not a signature
should be signed  hangame&alice&1772452800001
was signed        not known
`},
	} {
		t.Run(name, func(t *testing.T) {
			test.fields.Token = test.token
			got := contract.Explain(contract.CallForm, key, test.fields).String()
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}
