package standin

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// note is a remark about a call. The console shows it in the reader's language.
type note struct {
	words // a format
	args  []any
}

func noted(format words, args ...any) note { return note{format, args} }

// String is the note in English, for the console's API and the answer to a remote login.
func (n note) String() string { return n.in(langEN) }

func (n note) in(l lang) string {
	args := slices.Clone(n.args)
	for i, arg := range args {
		if d, ok := arg.(time.Duration); ok && l == langKO {
			args[i] = koreanDuration(d)
		}
	}
	return fmt.Sprintf(l.of(n.words), args...)
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

// notesIn writes notes in one line.
func notesIn(l lang, notes []note) string {
	var all []string
	for _, n := range notes {
		all = append(all, n.in(l))
	}
	return strings.Join(all, "; ")
}

// The formats of notes. A time.Duration is written with %s.
var (
	sayGuest       = words{"guest", "비회원"}
	sayMember      = words{"member %s", "회원 %s"}
	sayFault       = words{"answered %d by a fault", "오류 주입으로 %d 응답"}
	sayMembersOnly = words{"only members may open an inquiry", "회원만 문의할 수 있음"}
	sayInquiry     = words{"a field of the inquiry is missing or too long", "문의 항목이 비어 있거나 너무 긺"}

	sayBodyUnreadable     = words{"the body can't be read: %v", "본문을 읽을 수 없음: %v"}
	sayBodyNoForm         = words{"the body is not a form: %v", "본문이 폼 형식이 아님: %v"}
	sayMethod             = words{"the method is %s, not POST", "메서드가 POST가 아니라 %s임"}
	sayContentType        = words{"Content-Type is %q, not application/x-www-form-urlencoded", "Content-Type이 application/x-www-form-urlencoded가 아니라 %q임"}
	sayCharset            = words{"the charset is %q, not UTF-8", "문자 집합이 UTF-8이 아니라 %q임"}
	sayByScript           = words{"sent by a script (Sec-Fetch-Mode: %s), not by a form: the browser would not keep the cookie", "폼이 아닌 스크립트로 보냄(Sec-Fetch-Mode: %s). 쿠키가 브라우저에 저장되지 않음"}
	sayNotPOST            = words{"member integration is off, or its login type is not POST", "회원 연동이 꺼져 있거나 로그인 타입이 POST가 아님"}
	sayNotGET             = words{"ignored: member integration is off, or its login type is not GET", "무시함: 회원 연동이 꺼져 있거나 로그인 타입이 GET이 아님"}
	sayUnknownField       = words{"%q is not a field of the contract", "알 수 없는 필드: %q"}
	sayRepeated           = words{"%s is sent %d times", "%s 값을 %d번 보냄"}
	sayNotUTF8            = words{"%s is not UTF-8", "%s 값이 UTF-8이 아님"}
	sayRequired           = words{"%s is required", "%s 값이 필요함"}
	sayTooLong            = words{"%s has %d characters, the limit is %d", "%s 값이 %d자이며 %d자를 넘을 수 없음"}
	sayTimeNoNumber       = words{"time is not an int64: %q", "time이 int64가 아님: %q"}
	sayTimeOff            = words{"time differs from the help center's clock by %s, the limit is %s", "time이 헬프센터의 시계와 %s 차이 나며 %s까지만 허용됨"}
	sayToken              = words{"token does not match these fields", "보낸 값으로 계산한 토큰과 다름"}
	sayReturnURLUnasked   = words{"returnUrl is not a field of this call", "returnUrl은 이 호출의 필드가 아님"}
	sayReturnURLElsewhere = words{"returnUrl leads neither to the help center nor to the customer's site", "returnUrl이 헬프센터나 고객사 사이트의 주소가 아님"}

	sayOtherService       = words{"service is %q, but returnUrl is a page of %q: the member is logged in to another service than the one that asked", "service는 %q인데 returnUrl은 %q의 페이지임. 로그인을 요청한 서비스와 다름"}
	sayIncomplete         = words{"accepted without %s: the vendor's pages differ, so send accessToken, usercode and time", "%s 없이 받아들임. 공식 문서마다 다르므로 accessToken, usercode, time을 모두 보내야 안전함"}
	sayNoGrant            = words{"no login by the server of this usercode and time waits, or it was used before", "이 usercode와 time으로 서버에서 보낸 원격 로그인이 없거나 이미 사용됨"}
	sayAccessTokenUnknown = words{"accessToken is unknown, or was used before", "accessToken을 알 수 없거나 이미 사용됨"}
	sayAccessTokenOld     = words{"accessToken is older than %s", "accessToken이 발급된 지 %s 넘게 지남"}
	sayOtherUserCode      = words{"usercode differs from the login that accessToken was issued for", "accessToken을 받은 로그인과 usercode가 다름"}
	sayOtherTime          = words{"time differs from the login that accessToken was issued for", "accessToken을 받은 로그인과 time이 다름"}

	sayVerifyNo          = words{"the token verify URL does not confirm the token", "Token 검증 URL이 토큰을 확인해 주지 않음"}
	sayVerifyURL         = words{"the token verify URL can't be called", "Token 검증 URL을 호출할 수 없음"}
	sayNoAnswer          = words{"no answer: %v", "응답 없음: %v"}
	sayAnswerCut         = words{"the answer was cut off: %v", "응답이 중간에 끊김: %v"}
	sayNoStatusAnswer    = words{"the script could not read an answer (%s): unreachable, a redirect, CORS headers missing, or a preflight refused", "스크립트가 읽을 수 있는 응답을 받지 못함(%s). 연결 실패, 리다이렉트, CORS 헤더 누락 또는 사전 요청(preflight) 거부"}
	sayAnswered          = words{"answered %d, not 200", "응답 코드 %d (200이어야 함)"}
	sayAnswerNoJSON      = words{"the answer is not the contract's JSON: %v", "응답이 규격에 맞는 JSON이 아님: %v"}
	sayAnswerBoolean     = words{"login is a Boolean, not a string", "login이 문자열이 아니라 Boolean임"}
	sayAnswerNeither     = words{`login is %q, neither "true" nor "false"`, `login이 "true"나 "false"가 아니라 %q임`}
	sayAnswerNoLogin     = words{"login is missing, or not a string", "login이 없거나 문자열이 아님"}
	sayAnswerNoUserCode  = words{`login is "true" but usercode is missing`, `login이 "true"인데 usercode가 없음`}
	sayAnswerOtherMember = words{"the answer is for another usercode", "다른 usercode에 대한 응답임"}
	sayLoginTrue         = words{`login is "true", usercode %s`, `login이 "true", usercode는 %s`}
	sayLoginFalse        = words{`login is "false"`, `login이 "false"`}
	sayOpened            = words{"opened", "열림"}
	sayCameBack          = words{"the handoff came after %.1f s", "%.1f초 뒤에 원격 로그인이 옴"}
	sayLoop              = words{"the fourth round of logins in a row: stopped", "로그인이 네 번 되풀이되어 멈춤"}
	sayChangedMember     = words{"the page showed %s, but the browser is now logged in as %s", "페이지에는 %s이(가) 표시되었지만 지금은 %s(으)로 로그인되어 있음"}
	sayFalseAtOnce       = words{"right after an accepted handoff: members may be sent to log in for ever. Most likely the status URL did not get the login cookie: the cookie has no SameSite=None with Secure, its Path or Domain leaves out the status URL, or the browser blocks third-party cookies", "방금 원격 로그인을 받았는데 로그아웃 상태라고 응답함. 이대로면 로그인이 끝없이 되풀이될 수 있음. 상태 URL에 로그인 쿠키가 전달되지 않았을 가능성이 큼: 쿠키에 SameSite=None과 Secure가 없음, 쿠키의 Path나 Domain에 상태 URL이 포함되지 않음, 브라우저가 서드파티 쿠키를 차단함"}
	sayNoHandoff         = words{"the login URL was opened %s ago, and no handoff came: either the member is still at the login page, or the page after the login sends no form. Then its script is missing or fails, its Content-Security-Policy forbids the script or the form-action, or a field of the form is named submit", "로그인 URL이 열린 지 %s 지났지만 원격 로그인이 오지 않음. 회원이 아직 로그인 페이지에 있거나, 로그인한 뒤의 페이지가 폼을 보내지 않음: 폼을 제출하는 스크립트가 없거나 오류가 남, Content-Security-Policy가 스크립트나 form-action을 막음, 이름이 submit인 항목이 폼에 있음"}
)
