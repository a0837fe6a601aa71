package standin

import (
	"context"
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
	detail note // for the event, with the field's name
}

// reason is what the member is told about a refusal.
type reason int

const (
	reasonFields reason = iota
	reasonTime
	reasonSignature
	reasonOff
	reasonReturnURL
)

func refuse(why reason, detail words, args ...any) *refusal {
	return &refusal{reason: why, detail: noted(detail, args...)}
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
		s.showRefusal(w, r, settings, *refused, s.record(event.refused(refused.detail)))
		return
	}
	if destination == "" {
		event.Status = http.StatusOK
	}
	if at := serviceOf(destination, r); at != "" && at != fields.Service {
		event = event.warned(noted(sayOtherService, fields.Service, at))
	}
	s.record(event)
	s.logIn(w, r, fields)
	if destination == "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "SUCCESS") // an error means that the client has left
		return
	}
	http.Redirect(w, r, destination, http.StatusFound)
}

// apiAnswer is the JSON of CONTRACT 5.
type apiAnswer struct {
	Header apiHeader  `json:"header"`
	Result *apiResult `json:"result"`
}

type apiHeader struct {
	ResultCode    int    `json:"resultCode"`
	ResultMessage string `json:"resultMessage"`
	IsSuccessful  bool   `json:"isSuccessful"`
}

type apiResult struct {
	Content string `json:"content"` // the access token
}

// apiLogin handles the remote login from the server (CONTRACT 5). A refusal also has status 200.
func (s *Simulator) apiLogin(w http.ResponseWriter, r *http.Request) {
	fields, event, refused := s.remoteLogin(w, r, signing.CallAPI, s.settings())
	answer := apiAnswer{Header: apiHeader{ResultCode: http.StatusOK, IsSuccessful: true}}
	if refused != nil {
		event = event.refused(refused.detail)
		answer.Header = apiHeader{ResultCode: refused.reason.code(), ResultMessage: refused.detail.String()}
	} else {
		answer.Result = &apiResult{Content: s.grantAccess(fields)}
	}
	event.Status = http.StatusOK
	s.record(event)
	writeJSON(w, http.StatusOK, answer)
}

// code is the resultCode of a refusal. The contract defines none, so these are HTTP status codes.
func (why reason) code() int {
	switch why {
	case reasonTime:
		return http.StatusRequestTimeout
	case reasonSignature:
		return http.StatusUnauthorized
	case reasonOff:
		return http.StatusForbidden
	default:
		return http.StatusBadRequest
	}
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
		return signing.Fields{}, event, refuse(reasonFields, sayBodyUnreadable, err)
	}
	values, err := url.ParseQuery(string(body))
	event.Fields = listFields(values)
	if err != nil {
		return signing.Fields{}, event, refuse(reasonFields, sayBodyNoForm, err)
	}
	if !settings.asksStatus() {
		return signing.Fields{}, event, refuse(reasonOff, sayNotPOST)
	}
	for name := range values {
		if !slices.Contains(signing.FieldNames, name) {
			return signing.Fields{}, event, refuse(reasonFields, sayUnknownField, name)
		}
	}
	pages := pageURLs(origin(r), values.Get("service"))
	fields, verdict, refused := examine(r.Context(), call, settings.OrganizationKey, values, s.clock(), pages)
	return fields, event.withVerdict(verdict), refused
}

// checkRequest checks the method and the headers of a remote login.
func checkRequest(r *http.Request, call signing.Call) *refusal {
	if r.Method != http.MethodPost {
		return refuse(reasonFields, sayMethod, r.Method)
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/x-www-form-urlencoded" {
		return refuse(reasonFields, sayContentType, r.Header.Get("Content-Type"))
	}
	if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return refuse(reasonFields, sayCharset, charset)
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); call == signing.CallForm && mode != "" && mode != "navigate" {
		return refuse(reasonFields, sayByScript, mode)
	}
	return nil
}

// examine reads a handoff and checks it (CONTRACT 2 and 3). If there is a token, it is verified
// even if something else is wrong, because the verdict often tells more. The returnURLs are those
// that the signer may have signed without sending them.
func examine(ctx context.Context, call signing.Call, key signing.Key, values url.Values, now time.Time, returnURLs []string) (signing.Fields, verdict, *refusal) {
	f := signing.ReadFields(values)
	var v verdict
	if f.Token != "" {
		v.message = signing.Message(call, f)
		v.expected, v.received, v.valid = signing.Sign(key, v.message), f.Token, signing.Verify(call, key, f)
		v.explanation = signing.Explain(ctx, signing.Case{Call: call, Key: key, Fields: f, ReturnURLs: returnURLs})
	}
	refused := checkFields(call, values, f)
	if refused == nil {
		refused = checkTime(f.Time, now)
	}
	if refused == nil && !v.valid {
		refused = refuse(reasonSignature, sayToken)
	}
	if refused == nil && call != signing.CallForm && !signing.Blank(f.ReturnURL) {
		refused = refuse(reasonFields, sayReturnURLUnasked)
	}
	return f, v, refused
}

// verdict is the verdict on a token, with the explanation of a wrong one.
type verdict struct {
	valid                       bool
	message, expected, received string
	explanation                 signing.Explanation
}

// checkFields checks the values against the table of CONTRACT 2.
func checkFields(call signing.Call, values url.Values, f signing.Fields) *refusal {
	for _, name := range signing.FieldNames {
		if len(values[name]) > 1 {
			return refuse(reasonFields, sayRepeated, name, len(values[name]))
		}
		if !utf8.ValidString(values.Get(name)) {
			return refuse(reasonFields, sayNotUTF8, name)
		}
	}
	required := []Field{{"service", f.Service}, {"usercode", f.UserCode}, {"time", f.Time}, {"token", f.Token}}
	if call == signing.CallLink {
		required = append(required, Field{"email", f.Email})
	}
	for _, field := range required {
		if signing.Blank(field.Value) {
			return refuse(reasonFields, sayRequired, field.Name)
		}
	}
	for _, name := range signing.FieldNames {
		limit, n := signing.Limits[name], signing.Length(values.Get(name))
		if limit > 0 && n > limit {
			return refuse(reasonFields, sayTooLong, name, n, limit)
		}
	}
	return nil
}

func checkTime(text string, now time.Time) *refusal {
	milliseconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return refuse(reasonFields, sayTimeNoNumber, clip(text))
	}
	if skew := now.Sub(time.UnixMilli(milliseconds)); skew.Abs() > signing.Validity {
		return refuse(reasonTime, sayTimeOff, skew.Abs().Round(time.Second), signing.Validity)
	}
	return nil
}

// returnTo checks where a form login leads. Only the help center and the customer's site are
// allowed, so that nobody can make a login lead to another site.
func returnTo(returnURL string, r *http.Request, settings Settings) (string, *refusal) {
	target := originOf(returnURL)
	if target == "" || target != originOf(origin(r)) && target != originOf(settings.LoginURL) {
		return "", refuse(reasonReturnURL, sayReturnURLElsewhere)
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
