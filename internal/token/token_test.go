package token_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"ocsso/internal/secret"
	"ocsso/internal/token"
)

// vector is a token computed by the vendor's algorithm in Java.
type vector struct {
	Service, UserCode, UserName, Email, Phone, MemberNo, ReturnURL string
	Time                                                           int64
	Key, Token                                                     string
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	published := vector{
		Service: "hangame", UserCode: "testusercode", UserName: "testUsername", Email: "test@email.com", Phone: "123456789",
		Time: 1660095873001, Key: "7cf2828608274a49a3f06152b2188927", Token: "Ah9M58CQ9RFTShjFuqziQr+0MjmJxN6+bzWxMD71moo=",
	}
	return append(list, published)
}

func (v vector) claims() token.Claims {
	return token.Claims{
		Service: v.Service, ReturnURL: v.ReturnURL, Time: v.Time,
		Member: token.Member{UserCode: v.UserCode, UserName: v.UserName, Email: v.Email, Phone: v.Phone, MemberNo: v.MemberNo},
	}
}

func TestSignMatchesTheVendor(t *testing.T) {
	list := vectors(t)
	if got, want := len(list), 49; got != want {
		t.Fatalf("got %d vectors, want %d", got, want)
	}
	for i, v := range list {
		if got := token.Sign(secret.New(v.Key), v.claims()); got != v.Token {
			t.Errorf("vector %d, %+v: got %s, want %s", i, v, got, v.Token)
		}
	}
}

func TestMessageLeavesBlankFieldsOut(t *testing.T) {
	for _, test := range []struct {
		claims token.Claims
		want   string
	}{
		{token.Claims{Service: "s", Member: token.Member{UserCode: "u"}, Time: 1}, "s&u&1"},
		{token.Claims{Service: "s", Member: token.Member{UserCode: "u", UserName: " \t\u3000", MemberNo: "m"}, Time: 1}, "s&u&m&1"},
		{token.Claims{Service: "s", Member: token.Member{UserCode: "u", UserName: " n ", Email: "e", Phone: "p", MemberNo: "m"}, ReturnURL: "r", Time: 1}, "s&u& n &e&p&m&r&1"},
		{token.Claims{Time: 1}, "&&1"}, // service, usercode and time are always in
	} {
		if got := test.claims.Message(); got != test.want {
			t.Errorf("message of %+v: got %q, want %q", test.claims, got, test.want)
		}
	}
}

// TestBlankIsJavas lists where Java's Character.isWhitespace and Go's unicode.IsSpace part ways,
// and the rest of Java's.
func TestBlankIsJavas(t *testing.T) {
	java := "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"
	if !token.Blank(java) || !token.Blank("") {
		t.Error("Java's whitespace, and the empty string: got not blank, want blank")
	}
	for r := range rune(0x10000) {
		if got, want := token.Blank(string(r)), strings.ContainsRune(java, r); got != want && utf8.ValidRune(r) {
			t.Errorf("%U: got blank %v, want %v", r, got, want)
		}
	}
	if token.Blank(" a ") {
		t.Error("got blank, want not: there is a letter")
	}
}

func TestCheckField(t *testing.T) {
	for _, test := range []struct {
		field token.Field
		value string
		want  string // "" for no error
	}{
		{token.FieldUserCode, "member-1", ""},
		{token.FieldUserCode, "", "usercode is missing"},
		{token.FieldUserCode, "\u3000 ", "usercode is missing"},
		{token.FieldService, "", "service is missing"},
		{token.FieldEmail, "", ""},
		{token.FieldUserCode, strings.Repeat("가", 50), ""},
		{token.FieldUserCode, strings.Repeat("가", 51), "usercode has 51 characters, of at most 50"},
		{token.FieldMemberNo, strings.Repeat("😀", 25), ""},
		{token.FieldMemberNo, strings.Repeat("😀", 25) + "1", "memberno has 51 characters, of at most 50"},
		{token.FieldEmail, strings.Repeat("e", 101), "email has 101 characters, of at most 100"},
		{token.FieldPhone, strings.Repeat("1", 21), "phone has 21 characters, of at most 20"},
		{token.FieldUserName, "홍 & Sons\t", ""}, // replaced before signing
		{token.FieldUserName, strings.Repeat("n", 51), "username has 51 characters, of at most 50"},
		{token.FieldUserCode, "alice&x", `usercode has a "&", which separates the signed fields`},
		{token.FieldService, "s&t", `service has a "&", which separates the signed fields`},
		{token.FieldEmail, "a&b@example.com", `email has a "&", which separates the signed fields`},
		{token.FieldPhone, "1&2", `phone has a "&", which separates the signed fields`},
		{token.FieldMemberNo, "1&2", `memberno has a "&", which separates the signed fields`},
		{token.FieldPhone, "1\n2", "phone has a control character"},
		{token.FieldUserCode, "a\u0085", "usercode has a control character"},
		{token.FieldUserName, "\xff", "username is not valid UTF-8"},
	} {
		got := ""
		if err := token.CheckField(test.field, test.value); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.field, test.value, got, test.want)
		}
	}
}

