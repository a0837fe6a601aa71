package templates

import "ocsso/internal/i18n"

// Setup is the operator's onboarding page: what to enter in the vendor's console, how this server
// is set up, and the command that checks it. It shows no secret.
type Setup struct {
	Page
	Console      []ConsoleField
	Findings     []Finding
	CheckCommand string
}

// ConsoleField is a field of the vendor's console and its value (CONTRACT 10a).
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
