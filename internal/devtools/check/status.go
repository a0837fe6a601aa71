package check

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"ocsso/internal/devtools/signing"
)

const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowHeaders     = "Access-Control-Allow-Headers"
)

// What the status and verify URLs say of somebody logged out.
const saidOfGuest = `{"login":"false","usercode":null}`

// statusCases test the login status URL (CONTRACT 7).
func statusCases() []Case {
	guest, both := []need{needStatus}, []need{needStatus, needMember}
	return []Case{
		must("status/https", "7", guest, func(r *run) error {
			address := mustParse(r.target.LoginStatusURL)
			return unless(isTrusted(address), "https", withoutQuery(address.String()), Text{
				"the help center's page is https, and browsers block its requests over http", "헬프센터 페이지는 https이므로 브라우저가 http 요청을 막습니다"})
		}, "The status URL is https, unless on loopback", "상태 URL은 루프백이 아니면 https이다"),

		// Somebody else may have logged in before.
		must("status/logged-out", "7", guest, func(r *run) error {
			a, got, err := r.readStatus(loggedOut)
			if err != nil {
				return err
			}
			if got.loggedIn {
				return fail(saidOfGuest, a.String(), Text{
					"a request without a session is logged out, whoever has logged in elsewhere: keep the login in the session, not in a variable of the program",
					"세션이 없는 요청은 다른 곳에서 누가 로그인했든 로그아웃 상태입니다. 로그인 여부를 프로그램의 변수가 아니라 세션에 두세요"})
			}
			return r.heardByBrowser(saidOfGuest, r.guest, `false`)
		}, `Somebody logged out is 200 and {"login":"false","usercode":null}`, `로그아웃 상태는 200과 {"login":"false","usercode":null}이다`),

		must("status/logged-in", "7", both, func(r *run) error {
			want := `{"login":"true","usercode":"` + r.target.UserCode + `"}`
			a, got, err := r.readStatus(loggedIn)
			switch {
			case err != nil:
				return err
			case !got.loggedIn:
				return r.whyUnknown(want, a)
			case got.misspelt != "":
				return warn(want, a.String(), hintMisspelt.with(got.misspelt, "usercode"))
			case got.usercode == "":
				return warn(want, a.String(), Text{"without the usercode the help center can't notice that another member has logged in: D24 of the contract",
					"usercode가 없으면 다른 회원이 로그인해도 헬프센터가 알아차리지 못합니다(D24)"})
			case got.usercode != r.target.UserCode:
				return fail(want, a.String(), Text{"name the member of the session; --usercode is the one that the password or the cookie belongs to",
					"세션에 있는 회원의 usercode를 응답하세요. --usercode는 비밀번호나 쿠키의 주인이어야 합니다"})
			}
			return r.heardByBrowser(want, r.asMember, `true`)
		}, `A member is 200 and {"login":"true","usercode":"..."}, with the member's own usercode`,
			`로그인 상태는 200과 {"login":"true","usercode":"..."}이며, usercode는 그 회원의 것이다`),

		should("status/strings", "7 D1", guest, withStatus(checkStrings), "The value of login is a string, not a Boolean", "login 값은 Boolean이 아니라 문자열이다"),
		should("status/keys", "7 D18", guest, withStatus(checkKeys),
			"The answer has the keys login and usercode alone, and the usercode null for somebody logged out", "응답에는 login과 usercode만 있고, 로그아웃 상태의 usercode는 null이다"),
		should("status/content-type", "7", guest, withStatus(checkContentType), "The content type is application/json", "Content-Type은 application/json이다"),

		must("status/no-redirect", "7", guest, func(r *run) error {
			a, err := r.statusOf(loggedOut)
			if err != nil || !isRedirected(a) {
				return err
			}
			return fail("200, JSON", a.String(), Text{"exempt the status URL from the filter that sends people to the login page", "로그인 페이지로 보내는 필터에서 상태 URL을 제외하세요"})
		}, "Somebody logged out gets an answer, not a redirect to a login page", "로그아웃 상태에도 로그인 페이지로 리다이렉트하지 않고 응답한다"),

		should("status/fast", "7", guest, withStatus(func(_ *run, a answer) error {
			return unless(a.took < time.Second, "< 1s", a.took.Round(time.Millisecond).String(), Text{
				"answer from the session alone: each page of the help center waits for it", "세션만 보고 응답하세요. 헬프센터의 모든 페이지가 이 응답을 기다립니다"})
		}), "The answer takes less than 1 s: each page of the help center waits for it", "1초 안에 응답한다. 헬프센터의 모든 페이지가 기다린다"),

		must("status/cors-origin", "7 D6", guest, withStatus(func(r *run, a answer) error {
			hint := Text{"answer the help center's exact origin, without a path or a slash at the end: browsers accept no * with credentials",
				"헬프센터의 오리진을 경로와 끝 슬래시 없이 그대로 응답하세요. 쿠키를 보내는 요청에는 브라우저가 *를 허용하지 않습니다"}
			if a.combined(allowOrigin) == r.target.HelpCenter+"/" {
				hint = Text{"only the slash at the end is too much", "끝의 슬래시만 빼면 됩니다"}
			}
			return wantHeader(a, allowOrigin, r.target.HelpCenter, hint)
		}), "Access-Control-Allow-Origin is the help center's exact origin, logged out and logged in",
			"로그아웃, 로그인 상태 모두 Access-Control-Allow-Origin이 헬프센터의 오리진과 같다"),

		must("status/cors-credentials", "7", guest, withStatus(func(_ *run, a answer) error {
			return wantHeader(a, allowCredentials, "true", Text{"answer exactly true: without it the browser keeps the answer from the script",
				"true로만 응답하세요. 없으면 브라우저가 스크립트에 응답을 넘기지 않습니다"})
		}), "Access-Control-Allow-Credentials is true, logged out and logged in", "로그아웃, 로그인 상태 모두 Access-Control-Allow-Credentials가 true이다"),

		should("status/preflight", "7 D18", guest, func(r *run) error {
			for _, field := range signing.FieldNames {
				name := strings.ToLower(field)
				a, err := r.do(request{method: http.MethodOptions, url: r.target.LoginStatusURL, headers: []header{
					{"Origin", r.target.HelpCenter}, {"Access-Control-Request-Method", http.MethodGet}, {"Access-Control-Request-Headers", name},
				}})
				if err != nil {
					return err
				}
				if a.status < 200 || a.status > 299 || !r.letsRead(a) || !a.lists(allowHeaders, name) {
					return fail("OPTIONS: 204, "+allowOrigin+": "+r.target.HelpCenter+", "+allowCredentials+": true, "+allowHeaders+": "+name,
						strconv.Itoa(a.status)+", "+a.show(allowOrigin)+", "+a.show(allowCredentials)+", "+a.show(allowHeaders), Text{
							"needed if the console sends parameters in headers: answer OPTIONS with 204, both CORS headers and Access-Control-Allow-Headers with every field's name",
							"콘솔에서 파라미터를 헤더로 보내도록 설정한 경우 필요합니다. OPTIONS에 204, CORS 헤더 둘, 모든 필드 이름을 담은 Access-Control-Allow-Headers로 응답하세요"})
				}
			}
			return nil
		}, "A preflight allows each field of the contract as a header", "프리플라이트가 모든 필드를 헤더로 허용한다"),

		// An integration that answers every origin alike needs no Vary.
		should("status/vary-origin", "7 D18", guest, withStatus(func(r *run, a answer) error {
			if a.lists("Vary", "Origin") || a.lists("Vary", "*") {
				return nil
			}
			other, err := r.get(r.target.LoginStatusURL, nil, header{"Origin", attacker})
			if err != nil || other.combined(allowOrigin) == a.combined(allowOrigin) {
				return err
			}
			return fail("Vary: Origin", a.show("Vary"), Text{"the allowed origin depends on who asks: set Vary: Origin, or a cache gives one origin's answer to another",
				"허용하는 오리진이 요청마다 다르므로 Vary: Origin을 설정하세요. 없으면 캐시가 다른 오리진의 응답을 넘겨줄 수 있습니다"})
		}), "Vary has Origin where the allowed origin varies", "허용하는 오리진이 요청마다 다르면 Vary에 Origin이 있다"),

		should("status/no-store", "7 D18", guest, withStatus(func(_ *run, a answer) error {
			return unless(a.lists("Cache-Control", "no-store"), "Cache-Control: no-store", a.show("Cache-Control"), Text{
				"a cached answer still says what was true before the login", "캐시된 응답은 로그인하기 전의 상태를 알립니다"})
		}), "Cache-Control has no-store: the answer depends on who asks", "응답이 요청자마다 다르므로 Cache-Control에 no-store가 있다"),

		should("status/foreign-origin", "D6", guest, func(r *run) error { return r.keptFrom(attacker) },
			"Another site may not read the status", "다른 사이트는 상태를 읽을 수 없다"),
		should("status/null-origin", "D6", guest, func(r *run) error { return r.keptFrom("null") },
			"The origin null may not read the status", "null 오리진은 상태를 읽을 수 없다"),
		should("status/look-alike-origin", "D6", guest, func(r *run) error {
			center := mustParse(r.target.HelpCenter)
			scheme, host := center.Scheme+"://", center.Host
			return r.keptFrom(
				scheme+host+".attacker.example", scheme+host+"9", // prefixes
				scheme+"attacker"+host, scheme+"attacker.example."+host, // suffixes
				map[string]string{"http": "https", "https": "http"}[center.Scheme]+"://"+host,
				scheme+strings.Replace(host, ".", "x", 1), // an unescaped dot in a pattern
				scheme+center.Hostname(), scheme+center.Hostname()+":4443",
			)
		}, "An origin that looks like the help center's may not read the status", "헬프센터와 비슷한 오리진은 상태를 읽을 수 없다"),

		must("status/cookie-stored", "6 7", both, withSessionCookie(func(*run, *http.Cookie) error { return nil }),
			"Browsers store the session's cookie", "브라우저가 세션 쿠키를 저장한다"),
		must("status/cookie-secure", "7", both, withSessionCookie(func(_ *run, c *http.Cookie) error {
			return unless(c.Secure, "Secure", shownCookie(c), hintSecure)
		}), "The session's cookie is Secure", "세션 쿠키에 Secure가 있다"),
		should("status/cookie-http-only", "D12 D18", both, withSessionCookie(func(_ *run, c *http.Cookie) error {
			return unless(c.HttpOnly, "HttpOnly", shownCookie(c), Text{
				"set HttpOnly, so that an injected script can't take the session", "삽입된 스크립트가 세션을 훔치지 못하도록 HttpOnly를 설정하세요"})
		}), "The session's cookie is HttpOnly", "세션 쿠키에 HttpOnly가 있다"),
		must("status/cookie-same-site", "7", both, withSessionCookie(func(r *run, c *http.Cookie) error {
			if c.Partitioned {
				return fail("SameSite=None; Secure", shownCookie(c), Text{
					"leave Partitioned out: the browser keeps such a cookie for pages of your own site, and the help center's script asks from another",
					"Partitioned를 빼세요. 브라우저가 이 쿠키를 자사 사이트의 페이지에서만 쓰므로, 헬프센터의 스크립트는 쿠키 없이 요청합니다"})
			}
			sent := c.SameSite == http.SameSiteNoneMode || siteOf(r.target.HelpCenter) == siteOf(r.target.LoginStatusURL)
			return unless(sent, "SameSite=None; Secure", shownCookie(c), Text{
				"set Secure and SameSite=None on the session's cookie: otherwise the help center's script asks without it; browsers accept Secure over http on localhost",
				"세션 쿠키에 Secure와 SameSite=None을 설정하세요. 없으면 헬프센터의 스크립트가 쿠키 없이 요청합니다. localhost에서는 http에서도 Secure 쿠키가 저장됩니다",
			}, r.tab.unsentTo(r.target.LoginStatusURL)...)
		}), "The session's cookie is SameSite=None: otherwise the help center's script asks without it",
			"세션 쿠키가 SameSite=None이다. 아니면 헬프센터 스크립트가 쿠키 없이 요청한다"),

		must("status/usercode-alone", "7 D8", guest, func(r *run) error {
			usercode, address := r.target.UserCode, r.target.LoginStatusURL
			inQuery, errQuery := r.get(withQuery(address, "usercode", usercode), nil)
			inHeader, errHeader := r.get(address, nil, header{"usercode", url.PathEscape(usercode)})
			return cmp.Or(errQuery, errHeader,
				r.believesNot("?usercode="+usercode, inQuery, hintUserCodeAlone), r.believesNot("usercode: "+usercode, inHeader, hintUserCodeAlone))
		}, "A usercode in a parameter or a header is not accepted without proof", "파라미터나 헤더의 usercode만으로 로그인을 인정하지 않는다"),

		// A usercode, as the vendor's sample keeps it for its scripts, and the login's own cookies
		// that any script can write.
		must("status/usercode-cookie", "7 D12", guest, func(r *run) error {
			usercode, host := r.target.UserCode, mustParse(r.target.LoginStatusURL).Hostname()
			forged := jar{{Name: "usercode", Value: url.QueryEscape(usercode)}, {Name: "sso_test_login", Value: "true"}}
			inClear := []string{
				usercode, url.QueryEscape(usercode), url.PathEscape(usercode), `"` + usercode + `"`,
				base64.StdEncoding.EncodeToString([]byte(usercode)), base64.RawURLEncoding.EncodeToString([]byte(usercode)),
			}
			for _, c := range r.member {
				if slices.Contains(inClear, c.Value) {
					forged = append(forged, &http.Cookie{Name: c.Name, Value: c.Value})
				}
			}
			for _, c := range forged {
				c.Domain, c.Path = host, "/"
			}
			a, err := r.askStatus(forged)
			if err != nil {
				return err
			}
			return r.believesNot("Cookie: usercode=...", a, Text{"anybody can write such a cookie: look up a secret session id, and take the usercode from there",
				"이런 쿠키는 누구나 만들 수 있습니다. 추측할 수 없는 세션 ID로 세션을 찾고, usercode는 그 세션에서 읽으세요"})
		}, "A cookie that anybody can write is not accepted as a login", "누구나 만들 수 있는 쿠키를 로그인으로 인정하지 않는다"),
	}
}

