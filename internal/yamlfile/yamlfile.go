// Package yamlfile reads a file of one YAML document strictly, and collects everything that is
// wrong with it. It knows nothing of what the file is for.
//
// It hands out nodes instead of decoding into structs: a decoder doesn't list all problems, and it
// quotes values, which may be secrets or personal data.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ocsso/internal/nearest"
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
	Root     *yaml.Node // without aliases; nil when the file is empty or not YAML
	Problems Problems
	name     string
	form     string
	lines    []string
}

// Parse reads data. Problems call it name. form is the hint for a value where keys belong: it says
// how such a file is written.
func Parse(name string, data []byte, form string) *File {
	if line, fault, hint := paste.File(data); fault != "" {
		return &File{Problems: Problems{{fmt.Sprintf("%s:%d", name, line), "", fault, hint}}}
	}
	f := &File{name: name, form: form, lines: strings.Split(string(data), "\n")}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return f
	case err != nil:
		f.Problems = Problems{f.syntaxProblem(err)}
		return f
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		f.Problems = Problems{{name, "", "has more than one document", "remove the line with --- and what follows"}}
	}
	resolveAliases(&document)
	if root := document.Content[0]; !isNull(root) {
		f.Root = root
	}
	return f
}

// resolveAliases puts the node that an alias stands for in the alias's place. A node may then
// contain itself.
func resolveAliases(node *yaml.Node) {
	for i, child := range node.Content {
		if child.Kind == yaml.AliasNode {
			node.Content[i] = child.Alias
		} else {
			resolveAliases(child)
		}
	}
}

// syntaxError is the form of the parser's errors.
var syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// unplaced are the parser's errors that say no line.
var unplaced = regexp.MustCompile("anchor|control characters")

// syntaxProblem returns the parser's error as a problem. It says more about what people get wrong.
func (f *File) syntaxProblem(err error) Problem {
	p := Problem{f.name, "", err.Error(), "look near there for a missing colon, quote, bracket or space"}
	line := 0
	if match := syntaxError.FindStringSubmatch(err.Error()); match != nil {
		p.Text = match[2]
		line, _ = strconv.Atoi(match[1])
		if line == 0 && !unplaced.MatchString(p.Text) {
			line = 1 // the parser leaves it out
		}
	}
	if line > 0 {
		p.Source = fmt.Sprintf("%s:%d", f.name, line)
	}
	switch {
	case strings.Contains(p.Text, "anchor"):
		// The parser quotes its name, which may be a secret that begins with "*"
		p.Text, p.Hint = "uses an alias that stands for nothing", `put a text that begins with "*" in quotes`
	case strings.Contains(p.Text, "escape character"), strings.Contains(p.Text, "hexdecimal"):
		p.Text = "has a backslash in double quotes that begins no escape"
		p.Hint = `use single quotes, as in 'C:\keys'`
	default:
		first, last := line-1, line+1
		if line == 0 {
			last = len(f.lines)
		}
		if suspect, ok := f.suspect(first, last); ok {
			return suspect
		}
	}
	return p
}

// suspect returns what a person may have pasted or typed in these lines that YAML doesn't take for
// syntax. They are counted from 1, and may be outside of the file.
func (f *File) suspect(first, last int) (_ Problem, ok bool) {
	for i := max(first, 1); i <= min(last, len(f.lines)); i++ {
		line := strings.TrimSuffix(strings.TrimPrefix(f.lines[i-1], "\uFEFF"), "\r")
		line, _, _ = strings.Cut(line, "#")
		text := strings.TrimLeft(line, " \t")
		source := fmt.Sprintf("%s:%d", f.name, i)
		if text != "" && strings.Contains(line[:len(line)-len(text)], "\t") {
			return Problem{source, "", "begins with a tab", "indent with spaces"}, true
		}
		if fault, hint := paste.Syntax(line); fault != "" {
			return Problem{source, "", fault, hint}, true
		}
	}
	return Problem{}, false
}

