package check

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
	"ocsso/internal/devtools/standin"
)

// formCases test the handoff by a form in the browser (CONTRACT 4).
func formCases() []Case {
	needs := []need{needLogin, needMember}
	shown := append(slices.Clip(needs), needBrowser)
	return []Case{
		must("handoff/form-endpoint", "4", needs, withHandoff(wayForm, func(r *run, h handoff) error {
			want := r.target.HelpCenter + "/v2/enduser/remote.json"
			contentType, _, _ := strings.Cut(h.headers.Get("Content-Type"), ";")
			hint := Text{"post the form to the help center itself, urlencoded", "폼을 헬프센터로 직접, urlencoded로 POST하세요"}
			if strings.Contains(h.url, "/api/v2/") {
				hint = Text{"the browser's path is /v2/..., that with /api is the server's", "브라우저의 경로는 /v2/...이며, /api가 붙은 경로는 서버용입니다"}
			}
			return unless(h.method == http.MethodPost && withoutQuery(h.url) == want && contentType == urlencoded,
				"POST "+want+" "+urlencoded, strings.TrimSpace(h.method+" "+withoutQuery(h.url)+" "+contentType), hint)
		}), "The form posts to the help center's /v2/enduser/remote.json, urlencoded", "폼을 헬프센터의 /v2/enduser/remote.json으로 urlencoded POST한다"),

		must("handoff/form-charset", "2 4", shown, withFields(func(_ *run, h handoff) error {
			return unless(!h.notUTF8, "UTF-8", h.page.answer.Get("Content-Type"), Text{
				`the help center reads UTF-8: serve the page as UTF-8, or set accept-charset="UTF-8" on the form`,
				`헬프센터는 UTF-8로 읽습니다. 페이지를 UTF-8로 제공하거나 폼에 accept-charset="UTF-8"을 지정하세요`})
		}), "The form is sent in UTF-8", "폼을 UTF-8로 보낸다"),

		must("handoff/form-policy", "4", shown, withHandoff(wayForm, nothingElse),
			"The handoff page's Content-Security-Policy lets the form go to the help center", "핸드오프 페이지의 Content-Security-Policy가 헬프센터로의 폼 전송을 허용한다"),
		must("handoff/form-submits", "4", shown, withHandoff(wayForm, nothingElse),
			"The form submits itself, by a script that the page's Content-Security-Policy allows", "Content-Security-Policy가 허용하는 스크립트가 폼을 자동으로 제출한다"),

		must("handoff/form-required", "2", needs, withFields(func(r *run, h handoff) error {
			return r.checkRequired(h, "service", "usercode", "time", "token")
		}), "The form has service, usercode, time and token, each once", "폼에 service, usercode, time, token이 한 번씩 있다"),
		must("handoff/form-service", "2 D15", needs, withFields(checkService), "The form's service is the one of the returnUrl", "폼의 service가 returnUrl의 서비스와 같다"),
		must("handoff/form-usercode", "2", needs, withFields(checkUserCode), "The form's usercode is the member's", "폼의 usercode가 그 회원의 것이다"),
		must("handoff/form-limits", "2", needs, withFields(checkLimits), "No field of the form is longer than its limit", "폼의 모든 필드가 길이 제한 안에 있다"),
		must("handoff/form-time", "2", needs, withFields(checkTime), "The form's time is the current one in milliseconds", "폼의 time은 밀리초 단위의 현재 시각이다"),
		must("handoff/form-fresh", "2 4", needs, freshOf(wayForm, "time", "token"),
			"A second handoff for the same returnUrl has another time and token", "같은 returnUrl로 다시 핸드오프하면 time과 token이 새로 바뀐다"),

		must("handoff/form-token", "3", append(needs, needKey), withFields(func(r *run, h handoff) error {
			if h.notUTF8 {
				return see("handoff/form-charset")
			}
			if !h.values.Has("returnUrl") && likeName(h.values, "returnUrl") != "" {
				return see("handoff/form-return-url")
			}
			for _, each := range r.handoffs {
				if err := checkToken(r, each); err != nil {
					return err
				}
			}
			return nil
		}), "The form's token is the one of its fields under the organization key", "폼의 token이 필드와 조직 Key로 계산한 값과 같다"),

		must("handoff/form-return-url", "4", needs, returnURLOf(wayForm),
			"The form's returnUrl is the one that a logged-in member asked for", "폼의 returnUrl이 로그인한 회원이 요청한 값과 같다"),

		should("handoff/form-extra", "2 D18", needs, withFields(func(_ *run, h handoff) error {
			for _, name := range slices.Sorted(maps.Keys(h.values)) {
				isMisspelt := func(right string) bool { return !h.values.Has(right) && likeName(h.values, right) == name }
				if !slices.Contains(signing.FieldNames, name) && !slices.ContainsFunc(signing.FieldNames, isMisspelt) {
					return fail(strings.Join(signing.FieldNames, ", "), name, Text{"leave the control out, or give it no name: a button with a name is sent, too",
						"이 필드를 빼거나 이름을 없애세요. 이름이 있는 버튼도 전송됩니다"})
				}
			}
			return nil
		}), "The form has no field that the contract doesn't know", "폼에 규격에 없는 필드가 없다"),

		must("handoff/posted", "4", append(slices.Clip(needs), needPost), withFields(func(r *run, _ handoff) error {
			h, err := r.handOffFor(r.returnPage(), Text{})
			if err != nil {
				return see("login/already-logged-in")
			}
			a, err := r.do(request{method: http.MethodPost, url: r.target.PostHandoff + "/v2/enduser/remote.json", body: []byte(h.values.Encode()),
				headers: []header{{"Content-Type", urlencoded}}})
			if err != nil {
				return err
			}
			if _, ok := compareURLs(a.leadsTo(), h.destination()); ok || a.status == http.StatusOK && a.text() == "SUCCESS" {
				return note("it answered "+a.String(), "응답: "+a.String())
			}
			return fail("302 Location: "+h.destination(), a.String(), Text{
				"the help center refuses the handoff: compare the organization key, the service and the clock with its console, and send the member's fields as they were signed",
				"헬프센터가 핸드오프를 거부했습니다. 조직 Key, 서비스, 시계를 콘솔과 비교하고 서명한 값을 그대로 보내는지 확인하세요"})
		}), "The help center of --post-handoff accepts the form", "--post-handoff의 헬프센터가 폼을 받아들인다"),
	}
}

