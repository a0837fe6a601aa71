package check

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chromedp/cdproto/network"

	"ocsso/internal/devtools/signing"
)

// A journey is what the browser saw of a member's visit: as a guest, at the login page, with a
// wrong password and with the right one, at the help center, at the login URL once more, and on the
// page with the frame. The logout comes last.
type journey struct {
	tab       *tab
	userAgent string // of the browser
	who       typist
	// found has what a step found out about a case, by the case's id.
	found map[string]error
	// stopped is the case that says why the journey has ended early.
	stopped string

	guest     *heard    // by the help center's script, before the login
	loginPage *sent     // the page with the login form
	shownForm answer    // the form into which the right password was typed, with the browser's cookies
	returnURL string    // of the login
	typed     []sent    // what the browser sent after a wrong password was typed
	login     []sent    // and after the right one
	handoffs  []handoff // of the login, and of a member who is logged in
	asMember  *heard    // by the help center's script, after the first handoff
	framed    *framePage
}

// The ways of a handoff. That of an api is the call of the server, or the redirect after it.
const (
	wayForm = signing.CallForm
	wayAPI  = signing.CallAPI
	wayLink = signing.CallLink
)

// A handoff tells the help center who the member is (CONTRACT 4, 5 and 8).
type handoff struct {
	sent
	way       signing.Call
	values    url.Values
	notUTF8   bool
	returnURL string // for which the login URL was opened
	page      sent   // that sent it
	first     string // where the login led to before, without a handoff (D22); "" for a handoff at once
}

// handoffOf reads a request as a handoff, even if it is incomplete or wrong.
func (r *run) handoffOf(s sent) (h handoff, ok bool) {
	h = handoff{sent: s, values: s.form()}
	to := mustParse(s.url)
	query := to.Query()
	switch {
	case strings.HasSuffix(to.Path, "/remote.json") || s.method == http.MethodPost && isRemoteLogin(h.values):
		h.way = wayForm
	case withoutQuery(s.url) == withoutQuery(r.target.LoginURL):
	case query.Has("accessToken") || strings.Contains(to.Fragment, "accessToken=") || strings.Contains(to.Path, "&accessToken="):
		h.way = wayAPI
	case query.Has("usercode") && query.Has("token"):
		h.way = wayLink
	case query.Has("usercode") && query.Has("time"):
		h.way = wayAPI
	}
	if h.way == "" || !s.isPage {
		return h, false
	}
	for _, list := range h.values {
		for i, value := range list {
			h.notUTF8 = h.notUTF8 || !utf8.ValidString(value)
			list[i] = strings.ToValidUTF8(value, "\uFFFD")
		}
	}
	r.hidePersonal(h.values)
	behind, _ := url.ParseQuery(to.EscapedFragment())
	r.hidePersonal(behind)
	return h, true
}

// destination is where the help center sends the member, or "" if the handoff doesn't say.
func (h handoff) destination() string {
	if h.way == wayForm {
		return h.values.Get("returnUrl")
	}
	return h.url
}

// handoffSince returns the first handoff since a moment, with the page that it comes from.
func (r *run) handoffSince(m mark, returnURL string) (h handoff, ok bool) {
	var page, first sent
	for _, s := range r.tab.since(m).sent {
		if h, ok = r.handoffOf(s); ok {
			h.returnURL, h.page, h.first = returnURL, page, first.url
			return h, true
		}
		if s.isPage {
			page = s
		}
		if s.isPage && originOf(s.url) == r.target.HelpCenter {
			first = s
		}
	}
	return handoff{}, false
}

// awaitHandoff waits for a handoff until the page has come to rest.
func (r *run) awaitHandoff(m mark, returnURL string, quiet time.Duration) (h handoff, ok bool) {
	r.tab.until(quiet, func() bool { h, ok = r.handoffSince(m, returnURL); return ok })
	return h, ok
}

