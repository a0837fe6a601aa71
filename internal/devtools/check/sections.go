package check

import (
	"fmt"
	"strings"
)

// A section is what the contract says about a matter. Its source is the vendor's page, or "" where
// the vendor's pages are silent and the text is good practice.
type section struct{ title, text, source Text }

var (
	postPage = Text{"the vendor's page on member integration (POST)", "벤더 문서 「회원 연동 (POST)」"}
	getPage  = Text{"the vendor's page on member integration (GET)", "벤더 문서 「회원 연동 (GET)」"}
	bothPage = Text{"the vendor's pages on member integration (POST and GET)", "벤더 문서 「회원 연동 (POST)」, 「회원 연동 (GET)」"}
)

// sections has the parts of the contract that cases test, by their number in CONTRACT.
var sections = map[string]section{
	"2": {
		Text{"Fields", "필드"},
		Text{
			"service (50), usercode (50), time and token are required; username (50), email (100), phone (20) and memberno (50) are optional, but a signed link needs the email. The numbers are the greatest lengths. time is in milliseconds since 1970, and the help center refuses one that is more than 3 minutes off. Text is UTF-8.",
			"service(50), usercode(50), time, token은 필수입니다. username(50), email(100), phone(20), memberno(50)는 선택이며, 서명된 링크에는 email이 필수입니다. 괄호 안은 최대 길이입니다. time은 1970년부터의 밀리초이고, 3분 넘게 차이 나면 헬프센터가 거부합니다. 문자는 UTF-8입니다.",
		}, bothPage,
	},
	"3": {
		Text{"Token", "토큰"},
		Text{
			"token = Base64(HMAC-SHA256(organization key, message)). The message is service&usercode[&username][&email][&phone][&memberno][&returnUrl]&time: in this order, blank optional fields left out with their &, values as they are (not percent-encoded). returnUrl is signed in the form only. In a URL each value goes through encodeURIComponent, so that a + of the token is %2B.",
			"token = Base64(HMAC-SHA256(조직 Key, 문자열)). 문자열은 service&usercode[&username][&email][&phone][&memberno][&returnUrl]&time 순서이며, 빈 선택 필드는 &와 함께 뺍니다. 값은 퍼센트 인코딩하지 않은 그대로입니다. returnUrl은 폼 방식에서만 서명합니다. URL에 넣을 때는 각 값을 encodeURIComponent로 인코딩하므로 토큰의 +는 %2B가 됩니다.",
		}, bothPage,
	},
	"4": {
		Text{"Remote login from the browser", "브라우저에서 호출하는 원격 로그인"},
		Text{
			"The page after the login has a form that submits itself to POST /v2/enduser/remote.json of the help center, urlencoded. The help center sets its cookie and sends the member to returnUrl.",
			"로그인 뒤의 페이지에는 헬프센터의 POST /v2/enduser/remote.json으로 자동 제출되는 urlencoded 폼이 있습니다. 헬프센터는 쿠키를 설정하고 회원을 returnUrl로 보냅니다.",
		}, postPage,
	},
	"5": {
		Text{"Remote login from the server", "서버에서 호출하는 원격 로그인"},
		Text{
			"The server posts the fields, without returnUrl, to /api/v2/enduser/remote.json and gets an access token in result.content. It then redirects the browser to returnUrl with usercode, time (those of the call) and accessToken added to the query. The call can fail: isSuccessful is false, or no answer comes.",
			"서버가 returnUrl을 뺀 필드를 /api/v2/enduser/remote.json으로 POST하고 result.content에서 액세스 토큰을 받습니다. 그 뒤 호출에 쓴 usercode와 time, 받은 accessToken을 쿼리에 추가해 브라우저를 returnUrl로 리다이렉트합니다. isSuccessful이 false이거나 응답이 없는 실패도 있습니다.",
		}, postPage,
	},
	"6": {
		Text{"Login URL", "로그인 URL"},
		Text{
			"GET with returnUrl. Somebody logged out gets the login page; after the right password the server sets a cookie and hands the member off. A member who is logged in is handed off at once.",
			"returnUrl과 함께 GET으로 호출됩니다. 로그아웃 상태면 로그인 화면을 보이고, 로그인에 성공하면 쿠키를 만들고 핸드오프합니다. 로그인 상태면 바로 핸드오프합니다.",
		}, postPage,
	},
	"7": {
		Text{"Login status URL", "로그인 상태 URL"},
		Text{
			`The help center's script calls it from the member's browser, on another site and with cookies, on each page. The answer is {"login":"true","usercode":"..."} or {"login":"false","usercode":null}, with Access-Control-Allow-Origin (the caller's origin) and Access-Control-Allow-Credentials: true. The session's cookie needs SameSite=None and Secure to be sent.`,
			`헬프센터 스크립트가 회원의 브라우저에서, 다른 사이트로서 쿠키와 함께, 페이지마다 호출합니다. 응답은 {"login":"true","usercode":"..."} 또는 {"login":"false","usercode":null}이며, Access-Control-Allow-Origin(호출한 오리진)과 Access-Control-Allow-Credentials: true가 필요합니다. 세션 쿠키가 전송되려면 SameSite=None과 Secure가 있어야 합니다.`,
		}, postPage,
	},
	"8": {
		Text{"Signed link", "서명된 링크"},
		Text{
			"{help center}/{service}/hc/, hc/ticket/ or hc/ticket/list/ with usercode, username, email, phone, memberno, time and token in the query. For apps without a login page.",
			"{헬프센터}/{service}/hc/, hc/ticket/ 또는 hc/ticket/list/에 usercode, username, email, phone, memberno, time, token을 쿼리로 붙입니다. 로그인 화면이 없는 앱에 씁니다.",
		}, getPage,
	},
	"9": {
		Text{"Token verify URL", "Token 검증 URL"},
		Text{
			"The help center's server calls it with usercode and token. The answer says in the JSON of the status URL whether this token was issued to this usercode, and the member is still logged in.",
			"헬프센터 서버가 usercode와 token으로 호출합니다. 그 usercode에 발급한 토큰이고 아직 로그인 상태인지를 상태 URL과 같은 JSON으로 응답합니다.",
		}, getPage,
	},
	"10": {
		Text{"Frame", "프레임"},
		Text{
			`The customer's page holds <iframe id="ocPage" src="{help center}/{service}/hc/?iframe=true">. The id is fixed.`,
			`고객사 페이지에 <iframe id="ocPage" src="{헬프센터}/{service}/hc/?iframe=true">를 넣습니다. id는 정해져 있습니다.`,
		}, postPage,
	},
	"D1": {
		Text{"Strings or Booleans", "문자열과 Boolean"},
		Text{"The vendor's table types login as Boolean, and every example has the strings. Strings are safe.", "벤더 문서의 표에서 login은 Boolean이지만 예시는 모두 문자열입니다. 문자열이 안전합니다."}, Text{},
	},
	"D3": {
		Text{"returnUrl in a call", "서버 호출의 returnUrl"},
		Text{"returnUrl is a field of the browser's form. The server's call has none, and does not sign one.", "returnUrl은 브라우저 폼의 필드입니다. 서버 호출에는 없고 서명하지도 않습니다."}, postPage,
	},
	"D4": {
		Text{"Email in a link", "링크의 이메일"},
		Text{"The email is optional for POST and required for GET.", "email은 POST 방식에서 선택, GET 방식에서 필수입니다."}, getPage,
	},
	"D5": {
		Text{"What the redirect adds", "리다이렉트에 추가하는 값"},
		Text{"One part of the vendor's page adds usercode and time to the returnUrl, another adds accessToken. Add all three.", "벤더 문서의 한 곳은 usercode와 time을, 다른 곳은 accessToken을 추가합니다. 세 가지를 모두 추가하세요."}, postPage,
	},
	"D6": {
		Text{"Who may read the status", "상태를 읽을 수 있는 오리진"},
		Text{"The vendor's sample echoes any Origin with credentials, so that every site can read who is logged in. Allow the help center's exact origin alone.", "벤더 샘플은 모든 Origin을 그대로 허용하므로 어떤 사이트든 로그인한 회원을 알 수 있습니다. 헬프센터의 오리진만 허용하세요."}, Text{},
	},
	"D7": {
		Text{"What the verify URL can know", "검증 URL이 알 수 있는 것"},
		Text{"It gets neither the time nor the other fields, so it can't compute a token again: store each token that is issued, with its member.", "time과 다른 필드를 받지 않으므로 토큰을 다시 계산할 수 없습니다. 발급한 토큰을 회원과 함께 저장하세요."}, Text{},
	},
	"D8": {
		Text{"A usercode is no proof", "usercode는 증명이 아님"},
		Text{"The console can send the usercode back in the query or in a header. Anybody else can, too: accept it with an issued token only.", "콘솔 설정으로 usercode를 쿼리나 헤더에 다시 보낼 수 있지만, 누구나 보낼 수 있는 값입니다. 발급한 토큰이 함께 있을 때만 인정하세요."}, Text{},
	},
	"D10": {
		Text{"Logout", "로그아웃"},
		Text{"No logout call is documented. A logout ends the session on the server, and the tokens that were issued to it.", "로그아웃 호출은 문서에 없습니다. 로그아웃하면 서버의 세션과 그 세션에 발급한 토큰이 모두 끝나야 합니다."}, Text{},
	},
	"D12": {
		Text{"Cookies for scripts", "스크립트가 읽는 쿠키"},
		Text{"The vendor's sample keeps the login and the usercode in cookies that its script reads. Keep a random session id in an HttpOnly cookie, and everything else on the server.", "벤더 샘플은 로그인 여부와 usercode를 스크립트가 읽는 쿠키에 둡니다. HttpOnly 쿠키에는 무작위 세션 ID만 두고 나머지는 서버에 두세요."}, Text{},
	},
	"D14": {
		Text{"Which returnUrl is allowed", "허용하는 returnUrl"},
		Text{"Only the help center's origin and your own. Anything else sends members, and with an api handoff their access tokens, to whoever made the link.", "헬프센터와 자사 오리진만 허용하세요. 그 밖의 값은 회원을, api 방식에서는 액세스 토큰까지 링크를 만든 사람에게 보냅니다."}, Text{},
	},
	"D15": {
		Text{"Several services", "여러 서비스"},
		Text{"The service of a handoff is the first path segment of the returnUrl.", "핸드오프의 service는 returnUrl의 첫 경로입니다."}, Text{},
	},
	"D18": {
		Text{"Good practice", "권장 사항"},
		Text{"The vendor's pages do not ask for this. A preflight is needed when the console sends parameters in headers, Vary where the allowed origin varies.", "벤더 문서가 요구하지는 않습니다. 프리플라이트는 콘솔에서 파라미터를 헤더로 보낼 때, Vary는 허용하는 오리진이 요청마다 다를 때 필요합니다."}, Text{},
	},
}

// The words of Explain.
var (
	textLevels = map[Level]Text{
		Must:   {"must: the vendor's pages say so", "필수: 벤더 문서의 요구 사항"},
		Should: {"should: security and good practice beyond the vendor's pages", "권장: 벤더 문서 밖의 보안과 모범 사례"},
	}
	textSource = Text{"source", "출처"}
	textNeeds  = Text{"needs", "필요한 값"}
)

// Explain returns what the contract says about the matter of a case.
func (c Case) Explain(l Lang) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n%s\n", c.ID, c.Requirement().In(l), textLevels[c.Level].In(l))
	if len(c.needs) > 0 {
		var flags []string
		for _, n := range c.needs {
			flags = append(flags, string(n))
		}
		fmt.Fprintf(&text, "%s: %s\n", textNeeds.In(l), strings.Join(flags, ", "))
	}
	for key := range strings.FieldsSeq(c.Sections) {
		each := sections[key]
		fmt.Fprintf(&text, "\n%s\n%s\n", each.title.In(l), each.text.In(l))
		if each.source != (Text{}) {
			fmt.Fprintf(&text, "%s: %s\n", textSource.In(l), each.source.In(l))
		}
	}
	return text.String()
}
