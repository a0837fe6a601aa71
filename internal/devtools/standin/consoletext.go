package standin

import "time"

// consoleText is the console's text in one language.
type consoleText struct {
	Title       string
	Lead        string
	HideSecrets string
	ShowSecrets string
	AsJSON      string

	Settings        string
	Enabled         string
	Guests          string
	Type            string
	LoginURL        string
	LoginStatusURL  string
	TokenVerifyURL  string
	Service         string
	OrganizationKey string
	KeepKey         string
	Parameters      string
	NotSent         string
	InQuery         string
	InHeader        string
	Save            string
	Correct         string

	Faults      string
	FaultsHint  string
	ClockOffset string
	Delay       string
	Status      string
	Body        string

	Cookies      string
	CookiesHint  string
	BlockCookies string
	AllowCookies string

	Reset     string
	ResetHint string

	Events       string
	NoEvents     string
	Fields       string
	Message      string
	Expected     string
	Received     string
	Cause        string
	LookAt       string
	Detail       string
	Open         string
	Copy         string
	CopyHint     string
	Back         string
	NoEventTitle string
	NoEventText  string

	kinds        map[Kind]string
	outcomes     map[Outcome]string
	translations map[string]string // of notes and problems, by English text
	duration     func(time.Duration) string
}

// say translates the English text of a note or a problem.
func (t *consoleText) say(english string) string {
	if translation, ok := t.translations[english]; ok {
		return translation
	}
	return english
}

var consoleTexts = map[lang]*consoleText{langKO: &consoleKO, langEN: &consoleEN}