func (r *run) step(name string, do func()) {
	began := time.Now()
	do()
	s := Step{name, time.Since(began).Seconds()}
	r.steps = append(r.steps, s)
	if r.progress != nil {
		r.progress(s)
	}
}

// says notes what a step found out about a case, with what the browser said since a moment.
func (r *run) says(id string, m mark, err error) {
	if f := unmet(err); f != nil && f.evidence == nil {
		f.evidence = r.tab.evidence(m)
	}
	if r.found[id] == nil {
		r.found[id] = err
	}
}

func (r *run) stops(id string, m mark, err error) {
	r.says(id, m, err)
	r.stopped = id
}

// travel takes the journey, as far as the cases need it, without its logout.
func (r *run) travel(cases []Case) (err error) {
	wants := func(group string) bool {
		return slices.ContainsFunc(cases, func(c Case) bool { return strings.HasPrefix(c.ID, group) })
	}
	if r.tab, err = r.target.Browser.openTab(r.target.Center, r.target.Timeout); err != nil {
		return err
	}
	if r.userAgent, err = evaluate[string](r.tab, "navigator.userAgent"); err != nil {
		return err
	}
	r.who = typist{r.target.UserNameField, r.target.PasswordField, cmp.Or(r.target.LoginID, r.target.UserCode), r.target.Password.Reveal()}
	if r.target.has(needStatus) && r.target.has(needLogin) && wants("status/") {
		r.step("guest at the help center", func() { r.guest = r.visitCenter() })
	}
	switch {
	case r.target.Cookie.Reveal() != "":
		if err := r.tab.setCookies(r.member); err != nil {
			return fmt.Errorf("set the given cookie: %w", err)
		}
		if r.target.has(needStatus) && r.target.has(needLogin) {
			r.step("member at the help center", func() { r.asMember = r.visitCenter() })
		}
	case r.target.has(needLogin):
		r.step("login page", r.openLoginPage)
		if r.stopped == "" && r.target.has(needPassword) && wants("login/") {
			r.step("wrong password", r.tryWrongPassword)
		}
		if r.stopped == "" && r.target.has(needPassword) && r.member == nil {
			r.step("right password", r.logIn)
		}
	}
	if r.target.has(needFrame) && wants("frame/") {
		r.step("page with the frame", r.openFrame)
	}
	if r.stopped == "" && r.member != nil && r.target.has(needLogin) && !(r.isGETType() && r.login != nil) {
		r.step("login URL as a member", r.openLoginAgain)
	}
	if r.tab.ctx.Err() != nil && r.ctx.Err() == nil {
		return errors.New("the browser has ended")
	}
	return nil
}

// isGETType reports whether the login is right although it hands nobody off: links do.
func (r *run) isGETType() bool { return r.mayBeGETType() && r.stopped == "" && len(r.handoffs) == 0 }

// mayBeGETType reports whether links may do in place of a handoff. An integration of the GET type
// has no status URL.
func (r *run) mayBeGETType() bool {
	return r.target.LinkURL != "" && r.target.LoginStatusURL == "" && r.member != nil
}

// visitCenter opens a page of the help center, and returns what its script hears.
func (r *run) visitCenter() *heard {
	before := r.heardSoFar()
	if r.tab.open(withoutFragment(r.returnPage())) != nil {
		return nil
	}
	return r.nextHeard(before, r.target.Timeout)
}

// nextHeard waits for what the help center's script hears after so many reports.
func (r *run) nextHeard(before int, quiet time.Duration) *heard {
	r.tab.until(quiet, func() bool { return r.heardSoFar() > before })
	if _, list, _ := r.target.Center.seen(); len(list) > before {
		return &list[before]
	}
	return nil
}

func (r *run) heardSoFar() int {
	_, list, _ := r.target.Center.seen()
	return len(list)
}

func withoutFragment(text string) string {
	text, _, _ = strings.Cut(text, "#")
	return text
}

