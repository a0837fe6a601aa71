package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML returns the layer of the YAML, and reports all in it that is no setting or has another type. It is not ok
// when the YAML is such that nothing in it can be told; then there is a problem that says so.
func (l *loader) readYAML(data []byte) (file layer, ok bool) {
	file = layer{}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return file, true
	case err != nil:
		l.reportSyntax(err)
		return nil, false
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		l.report("", "has more than one document", "remove the line with --- and what follows")
	}
	root := resolve(document.Content[0])
	l.readSection(file, root, "")
	return file, root.Kind == yaml.MappingNode || root.ShortTag() == "!!null"
}

// syntaxError is how the YAML parser words one.
var syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// reportSyntax adds the parser's error.
func (l *loader) reportSyntax(err error) {
	p := Problem{Source: l.name, Text: err.Error(), Hint: "look near there for a tab, or for a missing colon, quote, bracket or space"}
	if match := syntaxError.FindStringSubmatch(err.Error()); match != nil {
		p.Text = match[2]
		if match[1] != "" {
			p.Source += ":" + match[1]
		}
	}
	if strings.Contains(p.Text, "anchor") { // the parser quotes its name, which may be a secret that begins with "*"
		p.Text, p.Hint = "uses an alias that stands for nothing", `put a text that begins with "*" in quotes`
	}
	l.problems = append(l.problems, p)
}

const colonHint = "write each setting as name: value, with a space behind the colon"

// readSection reads the mapping of a section; prefix is the section's path with its dot, or "" for the whole file.
func (l *loader) readSection(file layer, node *yaml.Node, prefix string) {
	switch {
	case node.ShortTag() == "!!null":
		return
	case node.Kind != yaml.MappingNode:
		l.reportAt(node, strings.TrimSuffix(prefix, "."), "is "+kindOf(node)+" where settings belong", colonHint)
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := resolve(node.Content[i]), resolve(node.Content[i+1])
		path := prefix + key.Value
		s, isSetting := l.find(path)
		isSection := !isSetting && l.isSection(path)
		switch line, again := lines[path]; {
		case !isSetting && !isSection:
			l.reportUnknown(key, prefix)
		case again:
			l.reportAt(key, path, fmt.Sprintf("is there twice, first in line %d", line), "leave one of the two out")
		case isSection:
			l.readSection(file, value, path+".")
		default:
			l.readSetting(file, s, value)
		}
		lines[path] = key.Line
	}
}

// readSetting puts a setting into file when it has the right type.
func (l *loader) readSetting(file layer, s setting, node *yaml.Node) {
	if node.ShortTag() == "!!null" {
		return
	}
	items := []*yaml.Node{node}
	if s.list {
		if node.Kind != yaml.SequenceNode {
			l.reportAt(node, s.path, "is "+kindOf(node)+", not a list", "write it as [first, second]")
			return
		}
		items = node.Content
	}
	value := given{source: l.at(node)}
	for i, node := range items {
		node = resolve(node)
		path := s.path
		if s.list {
			path = item(s.path, i)
		}
		switch {
		case node.Kind != yaml.ScalarNode:
			l.reportAt(node, path, "is "+kindOf(node)+", not one value", "write one value")
			return
		case node.ShortTag() != "!!str" && !s.parsed:
			l.reportAt(node, path, "is "+kindOf(node)+", not text", "put it in quotes")
			return
		}
		value.texts = append(value.texts, node.Value)
	}
	file[s.path] = value
}

// resolve follows an alias. That can't go round: aliases lead to nodes, never to aliases.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// kindOf names what is written there, without the value: it may be a secret in the wrong place.
func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	switch node.ShortTag() {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "a date"
	}
	return "a value with a tag"
}

// at names a place in the YAML.
func (l *loader) at(node *yaml.Node) string { return fmt.Sprintf("%s:%d", l.name, node.Line) }

// reportAt adds a problem with what stands at a place in the YAML.
func (l *loader) reportAt(node *yaml.Node, path, text, hint string) {
	l.problems = append(l.problems, Problem{Source: l.at(node), Path: path, Text: text, Hint: hint})
}
