package check

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// frameCases test the page with the help center's frame (CONTRACT 10).
func frameCases() []Case {
	needs := []need{needFrame}
	return []Case{
		must("frame/id", "10", needs, withFrame(func(_ *run, f framePage) error {
			return unless(f.HasID, `<iframe id="ocPage">`, f.came+" <iframe src="+f.Src+">", Text{"the help center's script fixes this id", "헬프센터 스크립트가 이 id를 사용합니다"})
		}), "The page has an iframe with the id ocPage", "페이지에 id가 ocPage인 iframe이 있다"),
		must("frame/source", "10", needs, withFrame(frameSource),
			"The frame shows the help center's page with iframe=true, directly or through the login URL", "프레임이 직접 또는 로그인 URL을 거쳐 iframe=true인 헬프센터 페이지를 보인다"),
		must("frame/policy", "10", append(needs, needBrowser), withFrame(func(r *run, f framePage) error {
			return unless(f.blocked == "", "frame-src "+r.target.HelpCenter, f.blocked, Text{"frame-src, or child-src or default-src where it is missing, decides what a page may frame",
				"페이지에 넣을 수 있는 프레임은 frame-src가 정하고, 없으면 child-src와 default-src가 정합니다"})
		}), "The page's Content-Security-Policy lets the help center into the frame", "페이지의 Content-Security-Policy가 헬프센터 프레임을 허용한다"),
		should("frame/height", "10", append(needs, needBrowser), withFrame(func(r *run, f framePage) error {
			switch {
			case !f.HasID || f.blocked != "" || frameSource(r, f) != nil:
				return see("frame/source")
			case f.Heard == 0:
				return skip("the help center's page told no height", "헬프센터 페이지가 높이를 알리지 않았습니다")
			}
			return unless(f.Height >= f.Heard, fmt.Sprintf(">= %.0fpx", f.Heard), fmt.Sprintf("%.0fpx", f.Height), Text{
				"listen for message events whose data is a positive number, and set the frame's height to it and a margin of 70",
				"데이터가 양수인 message 이벤트를 받아 프레임 높이를 그 값에 여백 70을 더해 설정하세요"})
		}), "The frame gets the height that the help center tells the page", "프레임의 높이가 헬프센터가 알려 준 높이에 맞춰진다"),
	}
}

// A framePage is the page with the frame, as the browser or plain HTTP has it.
type framePage struct {
	URL, Src, Sandbox string
	HasID, HasSandbox bool
	Height, Heard     float64
	blocked           string // what the browser said
	shown             bool   // the help center was asked for the frame's page
	came              string
}

// frameProbe describes the frame with the contract's id, or else the first one.
const frameProbe = `const frames = every(document).filter(e => e.tagName === "IFRAME");
	const f = frames.find(e => e.id === "ocPage") || frames[0];
	return {URL: location.href, HasID: !!f && f.id === "ocPage", Src: f ? f.src : "", Sandbox: f ? f.getAttribute("sandbox") || "" : "",
		HasSandbox: !!f && f.hasAttribute("sandbox"), Height: f ? f.getBoundingClientRect().height : 0, Heard: window.__heard || 0}`

func (r *run) openFrame() {
	m := r.tab.mark()
	if r.tab.open(r.target.FrameURL) != nil {
		return
	}
	var f framePage
	r.tab.until(idle, func() bool {
		if got, err := evaluate[framePage](r.tab, inPage(frameProbe)); err == nil {
			f = got
		}
		return f.HasID && f.Heard > 0 && f.Height >= f.Heard
	})
	page := r.tab.since(m).page()
	f.came = page.String()
	f.blocked = lineWith(r.tab.since(m).said, "'"+r.target.HelpCenter+"/")
	_, _, f.shown = r.target.Center.seen()
	r.framed = &f
}

// withFrame returns a case that checks the page, opened as the member if one is logged in.
func withFrame(check func(*run, framePage) error) check {
	return func(r *run) error {
		if r.framed == nil {
			a, err := r.open(r.target.FrameURL, r.member)
			if err != nil {
				return err
			}
			f := framePage{URL: a.url, came: a.String()}
			for t := range a.tags() {
				if t.name == "iframe" && !t.end && (f.Src == "" || t.attributes["id"] == "ocPage") {
					f.Src, f.HasID = t.attributes["src"], t.attributes["id"] == "ocPage"
					sandbox, has := t.attributes["sandbox"]
					f.Sandbox, f.HasSandbox = sandbox, has
				}
			}
			r.framed = &f
		}
		return check(r, *r.framed)
	}
}

