package check

// Hints that several cases give. The others stand where they are given.
var (
	hintHTTPS = Text{"passwords over http can be read on the way", "http로 보내는 비밀번호는 중간에서 읽힐 수 있습니다"}
	hintHTML  = Text{"browsers show another type as text, or save it", "다른 형식이면 브라우저가 소스를 그대로 보이거나 파일로 저장합니다"}

	hintFormAgain = Text{"show the form again, with the returnUrl in it", "returnUrl을 담아 로그인 폼을 다시 보이세요"}
	hintTarget    = Text{"leave target out: browsers block a new window that nobody asked for", "target을 빼세요. 사용자가 요청하지 않은 새 창은 브라우저가 막습니다"}
	hintSecure    = Text{"set Secure on the session's cookie: browsers refuse SameSite=None without it, and accept it over http on localhost",
		"세션 쿠키에 Secure를 설정하세요. 브라우저는 Secure 없는 SameSite=None 쿠키를 거부하며, localhost에서는 http에서도 저장합니다"}
	hintFormAction = Text{"add the origin to form-action: Chromium applies it to each redirect after the form, and default-src does not cover it",
		"form-action에 해당 오리진을 추가하세요. Chromium은 폼 다음의 모든 리다이렉트에도 적용하며, default-src로는 대신할 수 없습니다"}
	hintDeadCookie = Text{"the login of the cookie has ended, or it is not the session's: log in in a browser and copy the session's cookie again; every URL gets it",
		"쿠키의 로그인이 끝났거나 세션 쿠키가 아닙니다. 브라우저에서 다시 로그인해 세션 쿠키를 복사하세요"}
	hintTwice = Text{"the header comes twice, as from the application and from a proxy in front: set it in one place",
		"헤더가 두 번 설정되어 있습니다(애플리케이션과 앞단 프록시 등). 한 곳에서만 설정하세요"}
	hintStoredOnly = Text{"answer true only for a stored token and its own usercode", "저장한 토큰과 그 usercode가 맞을 때만 true로 응답하세요"}
	hintFresh      = Text{"sign anew for each handoff: a stored time or token is refused after 3 minutes",
		"핸드오프할 때마다 새로 서명하세요. 저장해 둔 time과 token은 3분 뒤 거부됩니다"}
	hintQuestionMark = Text{"begin the query with ? where the returnUrl has none, and go on with & where it has one: a URL library does both",
		"returnUrl에 쿼리가 없으면 ?로 시작하고, 있으면 &로 이어 붙이세요. URL 라이브러리를 쓰면 됩니다"}
	hintNames = Text{"the names are in lower case except returnUrl", "returnUrl 외의 이름은 모두 소문자입니다"}
	hintOnce  = Text{"send the field once: frameworks read the first, the last, or a list", "필드를 한 번만 보내세요. 프레임워크마다 첫 값, 마지막 값, 목록 중 하나를 읽습니다"}
)
