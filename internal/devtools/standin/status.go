package standin

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ocsso/internal/devtools/signing"
)

// statusCall is the login status call that the script makes. The zero value means no call.
type statusCall struct {
	URL     string
	Headers string // the headers as a JSON object
	headers map[string]string
	fields  []Field
	// WithoutCookie is Faults.BlockCookies.
	WithoutCookie bool
}

// statusCallFor makes the call with the member's values for the parameters in the settings
// (CONTRACT 7). Blank values are left out. A guest sends no parameters.
func statusCallFor(settings Settings, member *session) statusCall {
	if !settings.asksStatus() {
		return statusCall{}
	}
	call := statusCall{URL: settings.LoginStatusURL}
	call.headers = map[string]string{}
	for _, p := range settings.Parameters {
		if member == nil {
			break
		}
		value := member.fields.Named(p.Name)
		if signing.Blank(value) {
			continue
		}
		call.fields = append(call.fields, Field{p.Name, value})
		if p.In == InHeader {
			call.headers[p.Name] = headerValue(value)
		} else {
			call.URL = withQuery(call.URL, p.Name, value)
		}
	}
	encoded, err := json.Marshal(call.headers)
	if err != nil {
		panic(err) // impossible for a map of strings
	}
	call.Headers = string(encoded)
	return call
}

// Credentials is the call's mode in the Fetch standard.
func (c statusCall) Credentials() string {
	if c.WithoutCookie {
		return "omit"
	}
	return "include"
}

// headerValue percent-encodes a value that has spaces at its ends or anything but printable ASCII,
// so that every browser and server reads the header alike.
func headerValue(value string) string {
	if strings.TrimSpace(value) != value || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return signing.EncodeURIComponent(value)
	}
	return value
}

func statusOrigin(settings Settings) string {
	if !settings.asksStatus() {
		return ""
	}
	return originOf(settings.LoginStatusURL)
}

// statusReport is the script's report of a login status call.
type statusReport struct {
	Page   string `json:"page"`   // path and query of the script's page
	Status int    `json:"status"` // of the answer; 0 if there was none
	Body   string `json:"body"`
	Error  string `json:"error"` // why there was no answer, in the browser's words
	// Milliseconds is how long the answer took.
	Milliseconds int `json:"milliseconds"`
}

// statusOrder tells the script what to do next.
type statusOrder struct {
	Location string `json:"location"` // go there; "" to stay
	Notice   bool   `json:"notice"`   // show that the call failed
}

// takeStatus decides what follows from a login status call: whether the visitor stays, becomes a
// guest or goes to the login page (CONTRACT 7). A call without a usable answer counts as "false".
func (s *Simulator) takeStatus(w http.ResponseWriter, r *http.Request) {
	var report statusReport
	if err := readJSON(w, r, &report); err != nil {
		writeJSON(w, http.StatusBadRequest, apiError{err.Error()})
		return
	}
	u, err := url.ParseRequestURI(report.Page)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, apiError{"page: is not a path"})
		return
	}
	page := pageOf(u)
	settings := s.settings()
	if page == "" || !settings.asksStatus() {
		writeJSON(w, http.StatusOK, statusOrder{}) // the settings changed while the page was open
		return
	}
	member := s.memberOf(r)
	answer := readLoginAnswer(report.Status, []byte(report.Body))
	if report.Error != "" {
		answer = unusable("the script could not read an answer (%s)", "스크립트가 응답을 읽지 못함(%s)", clip(report.Error))
	}
	clean, _ := withoutHandoff(u)
	same := answer.login && member != nil && member.fields.UserCode == answer.userCode
	if same {
		s.confirm(r)
	} else {
		s.logOut(r)
	}
	order := statusOrder{Notice: answer.unusable}
	switch {
	case same:
	case answer.login, settings.needsLogin(page):
		order.Location = settings.loginURL(origin(r) + clean)
	case member != nil:
		order.Location = clean // reload as a guest
	}
	toLogin := order.Location != "" && order.Location != clean
	round := loginRound(w, r, same, toLogin)
	if round > maxRounds {
		order.Location = withQuery("/loop", "page", clean)
	}
	var found []words
	if report.Error != "" {
		why := s.askStatus(r.Context(), origin(r), statusCallFor(settings, member))
		found = []words{{"asked again without a browser: " + why.EN, "브라우저 없이 다시 호출: " + why.KO}}
	}
	s.record(statusEvent(settings, member, report, answer, round, found...))
	if toLogin && round <= maxRounds {
		opened := Event{Kind: KindLogin, Method: http.MethodGet, Path: settings.LoginURL, Outcome: OutcomeOK}
		s.record(opened.with(words{"opened", "열림"}))
	}
	writeJSON(w, http.StatusOK, order)
}

