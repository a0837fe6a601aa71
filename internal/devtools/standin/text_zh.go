package standin

var textZH = text{
	Language:   "简体中文",
	Simulator:  "模拟器",
	NotReal:    "不是真正的帮助中心",
	SkipLink:   "跳到正文",
	HelpCenter: "帮助中心",
	Menu:       "主菜单",
	Languages:  "语言",

	Home:    "首页",
	Inquiry: "提交咨询",
	History: "我的咨询",
	Guest:   "访客",
	member:  "%s，您好",
	LogIn:   "登录",

	Greeting:    "需要什么帮助？",
	HomeLead:    "请留下您的问题，我们会尽快处理并答复。",
	InquiryLead: "有任何疑问，欢迎一对一咨询。",
	HistoryLead: "在这里查看您提交过的全部咨询。",
	FAQ:         "常见问题",
	Questions: []question{
		{"在哪里查看咨询的答复？", "登录后可在“我的咨询”中查看。访客咨询将答复至所填写的邮箱。"},
		{"不登录也能咨询吗？", "仅在开放访客咨询时可以，届时请填写姓名和邮箱。"},
		{"其他人能看到我的咨询吗？", "不能。咨询记录只有提交者本人可见。"},
	},

	asMember:    "您将以 %s 的身份提交咨询。",
	AsGuest:     "您将以访客身份提交咨询。",
	MembersOnly: "只有已登录的会员才能提交咨询。",

	Title:   "标题",
	Content: "内容",
	Name:    "姓名",
	Email:   "邮箱",
	Send:    "提交",
	Correct: "请检查您填写的内容。",

	TitleRequired:   "请填写标题。",
	TitleTooLong:    "标题最多 200 个字符。",
	ContentRequired: "请填写内容。",
	ContentTooLong:  "内容最多 10,000 个字符。",
	NameRequired:    "请填写姓名。",
	NameTooLong:     "姓名最多 50 个字符。",
	EmailInvalid:    "请填写有效的邮箱地址。",

	ThanksTitle: "咨询已提交",
	ThanksText:  "我们会尽快通过您填写的邮箱答复。",
	AskAgain:    "继续咨询",

	HistoryEmpty: "您还没有提交过咨询。",
	HistoryLogIn: "请登录后查看您的咨询。",
	Received:     "已受理",
	TimeLayout:   "2006年1月2日 15:04",

	StatusNotice: "无法确认您的登录状态，将以访客身份继续。",
	NoScript:     "请启用浏览器的 JavaScript，以便确认您的登录状态。",

	StartTitle: "帮助中心模拟器",
	StartText:  "用于开发和测试会员对接的帮助中心。它不连接真实服务，所有内容仅保存在内存中。",
	Console:    "控制台",

	NotFoundTitle:   "找不到页面",
	NotFoundText:    "请检查地址是否正确。",
	UnreadableTitle: "未能受理您的咨询",
	UnreadableText:  "内容过大或格式不正确，请缩短后重试。",

	RefusedTitle:     "登录失败",
	RefusedFields:    "收到的会员信息不正确。",
	RefusedTime:      "请求已超时，请重新登录。",
	RefusedSignature: "认证令牌无效。",
	RefusedOff:       "未启用会员对接。",
	RefusedReturnURL: "返回地址不正确。",
	SeeConsole:       "在控制台查看原因",
}