// openLoginURL opens the login URL, and waits until somebody can type, or is handed off.
func (r *run) openLoginURL(returnURL string) (h handoff, handedOff bool, m mark) {
	m = r.tab.mark()
	err := r.tab.open(r.loginFor(returnURL))
	r.tab.until(r.target.Timeout, func() bool {
		if h, handedOff = r.handoffSince(m, returnURL); handedOff {
			return true
		}
		s := r.tab.since(m).page()
		if err != nil || s.broken() || s.done && s.status >= 400 {
			return true
		}
		user, password := r.tab.asks(r.who)
		return user || password
	})
	return h, handedOff, m
}

func (r *run) openLoginPage() {
	const want = "200, <input type=password>"
	r.returnURL = r.returnPage()
	h, handedOff, m := r.openLoginURL(r.returnURL)
	page := r.tab.since(m).page()
	user, password := r.tab.asks(r.who)
	switch {
	case handedOff:
		r.stops("login/page", m, fail(want, h.String(), Text{"a guest is handed off: show the login page to somebody who is logged out",
			"로그아웃 상태에서 핸드오프됩니다. 로그아웃 상태에는 로그인 화면을 보이세요"}))
		return
	case page.status == http.StatusTooManyRequests:
		r.stops("login/page", m, errLimited)
		return
	case !user && !password:
		r.stops("login/page", m, fail(want, page.String(), r.hintOfPage(m, Text{
			"the login URL must show fields for the login name and the password; where members log in elsewhere, give a cookie by --cookie-env",
			"로그인 URL이 아이디와 비밀번호 필드를 보여야 합니다. 회원이 다른 곳에서 로그인하면 --cookie-env로 쿠키를 지정하세요"})))
		return
	}
	r.loginPage = &page
	action, _ := evaluate[string](r.tab, inPage("const e = "+r.who.find("password")+"; return e && e.form && e.form.method === 'post' ? e.form.action : ''"))
	for _, each := range []string{page.url, action} {
		if !isTrusted(mustParse(each)) {
			r.says("login/page", m, fail("https", withoutQuery(each), Text{"passwords over http can be read on the way", "http로 보내는 비밀번호는 중간에서 읽힐 수 있습니다"}))
			if mustParse(page.url).Scheme == "https" { // browsers warn of such a form, and don't send it
				r.stopped = "login/page"
			}
		}
	}
	if page.status != http.StatusOK {
		r.says("login/page", m, warn("200", page.String(), Text{"the login page is 200; only the answer to a failed login may have another status",
			"로그인 화면은 200으로 응답합니다. 다른 상태 코드는 로그인 실패에만 씁니다"}))
	}
}

