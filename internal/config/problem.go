package config

import "strings"

// A Problem is one thing that is wrong with the settings. It never holds a secret's value.
type Problem struct {
	Source string // where the setting comes from: "config.yaml:7", "$OCSSO_LOG_LEVEL", or only "config.yaml" where no line is to blame
	Path   string // the setting, as "session.keys[1]"; "" when no single one is to blame
	Text   string // what is wrong with it
	Hint   string // what to do about it; may be ""
}

// String is the problem in one line, without its hint.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Source + ": " + p.Text
	}
	return p.Source + ": " + p.Path + ": " + p.Text
}

// Problems are all that is wrong with the settings. It is the error that Load returns, and is never empty then.
type Problems []Problem

// Error lists the problems, one line each, without their hints.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