// A login that repeats without an end is stopped at its fourth round.
const (
	maxRounds   = 3
	roundCookie = "oc_rounds"
	roundTime   = 30 // seconds between two rounds
)

// loginRound counts how often in a row this browser was sent to the login URL. A member who is
// logged in begins again.
func loginRound(w http.ResponseWriter, r *http.Request, loggedIn, toLogin bool) (round int) {
	if cookie, err := r.Cookie(roundCookie); err == nil {
		round, _ = strconv.Atoi(cookie.Value) // 0 if it is not ours
	}
	cookie := http.Cookie{Name: roundCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode}
	switch {
	case toLogin:
		if round++; round <= maxRounds {
			cookie.Value, cookie.MaxAge = strconv.Itoa(round), roundTime
		}
	case round == 0 || !loggedIn:
		return round
	}
	http.SetCookie(w, &cookie)
	return round
}

// showLoop stops a login that repeats.
func (s *Simulator) showLoop(w http.ResponseWriter, r *http.Request) {
	title := words{"The login repeats", "로그인이 되풀이됩니다"}
	body := words{
		"The help center sent this browser to the login page three times within a short time, and each time the status URL said that nobody is logged in. " +
			"Either the status URL does not get the login cookie, or the login page leads back without a remote login. The console shows each step.",
		"헬프센터가 이 브라우저를 짧은 시간에 세 번 로그인 페이지로 보냈지만, 상태 URL은 그때마다 로그인되어 있지 않다고 응답했습니다. " +
			"상태 URL에 로그인 쿠키가 전달되지 않거나, 로그인 페이지가 원격 로그인 없이 되돌려 보내는 것입니다. 콘솔에서 단계마다 확인할 수 있습니다.",
	}
	s.showProblem(w, r, s.viewOf(w, r), http.StatusOK, title, body, "/console")
}

// statusEvent is the event of a login status call, with what the stand-in itself has found out.
func statusEvent(settings Settings, member *session, report statusReport, answer loginAnswer, round int, found ...words) Event {
	event := Event{
		Kind: KindStatus, Method: http.MethodGet, Path: settings.LoginStatusURL, Outcome: OutcomeOK,
		Fields: statusCallFor(settings, member).fields, Status: report.Status, Body: clip(report.Body), Milliseconds: report.Milliseconds,
	}
	switch {
	case answer.unusable:
		event = event.refused(answer.why, found...)
	case answer.login:
		event = event.with(say(`login is "true", usercode %s`, `login "true", usercode: %s`, answer.userCode))
	case member == nil || member.confirmed:
		event = event.with(words{`login is "false"`, `login "false"`})
	}
	if !answer.unusable && answer.why != (words{}) {
		event = event.warned(answer.why)
	}
	if !answer.login && !answer.unusable && member != nil && !member.confirmed {
		event = event.warned(words{`login is "false" right after an accepted handoff`, `원격 로그인을 받은 직후 login이 "false"`}, words{
			"Members may be sent to log in for ever. Most likely the status URL did not get the login cookie: the cookie has no SameSite=None with Secure, its Path or Domain leaves out the status URL, or the browser blocks third-party cookies.",
			"이대로면 로그인이 끝없이 되풀이될 수 있습니다. 상태 URL에 로그인 쿠키가 전달되지 않았을 가능성이 큽니다: 쿠키에 SameSite=None과 Secure가 없음, 쿠키의 Path나 Domain에 상태 URL이 포함되지 않음, 브라우저가 서드파티 쿠키를 차단함.",
		})
	}
	if round > maxRounds {
		event = event.warned(words{"the fourth round of logins in a row: stopped", "로그인이 네 번 되풀이되어 멈춤"}, event.mend...)
	}
	return event
}