func TestCheckFieldRefusesAUserCodeThatLooksLikeAnother(t *testing.T) {
	for _, test := range []struct{ name, usercode, want string }{
		{"a space inside", "kim lee", ""},
		{"Korean and a digit", "회원 1", ""},
		{"as macOS writes 회원", "\u1112\u116c\u110b\u116f\u11ab", ""},
		{"an accent", "caf\u00e9", ""},
		{"an emoji", "😀", ""},
		{"a space before", " kim", "begins with a space (U+0020)"},
		{"a space behind", "kim ", "ends with a space (U+0020)"},
		{"a no-break space", "kim\u00a0", "ends with a space (U+00A0)"},
		{"an ideographic space", "\u3000kim", "begins with a space (U+3000)"},
		{"not blank in Java", "\u2007", "begins with a space (U+2007)"},
		{"a narrow no-break space", "kim\u202f", "ends with a space (U+202F)"},
		{"a line separator", "kim\u2028", "ends with a space (U+2028)"},
		{"zero-width space", "k\u200bim", "has the invisible character U+200B as character 2"},
		{"zero-width joiner", "회원\u200d", "has the invisible character U+200D as character 3"},
		{"a file's byte order mark", "\ufeffkim", "has the invisible character U+FEFF as character 1"},
		{"soft hyphen", "k\u00adim", "has the invisible character U+00AD as character 2"},
		{"word joiner", "k\u2060im", "has the invisible character U+2060 as character 2"},
		{"left-to-right mark", "\u200ekim", "has the invisible character U+200E as character 1"},
		{"right-to-left override", "\u202emik", "has the invisible character U+202E as character 1"},
		{"end of an isolate", "kim\u2069", "has the invisible character U+2069 as character 4"},
		{"Arabic letter mark", "kim\u061c", "has the invisible character U+061C as character 4"},
		{"variation selector", "kim\ufe0f", "has the invisible character U+FE0F as character 4"},
		{"another one", "kim\U000e0101", "has the invisible character U+E0101 as character 4"},
		{"tag", "kim\U000e0061", "has the invisible character U+E0061 as character 4"},
		{"grapheme joiner", "kim\u034f", "has the invisible character U+034F as character 4"},
		{"Hangul filler", "\u3164", "has the invisible character U+3164 as character 1"},
		{"another one", "kim\u115f", "has the invisible character U+115F as character 4"},
		{"Mongolian vowel separator", "kim\u180e", "has the invisible character U+180E as character 4"},
		{"from a decoder", "k\ufffdim", "has U+FFFD as character 2: the real character was lost before"},
		{"before a decoder", "kim\xff", "is not valid UTF-8"},
		{"a lone surrogate's bytes", "kim\xed\xa0\x80", "is not valid UTF-8"},
		{"one too many", strings.Repeat("가", 50) + "\u200b", "has 51 characters, of at most 50"},
	} {
		got := ""
		if err := token.CheckField(token.FieldUserCode, test.usercode); err != nil {
			got = err.Error()
		}
		want := test.want
		if want != "" {
			want = "usercode " + want
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", test.name, got, want)
		}
	}
	for _, field := range []token.Field{token.FieldUserName, token.FieldEmail, token.FieldPhone, token.FieldMemberNo} {
		if err := token.CheckField(field, " 👨\u200d👩\u200d👧 "); err != nil {
			t.Errorf("an emoji between spaces in %s: got %v, want no error: it tells nobody apart", field, err)
		}
	}
}

// FuzzMessage holds what the signature binds (CONTRACT 12): for claims that CheckField lets
// through, service and usercode are the message's first two parts and time is its last, whatever
// the other fields are.
func FuzzMessage(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Service, v.UserCode, v.UserName, v.Email, v.Phone, v.MemberNo, v.Time)
	}
	f.Fuzz(func(t *testing.T, service, usercode, username, email, phone, memberno string, time int64) {
		c := token.Claims{Service: service, Member: token.Member{UserCode: usercode, UserName: username, Email: email, Phone: phone, MemberNo: memberno}, Time: time}
		for field, value := range map[token.Field]string{
			token.FieldService: service, token.FieldUserCode: usercode, token.FieldUserName: username,
			token.FieldEmail: email, token.FieldPhone: phone, token.FieldMemberNo: memberno,
		} {
			if token.CheckField(field, value) != nil {
				return
			}
		}
		parts := strings.Split(c.Message(), "&")
		if got := parts[0]; got != service {
			t.Errorf("first part: got %q, want %q", got, service)
		}
		if got := parts[1]; got != usercode {
			t.Errorf("second part: got %q, want %q", got, usercode)
		}
		if got, want := parts[len(parts)-1], fmt.Sprint(time); got != want {
			t.Errorf("last part: got %q, want %q", got, want)
		}
	})
}
