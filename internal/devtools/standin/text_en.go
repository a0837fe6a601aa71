package standin

var textEN = text{
	Language:   "English",
	Simulator:  "Simulator",
	NotReal:    "not the real help center",
	SkipLink:   "Skip to content",
	HelpCenter: "Help center",
	Menu:       "Main menu",
	Languages:  "Language",

	Home:    "Home",
	Inquiry: "Contact us",
	History: "My inquiries",
	Guest:   "Guest",
	member:  "%s",
	LogIn:   "Log in",

	Greeting:    "How can we help?",
	HomeLead:    "Leave us a question and someone will look into it and answer you.",
	InquiryLead: "Ask us anything, one to one.",
	HistoryLead: "See everything you have asked in one place.",
	FAQ:         "Frequently asked questions",
	Questions: []question{
		{"Where do I find the answer to my inquiry?", "Log in and open My inquiries. Guests get their answer at the email address they gave."},
		{"Can I ask without logging in?", "Only where guest inquiries are switched on. Please give your name and email address then."},
		{"Can anyone else see my inquiries?", "No. Only the member who sent an inquiry sees it in the list."},
	},

	asMember:    "You are asking as %s.",
	AsGuest:     "You are asking as a guest.",
	MembersOnly: "Only members who are logged in can send an inquiry.",

	Title:   "Subject",
	Content: "Message",
	Name:    "Name",
	Email:   "Email",
	Send:    "Send inquiry",
	Correct: "Please check what you entered.",

	TitleRequired:   "Enter a subject.",
	TitleTooLong:    "A subject has at most 200 characters.",
	ContentRequired: "Enter a message.",
	ContentTooLong:  "A message has at most 10,000 characters.",
	NameRequired:    "Enter your name.",
	NameTooLong:     "A name has at most 50 characters.",
	EmailInvalid:    "Enter a valid email address.",

	ThanksTitle: "We have your inquiry",
	ThanksText:  "We will answer at the email address you gave.",
	AskAgain:    "Ask something else",

	HistoryEmpty: "You have not sent an inquiry yet.",
	HistoryLogIn: "Log in to see your inquiries.",
	Received:     "Received",
	TimeLayout:   "2 January 2006, 15:04",

	StatusNotice: "We could not check whether you are logged in. You go on as a guest.",
	NoScript:     "Turn on JavaScript so that we can check whether you are logged in.",

	StartTitle: "Help center simulator",
	StartText:  "A help center for building and testing a member integration. It is not connected to the real service, and keeps everything in memory only.",
	Console:    "Console",

	NotFoundTitle:   "Page not found",
	NotFoundText:    "Please check the address.",
	UnreadableTitle: "We could not take your inquiry",
	UnreadableText:  "It is too large, or not in a form we can read. Shorten it and try again.",

	RefusedTitle:     "Login refused",
	RefusedFields:    "The member's details did not arrive as they should.",
	RefusedTime:      "The request timed out. Please log in again.",
	RefusedSignature: "The authentication token is not valid.",
	RefusedOff:       "Member integration is not in use.",
	RefusedReturnURL: "The address to return to is not allowed.",
	SeeConsole:       "See the cause in the console",
}
