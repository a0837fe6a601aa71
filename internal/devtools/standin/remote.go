package standin

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ocsso/internal/devtools/signing"
)

// maxBody is the largest request body in bytes.
const maxBody = 64 << 10

// refusal is the reason why the help center refuses a handoff.
type refusal struct {
	reason reason
	why    words // for the event, with the field's name
}

// reason is what a member is told about a refusal, and its resultCode. The contract defines none,
// so the codes are those of HTTP.
type reason struct {
	code int
	text words
}

var (
	reasonFields    = reason{http.StatusBadRequest, words{"The member's details did not arrive as they should.", "전달된 회원 정보가 올바르지 않습니다."}}
	reasonTime      = reason{http.StatusRequestTimeout, words{"The request timed out. Please log in again.", "요청 시간이 초과되었습니다. 다시 로그인해 주세요."}}
	reasonSignature = reason{http.StatusUnauthorized, words{"The authentication token is not valid.", "인증 토큰이 올바르지 않습니다."}}
	reasonOff       = reason{http.StatusForbidden, words{"Member integration is not in use.", "회원 연동을 사용하고 있지 않습니다."}}
	reasonReturnURL = reason{http.StatusBadRequest, words{"The address to return to is not allowed.", "돌아갈 주소가 올바르지 않습니다."}}
)

func refuse(reason reason, en, ko string, args ...any) *refusal {
	return &refusal{reason, say(en, ko, args...)}
}

// refusedFor is the event of a refused handoff.
func (e Event) refusedFor(r refusal) Event {
	e.badToken = r.reason == reasonSignature && !e.explanation.Right()
	if r.reason == reasonTime {
		return e.refused(r.why, words{"Take the time when you sign, and let the server's clock be set by the network (NTP).", "서명하는 시점의 시각을 쓰고, 서버의 시계를 네트워크(NTP)로 맞추세요."})
	}
	return e.refused(r.why)
}

// formLogin handles the remote login from the browser (CONTRACT 4).
func (s *Simulator) formLogin(w http.ResponseWriter, r *http.Request) {
	settings := s.settings()
	fields, event, refused := s.remoteLogin(w, r, signing.CallForm, settings)
	destination := ""
	if refused == nil && !signing.Blank(fields.ReturnURL) {
		destination, refused = returnTo(fields.ReturnURL, r, settings)
	}
	event.Status = http.StatusFound
	if refused != nil {
		event.Status = http.StatusBadRequest
		v := s.viewOf(w, r)
		v.Languages = nil // a language link would be a GET without the form's fields
		s.showProblem(w, r, v, http.StatusBadRequest, words{"Login refused", "로그인하지 못했습니다"}, refused.reason.text, eventPath(s.record(event.refusedFor(*refused))))
		return
	}
	if destination == "" {
		event.Status = http.StatusOK
	}
	if at := serviceOf(destination, r); at != "" && at != fields.Service {
		event = event.warned(say("service is %q, but returnUrl is a page of %q: the member is logged in to another service than the one that asked", "service: %q, returnUrl의 서비스: %q. 로그인을 요청한 서비스와 다름", fields.Service, at))
	}
	s.record(event)
	s.LogIn(w, r, fields)
	if destination == "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "SUCCESS") // an error means that the client has left
		return
	}
	http.Redirect(w, r, destination, http.StatusFound)
}

// apiLogin handles the remote login from the server (CONTRACT 5). A refusal also has status 200.
func (s *Simulator) apiLogin(w http.ResponseWriter, r *http.Request) {
	fields, event, refused := s.remoteLogin(w, r, signing.CallAPI, s.settings())
	type content struct {
		Content string `json:"content"` // the access token
	}
	var answer struct {
		Header struct {
			ResultCode    int    `json:"resultCode"`
			ResultMessage string `json:"resultMessage"`
			IsSuccessful  bool   `json:"isSuccessful"`
		} `json:"header"`
		Result *content `json:"result"`
	}
	if refused != nil {
		event = event.refusedFor(*refused)
		answer.Header.ResultCode, answer.Header.ResultMessage = refused.reason.code, refused.why.EN
	} else {
		answer.Header.ResultCode, answer.Header.IsSuccessful = http.StatusOK, true
		answer.Result = &content{rand.Text()}
		now := s.clock()
		st, unlock := s.lock()
		st.grants = keep(st.grants, grant{answer.Result.Content, now, fields}, 1000)
		unlock()
	}
	event.Status = http.StatusOK
	s.record(event)
	writeJSON(w, http.StatusOK, answer)
}

// remoteLogin checks a remote login (CONTRACT 2 to 5). It also returns the event, which the caller
// records.
func (s *Simulator) remoteLogin(w http.ResponseWriter, r *http.Request, call signing.Call, settings Settings) (signing.Fields, Event, *refusal) {
	event := newEvent(Kind(call), r)
	if refused := checkRequest(r, call); refused != nil {
		return signing.Fields{}, event, refused
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return signing.Fields{}, event, refuse(reasonFields, "the body can't be read: %v", "본문을 읽을 수 없음: %v", err)
	}
	values, err := url.ParseQuery(string(body))
	event.Fields = listFields(values)
	if err != nil {
		return signing.Fields{}, event, refuse(reasonFields, "the body is not a form: %v", "본문이 폼 형식이 아님: %v", err)
	}
	if !settings.asksStatus() {
		return signing.Fields{}, event, refuse(reasonOff, "member integration is off, or its login type is not POST", "회원 연동이 꺼져 있거나 로그인 타입이 POST가 아님")
	}
	for name := range values {
		if !slices.Contains(signing.FieldNames, name) {
			return signing.Fields{}, event, refuse(reasonFields, "%q is not a field of the contract", "알 수 없는 필드: %q", name)
		}
	}
	fields, event, refused := examine(r, event, call, settings.OrganizationKey, values, s.clock())
	return fields, event, refused
}

