package signing_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/signing"
)

// wrongToken is a row of testdata/explain.json, which testdata/explain.py makes.
type wrongToken struct {
	Name   string
	Call   signing.Call
	Fields map[string]any // text, or {"latin1": text} for bytes that are not UTF-8
	Key    signing.Key
	Other  []signing.Key
	Token  string
	Want   []signing.Cause
}

func wrongTokens(t *testing.T) (all []wrongToken) {
	t.Helper()
	data, err := os.ReadFile("testdata/explain.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 118 {
		t.Fatalf("got %d tokens, want 118 or more", len(all))
	}
	return all
}

func (w wrongToken) toExplain() signing.Case {
	values := map[string][]string{"token": {w.Token}}
	for name, value := range w.Fields {
		if bytes, ok := value.(map[string]any); ok {
			var text []byte
			for _, r := range bytes["latin1"].(string) {
				text = append(text, byte(r))
			}
			value = string(text)
		}
		values[name] = []string{value.(string)}
	}
	c := signing.Case{Call: w.Call, Key: w.Key, Fields: signing.ReadFields(values)}
	for _, key := range w.Other {
		c.OtherKeys = append(c.OtherKeys, signing.NamedKey{Name: "alpha.key", Key: key})
	}
	return c
}

func TestExplainNamesTheMistakesOfWrongTokens(t *testing.T) {
	for _, test := range wrongTokens(t) {
		t.Run(test.Name, func(t *testing.T) {
			t.Parallel()
			got := signing.Explain(t.Context(), test.toExplain())
			if diff := cmp.Diff(test.Want, causesOf(got)); diff != "" {
				t.Errorf("causes (-want +got):\n%s\n%s", diff, got.Text(signing.English))
			}
			if strings.Contains(got.Text(signing.English)+got.Text(signing.Korean)+got.Hint(signing.English), string(test.Key)) && test.Key != "" {
				t.Errorf("the key is shown:\n%s", got.Text(signing.English))
			}
		})
	}
}

func causesOf(e signing.Explanation) (causes []signing.Cause) {
	for _, m := range e.Mistakes {
		causes = append(causes, m.Cause)
	}
	return causes
}

// short has three values; the others are absent.
var short = signing.Fields{Service: "hangame", UserCode: "alice", Time: "1772452800001"}

func named(name string) signing.Fields {
	f := short
	f.UserName = name
	return f
}

func TestATokenOfTheContractIsRight(t *testing.T) {
	c := signing.Case{Call: signing.CallForm, Key: key, Fields: short}
	c.Fields.Token = "+m8C8PzYDgrnZcHyDlhb3aSlcIC/0mfh4hj93xCYyW8=" // by openssl
	if got := signing.Explain(t.Context(), c); !got.Right() {
		t.Errorf("got\n%swant it to be right", got.Text(signing.English))
	}
}

// TestAReturnURLThatWasNotSentMayHaveBeenSigned is for the help center, which knows its own pages.
func TestAReturnURLThatWasNotSentMayHaveBeenSigned(t *testing.T) {
	const home = "https://acme.oc.nhncloud.com/hangame/hc/"
	for call, want := range map[signing.Call]signing.Cause{
		signing.CallAPI: signing.CauseReturnURLSigned, signing.CallForm: "returnUrl signed but not sent",
	} {
		c := signing.Case{Call: call, Key: key, Fields: short, ReturnURLs: []string{"https://acme.oc.nhncloud.com/", home}}
		c.Fields.Token = tokenOf("hangame&alice&" + home + "&1772452800001")
		if diff := cmp.Diff([]signing.Cause{want}, causesOf(signing.Explain(t.Context(), c))); diff != "" {
			t.Errorf("%s: causes (-want +got):\n%s", call, diff)
		}
	}
}

func TestAWordForAnAbsentValueThatIsNotSignedIsNamed(t *testing.T) {
	for name, field := range map[string]func(*signing.Fields) *string{
		"memberno": func(f *signing.Fields) *string { return &f.MemberNo },
		"phone":    func(f *signing.Fields) *string { return &f.Phone },
	} {
		c := signing.Case{Call: signing.CallForm, Key: key, Fields: short}
		*field(&c.Fields) = "None"
		c.Fields.Token = tokenOf("hangame&alice&1772452800001")
		got := signing.Explain(t.Context(), c)
		want := []signing.Mistake{{Cause: "a word for an absent value sent", Fields: name}}
		if diff := cmp.Diff(want, got.Mistakes); diff != "" {
			t.Errorf("%s: mistakes (-want +got):\n%s", name, diff)
		}
	}
}

