package paste

import (
	"strings"
	"testing"
)

const key = "b6f1d9c07a5e4382"

func TestWhatCopyingPutsAroundASecretIsNamedWithItsPlace(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"as it is", key, ""},
		{"straight quotes", `"` + key + `"`, "has quotes around it"},
		{"single quotes", `'` + key + `'`, "has quotes around it"},
		{"a quote at one end", key + `"`, "has U+0022 as character 17 of 17"},
		{"typographic quotes", "“" + key + "”", "has quotes around it"},
		{"a typographic quote at the end", key + "’", "has quotes around it"},
		{"a backtick of Markdown", "`" + key + "`", "has quotes around it"},
		{"a variable", "KEY=" + key, "begins with a name"},
		{"an exported variable", "export KEY=" + key, "begins with a name"},
		{"PowerShell", "$env:KEY='" + key + "'", "begins with a name"},
		{"cmd", "set KEY=" + key, "begins with a name"},
		{"YAML", "organization_key: " + key, "begins with a name"},
		{"JSON", `"key":"` + key + `"`, "begins with a name"},
		{"a space before it", " " + key, "has a space before or behind it"},
		{"a space behind it", key + " ", "has a space before or behind it"},
		{"a space in it", key[:8] + " " + key[8:], "has U+0020 as character 9 of 17"},
		{"a no-break space", key + "\u00a0", "has U+00A0 as character 17 of 17"},
		{"a narrow no-break space", key[:1] + "\u202f" + key[1:], "has U+202F as character 2 of 17"},
		{"an ideographic space", key + "\u3000", "has U+3000 as character 17 of 17"},
		{"a zero-width space", key[:8] + "\u200b" + key[8:], "has U+200B as character 9 of 17"},
		{"a byte order mark", "\ufeff" + key, "has U+FEFF as character 1 of 17"},
		{"a word joiner", key + "\u2060", "has U+2060 as character 17 of 17"},
		{"a soft hyphen", key[:3] + "\u00ad" + key[3:], "has U+00AD as character 4 of 17"},
		{"a bidirectional mark", "\u200e" + key, "has U+200E as character 1 of 17"},
		{"a bidirectional isolate", "\u2066" + key, "has U+2066 as character 1 of 17"},
		{"a Hangul filler", key + "\u3164", "has U+3164 as character 17 of 17"},
		{"a variation selector", key + "\ufe0f", "has U+FE0F as character 17 of 17"},
		{"an empty Braille letter", key + "\u2800", "has U+2800 as character 17 of 17"},
		{"a tag character", key + "\U000e0041", "has U+E0041 as character 17 of 17"},
		{"a line separator", key + "\u2028", "has U+2028 as character 17 of 17"},
		{"a tab", key + "\t", "has U+0009 as character 17 of 17"},
		{"a newline", key + "\n", "has U+000A as character 17 of 17"},
		{"a carriage return", key + "\r", "has U+000D as character 17 of 17"},
		{"another control character", key + "\x7f", "has U+007F as character 17 of 17"},
		{"what bad text was decoded to", key + "\ufffd", "has U+FFFD as character 17 of 17"},
		{"full-width letters", "ｂ６" + key[2:], "has a full-width character, U+FF42 as character 1 of 16"},
		{"a Cyrillic letter", "Ь" + key[1:], "has a character that is not ASCII, U+042C as character 1 of 16"},
		{"a comma of a list", key + ",", "has a sign that is not part of it"},
		{"a semicolon of a program", key + ";", "has a sign that is not part of it"},
		{"a full stop", key + ".", "has a sign that is not part of it"},
		{"brackets", "[" + key + "]", "has a sign that is not part of it"},
		{"Markdown", "**" + key + "**", "has a sign that is not part of it"},
		{"half a variable", "=" + key, "has a sign that is not part of it"},
		{"an escape", key + `\n`, "has U+005C as character 17 of 18"},
		{"a URL's escape", key + "%0A", "has a sign that is not part of it"},
		{"HTML", "&quot;" + key + "&quot;", "has a sign that is not part of it"},
		{"a comment", key + " # ours", "has U+0020 as character 17 of 23"},
		{"bytes that are no text", key + "\xff", "is not UTF-8"},
	} {
		fault, hint := Key(test.text)
		if fault != test.want {
			t.Errorf("%s: got %q, want %q", test.name, fault, test.want)
		}
		if (fault == "") != (hint == "") {
			t.Errorf("%s: got the fault %q with the hint %q, want both or neither", test.name, fault, hint)
		}
		if strings.Contains(fault+hint, key[:4]) || strings.Contains(fault+hint, key[12:]) {
			t.Errorf("%s: %q and %q show the secret", test.name, fault, hint)
		}
	}
}

