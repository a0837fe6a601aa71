package simulator

// consoleText is what the console says in one language. Details of events are in English: they are a developer's log.
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
	others   map[string]string // sentences that are kept in English elsewhere
}

// say is an English sentence of the simulator's in the console's language.
func (t *consoleText) say(sentence string) string {
	if other, ok := t.others[sentence]; ok {
		return other
	}
	return sentence
}

var consoleTexts = map[lang]*consoleText{langKO: &consoleKO, langEN: &consoleEN}

var consoleKO = consoleText{
	Title:       "콘솔",
	Lead:        "회원 연동 설정과 헬프센터가 주고받은 모든 호출을 확인합니다.",
	HideSecrets: "키와 토큰 숨기기",
	ShowSecrets: "키와 토큰 보기",
	AsJSON:      "JSON으로 보기",

	Settings:        "회원 연동",
	Enabled:         "회원 연동 활성화",
	Guests:          "비회원 문의 접수",
	Type:            "로그인 타입",
	LoginURL:        "로그인 URL",
	LoginStatusURL:  "로그인 상태 URL",
	TokenVerifyURL:  "Token 검증 URL",
	Service:         "기본 서비스 ID",
	OrganizationKey: "조직 Key",
	KeepKey:         "비워 두면 지금 값을 유지합니다.",
	Parameters:      "파라미터 설정",
	NotSent:         "보내지 않음",
	InQuery:         "쿼리",
	InHeader:        "헤더",
	Save:            "저장",
	Correct:         "저장하지 못했습니다. 아래 항목을 확인해 주세요.",

	Faults:      "장애 만들기",
	FaultsHint:  "지연은 1s, 1.5s처럼 입력합니다. 상태 코드나 본문을 입력하면 원래 응답 대신 그대로 응답합니다.",
	ClockOffset: "시계 차이",
	Endpoint:    "대상",
	Delay:       "지연",
	Status:      "상태 코드",
	Body:        "본문",

	Reset:     "처음 상태로 되돌리기",
	ResetHint: "기록, 문의, 로그인, 장애와 설정을 모두 처음으로 되돌립니다.",

	Events:       "호출 기록",
	NoEvents:     "아직 호출이 없습니다.",
	Fields:       "받은 값",
	Message:      "서명했어야 하는 문자열",
	Expected:     "올바른 토큰",
	Received:     "받은 토큰",
	Cause:        "추정 원인",
	Detail:       "설명",
	Open:         "자세히",
	Copy:         "복사하기",
	CopyHint:     "누르면 전체가 선택됩니다.",
	Back:         "콘솔로 돌아가기",
	NoEventTitle: "기록을 찾을 수 없습니다",
	NoEventText:  "초기화되었거나 오래되어 지워진 기록입니다.",

	kinds: map[Kind]string{
		KindForm: "원격 로그인 (브라우저)", KindAPI: "원격 로그인 (서버)", KindHome: "홈", KindInquiry: "문의하기",
		KindHistory: "문의 내역", KindAccessToken: "accessToken 교환", KindLink: "서명 링크",
		KindVerify: "Token 검증 호출", KindStatus: "로그인 상태 호출",
	},
	outcomes: map[Outcome]string{
		OutcomeOK: "정상", OutcomeWarning: "주의", OutcomeRefused: "거절", OutcomeFault: "장애",
	},
	others: map[string]string{
		problemRequired: "값을 입력해 주세요.",
		problemType:     "POST와 GET 중에서 선택해 주세요.",
		problemURL:      "http 또는 https 주소여야 하며 사용자 이름과 #을 포함할 수 없습니다.",
		problemService:  "50자 이하의 경로 하나여야 합니다.",
		problemName:     "원격 로그인의 필드 이름이어야 하며 한 번만 쓸 수 있습니다.",
		problemPlace:    "쿼리와 헤더 중에서 선택해 주세요.",

		string(CauseSeconds):           "밀리초가 아닌 초 단위 시간",
		string(CauseReturnURLSigned):   "서버 호출인데 returnUrl까지 서명함",
		string(CauseReturnURLUnsigned): "returnUrl을 보냈지만 서명하지 않음",
		string(CauseMemberNoUnsigned):  "memberno를 빼고 서명함",
		string(CauseBlankSigned):       "빈 값까지 서명함",
		string(CauseSpaces):            "값 앞뒤의 공백이 보낸 값과 다름",
		string(CausePlusLost):          "+가 공백으로 바뀜",
		string(CausePercentEncoded):    "인코딩한 문자열에 서명함",
		string(CauseOrder):             "필드 순서가 다름",
		string(CauseEncoding):          "표준 Base64가 아닌 토큰",
		string(CauseKeySpaces):         "조직 Key 앞뒤의 공백이나 줄 바꿈이 다름",
		string(CauseKeyHex):            "조직 Key를 16진수로 풀어서 사용함",
		string(CauseNoKey):             "Key 없이 SHA-256만 사용함",
		string(CauseKey):               "조직 Key가 다름",
	},
}

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
	Endpoint:    "Endpoint",
	Delay:       "Delay",
	Status:      "Status",
	Body:        "Body",

	Reset:     "Back to the start",
	ResetHint: "Clears the log, inquiries, logins and faults, and restores the settings.",

	Events:       "Calls",
	NoEvents:     "No calls yet.",
	Fields:       "Fields",
	Message:      "String that should have been signed",
	Expected:     "Expected token",
	Received:     "Received token",
	Cause:        "Likely cause",
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
		KindVerify: "Token verify call", KindStatus: "Login status call",
	},
	outcomes: map[Outcome]string{
		OutcomeOK: "ok", OutcomeWarning: "warning", OutcomeRefused: "refused", OutcomeFault: "fault",
	},
}
