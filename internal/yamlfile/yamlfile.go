// Package yamlfile reads a file of one YAML document, and collects everything that is wrong with
// it, by line and path. It knows nothing of what the file is for.
//
// It hands out nodes. The library's strict decoding into structs stops at a repeated key, doesn't
// say which value of a line it means, and quotes values, which may be secrets or personal data.
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
	Root     *yaml.Node // nil when the file is empty or not YAML
	Problems Problems
	name     string
	form     string
	lines    []string
}

// Parse reads data. Problems call it name. form is the hint for a value where keys belong: it says
// how such a file is written.
func Parse(name string, data []byte, form string) *File {
	f := &File{name: name, form: form, lines: strings.Split(string(data), "\n")}
	if line, fault, hint := paste.File(data); fault != "" {
		f.report(line, "", fault, hint)
		return f
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return f
	case err != nil:
		f.reportSyntax(err)
		return f
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		f.report(0, "", "has more than one document", "remove the line with --- and what follows")
	}
	if root := document.Content[0]; !isNull(root) {
		f.Root = root
	}
	return f
}

// At returns the file and the line of a node, as Problem.Source has them.
func (f *File) At(node *yaml.Node) string { return fmt.Sprintf("%s:%d", f.name, node.Line) }

// Report adds a problem with a node.
func (f *File) Report(node *yaml.Node, path, text, hint string) {
	f.report(node.Line, path, text, hint)
}

// report adds a problem in a line, or in no certain one for 0.
func (f *File) report(line int, path, text, hint string) {
	source := f.name
	if line > 0 {
		source = fmt.Sprintf("%s:%d", f.name, line)
	}
	f.Problems = append(f.Problems, Problem{source, path, text, hint})
}

var (
	// syntaxError is the form of the parser's errors.
	syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	// unplaced are the parser's errors that say no line. Where others say none, it is the first one.
	unplaced = regexp.MustCompile("anchor|control characters")
	escape   = regexp.MustCompile("escape character|hexdecimal")
)

// reportSyntax adds the parser's error. It says more about what people get wrong.
func (f *File) reportSyntax(err error) {
	match := syntaxError.FindStringSubmatch(err.Error())
	if match == nil {
		match = []string{"", "", err.Error()}
	}
	text, first, last := match[2], 0, len(f.lines)
	line, _ := strconv.Atoi(match[1])
	if line == 0 && !unplaced.MatchString(text) {
		line = 1
	}
	if line > 0 {
		first, last = line-1, line+1
	}
	switch {
	case strings.Contains(text, "anchor"): // it quotes the name, which may be a secret that begins with "*"
		f.report(line, "", "uses an alias that stands for nothing", `put a text that begins with "*" in quotes`)
	case escape.MatchString(text):
		f.report(line, "", "has a backslash in double quotes that begins no escape", `use single quotes, as in 'C:\keys'`)
	case f.reportSuspect(first, last):
	default:
		f.report(line, "", text, "look near there for a missing colon, quote, bracket or space")
	}
}

// reportSuspect adds what a person may have pasted or typed in these lines that YAML doesn't take
// for syntax, if it finds that. Lines are counted from 1, and may be outside of the file.
func (f *File) reportSuspect(first, last int) bool {
	for i := max(first, 1); i <= min(last, len(f.lines)); i++ {
		line, _, _ := strings.Cut(strings.Trim(f.lines[i-1], "\uFEFF\r"), "#")
		text := strings.TrimLeft(line, " \t")
		fault, hint := paste.Syntax(line)
		if text != "" && strings.Contains(line[:len(line)-len(text)], "\t") {
			fault, hint = "begins with a tab", "indent with spaces"
		}
		if fault != "" {
			f.report(i, "", fault, hint)
			return true
		}
	}
	return false
}

// Mapping returns the values of a mapping by key, without those that are null. It reports a node
// that is no mapping, for which it returns nil, a key that is there twice, and one that is not
// known. meant returns what is wrong with such a key and the hint, or "" where the key must not be
// shown: it may be a value in the wrong place.
func (f *File) Mapping(node *yaml.Node, path string, known []string, meant func(key string) (fault, hint string)) map[string]*yaml.Node {
	if node.Kind != yaml.MappingNode {
		if node.Kind != yaml.ScalarNode || !f.reportSuspect(node.Line, node.Line) {
			f.Report(node, path, "is "+kindOf(node)+" where name: value belongs", f.form)
		}
		return nil
	}
	values, lines := map[string]*yaml.Node{}, map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], follow(node.Content[i+1])
		line, again := lines[key.Value]
		lines[key.Value] = key.Line
		isKnown := slices.Contains(known, key.Value)
		if fault, hint := paste.Syntax(key.Value); fault != "" {
			f.Report(key, path, "has a key that "+fault, hint)
		} else if fault, hint := meant(key.Value); !isKnown && fault != "" && word.MatchString(key.Value) {
			f.Report(key, join(path, key.Value), fault, hint)
		} else if !isKnown {
			f.Report(key, path, "has an unknown key", f.form+"; known here: "+strings.Join(known, ", "))
		} else if again {
			f.Report(key, join(path, key.Value), fmt.Sprintf("is there twice, first in line %d", line), "leave one of the two out")
		} else if !isNull(value) {
			values[key.Value] = value
		}
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
	for _, item := range node.Content {
		items = append(items, follow(item))
	}
	return items, true
}

// Texts returns the items of a list as Text does.
func (f *File) Texts(node *yaml.Node, path string) (texts []string, ok bool) {
	items, ok := f.List(node, path)
	for i, item := range items {
		text, isText := f.Text(item, fmt.Sprintf("%s[%d]", path, i))
		texts, ok = append(texts, text), ok && isText
	}
	return texts, ok
}

// Text returns a text, a number or another single value, as it is written. It reports a node that
// is none, and returns false.
func (f *File) Text(node *yaml.Node, path string) (text string, ok bool) {
	if node.Kind != yaml.ScalarNode || isNull(node) || !strings.HasPrefix(node.ShortTag(), "!!") {
		f.Report(node, path, "is "+kindOf(node)+", not one value", `write one value, in quotes if it begins with a sign`)
		return "", false
	}
	return node.Value, true
}

// follow returns the node that an alias stands for.
func follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool { return node.ShortTag() == "!!null" }

// kindOf says what a node is, without its value: it may be a secret in the wrong place.
func kindOf(node *yaml.Node) string {
	switch tag := node.ShortTag(); {
	case node.Kind == yaml.MappingNode:
		return "a section"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case tag == "!!null":
		return "nothing"
	case !strings.HasPrefix(tag, "!!"):
		return "a value with a tag"
	}
	return "text"
}

// Nearest returns the one of words that is most like word, or "" when none is: a few letters are
// wrong, or one of the two contains the other. Case and the difference of "-" and "_" don't count.
func Nearest(word string, words []string) string {
	word = plain(word)
	nearest, least := "", 2+len(word)/4
	for _, other := range words {
		if cost := distance(word, plain(other)); cost < least {
			nearest, least = other, cost
		}
	}
	for _, other := range words {
		if like := plain(other); nearest == "" && min(len(word), len(like)) >= 3 && (strings.Contains(like, word) || strings.Contains(word, like)) {
			nearest = other
		}
	}
	return nearest
}

func plain(word string) string { return strings.ReplaceAll(strings.ToLower(word), "-", "_") }

// distance is how many letters to add, drop or change to turn a into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
