package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A row is the settings that one comment of the example is about, in the order of the file.
type row struct {
	settings []setting
	meaning  string // the first sentence, without its full stop
}

// A setting is its path and its default as YAML writes it, which is "" where there is none.
type setting struct{ path, byDefault string }

// settingsOf reads the settings of the example with their comments. A comment is about the settings below it, down to the
// next comment: so it may stand above a section.
func settingsOf(example []byte) ([]row, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(example, &document); err != nil {
		return nil, err
	}
	r := reader{lines: strings.Split(string(example), "\n")}
	r.readSection(document.Content[0], "")
	return r.rows, r.err
}

// A reader goes through the example from top to bottom.
type reader struct {
	lines   []string
	comment string // the last one above what was read
	at      int    // the line below that comment
	taken   int    // the line below the comment of the last row
	rows    []row
	err     error
}

func (r *reader) readSection(section *yaml.Node, prefix string) {
	for i := 0; i+1 < len(section.Content); i += 2 {
		key, value := section.Content[i], section.Content[i+1]
		if comment := r.commentAbove(key.Line); comment != "" {
			r.comment, r.at = comment, key.Line
		}
		if value.Kind == yaml.MappingNode {
			r.readSection(value, prefix+key.Value+".")
			continue
		}
		r.add(prefix+key.Value, value)
	}
}

// add puts a setting in the row of its comment.
func (r *reader) add(path string, value *yaml.Node) {
	if r.comment == "" {
		r.err = errors.Join(r.err, fmt.Errorf("%s has no comment", path))
		return
	}
	if r.at != r.taken {
		sentence, _, _ := strings.Cut(r.comment, ". ")
		r.rows = append(r.rows, row{meaning: strings.TrimSuffix(sentence, ".")})
		r.taken = r.at
	}
	s := setting{path: path}
	if !strings.Contains(r.comment, "No default") {
		s.byDefault = written(value)
	}
	last := &r.rows[len(r.rows)-1]
	last.settings = append(last.settings, s)
}

// commentAbove is the comment right above a line, which counts from 1, on one line; or "".
func (r *reader) commentAbove(line int) string {
	var words []string
	for i := line - 2; i >= 0; i-- {
		comment, ok := strings.CutPrefix(strings.TrimSpace(r.lines[i]), "#")
		if !ok {
			break
		}
		words = append(words, strings.TrimSpace(comment))
	}
	slices.Reverse(words)
	return strings.Join(words, " ")
}

// written is a value as the example has it.
func written(value *yaml.Node) string {
	if value.Kind == yaml.SequenceNode {
		var items []string
		for _, item := range value.Content {
			items = append(items, written(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if value.Style == yaml.DoubleQuotedStyle {
		return strconv.Quote(value.Value)
	}
	return value.Value
}

// inKorean returns rows with the meanings of file, which has them by the path of each row's first setting, beside the English
// that they were made from. The error names every one that is missing, left over, or made from another English.
func inKorean(rows []row, file []byte) ([]row, error) {
	var meanings map[string]struct{ En, Ko string }
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	decoder.KnownFields(true)
	if err := decoder.Decode(&meanings); err != nil {
		return nil, err
	}
	var problems []error
	translated := slices.Clone(rows)
	for i, row := range rows {
		path := row.settings[0].path
		meaning, ok := meanings[path]
		switch {
		case !ok || meaning.Ko == "":
			problems = append(problems, fmt.Errorf("%s is missing: it means %q", path, row.meaning))
		case meaning.En != row.meaning:
			problems = append(problems, fmt.Errorf("%s: the English is %q by now: see whether the Korean still fits", path, row.meaning))
		}
		translated[i].meaning = meaning.Ko
		delete(meanings, path)
	}
	for path := range meanings {
		problems = append(problems, fmt.Errorf("%s is left over: no comment of the example begins there", path))
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return translated, errors.Join(problems...)
}

// settingsTable is the rows in Markdown. A dash says that a setting has no default.
func settingsTable(path, byDefault, meaning string, rows []row) string {
	table := tableRow(path, byDefault, meaning) + "|---|---|---|\n"
	for _, row := range rows {
		var paths, defaults []string
		for _, s := range row.settings {
			paths = append(paths, "`"+s.path+"`")
			if s.byDefault == "" {
				defaults = append(defaults, "–")
			} else {
				defaults = append(defaults, "`"+s.byDefault+"`")
			}
		}
		table += tableRow(strings.Join(paths, "\n"), strings.Join(defaults, "\n"), row.meaning)
	}
	return table
}
