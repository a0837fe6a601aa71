package templates

import "ocsso/internal/i18n"

// Setup is the operator's onboarding page: what to enter in the vendor's console, how this server
// is set up, and the checker. It shows no secret.
type Setup struct {
	Page
	Action    string // where the form posts to
	Console   []ConsoleField
	Findings  []Finding
	AsksLogin bool   // the form asks for a member's login; the password is never sent back
	UserCode  string // what was typed last time, or empty

	Error       SetupError
	ErrorDetail string       // in English; empty: none
	Report      *CheckReport // of the run that this page answers; nil: none
}

// ConsoleField is a field of the vendor's console and its value (CONTRACT section 10a).
type ConsoleField struct {
	Label   i18n.SetupField
	Value   string
	InQuery bool // the console sends this parameter in the query
}

// Finding is the state of one prerequisite.
type Finding struct {
	Prerequisite i18n.SetupPrerequisiteKind
	Level        i18n.SetupLevel
	Fault        i18n.SetupFaultKind // at every level but LevelFine
	Detail       string              // a value or an error in English, never a secret; may be empty
}

// CheckReport is what the checker found, in the order of its cases.
type CheckReport struct {
	Results []CheckResult
}

// CheckResult is the result of one case: LevelFine for met, LevelUnknown for skipped. Its texts are
// the checker's, without secrets: Want and Got in English, the others in the page's language.
type CheckResult struct {
	ID          string
	Requirement string
	Level       i18n.SetupLevel
	Want        string // at LevelWarn and LevelWrong
	Got         string // at LevelWarn and LevelWrong
	Hint        string // at LevelWarn and LevelWrong
	Reason      string // at LevelUnknown
}

// SetupError is why the checks did not run, or did not finish.
type SetupError int

// The reasons.
const (
	SetupErrorNone        SetupError = iota
	SetupErrorHalfLogin              // a usercode without a password, or the other way round
	SetupErrorBusy                   // the checks are already running
	SetupErrorSlow                   // the checks did not finish in time
	SetupErrorUnreachable            // the public URL does not answer from here
)