var hintUserCodeAlone = Text{"anybody can send a usercode; accept only the session, or a token that was issued to it",
	"usercode는 누구나 보낼 수 있습니다. 세션이나 그 세션에 발급한 토큰만 인정하세요"}

// believesNot fails if a request that anybody can make is answered as the member's.
func (r *run) believesNot(what string, a answer, hint Text) error {
	if guest, err := r.isLoggedIn(nil); err == nil && guest {
		return see("status/logged-out")
	}
	got, err := parseStatus(a)
	return unless(err != nil || !got.loggedIn, what+` -> {"login":"false"}`, a.String(), hint)
}

// letsRead reports whether the help center's script may read an answer.
func (r *run) letsRead(a answer) bool {
	return a.combined(allowOrigin) == r.target.HelpCenter && a.combined(allowCredentials) == "true"
}

// askStatus gets the status URL as the help center's script does. It follows a redirect that
// browsers follow for a script: to the same origin, with the headers for it.
func (r *run) askStatus(cookies jar) (answer, error) {
	ask := request{method: http.MethodGet, url: r.target.LoginStatusURL, cookies: cookies, headers: []header{{"Origin", r.target.HelpCenter}}}
	return r.follow(ask, func(a answer, next string) bool { return originOf(next) == originOf(a.url) && r.letsRead(a) })
}

