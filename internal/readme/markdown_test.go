package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// root is the module's folder, seen from this package's.
const root = "../.."

// readmes are the languages of the README, the original first.
var readmes = []string{"README.md", "README.ko.md"}

// A document is a README cut at its headings. The first section is what is above the first heading.
type document struct {
	name     string
	sections []*section
}

// A section is a heading, and what is below it down to the next.
type section struct {
	level   int
	heading string
	code    []string   // of fenced blocks, each with its language, without comments and indentation
	tables  [][]string // rows of cells, table after table
	links   []string   // what links and images lead to
}

// Parts of Markdown, as far as the READMEs use it.
var (
	headingPattern = regexp.MustCompile(`^(#{1,6}) (.*)$`)
	fencePattern   = regexp.MustCompile("^ *```(.*)$")
	cellBorder     = regexp.MustCompile(`(?:^|[^\\])\|`)
	linkPattern    = regexp.MustCompile(`\]\(([^)]*)\)`)
	commentPattern = regexp.MustCompile(`(^|\s)# .*$`)
)

func readDocument(t *testing.T, name string) document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return parse(name, string(data))
}

func parse(name, text string) document {
	current := &section{}
	d := document{name, []*section{current}}
	fenced := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		fence := fencePattern.FindStringSubmatch(line)
		heading := headingPattern.FindStringSubmatch(line)
		switch {
		case fence != nil:
			fenced = !fenced
			if fenced {
				current.code = append(current.code, fence[1])
			}
		case fenced:
			if command := strings.TrimSpace(commentPattern.ReplaceAllString(line, "")); command != "" {
				current.code = append(current.code, command)
			}
		case heading != nil:
			current = &section{level: len(heading[1]), heading: heading[2]}
			d.sections = append(d.sections, current)
		default:
			current.readText(line)
		}
	}
	return d
}

// readText reads a line outside of code.
func (s *section) readText(line string) {
	for _, link := range linkPattern.FindAllStringSubmatch(line, -1) {
		s.links = append(s.links, link[1])
	}
	if strings.HasPrefix(line, "|") {
		s.tables = append(s.tables, cells(line))
	}
}

// cells are those of a table's row.
func cells(line string) []string {
	var list []string
	from := 1
	for _, border := range cellBorder.FindAllStringIndex(line[1:], -1) {
		list = append(list, strings.TrimSpace(line[from:border[1]]))
		from = 1 + border[1]
	}
	return list
}

// anchor is what GitHub makes of a heading for links to it.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

func TestAMarkdownRowIsCutAtItsBorders(t *testing.T) {
	got := cells("| `a \\| b` | – | c |")
	if want := []string{"`a \\| b`", "–", "c"}; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got the cells %q, want %q", got, want)
	}
}
