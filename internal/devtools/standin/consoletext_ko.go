package standin

import (
	"fmt"
	"strings"
	"time"
)

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
	Delay:       "지연",
	Status:      "상태 코드",
	Body:        "본문",

	Cookies: "서드파티 쿠키 차단",
	CookiesHint: "차단하면 이 헬프센터의 로그인 상태 호출에 쿠키가 실리지 않습니다. Safari나 Chrome의 시크릿 창과 같습니다. " +
		"파라미터 설정에 usercode와 token이 있으면 로그인이 유지되고, 없으면 로그인이 되풀이됩니다.",
	BlockCookies: "차단하기",
	AllowCookies: "차단 해제",

	Reset:     "처음 상태로 되돌리기",
	ResetHint: "기록, 문의, 로그인, 장애와 설정을 모두 처음으로 되돌립니다.",

	Events:       "호출 기록",
	NoEvents:     "아직 호출이 없습니다.",
	Fields:       "받은 값",
	Message:      "서명했어야 하는 문자열",
	Expected:     "올바른 토큰",
	Received:     "받은 토큰",
	Cause:        "추정 원인",
	LookAt:       "확인할 값",
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
		KindVerify: "Token 검증 호출", KindStatus: "로그인 상태 호출", KindLogin: "로그인 페이지",
	},
	outcomes: map[Outcome]string{
		OutcomeOK: "정상", OutcomeWarning: "주의", OutcomeRefused: "거절", OutcomeFault: "장애",
	},
	translations: map[string]string{
		problemRequired: "값을 입력해 주세요.",
		problemType:     "POST와 GET 중에서 선택해 주세요.",
		problemURL:      "http 또는 https 주소여야 하며 사용자 이름과 #을 포함할 수 없습니다.",
		problemService:  "50자 이하의 경로 하나여야 합니다.",
		problemName:     "원격 로그인의 필드 이름이어야 하며 한 번만 쓸 수 있습니다.",
		problemPlace:    "쿼리와 헤더 중에서 선택해 주세요.",
		problemEndpoint: "장애를 만들 수 없는 대상입니다.",
		problemDuration: "1s, 1.5s, -10m처럼 입력해 주세요.",
		problemDelay:    "0s에서 1m 사이여야 합니다.",
		problemNumber:   "숫자를 입력해 주세요.",
		problemStatus:   "200에서 599 사이의 값이거나 0이어야 합니다.",

		sayGuest:              "비회원",
		sayMember:             "회원 %s",
		sayFault:              "장애 설정에 따라 %d(으)로 응답함",
		sayMembersOnly:        "회원만 문의할 수 있음",
		sayInquiry:            "문의 항목이 비어 있거나 너무 긺",
		sayBodyUnreadable:     "본문을 읽을 수 없음: %v",
		sayBodyNoForm:         "본문이 폼 형식이 아님: %v",
		sayMethod:             "메서드가 POST가 아니라 %s임",
		sayContentType:        "Content-Type이 application/x-www-form-urlencoded가 아니라 %q임",
		sayCharset:            "문자 집합이 UTF-8이 아니라 %q임",
		sayByScript:           "폼이 아닌 스크립트로 보냄(Sec-Fetch-Mode: %s). 쿠키가 브라우저에 저장되지 않음",
		sayNotPOST:            "회원 연동이 꺼져 있거나 로그인 타입이 POST가 아님",
		sayNotGET:             "무시함: 회원 연동이 꺼져 있거나 로그인 타입이 GET이 아님",
		sayUnknownField:       "%q은(는) 규격에 없는 필드임",
		sayRepeated:           "%s 값을 %d번 보냄",
		sayNotUTF8:            "%s 값이 UTF-8이 아님",
		sayRequired:           "%s 값이 필요함",
		sayTooLong:            "%s 값이 %d자이며 %d자를 넘을 수 없음",
		sayTimeNoNumber:       "time이 int64가 아님: %q",
		sayTimeOff:            "time이 헬프센터의 시계와 %s 차이 나며 %s까지만 허용됨",
		sayToken:              "token이 이 필드들의 토큰이 아님",
		sayReturnURLUnasked:   "returnUrl은 이 호출의 필드가 아님",
		sayReturnURLElsewhere: "returnUrl이 헬프센터나 고객사 사이트의 주소가 아님",
		sayAccessTokenUnknown: "accessToken을 알 수 없거나 이미 사용됨",
		sayAccessTokenOld:     "accessToken이 발급된 지 %s 넘게 지남",
		sayOtherUserCode:      "usercode가 accessToken을 발급받은 로그인의 값이 아님",
		sayOtherTime:          "time이 accessToken을 발급받은 로그인의 값이 아님",
		sayVerifyNo:           "Token 검증 URL이 토큰을 확인해 주지 않음",
		sayVerifyURL:          "Token 검증 URL을 호출할 수 없음",
		sayNoAnswer:           "응답 없음: %v",
		sayAnswerCut:          "응답이 중간에 끊김: %v",
		sayNoStatusAnswer:     "스크립트가 읽을 수 있는 응답을 받지 못함(%s). 연결 실패, 리다이렉트, CORS 헤더 누락 또는 사전 요청(preflight) 거절",
		sayAnswered:           "200이 아니라 %d(으)로 응답함",
		sayAnswerNoJSON:       "응답이 규격에 맞는 JSON이 아님: %v",
		sayAnswerBoolean:      "login이 문자열이 아니라 Boolean임",
		sayAnswerNeither:      `login이 "true"나 "false"가 아니라 %q임`,
		sayAnswerNoLogin:      "login이 없거나 문자열이 아님",
		sayAnswerNoUserCode:   `login이 "true"인데 usercode가 없음`,
		sayAnswerOtherMember:  "다른 usercode에 대한 응답임",
		sayLoginTrue:          `login이 "true", usercode는 %s`,
		sayLoginFalse:         `login이 "false"`,
		sayFalseAtOnce: "방금 원격 로그인을 받았는데 로그아웃 상태라고 응답함. 이대로면 로그인이 끝없이 되풀이될 수 있음. 상태 URL에 로그인 쿠키가 전달되지 않았을 가능성이 큼: " +
			"쿠키에 SameSite=None과 Secure가 없음, 쿠키의 Path나 Domain에 상태 URL이 포함되지 않음, 브라우저가 서드파티 쿠키를 차단함",
		sayNoHandoff: "로그인 URL이 열린 지 %s 지났지만 원격 로그인이 오지 않음. 회원이 아직 로그인 페이지에 있거나, 로그인한 뒤의 페이지가 폼을 보내지 않음: " +
			"폼을 제출하는 스크립트가 없거나 오류가 남, Content-Security-Policy가 스크립트나 form-action을 막음, 이름이 submit인 항목이 폼에 있음",
	},
	duration: koreanDuration,
}

// koreanDuration drops fractions of a second.
func koreanDuration(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		n    time.Duration
		name string
	}{
		{d / time.Hour, "시간"}, {d % time.Hour / time.Minute, "분"}, {d % time.Minute / time.Second, "초"},
	} {
		if unit.n > 0 {
			parts = append(parts, fmt.Sprintf("%d%s", unit.n, unit.name))
		}
	}
	return strings.Join(parts, " ")
}