func frameSource(r *run, f framePage) error {
	if f.Src == "" {
		return see("frame/id")
	}
	if f.HasSandbox && !(strings.Contains(f.Sandbox, "allow-scripts") && strings.Contains(f.Sandbox, "allow-forms") && strings.Contains(f.Sandbox, "allow-same-origin")) {
		return fail("-", "sandbox="+f.Sandbox, Text{"leave sandbox out, or the help center runs no script and keeps no login in the frame",
			"sandbox를 빼세요. 있으면 프레임의 헬프센터가 스크립트를 실행하지 못하고 로그인을 유지하지 못합니다"})
	}
	src, err := mustParse(f.URL).Parse(f.Src)
	if err != nil {
		src = mustParse(f.Src)
	}
	shown := src.String()
	if originOf(shown) == originOf(f.URL) && src.Query().Has("returnUrl") {
		shown = src.Query().Get("returnUrl")
	}
	framed := f.shown || originOf(shown) == r.target.HelpCenter && mustParse(shown).Query().Get("iframe") == "true"
	return unless(framed, r.target.HelpCenter+"/...?iframe=true", src.String(), Text{"without iframe=true the page has its own header and sends no height",
		"iframe=true가 없으면 페이지에 머리글이 나오고 높이가 전달되지 않습니다"})
}

// logoutCases test what a logout ends (D10).
func logoutCases() []Case {
	needs := []need{needLogout, needMember}
	return []Case{
		must("logout/status", "7 D10", append(needs, needStatus), afterLogout(func(r *run, l *logout) error {
			if l.statusErr != nil {
				return l.statusErr
			}
			return r.wantLoggedOut(l.cookies, Text{"delete the session, and its cookie with the attributes that it was set with", "세션을 지우고, 쿠키는 설정할 때와 같은 속성으로 지우세요"})
		}), "After a logout the status is false", "로그아웃하면 상태가 false이다"),
		must("logout/token", "9 D10", append(needs, needVerify), afterLogout(func(r *run, l *logout) error {
			if l.tokenErr != nil {
				return l.tokenErr
			}
			return r.wantFalse(Text{"forget the session's tokens when it ends, or look its session up for each token",
				"세션이 끝나면 그 세션의 토큰도 지우거나, 토큰마다 세션이 살아 있는지 확인하세요"}, verifyRequest{r.target.UserCode, l.token})
		}), "After a logout the tokens of the session are false at the verify URL", "로그아웃하면 그 세션의 토큰은 검증 URL에서 false이다"),
		should("logout/old-cookie", "D10", append(needs, needStatus), afterLogout(func(r *run, l *logout) error {
			if l.statusErr != nil {
				return l.statusErr
			}
			if in, err := r.isLoggedIn(l.cookies); err != nil || in {
				return see("logout/status")
			}
			return r.wantLoggedOut(r.member, Text{"end the session on the server; deleting the browser's cookie is not enough", "서버에서 세션을 끝내세요. 브라우저의 쿠키만 지워서는 부족합니다"})
		}), "After a logout a copy of the old cookie logs nobody in", "로그아웃하면 이전 쿠키의 복사본으로 로그인되지 않는다"),
	}
}

// A logout has what a login left behind before it was logged out.
type logout struct {
	status    int    // of the answer at the logout URL
	cookies   jar    // of the browser, after it
	statusErr error  // why the status URL can't tell
	token     string // was true before the logout
	tokenErr  error  // why there is no such token
}

// afterLogout returns a case that runs check after the member has logged out, which the cases
// share.
func afterLogout(check func(*run, *logout) error) check {
	return func(r *run) error {
		if r.ended == nil {
			l := &logout{}
			if r.target.has(needStatus) {
				l.statusErr = r.statusWorks()
			}
			if r.target.has(needVerify) {
				l.token, l.tokenErr = r.trueToken(r.issuedToken)
			}
			if err := r.logOut(l); err != nil {
				return err
			}
			r.ended = l
		}
		if s := r.ended.status; s == http.StatusNotFound || s == http.StatusMethodNotAllowed {
			at := fmt.Sprintf("GET %s: %d", withoutQuery(r.target.LogoutURL), s)
			return skip(at+": --logout-url is an address that logs out when it is opened, or a page whose form does",
				at+": --logout-url은 열면 로그아웃되는 주소이거나 로그아웃 폼이 있는 페이지입니다")
		}
		return check(r, r.ended)
	}
}

