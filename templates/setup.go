package templates

import (
	"strings"

	"ocsso/internal/i18n"
)

// Setup is the operator's onboarding page: how this server is set up, what to do, and what happened
// lately. It shows no secret.
type Setup struct {
	Page
	About        []ConsoleField
	Console      []ConsoleField
	SentBack     string // when the parameters in Console came back, or that they did not; may be empty
	Findings     []Finding
	CheckCommand string
	Events       []SetupEvent // the newest first
}

// ConsoleField is a label and its value, as of a field of the vendor's console (CONTRACT 10a).
type ConsoleField struct {
	Label   i18n.Words
	Value   string
	InQuery bool // the console sends this parameter in the query
}

// Finding is the state of one prerequisite.
type Finding struct {
	Prerequisite i18n.Prerequisite
	Fault        i18n.Fault // the zero value is none
	Detail       string     // a value or an error in English, never a secret; may be empty
}

// SetupEvent is a row of what happened lately. Way, Outcome and Member are as in the audit log.
type SetupEvent struct {
	Time, Way, Outcome, Member string
	Name                       i18n.Words
}

// withLevel returns the findings of these levels.
func (s Setup) withLevel(levels ...i18n.Level) (list []Finding) {
	for _, level := range levels {
		for _, f := range s.Findings {
			if f.Fault.Level == level {
				list = append(list, f)
			}
		}
	}
	return list
}

// state is the one state of the server: ready, or what is missing.
func (s Setup) state() (level i18n.Level, sentence string) {
	names := func(findings []Finding) string {
		var list []string
		for _, f := range findings {
			list = append(list, f.Prerequisite.Name.In(s.Lang))
		}
		return strings.Join(list, ", ")
	}
	if wrong := s.withLevel(i18n.LevelWrong); len(wrong) > 0 {
		return i18n.LevelWrong, i18n.Missing(s.Lang, names(wrong))
	}
	if others := s.withLevel(i18n.LevelWarn, i18n.LevelUnknown); len(others) > 0 {
		return i18n.LevelWarn, i18n.Worth(s.Lang, names(others))
	}
	return i18n.LevelFine, i18n.Setup.Ready.In(s.Lang)
}