// isTrusted reports whether nobody can read what goes to an address on the way: over https, and to
// this machine.
func isTrusted(u *url.URL) bool {
	host := u.Hostname()
	ip := net.ParseIP(host)
	return u.Scheme != "http" || host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// wrongPassword is no member's password, unknownMember is no member's login name.
const (
	wrongPassword = "wrong-0b7e"
	unknownMember = "nobody-4f1d"
)

// typeLogin types the login name and a password, on one page or on two, and sends them.
func (r *run) typeLogin(password string) error {
	user, hasPassword := r.tab.asks(r.who)
	if user {
		if err := r.tab.fill(r.who, "user", r.who.id); err != nil {
			return err
		}
	}
	if !hasPassword {
		if err := r.tab.submit(r.who); err != nil {
			return err
		}
		r.tab.until(r.target.Timeout, func() bool { _, hasPassword = r.tab.asks(r.who); return hasPassword })
	}
	if err := r.tab.fill(r.who, "password", password); err != nil {
		return fmt.Errorf("%w; --username-field and --password-field name the fields", err)
	}
	return r.tab.submit(r.who)
}

const (
	// settled is how long nothing happens on a page that waits for somebody to type, and idle the
	// same for a page that should go on by itself.
	settled = 500 * time.Millisecond
	idle    = 1500 * time.Millisecond
)

func failTyping(err error) error {
	return fail("fields that somebody can type into", err.Error(), Text{})
}

func (r *run) tryWrongPassword() {
	m := r.tab.mark()
	if err := r.typeLogin(wrongPassword); err != nil {
		r.stops("login/works", m, failTyping(err))
		return
	}
	h, handedOff := r.awaitHandoff(m, r.returnURL, settled)
	seen := r.tab.since(m)
	r.typed = seen.sent
	hint := Text{"check the password", "비밀번호를 확인하세요"}
	switch {
	case handedOff:
		r.says("login/wrong-password", m, fail("the login page again", h.String(), hint))
		r.arrive(h, m)
		return
	case slices.ContainsFunc(r.typed, func(s sent) bool { return s.status == http.StatusTooManyRequests }):
		r.stops("login/works", m, errLimited)
		return
	case seen.page().status >= http.StatusInternalServerError:
		r.says("login/wrong-password", m, warn("the login page again", seen.page().String(), hintFormAgain))
	}
	if r.target.has(needStatus) {
		cookies, _ := r.tab.cookies()
		guest, errGuest := r.isLoggedIn(nil)
		in, err := r.isLoggedIn(cookies)
		if errGuest == nil && err == nil && in && !guest {
			r.says("login/wrong-password", m, fail(`{"login":"false"}`, `{"login":"true"}`, hint))
		}
	}
	if user, password := r.tab.asks(r.who); !user && !password { // a message, after which the member goes back
		r.openLoginURL(r.returnURL)
	}
}

func (r *run) logIn() {
	m := r.tab.mark()
	heardBefore := r.heardSoFar()
	text, _ := evaluate[string](r.tab, "document.documentElement.outerHTML")
	cookies, _ := r.tab.cookies()
	r.shownForm = answer{url: r.loginPage.url, body: []byte(text), cookies: cookies}
	if err := r.typeLogin(r.who.password); err != nil {
		unmet := fail("the login form again after a wrong password", err.Error(), hintFormAgain)
		if r.typed == nil {
			unmet = failTyping(err)
		}
		r.stops("login/works", m, unmet)
		return
	}
	h, handedOff := r.awaitHandoff(m, r.returnURL, idle)
	r.login = r.tab.since(m).sent
	if handedOff {
		r.arrive(h, m)
		if r.target.has(needStatus) {
			if h.first != "" {
				heardBefore++ // of the page without a handoff
			}
			if r.asMember = r.nextHeard(heardBefore, idle); r.asMember == nil { // the handoff led elsewhere
				r.asMember = r.visitCenter()
			}
		}
		if h.way == wayForm && len(h.values) == 0 {
			r.says("login/return-url", m, see("handoff/form-required"))
		} else if _, ok := compareURLs(h.destination(), h.returnURL); !ok && (h.way != wayForm || h.isReadable()) {
			r.blameReturnURL(h)
		}
		return
	}
	cookies, _ = r.tab.cookies()
	r.hideCookies(cookies)
	if r.seemsLoggedIn(cookies) {
		r.member = cookies
	}
	id, unmet := r.whyNoHandoff(m)
	if id == "login/works" && r.mayBeGETType() && !slices.ContainsFunc(r.login, isRemoteCall) {
		return // of the GET type
	}
	r.stops(id, m, unmet)
	if r.member != nil && r.target.has(needStatus) {
		r.asMember = r.visitCenter()
	}
}

// arrive takes a handoff, and the cookies that the login has left.
func (r *run) arrive(h handoff, m mark) {
	r.handoffs = append(r.handoffs, h)
	if cookies, err := r.tab.cookies(); err == nil {
		r.member = cookies
		r.hideCookies(cookies)
	}
}

// blameReturnURL tells whether the wrong password before the right one has damaged the return URL,
// by a login without one.
func (r *run) blameReturnURL(h handoff) {
	m := r.tab.mark()
	unmet := h.returnsTo(h.returnURL)
	elsewhere, err := r.target.Browser.openTab(r.target.Center, r.target.Timeout)
	if err != nil {
		return
	}
	defer elsewhere.cancel()
	own := r.tab
	r.tab = elsewhere
	_, _, since := r.openLoginURL(h.returnURL)
	plain, ok := handoff{}, false
	if err := r.typeLogin(r.who.password); err == nil {
		plain, ok = r.awaitHandoff(since, h.returnURL, idle)
	}
	r.tab = own
	switch {
	case !ok || plain.returnsTo(h.returnURL) != nil:
		r.says("login/return-url", m, unmet)
	case r.found["login/wrong-password"] == nil: // which has changed more than the return URL
		r.says("login/return-url-kept", m, unmet)
	}
}

func isRemoteCall(s sent) bool { return strings.HasSuffix(mustParse(s.url).Path, "/remote.json") }

const remoteForms = `return every(document).filter(e => e.tagName === "FORM" && isHandoff(e)).map(f => f.getAttribute("target") || "")`

// whyNoHandoff says which case names what keeps a login from its handoff, and how.
func (r *run) whyNoHandoff(m mark) (id string, unmet error) {
	seen := r.tab.since(m)
	want := "a handoff to " + r.target.HelpCenter
	page := seen.page()
	for _, s := range seen.sent {
		switch inFrame := s.kind == "Document" && !s.isPage; {
		case s.status == http.StatusTooManyRequests:
			return "login/works", errLimited
		case s.fromAnswer && s.method == http.MethodPost && originOf(s.url) == r.target.HelpCenter && !isRemoteCall(s):
			return "login/works", see("login/password-passed-on")
		case isRemoteCall(s) && inFrame:
			return "handoff/form-submits", fail("a form in its own window", s.String(), hintTarget)
		case isRemoteCall(s) && !s.isPage:
			return "login/works", fail("a form that the browser posts", s.kind+" "+s.String(), Text{
				"post a form: the help center's cookie has to get into the browser, which a script's request to another site does not let in",
				"폼으로 POST하세요. 헬프센터의 쿠키가 브라우저에 저장되어야 하는데, 스크립트의 교차 사이트 요청으로는 저장되지 않습니다"})
		}
	}
	targets, _ := evaluate[[]string](r.tab, inPage(remoteForms))
	policy := cmp.Or(lineWith(seen.said, "form-action"), lineWith(seen.said, "allow-forms"))
	switch {
	case len(targets) > 0 && policy != "":
		return "handoff/form-policy", fail(want, policy, hintFormAction)
	case len(targets) > 0 && targets[0] != "" && targets[0] != "_self" && targets[0] != "_top" && targets[0] != "_parent":
		return "handoff/form-submits", fail("a form in its own window", "target="+targets[0], hintTarget)
	case len(targets) > 0:
		hint := Text{"submit the form by a script, after the form is parsed", "폼 뒤에서 실행되는 스크립트로 폼을 제출하세요"}
		why := cmp.Or(lineWith(seen.said, "exception: "), lineWith(seen.said, "script-src"), lineWith(seen.said, "default-src"))
		switch {
		case strings.Contains(why, "submit is not a function"):
			hint = Text{"name no control submit: it hides the form's own submit()", "submit이라는 이름의 필드를 두지 마세요. 폼의 submit()을 가립니다"}
		case strings.HasPrefix(why, "exception: "):
			hint = Text{"the page's script ends at an exception before it submits the form", "페이지의 스크립트가 폼을 제출하기 전에 예외로 끝납니다"}
		case why != "":
			hint = Text{"the page's Content-Security-Policy blocks the script that submits the form: allow it by its nonce or hash, or put it into a file of your own",
				"폼을 제출하는 스크립트를 페이지의 Content-Security-Policy가 막습니다. nonce나 해시로 허용하거나 자사 파일에 두세요"}
		}
		return "handoff/form-submits", fail("a form that submits itself", cmp.Or(why, "nothing was posted"), hint)
	case policy != "":
		return "login/policy", fail("a login form that goes where it leads", policy, hintFormAction)
	case r.target.owns(originOf(page.url)) && page.status == http.StatusOK && strings.HasPrefix(page.answer.Get("Content-Type"), "text/plain"):
		return "handoff/form-submits", fail("Content-Type: text/html", "Content-Type: "+page.answer.Get("Content-Type"), hintHTML)
	}
	if refused := seen.refused; len(refused) > 0 {
		id, hint := "status/cookie-stored", Text{"browsers drop such a cookie without a word", "브라우저는 이런 쿠키를 알림 없이 버립니다"}
		if refused[0].reason == "SameSiteNoneInsecure" || refused[0].reason == "SecureOnly" {
			id, hint = "status/cookie-secure", hintSecure
		}
		return id, fail("a cookie that browsers store", refused[0].reason+": "+refused[0].line, hint)
	}
	answered := page
	for _, s := range seen.sent { // a script may have sent the login
		if s.method == http.MethodPost && r.target.owns(originOf(s.url)) && (page.url == "" || s.status >= 400) {
			answered = s
		}
	}
	return "login/works", fail(want, answered.String(), r.hintOfPage(m, r.hintNoHandoff(answered)))
}

func lineWith(lines []string, text string) string {
	for _, line := range lines {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}

// hintNoHandoff says what to do about a login that has ended with an answer.
func (r *run) hintNoHandoff(s sent) Text {
	if r.member != nil {
		return Text{"the login worked, and the help center was not told: answer with the form to /v2/enduser/remote.json, or call the server API and redirect; of the GET type, leave --login-status-url out",
			"로그인은 되었지만 헬프센터에 전달되지 않았습니다. /v2/enduser/remote.json으로 보내는 폼을 응답하거나, 서버 API를 호출한 뒤 리다이렉트하세요. GET 방식이면 --login-status-url을 빼세요"}
	}
	const pageExpired = 419 // of Laravel
	switch {
	case originOf(s.url) == r.target.HelpCenter:
		return Text{"the login leads to the help center without a handoff, and the browser has no cookie that the status URL knows: a login in localStorage never gets to the help center's script",
			"로그인 뒤 핸드오프 없이 헬프센터로 이동했고, 상태 URL이 아는 쿠키가 브라우저에 없습니다. localStorage에 저장한 로그인은 헬프센터의 스크립트에 전달되지 않습니다"}
	case s.status >= http.StatusInternalServerError:
		return Text{"the login itself fails: look into the integration's own log", "로그인 처리에서 오류가 났습니다. 연동 서버의 로그를 확인하세요"}
	case s.status == http.StatusNotFound || s.status == http.StatusMethodNotAllowed:
		return Text{"nothing takes the login at this address, or not by this method", "이 주소나 메서드로는 로그인을 받지 않습니다"}
	case (s.status == http.StatusForbidden || s.status == pageExpired) && s.referrerPolicy == network.RequestReferrerPolicyNoReferrer:
		return Text{"the page's Referrer-Policy no-referrer makes the browser send Origin: null and no Referer, and checks against forged requests (CSRF) refuse that: use same-origin",
			"페이지의 Referrer-Policy가 no-referrer이면 브라우저가 Origin: null을 보내고 Referer를 보내지 않아 CSRF 검사에서 거부됩니다. same-origin을 쓰세요"}
	case s.status == http.StatusForbidden || s.status == pageExpired:
		return Text{"this may be a check against forged requests (CSRF): see whether the form's token, its cookie and the Origin arrive and are compared with the public URL; if they are, check the password of --password-env",
			"CSRF 검사의 응답일 수 있습니다. 폼의 토큰, 쿠키, Origin이 전달되고 공개 URL과 비교되는지 확인하세요. 아니면 --password-env의 비밀번호를 확인하세요"}
	}
	return Text{"the password of --password-env does not log the member in: try both by hand; --login-id is the login name where it is not the usercode",
		"--password-env의 비밀번호로 로그인되지 않습니다. 직접 로그인해 보세요. 로그인 아이디가 usercode와 다르면 --login-id로 지정하세요"}
}

// hintOfPage returns what the way of the pages since a moment explains, or else a hint.
func (r *run) hintOfPage(m mark, otherwise Text) Text {
	seen, login := r.tab.since(m), mustParse(r.target.LoginURL)
	for at, s := range seen.sent {
		u := mustParse(s.url)
		switch {
		case s.failed == "net::ERR_TOO_MANY_REDIRECTS":
			return Text{"the pages redirect in a loop", "페이지가 서로 반복해서 리다이렉트합니다"}
		case s.isPage && login.Scheme == "https" && u.Scheme == "http" && u.Hostname() == login.Hostname():
			return Text{"it leads to http:// of the same host: behind a proxy, the application must read X-Forwarded-Proto",
				"같은 호스트의 http://로 이동합니다. 프록시 뒤라면 애플리케이션이 X-Forwarded-Proto를 읽어야 합니다"}
		case s.method == http.MethodPost && s.status == http.StatusMovedPermanently && at+1 < len(seen.sent):
			return Text{"a 301 has made a GET of the POST: post to the address that it leads to", "301 때문에 POST가 GET으로 바뀌었습니다. 이동한 주소로 바로 POST하세요"}
		}
	}
	switch origin := originOf(seen.page().url); {
	case seen.page().status == http.StatusOK && strings.HasPrefix(seen.page().answer.Get("Content-Type"), "text/plain"):
		return hintHTML
	case origin != "" && !r.target.allows(origin):
		return Text{"it leads to %[1]s: give --also-origin %[1]s if that is yours", "%[1]s로 이동합니다. 회사 사이트라면 --also-origin %[1]s로 지정하세요"}.with(origin)
	}
	return otherwise
}

// openLoginAgain hands off the member who is logged in, for another page.
func (r *run) openLoginAgain() {
	h, ok, m := r.openLoginURL(r.returnPage())
	if ok {
		r.handoffs = append(r.handoffs, h)
		return
	}
	const id = "login/already-logged-in"
	if r.isGETType() {
		return
	}
	if user, password := r.tab.asks(r.who); user || password {
		if r.target.Cookie.Reveal() != "" && r.target.has(needStatus) {
			if in, err := r.isLoggedIn(r.member); err == nil && !in {
				r.stopped = "status/logged-in" // which says that the cookie's login has ended
				return
			}
		}
		r.stops(id, m, fail("a handoff at once", "a page that asks for the password", r.hintOfMember()))
		return
	}
	named, unmet := r.whyNoHandoff(m)
	if named == "login/works" || len(r.handoffs) > 0 {
		named = id
	}
	r.stops(named, m, unmet)
}

// handOffFor hands the member off once more, in the browser if there is one.
func (r *run) handOffFor(returnURL string, hint Text) (handoff, error) {
	if r.tab == nil {
		return r.handOffByHTTP(returnURL)
	}
	h, ok, m := r.openLoginURL(returnURL)
	if ok {
		return h, nil
	}
	page := r.tab.since(m).page()
	return h, fail("a handoff for "+returnURL, page.String(), hint, r.tab.evidence(m)...)
}

// hintOfMember says why a member is not known at the login URL.
func (r *run) hintOfMember() Text {
	if r.target.Cookie.Reveal() != "" {
		return hintDeadCookie
	}
	return Text{"look for the session before showing the login page", "로그인 화면을 보이기 전에 세션을 먼저 확인하세요"}
}

// handOffByHTTP opens the login URL as a member without a browser. It sees a handoff that no script
// makes.
func (r *run) handOffByHTTP(returnURL string) (handoff, error) {
	a, err := r.open(r.loginFor(returnURL), r.member)
	if err != nil {
		return handoff{}, err
	}
	s := sent{at: r.now(), method: http.MethodGet, url: a.leadsTo(), isPage: true}
	for _, f := range a.forms() {
		switch {
		case !isRemoteLogin(f.values) || f.password:
		case f.method == http.MethodPost:
			s.method, s.url, s.body, s.headers = f.method, f.action, []byte(f.values.Encode()), http.Header{"Content-Type": {f.enctype}}
		default:
			s.url = withoutQuery(f.action) + "?" + f.values.Encode()
		}
	}
	h, ok := r.handoffOf(s)
	if !ok {
		return h, skip("needs a browser: a script hands off, or nothing does", "브라우저 필요: 스크립트가 핸드오프하거나 핸드오프가 없습니다")
	}
	h.returnURL, h.page = returnURL, sent{url: a.url, status: a.status, answer: a.header}
	return h, nil
}

// reached returns nil if the journey came to a handoff of a way, and else why not.
func (r *run) reached(way signing.Call) error {
	switch {
	case len(r.handoffs) > 0 && r.handoffs[0].way == way:
		return nil
	case len(r.handoffs) > 0:
		return skip("the login URL doesn't hand off by "+string(way), "로그인 URL의 핸드오프가 "+string(way)+" 방식이 아닙니다")
	case r.tab == nil && r.member != nil && len(r.handoffs) == 0:
		h, err := r.handOffByHTTP(r.returnPage())
		if err != nil {
			return err
		}
		r.handoffs = append(r.handoffs, h)
		if next, err := r.handOffByHTTP(r.returnPage()); err == nil {
			r.handoffs = append(r.handoffs, next)
		}
		return r.reached(way)
	case r.tab == nil:
		return skip("needs a browser", "브라우저 필요")
	case r.isGETType():
		return skip("the login hands nobody off, which is right for the GET type", "로그인 뒤 핸드오프가 없습니다. GET 방식이면 정상입니다")
	case r.stopped != "":
		return see(r.stopped)
	}
	return see("login/works")
}

// Hints that are given in several places.
var (
	hintHTML      = Text{"browsers show another type as text, or save it", "다른 형식이면 브라우저가 소스를 그대로 보이거나 파일로 저장합니다"}
	hintNoPath    = Text{"nothing answers at this path: compare it with the console's", "이 경로에 응답하는 것이 없습니다. 콘솔에 등록한 경로와 비교하세요"}
	hintFormAgain = Text{"show the form again, with the returnUrl in it", "returnUrl을 담아 로그인 폼을 다시 보이세요"}
	hintTarget    = Text{"leave target out: browsers block a new window that nobody asked for", "target을 빼세요. 사용자가 요청하지 않은 새 창은 브라우저가 막습니다"}
	hintSecure    = Text{"set Secure on the session's cookie: browsers refuse SameSite=None without it, and accept it over http on localhost",
		"세션 쿠키에 Secure를 설정하세요. 브라우저는 Secure 없는 SameSite=None 쿠키를 거부하며, localhost에서는 http에서도 저장합니다"}
	hintFormAction = Text{"add the origin to form-action: Chromium applies it to each redirect after the form, and default-src does not cover it",
		"form-action에 해당 오리진을 추가하세요. Chromium은 폼 다음의 모든 리다이렉트에도 적용하며, default-src로는 대신할 수 없습니다"}
	hintDeadCookie = Text{"the login of the cookie has ended, or it is not the session's: log in in a browser and copy the session's cookie again; every URL gets it",
		"쿠키의 로그인이 끝났거나 세션 쿠키가 아닙니다. 브라우저에서 다시 로그인해 세션 쿠키를 복사하세요"}
)
