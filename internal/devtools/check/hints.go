package check

// The hints say how to mend what a case has found.
var (
	// For any case.
	hintNoAnswer = both("look into the integration's own log", "연동 서버의 로그를 확인하세요")

	// For the status URL and the verify URL.
	hintStatus200 = both("answer 200 to somebody logged out, too: only the JSON says who is logged in",
		"로그아웃 상태에도 200으로 응답하세요. 로그인 여부는 JSON으로만 알립니다")
	hintBOM = both("save the source file as UTF-8 without a BOM: the answer begins with the three bytes EF BB BF, and many JSON parsers refuse them",
		"소스 파일을 BOM 없는 UTF-8로 저장하세요. 응답이 EF BB BF 세 바이트로 시작하며, 많은 JSON 파서가 이를 거부합니다")
	hintJSON = both("answer one JSON object and nothing else: no warning before it, no callback around it, double quotes",
		"JSON 객체 하나만 응답하세요. 앞에 경고문이나 바깥에 콜백 함수가 없어야 하고, 큰따옴표를 써야 합니다")
	hintLoginValue = both(`the value of login is "true" or "false", in lower case and in quotes`,
		`login 값은 따옴표로 감싼 소문자 "true" 또는 "false"입니다`)
	hintUserCodeMissing = both("a true login needs the member's usercode, under the key usercode",
		"로그인 상태(true)에는 usercode 키에 회원의 usercode가 있어야 합니다")
	hintUserCodeWhenOut = both("the usercode is a string for a member, and null for somebody logged out",
		"usercode는 로그인 상태면 문자열, 로그아웃 상태면 null입니다")
	hintStrings     = both("the vendor's table says Boolean, and all of its examples have strings: send the strings", "벤더 문서의 표는 Boolean이지만 예시는 모두 문자열입니다. 문자열로 보내세요")
	hintKeys        = both("answer as in the vendor's example", "벤더 문서의 예시와 같은 형태로 응답하세요")
	hintContentType = both("set the header before writing the body", "본문을 쓰기 전에 헤더를 설정하세요")
	hintStatusHTTPS = both("the help center's page is https, and browsers block its requests over http", "헬프센터 페이지는 https이므로 브라우저가 http 요청을 막습니다")
	hintGuest       = both("a request without a session is logged out, whoever has logged in elsewhere: keep the login in the session, not in a variable of the program", "세션이 없는 요청은 다른 곳에서 누가 로그인했든 로그아웃 상태입니다. 로그인 여부를 프로그램의 변수가 아니라 세션에 두세요")
	hintReadSession = both("the browser sends its cookies, and the status URL does not find the session: read the one that the login made",
		"브라우저가 쿠키를 보냈지만 상태 URL이 세션을 찾지 못했습니다. 로그인할 때 만든 세션을 읽으세요")
	hintCookieExpired = both("a cookie had expired when it was set: look at its Max-Age and Expires, and at the server's clock; Max-Age is in seconds",
		"쿠키가 설정될 때 이미 만료되었습니다. Max-Age(초 단위)와 Expires, 서버 시계를 확인하세요")
	hintCookieUnsent = both("set the session's cookie with Path=/ and a Domain that covers the status URL",
		"세션 쿠키를 Path=/로, 상태 URL까지 포함하는 Domain으로 설정하세요")
	hintOtherMember = both("name the member of the session; --usercode is the one that the password or the cookie belongs to",
		"세션에 있는 회원의 usercode를 응답하세요. --usercode는 비밀번호나 쿠키의 주인이어야 합니다").
		onPage("name the member of the session", "세션에 있는 회원의 usercode를 응답하세요")
	hintNoRedirect = both("exempt the status URL from the filter that sends people to the login page",
		"로그인 페이지로 보내는 필터에서 상태 URL을 제외하세요")
	hintFast       = both("answer from the session alone: each page of the help center waits for it", "세션만 보고 응답하세요. 헬프센터의 모든 페이지가 이 응답을 기다립니다")
	hintCORSOrigin = both("answer the help center's exact origin, without a path or a slash at the end: browsers accept no * with credentials",
		"헬프센터의 오리진을 경로와 끝 슬래시 없이 그대로 응답하세요. 쿠키를 보내는 요청에는 브라우저가 *를 허용하지 않습니다")
	hintTwice = both("the header comes twice, as from the application and from a proxy in front: set it in one place",
		"헤더가 두 번 설정되어 있습니다(애플리케이션과 앞단 프록시 등). 한 곳에서만 설정하세요")
	hintCORSCredentials = both("answer exactly true: without it the browser keeps the answer from the script",
		"true로만 응답하세요. 없으면 브라우저가 스크립트에 응답을 넘기지 않습니다")
	hintVary    = both("the allowed origin depends on who asks: set Vary: Origin, or a cache gives one origin's answer to another", "허용하는 오리진이 요청마다 다르므로 Vary: Origin을 설정하세요. 없으면 캐시가 다른 오리진의 응답을 넘겨줄 수 있습니다")
	hintNoStore = both("a cached answer still says what was true before the login", "캐시된 응답은 로그인하기 전의 상태를 알립니다")
	// The preflight matters only to some.
	hintPreflight = both("needed if the console sends parameters in headers: answer OPTIONS with 204, both CORS headers and Access-Control-Allow-Headers with every field's name",
		"콘솔에서 파라미터를 헤더로 보내도록 설정한 경우 필요합니다. OPTIONS에 204, CORS 헤더 둘, 모든 필드 이름을 담은 Access-Control-Allow-Headers로 응답하세요")
	hintForeign = both("compare the whole Origin with the help center's: the vendor's sample echoes any",
		"Origin 전체를 헬프센터의 오리진과 비교하세요. 벤더 샘플은 모든 오리진을 그대로 허용합니다")
	hintCookie = both("set Secure and SameSite=None on the session's cookie: otherwise the help center's script asks without it; browsers accept Secure over http on localhost",
		"세션 쿠키에 Secure와 SameSite=None을 설정하세요. 없으면 헬프센터의 스크립트가 쿠키 없이 요청합니다. localhost에서는 http에서도 Secure 쿠키가 저장됩니다")
	hintSecure = both("set Secure on the session's cookie: browsers refuse SameSite=None without it, and accept it over http on localhost",
		"세션 쿠키에 Secure를 설정하세요. 브라우저는 Secure 없는 SameSite=None 쿠키를 거부하며, localhost에서는 http에서도 저장합니다")
	hintHTTPOnly      = both("set HttpOnly, so that an injected script can't take the session", "삽입된 스크립트가 세션을 훔치지 못하도록 HttpOnly를 설정하세요")
	hintCookieRefused = both("browsers drop such a cookie without a word", "브라우저는 이런 쿠키를 알림 없이 버립니다")
	hintNoProof       = both("anybody can send a usercode; accept only the session, or a token that was issued to it",
		"usercode는 누구나 보낼 수 있습니다. 세션이나 그 세션에 발급한 토큰만 인정하세요")
	hintForgedCookie = both("anybody can write such a cookie: look up a secret session id, and take the usercode from there",
		"이런 쿠키는 누구나 만들 수 있습니다. 추측할 수 없는 세션 ID로 세션을 찾고, usercode는 그 세션에서 읽으세요")

	// For the login URL.
	hintLoginForm = both("where members log in elsewhere, give a cookie by --cookie-env", "회원이 다른 곳에서 로그인하면 --cookie-env로 쿠키를 지정하세요").
			onPage("the login URL must show the login form", "로그인 URL이 로그인 화면을 보여야 합니다")
	hintHTTPS        = both("passwords over http can be read on the way", "http로 보내는 비밀번호는 중간에서 읽힐 수 있습니다")
	hintLoginPage200 = both("the login page is 200; only the answer to a failed login may have another status",
		"로그인 화면은 200으로 응답합니다. 다른 상태 코드는 로그인 실패에만 씁니다")
	hintPassword = both("the password of --password-env does not log --usercode in: try both by hand; --username-field and --password-field name the form's fields where they are unusual",
		"--password-env의 비밀번호로 --usercode가 로그인되지 않습니다. 직접 로그인해 보세요. 필드 이름이 특이하면 --username-field와 --password-field로 지정하세요").
		onPage("the test member's password is not right: check the user ID and the password", "테스트 회원의 비밀번호가 맞지 않습니다. 아이디와 비밀번호를 확인하세요")
	hintNoHandoff = both("the login worked, and the help center was not told: answer with the form to /v2/enduser/remote.json, or call the server API and redirect",
		"로그인은 되었지만 헬프센터에 전달되지 않았습니다. /v2/enduser/remote.json으로 보내는 폼을 응답하거나, 서버 API를 호출한 뒤 리다이렉트하세요")
	hintAlsoOrigin = both("it leads to %[1]s, which was not followed: give --also-origin %[1]s if that is yours", "%[1]s로 이동하며, 따라가지 않았습니다. 회사 사이트라면 --also-origin %[1]s로 지정하세요").
			onPage("it leads to another site", "다른 사이트로 이동합니다")
	hintDeadCookie = both("the login of the cookie has ended, or it is not the session's: log in in a browser and copy the session's cookie again; every URL gets it",
		"쿠키의 로그인이 끝났거나 세션 쿠키가 아닙니다. 브라우저에서 다시 로그인해 세션 쿠키를 복사하세요")
	hintAtOnce        = both("look for the session before showing the login page", "로그인 화면을 보이기 전에 세션을 먼저 확인하세요")
	hintFormAction    = both("add the origin to form-action: Chromium applies it to each redirect after the form, and default-src does not cover it", "form-action에 해당 오리진을 추가하세요. Chromium은 폼 다음의 모든 리다이렉트에도 적용하며, default-src로는 대신할 수 없습니다")
	hintCheckPassword = both("check the password", "비밀번호를 확인하세요")
	hintFormAgain     = both("show the form again, with the returnUrl in it", "returnUrl을 담아 로그인 폼을 다시 보이세요")
	hintCarry         = both("carry the returnUrl in a hidden field of the form", "returnUrl을 폼의 숨은 필드로 전달하세요")
	hintHostile       = both("parse the returnUrl, compare scheme, host and port with the help center's and your own, and refuse everything else",
		"returnUrl을 파싱해 스킴, 호스트, 포트를 헬프센터와 자사 오리진에 비교하고, 나머지는 모두 거부하세요")
	hintFixation = both("make a new session id at each login, or somebody who planted the old one is logged in as well",
		"로그인할 때마다 세션 ID를 새로 만드세요. 그러지 않으면 이전 ID를 심어 둔 사람도 로그인됩니다")
	hintCrossSite = both("compare the Origin of a post with your own, or have a token in the form: a member logged in as the attacker writes to the attacker's history",
		"POST의 Origin을 자사 오리진과 비교하거나 폼에 CSRF 토큰을 넣으세요. 공격자 계정으로 로그인된 회원의 문의가 공격자에게 남습니다")
	hintEscape      = both("escape the returnUrl wherever it gets into HTML or a script, or let a template engine do it", "returnUrl을 HTML이나 스크립트에 넣을 때 이스케이프하세요. 템플릿 엔진을 쓰면 됩니다")
	hintSeeOther    = both("307 and 308 make the browser post the password to the next URL: answer 303", "307과 308은 브라우저가 비밀번호를 다음 URL로 다시 POST하게 합니다. 303으로 응답하세요")
	hintNotByFetch  = both("post a form: the help center's cookie has to get into the browser, which a script's request to another site does not let in", "폼으로 POST하세요. 헬프센터의 쿠키가 브라우저에 저장되어야 하는데, 스크립트의 교차 사이트 요청으로는 저장되지 않습니다")
	hintSameFailure = both("nobody may learn from the answer which usercodes exist", "응답만 보고 어떤 usercode가 있는지 알 수 없어야 합니다")
	hintPost        = both("URLs end up in logs and histories", "URL은 로그와 방문 기록에 남습니다")
	hintPageNoStore = both("a cache would show the page to the next person, and a handoff page has a token in it", "캐시된 페이지가 다른 사람에게 보일 수 있고, 핸드오프 페이지에는 토큰이 있습니다")

	// For the returnUrl.
	hintReturnURL    = both("carry the returnUrl through the login, and send it as it came, decoded once", "returnUrl을 로그인 과정 내내 전달하고, 한 번만 디코딩한 값을 그대로 보내세요")
	hintNoReturnURL  = both("the handoff has no field of this name: returnUrl has a capital U", "핸드오프에 이 이름의 필드가 없습니다. returnUrl은 U가 대문자입니다")
	hintCut          = both("the returnUrl is cut at its first &: encode it by encodeURIComponent wherever it goes into a URL", "returnUrl이 첫 &에서 잘렸습니다. URL에 넣을 때마다 encodeURIComponent로 인코딩하세요")
	hintDecodedTwice = both("the returnUrl is decoded twice, so that %2B has become a space: frameworks decode a parameter by themselves", "returnUrl을 두 번 디코딩해 %2B가 공백이 되었습니다. 파라미터는 프레임워크가 이미 디코딩합니다")
	hintEscapedTwice = both("the returnUrl has &amp; in it: it is escaped for HTML twice, or outside of HTML", "returnUrl에 &amp;가 있습니다. HTML 이스케이프를 두 번 했거나 HTML이 아닌 곳에서 했습니다")
	hintFragment     = both("the part after # is lost: it belongs to the returnUrl", "# 뒤의 부분이 사라졌습니다. returnUrl의 일부입니다")
	// The parameters of an api handoff go into the query.
	hintBehindFragment = both("the parameters stand after the #, where no server sees them: add them to the query, before it", "파라미터가 # 뒤에 붙어 서버에 전달되지 않습니다. # 앞의 쿼리에 추가하세요")
	hintQuestionMark   = both("begin the query with ? where the returnUrl has none, and go on with & where it has one: a URL library does both", "returnUrl에 쿼리가 없으면 ?로 시작하고, 있으면 &로 이어 붙이세요. URL 라이브러리를 쓰면 됩니다")

	// For the handoff.
	hintEndpoint = both("post the form to the help center itself, urlencoded; the browser's path is /v2, the server's /api/v2",
		"폼을 헬프센터로 직접, urlencoded로 POST하세요. 브라우저의 경로는 /v2, 서버의 경로는 /api/v2입니다")
	hintCharset = both(`the help center reads UTF-8: serve the page as UTF-8, or set accept-charset="UTF-8" on the form`,
		`헬프센터는 UTF-8로 읽습니다. 페이지를 UTF-8로 제공하거나 폼에 accept-charset="UTF-8"을 지정하세요`)
	hintHTML          = both("browsers show another type as text, or save it", "다른 형식이면 브라우저가 소스를 그대로 보이거나 파일로 저장합니다")
	hintStillLoggedIn = both("the login has ended after a second: look at the cookie's Max-Age, which is in seconds, and at the session's lifetime", "1초 만에 로그인이 끝났습니다. 쿠키의 Max-Age(초 단위)와 세션 유효 시간을 확인하세요")
	hintSubmits       = both("submit the form by a script that the page's Content-Security-Policy allows, after the form is parsed; name no control submit",
		"폼 뒤에서 실행되고 Content-Security-Policy가 허용하는 스크립트로 폼을 제출하세요. submit이라는 이름의 필드를 두지 마세요")
	hintTarget       = both("leave target out: browsers block a new window that nobody asked for", "target을 빼세요. 사용자가 요청하지 않은 새 창은 브라우저가 막습니다")
	hintNames        = both("the names are in lower case except returnUrl", "returnUrl 외의 이름은 모두 소문자입니다")
	hintOnce         = both("send the field once: frameworks read the first, the last, or a list", "필드를 한 번만 보내세요. 프레임워크마다 첫 값, 마지막 값, 목록 중 하나를 읽습니다")
	hintEmpty        = both("the field is there without a value: fill it in before the page is written", "필드에 값이 없습니다. 페이지를 만들기 전에 채우세요")
	hintService      = both("the service is the first path segment of the help center's pages", "service는 헬프센터 페이지 주소의 첫 경로입니다")
	hintUserCode     = both("send the member's id as the status URL names it", "상태 URL이 응답하는 회원 ID와 같은 값을 보내세요")
	hintLimit        = both("refuse or shorten the value before signing it", "서명하기 전에 값을 거부하거나 줄이세요")
	hintMilliseconds = both("send the milliseconds since the epoch (System.currentTimeMillis(), Date.now(), time.UnixMilli)",
		"1970년부터의 밀리초를 보내세요(System.currentTimeMillis(), Date.now(), time.UnixMilli)")
	hintTimeZone = both("take the time at each handoff and in UTC, not when the page or the session was made; set the clock by NTP",
		"핸드오프할 때마다 UTC 기준으로 현재 시각을 읽으세요. 페이지나 세션을 만든 시각이 아닙니다. 시계는 NTP로 맞추세요")
	hintFresh = both("sign anew for each handoff: a stored time or token is refused after 3 minutes", "핸드오프할 때마다 새로 서명하세요. 저장해 둔 time과 token은 3분 뒤 거부됩니다")

	// For the api handoff.
	hintAddThree   = both("add all three to the query of the returnUrl", "returnUrl의 쿼리에 세 가지를 모두 추가하세요")
	hintAPICall    = both("the server's path has /api before /v2, the browser's has not", "서버의 경로에는 /v2 앞에 /api가 있고, 브라우저의 경로에는 없습니다")
	hintAPIFields  = both("send the fields of the form handoff without the returnUrl", "폼 방식과 같은 필드를 returnUrl 없이 보내세요")
	hintNotSent    = both("the returnUrl is for the redirect after the call", "returnUrl은 호출 뒤의 리다이렉트에 씁니다")
	hintPassOn     = both("add what was sent and what came back to the returnUrl, each encoded by encodeURIComponent", "보낸 값과 받은 값을 각각 encodeURIComponent로 인코딩해 returnUrl에 추가하세요")
	hintFailedCall = both("handle every way in which the call can fail, with a timeout of a few seconds; log the cause and show a page",
		"호출이 실패하는 모든 경우를 몇 초의 타임아웃과 함께 처리하고, 원인을 로그에 남긴 뒤 안내 페이지를 보이세요")

	// For the link.
	hintLinkGiven = both("--link-url is a URL of yours that a logged-in member opens; check it with a member who has an email",
		"--link-url은 로그인한 회원이 여는 회사 URL입니다. 이메일이 있는 회원으로 확인하세요").
		onPage("check with a member who has an email", "이메일이 있는 회원으로 확인하세요")
	hintLinkGuest     = both("sign a link for the session's member only, never for a usercode that the request names", "세션의 회원에게만 링크를 서명하세요. 요청에 있는 usercode로 서명하면 안 됩니다")
	hintLinkPath      = both("the path ends in a slash", "경로는 슬래시로 끝납니다")
	hintLinkEmail     = both("a member without an email can't use links: say so instead of inventing one", "이메일이 없는 회원은 링크를 쓸 수 없습니다. 임의의 값을 만들지 말고 안내하세요")
	hintBlank         = both("leave a blank field out of the query and out of the signed message", "빈 필드는 쿼리와 서명할 문자열에서 모두 빼세요")
	hintTokenEncoding = both("encode the token once by encodeURIComponent: a + that is not %2B arrives as a space", "토큰을 encodeURIComponent로 한 번만 인코딩하세요. %2B가 아닌 +는 공백으로 전달됩니다")
	hintEncoding      = both("encodeURIComponent writes a space as %20 and hexadecimal digits in upper case; form encoders and path encoders differ",
		"encodeURIComponent는 공백을 %20으로, 16진수를 대문자로 씁니다. 폼이나 경로용 인코더는 다릅니다")

	// For the verify URL.
	hintStoreTokens = both("store each token with its usercode when it is issued, before the browser gets it; the help center's server asks, without the member's cookies",
		"토큰을 발급할 때 usercode와 함께 저장하세요. 브라우저에 보내기 전이어야 합니다. 헬프센터 서버가 회원의 쿠키 없이 묻습니다")
	hintEarlier          = both("keep every token of a session, not only the last: a member has several windows", "마지막 토큰만이 아니라 세션의 모든 토큰을 보관하세요. 회원은 창을 여러 개 열 수 있습니다")
	hintTwiceTrue        = both("do not use a token up: the help center asks again on the next page", "토큰을 한 번 쓰고 지우지 마세요. 헬프센터는 다음 페이지에서 다시 묻습니다")
	hintPlus             = both("the parameter is decoded twice, so that %2B has become a space: frameworks decode it by themselves", "파라미터를 두 번 디코딩해 %2B가 공백이 되었습니다. 프레임워크가 이미 디코딩합니다")
	hintStoredOnly       = both("answer true only for a stored token and its own usercode", "저장한 토큰과 그 usercode가 맞을 때만 true로 응답하세요")
	hintExactly          = both("compare byte for byte: a database may ignore case and spaces at the end (in MySQL, use a binary collation)", "바이트 단위로 비교하세요. 데이터베이스는 대소문자와 끝 공백을 무시할 수 있습니다(MySQL에서는 binary 콜레이션 사용)")
	hintParameterMissing = both("answer false when a parameter is missing", "파라미터가 없으면 false로 응답하세요")

	// For the rest.
	hintLogout       = both("delete the session, and its cookie with the attributes that it was set with", "세션을 지우고, 쿠키는 설정할 때와 같은 속성으로 지우세요")
	hintLogoutToken  = both("forget the session's tokens when it ends, or look its session up for each token", "세션이 끝나면 그 세션의 토큰도 지우거나, 토큰마다 세션이 살아 있는지 확인하세요")
	hintOldCookie    = both("end the session on the server; deleting the browser's cookie is not enough", "서버에서 세션을 끝내세요. 브라우저의 쿠키만 지워서는 부족합니다")
	hintClock        = both("set the server's clock by NTP", "서버 시계를 NTP로 맞추세요")
	hintOwnClock     = both("set this machine's clock by NTP; only the help center's clock counts", "이 컴퓨터의 시계를 NTP로 맞추세요. 기준은 헬프센터의 시계입니다")
	hintFrameID      = both("the help center's script fixes this id", "헬프센터 스크립트가 이 id를 사용합니다")
	hintFrameSource  = both("without iframe=true the page has its own header and sends no height", "iframe=true가 없으면 페이지에 머리글이 나오고 높이가 전달되지 않습니다")
	hintFrameSandbox = both("leave sandbox out, or the help center runs no script and keeps no login in the frame", "sandbox를 빼세요. 있으면 프레임의 헬프센터가 스크립트를 실행하지 못하고 로그인을 유지하지 못합니다")
	hintFramePolicy  = both("frame-src, or child-src or default-src where it is missing, decides what a page may frame",
		"페이지에 넣을 수 있는 프레임은 frame-src가 정하고, 없으면 child-src와 default-src가 정합니다")
)