func TestWhatOthersMakeUpMayHaveMoreCharactersThanAKey(t *testing.T) {
	for _, text := range []string{
		"", "host=localhost port=5432 user=help password='p w' dbname=members", "user:p@ss=w:rd@tcp(127.0.0.1:3306)/members",
		"postgres://help:p%40ss@db/members?sslmode=verify-full", "/srv/회원/members.db", `C:\data\members.db`, "file:/srv/members.db?mode=ro",
		"비밀번호입니다", `half"quoted`, "abcdEF+/==", "GOCSPX-a_b=c", "a=b", "AB=",
	} {
		if fault, _ := Secret(text); fault != "" {
			t.Errorf("%q: got %q, want no fault", text, fault)
		}
	}
	for text, want := range map[string]string{
		"DSN=postgres://db/members":       "begins with a name",
		"dsn: postgres://db/members":      "begins with a name",
		"export REDIS_PASSWORD=hunter2":   "begins with a name",
		`"postgres://db/members"`:         "has quotes around it",
		"postgres://db/mem\u200bbers":     "has U+200B as character 18 of 22",
		"ｈｕｎｔｅｒ２":                         "has a full-width character, U+FF48 as character 1 of 7",
		"postgres://db/members\u00a0":     "has U+00A0 as character 22 of 22",
		"user:pass@tcp(db:3306)/members ": "has a space before or behind it",
	} {
		if fault, _ := Secret(text); fault != want {
			t.Errorf("%q: got %q, want %q", text, fault, want)
		}
	}
}

func TestAKeyMayBeBase64(t *testing.T) {
	for _, text := range []string{"YWJjZA==", "YWJjZGU=", "+/+/", "A1b2C3d4E5f6", "any-key", "a.b_c~d", "a%b,c", "abc_", "YWJjZA-_"} {
		if fault, _ := Key(text); fault != "" {
			t.Errorf("%q: got %q, want no fault", text, fault)
		}
	}
}

func TestAPasswordMayHaveAnythingThatOneCanSee(t *testing.T) {
	for _, text := range []string{" correct horse ", `"quoted"`, "KEY=value", "비밀번호", "ｆｕｌｌ", "a\u00a0b", "❤\ufe0f", "👨\u200d👩\u200d👧", "e\u0301", "می\u200cخواهم"} {
		if fault, _ := Password(text); fault != "" {
			t.Errorf("%q: got %q, want no fault", text, fault)
		}
	}
	for text, want := range map[string]string{
		"\ufeffhunter2":          "has U+FEFF as character 1 of 8",
		"\xff\xfeh\x00u\x00":     "is UTF-16, not UTF-8",
		"h\x00u\x00":             "is UTF-16, not UTF-8",
		"\xba\xf1\xb9\xd0":       "is not UTF-8", // 비밀 in cp949
		"hunter2\r":              "has U+000D as character 8 of 8",
		"\u202ehunter2":          "has U+202E as character 1 of 8",
		"hun\u2028ter2":          "has U+2028 as character 4 of 8",
		"hunter2\u00ad":          "has U+00AD as character 8 of 8",
		"\x1b[200~hunter2\x1b[2": "has U+001B as character 1 of 16", // a terminal's bracketed paste
	} {
		if fault, hint := Password(text); fault != want || hint == "" {
			t.Errorf("%q: got %q with the hint %q, want %q and a hint", text, fault, hint, want)
		}
	}
}

func TestAFileThatIsNotUTF8SaysHowToSaveIt(t *testing.T) {
	for _, test := range []struct {
		name, data string
		line       int
		fault      string
		hint       string
	}{
		{"UTF-8", "이름: 값\n", 0, "", ""},
		{"UTF-8 with a byte order mark", "\ufeffname: x\n", 0, "", ""},
		{"Windows line breaks", "a: b\r\n", 0, "", ""},
		{"cp949", "# ok\nname: \xc8\xab\xb1\xe6\xb5\xbf\n", 2, "is not UTF-8", "ANSI (cp949, EUC-KR)"},
		{"half a character at the end", "name: \xed\x99", 1, "is not UTF-8", "save it as UTF-8"},
		{"UTF-16 of Windows", "\xff\xfea\x00:\x00", 1, "is UTF-16, not UTF-8", "save it as UTF-8"},
		{"UTF-16 of others", "\xfe\xff\x00a\x00:", 1, "is UTF-16, not UTF-8", "save it as UTF-8"},
		{"UTF-16 without a mark", "a\x00:\x00", 1, "is UTF-16, not UTF-8", "save it as UTF-8"},
	} {
		line, fault, hint := File([]byte(test.data))
		if line != test.line || fault != test.fault || !strings.Contains(hint, test.hint) {
			t.Errorf("%s: got line %d, %q and the hint %q, want line %d, %q and %q", test.name, line, fault, hint, test.line, test.fault, test.hint)
		}
	}
}

func TestALineWithALookAlikeOfSyntaxNamesIt(t *testing.T) {
	for line, want := range map[string]string{
		"domain: acme": "", "\tdomain: acme": "", `name: "홍 '길동'"`: "",
		"domain：acme":                 "has U+FF1A as character 7 of 11",
		"domain: “acme”":              "has U+201C as character 9 of 14",
		"services: ［a］":               "has U+FF3B as character 11 of 13",
		"services: [a，b]":             "has U+FF0C as character 13 of 15",
		"\u00a0\u00a0domain: acme":    "has U+00A0 as character 1 of 14",
		"dom\u200bain: acme":          "has U+200B as character 4 of 13",
		"\u3000\u3000domain: acme":    "has U+3000 as character 1 of 14",
		"- usercode: kim\ufeff":       "has U+FEFF as character 16 of 16",
		"  password_hash： $argon2id$": "has U+FF1A as character 16 of 27",
	} {
		if fault, hint := Syntax(line); fault != want || (hint == "") != (want == "") {
			t.Errorf("%q: got %q with the hint %q, want %q", line, fault, hint, want)
		}
	}
}
