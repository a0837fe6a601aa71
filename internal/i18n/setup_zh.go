package i18n

var setupZH = Setup{
	Title: "准备对接",
	Text:  "在这里查看需要填入帮助中心控制台的值、本服务器的状态，并检查是否符合对接规范。本页面仅供运维人员使用。",

	ConsoleTitle: "填入控制台的值",
	ConsoleText:  "在控制台打开以下菜单，启用会员对接，并原样填入下列值。",
	Fields: [...]string{
		FieldLoginType:      "登录类型",
		FieldLoginURL:       "登录 URL",
		FieldLoginStatusURL: "登录状态 URL",
		FieldParameter:      "回传参数",
		FieldTokenVerifyURL: "令牌验证 URL",
	},
	InQuery:     "放入查询字符串",
	Copy:        "复制",
	copied:      "已复制：%s",
	NoLogoutURL: "控制台没有退出登录 URL 的输入项。帮助中心的登录状态会在一段时间后自动失效。",

	StateTitle: "服务器状态",
	StateText:  "每次打开页面时重新检查。",
	Levels: [...]string{
		LevelFine:    "正常",
		LevelWarn:    "警告",
		LevelWrong:   "需要处理",
		LevelUnknown: "无法确认",
	},
	Prerequisites: [...]SetupPrerequisite{
		PrerequisiteOrganizationKey: {"组织密钥", "已设置，且不是示例或占位值。"},
		PrerequisiteSessionKeys:     {"会话密钥", "已设置，且不是占位值。"},
		PrerequisiteSettings:        {"配置", "服务器正按文件和环境变量中的内容运行。"},
		PrerequisitePublicURL:       {"公开网址", "使用 HTTPS。"},
		PrerequisiteHelpCenter:      {"帮助中心连接", "帮助中心有响应。"},
		PrerequisiteClock:           {"时钟", "与帮助中心的时钟相差不超过 30 秒。"},
		PrerequisiteStore:           {"存储", "有响应，且重启后登录状态仍然保留。"},
		PrerequisiteMembers:         {"会员信息", "可以查询会员。"},
	},
	Faults: [...]SetupFault{
		FaultOrganizationKey: {
			"文件或环境变量中的组织密钥无法使用，目前仍在使用原来的密钥。",
			"请从控制台的组织信息中复制组织密钥，设置到 OCSSO_HELP_CENTER_ORGANIZATION_KEY，然后重启服务器。",
		},
		FaultSessionKeys: {
			"文件或环境变量中的会话密钥无法使用，目前仍在使用原来的密钥。",
			"请设置由 ocsso new-key 生成的密钥，然后发送 SIGHUP。",
		},
		FaultKeyChanged: {
			"文件或环境变量中的密钥已更改，但目前仍在使用原来的密钥。",
			"发送 SIGHUP 后即可使用新密钥。",
		},
		FaultSettings: {
			"按照文件和环境变量的当前内容，服务器将无法重新启动。",
			"请修正下列项目，然后用 ocsso config check 确认。",
		},
		FaultSettingsChanged: {
			"服务器启动后配置发生了变化。",
			"请重启服务器以应用新配置。",
		},
		FaultPublicURL: {
			"使用的是 HTTP，只能在本机访问。",
			"请将 server.public_url 改为会员使用的 https 地址，并在 server.tls 或前置代理中配置证书。",
		},
		FaultHelpCenter: {
			"帮助中心在 2 秒内没有响应。",
			"请检查 help_center.domain 和 help_center.environment，以及本服务器的 DNS、防火墙和代理。",
		},
		FaultClockOff: {
			"与帮助中心的时钟相差超过 30 秒。达到 3 分钟后，所有登录都会被拒绝。",
			"请使用 NTP 校准本服务器的时钟。",
		},
		FaultClockRefused: {
			"与帮助中心的时钟相差 3 分钟或以上，所有登录都会被拒绝。",
			"请使用 NTP 校准本服务器的时钟；如果是容器，请校准宿主机的时钟。",
		},
		FaultClockUnknown: {
			"无法得知帮助中心的时间，因此未能比较。",
			"请先解决与帮助中心的连接问题。",
		},
		FaultStoreForgets: {
			"仅保存在内存中，重启后所有会员都会退出登录。",
			"单台服务器请将 store.kind 设为 sqlite，多台服务器请设为 redis。",
		},
		FaultStore: {
			"存储没有响应，任何人都无法登录。",
			"请检查 store 配置和存储本身。存储恢复后，服务器会自动恢复。",
		},
		FaultMembers: {
			"无法查询会员。",
			"请检查 members 配置和数据库。",
		},
	},

	CheckTitle:       "检查对接规范",
	CheckText:        "通过公开网址访问本服务器，逐项检查是否符合帮助中心的要求，最多需要一分钟。检查结果以英文显示。",
	CheckLogin:       "如需检查要求登录的项目，请输入测试会员的信息。输入的内容不会被保存或记录。本页面未加密，从其他电脑访问时请使用 SSH 隧道。每次检查会尝试登录约十次，为避免触发登录次数限制（login.limits），请间隔一分钟再次检查。",
	CheckByOthers:    "本服务器没有密码登录，因此会跳过要求登录的项目。可使用 ocsso check 的 --cookie-env 检查。",
	CheckUserCode:    "测试会员账号（可选）",
	CheckPassword:    "测试会员密码（可选）",
	CheckRun:         "开始检查",
	CheckRunning:     "正在检查，请稍候。",
	CheckHalfLogin:   "账号和密码请全部填写，或全部留空。",
	CheckBusy:        "另一项检查正在进行，请在结束后重试。",
	CheckUnreachable: "本服务器无法访问公开网址，因此未能检查。请检查 DNS、防火墙、证书和前置代理。",
	CheckSlow:        "未能在一分钟内完成检查。请检查公开网址的响应速度。",
	checkCounts:      "通过 %d · 失败 %d · 警告 %d · 跳过 %d",
	CheckFine:        "已检查的项目全部符合规范。",
	CheckWant:        "预期结果",
	CheckGot:         "实际得到",
	CheckHint:        "解决方法",
	checkSkipped:     "跳过的项目：%d",
}