// The reasons say why a case could not tell.
var (
	whyNeeds   = both("needs %s", "%s 필요").onPage("needs %s", "%s 필요")
	whyLimited = both("the integration limits requests (429 Too Many Requests): wait a minute and run again, or run fewer cases with --only",
		"연동 서버가 요청 수를 제한합니다(429 Too Many Requests). 잠시 후 다시 실행하거나 --only로 일부만 실행하세요").
		onPage("the login limits of this server are used up (429): wait a minute and run again", "이 서버의 로그인 제한에 걸렸습니다(429). 1분 뒤 다시 실행하세요")
	whyScript        = both("goes on by script: try it on `ocdev simulate`, or give --browser", "스크립트로 이어집니다: `ocdev simulate`에서 확인하거나 --browser를 지정하세요").onPage("goes on by script: try it in a browser", "스크립트로 이어집니다: 브라우저에서 확인하세요")
	whyNotPosted     = both("a script sends the login, so that its requests are not known", "로그인을 스크립트가 보내므로 요청 형식을 알 수 없습니다")
	whyNoField       = both("the browser found no field for the %s; --username-field and --password-field name them", "브라우저가 %s 필드를 찾지 못했습니다. --username-field와 --password-field로 지정하세요")
	whyChromiumEnded = both("the browser of --browser has ended", "--browser의 브라우저가 종료되었습니다")
	whyNoLogin       = both("nobody could log in; see login/works, login/already-logged-in or status/logged-in", "로그인되지 않았습니다. login/works, login/already-logged-in, status/logged-in을 확인하세요")
	whyNoForm        = both("there is no password form; see login/page", "비밀번호 입력 폼이 없습니다. login/page를 확인하세요")
	whyNoHandoff     = both("the login hands nobody off: right for the GET type with --link-url, else see login/works", "로그인 뒤 핸드오프가 없습니다. --link-url을 쓰는 GET 방식이면 정상이고, 아니면 login/works를 확인하세요").onPage("the login hands nobody off; see login/works", "로그인 뒤 핸드오프가 없습니다. login/works를 확인하세요")
	whyOtherWay      = both("the login URL doesn't hand off by %s", "로그인 URL의 핸드오프가 %s 방식이 아닙니다")
	whyRedirect      = both("it is a redirect and not a page; see handoff/form-endpoint", "페이지가 아니라 리다이렉트입니다. handoff/form-endpoint를 확인하세요")
	whyNotAgain      = both("a logged-in member isn't handed off; see login/already-logged-in", "로그인한 회원이 핸드오프되지 않습니다. login/already-logged-in을 확인하세요")
	whyBadCookie     = both("the given cookie is not name=value", "지정한 쿠키가 이름=값 형식이 아닙니다")
	whyCookieGiven   = both("needs --password-env: a given cookie has no attributes", "--password-env 필요: 지정한 쿠키에는 속성이 없습니다")
	whyNoLink        = both("the link URL gave no link; see link/given", "링크 URL이 링크를 주지 않았습니다. link/given을 확인하세요")
	whyNoToken       = both("no token was seen: the login URL hands off by none, and there is no --link-url that has one", "토큰을 보지 못했습니다. 로그인 URL의 핸드오프에 토큰이 없고, 토큰이 있는 --link-url도 없습니다").
				onPage("no token was seen", "토큰을 보지 못했습니다")
	whyNoPlus       = both("none of %d tokens was of the kind that is needed", "토큰 %d개 중에 필요한 것이 없었습니다")
	whyNoStatus     = both("the status URL gives no valid answer; see status/logged-out and status/logged-in", "상태 URL의 응답이 올바르지 않습니다. status/logged-out과 status/logged-in을 확인하세요")
	whyStatusBlind  = both("the status URL doesn't tell a member from a guest; see status/logged-in and status/logged-out", "상태 URL이 회원과 비회원을 구분하지 못합니다. status/logged-in과 status/logged-out을 확인하세요")
	whyRedirected   = both("it redirects; see status/no-redirect", "리다이렉트합니다. status/no-redirect를 확인하세요")
	whyNoCookie     = both("the login does not depend on one cookie", "로그인이 쿠키 하나로 정해지지 않습니다")
	whyAnyPassword  = both("a wrong password is accepted; see login/wrong-password", "틀린 비밀번호로도 로그인됩니다. login/wrong-password를 확인하세요")
	whyFieldMissing = both("a required field is missing; see handoff/form-required, handoff/api-required or link/required", "필수 필드가 없습니다. handoff/form-required, handoff/api-required, link/required를 확인하세요")
	whyNotUTF8      = both("the form is not sent in UTF-8; see handoff/form-charset", "폼이 UTF-8로 전송되지 않습니다. handoff/form-charset을 확인하세요")
	whyNoCall       = both("no call came: is %s the help center in the integration's configuration?", "호출이 오지 않았습니다. 연동 서버에 설정한 헬프센터가 %s인지 확인하세요")
	whyNotForm      = both("the call is not urlencoded; see handoff/api-call", "호출이 urlencoded가 아닙니다. handoff/api-call을 확인하세요")
	whyNotTrue      = both("an issued token is not true; see verify/issued", "발급한 토큰이 true가 아닙니다. verify/issued를 확인하세요")
	whyTooTrue      = both("other tokens or usercodes are true, too; see verify/changed-token and verify/other-usercode", "다른 토큰이나 usercode도 true입니다. verify/changed-token과 verify/other-usercode를 확인하세요")
	whyNoLogout     = both("the logout doesn't work at all; see logout/status", "로그아웃이 되지 않습니다. logout/status를 확인하세요")
	whyNoFrame      = both("there is no frame; see frame/id", "프레임이 없습니다. frame/id를 확인하세요")
	whyNoClock      = both("the help center can't be asked for the time", "헬프센터에서 시각을 읽을 수 없습니다")
	whyNoDate       = both("%s sends no Date", "%s의 응답에 Date가 없습니다")
)

