package standin

// text is the text of the pages for members in one language.
type text struct {
	Language   string // its name in the language itself
	Simulator  string
	NotReal    string
	SkipLink   string
	HelpCenter string
	Menu       string
	Languages  string

	Home    string
	Inquiry string
	History string
	Guest   string
	member  string // with %s for the name
	LogIn   string

	Greeting    string
	HomeLead    string
	InquiryLead string
	HistoryLead string
	FAQ         string
	Questions   []question

	asMember    string // with %s for the name
	AsGuest     string
	MembersOnly string

	Title   string
	Content string
	Name    string
	Email   string
	Send    string
	Correct string // above the errors

	TitleRequired   string
	TitleTooLong    string
	ContentRequired string
	ContentTooLong  string
	NameRequired    string
	NameTooLong     string
	EmailInvalid    string

	ThanksTitle string
	ThanksText  string
	AskAgain    string

	HistoryEmpty string
	HistoryLogIn string
	Received     string
	TimeLayout   string // of time.Format

	StatusNotice string
	NoScript     string

	StartTitle string
	StartText  string
	Console    string

	NotFoundTitle   string
	NotFoundText    string
	UnreadableTitle string
	UnreadableText  string

	RefusedTitle     string
	RefusedFields    string
	RefusedTime      string
	RefusedSignature string
	RefusedOff       string
	RefusedReturnURL string
	SeeConsole       string
}

// question is a question on the home page, with its answer.
type question struct{ Question, Answer string }

func (t *text) refused(why reason) string {
	switch why {
	case reasonTime:
		return t.RefusedTime
	case reasonSignature:
		return t.RefusedSignature
	case reasonOff:
		return t.RefusedOff
	case reasonReturnURL:
		return t.RefusedReturnURL
	default:
		return t.RefusedFields
	}
}

var texts = map[lang]*text{langKO: &textKO, langEN: &textEN, langJA: &textJA, langZH: &textZH}
