// Package yamlfile reads a file of one YAML document, and collects everything that is wrong with
// it, by line and path. It knows nothing of what the file is for.
//
// It hands out nodes. The library's strict decoding into structs stops at a repeated key, doesn't
// say which value of a line it means, and quotes values, which may be secrets or personal data.
package yamlfile

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"ocsso/internal/paste"
)

// A Problem is one thing that is wrong with a file. It contains no secret and no personal data.
type Problem struct {
	Source string // "config.yaml:7", "$OCSSO_LOG_LEVEL", or "config.yaml" where no line is to blame
	Path   string // as "session.keys[1]"; "" where no single value is to blame
	Text   string // what is wrong
	Hint   string // what to do about it; may be ""
}

// String returns the problem in one line, without its hint.
func (p Problem) String() string {
	if p.Path != "" {
		return p.Source + ": " + p.Path + ": " + p.Text
	}
	return p.Source + ": " + p.Text
}

// Problems are all that is wrong with a file. As an error it is never empty.
type Problems []Problem

// Error lists the problems, one line each, without their hints.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// A File is a parsed file. Its methods add to Problems what they don't expect.
type File struct {
	Name     string
	Root     *yaml.Node // a mapping; nil when the file is empty or has none
	Problems Problems
	form     string
	lines    []string
}

// Parse reads data. Problems call it name. form is the hint for a value where keys belong: it says
// how such a file is written.
func Parse(name, data, form string) *File {
	f := &File{Name: name, form: form, lines: strings.Split(strings.TrimPrefix(data, "\ufeff"), "\n")}
	if line, fault, hint := paste.Encoding(data); fault != "" {
		f.Report(&yaml.Node{Line: line}, "", fault, hint)
		return f
	}
	var document, second yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(data))
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return f
	} else if err != nil {
		f.reportSyntax(strings.TrimPrefix(err.Error(), "yaml: "))
		return f
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		f.Report(&second, "", "has more than one document", "remove the line with --- and what follows")
	}
	if root := document.Content[0]; root.ShortTag() != "!!null" && f.isMapping(root, "") {
		f.Root = root
	}
	return f
}

// At returns the file and the line of a node, as Problem.Source has them.
func (f *File) At(node *yaml.Node) string {
	if node.Line == 0 {
		return f.Name
	}
	return fmt.Sprintf("%s:%d", f.Name, node.Line)
}

// Report adds a problem with a node.
func (f *File) Report(node *yaml.Node, path, text, hint string) {
	f.Problems = append(f.Problems, Problem{f.At(node), path, text, hint})
}

// reportSyntax adds the parser's error, or a sign near it that the parser can't name. The parser
// says no line for the first one.
func (f *File) reportSyntax(text string) {
	line, hint := 1, "look near there for a missing colon, quote, bracket or space; a backslash goes in single quotes, as in 'C:\\keys'"
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	if strings.Contains(text, "anchor") { // it quotes the name, which may be a secret, and says no line
		line, text, hint = 0, "uses an alias that stands for nothing", `put a text that begins with "*" in quotes`
	}
	if line == 0 || !f.reportSign(line-1, line+1) {
		f.Report(&yaml.Node{Line: line}, "", text, hint)
	}
}

// sign is what a line has, and YAML doesn't take for syntax: a look-alike, a tab before a name, or
// what nobody sees.
var sign = regexp.MustCompile(`^ *\t|^[^#]*?[：，［］｛｝＃－“”‘’\x{3000}\x{a0}\p{Cf}]`)

// reportSign adds the first sign in these lines, if there is one. Lines are counted from 1, and may
// be outside of the file.
func (f *File) reportSign(first, last int) bool {
	for i := max(first, 1); i <= min(last, len(f.lines)); i++ {
		if found := sign.FindString(f.lines[i-1]); found != "" {
			r, _ := utf8.DecodeLastRuneInString(found)
			f.Report(&yaml.Node{Line: i}, "", fmt.Sprintf("has %#U as character %d, which is no syntax", r, utf8.RuneCountInString(found)),
				"write the ASCII sign that it looks like, or spaces for a tab and for what pages and chats put into what is copied")
			return true
		}
	}
	return false
}

// Mapping returns the values of a mapping by key, without those that are null. It reports a node
// that is no mapping, for which it returns nil, a key that is there twice, and one that is not
// known. meant returns the hint for such a key, or "" where the key must not be shown: it may be a
// value in the wrong place. nil names the known key that is Nearest.
func (f *File) Mapping(node *yaml.Node, path string, known []string, meant func(key string) (hint string)) map[string]*yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if !f.isMapping(node, path) {
		return nil
	}
	if meant == nil {
		meant = func(key string) string {
			if name := Nearest(key, known); name != "" {
				return "did you mean " + name + "?"
			}
			return ""
		}
	}
	values, lines := map[string]*yaml.Node{}, map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		line, again := lines[key.Value]
		lines[key.Value] = key.Line
		below := strings.TrimPrefix(path+"."+key.Value, ".")
		switch isKnown := slices.Contains(known, key.Value); {
		case !isKnown && f.reportSign(key.Line, key.Line):
		case !isKnown && meant(key.Value) != "":
			f.Report(key, below, "is unknown", meant(key.Value))
		case !isKnown:
			f.Report(key, path, "has an unknown key", f.form+"; known here: "+strings.Join(known, ", "))
		case again:
			f.Report(key, below, fmt.Sprintf("is there twice, first in line %d", line), "leave one of the two out")
		case value.ShortTag() != "!!null":
			values[key.Value] = value
		}
	}
	return values
}

func (f *File) isMapping(node *yaml.Node, path string) bool {
	if node.Kind != yaml.MappingNode && !f.reportSign(node.Line, node.Line) {
		f.Report(node, path, "is no section of name: value", f.form)
	}
	return node.Kind == yaml.MappingNode
}

// Decode sets target to what node holds: a *string to one value as it is written, a *[]string or a
// *[]yaml.Node to a list. It reports another node, and returns false.
func (f *File) Decode(node *yaml.Node, path string, target any) bool {
	kind, hint := "a plain list", "write it as [first, second]"
	if _, isText := target.(*string); isText {
		kind, hint = "one value", "write one value, in quotes if it begins with a sign"
	}
	isNull := func(item *yaml.Node) bool { return item.ShortTag() == "!!null" }
	if err := node.Decode(target); err != nil || slices.ContainsFunc(node.Content, isNull) { // err quotes values
		f.Report(node, path, "is not "+kind, hint)
		return false
	}
	return true
}

// Nearest returns the first of words that is like word, or "" when none is: they differ by a few
// letters in one place, or it contains word. Case and signs don't count.
func Nearest(word string, words []string) string {
	plain := func(text string) string {
		return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(text))
	}
	for _, allowed := range []int{0, 1, 2} {
		for _, other := range words {
			a, b := plain(word), plain(other)
			if len(a) >= 3 && strings.Contains(b, a) && allowed == 2 {
				return other
			}
			for a != "" && b != "" && a[0] == b[0] {
				a, b = a[1:], b[1:]
			}
			for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
				a, b = a[:len(a)-1], b[:len(b)-1]
			}
			if max(len(a), len(b)) <= allowed && len(word) > 2*allowed {
				return other
			}
		}
	}
	return ""
}
