package i18n

var setupEN = SetupMessages{
	Title: "Set up the integration",
	Text:  "What to enter in the help center’s console, the state of this server, and a check against the contract. Only operators can see this page.",

	ConsoleTitle: "Values for the console",
	ConsoleText:  "Open this menu in the console, turn on the member integration, and enter these values as they are.",
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
	StateText:  "Checked each time this page is opened.",
	Levels: [...]string{
		LevelFine:    "Fine",
		LevelWarn:    "Warning",
		LevelWrong:   "Needs fixing",
		LevelUnknown: "Unknown",
	},
	Prerequisites: [...]SetupPrerequisite{
		PrerequisiteOrganizationKey: {"Organization key", "Set, and neither a sample nor a placeholder."},
		PrerequisiteSessionKeys:     {"Session keys", "Set, and not placeholders."},
		PrerequisiteSettings:        {"Configuration", "This server runs with what the files and the environment say."},
		PrerequisitePublicURL:       {"Public URL", "Uses HTTPS, and this server answers there."},
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
			"The key in the files or the environment has changed. The old one is still in use.",
			"Send SIGHUP to use the new one.",
		},
		FaultSettings: {
			"The server would not start again with the files and the environment as they are now.",
			"Fix what is listed below, then run ocsso config check.",
		},
		FaultSettingsChanged: {
			"The configuration has changed since the server was started.",
			"Restart the server to use it.",
		},
		FaultPublicURL: {
			"Uses HTTP, which works on this machine only.",
			"Set server.public_url to the https address that members use, with a certificate in server.tls or at the proxy in front.",
		},
		FaultPublicURLHost: {
			"There is no such host, so no member can open it.",
			"Check the spelling of server.public_url, and register the host name in your DNS.",
		},
		FaultPublicURLCertificate: {
			"The certificate is not valid there, so browsers warn members and the help center’s calls fail.",
			"Install a certificate for this host name, with the whole chain, in server.tls or at the proxy in front.",
		},
		FaultPublicURLSilent: {
			"This server got no answer there. Members may get one where your network lets no machine call itself by its public address.",
			"Open the URL from outside. If that fails, too, check the firewall and the proxy in front.",
		},
		FaultPublicURLOther: {
			"Something else answers there: /login/status has another answer than this server’s.",
			"Let the proxy in front hand every path to this server, unchanged.",
		},
		FaultHelpCenter: {
			"The help center does not answer, or not within 2 seconds.",
			"Check this server’s firewall and proxy, then help_center.domain and help_center.environment.",
		},
		FaultHelpCenterHost: {
			"There is no such host.",
			"Check help_center.domain and help_center.environment, then this server’s DNS.",
		},
		FaultClockOff: {
			"More than 30 seconds off the help center’s clock. At 3 minutes or more, every login is refused.",
			"Set this server’s clock by NTP.",
		},
		FaultClockRefused: {
			"3 minutes or more off the help center’s clock: every login is refused.",
			"Set this server’s clock by NTP; for a container, the host’s clock.",
		},
		FaultClockUnknown: {
			"The help center’s time is unknown, so the clocks could not be compared.",
			"Fix the connection to the help center first.",
		},
		FaultStoreForgets: {
			"Kept in memory only: a restart logs every member out.",
			"Set store.kind to file for one server, or to redis for several.",
		},
		FaultStore: {
			"The store does not answer, so nobody can log in.",
			"Check the store settings and the store itself. The server recovers by itself when the store is back.",
		},
		FaultMembers: {
			"Members can’t be looked up.",
			"Check the members settings and the database.",
		},
		FaultMembersFile: {
			"The member file can’t be used as it is now. The members read before are still in use.",
			"Fix what is listed below. The file is read again within 5 seconds.",
		},
		FaultMembersChanged: {
			"The member file has changed. The members read before are still in use.",
			"The file is read again within 5 seconds.",
		},
	},

	HowToFix: "How to fix",

	CheckTitle:  "Check against the contract",
	CheckText:   "Run this command where ocdev is installed, with a test member’s usercode. It visits this server as a browser and as the help center do, and says case by case what does not meet the contract. A run tries about ten logins, so wait a minute before the next one (login.limits).",
	CheckSecret: "The test member’s password, or the cookie of a login elsewhere, goes into the environment variable that the command names.",
}
