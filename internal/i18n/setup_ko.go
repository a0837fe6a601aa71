package i18n

var setupKO = SetupMessages{
	Title: "연동 준비",
	Text:  "헬프센터 콘솔에 입력할 값과 이 서버의 준비 상태를 확인하고, 연동 규격을 지키는지 검사합니다. 운영자만 볼 수 있는 페이지입니다.",

	ConsoleTitle: "콘솔에 입력할 값",
	ConsoleText:  "콘솔에서 아래 메뉴를 열어 회원 연동을 활성화하고, 다음 값을 그대로 입력하십시오.",
	Fields: [...]string{
		FieldLoginType:      "로그인 타입",
		FieldLoginURL:       "로그인 URL",
		FieldLoginStatusURL: "로그인 상태 URL",
		FieldParameter:      "파라미터 설정",
		FieldTokenVerifyURL: "Token 검증 URL",
	},
	InQuery:     "쿼리에 포함",
	Copy:        "복사",
	copied:      "복사했습니다: %s",
	NoLogoutURL: "콘솔에는 로그아웃 URL 항목이 없습니다. 헬프센터에서는 일정 시간이 지나면 자동으로 로그아웃됩니다.",

	StateTitle: "준비 상태",
	StateText:  "페이지를 열 때마다 새로 확인합니다.",
	Levels: [...]string{
		LevelFine:    "정상",
		LevelWarn:    "주의",
		LevelWrong:   "문제 있음",
		LevelUnknown: "확인 불가",
	},
	Prerequisites: [...]SetupPrerequisite{
		PrerequisiteOrganizationKey: {"조직 Key", "설정되어 있으며, 예시나 임시 값이 아닙니다."},
		PrerequisiteSessionKeys:     {"세션 키", "설정되어 있으며, 임시 값이 아닙니다."},
		PrerequisiteSettings:        {"설정 파일", "파일과 환경 변수의 내용이 이 서버에 그대로 적용되어 있습니다."},
		PrerequisitePublicURL:       {"공개 URL", "HTTPS를 사용하며, 이 주소에서 이 서버가 응답합니다."},
		PrerequisiteHelpCenter:      {"헬프센터 연결", "헬프센터가 응답합니다."},
		PrerequisiteClock:           {"시계", "헬프센터 시계와의 차이가 30초 이내입니다."},
		PrerequisiteStore:           {"저장소", "응답하며, 서버를 다시 시작해도 로그인이 유지됩니다."},
		PrerequisiteMembers:         {"회원 정보", "회원을 조회할 수 있습니다."},
	},
	Faults: [...]SetupFault{
		FaultOrganizationKey: {
			"파일이나 환경 변수의 조직 Key를 사용할 수 없습니다. 지금은 이전 키로 동작하고 있습니다.",
			"콘솔의 [전체 관리 > 계약 서비스 현황 > 조직 정보]에서 조직 Key를 복사해 OCSSO_HELP_CENTER_ORGANIZATION_KEY에 설정한 후 서버를 다시 시작하십시오.",
		},
		FaultSessionKeys: {
			"파일이나 환경 변수의 세션 키를 사용할 수 없습니다. 지금은 이전 키로 동작하고 있습니다.",
			"ocsso new-key로 만든 키를 설정한 후 SIGHUP을 보내십시오.",
		},
		FaultKeyChanged: {
			"파일이나 환경 변수의 키가 바뀌었지만, 지금은 이전 키로 동작하고 있습니다.",
			"SIGHUP을 보내면 새 키가 적용됩니다.",
		},
		FaultSettings: {
			"지금 파일과 환경 변수의 내용으로는 서버를 다시 시작할 수 없습니다.",
			"아래 항목을 고친 후 ocsso config check로 확인하십시오.",
		},
		FaultSettingsChanged: {
			"서버를 시작한 후 설정이 바뀌었습니다.",
			"새 설정을 적용하려면 서버를 다시 시작하십시오.",
		},
		FaultPublicURL: {
			"HTTP이므로 이 컴퓨터에서만 사용할 수 있습니다.",
			"server.public_url을 회원이 접속할 https 주소로 바꾸고, server.tls나 앞단의 프록시에 인증서를 설정하십시오.",
		},
		FaultPublicURLHost: {
			"존재하지 않는 호스트이므로 회원이 접속할 수 없습니다.",
			"server.public_url에 오타가 없는지 확인하고, 호스트 이름을 DNS에 등록하십시오.",
		},
		FaultPublicURLCertificate: {
			"인증서가 올바르지 않아, 회원의 브라우저에 경고가 표시되고 헬프센터의 호출이 실패합니다.",
			"이 호스트 이름의 인증서를 중간 인증서까지 포함해 server.tls나 앞단의 프록시에 설정하십시오.",
		},
		FaultPublicURLSilent: {
			"이 서버에서 접속했을 때 응답이 없습니다. 서버가 자신의 공개 주소로 접속할 수 없는 네트워크라면 회원은 접속할 수 있습니다.",
			"외부에서 이 URL을 열어 보고, 열리지 않으면 방화벽과 앞단의 프록시를 확인하십시오.",
		},
		FaultPublicURLOther: {
			"이 서버가 아닌 다른 곳에서 응답합니다. /login/status의 응답이 이 서버의 응답과 다릅니다.",
			"앞단의 프록시가 모든 경로를 그대로 이 서버에 전달하게 하십시오.",
		},
		FaultHelpCenter: {
			"헬프센터가 응답하지 않거나 2초 안에 응답하지 않았습니다.",
			"이 서버의 방화벽과 프록시, 그리고 help_center.domain과 help_center.environment를 확인하십시오.",
		},
		FaultHelpCenterHost: {
			"존재하지 않는 호스트입니다.",
			"help_center.domain과 help_center.environment, 그리고 이 서버의 DNS를 확인하십시오.",
		},
		FaultClockOff: {
			"헬프센터 시계와 30초 넘게 차이 납니다. 차이가 3분 이상이 되면 모든 로그인이 거부됩니다.",
			"이 서버의 시계를 NTP로 맞추십시오.",
		},
		FaultClockRefused: {
			"헬프센터 시계와 3분 이상 차이 나므로 모든 로그인이 거부됩니다.",
			"이 서버의 시계를 NTP로 맞추십시오. 컨테이너라면 호스트의 시계를 맞추십시오.",
		},
		FaultClockUnknown: {
			"헬프센터의 시각을 알 수 없어 비교하지 못했습니다.",
			"헬프센터 연결을 먼저 해결하십시오.",
		},
		FaultStoreForgets: {
			"메모리에만 저장하므로 서버를 다시 시작하면 모든 회원이 로그아웃됩니다.",
			"서버가 한 대이면 store.kind를 file로, 여러 대이면 redis로 바꾸십시오.",
		},
		FaultStore: {
			"저장소가 응답하지 않아 아무도 로그인할 수 없습니다.",
			"store 설정과 저장소의 상태를 확인하십시오. 저장소가 복구되면 서버도 자동으로 정상화됩니다.",
		},
		FaultMembers: {
			"회원을 조회할 수 없습니다.",
			"members 설정과 데이터베이스의 상태를 확인하십시오.",
		},
		FaultMembersFile: {
			"지금의 회원 파일은 사용할 수 없습니다. 이전에 읽은 회원 정보로 동작하고 있습니다.",
			"아래 항목을 고치십시오. 5초 안에 파일을 다시 읽습니다.",
		},
		FaultMembersChanged: {
			"회원 파일이 바뀌었지만, 아직 이전에 읽은 회원 정보로 동작하고 있습니다.",
			"5초 안에 파일을 다시 읽습니다.",
		},
	},

	HowToFix: "해결 방법",

	CheckTitle:  "연동 규격 검사",
	CheckText:   "ocdev가 설치된 컴퓨터에서 테스트 회원의 usercode를 넣어 이 명령을 실행하십시오. 브라우저와 헬프센터처럼 이 서버에 접속해, 규격에 맞지 않는 부분을 항목별로 알려 줍니다. 한 번 실행할 때 로그인을 10번 정도 시도하므로, 다시 실행하려면 1분쯤 기다리십시오(login.limits).",
	CheckSecret: "테스트 회원의 비밀번호나 다른 곳에서 로그인한 쿠키는 명령에 적힌 환경 변수에 넣으십시오.",
}
