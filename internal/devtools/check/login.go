package check

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// loginCases test the login URL (CONTRACT 6).
func loginCases() []Case {
	page, typed, both := []need{needLogin}, []need{needPassword, needBrowser}, []need{needLogin, needMember}
	statusToo := []need{needPassword, needBrowser, needStatus}
	return []Case{
		must("login/page", "6", page, func(r *run) error {
			switch {
			case r.loginPage != nil:
				return nil
			case r.target.Cookie.Reveal() != "":
				return skip("needs --password-env", "--password-env 필요")
			}
			a, err := r.open(r.loginFor(r.returnPage()), nil)
			if err != nil || slices.ContainsFunc(a.forms(), func(f form) bool { return f.password }) {
				return err
			}
			return skip("needs a browser: plain HTTP sees no password form", "브라우저 필요: HTTP 응답에는 비밀번호 입력 폼이 없습니다")
		}, "The login URL shows a page with a password form, over https unless on loopback", "로그인 URL이 비밀번호 입력 폼을 보이며, 루프백이 아니면 https이다"),
		must("login/works", "6", typed, func(r *run) error {
			err := r.cameTo(r.login != nil && (len(r.handoffs) > 0 || r.isGETType()))
			if err == nil && len(r.handoffs) > 0 && r.handoffs[0].first != "" {
				return note("the login leads to the returnUrl first, and hands off at the next visit of the login URL, as the vendor's newest page has it",
					"로그인 뒤 returnUrl로 먼저 이동하고 다음 로그인 URL 호출에서 핸드오프합니다. 벤더의 최신 문서와 같습니다")
			}
			return err
		}, "The right password leads to a handoff", "맞는 비밀번호로 로그인하면 핸드오프로 이어진다"),
		must("login/policy", "6", typed, func(r *run) error { return r.cameTo(len(r.handoffs) > 0) },
			"The login page's Content-Security-Policy lets the form go where it leads", "로그인 페이지의 Content-Security-Policy가 폼의 이동 경로를 모두 허용한다"),
		must("login/wrong-password", "6", typed, func(r *run) error { return r.cameTo(r.typed != nil) },
			"A wrong password leads to no handoff and no session", "틀린 비밀번호로는 핸드오프도 세션도 생기지 않는다"),
		must("login/return-url-kept", "6", typed, func(r *run) error {
			for _, id := range []string{"login/wrong-password", "login/return-url"} {
				if r.found[id] != nil {
					return see(id)
				}
			}
			return r.cameTo(r.login != nil && len(r.handoffs) > 0)
		}, "The returnUrl survives a wrong password", "비밀번호를 틀려도 returnUrl이 유지된다"),
		must("login/return-url", "6", typed, func(r *run) error { return r.cameTo(r.login != nil && len(r.handoffs) > 0) },
			"The handoff after the login leads to the returnUrl", "로그인 뒤의 핸드오프가 returnUrl로 이어진다"),
		must("login/already-logged-in", "6", append(both, needBrowser), func(r *run) error {
			if len(r.handoffs) > 1 || len(r.handoffs) > 0 && r.login == nil {
				return nil
			}
			return r.reached("")
		}, "A member who is logged in is handed off at once", "이미 로그인한 회원은 바로 핸드오프된다"),
		should("login/hostile-return-url", "D14", page, func(r *run) error {
			return checkHostile(r, r.hostileReturnURLs(), func(hostile string) (answer, error) { return r.open(r.loginFor(hostile), nil) })
		},
			"No returnUrl leads a guest away from the allowed origins", "어떤 returnUrl도 비회원을 허용하지 않은 오리진으로 보내지 않는다"),
		should("login/hostile-return-url-member", "D14", both, func(r *run) error {
			err := checkHostile(r, r.hostileReturnURLs(), func(hostile string) (answer, error) { return r.open(r.loginFor(hostile), r.member) })
			if err != nil || r.tab == nil || len(r.handoffs) == 0 {
				return err
			}
			if _, err := r.handOffByHTTP(r.returnPage()); err == nil {
				return nil // plain HTTP shows where a handoff leads
			}
			for _, hostile := range r.hostileReturnURLs()[:fewHostile] {
				want := wantHostile(hostile)
				m := r.tab.mark()
				if r.tab.open(r.loginFor(hostile)) != nil {
					continue
				}
				r.tab.until(settled, func() bool { return false })
				for _, s := range r.tab.since(m).sent {
					if h, ok := r.handoffOf(s); ok && h.way == wayForm && !r.target.allows(browserOrigin(&url.URL{}, h.destination())) {
						return fail(want, "returnUrl="+h.destination(), hintHostile)
					}
					if s.isPage && !r.target.allows(originOf(s.url)) {
						return fail(want, s.url, hintHostile)
					}
				}
			}
			return nil
		}, "No returnUrl leads a member away from the allowed origins, and none that would is signed", "어떤 returnUrl도 회원을 허용하지 않은 오리진으로 보내지 않으며, 그런 값에 서명하지 않는다"),
		replaying("login/hostile-return-url-posted", "D14", typed, func(r *run) error {
			return checkHostile(r, r.hostileReturnURLs()[:fewHostile], func(hostile string) (answer, error) {
				return r.replay(replayed{values: map[string]string{r.returnURL: hostile}})
			})
		}, "No returnUrl posted with the right password leads away from the allowed origins", "맞는 비밀번호와 함께 POST한 returnUrl도 허용하지 않은 오리진으로 보내지 않는다"),
		should("login/markup", "6 D14", page, func(r *run) error {
			for _, cookies := range []jar{nil, r.member} {
				// Out of an attribute, of text and of a script.
				for _, breakout := range []string{`">`, `'>`, `</script>`} {
					a, err := r.open(r.loginFor(withoutFragment(r.returnPage())+breakout+`<i id=`+injected+`></i>`), cookies)
					if err != nil {
						return err
					}
					for t := range a.tags() {
						if t.attributes["id"] == injected {
							return fail("&lt;i&gt;", "<i id="+injected+">", Text{"escape the returnUrl wherever it gets into HTML or a script, or let a template engine do it",
								"returnUrl을 HTML이나 스크립트에 넣을 때 이스케이프하세요. 템플릿 엔진을 쓰면 됩니다"})
						}
					}
				}
			}
			return nil
		}, "A returnUrl puts no markup into the page", "returnUrl로 페이지에 태그를 넣을 수 없다"),
		replaying("login/session-id", "6 D12", statusToo, loginSessionID,
			"The session's cookie has a new value after the login, whatever it was before", "세션 쿠키의 값은 로그인할 때 새로 바뀐다"),
		replaying("login/cross-site-post", "6", statusToo, func(r *run) error {
			a, err := r.replay(replayed{origin: attacker})
			if err != nil {
				return err
			}
			in, err := r.isLoggedIn(a.cookies)
			if err != nil {
				return err
			}
			return unless(!in, "Origin: "+attacker+" -> 403", a.String(), Text{
				"compare the Origin of a post with your own, or have a token in the form: a member logged in as the attacker writes to the attacker's history",
				"POST의 Origin을 자사 오리진과 비교하거나 폼에 CSRF 토큰을 넣으세요. 공격자 계정으로 로그인된 회원의 문의가 공격자에게 남습니다"})
		}, "A login that another site posts is refused", "다른 사이트가 POST한 로그인은 거부한다"),
		replaying("login/same-failure", "6", typed, func(r *run) error {
			look := func(id string) (string, error) {
				a, err := r.replay(replayed{values: map[string]string{r.who.id: id, r.who.password: wrongPassword}})
				return strconv.Itoa(a.status) + " " + strings.ReplaceAll(a.text(), id, ""), err
			}
			member, err := look(r.who.id)
			if err != nil {
				return err
			}
			unknown, err := look(unknownMember)
			if err != nil {
				return err
			}
			return unless(member == unknown, member, unknown, Text{"nobody may learn from the answer which members exist", "응답만 보고 어떤 회원이 있는지 알 수 없어야 합니다"})
		}, "A wrong password and an unknown member look the same", "틀린 비밀번호와 없는 회원의 응답이 같다"),
		should("login/secret-in-url", "6", typed, func(r *run) error {
			for _, s := range slices.Concat(r.typed, r.login) {
				for _, password := range []string{wrongPassword, r.who.password} {
					if strings.Contains(s.url, url.QueryEscape(password)) || strings.Contains(s.url, url.PathEscape(password)) {
						return fail("POST", s.method+" "+withoutQuery(s.url)+"?...", Text{"URLs end up in logs and histories", "URL은 로그와 방문 기록에 남습니다"})
					}
				}
			}
			return r.cameTo(r.typed != nil)
		}, "The login form is sent by POST, so that no password gets into a URL", "비밀번호가 URL에 남지 않도록 로그인 폼을 POST로 보낸다"),
		should("login/password-passed-on", "6 D14", typed, func(r *run) error {
			for _, s := range r.login {
				if s.fromAnswer && s.method == http.MethodPost && !r.target.owns(originOf(s.url)) {
					return fail("303", s.method+" "+withoutQuery(s.url), Text{"307 and 308 make the browser post the password to the next URL: answer 303",
						"307과 308은 브라우저가 비밀번호를 다음 URL로 다시 POST하게 합니다. 303으로 응답하세요"})
				}
			}
			return r.cameTo(r.login != nil)
		}, "No redirect makes the browser post the password elsewhere", "리다이렉트로 비밀번호가 다른 곳에 POST되지 않는다"),
		should("login/no-store", "6 D18", page, func(r *run) error {
			hint := Text{"a cache would show the page to the next person, and a handoff page has a token in it", "캐시된 페이지가 다른 사람에게 보일 수 있고, 핸드오프 페이지에는 토큰이 있습니다"}
			a, err := r.open(r.loginFor(r.returnPage()), nil)
			if err != nil {
				return err
			}
			err = unless(a.lists("Cache-Control", "no-store"), "Cache-Control: no-store", "login page: "+a.show("Cache-Control"), hint)
			if err == nil && len(r.handoffs) > 0 && r.handoffs[0].way == wayForm && r.handoffs[0].page.answer != nil {
				page := answer{header: r.handoffs[0].page.answer}
				err = unless(page.lists("Cache-Control", "no-store"), "Cache-Control: no-store", "handoff page: "+page.show("Cache-Control"), hint)
			}
			return err
		}, "Neither the login page nor the handoff page is cacheable", "로그인 페이지와 핸드오프 페이지는 캐시되지 않는다"),
	}
}

