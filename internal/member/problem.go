package member

import "strings"

// A Problem is one thing that is wrong with a member file. It holds no value from the file: they are personal data.
type Problem struct {
	Source string // file and line: "members.yaml:7"
	Path   string // the field, as "members[3].email"; "" when no single one is to blame
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

// Problems are all that is wrong with a member file. As an error it is never empty.
type Problems []Problem

// Error lists the problems, one line each, without their hints.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
