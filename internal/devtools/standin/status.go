package standin

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"ocsso/internal/devtools/signing"
)

// statusCall is the login status call that the script makes. The zero value means no call.
type statusCall struct {
	URL     string
	Headers string // a JSON object
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
	headers := map[string]string{}
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
			headers[p.Name] = headerValue(value)
		} else {
			call.URL = withQuery(call.URL, p.Name, value)
		}
	}
	encoded, err := json.Marshal(headers)
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
	page, ok := pageOf(u)
	settings := s.settings()
	if !ok || !settings.asksStatus() {
		writeJSON(w, http.StatusOK, statusOrder{}) // the settings changed while the page was open
		return
	}
	member := s.memberOf(r)
	answer := report.answer()
	s.recordStatus(settings, member, answer)

	clean, _ := withoutHandoff(u)
	same := answer.login && member != nil && member.fields.UserCode == answer.userCode
	if same {
		s.confirmSession(member.id)
	}
	if member != nil && !same {
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
	if order.Location != "" && order.Location != clean {
		s.openLogin()
	}
	writeJSON(w, http.StatusOK, order)
}

func (report statusReport) answer() loginAnswer {
	switch {
	case report.Error != "":
		return unusable(sayNoStatusAnswer, clip(report.Error))
	case report.Status != http.StatusOK:
		return unusable(sayAnswered, report.Status)
	}
	return readLoginAnswer([]byte(report.Body))
}

func (s *Simulator) recordStatus(settings Settings, member *session, answer loginAnswer) {
	event := Event{
		Kind: KindStatus, Method: http.MethodGet, Path: settings.LoginStatusURL, Outcome: OutcomeOK,
		Fields: statusCallFor(settings, member).fields,
	}
	switch {
	case answer.unusable:
		event = event.refused(answer.notes...)
	case answer.login:
		event = event.with(noted(sayLoginTrue, answer.userCode)).warned(answer.notes...)
	default:
		event = event.with(noted(sayLoginFalse)).warned(answer.notes...)
		if member != nil && !member.confirmed {
			event = event.warned(noted(sayFalseAtOnce))
		}
	}
	s.record(event)
}