// apiCases test the handoff by a call from the server (CONTRACT 5): first the redirect that any
// browser sees, then the call, which only the help center sees.
func apiCases() []Case {
	needs := []need{needLogin, needMember}
	center := append(slices.Clip(needs), needCall)
	return []Case{
		must("handoff/api-redirect", "5 D21", needs, withHandoff(wayAPI, apiRedirect),
			"After the server's call the browser goes to the help center with accessToken, or with usercode and time",
			"서버 호출 뒤 브라우저가 accessToken, 또는 usercode와 time을 가지고 헬프센터로 간다"),

		should("handoff/api-all-three", "5 D5 D21", needs, withHandoff(wayAPI, func(r *run, h handoff) error {
			if apiRedirect(r, h) != nil {
				return see("handoff/api-redirect")
			}
			if addedAfter("?", mustParse(h.url).RawQuery) {
				return see("handoff/api-return-url")
			}
			query := mustParse(h.url).Query()
			return unless(query.Get("usercode") != "" && query.Get("time") != "" && query.Get("accessToken") != "",
				"usercode, time, accessToken", strings.Join(slices.Sorted(maps.Keys(query)), ", "), Text{
					"the vendor's pages differ: one adds usercode and time, another adds accessToken; all three suit both",
					"벤더 문서마다 usercode와 time, 또는 accessToken을 추가합니다. 세 가지를 모두 추가하면 어느 쪽이든 맞습니다"})
		}), "The redirect has usercode, time and accessToken", "리다이렉트에 usercode, time, accessToken이 모두 있다"),

		must("handoff/api-return-url", "5", needs, returnURLOf(wayAPI),
			"The redirect leads to the returnUrl that a logged-in member asked for", "리다이렉트가 로그인한 회원이 요청한 returnUrl로 이어진다"),
		must("handoff/api-fresh", "2 5", needs, freshOf(wayAPI, "time"),
			"A second handoff for the same returnUrl has another time", "같은 returnUrl로 다시 핸드오프하면 time이 새로 바뀐다"),

		must("handoff/api-call", "5", center, withCall(func(_ *run, call handoff) error {
			const path = "/api/v2/enduser/remote.json"
			hint := Text{"the server's path has /api before /v2, the browser's has not", "서버의 경로에는 /v2 앞에 /api가 있고, 브라우저의 경로에는 없습니다"}
			switch {
			case call.method != http.MethodPost:
				hint = Text{"call by POST, with the fields in the body", "필드를 본문에 담아 POST로 호출하세요"}
			case !call.isReadable():
				hint = Text{"send the fields urlencoded as a form does, not as JSON or multipart", "필드를 JSON이나 multipart가 아니라 폼처럼 urlencoded로 보내세요"}
			}
			return unless(call.method == http.MethodPost && call.url == path && call.isReadable(),
				"POST "+path+" "+urlencoded, call.method+" "+call.url+" "+call.headers.Get("Content-Type"), hint)
		}), "The server's call is a urlencoded POST to /api/v2/enduser/remote.json", "서버는 /api/v2/enduser/remote.json을 urlencoded POST로 호출한다"),

		must("handoff/api-required", "2", center, withCallFields(func(r *run, call handoff) error {
			return cmp.Or(r.checkRequired(call, "service", "usercode", "time", "token"), checkService(r, call), checkUserCode(r, call), checkLimits(r, call))
		}), "The call has the member's usercode, the service, time and token, each once and within its limit",
			"호출에 회원의 usercode, service, time, token이 길이 제한 안에서 한 번씩 있다"),

		should("handoff/api-unsent-return-url", "2 D3", center, withCallFields(func(_ *run, call handoff) error {
			return unless(!call.values.Has("returnUrl"), "-", "returnUrl="+call.values.Get("returnUrl"), Text{
				"the returnUrl is for the redirect after the call", "returnUrl은 호출 뒤의 리다이렉트에 씁니다"})
		}), "The call has no returnUrl", "호출에 returnUrl이 없다"),

		must("handoff/api-time", "2", center, withCallFields(checkTime), "The call's time is the current one in milliseconds", "호출의 time은 밀리초 단위의 현재 시각이다"),
		must("handoff/api-token", "3", append(center, needKey), withCallFields(checkToken),
			"The call's token is the one of its fields, without a returnUrl, under the organization key", "호출의 token이 returnUrl을 뺀 필드와 조직 Key로 계산한 값과 같다"),

		must("handoff/api-passed-on", "5 D5", center, withCallFields(func(r *run, call handoff) error {
			query := mustParse(r.calledFrom.url).Query()
			for _, each := range [][2]string{{"accessToken", accessToken}, {"time", call.values.Get("time")}, {"usercode", call.values.Get("usercode")}} {
				name, want := each[0], each[1]
				got := query.Get(name)
				if got == want || got == "" { // which handoff/api-redirect reports
					continue
				}
				if strings.ReplaceAll(got, " ", "+") == want {
					got += " (a space for +)"
				}
				return fail(name+"="+want, name+"="+got, Text{"add what was sent and what came back to the returnUrl, each encoded by encodeURIComponent",
					"보낸 값과 받은 값을 각각 encodeURIComponent로 인코딩해 returnUrl에 추가하세요"})
			}
			return nil
		}), "The redirect has the call's usercode and time, and the access token that the call got",
			"리다이렉트에 호출에 쓴 usercode와 time, 호출로 받은 액세스 토큰이 있다"),

		should("handoff/api-refused", "5", center, afterReply(replyRefusal), "A refused call gives the member a page", "호출이 거부되면 회원에게 안내 페이지를 보인다"),
		should("handoff/api-error", "5", center, afterReply(replyError), "An error of the help center gives the member a page", "헬프센터에 오류가 나면 회원에게 안내 페이지를 보인다"),
		should("handoff/api-rubbish", "5", center, afterReply(replyRubbish),
			"An answer that breaks the contract gives the member a page", "규격에 맞지 않는 응답을 받으면 회원에게 안내 페이지를 보인다"),
		should("handoff/api-silence", "5", center, afterReply(replySilence),
			"A help center that doesn't answer gives the member a page in bounded time", "헬프센터가 응답하지 않아도 정해진 시간 안에 회원에게 안내 페이지를 보인다"),
	}
}

