package standin

import "time"

var consoleEN = consoleText{
	Title:       "Console",
	Lead:        "The settings of member integration, and every call that the help center received or made.",
	HideSecrets: "Hide key and tokens",
	ShowSecrets: "Show key and tokens",
	AsJSON:      "As JSON",

	Settings:        "Member integration",
	Enabled:         "Member integration on",
	Guests:          "Guest inquiries",
	Type:            "Login type",
	LoginURL:        "Login URL",
	LoginStatusURL:  "Login status URL",
	TokenVerifyURL:  "Token verify URL",
	Service:         "Default service id",
	OrganizationKey: "Organization key",
	KeepKey:         "Leave empty to keep the present one.",
	Parameters:      "Parameters sent back",
	NotSent:         "Not sent",
	InQuery:         "Query",
	InHeader:        "Header",
	Save:            "Save",
	Correct:         "Not saved. Please check the fields below.",

	Faults:      "Faults",
	FaultsHint:  "Write delays like 1s or 1.5s. A status or a body is answered instead of the real answer.",
	ClockOffset: "Clock offset",
	Delay:       "Delay",
	Status:      "Status",
	Body:        "Body",

	Cookies: "Block third-party cookies",
	CookiesHint: "The login status call of this help center then goes without the cookie, as in Safari or an incognito window of Chrome. " +
		"With the parameters usercode and token members stay logged in; without them the login repeats.",
	BlockCookies: "Block them",
	AllowCookies: "Allow them again",

	Reset:     "Back to the start",
	ResetHint: "Clears the log, inquiries, logins and faults, and restores the settings.",

	Events:       "Calls",
	NoEvents:     "No calls yet.",
	Fields:       "Fields",
	Message:      "String that should have been signed",
	Expected:     "Expected token",
	Received:     "Received token",
	Cause:        "Likely cause",
	LookAt:       "Look at",
	Detail:       "Detail",
	Open:         "Details",
	Copy:         "Copy",
	CopyHint:     "A click selects all of it.",
	Back:         "Back to the console",
	NoEventTitle: "No such call",
	NoEventText:  "It was cleared, or is too old to be kept.",

	kinds: map[Kind]string{
		KindForm: "Remote login (browser)", KindAPI: "Remote login (server)", KindHome: "Home", KindInquiry: "Inquiry",
		KindHistory: "History", KindAccessToken: "Access token", KindLink: "Signed link",
		KindVerify: "Token verify call", KindStatus: "Login status call", KindLogin: "Login page",
	},
	outcomes: map[Outcome]string{
		OutcomeOK: "ok", OutcomeWarning: "warning", OutcomeRefused: "refused", OutcomeFault: "fault",
	},
	duration: time.Duration.String,
}
