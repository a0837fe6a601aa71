package paste

import (
	"strings"
	"testing"
)

const key = "b6f1d9c07a5e4382"

// TestWhatCopyingDoesToAKeyIsNamed has what web pages, documents, chats, shells and spreadsheets
// make of a key.
func TestWhatCopyingDoesToAKeyIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		key: "", "": "", "YWJjZA==": "", "+/+/": "", "any-key": "", "a.b_c~d": "", "abc_": "", "a%b": "",
		`"` + key + `"`: "has quotes or spaces around it", "“" + key + "”": "has quotes or spaces around it", "「" + key + "」": "has quotes or spaces around it",
		" " + key: "has quotes or spaces around it", key + " ": "has quotes or spaces around it",
		"KEY=" + key: "has U+003D '=' as character 4 of 20", "key: " + key: "has U+003A ':' as character 4 of 21", "$env:KEY='" + key + "'": "has U+003A ':' as character 5 of 27",
		key[:8] + " " + key[8:]: "has U+0020 ' ' as character 9 of 17", key + "\\n": "has U+005C '\\' as character 17 of 18",
		key + "\u00a0": "has U+00A0 as character 17 of 17", key + "\u3000": "has U+3000 as character 17 of 17",
		key[:8] + "\u200b" + key[8:]: "has U+200B as character 9 of 17", "\ufeff" + key: "has U+FEFF as character 1 of 17",
		key[:3] + "\u00ad" + key[3:]: "has U+00AD as character 4 of 17", "\u200e" + key: "has U+200E as character 1 of 17",
		key + "\u3164": "has U+3164 'ㅤ' as character 17 of 17", key + "\n": "has U+000A as character 17 of 17", key + "\r": "has U+000D as character 17 of 17",
		"ｂ６" + key[2:]: "has U+FF42 'ｂ' as character 1 of 16", "а" + key: "has U+0430 'а' as character 1 of 17",
		key + ",": "has U+002C ',' as character 17 of 17", "${" + key + "}": "has U+007B '{' as character 2 of 19", key + "\xff": "is not UTF-8",
	} {
		fault, hint := Key(text)
		if fault != want || (fault == "") != (hint == "") {
			t.Errorf("%q: got %q with the hint %q, want %q", text, fault, hint, want)
		}
		if strings.Contains(fault+hint, key[4:8]) {
			t.Errorf("%q: %q and %q show the key", text, fault, hint)
		}
	}
}

func TestWhatOthersMakeUpMayHaveMoreCharactersThanAKey(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "host=localhost user=help password='p w' dbname=members": "", "user:p@ss=w:rd@tcp(127.0.0.1:3306)/members": "",
		"postgres://help:p%40ss@db/members?sslmode=verify-full": "", "/srv/회원/members.db": "", `C:\data\members.db`: "", `half"quoted`: "", "x": "",
		`"postgres://db/members"`: "has quotes or spaces around it", "postgres://db/mem\u200bbers": "has U+200B as character 18 of 22",
		"user:pass@tcp(db:3306)/members ": "has quotes or spaces around it",
	} {
		if fault, hint := Text(text); fault != want || (fault == "") != (hint == "") {
			t.Errorf("%q: got %q with the hint %q, want %q", text, fault, hint, want)
		}
	}
}

func TestAPasswordMayHaveAnythingThatOneCanSee(t *testing.T) {
	for text, want := range map[string]string{
		" correct horse ": "", `"quoted"`: "", "KEY=value": "", "비밀번호": "", "ｆｕｌｌ": "", "❤\ufe0f": "", "👨\u200d👩\u200d👧": "", "e\u0301": "", "می\u200cخواهم": "",
		"\ufeffhunter2": "has U+FEFF as character 1 of 8", "h\x00u\x00": "is not UTF-8", "\xba\xf1\xb9\xd0": "is not UTF-8", // 비밀 in cp949
		"hunter2\r": "has U+000D as character 8 of 8", "\u202ehunter2": "has U+202E as character 1 of 8",
		"\x1b[200~hunter2\x1b[2": "has U+001B as character 1 of 16", // a terminal's bracketed paste
	} {
		if fault, hint := Password(text); fault != want || (fault == "") != (hint == "") {
			t.Errorf("%q: got %q with the hint %q, want %q", text, fault, hint, want)
		}
	}
}

func TestAFileThatIsNotUTF8SaysTheLine(t *testing.T) {
	for data, want := range map[string]int{
		"이름: 값\n": 0, "\ufeffname: x\n": 0, "a: b\r\n": 0, "# ok\nname: \xc8\xab\xb1\xe6": 2, "name: \xed\x99": 1, "\xff\xfea\x00:\x00": 1, "a\x00:\x00": 1,
	} {
		if line, fault, hint := Encoding(data); line != want || (fault == "") != (want == 0) || (fault == "") != (hint == "") {
			t.Errorf("%q: got line %d, %q and the hint %q, want line %d", data, line, fault, hint, want)
		}
	}
}