// nothingElse is for a case that only the journey finds out about.
func nothingElse(*run, handoff) error { return nil }

// withHandoff returns a case that checks the first handoff, if it is of this way.
func withHandoff(way signing.Call, check func(*run, handoff) error) check {
	return func(r *run) error {
		if err := r.reached(way); err != nil {
			return err
		}
		err := check(r, r.handoffs[0])
		if way == wayForm {
			return r.refused(r.handoffs[0], err)
		}
		return err
	}
}

// refused adds to a failure why the stand-in refuses such a handoff.
func (r *run) refused(h handoff, err error) error {
	f := unmet(err)
	if f == nil || r.target.OrganizationKey == "" {
		return err
	}
	if why := standin.Refusal(h.way, r.target.OrganizationKey, h.values, h.at); why.EN != "" {
		f.evidence = append([]string{Text{"the help center refuses it: ", "헬프센터가 거부하는 이유: "}.In(r.lang) + why.In(r.lang)}, f.evidence...)
	}
	return err
}

// withFields is withHandoff for a form whose fields the help center can read.
func withFields(check func(*run, handoff) error) check {
	return withHandoff(wayForm, readable("handoff/form-endpoint", check))
}

// readable skips a check of a handoff whose fields can't be read, which the case id reports.
func readable(id string, check func(*run, handoff) error) func(*run, handoff) error {
	return func(r *run, h handoff) error {
		if !h.isReadable() {
			return see(id)
		}
		return check(r, h)
	}
}

