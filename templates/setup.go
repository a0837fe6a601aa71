package templates

import "ocsso/internal/i18n"

// Setup is the operator's onboarding page: what to enter in the vendor's console, how this server stands, and the checker. It is
// not for members, and shows no secret.
type Setup struct {
	Page
	Action    string // where the form that runs the checks posts to
	Console   []ConsoleField
	Findings  []Finding
	AsksLogin bool   // whether the form asks for a member's login; it has no field for the password, which is never sent back
	UserCode  string // what was typed last time, or empty

	Error       SetupError
	ErrorDetail string       // in English; empty: none
	Report      *CheckReport // of the run that this page answers; nil: there was none
}

// ConsoleField is one field of the vendor's console, and what belongs there (PROTOCOL section 10a).
type ConsoleField struct {
	Label   i18n.SetupField
	Value   string
	InQuery bool // a parameter, which the console is to put into the query
}

// Finding is how one prerequisite stands.
type Finding struct {
	Prerequisite i18n.SetupPrerequisiteKind
	Level        i18n.SetupLevel
	Fault        i18n.SetupFaultKind // of every level but LevelFine
	Detail       string              // a value or an error, in English, in lines; empty: none. Never a secret
}

// CheckReport is what the checker found, in the order of its cases.
type CheckReport struct {
	Results []CheckResult
}

// CheckResult is one case of the checker: met at LevelFine, skipped at LevelUnknown. Its texts are the checker's, in English and without
// secrets.
type CheckResult struct {
	ID          string
	Requirement string
	Level       i18n.SetupLevel
	Want        string // of LevelWarn and LevelWrong
	Got         string // of LevelWarn and LevelWrong
	Hint        string // of LevelWarn and LevelWrong
	Reason      string // of LevelUnknown
}

// SetupError is why the checks were not run.
type SetupError int

// The reasons.
const (
	SetupErrorNone        SetupError = iota
	SetupErrorHalfLogin              // a usercode without a password, or the other way round
	SetupErrorBusy                   // somebody else's run is under way
	SetupErrorSlow                   // the run did not end in time
	SetupErrorUnreachable            // the public URL gives no answer from here
)
