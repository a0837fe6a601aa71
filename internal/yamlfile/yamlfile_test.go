package yamlfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestWhatIsNotOneMappingIsReportedInItsLine(t *testing.T) {
	for _, test := range []struct{ data, want, hint string }{
		{"a: 'x\nb: y\n", "f.yaml:3: found unexpected end of stream", "quote"},
		{"a: \"x\nb: y\n", "f.yaml:3: found unexpected end of stream", "quote"},
		{"a: [x, y\nb: z\n", "f.yaml:1: did not find expected ',' or ']'", "bracket"},
		{"{a: {b: x", "f.yaml:1: did not find expected ',' or '}'", "bracket"},
		{"a: b: c\n", "f.yaml:1: mapping values are not allowed in this context", "missing colon"},
		{"a: b\nc:d\n", "f.yaml:2: could not find expected ':'", "missing colon"},
		{"a:\n\tb: c\n", "f.yaml:2: has U+0009 as character 1, which is no syntax", "spaces for a tab"},
		{"a: x\n\tb: c\n", "f.yaml:2: has U+0009 as character 1, which is no syntax", "spaces for a tab"},
		{"key: *secret", "f.yaml: uses an alias that stands for nothing", "in quotes"},
		{"a: b\n---\n", "f.yaml:2: has more than one document", "remove the line with ---"},
		{"- a\n", "f.yaml:1: is no section of name: value", "the form"},
		{"a", "f.yaml:1: is no section of name: value", "the form"},
		{"A_B=c", "f.yaml:1: is no section of name: value", "the form"},
		{"a: b\nname: \xb1\xe6\n", "f.yaml:2: is not UTF-8", "cp949"},
		{"\xff\xfea\x00:\x00", "f.yaml:1: is not UTF-8", "UTF-16"},
		{"c: d\npath: \"C:\\keys\"", "f.yaml:2: found unknown escape character", "single quotes"},
		{"path: \"C:\\users\\kim\"", "f.yaml:1: did not find expected hexdecimal number", "single quotes"},
		{"a: x\nb：y\n", "f.yaml:2: has U+FF1A '：' as character 2, which is no syntax", "ASCII"},
		{"a: x\nb：y\nc: z\n", "f.yaml:2: has U+FF1A '：' as character 2, which is no syntax", "ASCII"},
		{"a：x", "f.yaml:1: has U+FF1A '：' as character 2, which is no syntax", "ASCII"},
		{"b: [x， y\n", "f.yaml:1: has U+FF0C '，' as character 6, which is no syntax", "ASCII"},
		{"a: “Acme: x”\n", "f.yaml:1: has U+201C '“' as character 4, which is no syntax", "ASCII"},
		{"a: x\n\u00a0\u00a0b: y\n", "f.yaml:2: has U+00A0 as character 1, which is no syntax", "copied"},
		{"a: x\nb\u200b: y\n", "f.yaml:2: has U+200B as character 2, which is no syntax", "copied"},
		{"# 설명：a\na: x: y # 값：“z”\n", "f.yaml:2: mapping values are not allowed in this context", "missing colon"},
	} {
		f := Parse("f.yaml", test.data, "the form")
		if f.Root != nil {
			f.Mapping(f.Root, "", []string{"a", "b", "c"}, nil)
		}
		if got := f.Problems.Error(); got != test.want || !strings.Contains(f.Problems[0].Hint, test.hint) {
			t.Errorf("%q: got %q with the hint %q, want %q with %q", test.data, got, f.Problems[0].Hint, test.want, test.hint)
		}
	}
}

func TestAFileWithoutContentHasNoRoot(t *testing.T) {
	for _, data := range []string{"", "# a comment\n", "~"} {
		if f := Parse("f.yaml", data, ""); f.Root != nil || f.Problems != nil {
			t.Errorf("%q: got root %v and problems %v, want neither", data, f.Root, f.Problems)
		}
	}
	if f := Parse("f.yaml", "\ufeffa: b\r\n", ""); f.Root == nil || f.Problems != nil {
		t.Errorf("a file with a byte order mark: got %v, want no problem", f.Problems)
	}
}

func TestWrongNodesAreReportedWithoutTheirValues(t *testing.T) {
	f := Parse("f.yaml", "a: &self [*self, 7]\nb: [~]\nc: {}\nd: ~\nb: x\nsecret: x\nbb: x\nbbb: x\nt: [secret]\n", "the form")
	values := f.Mapping(f.Root, "", []string{"a", "b", "c", "d", "t"}, func(key string) string {
		return map[string]string{"bb": "did you mean b?"}[key]
	})
	if f.Mapping(values["a"], "a", nil, nil) != nil || values["d"] != nil {
		t.Errorf("got the values %v, want none of a list and null left out", values)
	}
	var text string
	var texts []string
	var nodes []yaml.Node
	for _, ok := range []bool{f.Decode(values["a"], "a", &texts), f.Decode(values["b"], "b", &texts), f.Decode(values["c"], "c", &nodes), f.Decode(values["t"], "t", &text)} {
		if ok {
			t.Error("a wrong node decodes")
		}
	}
	const unknown, list = "the form; known here: a, b, c, d, t", "write it as [first, second]"
	want := Problems{
		{"f.yaml:5", "b", "is there twice, first in line 2", "leave one of the two out"},
		{"f.yaml:6", "", "has an unknown key", unknown},
		{"f.yaml:7", "bb", "is unknown", "did you mean b?"},
		{"f.yaml:8", "", "has an unknown key", unknown},
		{"f.yaml:1", "a", "is no section of name: value", "the form"},
		{"f.yaml:1", "a", "is not a plain list", list},
		{"f.yaml:2", "b", "is not a plain list", list},
		{"f.yaml:3", "c", "is not a plain list", list},
		{"f.yaml:9", "t", "is not one value", "write one value, in quotes if it begins with a sign"},
	}
	if diff := cmp.Diff(want, f.Problems); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestTextsAreAsTheyAreWritten(t *testing.T) {
	f := Parse("f.yaml", "a: &n [010-1234, 01012345678, 1_000, 2026-01-01, yes, 0x1F, '~', \"a\", 1.50, 1e3]\nb: *n\n", "")
	values := f.Mapping(f.Root, "", []string{"a", "b"}, nil)
	want := []string{"010-1234", "01012345678", "1_000", "2026-01-01", "yes", "0x1F", "~", "a", "1.50", "1e3"}
	for name, node := range values {
		var got []string
		if ok := f.Decode(node, name, &got); !ok || cmp.Diff(want, got) != "" {
			t.Errorf("%s: got %q with %v, want %q", name, got, f.Problems, want)
		}
	}
	if len(values) != 2 {
		t.Errorf("got %d values, want 2", len(values))
	}
}

func TestNearestIsTheWordThatWasMeant(t *testing.T) {
	words := []string{"usercode", "password_hash", "email", "session.keys", "server.listen", "server"}
	for word, want := range map[string]string{
		"usrcode": "usercode", "UserCode": "usercode", "user-code": "usercode", "usercoed": "usercode", "password": "password_hash",
		"keys": "session.keys", "emails": "email", "listen": "server.listen", "sever": "server", "phone": "", "x": "", "": "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
