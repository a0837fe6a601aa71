package simulator

// consoleText is what the console says in one language.
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
	Endpoint    string
	Delay       string
	Status      string
	Body        string

	Reset     string
	ResetHint string

	Events       string
	NoEvents     string
	Fields       string
	Message      string
	Expected     string
	Received     string
	Cause        string
	Detail       string
	Open         string
	Copy         string
	CopyHint     string
	Back         string
	NoEventTitle string
	NoEventText  string

	kinds    map[Kind]string
	outcomes map[Outcome]string
	others   map[string]string // causes and problems, which are kept in English elsewhere
	sayings  [sayings]string   // formats
	units    units             // of durations
}

// say is an English sentence of the simulator's in the console's language.
func (t *consoleText) say(sentence string) string {
	if other, ok := t.others[sentence]; ok {
		return other
	}
	return sentence
}

var consoleTexts = map[lang]*consoleText{langKO: &consoleKO, langEN: &consoleEN}
