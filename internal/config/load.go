package config

import (
	"regexp"
	"slices"
	"strings"

	"ocsso/internal/nearest"
	"ocsso/internal/paste"
	"ocsso/internal/yamlfile"
)

// Load returns the settings: the defaults, overridden by data, which is YAML, overridden by the
// environment. Problems call the YAML name. environ is the environment, as name=value each, and
// readFile returns the whole of a file.
//
// The environment variable of a setting is OCSSO_ and its path in upper case, with "_" for ".":
// OCSSO_SERVER_TLS_CERT_FILE. Commas without spaces separate the items of a list. A variable that
// is set and empty sets the empty text or list; null in YAML sets nothing. An empty secret counts
// as not set. Another variable that begins with OCSSO_ is a problem, unless Kubernetes sets it for
// a service called ocsso.
//
// A secret comes from its setting, or from the file that the setting with "_file" behind its name
// names. Such a file has one item of a list per line, and its last newline doesn't count. Either of
// the two in the environment overrides both in YAML. readFile gets the name as it is written, so a
// relative one is relative to the working directory, not to the YAML.
//
// Every error is yamlfile.Problems, and lists all there is to fix: unknown, repeated and missing
// settings, values of a wrong type or out of bounds, and settings that contradict each other.
func Load(name string, data []byte, environ []string, readFile func(string) ([]byte, error)) (Config, error) {
	config := Default()
	l := loader{name: name, settings: settingsOf(&config), file: yamlfile.Parse(name, data, colonHint)}
	fromYAML, ok := l.readYAML()
	if !ok {
		return Config{}, l.file.Problems
	}
	l.apply(fromYAML)
	l.apply(l.readEnv(environ))
	l.readFiles(readFile)
	l.checkPasted()

	unread := slices.Clone(l.file.Problems)
	validate(config, func(path, text, hint string) {
		if !l.isUnread(unread, path) {
			l.report(path, text, hint)
		}
	})
	if len(l.file.Problems) > 0 {
		return Config{}, l.file.Problems
	}
	return config, nil
}

// A loader overrides settings with what one source after the other says.
type loader struct {
	name     string
	settings []*setting
	file     *yamlfile.File // collects the problems of every source
}

// A layer is what one source says, by the paths of settings.
type layer map[string]given

// A given is a setting as it is written: the items of a list, or the one text of anything else.
type given struct {
	texts  []string
	source string
}

func (g given) empty() bool { return strings.Join(g.texts, "") == "" }

// apply overrides the settings that a layer has.
func (l *loader) apply(upper layer) {
	for _, s := range l.settings {
		value, ok := upper[s.path]
		if !ok || s.twin != nil && value.empty() {
			continue
		}
		l.set(s, value)
		switch {
		case s.twin == nil:
		case upper[s.twin.path].empty():
			s.twin.value.SetZero()
		case s.isSecret():
			l.report(s.path, "is set beside "+s.twin.path, "leave one of the two out")
		}
	}
}

// serviceLink is a variable that Kubernetes sets in each pod for a service called ocsso, or for one
// whose name begins with it, such as ocsso-redis.
var serviceLink = regexp.MustCompile(`^OCSSO_(?:SERVICE_|PORT[_=]|[A-Z0-9_]+_SERVICE_(?:HOST|PORT)[_=]|` +
	`[A-Z0-9_]+_PORT_[0-9]+_(?:TCP|UDP|SCTP)[_=]|[A-Z0-9_]+_PORT=(?:tcp|udp|sctp)://)`)

// readEnv returns the layer of the environment.
func (l *loader) readEnv(environ []string) layer {
	settings, variables := map[string]*setting{}, []string{}
	for _, s := range l.settings {
		settings[s.variable()] = s
		variables = append(variables, strings.TrimPrefix(s.variable(), envPrefix))
	}
	env := layer{}
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, text, _ := strings.Cut(variable, "=")
		source, s := "$"+name, settings[name]
		switch {
		case !strings.HasPrefix(strings.ToUpper(name), envPrefix), serviceLink.MatchString(variable):
		case s == nil && goneVariable(name) != "":
			l.file.Problems = append(l.file.Problems, yamlfile.Problem{Source: source, Text: "is no setting any more", Hint: goneVariable(name)})
		case s == nil:
			hint := "config.example.yaml has every setting; a variable that is none must not begin with " + envPrefix
			if meant := nearest.Word(name[len(envPrefix):], variables); meant != "" {
				hint = "did you mean " + envPrefix + meant + "?"
			}
			l.file.Problems = append(l.file.Problems, yamlfile.Problem{Source: source, Text: "is no setting", Hint: hint})
		case !s.isList():
			env[s.path] = given{[]string{text}, source}
		case text == "":
			env[s.path] = given{nil, source}
		default:
			env[s.path] = given{strings.Split(text, ","), source}
		}
	}
	return env
}

func goneVariable(name string) (successor string) {
	for path, successor := range gone {
		if Variable(path) == name {
			return successor
		}
	}
	return ""
}

// readFiles sets the secrets that files hold.
func (l *loader) readFiles(readFile func(string) ([]byte, error)) {
	for _, s := range l.settings {
		if !s.isSecret() || !s.value.IsZero() || s.twin.value.String() == "" {
			continue
		}
		name := s.twin.value.String()
		data, err := readFile(name)
		_, fault, hint := paste.File(data)
		text := strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
		switch {
		case err != nil:
			l.report(s.twin.path, "can't be read: "+err.Error(),
				"name a file that this process may read; a relative name is relative to the working directory")
		case fault != "":
			l.report(s.twin.path, "names a file that "+fault, hint)
		case text == "":
			l.report(s.twin.path, "names an empty file", "write the secret into it")
		case s.isList():
			l.set(s, given{strings.Split(text, "\n"), name})
		default:
			l.set(s, given{[]string{text}, name})
		}
	}
}

// checkPasted reports what copying has done to texts.
func (l *loader) checkPasted() {
	for _, s := range l.settings {
		for i, text := range s.texts() {
			path := s.path
			if s.isList() {
				path = itemPath(path, i)
			}
			if fault, hint := s.pasteFault(text); fault != "" {
				l.report(path, fault, hint)
			}
		}
	}
}

func (l *loader) set(s *setting, value given) {
	s.source = value.source
	if fault, hint := s.set(value.texts); fault != "" {
		l.report(s.path, fault, hint)
	}
}

// report adds a problem with a setting, or with an item of a list.
func (l *loader) report(path, text, hint string) {
	source := l.name
	if s := find(l.settings, path); s.source != "" {
		source = s.source
	}
	l.file.Problems = append(l.file.Problems, yamlfile.Problem{Source: source, Path: path, Text: text, Hint: hint})
}

// isUnread reports whether one of problems is with the setting at path, its section or a secret's
// file. Then the setting doesn't have the value that was meant, and there is nothing more to say
// about it.
func (l *loader) isUnread(problems yamlfile.Problems, path string) bool {
	s := find(l.settings, path)
	return slices.ContainsFunc(problems, func(p yamlfile.Problem) bool {
		culprit := find(l.settings, p.Path)
		return culprit != nil && (culprit == s || culprit == s.twin) || p.Path != "" && strings.HasPrefix(path, p.Path+".")
	})
}
