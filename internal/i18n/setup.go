package i18n

import "fmt"

// SetupMessages is every sentence of the setup page in one language. Checks and their results,
// and problems with the settings, are shown in English.
type SetupMessages struct {
	Title string
	Text  string

	ConsoleTitle string
	ConsoleText  string
	Fields       [setupFields]string // in Korean as the console labels them; else a translation
	InQuery      string              // the parameter goes into the query
	Copy         string
	copied       string
	NoLogoutURL  string // the console has no such field (D10)

	StateTitle    string
	StateText     string
	Levels        [setupLevels]string
	Prerequisites [setupPrerequisites]SetupPrerequisite
	Faults        [setupFaults]SetupFault

	HowToFix string

	CheckTitle  string
	CheckText   string
	CheckSecret string // where the command takes the test member's password or cookie from
}

// SetupFor returns the sentences of l, English unless l is one of OperatorLangs. Read-only.
func SetupFor(l Lang) *SetupMessages {
	if l == KO {
		return &setupKO
	}
	return &setupEN
}

// Copied says which value is on the clipboard now.
func (s *SetupMessages) Copied(field string) string { return fmt.Sprintf(s.copied, field) }

// SetupField is an index into SetupMessages.Fields.
type SetupField int

// The fields of the vendor's console (CONTRACT 10a).
const (
	FieldLoginType SetupField = iota
	FieldLoginURL
	FieldLoginStatusURL
	FieldParameter
	FieldTokenVerifyURL
	setupFields
)

// SetupLevel is the state of a prerequisite or the result of a check.
type SetupLevel int

// The levels. The zero value is fine.
const (
	LevelFine    SetupLevel = iota
	LevelWarn               // works for now
	LevelWrong              // has to be fixed
	LevelUnknown            // could not be found out, or was skipped
	setupLevels
)

// SetupPrerequisite is the text of one thing that has to be right before members come.
type SetupPrerequisite struct {
	Name string
	Fine string // shown at LevelFine
}

// SetupPrerequisiteKind is an index into SetupMessages.Prerequisites.
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

// SetupFault is the text of what is wrong with a prerequisite.
type SetupFault struct {
	Text   string
	Advice string // how to fix it
}

// SetupFaultKind is an index into SetupMessages.Faults.
type SetupFaultKind int

// The faults, each with its level.
const (
	FaultOrganizationKey      SetupFaultKind = iota // wrong: the new one is invalid, the old in use
	FaultSessionKeys                                // wrong: likewise
	FaultKeyChanged                                 // warn: either key
	FaultSettings                                   // wrong: the new ones are invalid
	FaultSettingsChanged                            // warn: not in use yet
	FaultPublicURL                                  // warn: not https
	FaultPublicURLHost                              // wrong: no such host
	FaultPublicURLCertificate                       // wrong: not valid for that host
	FaultPublicURLSilent                            // warn: no answer to this machine
	FaultPublicURLOther                             // wrong: another answer than ours
	FaultHelpCenter                                 // wrong: no answer
	FaultHelpCenterHost                             // wrong: no such host
	FaultClockOff                                   // warn: tokens are still accepted
	FaultClockRefused                               // wrong: tokens are refused
	FaultClockUnknown                               // unknown: no answer to compare with
	FaultStoreForgets                               // warn: kept in memory
	FaultStore                                      // wrong: no answer
	FaultMembers                                    // wrong: no answer
	FaultMembersFile                                // wrong: the file has faults, the old one in use
	FaultMembersChanged                             // warn: the file is not in use yet
	setupFaults
)
