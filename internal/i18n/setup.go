package i18n

import "fmt"

// Setup is every sentence of the operator's onboarding page. What the checker and package config say stays in English there.
type Setup struct {
	Title string
	Text  string

	ConsoleTitle string
	ConsoleText  string
	Fields       [setupFields]string // the labels in the vendor's console, which is in Korean, and what they mean
	InQuery      string              // where the console is to put a parameter
	Copy         string
	copied       string
	NoLogoutURL  string // why there is no field for it (PROTOCOL section 11, D10)

	StateTitle    string
	StateText     string
	Levels        [setupLevels]string
	Prerequisites [setupPrerequisites]SetupPrerequisite
	Faults        [setupFaults]SetupFault

	CheckTitle       string
	CheckText        string
	CheckLogin       string // why a member's login is asked for
	CheckByOthers    string // why none is, where members log in elsewhere
	CheckUserCode    string
	CheckPassword    string
	CheckRun         string
	CheckRunning     string
	CheckHalfLogin   string
	CheckBusy        string
	CheckUnreachable string
	CheckSlow        string
	checkCounts      string
	CheckFine        string // every case that was run is met
	CheckWant        string
	CheckGot         string
	CheckHint        string
	checkSkipped     string
}

// Copied says which of the console's fields is on the clipboard now.
func (s *Setup) Copied(field string) string { return fmt.Sprintf(s.copied, field) }

// CheckCounts says how many cases are met, how many are not, of the contract and of good practice, and how many were skipped.
func (s *Setup) CheckCounts(ok, failed, warned, skipped int) string {
	return fmt.Sprintf(s.checkCounts, ok, failed, warned, skipped)
}

// CheckSkipped heads the list of the skipped cases.
func (s *Setup) CheckSkipped(n int) string { return fmt.Sprintf(s.checkSkipped, n) }

// SetupField selects one of Setup.Fields.
type SetupField int

// The fields of the vendor's console (PROTOCOL section 10a).
const (
	FieldLoginType SetupField = iota
	FieldLoginURL
	FieldLoginStatusURL
	FieldParameter
	FieldTokenVerifyURL

	setupFields
)

// SetupLevel is how a prerequisite or a case of the checker stands.
type SetupLevel int

// The levels. The zero level needs nothing to be done.
const (
	LevelFine    SetupLevel = iota
	LevelWarn               // works, but not for good
	LevelWrong              // has to be mended
	LevelUnknown            // couldn't be told, or wasn't tried

	setupLevels
)

// SetupPrerequisite is one thing that has to be right before members come.
type SetupPrerequisite struct {
	Name string
	Fine string // what is so at LevelFine
}

// SetupPrerequisiteKind selects one of Setup.Prerequisites.
type SetupPrerequisiteKind int

// The prerequisites, in the order of the page.
const (
	PrerequisiteOrganizationKey SetupPrerequisiteKind = iota
	PrerequisiteSessionKeys
	PrerequisiteSettings
	PrerequisitePublicURL
	PrerequisiteHelpCenter
	PrerequisiteClock
	PrerequisiteStore
	PrerequisiteMembers

	setupPrerequisites
)

// SetupFault is what is the matter with a prerequisite.
type SetupFault struct {
	Text   string
	Advice string // the way out
}

// SetupFaultKind selects one of Setup.Faults.
type SetupFaultKind int

// The faults, each with the level that it goes with.
const (
	FaultOrganizationKey SetupFaultKind = iota // wrong, in the files or the environment; the old one is in use
	FaultSessionKeys                           // likewise
	FaultKeyChanged                            // warn, of either key
	FaultSettings                              // wrong, in the files or the environment
	FaultSettingsChanged                       // warn
	FaultPublicURL                             // warn: not https
	FaultHelpCenter                            // wrong: gives no answer
	FaultClockOff                              // warn
	FaultClockRefused                          // wrong: tokens are refused
	FaultClockUnknown                          // unknown
	FaultStoreForgets                          // warn: in memory
	FaultStore                                 // wrong: gives no answer
	FaultMembers                               // wrong: gives no answer

	setupFaults
)