// At returns the file and the line of a node, as Problem.Source has them.
func (f *File) At(node *yaml.Node) string { return fmt.Sprintf("%s:%d", f.name, node.Line) }

// Report adds a problem with a node.
func (f *File) Report(node *yaml.Node, path, text, hint string) {
	f.Problems = append(f.Problems, Problem{f.At(node), path, text, hint})
}

// Mapping returns the values of a mapping by key, without those that are null. It reports a key
// that is there twice, and calls unknown for each key that is not known. nil for unknown reports
// such a key, and shows it only when it is like a known one: it may be a value in the wrong place.
// Mapping reports a node that is no mapping and returns nil for it.
func (f *File) Mapping(node *yaml.Node, path string, known []string, unknown func(key *yaml.Node)) map[string]*yaml.Node {
	if node.Kind != yaml.MappingNode {
		text, hint := "is "+kindOf(node)+" where name: value belongs", f.form
		if suspect, ok := f.suspect(node.Line, node.Line); ok && node.Kind == yaml.ScalarNode {
			text, hint = suspect.Text, suspect.Hint
		}
		f.Report(node, path, text, hint)
		return nil
	}
	if unknown == nil {
		unknown = func(key *yaml.Node) {
			if meant := nearest.Word(key.Value, known); meant != "" && word.MatchString(key.Value) {
				f.Report(key, join(path, key.Value), "is unknown", "did you mean "+meant+"?")
				return
			}
			f.Report(key, path, "has an unknown key", "known here: "+strings.Join(known, ", "))
		}
	}
	values, lines := map[string]*yaml.Node{}, map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		line, again := lines[key.Value]
		fault, hint := paste.Syntax(key.Value)
		switch {
		case fault != "":
			f.Report(key, path, "has a key that "+fault, hint)
		case !slices.Contains(known, key.Value):
			unknown(key)
		case again:
			f.Report(key, join(path, key.Value),
				fmt.Sprintf("is there twice, first in line %d", line), "leave one of the two out")
		case !isNull(value):
			values[key.Value] = value
		}
		lines[key.Value] = key.Line
	}
	return values
}

// word is what a key may look like, mistakes included.
var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)

// join returns the path of a key.
func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// List returns the items of a list. It reports a node that is none, and returns false.
func (f *File) List(node *yaml.Node, path string) (items []*yaml.Node, ok bool) {
	if node.Kind != yaml.SequenceNode {
		f.Report(node, path, "is "+kindOf(node)+", not a list", "write it as [first, second]")
		return nil, false
	}
	return node.Content, true
}

// Scalar returns a text, a number or another single value, as it is written. It reports a node that
// is none, and returns false.
func (f *File) Scalar(node *yaml.Node, path string) (text string, ok bool) {
	if node.Kind != yaml.ScalarNode {
		f.Report(node, path, "is "+kindOf(node)+", not one value", "write one value")
		return "", false
	}
	return node.Value, true
}

// Text is Scalar for a text alone: a number without quotes is none.
func (f *File) Text(node *yaml.Node, path string) (text string, ok bool) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() != "!!str" {
		f.Report(node, path, "is "+kindOf(node)+", not text", "put it in quotes")
		return "", false
	}
	return f.Scalar(node, path)
}

func isNull(node *yaml.Node) bool { return node.ShortTag() == "!!null" }

// kindOf says what a node is, without its value: it may be a secret in the wrong place.
func kindOf(node *yaml.Node) string {
	kinds := map[string]string{
		"!!map": "a section", "!!seq": "a list", "!!str": "text", "!!int": "a number", "!!float": "a number",
		"!!bool": "true or false", "!!timestamp": "a date", "!!null": "nothing",
	}
	if kind, ok := kinds[node.ShortTag()]; ok {
		return kind
	}
	return "a value with a tag"
}
