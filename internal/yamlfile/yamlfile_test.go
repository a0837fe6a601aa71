package yamlfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsNotOneDocumentIsReported(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"not YAML", "a: 'x\nb: y\n", "f.yaml:3: found unexpected end of stream"},
		{"not YAML in line 1", "a: b: c\n", "f.yaml:1: mapping values are not allowed in this context"},
		{"a tab", "a:\n\tb: c\n", "f.yaml:2: begins with a tab"},
		{"not UTF-8", "a: \xff", "f.yaml:1: is not UTF-8"},
		{"an alias of nothing", "key: *secret", "f.yaml: uses an alias that stands for nothing"},
		{"two documents", "a: b\n---\n", "f.yaml: has more than one document"},
	} {
		problems := Parse("f.yaml", []byte(test.data), "").Problems
		if got := problems.Error(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		} else if problems[0].Hint == "" {
			t.Errorf("%s: got no hint", test.name)
		}
	}
}

func TestAFileFromAKoreanWindowsSaysHowToSaveIt(t *testing.T) {
	for _, test := range []struct{ name, data, want, hint string }{
		{"cp949", "a: b\nname: \xc8\xab\xb1\xe6\xb5\xbf\n", "f.yaml:2: is not UTF-8", "save it as UTF-8; a Korean Windows may have saved it as ANSI (cp949, EUC-KR)"},
		{"UTF-16", "\xff\xfea\x00:\x00 \x00b\x00", "f.yaml:1: is UTF-16, not UTF-8", "save it as UTF-8"},
		{"a path in double quotes", "a: b\nc: d\npath: \"C:\\keys\"\n", "f.yaml:3: has a backslash in double quotes that begins no escape", `use single quotes, as in 'C:\keys'`},
		{"a user's path in double quotes", `path: "C:\users\kim"`, "f.yaml:1: has a backslash in double quotes that begins no escape", "use single quotes"},
	} {
		problems := Parse("f.yaml", []byte(test.data), "").Problems
		if len(problems) != 1 || problems.Error() != test.want || !strings.Contains(problems[0].Hint, test.hint) {
			t.Errorf("%s: got %v, want %q with the hint %q", test.name, problems, test.want, test.hint)
		}
	}
	if f := Parse("f.yaml", []byte("\ufeffa: b\r\n"), ""); f.Problems != nil || f.Root == nil {
		t.Errorf("UTF-8 with a byte order mark: got %v, want no problem", f.Problems)
	}
}

// TestWhatIsPastedIntoYAMLIsNamed has what editors, chats and keyboards put into a file.
func TestWhatIsPastedIntoYAMLIsNamed(t *testing.T) {
	known := []string{"a", "b", "c"}
	for data, want := range map[string]string{
		"a: x\nb：y\n":              "f.yaml:2: has U+FF1A as character 2 of 3",
		"a: x\nb：y\nc: z\n":        "f.yaml:2: has U+FF1A as character 2 of 3",
		"a：\n  b: x\n":             "f.yaml:1: has U+FF1A as character 2 of 2",
		"a：x":                      "f.yaml:1: has U+FF1A as character 2 of 3",
		"b: [x， y\n":               "f.yaml:1: has U+FF0C as character 6 of 8",
		"a: “Acme: x”\n":           "f.yaml:1: has U+201C as character 4 of 12",
		"a: x\n\u00a0\u00a0b: y\n": "f.yaml:2: has a key that has U+00A0 as character 1 of 3",
		"a: x\nb\u200b: y\n":       "f.yaml:2: has a key that has U+200B as character 2 of 2",
		"“a”: x\n":                 "f.yaml:1: has a key that has U+201C as character 1 of 3",
		"a: x\nb: y\x1b\n":         "f.yaml:2: has U+001B as character 5 of 5",
		"# 설명：a，b\na: x: y # 값：“z”\n": "f.yaml:2: mapping values are not allowed in this context",
	} {
		f := Parse("f.yaml", []byte(data), "")
		if f.Root != nil {
			f.Mapping(f.Root, "", known, nothing)
		}
		if got := f.Problems.Error(); got != want {
			t.Errorf("%q: got %q, want %q", data, got, want)
		} else if f.Problems[0].Hint == "" {
			t.Errorf("%q: got no hint", data)
		}
	}
}

