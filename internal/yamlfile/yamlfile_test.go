package yamlfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestWhatIsNotOneDocumentIsReported(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"not YAML", "a:\n\tb: c\n", "f.yaml:2: found character that cannot start any token"},
		{"not UTF-8", "a: \xff", "f.yaml: invalid leading UTF-8 octet"},
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

func TestAFileWithoutContentHasNoRoot(t *testing.T) {
	for _, data := range []string{"", "# a comment\n", "~"} {
		if f := Parse("f.yaml", []byte(data), ""); f.Root != nil || f.Problems != nil {
			t.Errorf("%q: got root %v and problems %v, want neither", data, f.Root, f.Problems)
		}
	}
}

func TestWrongNodesAreReportedWithoutTheirValues(t *testing.T) {
	f := Parse("f.yaml", []byte("a: &self [*self]\nb: 2026-01-01\nc: {}\nd: ~\nb: x\nsecret: x\nt: !tag x\n"), "the form")
	values := f.Mapping(f.Root, "", []string{"a", "b", "c", "d", "t"}, nil)
	f.Mapping(values["a"], "a", nil, nil)
	items, _ := f.List(values["a"], "a")
	f.Scalar(items[0], "a[0]")
	f.Text(values["b"], "b")
	f.List(values["c"], "c")
	f.Text(values["t"], "t")
	if values["d"] != nil {
		t.Errorf("null is %v, want it left out", values["d"])
	}
	want := Problems{
		{"f.yaml:5", "b", "is there twice, first in line 2", "leave one of the two out"},
		{"f.yaml:6", "", "has an unknown key", "known here: a, b, c, d, t"},
		{"f.yaml:1", "a", "is a list where name: value belongs", "the form"},
		{"f.yaml:1", "a[0]", "is a list, not one value", "write one value"},
		{"f.yaml:2", "b", "is a date, not text", "put it in quotes"},
		{"f.yaml:3", "c", "is a section, not a list", "write it as [first, second]"},
		{"f.yaml:7", "t", "is a value with a tag, not text", "put it in quotes"},
	}
	if diff := cmp.Diff(want, f.Problems); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestUnknownKeysGoToTheCaller(t *testing.T) {
	f, got := Parse("f.yaml", []byte("a: 1\nb: 2\n"), ""), ""
	values := f.Mapping(f.Root, "", []string{"b"}, func(key *yaml.Node) { got += f.At(key) + " " + key.Value })
	if text, ok := f.Scalar(values["b"], "b"); got != "f.yaml:1 a" || text != "2" || !ok {
		t.Errorf("got unknown %q and the value %q, want f.yaml:1 a and 2", got, text)
	}
}