const urlencoded = "application/x-www-form-urlencoded"

func (h handoff) isReadable() bool {
	mediaType, _, err := mime.ParseMediaType(h.headers.Get("Content-Type"))
	return h.method != http.MethodPost || err == nil && mediaType == urlencoded
}

// withCall returns a case that checks a call of the integration. The handoff after it is
// r.calledFrom.
func withCall(check func(*run, handoff) error) check {
	return withHandoff(wayAPI, func(r *run, _ handoff) error {
		if r.stopped != "" {
			return see(r.stopped)
		}
		if r.calls == nil {
			r.target.Center.expect(replySuccess)
			h, err := r.handOffFor(r.returnPage(), Text{})
			if unmet(err) != nil {
				return see("login/already-logged-in")
			}
			if err != nil {
				return err
			}
			r.calls, _, _ = r.target.Center.seen()
			r.calledFrom = h
		}
		if len(r.calls) == 0 {
			return skip("no call came: is "+r.target.HelpCenter+" the help center in the integration's configuration?",
				"호출이 오지 않았습니다. 연동 서버에 설정한 헬프센터가 "+r.target.HelpCenter+"인지 확인하세요")
		}
		call := r.calls[0]
		call.returnURL = r.calledFrom.returnURL
		r.hidePersonal(call.values)
		return r.refused(call, check(r, call))
	})
}

// withCallFields is withCall for a call whose fields the help center can read.
func withCallFields(check func(*run, handoff) error) check {
	return withCall(readable("handoff/api-call", check))
}

