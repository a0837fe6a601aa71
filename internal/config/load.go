package config

import (
	"slices"
	"strings"
)

// Load returns the settings: the defaults, overridden by data, which is YAML, overridden by the environment. name is
// what problems call the YAML. lookupEnv returns a variable and whether it is set, readFile the whole of a file.
//
// The environment variable of a setting is OCSSO_ and its path in upper case, with "_" for ".":
// OCSSO_SERVER_TLS_CERT_FILE. The items of a list are separated by commas, with no spaces. A variable that is set and
// empty sets the empty text or list; in YAML, null sets nothing. A secret that is empty is one that isn't given.
//
// A secret comes from its setting or from the file that the setting with "_file" behind it names, one item of a list
// per line; a file's last newline isn't part of it. Whichever of the two is in the environment hides the other
// in YAML. readFile gets the name of the file as it is written, so a relative one is relative to the working
// directory, not to the YAML.
//
// Every error is Problems, and lists all there is to fix: unknown, repeated and missing settings, values of a wrong
// type or out of bounds, and settings that don't go together.
func Load(name string, data []byte, lookupEnv func(string) (string, bool), readFile func(string) ([]byte, error)) (Config, error) {
	l := loader{name: name, settings: settings(), config: Default(), sources: map[string]string{}}
	file, ok := l.readYAML(data)
	if !ok {
		return Config{}, l.problems
	}
	l.apply(file)
	l.apply(l.readEnv(lookupEnv))
	l.readFiles(readFile)

	unread := slices.Clone(l.problems)
	validate(l.config, func(path, text, hint string) {
		if !l.blamed(unread, settingOf(path)) {
			l.report(path, text, hint)
		}
	})
	if len(l.problems) > 0 {
		return Config{}, l.problems
	}
	return l.config, nil
}

// A loader puts one layer of settings over the other.
type loader struct {
	name     string
	settings []setting
	config   Config
	sources  map[string]string // where a setting comes from, by path; none for a default
	problems Problems
}

// A layer is what one source says, by path.
type layer map[string]given

// given is a setting as it is written: the items of a list, or the one text of anything else.
type given struct {
	texts  []string
	source string
}

// empty reports whether there is no text in it.
func (g given) empty() bool { return strings.Join(g.texts, "") == "" }

// apply puts a layer over those before.
func (l *loader) apply(upper layer) {
	for _, s := range l.settings {
		value, ok := upper[s.path]
		if !ok || s.twin != "" && value.empty() {
			continue
		}
		l.give(s, value)
		switch {
		case s.twin == "":
		case upper[s.twin].empty():
			l.twin(s).clear(&l.config)
		case s.secret:
			l.report(s.path, "is set beside "+s.twin, "leave one of the two out")
		}
	}
}

// readEnv returns the layer of the environment.
func (l *loader) readEnv(lookupEnv func(string) (string, bool)) layer {
	env := layer{}
	for _, s := range l.settings {
		text, ok := lookupEnv(s.env())
		source := "$" + s.env()
		switch {
		case !ok:
		case s.list && text == "":
			env[s.path] = given{nil, source}
		case s.list:
			env[s.path] = given{strings.Split(text, ","), source}
		default:
			env[s.path] = given{[]string{text}, source}
		}
	}
	return env
}

// readFiles sets the secrets whose files are named.
func (l *loader) readFiles(readFile func(string) ([]byte, error)) {
	for _, s := range l.settings {
		if !s.secret || !s.field(&l.config).IsZero() {
			continue
		}
		name := l.twin(s).field(&l.config).String()
		if name == "" {
			continue
		}
		data, err := readFile(name)
		switch text := trimNewline(string(data)); {
		case err != nil:
			l.report(s.twin, "can't be read: "+err.Error(),
				"name a file that this process may read; a relative name is relative to the working directory")
		case text == "":
			l.report(s.twin, "names an empty file", "write the secret into it")
		case s.list:
			lines := strings.Split(text, "\n")
			for i, line := range lines {
				lines[i] = strings.TrimSuffix(line, "\r")
			}
			l.give(s, given{lines, name})
		default:
			l.give(s, given{[]string{text}, name})
		}
	}
}

// trimNewline cuts the one newline, LF or CR LF, that editors put at the end of a file.
func trimNewline(text string) string {
	if line, ok := strings.CutSuffix(text, "\n"); ok {
		return strings.TrimSuffix(line, "\r")
	}
	return text
}

// give sets one setting.
func (l *loader) give(s setting, value given) {
	l.sources[s.path] = value.source
	if fault, hint := s.set(&l.config, value.texts); fault != "" {
		l.report(s.path, fault, hint)
	}
}

// twin returns the other of a secret and its file.
func (l *loader) twin(s setting) setting {
	other, _ := l.find(s.twin)
	return other
}

// report adds a problem with a setting, or with an item of it.
func (l *loader) report(path, text, hint string) {
	source, ok := l.sources[settingOf(path)]
	if !ok {
		source = l.name
	}
	l.problems = append(l.problems, Problem{Source: source, Path: path, Text: text, Hint: hint})
}

// blamed reports whether one of problems is with the setting at path, with its section or with a secret's file. The
// setting's value isn't the one that was meant then, and nothing more can be said about it.
func (l *loader) blamed(problems Problems, path string) bool {
	s, _ := l.find(path)
	return slices.ContainsFunc(problems, func(p Problem) bool {
		culprit := settingOf(p.Path)
		return culprit == path || s.secret && culprit == s.twin || culprit != "" && strings.HasPrefix(path, culprit+".")
	})
}

// settingOf cuts the index off an item's path.
func settingOf(path string) string {
	path, _, _ = strings.Cut(path, "[")
	return path
}