// needsOnPage are the needs in the words of the setup page.
var needsOnPage = map[need]Text{
	needStatus: {"a login status URL", "로그인 상태 URL"}, needLogin: {"a login URL", "로그인 URL"},
	needVerify: {"a token verify URL", "Token 검증 URL"}, needLink: {"a signed link", "서명된 링크"},
	needLogout: {"a logout URL", "로그아웃 URL"}, needFrame: {"a page with the frame", "프레임 페이지"},
	needPassword: {"a test member's user ID and password", "테스트 회원의 아이디와 비밀번호"},
	needMember:   {"a test member's user ID and password", "테스트 회원의 아이디와 비밀번호"},
	needKey:      {"the organization key", "조직 Key"},
	needCenter:   {"the help center's side of a call, which only the command line has", "명령줄에서만 할 수 있는 헬프센터 쪽 확인"},
}

// The sentences of the summary.
var (
	textDetail      = Text{"want  %s\ngot   %s\nhint  %s", "기대  %s\n실제  %s\n해결  %s"}
	textNotChecked  = Text{"not checked: %s: %s", "검사하지 않음: %s: %s"}
	textMore        = Text{"%d more", "외 %d개"}
	textCounts      = Text{"%d ok, %d failed, %d warnings, %d skipped", "통과 %d, 실패 %d, 경고 %d, 건너뜀 %d"}
	textExplain     = Text{"`ocdev check --explain ID` says what the contract asks for in a case", "`ocdev check --explain ID`는 항목이 요구하는 내용을 설명합니다"}
	textNothingRan  = Text{"nothing was checked: every case was skipped", "아무것도 검사하지 않았습니다: 모든 항목을 건너뛰었습니다"}
	textNoMemberRan = Text{"a member was given, and no case that needs one could run", "회원을 지정했지만 회원이 필요한 항목을 하나도 검사하지 못했습니다"}
)

func both(en, ko string) hint { return hint{text: Text{en, ko}} }

// onPage returns the hint with other words for the setup page.
func (h hint) onPage(en, ko string) hint {
	h.page = Text{en, ko}
	return h
}