func (r *run) checkRequired(h handoff, names ...string) error {
	once := Text{"send the field once: frameworks read the first, the last, or a list", "필드를 한 번만 보내세요. 프레임워크마다 첫 값, 마지막 값, 목록 중 하나를 읽습니다"}
	shown := func(name string) string {
		return fmt.Sprintf("%s (%d): %s", name, len(h.values[name]), strings.Join(slices.Sorted(maps.Keys(h.values)), ", "))
	}
	for _, name := range names {
		got := h.values[name]
		if len(got) == 1 && got[0] != "" {
			continue
		}
		hint := Text{"the names are in lower case except returnUrl", "returnUrl 외의 이름은 모두 소문자입니다"}
		switch misspelt := likeName(h.values, name); {
		case len(h.values) == 0:
			hint = Text{"the form was sent without a field: give each control a name, since an id is not sent", "필드 없이 폼이 전송되었습니다. id는 전송되지 않으므로 필드마다 name을 지정하세요"}
		case len(got) > 1:
			hint = once
		case len(got) == 1:
			hint = Text{"the field is there without a value: fill it in before the page is written", "필드에 값이 없습니다. 페이지를 만들기 전에 채우세요"}
		case h.way == wayForm && slices.Contains(r.disabledFields(), name):
			hint = Text{"the control is disabled: browsers don't send it", "비활성화(disabled)된 필드는 브라우저가 보내지 않습니다"}
		case misspelt != "":
			hint = hintMisspelt.with(misspelt, name)
		}
		return fail(name+"=... (1)", shown(name), hint)
	}
	for _, name := range signing.FieldNames {
		if len(h.values[name]) > 1 {
			return fail(name+" (0, 1)", shown(name), once)
		}
	}
	return nil
}

// disabledFields are the names of the controls that the handoff's form has and the browser does not
// send, as far as plain HTTP shows them.
func (r *run) disabledFields() []string {
	if a, err := r.open(r.loginFor(r.returnPage()), r.member); err == nil {
		for _, f := range a.forms() {
			if len(f.disabled) > 0 && !f.password {
				return f.disabled
			}
		}
	}
	return nil
}

// likeName returns a name of a value that looks like a name of the contract.
func likeName(values url.Values, name string) string {
	for _, each := range slices.Sorted(maps.Keys(values)) {
		if isLike(each, name) {
			return each
		}
	}
	return ""
}

func isLike(each, name string) bool {
	plain := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(each))
	return each != name && (plain == strings.ToLower(name) || plain == strings.ToLower(name)+"id" || plain == name+"stamp")
}

var hintMisspelt = Text{"it is called %s here: the name is %s", "여기서는 이름이 %s입니다. 올바른 이름은 %s입니다"}

func checkService(r *run, h handoff) error {
	return checkField(h, "service", r.target.Service, Text{"the service is the first path segment of the help center's pages", "service는 헬프센터 페이지 주소의 첫 경로입니다"})
}

func checkUserCode(r *run, h handoff) error {
	return checkField(h, "usercode", r.target.UserCode, Text{"send the member's id as the status URL names it", "상태 URL이 응답하는 회원 ID와 같은 값을 보내세요"})
}

// checkField leaves a missing field to the case of the required fields.
func checkField(h handoff, name, want string, hint Text) error {
	got := h.values.Get(name)
	return unless(got == "" || got == want, name+"="+want, name+"="+got, hint)
}

func checkLimits(_ *run, h handoff) error {
	for _, name := range signing.FieldNames {
		if n, limit := signing.Length(h.values.Get(name)), signing.Limits[name]; limit > 0 && n > limit {
			return fail(name+": <= "+strconv.Itoa(limit), strconv.Itoa(n), Text{"refuse or shorten the value before signing it", "서명하기 전에 값을 거부하거나 줄이세요"})
		}
	}
	return nil
}

