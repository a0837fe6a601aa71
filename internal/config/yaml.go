package config

import (
	"regexp"
	"slices"
	"strings"

	"ocsso/internal/nearest"

	"go.yaml.in/yaml/v3"
)

const colonHint = "write each setting as name: value, with a space behind the colon"

// readYAML returns the layer of the YAML. It reports everything that is no setting or of a wrong
// type. It is not ok when the YAML has no settings to speak of; then there is a problem that says
// so.
func (l *loader) readYAML() (file layer, ok bool) {
	file = layer{}
	if l.file.Root == nil {
		return file, len(l.file.Problems) == 0
	}
	return file, l.readSection(file, l.file.Root, "")
}

// readSection reads the mapping of a section into file; prefix is the section's path with a dot
// behind it, or "" for the whole file. It returns false when node is no mapping.
func (l *loader) readSection(file layer, node *yaml.Node, prefix string) bool {
	names := l.names(prefix)
	values := l.file.Mapping(node, strings.TrimSuffix(prefix, "."), names, func(key *yaml.Node) { l.reportUnknown(key, prefix) })
	for _, name := range names {
		value, ok := values[name]
		if !ok {
			continue
		}
		if s := find(l.settings, prefix+name); s != nil {
			l.readSetting(file, s, value)
		} else {
			l.readSection(file, value, prefix+name+".")
		}
	}
	return values != nil
}

// readSetting reads a setting into file, unless it has a wrong type.
func (l *loader) readSetting(file layer, s *setting, node *yaml.Node) {
	value := given{source: l.file.At(node)}
	read, items := l.file.Scalar, []*yaml.Node{node}
	if s.isText() {
		read = l.file.Text
	}
	if s.isList() {
		var ok bool
		if items, ok = l.file.List(node, s.path); !ok {
			return
		}
	}
	for i, item := range items {
		path := s.path
		if s.isList() {
			path = itemPath(s.path, i)
		}
		text, ok := read(item, path)
		if !ok {
			return
		}
		value.texts = append(value.texts, text)
	}
	file[s.path] = value
}

// settingName is what a setting's name may look like, mistakes included.
var settingName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)

// reportUnknown adds a problem with a key that is neither setting nor section. It says which one
// was probably meant.
func (l *loader) reportUnknown(key *yaml.Node, prefix string) {
	// May be a secret: "organization_key:secret" is one key, without the space
	if !settingName.MatchString(key.Value) {
		l.file.Report(key, strings.TrimSuffix(prefix, "."), "has a key that can't be a setting", colonHint)
		return
	}
	if successor := gone[prefix+key.Value]; successor != "" {
		l.file.Report(key, prefix+key.Value, "is no setting any more", successor)
		return
	}
	hint := "known here: " + strings.Join(l.names(prefix), ", ")
	if meant := l.nearest(prefix, key.Value); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	l.file.Report(key, prefix+key.Value, "is no setting", hint)
}

// names returns the names of the settings and sections directly below prefix.
func (l *loader) names(prefix string) []string {
	var names []string
	for _, s := range l.settings {
		if rest, ok := strings.CutPrefix(s.path, prefix); ok {
			name, _, _ := strings.Cut(rest, ".")
			names = append(names, name)
		}
	}
	return slices.Compact(names)
}

// nearest returns the path of the setting or section whose name is most like name, or "" when none
// is like it. One below prefix wins over an equal one elsewhere.
func (l *loader) nearest(prefix, name string) string {
	meant, least := "", 2*(2+len(name)/4)
	for _, s := range l.settings {
		for end, r := range s.path + "." {
			if r != '.' {
				continue
			}
			path := s.path[:end]
			dot := strings.LastIndex(path, ".") + 1
			cost := 2 * nearest.Distance(strings.ToLower(name), path[dot:])
			if path[:dot] != prefix {
				cost++ // less than a wrong letter
			}
			if cost < least {
				meant, least = path, cost
			}
		}
	}
	return meant
}
