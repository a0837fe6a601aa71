package check

import (
	"fmt"
	"regexp"
	"strings"
)

// phrases are the sentences of what a case wants and got. They are written in English where they
// arise, and translated when they are shown. A %s stands for anything, which is translated, too.
// The first that fits is used.
var phrases = []Text{
	// Wants.
	{"an answer", "응답"},
	{"a page with a form that has a password field", "비밀번호 필드가 있는 폼이 담긴 페이지"},
	{"a login over https", "https 로그인"},
	{"a status URL over https", "https 상태 URL"},
	{"a handoff to the help center after the right password", "맞는 비밀번호로 로그인한 뒤 헬프센터로 핸드오프"},
	{"a handoff to the help center at once", "바로 헬프센터로 핸드오프"},
	{"a handoff after a wrong password and the right one", "틀린 비밀번호 다음 맞는 비밀번호를 입력한 뒤의 핸드오프"},
	{"a handoff after another second", "1초 뒤에도 핸드오프"},
	{"a handoff that leads to %s", "%s로 이어지는 핸드오프"},
	{"a form that the browser posts", "브라우저가 POST하는 폼"},
	{"a form that submits itself when the page opens", "페이지가 열리면 스스로 제출되는 폼"},
	{"a form that is sent in UTF-8", "UTF-8로 전송되는 폼"},
	{"a Content-Security-Policy that lets the login form go to %s", "로그인 폼이 %s로 가도록 허용하는 Content-Security-Policy"},
	{"a Content-Security-Policy that lets the form go to %s", "폼이 %s로 가도록 허용하는 Content-Security-Policy"},
	{"the login page again", "다시 로그인 화면"},
	{"the login form again after a wrong password", "비밀번호가 틀리면 다시 로그인 폼"},
	{"the given cookie logs a member in", "지정한 쿠키로 회원이 로그인됨"},
	{"no session after a post from %s", "%s에서 보낸 POST 뒤에 세션 없음"},
	{"no session", "세션 없음"},
	{"POST %s as application/x-www-form-urlencoded", "application/x-www-form-urlencoded로 POST %s"},
	{"nothing that leads away from the allowed origins for the returnUrl %s", "returnUrl이 %s일 때 허용된 오리진 밖으로 이동하지 않음"},
	{"another value of the cookie %s after the login", "로그인 뒤 바뀐 쿠키 %s 값"},
	{"another %s after a second", "1초 뒤 다른 %s"},
	{"the same answer for a member and for an unknown usercode", "회원과 없는 usercode에 같은 응답"},
	{"the returnUrl as text", "텍스트로 표시된 returnUrl"},
	{"303 after a login", "로그인 뒤 303"},
	{"a password that is in no URL", "URL에 들어가지 않는 비밀번호"},
	{"the field returnUrl %s", "returnUrl 필드 %s"},
	{"one field %s with a value", "값이 있는 %s 필드 하나"},
	{"one field %s, or none", "%s 필드 하나 또는 없음"},
	{"no field without a value", "값이 없는 필드가 없음"},
	{"%s of at most %s characters", "%s 최대 %s자"},
	{"a time within 5 s of %s", "%s에서 5초 이내의 time"},
	{"at most %s of difference", "최대 %s 차이"},
	{"the token of the message %s", "문자열 %s의 토큰"},
	{"a redirect to %s with usercode, time and accessToken", "usercode, time, accessToken을 담아 %s로 리다이렉트"},
	{"a redirect to %s with ? and the parameters", "?와 파라미터를 붙여 %s로 리다이렉트"},
	{"%s in the redirect, percent-encoded", "리다이렉트에 퍼센트 인코딩된 %s"},
	{"no returnUrl in the call", "returnUrl이 없는 호출"},
	{"a page that says what to do", "무엇을 해야 하는지 알려 주는 페이지"},
	{`a redirect to a signed link, or {"url":"..."}`, `서명된 링크로 리다이렉트 또는 {"url":"..."}`},
	{"no link for somebody logged out", "로그아웃 상태에는 링크 없음"},
	{"%s, or ticket/ or ticket/list/ below it", "%s 또는 그 아래의 ticket/, ticket/list/"},
	{"an email in the link", "링크의 이메일"},
	{"%s encoded once as encodeURIComponent does it", "encodeURIComponent로 한 번 인코딩한 %s"},
	{"%s encoded as encodeURIComponent does it", "encodeURIComponent로 인코딩한 %s"},
	{`200 and %s or %s`, `200과 %s 또는 %s`},
	{"200 with a JSON body", "JSON 본문이 있는 200"},
	{"%s without a cookie", "쿠키 없이 %s"},
	{`"true" or "false" in quotes`, `따옴표로 감싼 "true" 또는 "false"`},
	{"login and usercode alone, and null for the usercode of somebody logged out", "login과 usercode만, 로그아웃 상태의 usercode는 null"},
	{"an answer in less than 1 s", "1초 이내의 응답"},
	{"an OPTIONS request that allows the help center's origin, credentials and the header %s", "헬프센터의 오리진, 자격 증명, %s 헤더를 허용하는 OPTIONS 응답"},
	{"no %s for %s", "%[2]s에는 %[1]s 없음"},
	{"the cookie %s as browsers store it", "브라우저가 저장하는 쿠키 %s"},
	{"the cookie %s Secure", "쿠키 %s에 Secure"},
	{"the cookie %s HttpOnly", "쿠키 %s에 HttpOnly"},
	{"the cookie %s SameSite=None", "쿠키 %s에 SameSite=None"},
	{`"false" for a usercode in %s and no cookie`, `쿠키 없이 %s에 usercode만 있으면 "false"`},
	{"the query", "쿼리"},
	{"a header", "헤더"},
	{`"false" for a cookie that has the usercode and nothing secret`, `usercode만 담기고 비밀 값이 없는 쿠키에는 "false"`},
	{"false without parameters", "파라미터가 없으면 false"},
	{"%s for usercode %s and token %s", "usercode %[2]s, token %[3]s에 %[1]s"},
	{"the usercode of the request", "요청한 usercode"},
	{"a URL as the frame's src", "프레임의 src에 URL"},
	{"a frame without a sandbox", "sandbox가 없는 프레임"},
	{"the frame's src at %s with iframe=true", "iframe=true가 있는 %s의 프레임 src"},
	{"frame-src with %s", "%s를 포함한 frame-src"},

	// Gots.
	{"nobody is logged in: %s", "로그인되지 않음: %s"},
	{"nobody is logged in", "로그인되지 않음"},
	{"logged in: %s", "로그인 상태: %s"},
	{"logged out: %s", "로그아웃 상태: %s"},
	{"the login page: %s", "로그인 화면: %s"},
	{"the handoff page: %s", "핸드오프 페이지: %s"},
	{"no usercode: %s", "usercode 없음: %s"},
	{"an empty usercode: %s", "빈 usercode: %s"},
	{"more keys: %s", "다른 키가 있음: %s"},
	{"a redirect to %s that posts the form again", "폼을 다시 POST하게 하는 %s 리다이렉트"},
	{"a redirect to %s, and there %s", "%s로 리다이렉트한 뒤 %s"},
	{"a redirect to %s", "%s로 리다이렉트"},
	{"a handoff by %s", "%s 방식 핸드오프"},
	{"a session, as the status URL says", "상태 URL에 따르면 세션이 있음"},
	{"a page that goes on to %s", "%s로 이동하는 페이지"},
	{"a form that posts to %s", "%s로 POST하는 폼"},
	{"a form that sends by %s", "%s로 보내는 폼"},
	{"a signed form with it", "그 값으로 서명한 폼"},
	{"the one from before", "이전과 같은 값"},
	{"the same %s as before", "이전과 같은 %s"},
	{"%s and a session", "%s, 그리고 세션"},
	{"a page with an element of the returnUrl %s", "returnUrl %s의 요소가 들어간 페이지"},
	{"a request with it in its URL", "URL에 비밀번호가 있는 요청"},
	{"%s that asks for the password", "%s(비밀번호를 묻는 화면)"},
	{"a script that fetches remote.json", "remote.json을 직접 호출하는 스크립트"},
	{"one that is sent in %s", "%s로 전송되는 폼"},
	{"one that leads to %s", "%s로 이어지는 핸드오프"},
	{"one without a value", "값이 없음"},
	{"one after %s", "%s 뒤의 응답"},
	{"%s of them", "%s개"},
	{"%s characters", "%s자"},
	{"a form with the target %s", "target이 %s인 폼"},
	{"nothing was posted; %s", "아무것도 POST되지 않음; %s"},
	{"%s; the browser showed: %s", "%s; 브라우저 화면: %s"},
	{"the browser showed: %s", "브라우저 화면: %s"},
	{"%s; and said: %s", "%s; 알림과 오류: %s"},
	{"the browser went on by %s to %s", "브라우저가 %s로 이동함: %s"},
	{"an empty page", "빈 페이지"},
	{"the page keeps the browser busy", "페이지가 브라우저를 멈추게 함"},
	{"no script that submits it", "폼을 제출하는 스크립트가 없음"},
	{"the script file %s does not load as a script", "스크립트 파일 %s이(가) 스크립트로 로드되지 않음"},
	{"the script that submits it is blocked by %s", "폼을 제출하는 스크립트를 %s이(가) 막음"},
	{"the script that submits it runs before the form is there", "폼이 만들어지기 전에 제출 스크립트가 실행됨"},
	{"a control named submit, so that form.submit is no function", "submit이라는 이름의 필드가 있어 form.submit이 함수가 아님"},
	{"another token: %s", "다른 토큰: %s"},
	{"%s (with a space for its +)", "%s(+가 공백으로 바뀜)"},
	{"%s and nothing to read", "%s, 읽을 내용 없음"},
	{"a stack trace", "스택 트레이스"},
	{"a link for the usercode %s", "usercode %s의 링크"},
	{"an empty %s", "빈 %s"},
	{"%s without one", "%s, 프레임 없음"},
	{"%s, which they refuse: %s", "%s, 브라우저가 거부함: %s"},
	{"the cookie %s is not sent to %s: %s", "쿠키 %s가 %s로 전송되지 않음: %s"},
	{"the cookie %s had expired when it was set", "쿠키 %s가 설정될 때 이미 만료됨"},
	{"the cookie %s has expired", "쿠키 %s가 만료됨"},
	{"its Domain %s is not %s or above it", "Domain %s가 %s이거나 그 상위가 아님"},
	{"its Domain %s is a public suffix", "Domain %s가 공용 접미사임"},
	{"its Domain is %s", "Domain이 %s"},
	{"its Path is %s", "Path가 %s"},
	{"it belongs to %s alone", "%s 전용"},
	{"it is longer than %s bytes", "%s바이트보다 김"},
	{"it has a control character", "제어 문자가 있음"},
	{"it is Secure and was set over http", "http에서 설정한 Secure 쿠키"},
	{"it is Secure and %s is not", "Secure 쿠키이지만 %s는 https가 아님"},
	{"its name begins with __Host- or __Secure-, which needs Secure", "__Host-나 __Secure-로 시작하는 이름에는 Secure가 필요함"},
	{"its name begins with __Host-, which needs Path=/ and no Domain", "__Host-로 시작하는 이름에는 Path=/가 필요하고 Domain이 없어야 함"},
	{"%s with an empty body", "%s, 빈 본문"},
	{"%s with a page", "%s, HTML 페이지"},
	{"none", "없음"},
	{"%s: (none)", "%s: (없음)"},
	{"%s; %s", "%s; %s"},
}

// patterns match the English phrases.
var patterns = func() (list []*regexp.Regexp) {
	for _, phrase := range phrases {
		list = append(list, regexp.MustCompile("(?s)^"+strings.ReplaceAll(regexp.QuoteMeta(phrase.EN), "%s", "(.+?)")+"$"))
	}
	return list
}()

// phrase returns what a case wants or got in the reader's language.
func (r Reader) phrase(text string) string {
	if r.Lang != KO {
		return text
	}
	for i, pattern := range patterns {
		match := pattern.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		var arguments []any
		for _, part := range match[1:] {
			arguments = append(arguments, r.phrase(part))
		}
		return fmt.Sprintf(phrases[i].KO, arguments...)
	}
	return text
}