// TestASearchStopsWhenItsContextIsDone still names a single mistake.
func TestASearchStopsWhenItsContextIsDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := signing.Case{Call: signing.CallForm, Key: key, Fields: short}
	for message, want := range map[string]signing.Cause{
		"hangame&alice&1772452800":  signing.CauseSeconds,
		"hangame|alice|1772452800|": signing.CauseUnknown, // a pair
	} {
		c.Fields.Token = tokenOf(message)
		if diff := cmp.Diff([]signing.Cause{want}, causesOf(signing.Explain(ctx, c))); diff != "" {
			t.Errorf("%s: causes (-want +got):\n%s", message, diff)
		}
	}
}

func TestWhatIsOddAboutAValueIsSaid(t *testing.T) {
	with := func(name, value string) signing.Fields {
		return signing.ReadFields(map[string][]string{"service": {"hangame"}, "usercode": {"alice"}, "time": {"1772452800001"}, name: {value}})
	}
	for name, test := range map[string]struct {
		fields signing.Fields
		key    signing.Key
		want   []string
	}{
		"nothing":                {with("username", "홍 길동"), key, nil},
		"a family of emoji":      {with("username", "👨‍👩‍👧"), key, nil},
		"a + in an email":        {with("email", "a+1@example.com"), key, nil},
		"escapes in a returnUrl": {with("returnUrl", "https://x.test/?q=%ED%99%8D"), key, nil},
		"EUC-KR":                 {with("username", "\xb1\xe8\xb9\xce\xc1\xf6"), key, []string{"username: not UTF-8: the page or the form is in another encoding, such as EUC-KR; perhaps 김민지 was meant"}},
		"lost text":              {with("username", "\ufffd\ufffd"), key, []string{"username: has U+FFFD, which stands for text that was read in the wrong encoding and is lost"}},
		"mojibake":               {with("username", "í\u0099\u008d"), key, []string{"username: UTF-8 that was read in another encoding (mojibake); perhaps 홍 was meant", "username: has an unusual space or a control character"}},
		"percent escapes":        {with("username", "%EA%B9%80"), key, []string{"username: has percent escapes: it was percent-encoded twice, or not decoded; perhaps 김 was meant"}},
		"escapes of EUC-KR":      {with("username", "%B1%E8"), key, []string{"username: has percent escapes: it was percent-encoded twice, or not decoded"}},
		"an encoded returnUrl":   {with("returnUrl", "https%3A%2F%2Fx.test%2F"), key, []string{"returnUrl: has percent escapes: it was percent-encoded twice, or not decoded; perhaps https://x.test/ was meant", "returnUrl: no address with https:// or http:// in front"}},
		"HTML escapes":           {with("username", "A &amp; B"), key, []string{"username: has HTML escapes such as &amp;: it was escaped twice, or copied from a page's source; perhaps A & B was meant"}},
		"a +":                    {with("username", "홍+길동"), key, []string{"username: has a +, which may be a space that was not decoded; perhaps 홍 길동 was meant"}},
		"a + that was lost":      {with("email", "a 1@example.com"), key, []string{"email: has a space, which may be a + that was not sent as %2B; perhaps a+1@example.com was meant"}},
		"NFD":                    {with("username", "\u1112\u1169\u11bc"), key, []string{"username: decomposed Unicode (NFD), as macOS makes it"}},
		"full-width digits":      {with("phone", "０１０"), key, []string{"phone: has full-width characters"}},
		"a byte order mark":      {with("usercode", "\ufeffalice"), key, []string{"usercode: has a byte order mark (U+FEFF)"}},
		"a zero-width space":     {with("usercode", "alice\u200b"), key, []string{"usercode: has an invisible character, such as a zero-width space"}},
		"quotes":                 {with("usercode", `"alice"`), key, []string{"usercode: has quotes around it"}},
		"spaces at the ends":     {with("usercode", " alice"), key, []string{"usercode: has spaces at its ends"}},
		"a no-break space":       {with("username", "홍\u00a0길동"), key, []string{"username: has an unusual space or a control character"}},
		"null":                   {with("phone", "null"), key, []string{"phone: the word that a language prints for an absent value"}},
		"a URL for the service":  {with("service", "https://acme.oc.nhncloud.com"), key, []string{"service: a domain or a URL, not the id of a service"}},
		"commas in the time": {with("time", "1,772,452,800,001"), key, []string{
			"time: has commas, as Freemarker and other templates write numbers: write it as ${time?c}; perhaps 1772452800001 was meant",
			"time: not a whole number of milliseconds",
		}},
		"a date for the time":   {with("time", "2026-03-02"), key, []string{"time: not a whole number of milliseconds"}},
		"a long phone":          {with("phone", "010-1234-5678 ext. 1234"), key, []string{"phone: longer than its limit"}},
		"a key with a line end": {short, key + "\n", []string{"key: has an unusual space or a control character"}},
		"a key in quotes":       {short, `"` + key + `"`, []string{"key: has quotes around it"}},
	} {
		var got []string
		for _, remark := range signing.Explain(t.Context(), signing.Case{Call: signing.CallForm, Key: test.key, Fields: test.fields}).Remarks {
			got = append(got, remark.In(signing.English))
			if remark.In(signing.Korean) == remark.In(signing.English) {
				t.Errorf("%s: %q is not in Korean", name, remark.In(signing.Korean))
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: remarks (-want +got):\n%s", name, diff)
		}
	}
}

// TestExplainMarksTheFirstDifference has characters of width 0, 1 and 2.
func TestExplainMarksTheFirstDifference(t *testing.T) {
	emailed := func(name, email string) signing.Fields {
		f := named(name)
		f.Email = email
		return f
	}
	for name, test := range map[string]struct {
		fields signing.Fields
		token  string
		want   string
	}{
		"right": {short, tokenOf("hangame&alice&1772452800001"), `
right             the key gives this token for these fields
signed            hangame&alice&1772452800001
`},
		"seconds signed and sent": {signing.Fields{Service: "hangame", UserCode: "alice", Time: "1772452800"}, tokenOf("hangame&alice&1772452800"), `
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
namely            username
should be signed  hangame&alice&홍 길동&1772452800001
was signed        hangame&alice&홍+길동&1772452800001
                                  ^ first difference, at byte 17
`},
		"inside a character, a pair": {emailed("길", "긷"), tokenUnder(key+"\n", "hangame&alice&긷&길&1772452800001"), `
wrong             fields in another order
and               other spaces or a newline around the key
namely            \n
should be signed  hangame&alice&길&긷&1772452800001
was signed        hangame&alice&긷&길&1772452800001
                                ^ first difference, at byte 14
`},
		"invisible characters": {named("e\u0301\U0001F600\u3000"), tokenOf("hangame&alice&e\u0301\U0001F600\u3000\n&1772452800001"), `
look at           username: decomposed Unicode (NFD), as macOS makes it
look at           username: has full-width characters
look at           username: has spaces at its ends
wrong             other spaces around a value
namely            username: \n
should be signed  hangame&alice&` + "e\u0301" + `😀\u3000&1772452800001
was signed        hangame&alice&` + "e\u0301" + `😀\u3000\n&1772452800001
                                         ^ first difference, at byte 24
`},
		"another encoding": {short, strings.TrimSuffix(tokenOf("hangame&alice&1772452800001"), "="), `
wrong             token not in standard Base64
namely            Base64 without =
signed            hangame&alice&1772452800001 (right)
standard Base64   +m8C8PzYDgrnZcHyDlhb3aSlcIC/0mfh4hj93xCYyW8=
was sent          +m8C8PzYDgrnZcHyDlhb3aSlcIC/0mfh4hj93xCYyW8
                                                             ^ first difference, at byte 43
`},
		"no token": {short, "abc", `
wrong             not a signature
should be signed  hangame&alice&1772452800001
was signed        not known
`},
	} {
		t.Run(name, func(t *testing.T) {
			test.fields.Token = test.token
			got := signing.Explain(t.Context(), signing.Case{Call: signing.CallForm, Key: key, Fields: test.fields}).Text(signing.English)
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

func TestADifferenceIsCutBetweenCharacters(t *testing.T) {
	for _, test := range []struct{ a, b, before, midA, midB, after string }{
		{"a&b&c", "a&x&c", "a&", "b", "x", "&c"},
		{"길", "긷", "", "길", "긷", ""},
		{"x길y", "x긷y", "x", "길", "긷", "y"},
		{"각", "간", "", "각", "간", ""},
		{"a", "ab", "a", "", "b", ""},
		{"aa", "aaa", "aa", "", "a", ""},
		{"", "b", "", "", "b", ""},
	} {
		before, midA, midB, after := signing.Difference(test.a, test.b)
		if before != test.before || midA != test.midA || midB != test.midB || after != test.after {
			t.Errorf("%q, %q: got %q %q %q %q, want %+v", test.a, test.b, before, midA, midB, after, test)
		}
	}
}

func TestAnExplanationIsInKoreanToo(t *testing.T) {
	c := signing.Case{Call: signing.CallForm, Key: key, Fields: named("김민지")}
	c.Fields.Token = tokenUnder(key+"\n", "hangame&alice&%EA%B9%80%EB%AF%BC%EC%A7%80&1772452800001")
	got := signing.Explain(t.Context(), c)
	want := `잘못된 점         인코딩한 문자열에 서명함
구체적으로        username: encodeURIComponent
그리고            조직 Key 앞뒤의 공백이나 줄 바꿈이 다름
구체적으로        \n
서명할 문자열     hangame&alice&김민지&1772452800001
서명한 문자열     hangame&alice&%EA%B9%80%EB%AF%BC%EC%A7%80&1772452800001
                                ^ 처음 다른 곳, 14번째 바이트
`
	if diff := cmp.Diff(want, got.Text(signing.Korean)); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if want := "원래 문자열에 서명하고, 보낼 때만 퍼센트 인코딩하세요; 파일이나 폼에서 딸려 온 공백과 줄 바꿈 없이 콘솔에 보이는 Key를 그대로 쓰세요"; got.Hint(signing.Korean) != want {
		t.Errorf("hint: got %q, want %q", got.Hint(signing.Korean), want)
	}
	if want := "인코딩한 문자열에 서명함 (username: encodeURIComponent); 조직 Key 앞뒤의 공백이나 줄 바꿈이 다름 (\\n)"; got.Verdict(signing.Korean) != want {
		t.Errorf("verdict: got %q, want %q", got.Verdict(signing.Korean), want)
	}
}

// FuzzExplain looks for values that make it panic, or that it takes for a right token.
func FuzzExplain(f *testing.F) {
	f.Add("hangame", "alice", "홍 길동", "a+1@example.com", "010-1234-5678", "M-1", "https://x.test/?a=%20#b", "1772452800001", "dG9rZW4=", key)
	f.Add("", "", "\xff", "@", "+", "%", "http://[", "1.5e300", "%zz", "")
	f.Fuzz(func(t *testing.T, service, usercode, username, email, phone, memberno, returnURL, time, token, key string) {
		for _, call := range []signing.Call{signing.CallForm, signing.CallAPI} {
			got := signing.Explain(t.Context(), signing.Case{Call: call, Key: signing.Key(key), Fields: signing.Fields{
				Service: service, UserCode: usercode, UserName: username, Email: email, Phone: phone, MemberNo: memberno, ReturnURL: returnURL,
				Time: time, Token: token,
			}})
			if right := signing.Sign(signing.Key(key), got.Wanted) == token; got.Right() && !right {
				t.Errorf("got right, want it wrong")
			}
			if got.Text(signing.Korean) == "" || !got.Right() && (got.Verdict(signing.English) == "" || got.Hint(signing.Korean) == "") {
				t.Errorf("got an explanation without words: %+v", got)
			}
		}
	})
}

// BenchmarkAnUnknownMistake tries every pair.
func BenchmarkAnUnknownMistake(b *testing.B) {
	c := signing.Case{Call: signing.CallForm, Key: key, Fields: signing.Fields{
		Service: "hangame", UserCode: "alice", UserName: "홍 길동", Email: "alice+1@example.com", Phone: "010-1234-5678", MemberNo: "M-1",
		ReturnURL: "https://acme.oc.nhncloud.com/hangame/hc/ticket/?a=1&b=%ED%99%8D#top", Time: "1772452800001", Token: tokenUnder("another", "message"),
	}}
	for b.Loop() {
		if got := signing.Explain(b.Context(), c); !got.Unknown() {
			b.Fatalf("got %v, want an unknown mistake", got.Mistakes)
		}
	}
}