// A side is one of the two answers of a status URL.
type side string

const (
	loggedOut side = "logged out"
	loggedIn  side = "logged in"
)

// statusOf is askStatus, kept for the cases that look at the same answer.
func (r *run) statusOf(who side) (answer, error) {
	if r.statuses[who] == nil {
		r.statuses[who] = sync.OnceValues(func() (answer, error) { return r.askStatus(map[side]jar{loggedIn: r.member}[who]) })
	}
	return r.statuses[who]()
}

// readStatus is statusOf with what the answer says. It leaves a redirect to status/no-redirect.
func (r *run) readStatus(who side) (a answer, got status, err error) {
	if a, err = r.statusOf(who); err != nil {
		return a, got, err
	}
	if isRedirected(a) {
		return a, got, see("status/no-redirect")
	}
	got, err = parseStatus(a)
	return a, got, err
}

// withStatus returns a case that checks the answers to a guest and, if one is logged in, to a
// member. It leaves a redirect to status/no-redirect.
func withStatus(check func(*run, answer) error) check {
	return func(r *run) error {
		for _, who := range []side{loggedOut, loggedIn} {
			if who == loggedIn && r.member == nil {
				continue
			}
			a, err := r.statusOf(who)
			switch {
			case err != nil:
				return err
			case isRedirected(a):
				return see("status/no-redirect")
			}
			if err := check(r, a); err != nil {
				if f := unmet(err); f != nil {
					f.got = string(who) + ": " + f.got
				}
				return err
			}
		}
		return nil
	}
}

