package standin

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// Event is one call that the help center received or made.
type Event struct {
	ID      int       `json:"id"` // counts from 1 since the last reset
	Time    time.Time `json:"time"`
	Kind    Kind      `json:"kind"`
	Visit   int       `json:"visit"` // calls of one visit have the same number
	Method  string    `json:"method"`
	Path    string    `json:"path"`   // of a call to the customer: the URL without its query
	Fields  []Field   `json:"fields"` // in the contract's order, then the others by name
	Outcome Outcome   `json:"outcome"`
	Detail  string    `json:"detail,omitempty"` // the notes in English
	// From the verdict on the token; empty if there was no token to verify.
	Message  string `json:"message,omitempty"`
	Expected string `json:"expected,omitempty"`
	Received string `json:"received,omitempty"`
	Cause    string `json:"cause,omitempty"` // the verdict of the explanation, in English
	// Headers are those of a request to the help center that matter. Cookies are not shown.
	Headers []Field `json:"headers,omitempty"`
	// Status is the code of the answer, Body the customer's answer, and Milliseconds how long a
	// call to the customer took.
	Status       int    `json:"status,omitempty"`
	Milliseconds int    `json:"milliseconds,omitempty"`
	Body         string `json:"body,omitempty"`

	notes []words
	// title is the note that says what is wrong, and mend what to change or what it was.
	title words
	mend  []words
	// badToken means that the token is all that is wrong, so that the explanation says it.
	badToken    bool
	explanation signing.Explanation
}

// Kind is what a call is about.
type Kind string

// The kinds of calls. The first five are also the endpoints that can have a fault.
const (
	KindForm        Kind = "form"         // remote login from the browser
	KindAPI         Kind = "api"          // remote login from the server
	KindHome        Kind = "home"         // a page was shown
	KindInquiry     Kind = "inquiry"      // a page was shown (GET), or an inquiry sent (POST)
	KindHistory     Kind = "history"      // a page was shown
	KindAccessToken Kind = "access_token" // an access token was exchanged for a session
	KindLink        Kind = "link"         // a signed link was opened
	KindVerify      Kind = "verify"       // the token verify URL was called
	KindStatus      Kind = "status"       // the script called the login status URL
	KindLogin       Kind = "login"        // the script opened the login URL
)

// handoff reports whether a call of this kind logs a member in.
func (k Kind) handoff() bool {
	return k == KindForm || k == KindAPI || k == KindAccessToken || k == KindLink
}

// toCustomer reports whether the help center made the call.
func (k Kind) toCustomer() bool { return k == KindStatus || k == KindVerify || k == KindLogin }

var kindNames = map[Kind]words{
	KindForm: {"Remote login (browser)", "원격 로그인 (브라우저)"}, KindAPI: {"Remote login (server)", "원격 로그인 (서버)"},
	KindHome: {"Home", "홈"}, KindInquiry: {"Contact us", "문의하기"}, KindHistory: {"My inquiries", "문의 내역"},
	KindAccessToken: {"Access token", "accessToken 교환"}, KindLink: {"Signed link", "서명된 링크"},
	KindVerify: {"Token verify call", "Token 검증 호출"}, KindStatus: {"Login status", "로그인 상태"}, KindLogin: {"Login URL", "로그인 URL로 이동"},
}

// Outcome is how a call ended.
type Outcome string

// The outcomes.
const (
	OutcomeOK      Outcome = "ok"
	OutcomeWarning Outcome = "warning" // accepted, but against the contract
	OutcomeRefused Outcome = "refused"
	OutcomeFault   Outcome = "fault" // answered by a fault set in the console
)

var outcomeNames = map[Outcome]words{
	OutcomeOK: {"ok", "정상"}, OutcomeWarning: {"warning", "경고"}, OutcomeRefused: {"refused", "거부"}, OutcomeFault: {"fault", "오류 주입"},
}

// newEvent is the event of a request to the help center.
func newEvent(kind Kind, r *http.Request) Event {
	e := Event{Kind: kind, Method: r.Method, Path: r.URL.Path, Outcome: OutcomeOK}
	for _, name := range []string{"Origin", "Referer", "Content-Type", "User-Agent", "Sec-Fetch-Site", "Sec-Fetch-Mode"} {
		if value := r.Header.Get(name); value != "" {
			value, _, _ = strings.Cut(value, "?") // a Referer may have a token in its query
			e.Headers = append(e.Headers, Field{name, clip(value)})
		}
	}
	return e
}

// Field is one named value of a call.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// maxFieldLength bounds what an event keeps of a value, in bytes.
const maxFieldLength = 4096

// listFields lists the values in the contract's order, then those with other names.
func listFields(values url.Values) []Field {
	names := slices.Sorted(maps.Keys(values))
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	fields := []Field{}
	for _, name := range names {
		for _, value := range values[name] {
			fields = append(fields, Field{clip(name), clip(value)})
		}
	}
	return fields
}

func place(name string) int {
	return slices.Index(append(slices.Clone(signing.FieldNames), name), name)
}

func clip(s string) string {
	if len(s) > maxFieldLength {
		s = s[:maxFieldLength] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// with adds notes.
func (e Event) with(notes ...words) Event {
	e.notes = slices.Concat(e.notes, notes)
	e.Detail = joined(langEN, e.notes)
	return e
}

// refused sets the outcome, and says why and what to change.
func (e Event) refused(why words, mend ...words) Event {
	e.Outcome, e.title, e.mend = OutcomeRefused, why, mend
	return e.with(why).with(mend...)
}

// warned adds a warning.
func (e Event) warned(why words, mend ...words) Event {
	if e.Outcome == OutcomeOK {
		e.Outcome = OutcomeWarning
	}
	e.title, e.mend = why, mend
	return e.with(why).with(mend...)
}

// masked hides everything that could log somebody in.
func (e Event) masked() Event {
	e.Expected, e.Received = mask(e.Expected), mask(e.Received)
	e.Fields = slices.Clone(e.Fields)
	for i, field := range e.Fields {
		if strings.Contains(strings.ToLower(field.Name), "token") {
			e.Fields[i].Value = mask(field.Value)
		}
	}
	e.explanation.Remarks = slices.Clone(e.explanation.Remarks)
	for i, remark := range e.explanation.Remarks {
		if remark.Field == "token" {
			e.explanation.Remarks[i].Reading = ""
		}
	}
	return e
}

// mask shows only the first characters of a token, enough to tell two tokens apart.
func mask(token string) string {
	if token == "" {
		return ""
	}
	const shown = 4
	if runes := []rune(token); len(runes) >= 5*shown {
		return string(runes[:shown]) + signing.Mask
	}
	return signing.Mask
}