// logOut opens the logout URL, and submits the form on that page if there is one.
func (r *run) logOut(l *logout) (err error) {
	if r.tab == nil {
		a, err := r.open(r.target.LogoutURL, r.member)
		if err != nil {
			return err
		}
		if a.hops == 0 {
			l.status = a.status
		}
		for _, f := range a.forms() {
			if f.method == http.MethodPost && !f.password && r.target.owns(originOf(f.action)) {
				a, err = r.do(request{method: f.method, url: f.action, body: []byte(f.values.Encode()), cookies: a.cookies,
					headers: []header{{"Content-Type", urlencoded}, {"Origin", originOf(f.action)}}})
				break
			}
		}
		l.cookies = a.cookies
		return err
	}
	r.step("logout", func() {
		opened := r.tab.mark()
		if err = r.tab.open(r.target.LogoutURL); err != nil {
			return
		}
		// A page with a form asks whether to log out; one without has done so.
		const send = `const f = every(document).find(e => e.tagName === "FORM" && e.method === "post" && !e.querySelector("[type=password]") &&
			new URL(e.action).origin === location.origin); if (f) f.requestSubmit(); return !!f`
		m, submitted := r.tab.mark(), false
		r.tab.until(settled, func() bool {
			submitted, _ = evaluate[bool](r.tab, inPage(send))
			return submitted
		})
		for _, s := range r.tab.since(opened).sent {
			if s.isPage && withoutQuery(s.url) == withoutQuery(r.target.LogoutURL) && s.method == http.MethodGet {
				l.status = s.status
			}
		}
		if submitted {
			r.tab.until(idle, func() bool { return r.tab.since(m).page().done })
		}
		l.cookies, err = r.tab.cookies()
	})
	return err
}

func (r *run) wantLoggedOut(cookies jar, hint Text) error {
	a, err := r.askStatus(cookies)
	if err != nil {
		return err
	}
	got, err := parseStatus(a)
	return unless(err != nil || !got.loggedIn, saidOfGuest, a.String(), hint)
}

// clockCases compare clocks: the help center refuses a time that is 3 minutes off (CONTRACT 2).
func clockCases() []Case {
	return []Case{
		must("clock/server", "2", nil, func(r *run) error {
			return r.compareClock(r.target.urls()[0], Text{"set the server's clock by NTP", "서버 시계를 NTP로 맞추세요"})
		}, "The integration's clock is within 30 s of this machine's", "연동 서버의 시계가 이 컴퓨터와 30초 안에서 맞는다"),
		must("clock/help-center", "2", nil, func(r *run) error {
			err := r.compareClock(r.target.HelpCenter+"/", Text{"set this machine's clock by NTP; only the help center's clock counts", "이 컴퓨터의 시계를 NTP로 맞추세요. 기준은 헬프센터의 시계입니다"})
			if err != nil && unmet(err) == nil {
				return skip("the help center can't be asked for the time", "헬프센터에서 시각을 읽을 수 없습니다")
			}
			return err
		}, "The help center's clock is within 30 s of this machine's", "헬프센터의 시계가 이 컴퓨터와 30초 안에서 맞는다"),
	}
}

// clockTolerance is well below the 3 minutes of the help center.
const clockTolerance = 30 * time.Second

// compareClock warns of a difference that the help center still accepts.
func (r *run) compareClock(target string, hint Text) error {
	a, err := r.get(target, nil)
	if err != nil {
		return err
	}
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return skip(withoutQuery(a.url)+" sends no Date", withoutQuery(a.url)+"의 응답에 Date가 없습니다")
	}
	want, got := "<= "+clockTolerance.String(), date.Sub(r.now())
	switch text := got.Round(time.Second).String(); {
	case got.Abs() >= signing.Validity-clockTolerance:
		return fail(want, text, hint)
	case got.Abs() > clockTolerance:
		return warn(want, text, hint)
	}
	return nil
}
