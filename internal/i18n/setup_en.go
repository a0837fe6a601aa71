package i18n

var setupEN = SetupMessages{
	Title: "Set up the integration",
	Text:  "What to enter in the help center’s console, how this server stands, and a check against the contract, in one place. Only operators see this page.",

	ConsoleTitle: "Values for the console",
	ConsoleText:  "Open this menu in the console, switch the member integration on, and enter these values as they are.",
	Fields: [...]string{
		FieldLoginType:      "Login type",
		FieldLoginURL:       "Login URL",
		FieldLoginStatusURL: "Login status URL",
		FieldParameter:      "Parameter to send back",
		FieldTokenVerifyURL: "Token verify URL",
	},
	InQuery:     "in the query",
	Copy:        "Copy",
	copied:      "Copied: %s",
	NoLogoutURL: "The console has no field for a logout URL. The help center’s own session ends by itself after a while.",

	StateTitle: "State of this server",
	StateText:  "Looked at anew each time this page is opened.",
	Levels: [...]string{
		LevelFine:    "Fine",
		LevelWarn:    "Warning",
		LevelWrong:   "To be fixed",
		LevelUnknown: "Not known",
	},
	Prerequisites: [...]SetupPrerequisite{
		PrerequisiteOrganizationKey: {"Organization key", "Set, and neither a sample nor a placeholder."},
		PrerequisiteSessionKeys:     {"Session keys", "Set, and not placeholders."},
		PrerequisiteSettings:        {"Configuration", "This server runs with what the files and the environment say."},
		PrerequisitePublicURL:       {"Public URL", "Uses HTTPS."},
		PrerequisiteHelpCenter:      {"Help center", "Answers."},
		PrerequisiteClock:           {"Clock", "Within 30 seconds of the help center’s."},
		PrerequisiteStore:           {"Store", "Answers, and keeps logins over a restart."},
		PrerequisiteMembers:         {"Members", "Can be looked up."},
	},
	Faults: [...]SetupFault{
		FaultOrganizationKey: {
			"The organization key in the files or the environment can’t be used. The old one is still in use.",
			"Copy the key from the organization’s information in the console, set OCSSO_HELP_CENTER_ORGANIZATION_KEY to it, and restart the server.",
		},
		FaultSessionKeys: {
			"The session keys in the files or the environment can’t be used. The old ones are still in use.",
			"Set keys made by ocsso new-key, and send SIGHUP.",
		},
		FaultKeyChanged: {
			"The files or the environment have another key by now. The old one is still in use.",
			"Send SIGHUP to use the new one.",
		},
		FaultSettings: {
			"The server could not start again with what the files and the environment say now.",
			"Fix what is listed below, then run ocsso config check.",
		},
		FaultSettingsChanged: {
			"The configuration has changed since the server was started.",
			"Restart the server to use it.",
		},
		FaultPublicURL: {
			"It is http, which works on this machine only.",
			"Set server.public_url to the https address that members use, with a certificate in server.tls or at the proxy in front.",
		},
		FaultHelpCenter: {
			"The help center did not answer within 2 seconds.",
			"Check help_center.domain and help_center.environment, then DNS, firewall and proxy of this server.",
		},
		FaultClockOff: {
			"More than 30 seconds from the help center’s clock. From 3 minutes on, every login is refused.",
			"Keep this server’s clock by NTP.",
		},
		FaultClockRefused: {
			"3 minutes or more from the help center’s clock: every login is refused.",
			"Keep this server’s clock by NTP; for a container, the host’s.",
		},
		FaultClockUnknown: {
			"There was no time of the help center’s to compare with.",
			"Solve the connection to the help center first.",
		},
		FaultStoreForgets: {
			"Kept in memory only: a restart logs every member out.",
			"Set store.kind to sqlite for one server, or to redis for several.",
		},
		FaultStore: {
			"The store does not answer, so nobody can log in.",
			"Check the store settings and the store itself. The server recovers by itself when the store is back.",
		},
		FaultMembers: {
			"Members can’t be looked up.",
			"Check the members settings and the database.",
		},
	},

	CheckTitle:       "Check against the contract",
	CheckText:        "Visits this server at its public URL and checks, case by case, what the help center requires. It takes up to a minute.",
	CheckLogin:       "To include the cases that need a login, enter a test member’s. It is neither stored nor logged. This page is not encrypted: from another machine, use an SSH tunnel. A run tries to log in some ten times, which counts against login.limits: wait a minute before the next one.",
	CheckByOthers:    "There is no password login here, so the cases that need a login are skipped. ocsso check has --cookie-env for them.",
	CheckUserCode:    "Test member’s user ID (optional)",
	CheckPassword:    "Test member’s password (optional)",
	CheckRun:         "Run the checks",
	CheckRunning:     "Running. This takes a moment.",
	CheckHalfLogin:   "Enter both the user ID and the password, or neither.",
	CheckBusy:        "Another run is under way. Try again when it has ended.",
	CheckUnreachable: "This server can’t reach the public URL, so nothing was checked. Look at DNS, firewall, certificate and the proxy in front.",
	CheckSlow:        "The run did not end within a minute. Look into how fast the public URL answers.",
	checkCounts:      "Passed %d · failed %d · warnings %d · skipped %d",
	CheckFine:        "Everything that was checked meets the contract.",
	CheckWant:        "Wanted",
	CheckGot:         "Got",
	CheckHint:        "Way out",
	checkSkipped:     "Skipped: %d",
}
