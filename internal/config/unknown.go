package config

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// settingName is what a setting's name may look like, with room for mistakes.
var settingName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)
})

// find returns the setting at path.
func (l *loader) find(path string) (setting, bool) {
	i := slices.IndexFunc(l.settings, func(s setting) bool { return s.path == path })
	if i < 0 {
		return setting{}, false
	}
	return l.settings[i], true
}

// isSection reports whether there are settings below path.
func (l *loader) isSection(path string) bool { return len(l.names(path+".")) > 0 }

// reportUnknown adds a problem with a key that is neither setting nor section, and says what was probably meant.
func (l *loader) reportUnknown(key *yaml.Node, prefix string) {
	if !settingName().MatchString(key.Value) { // may be a secret: "organization_key:secret" is one key, for want of a space
		l.reportAt(key, strings.TrimSuffix(prefix, "."), "has a key that can't be a setting", colonHint)
		return
	}
	hint := "known here: " + strings.Join(l.names(prefix), ", ")
	if meant := l.nearest(prefix, key.Value); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	l.reportAt(key, prefix+key.Value, "is no setting", hint)
}

// names returns the names of the settings and sections right below prefix.
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

// nearest returns the path of the setting or section whose name is most like name, one below prefix before one
// elsewhere; or "" when none is like it.
func (l *loader) nearest(prefix, name string) string {
	meant, least := "", 2*(2+len(name)/4)
	for _, path := range l.paths() {
		dot := strings.LastIndex(path, ".") + 1
		cost := 2 * distance(strings.ToLower(name), path[dot:])
		if path[:dot] != prefix {
			cost++ // less than a wrong letter
		}
		if cost < least {
			meant, least = path, cost
		}
	}
	return meant
}

// paths returns every setting and every section.
func (l *loader) paths() []string {
	var paths []string
	for _, s := range l.settings {
		for i, r := range s.path {
			if r == '.' && !slices.Contains(paths, s.path[:i]) {
				paths = append(paths, s.path[:i])
			}
		}
		paths = append(paths, s.path)
	}
	return paths
}

// distance is the Levenshtein distance: how many letters to add, drop or change to make b of a.
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