// whyUnknown says why the status URL does not know a member.
func (r *run) whyUnknown(want string, a answer) error {
	hint := Text{"the cookies were sent, and the status URL does not find the session: read the one that the login made",
		"쿠키가 전송되었지만 상태 URL이 세션을 찾지 못했습니다. 로그인할 때 만든 세션을 읽으세요"}
	busted, err := r.get(withQuery(r.target.LoginStatusURL, "_", strconv.FormatInt(r.now().UnixNano(), 36)), r.member, header{"Origin", r.target.HelpCenter})
	fresh, bad := parseStatus(busted)
	switch {
	case err == nil && bad == nil && fresh.loggedIn, strings.Trim(a.header.Get("Age"), "0") != "":
		hint = Text{"the answer comes out of a cache: exempt the status URL, and send Cache-Control: no-store", "캐시에서 나온 응답입니다. 상태 URL을 캐시에서 제외하고 Cache-Control: no-store를 보내세요"}
	case r.target.Cookie.Reveal() != "":
		hint = hintDeadCookie
	case r.member.header(mustParse(r.target.LoginStatusURL)) == "":
		hint = Text{"set the session's cookie with Path=/ and a Domain that covers the status URL", "세션 쿠키를 Path=/로, 상태 URL까지 포함하는 Domain으로 설정하세요"}
	}
	evidence := r.tab.unsentTo(r.target.LoginStatusURL)
	if r.tab != nil && evidence == nil {
		for _, c := range r.member {
			evidence = append(evidence, shownCookie(c))
		}
	}
	return fail(want, a.String(), hint, evidence...)
}