// checkTime compares the time of a handoff with when it arrived. It warns of a time that the help
// center still accepts, and leaves a missing time to the case of the required fields.
func checkTime(_ *run, h handoff) error {
	text := h.values.Get("time")
	want := "time=" + strconv.FormatInt(h.at.UnixMilli(), 10) + " (5s)"
	milliseconds := Text{"send the milliseconds since the epoch (System.currentTimeMillis(), Date.now(), time.UnixMilli)",
		"1970년부터의 밀리초를 보내세요(System.currentTimeMillis(), Date.now(), time.UnixMilli)"}
	stale := Text{"take the time at each handoff and in UTC, not when the page or the session was made; set the clock by NTP",
		"핸드오프할 때마다 UTC 기준으로 현재 시각을 읽으세요. 페이지나 세션을 만든 시각이 아닙니다. 시계는 NTP로 맞추세요"}
	ms, err := strconv.ParseInt(text, 10, 64)
	difference := time.UnixMilli(ms).Sub(h.at)
	off, got := difference.Abs(), "time="+text+" ("+difference.Round(time.Second).String()+")"
	inOtherUnit := time.Unix(ms, 0).Sub(h.at).Abs() < time.Hour || time.UnixMicro(ms).Sub(h.at).Abs() < time.Hour
	switch {
	case text == "":
		return nil
	case err != nil || off > 24*time.Hour && inOtherUnit:
		return fail(want, "time="+text, milliseconds)
	case off > signing.Validity && off < 15*time.Hour && (difference-difference.Round(time.Hour)).Abs() < 5*time.Second:
		return fail(want, got, Text{"it is off by whole hours, as by a time zone: a local time was taken for UTC, or UTC for a local time",
			"시간대 차이처럼 몇 시간이 정확히 어긋났습니다. 현지 시각을 UTC로 다루었거나 그 반대입니다"})
	case off >= signing.Validity:
		return fail(want, got, stale)
	case off > 5*time.Second:
		return warn(want, got, stale)
	}
	return nil
}

// freshOf returns a case that hands off again.
func freshOf(way signing.Call, names ...string) check {
	return withHandoff(way, func(r *run, first handoff) error {
		if len(r.handoffs) < 2 && r.login != nil {
			return see(cmp.Or(r.stopped, "login/already-logged-in"))
		}
		return r.checkFresh(first, func() (handoff, error) {
			return r.handOffFor(first.returnURL, Text{"the login has ended after a second: look at the cookie's Max-Age, which is in seconds, and at the session's lifetime",
				"1초 만에 로그인이 끝났습니다. 쿠키의 Max-Age(초 단위)와 세션 유효 시간을 확인하세요"})
		}, names...)
	})
}

// freshPause is longer than a second, so that a time in seconds differs, too.
const freshPause = 1100 * time.Millisecond

// checkFresh fails if the next handoff has a value of the first. It leaves a missing value to the
// case of the required fields.
func (r *run) checkFresh(first handoff, next func() (handoff, error), names ...string) error {
	if err := r.pause(time.Until(first.at.Add(freshPause))); err != nil {
		return err
	}
	again, err := next()
	if err != nil {
		return err
	}
	for _, name := range names {
		if value := first.values.Get(name); value != "" && again.values.Get(name) == value {
			return fail(name+"=(new)", name+"=(as before)", Text{"sign anew for each handoff: a stored time or token is refused after 3 minutes",
				"핸드오프할 때마다 새로 서명하세요. 저장해 둔 time과 token은 3분 뒤 거부됩니다"})
		}
	}
	return nil
}

// checkToken checks the token of a handoff with the organization key. It leaves missing fields to
// the case of the required fields.
func checkToken(r *run, h handoff) error {
	fields := signing.ReadFields(h.values)
	if fields.Service == "" || fields.UserCode == "" || fields.Time == "" || fields.Token == "" {
		return see(map[signing.Call]string{wayForm: "handoff/form-required", wayAPI: "handoff/api-required", wayLink: "link/required"}[h.way])
	}
	if signing.Verify(h.way, r.target.OrganizationKey, fields) {
		return nil
	}
	returnURLs := []string{h.returnURL} // may be signed, although they are not in the fields
	if h.way == wayLink {
		returnURLs = r.pages()
	}
	message := signing.Message(h.way, fields)
	r.hide(signing.Sign(r.target.OrganizationKey, message))
	why := signing.Explain(context.Background(), signing.Case{Call: h.way, Key: r.target.OrganizationKey, Fields: fields, ReturnURLs: returnURLs})
	r.hideSigned(&why)
	return fail("token("+message+")", why.Verdict(r.lang), Text{why.Hint(EN), why.Hint(KO)}, strings.Split(strings.TrimRight(why.Text(r.lang), "\n"), "\n")...)
}