func TestAFileWithoutContentHasNoRoot(t *testing.T) {
	for _, data := range []string{"", "# a comment\n", "~"} {
		if f := Parse("f.yaml", []byte(data), ""); f.Root != nil || f.Problems != nil {
			t.Errorf("%q: got root %v and problems %v, want neither", data, f.Root, f.Problems)
		}
	}
}

// nothing is meant by any unknown key.
func nothing(string) (fault, hint string) { return "", "" }

func TestWrongNodesAreReportedWithoutTheirValues(t *testing.T) {
	f := Parse("f.yaml", []byte("a: &self [*self, 7]\nb: [~]\nc: {}\nd: ~\nb: x\nsecret: x\nt: !tag x\nsecret: x\n"), "the form")
	values := f.Mapping(f.Root, "", []string{"a", "b", "c", "d", "t"}, nothing)
	f.Mapping(values["a"], "a", nil, nothing)
	f.Texts(values["a"], "a")
	f.Texts(values["b"], "b")
	f.List(values["c"], "c")
	f.Text(values["t"], "t")
	if values["d"] != nil {
		t.Errorf("null is %v, want it left out", values["d"])
	}
	const unknown, one = "the form; known here: a, b, c, d, t", "write one value, in quotes if it begins with a sign"
	want := Problems{
		{"f.yaml:5", "b", "is there twice, first in line 2", "leave one of the two out"},
		{"f.yaml:6", "", "has an unknown key", unknown},
		{"f.yaml:8", "", "has an unknown key", unknown},
		{"f.yaml:1", "a", "is a list where name: value belongs", "the form"},
		{"f.yaml:1", "a[0]", "is a list, not one value", one},
		{"f.yaml:2", "b[0]", "is nothing, not one value", one},
		{"f.yaml:3", "c", "is a section, not a list", "write it as [first, second]"},
		{"f.yaml:7", "t", "is a value with a tag, not one value", one},
	}
	if diff := cmp.Diff(want, f.Problems); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestTextsAreAsTheyAreWritten(t *testing.T) {
	f := Parse("f.yaml", []byte("[010-1234, 01012345678, 1_000, 2026-01-01, yes, 0x1F, '~', \"a\"]"), "")
	got, ok := f.Texts(f.Root, "")
	want := []string{"010-1234", "01012345678", "1_000", "2026-01-01", "yes", "0x1F", "~", "a"}
	if diff := cmp.Diff(want, got); diff != "" || !ok || f.Problems != nil {
		t.Errorf("texts differ, with %t and %v (-want +got):\n%s", ok, f.Problems, diff)
	}
}

func TestAnUnknownKeyIsShownOnlyWhereSomethingIsMeant(t *testing.T) {
	meant := func(key string) (fault, hint string) {
		if key == "hunter2" {
			return "", ""
		}
		return "is unknown", "did you mean b?"
	}
	for data, want := range map[string]Problem{
		"bb: x":            {"f.yaml:1", "rows[0].bb", "is unknown", "did you mean b?"},
		"kim@email.com: x": {"f.yaml:1", "rows[0]", "has an unknown key", "the form; known here: a, b"},
		"hunter2: x":       {"f.yaml:1", "rows[0]", "has an unknown key", "the form; known here: a, b"},
	} {
		f := Parse("f.yaml", []byte(data), "the form")
		f.Mapping(f.Root, "rows[0]", []string{"a", "b"}, meant)
		if diff := cmp.Diff(Problems{want}, f.Problems); diff != "" {
			t.Errorf("%q: problems differ (-want +got):\n%s", data, diff)
		}
	}
}

func TestNearestIsTheWordThatWasMeant(t *testing.T) {
	words := []string{"usercode", "password_hash", "email", "session_keys"}
	for word, want := range map[string]string{
		"usrcode": "usercode", "UserCode": "usercode", "user-code": "usercode", "password": "password_hash",
		"keys": "session_keys", "emails": "email", "phone": "", "x": "", "": "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