// heardByBrowser fails when plain HTTP gets the right answer, and the help center's script does not
// hear it, for a reason that no other case names.
func (r *run) heardByBrowser(want string, h *heard, word string) error {
	if h == nil || strings.Contains(h.Body, word) || r.target.Cookie.Reveal() != "" {
		return nil
	}
	reasons := []string{"status/cors-origin", "status/cors-credentials", "status/cookie-same-site", "status/cookie-secure", "status/https"}
	for _, c := range statusCases() {
		if slices.Contains(reasons, c.ID) && unmet(r.try(c)) != nil {
			return nil
		}
	}
	return fail(want, strconv.Itoa(h.Status)+" "+h.Body+h.Error, Text{
		"plain HTTP gets the right answer, and the help center's script in a browser does not",
		"HTTP 요청에는 맞게 응답하지만, 브라우저의 헬프센터 스크립트에는 그렇지 않습니다"}, r.tab.unsentTo(r.target.LoginStatusURL)...)
}

// isRedirected reports whether a browser's script gets something else than a status, by a redirect.
func isRedirected(a answer) bool {
	_, err := parseStatus(a)
	return a.status >= 300 && a.status <= 399 || a.hops > 0 && err != nil
}

// A status is the body of a status or verify answer (CONTRACT 7 and 9).
type status struct {
	loggedIn bool
	usercode string // "" for null
	boolean  bool   // login is a Boolean and not a string (D1)
	misspelt string // the name in place of usercode, or ""
	odd      string // what else is not as in the vendor's examples, or ""
}