// returnURLOf returns a case that checks where the handoff of a logged-in member leads.
func returnURLOf(way signing.Call) check {
	return withHandoff(way, func(r *run, first handoff) error {
		switch {
		case !first.isReadable() && way == wayForm:
			return see("handoff/form-endpoint")
		case r.found["login/return-url"] != nil:
			return see("login/return-url")
		case len(r.handoffs) < 2 && r.login != nil:
			return see(cmp.Or(r.stopped, "login/already-logged-in"))
		case way == wayAPI && apiRedirect(r, first) != nil:
			return see("handoff/api-redirect")
		}
		if way == wayAPI { // which adds to a query, or begins one
			h, err := r.handOffFor(r.pages()[1], hintQuestionMark)
			if err == nil {
				err = h.returnsTo(r.pages()[1])
			}
			if err != nil {
				return err
			}
		}
		h := r.handoffs[len(r.handoffs)-1]
		return h.returnsTo(h.returnURL)
	})
}

var hintQuestionMark = Text{"begin the query with ? where the returnUrl has none, and go on with & where it has one: a URL library does both",
	"returnUrl에 쿼리가 없으면 ?로 시작하고, 있으면 &로 이어 붙이세요. URL 라이브러리를 쓰면 됩니다"}

var hintFragment = Text{"the parameters stand after the #, where no server sees them: add them to the query, before it",
	"파라미터가 # 뒤에 붙어 서버에 전달되지 않습니다. # 앞의 쿼리에 추가하세요"}

// returnsTo returns nil if the handoff ends at a return page, else a failure that says what was
// lost on the way. The handoff may have added its own parameters to the query.
func (h handoff) returnsTo(returnURL string) error {
	if h.destination() == "" {
		if misspelt := likeName(h.values, "returnUrl"); misspelt != "" {
			return fail("returnUrl="+returnURL, misspelt+"=...", hintMisspelt.with(misspelt, "returnUrl"))
		}
		return fail("returnUrl="+returnURL, "-", Text{"the handoff has no field of this name: returnUrl has a capital U", "핸드오프에 이 이름의 필드가 없습니다. returnUrl은 U가 대문자입니다"})
	}
	mistake, ok := compareURLs(h.destination(), returnURL)
	return unless(ok, returnURL, h.destination(), mistake)
}

type parameter struct{ name, value string }

// parameters returns the pieces of a query by name, without those that a handoff adds. Their order
// does not matter to a server.
func parameters(rawQuery string) (list []parameter) {
	for piece := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(piece, "=")
		name, errName := url.QueryUnescape(name)
		decoded, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil {
			decoded = value
		}
		if !slices.Contains([]string{"", "usercode", "username", "email", "phone", "memberno", "time", "token", "accessToken"}, name) {
			list = append(list, parameter{name, decoded})
		}
	}
	slices.SortStableFunc(list, func(a, b parameter) int { return strings.Compare(a.name, b.name) })
	return list
}

// addedAfter reports whether a handoff's own parameters begin after a mark.
func addedAfter(mark, text string) bool {
	return slices.ContainsFunc([]string{"usercode=", "time=", "accessToken="}, func(name string) bool { return strings.Contains(text, mark+name) })
}

