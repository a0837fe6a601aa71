package standin

var textKO = text{
	Language:   "한국어",
	Simulator:  "시뮬레이터",
	NotReal:    "실제 헬프센터가 아닙니다",
	SkipLink:   "본문 바로가기",
	HelpCenter: "헬프센터",
	Menu:       "주 메뉴",
	Languages:  "언어",

	Home:    "홈",
	Inquiry: "문의하기",
	History: "문의 내역",
	Guest:   "비회원",
	member:  "%s 님",
	LogIn:   "로그인",

	Greeting:    "무엇을 도와드릴까요?",
	HomeLead:    "궁금한 점을 남겨 주시면 담당자가 확인하고 답변드립니다.",
	InquiryLead: "궁금한 점을 1:1로 물어보세요.",
	HistoryLead: "보내신 문의를 한곳에서 확인하세요.",
	FAQ:         "자주 묻는 질문",
	Questions: []question{
		{"문의에 대한 답변은 어디에서 볼 수 있나요?", "로그인한 뒤 문의 내역에서 확인할 수 있습니다. 비회원 문의는 입력하신 이메일로 답변드립니다."},
		{"로그인하지 않아도 문의할 수 있나요?", "비회원 문의를 받도록 설정된 경우에만 가능합니다. 이때는 이름과 이메일을 함께 입력해 주세요."},
		{"다른 사람이 제 문의를 볼 수 있나요?", "아니요. 문의 내역은 문의하신 회원 본인에게만 보입니다."},
	},

	asMember:    "%s 님으로 문의를 접수합니다.",
	AsGuest:     "비회원으로 문의를 접수합니다.",
	MembersOnly: "로그인한 회원만 문의할 수 있습니다.",

	Title:   "제목",
	Content: "내용",
	Name:    "이름",
	Email:   "이메일",
	Send:    "문의 보내기",
	Correct: "입력하신 내용을 확인해 주세요.",

	TitleRequired:   "제목을 입력해 주세요.",
	TitleTooLong:    "제목은 200자까지 입력할 수 있습니다.",
	ContentRequired: "내용을 입력해 주세요.",
	ContentTooLong:  "내용은 10,000자까지 입력할 수 있습니다.",
	NameRequired:    "이름을 입력해 주세요.",
	NameTooLong:     "이름은 50자까지 입력할 수 있습니다.",
	EmailInvalid:    "올바른 이메일 주소를 입력해 주세요.",

	ThanksTitle: "문의가 접수되었습니다",
	ThanksText:  "확인하는 대로 입력하신 이메일로 답변드리겠습니다.",
	AskAgain:    "다른 문의하기",

	HistoryEmpty: "아직 보내신 문의가 없습니다.",
	HistoryLogIn: "문의 내역은 로그인한 뒤 확인할 수 있습니다.",
	Received:     "접수",
	TimeLayout:   "2006년 1월 2일 15:04",

	StatusNotice: "로그인 상태를 확인하지 못했습니다. 비회원으로 계속합니다.",
	NoScript:     "로그인 상태를 확인하려면 브라우저의 자바스크립트를 켜 주세요.",

	StartTitle: "헬프센터 시뮬레이터",
	StartText:  "회원 연동을 개발하고 시험하기 위한 헬프센터입니다. 실제 서비스와 연결되어 있지 않으며, 모든 내용은 메모리에만 보관됩니다.",
	Console:    "콘솔",

	NotFoundTitle:   "페이지를 찾을 수 없습니다",
	NotFoundText:    "주소를 다시 확인해 주세요.",
	UnreadableTitle: "문의를 접수하지 못했습니다",
	UnreadableText:  "보내신 내용이 너무 크거나 형식이 올바르지 않습니다. 내용을 줄여 다시 시도해 주세요.",

	RefusedTitle:     "로그인하지 못했습니다",
	RefusedFields:    "전달된 회원 정보가 올바르지 않습니다.",
	RefusedTime:      "요청 시간이 초과되었습니다. 다시 로그인해 주세요.",
	RefusedSignature: "인증 토큰이 올바르지 않습니다.",
	RefusedOff:       "회원 연동을 사용하고 있지 않습니다.",
	RefusedReturnURL: "돌아갈 주소가 올바르지 않습니다.",
	SeeConsole:       "콘솔에서 원인 보기",
}