// parseStatus accepts what the vendor's pages allow.
func parseStatus(a answer) (got status, err error) {
	var body map[string]any
	malformed := json.Unmarshal(a.body, &body) != nil
	login, isText := body["login"].(string)
	truth, isBoolean := body["login"].(bool)
	usercode, hasUserCode := body["usercode"]
	name, isName := usercode.(string)
	_, isNumber := usercode.(float64)
	blank := strings.TrimSpace(name) == ""
	got = status{loggedIn: truth || login == "true", usercode: name, boolean: isBoolean}
	hint := Text{}
	switch {
	case a.status == http.StatusNotFound:
		hint = hintNoPath
	case a.status == http.StatusForbidden:
		hint = Text{"answer 200 to somebody logged out, too; if a filter answers (of a foreign Origin, of programs, of forged requests), exempt this URL",
			"로그아웃 상태에도 200으로 응답하세요. 필터(다른 Origin, 프로그램, CSRF 차단)의 응답이라면 이 URL을 제외하세요"}
	case a.status >= http.StatusInternalServerError:
		hint = Text{"the URL itself fails: look into the integration's own log", "처리 중 오류가 났습니다. 연동 서버의 로그를 확인하세요"}
	case a.status != http.StatusOK:
		hint = Text{"answer 200 to somebody logged out, too: only the JSON says who is logged in", "로그아웃 상태에도 200으로 응답하세요. 로그인 여부는 JSON으로만 알립니다"}
	case strings.HasPrefix(string(a.body), "\xff\xfe") || strings.HasPrefix(string(a.body), "\xfe\xff") || strings.Contains(string(a.body), "\x00"):
		hint = Text{"the answer is UTF-16: send UTF-8", "응답이 UTF-16입니다. UTF-8로 보내세요"}
	case strings.HasPrefix(string(a.body), "\ufeff"):
		hint = Text{"save the source file as UTF-8 without a BOM: the answer begins with the three bytes EF BB BF, and many JSON parsers refuse them",
			"소스 파일을 BOM 없는 UTF-8로 저장하세요. 응답이 EF BB BF 세 바이트로 시작하며, 많은 JSON 파서가 이를 거부합니다"}
	case malformed:
		hint = Text{"answer one JSON object and nothing else: no warning before it, no callback around it, double quotes",
			"JSON 객체 하나만 응답하세요. 앞에 경고문이나 바깥에 콜백 함수가 없어야 하고, 큰따옴표를 써야 합니다"}
	case !isBoolean && login != "true" && login != "false":
		hint = Text{`the value of login is "true" or "false", in lower case and in quotes`, `login 값은 따옴표로 감싼 소문자 "true" 또는 "false"입니다`}
		for outer, value := range body {
			if inner, ok := value.(map[string]any); ok && inner["login"] != nil && !isText {
				hint = Text{"the object stands one level down, in " + outer + ": answer it alone", "응답이 " + outer + " 안에 한 단계 들어가 있습니다. 객체 그대로 응답하세요"}
			}
		}
	case isNumber:
		hint = Text{"the usercode is a number: send it as a string, in quotes", "usercode가 숫자입니다. 따옴표로 감싼 문자열로 보내세요"}
	case got.loggedIn && hasUserCode && blank:
		hint = Text{"a true login needs the member's usercode, under the key usercode", "로그인 상태(true)에는 usercode 키에 회원의 usercode가 있어야 합니다"}
	case !got.loggedIn && !blank || usercode != nil && !isName:
		hint = Text{"the usercode is a string for a member, and null for somebody logged out", "usercode는 로그인 상태면 문자열, 로그아웃 상태면 null입니다"}
	case !hasUserCode:
		got.odd = "no usercode"
		for name := range body {
			if isLike(name, "usercode") {
				got.misspelt = name
			}
		}
	case !got.loggedIn && usercode != nil:
		got.odd = "an empty usercode"
	case len(body) > 2:
		got.odd = "more keys"
	}
	return got, unless(hint == Text{}, `200 {"login":"true","usercode":"..."}, `+saidOfGuest, a.String(), hint)
}

func checkStrings(_ *run, a answer) error {
	got, err := parseStatus(a)
	return unless(err != nil || !got.boolean, `"true", "false"`, a.String(), Text{
		"the vendor's table says Boolean, and all of its examples have strings: send the strings", "벤더 문서의 표는 Boolean이지만 예시는 모두 문자열입니다. 문자열로 보내세요"})
}

func checkKeys(_ *run, a answer) error {
	got, err := parseStatus(a)
	return unless(err != nil || got.odd == "" || got.loggedIn && got.usercode == "", `{"login":...,"usercode":...}`, got.odd+": "+a.String(), Text{
		"answer as in the vendor's example", "벤더 문서의 예시와 같은 형태로 응답하세요"})
}

func checkContentType(_ *run, a answer) error {
	return unless(a.is("application/json"), "Content-Type: application/json", a.show("Content-Type"), Text{
		"set the header before writing the body", "본문을 쓰기 전에 헤더를 설정하세요"})
}