// compareURLs reports whether got leads where want does. If not, the hint says what got lost.
func compareURLs(got, want string) (mistake Text, ok bool) {
	wanted := mustParse(want)
	found, err := url.Parse(got)
	if err != nil {
		found = &url.URL{}
	}
	have, need := parameters(found.RawQuery), parameters(wanted.RawQuery)
	decodedAgain := slices.Clone(need)
	for i, p := range need {
		if again, err := url.QueryUnescape(p.value); err == nil {
			decodedAgain[i].value = again
		}
	}
	path, wantedPath := withoutQuery(got), withoutQuery(want)
	switch {
	case got == want, path == wantedPath && slices.Equal(have, need) && found.Fragment == wanted.Fragment:
		return Text{}, true
	case err != nil:
	case path != wantedPath && strings.TrimSuffix(path, "/") == strings.TrimSuffix(wantedPath, "/"):
		return Text{"only the slash at the end of the path differs", "경로 끝의 슬래시만 다릅니다"}, false
	case addedAfter("&", found.Path), addedAfter("?", found.RawQuery):
		return hintQuestionMark, false
	case path != wantedPath: // lost as a whole
	case strings.Contains(got, "&amp;"):
		return Text{"the returnUrl has &amp; in it: it is escaped for HTML twice, or outside of HTML",
			"returnUrl에 &amp;가 있습니다. HTML 이스케이프를 두 번 했거나 HTML이 아닌 곳에서 했습니다"}, false
	case slices.Equal(have, need) && strings.HasPrefix(found.Fragment, wanted.Fragment) && wanted.Fragment != "":
		return hintFragment, false
	case slices.Equal(have, need):
		return Text{"the part after # is lost: it belongs to the returnUrl", "# 뒤의 부분이 사라졌습니다. returnUrl의 일부입니다"}, false
	case len(have) > 0 && len(have) < len(need) && !slices.ContainsFunc(have, func(p parameter) bool { return !slices.Contains(need, p) }):
		return Text{"the returnUrl is cut at its first &: encode it by encodeURIComponent wherever it goes into a URL",
			"returnUrl이 첫 &에서 잘렸습니다. URL에 넣을 때마다 encodeURIComponent로 인코딩하세요"}, false
	case slices.Equal(have, decodedAgain):
		return Text{"the returnUrl is decoded twice, so that %2B has become a space: frameworks decode a parameter by themselves",
			"returnUrl을 두 번 디코딩해 %2B가 공백이 되었습니다. 파라미터는 프레임워크가 이미 디코딩합니다"}, false
	}
	return Text{"carry the returnUrl through the login, and send it as it came, decoded once", "returnUrl을 로그인 과정 내내 전달하고, 한 번만 디코딩한 값을 그대로 보내세요"}, false
}

func apiRedirect(r *run, h handoff) error {
	query := mustParse(h.url).Query()
	usercode := query.Get("usercode") == r.target.UserCode
	given := query.Get("accessToken") != "" || usercode && query.Get("time") != ""
	if originOf(h.url) != r.target.HelpCenter || !given || query.Has("usercode") && !usercode {
		hint := Text{"add accessToken, usercode and time to the query of the returnUrl", "returnUrl의 쿼리에 accessToken, usercode, time을 추가하세요"}
		if behind := mustParse(h.url).Fragment; addedAfter("&", behind) || addedAfter("?", behind) {
			hint = hintFragment
		}
		return fail(r.target.HelpCenter+"/...?accessToken=... | usercode=...&time=...", h.url, hint)
	}
	h.values = query
	return checkTime(r, h)
}

// stackTrace matches the stack traces that web frameworks show for an unhandled error.
var stackTrace = regexp.MustCompile(`goroutine \d+|\.java:\d+\)|Traceback \(most recent|Stack trace:|\.php on line|at \S+ \(.*\.js:\d+|Exception in|\.rb:\d+:in`)

// afterReply returns a case that checks what a member sees when the help center replies this way.
func afterReply(how reply) check {
	return withCall(func(r *run, _ handoff) error {
		r.target.Center.expect(how)
		defer r.target.Center.expect(replySuccess)
		a, err := r.open(r.loginFor(r.returnPage()), r.member)
		if calls, _, _ := r.target.Center.seen(); err == nil && len(calls) == 0 {
			return skip("a script makes the call", "스크립트가 호출합니다")
		}
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case a.leadsTo() != "":
			got = a.String()
		case a.text() == "":
			got = a.String() + " (empty)"
		case stackTrace.Match(a.body):
			got = "stack trace"
		}
		return unless(got == "", "a page that says what to do", got, Text{
			"handle every way in which the call can fail, with a timeout of a few seconds; log the cause and show a page",
			"호출이 실패하는 모든 경우를 몇 초의 타임아웃과 함께 처리하고, 원인을 로그에 남긴 뒤 안내 페이지를 보이세요"})
	})
}