// cameTo returns nil if the journey came so far, and else why not.
func (r *run) cameTo(came bool) error {
	if came {
		return nil
	}
	if r.stopped != "" {
		return see(r.stopped)
	}
	return r.reached("")
}

// fewHostile is how many hostile returnUrls are posted, because an integration may limit logins,
// and opened in the browser, where each takes a second or more.
const fewHostile = 4

// checkHostile fails if a hostile returnUrl leads a browser to an origin that is not allowed.
func checkHostile(r *run, list []string, open func(hostile string) (answer, error)) error {
	for _, hostile := range list {
		a, err := open(hostile)
		if err != nil {
			return err
		}
		if err := r.checkAllowed(a, hostile); err != nil {
			return err
		}
	}
	return nil
}

var hintHostile = Text{"parse the returnUrl, compare scheme, host and port with the help center's and your own, and refuse everything else",
	"returnUrl을 파싱해 스킴, 호스트, 포트를 헬프센터와 자사 오리진에 비교하고, 나머지는 모두 거부하세요"}

func wantHostile(hostile string) string { return "returnUrl=" + strconv.Quote(hostile) + " -> 400" }

// checkAllowed looks at where an answer leads to, and where its forms go.
func (r *run) checkAllowed(a answer, hostile string) error {
	want, page := wantHostile(hostile), mustParse(a.url)
	if location := a.header.Get("Location"); a.status >= 300 && a.status <= 399 && !r.target.allows(browserOrigin(page, location)) {
		f := &finding{want: want, got: strconv.Itoa(a.status) + " Location: " + strconv.Quote(location), text: hintHostile}
		if query := mustParse(location).Query(); query.Has("accessToken") || query.Has("token") {
			r.hidePersonal(query)
			f.outcome = Fail // the vendor's pages hand it to the help center alone
		}
		return f
	}
	if to := a.leadsTo(); to != "" && !r.target.allows(browserOrigin(page, to)) {
		return fail(want, to, hintHostile)
	}
	for _, f := range a.forms() {
		remote := isRemoteLogin(f.values)
		r.hidePersonal(f.values)
		if !r.target.allows(originOf(f.action)) && (remote || f.password) {
			return fail(want, "<form action="+withoutQuery(f.action)+">", hintHostile)
		}
		if to := f.values.Get("returnUrl"); remote && to != "" && !r.target.allows(browserOrigin(page, to)) {
			return fail(want, "returnUrl="+to, hintHostile)
		}
	}
	return nil
}