// checkRequest checks the method and the headers of a remote login.
func checkRequest(r *http.Request, call signing.Call) *refusal {
	if r.Method != http.MethodPost {
		return refuse(reasonFields, "the method is %s, not POST", "메서드: %s (POST여야 함)", r.Method)
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return refuse(reasonFields, "Content-Type is %q, not application/x-www-form-urlencoded", "Content-Type: %q (application/x-www-form-urlencoded여야 함)", r.Header.Get("Content-Type"))
	}
	if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return refuse(reasonFields, "the charset is %q, not UTF-8", "문자 집합: %q (UTF-8이어야 함)", charset)
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); call == signing.CallForm && mode != "" && mode != "navigate" {
		return refuse(reasonFields, "sent by a script (Sec-Fetch-Mode: %s), not by a form: the browser would not keep the cookie", "폼이 아닌 스크립트로 보냄(Sec-Fetch-Mode: %s). 쿠키가 브라우저에 저장되지 않음", mode)
	}
	return nil
}

// examine reads a handoff and checks it (CONTRACT 2 and 3). If there is a token, it is explained
// even if something else is wrong, because the explanation often tells more.
func examine(r *http.Request, e Event, call signing.Call, key signing.Key, values url.Values, now time.Time) (signing.Fields, Event, *refusal) {
	f := signing.ReadFields(values)
	if f.Token != "" {
		token := signing.Case{Call: call, Key: key, Fields: f}
		for page := range pagePaths {
			u := origin(r) + pagePath(f.Service, page)
			token.ReturnURLs = append(token.ReturnURLs, u, u+"?iframe=true")
		}
		e.Message, e.Received = signing.Message(call, f), f.Token
		e.Expected, e.explanation = signing.Sign(key, e.Message), signing.Explain(r.Context(), token)
		e.Cause = e.explanation.Verdict(signing.English)
	}
	return f, e, judge(call, key, values, now)
}

// Refusal says why the help center refuses a handoff of these values; it is empty if it takes them.
func Refusal(call signing.Call, key signing.Key, values url.Values, now time.Time) signing.Words {
	if refused := judge(call, key, values, now); refused != nil {
		return signing.Words(refused.why)
	}
	return signing.Words{}
}

func judge(call signing.Call, key signing.Key, values url.Values, now time.Time) *refusal {
	f := signing.ReadFields(values)
	refused := checkFields(call, values)
	if refused == nil {
		refused = checkTime(f.Time, now)
	}
	if refused == nil && !signing.Verify(call, key, f) {
		refused = refuse(reasonSignature, "token does not match these fields", "보낸 값으로 계산한 토큰과 다름")
	}
	if refused == nil && call != signing.CallForm && !signing.Blank(f.ReturnURL) {
		refused = refuse(reasonFields, "returnUrl is not a field of this call", "returnUrl은 이 호출의 필드가 아님")
	}
	return refused
}

// checkFields checks the values against the table of CONTRACT 2.
func checkFields(call signing.Call, values url.Values) *refusal {
	for _, name := range signing.FieldNames {
		if len(values[name]) > 1 {
			return refuse(reasonFields, "%s is sent %d times", "%s 값을 %d번 보냄", name, len(values[name]))
		}
		if !utf8.ValidString(values.Get(name)) {
			return refuse(reasonFields, "%s is not UTF-8", "%s 값이 UTF-8이 아님", name)
		}
	}
	for _, name := range signing.Required(call) {
		if signing.Blank(values.Get(name)) {
			return refuse(reasonFields, "%s is required", "%s 값이 필요함", name)
		}
	}
	for _, name := range signing.FieldNames {
		limit, n := signing.Limits[name], signing.Length(values.Get(name))
		if limit > 0 && n > limit {
			return refuse(reasonFields, "%s has %d characters, the limit is %d", "%s 값이 %d자이며 %d자를 넘을 수 없음", name, n, limit)
		}
	}
	return nil
}

func checkTime(text string, now time.Time) *refusal {
	milliseconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return refuse(reasonFields, "time is not an int64: %q", "time이 int64가 아님: %q", clip(text))
	}
	if skew := now.Sub(time.UnixMilli(milliseconds)); skew.Abs() > signing.Validity {
		return refuse(reasonTime, "time differs from the help center's clock by %s, the limit is %s", "time과 헬프센터 시계의 차이: %s (%s 이내여야 함)", skew.Abs().Round(time.Second), signing.Validity)
	}
	return nil
}

// returnTo checks where a form login leads. Only the help center and the customer's site are
// allowed, so that nobody can make a login lead to another site.
func returnTo(returnURL string, r *http.Request, settings Settings) (string, *refusal) {
	target := originOf(returnURL)
	if target == "" || target != originOf(origin(r)) && target != originOf(settings.LoginURL) {
		return "", refuse(reasonReturnURL, "returnUrl leads neither to the help center nor to the customer's site", "returnUrl이 헬프센터나 고객사 사이트의 주소가 아님")
	}
	return returnURL, nil
}

// serviceOf is the service of a page of the help center; "" for any other URL.
func serviceOf(returnURL string, r *http.Request) string {
	u, err := url.Parse(returnURL)
	if err != nil || originOf(returnURL) != originOf(origin(r)) {
		return ""
	}
	service, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return service
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value) // an error means that the client has left
}