func wantHeader(a answer, name, want string, hint Text) error {
	if len(a.header.Values(name)) > 1 {
		hint = Text{"the header comes twice, as from the application and from a proxy in front: set it in one place",
			"헤더가 두 번 설정되어 있습니다(애플리케이션과 앞단 프록시 등). 한 곳에서만 설정하세요"}
	}
	return unless(a.combined(name) == want, name+": "+want, a.show(name), hint)
}

// keptFrom fails if one of the origins, which are not allowed, may read the status. A * is left to
// status/cors-origin.
func (r *run) keptFrom(origins ...string) error {
	for _, origin := range origins {
		if r.target.allows(origin) {
			continue
		}
		a, err := r.get(r.target.LoginStatusURL, nil, header{"Origin", origin})
		if err != nil {
			return err
		}
		if slices.Contains(a.header.Values(allowOrigin), origin) {
			return fail("Origin: "+origin+" -> no "+allowOrigin, allowOrigin+": "+origin, Text{
				"compare the whole Origin with the help center's: the vendor's sample echoes any",
				"Origin 전체를 헬프센터의 오리진과 비교하세요. 벤더 샘플은 모든 오리진을 그대로 허용합니다"})
		}
	}
	return nil
}

// isLoggedIn asks the status URL. An answer that breaks the contract is a skip, since the status
// cases report it.
func (r *run) isLoggedIn(cookies jar) (bool, error) {
	a, err := r.askStatus(cookies)
	if err != nil {
		return false, err
	}
	got, err := parseStatus(a)
	if err != nil {
		return false, see("status/logged-out")
	}
	return got.loggedIn, nil
}

// statusWorks returns a skip unless the status URL tells the member from a guest.
func (r *run) statusWorks() error {
	in, err := r.isLoggedIn(r.member)
	guest, errGuest := r.isLoggedIn(nil)
	switch {
	case err != nil || errGuest != nil:
		return cmp.Or(err, errGuest)
	case guest:
		return see("status/logged-out")
	case !in:
		return see("status/logged-in")
	}
	return nil
}

// seemsLoggedIn reports whether the status URL, or the link URL, knows the cookies.
func (r *run) seemsLoggedIn(cookies jar) bool {
	if r.target.LoginStatusURL != "" {
		if a, err := r.askStatus(cookies); err == nil && saysTrue(a) {
			return true
		}
	}
	if r.target.LinkURL != "" {
		link, err := r.signedLink(cookies)
		return err == nil && link.values.Has("token")
	}
	return false
}

// sessionCookies returns the cookies without which the status URL says that the member is logged
// out.
func (r *run) sessionCookies() (needed jar, err error) {
	if err := r.statusWorks(); err != nil {
		return nil, err
	}
	for _, c := range r.member {
		in, err := r.isLoggedIn(r.member.without(c.Name))
		if err != nil {
			return nil, err
		}
		if !in {
			needed = append(needed, c)
		}
	}
	if needed == nil {
		return nil, skip("the login does not depend on one cookie", "로그인이 쿠키 하나로 정해지지 않습니다")
	}
	return needed, nil
}

// withSessionCookie returns a case that checks the cookies of the login.
func withSessionCookie(check func(*run, *http.Cookie) error) check {
	return func(r *run) error {
		if r.target.Cookie.Reveal() != "" {
			return skip("needs --password-env: a given cookie has no attributes", "--password-env 필요: 지정한 쿠키에는 속성이 없습니다")
		}
		cookies, err := r.sessionCookies()
		for _, c := range cookies {
			err = cmp.Or(err, check(r, c))
		}
		return err
	}
}

func shownCookie(c *http.Cookie) string {
	text := c.Name + "=" + mask + "; Path=" + c.Path + "; Domain=" + c.Domain
	if c.HttpOnly {
		text += "; HttpOnly"
	}
	if c.Secure {
		text += "; Secure"
	}
	if c.Partitioned {
		text += "; Partitioned"
	}
	return text + "; " + cmp.Or(map[http.SameSite]string{
		http.SameSiteNoneMode: "SameSite=None", http.SameSiteLaxMode: "SameSite=Lax", http.SameSiteStrictMode: "SameSite=Strict",
	}[c.SameSite], "(no SameSite: Lax)")
}

// siteOf is what browsers count as the site of a URL.
func siteOf(address string) string {
	u := mustParse(address)
	domain, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname())
	if err != nil {
		domain = u.Hostname()
	}
	return u.Scheme + "://" + domain
}