func loginSessionID(r *run) error {
	if r.names == nil {
		return skip("the login does not depend on one cookie", "로그인이 쿠키 하나로 정해지지 않습니다")
	}
	var planted jar
	for _, c := range r.names {
		fixed := *c
		fixed.Value = "planted-by-somebody-else"
		planted = append(planted, &fixed)
	}
	page, err := r.open(r.loginFor(r.returnURL), planted)
	if err != nil {
		return err
	}
	before := map[string]string{}
	for _, c := range page.cookies {
		before[c.Name] = c.Value
	}
	a, err := r.replay(replayed{page: &page})
	if err != nil {
		return err
	}
	if in, err := r.isLoggedIn(a.cookies); err != nil || !in {
		return skip("the replayed login logs nobody in with a planted cookie", "심어 둔 쿠키로 재전송한 로그인은 로그인되지 않습니다")
	}
	for _, c := range r.names {
		for _, after := range a.cookies {
			if after.Name == c.Name && after.Value == before[c.Name] {
				return fail("Set-Cookie: "+c.Name+"=(new)", c.Name+"=(as before)", Text{
					"make a new session id at each login, or somebody who planted the old one is logged in as well",
					"로그인할 때마다 세션 ID를 새로 만드세요. 그러지 않으면 이전 ID를 심어 둔 사람도 로그인됩니다"})
			}
		}
	}
	return nil
}

// injected is the id of an element that a returnUrl tries to put into a page.
const injected = "ocdev-check-injected"
