package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ocsso/internal/devtools/signing"
)

// loginVisit is a page with the calls that it led to: status, login URL, handoff, status.
type loginVisit struct {
	Title   string
	Outcome Outcome // the worst of its events
	Time    time.Time
	Took    time.Duration
	Events  []Event // the oldest first
}

// visitsOf groups events, which come newest first, into visits, the newest first.
func visitsOf(l lang, events []Event) (visits []loginVisit) {
	for i, e := range events {
		if i == 0 || events[i-1].Visit != e.Visit {
			visits = append(visits, loginVisit{})
		}
		visit := &visits[len(visits)-1]
		visit.Events = append(visit.Events, e)
	}
	for i := range visits {
		visit := &visits[i]
		slices.Reverse(visit.Events)
		first, last := visit.Events[0], visit.Events[len(visit.Events)-1]
		worst := slices.MaxFunc(visit.Events, func(a, b Event) int { return cmp.Compare(a.Outcome.severity(), b.Outcome.severity()) })
		visit.Time, visit.Took, visit.Outcome = first.Time, last.Time.Sub(first.Time), worst.Outcome
		visit.Title = l.of(kindNames[first.Kind])
		if worst.Outcome == OutcomeRefused {
			visit.Title += " — " + l.say("failed", "실패")
		} else if worst.Outcome == OutcomeWarning {
			visit.Title += " — " + l.say("warning", "경고")
		}
	}
	return visits
}

func (o Outcome) severity() int {
	return slices.Index([]Outcome{OutcomeOK, OutcomeFault, OutcomeWarning, OutcomeRefused}, o)
}

// Good reports whether the visit is shown as one line.
func (visit loginVisit) Good() bool { return visit.Outcome == OutcomeOK }

// matches reports whether an event of the visit has the text and the outcome.
func (visit loginVisit) matches(text string, only Outcome) bool {
	return slices.ContainsFunc(visit.Events, func(e Event) bool {
		return (only == "" || e.Outcome == only) && strings.Contains(strings.ToLower(e.plain()), strings.ToLower(text))
	})
}

// result says in one line how a call ended.
func (e Event) result(l lang) string {
	if title, _ := e.verdict(l); title != "" {
		return title
	}
	return notesIn(l, e.notes)
}

// code is the answer's code and, of a call to the customer, how long it took.
func (e Event) code() (text string) {
	if e.Status != 0 {
		text = fmt.Sprint(e.Status)
	}
	if e.Kind == KindStatus || e.Kind == KindVerify {
		text += fmt.Sprintf(" · %d ms", e.Milliseconds)
	}
	return strings.TrimPrefix(text, " · ")
}

// verdict says what is wrong with a call and what to change; "" for a call that is right. A missing
// field comes before the time, and the time before the signature.
func (e Event) verdict(l lang) (title, mend string) {
	if e.Outcome == OutcomeOK || len(e.notes) == 0 {
		return "", ""
	}
	why := e.notes[0]
	if e.Outcome == OutcomeWarning {
		why = e.notes[len(e.notes)-1]
	}
	switch {
	case e.explanation.Right() || e.explanation.Unknown() && why.words != sayToken:
	case why.words == sayToken || why.words == sayRequired || why.words == sayTimeNoNumber || why.words == sayNotUTF8:
		return e.explanation.Verdict(signing.Lang(l)), e.explanation.Hint(signing.Lang(l))
	default:
		return why.in(l), e.explanation.Verdict(signing.Lang(l)) + ": " + e.explanation.Hint(signing.Lang(l))
	}
	switch why.words {
	case sayFalseAtOnce:
		return l.say(`"false" right after the login`, "로그인 직후 \"false\""), why.in(l)
	case sayNoHandoff:
		return l.say("no handoff came", "원격 로그인이 오지 않음"), why.in(l)
	case sayNoStatusAnswer: // the stand-in has asked again
		return l.say("the browser got no answer that it may read", "브라우저가 읽을 수 있는 응답이 없음"), notesIn(l, e.notes[1:])
	}
	return why.in(l), notesIn(l, slices.DeleteFunc(slices.Clone(e.notes), func(n note) bool { return n.words == why.words }))
}

// difference splits two texts into what is the same at both ends and what differs between.
func difference(a, b string) (before, midA, midB, after string) {
	for len(before) < min(len(a), len(b)) && a[len(before)] == b[len(before)] {
		before = a[:len(before)+1]
	}
	for !utf8.ValidString(before) && before != "" && !utf8.RuneStart(a[len(before)]) {
		before = before[:len(before)-1]
	}
	a, b = a[len(before):], b[len(before):]
	for len(after) < min(len(a), len(b)) && a[len(a)-1-len(after)] == b[len(b)-1-len(after)] {
		after = a[len(a)-1-len(after):]
	}
	for after != "" && !utf8.RuneStart(after[0]) {
		after = after[1:]
	}
	return before, a[:len(a)-len(after)], b[:len(b)-len(after)], after
}

// about says what there is to say about a field: its length, and what is odd about it.
func (e Event) about(l lang, field Field) string {
	var all []string
	if limit := signing.Limits[field.Name]; limit > 0 && e.Kind.handoff() {
		all = append(all, fmt.Sprintf("%d/%d", signing.Length(field.Value), limit))
	}
	if sent, err := strconv.ParseInt(field.Value, 10, 64); field.Name == "time" && err == nil {
		if apart := e.Time.Sub(time.UnixMilli(sent)).Seconds(); apart >= 0 {
			all = append(all, fmt.Sprintf(l.say("%.1f s before", "%.1f초 전"), apart))
		} else {
			all = append(all, fmt.Sprintf(l.say("%.1f s ahead", "%.1f초 앞섬"), -apart))
		}
	}
	for _, remark := range e.explanation.Remarks {
		if remark.Field == field.Name {
			all = append(all, strings.TrimPrefix(remark.In(signing.Lang(l)), field.Name+": "))
		}
	}
	return strings.Join(all, " · ")
}

// curl is the call as a command. Secrets are masked as in the event.
func (e Event) curl(origin string) string {
	target := e.Path
	if !e.Kind.toCustomer() {
		target = origin + e.Path
	}
	var b strings.Builder
	if e.Method == http.MethodPost {
		fmt.Fprintf(&b, "curl -i %s", shellQuoted(target))
		for _, field := range e.Fields {
			fmt.Fprintf(&b, " \\\n  --data-urlencode %s", shellQuoted(field.Name+"="+field.Value))
		}
		return b.String()
	}
	fmt.Fprintf(&b, "curl -i -G %s", shellQuoted(target))
	if e.Kind.toCustomer() {
		fmt.Fprintf(&b, " -H %s", shellQuoted("Origin: "+origin))
	}
	for _, field := range e.Fields {
		fmt.Fprintf(&b, " \\\n  --data-urlencode %s", shellQuoted(field.Name+"="+field.Value))
	}
	return b.String()
}

// explain is the command that explains the token of a handoff; "" for a call without one.
func (e Event) explain() string {
	if e.Received == "" {
		return ""
	}
	command := "ocdev token explain --handoff " + string(e.Kind)
	for _, field := range e.Fields {
		if slices.Contains(signing.FieldNames, field.Name) {
			command += " \\\n  --" + strings.Replace(field.Name, "returnUrl", "return-url", 1) + " " + shellQuoted(field.Value)
		}
	}
	return command
}

func shellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// plain is the event as a report to copy. It is in English in every language, like the console's
// API, so that it can be found in code and manuals.
func (e Event) plain() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name, value)
		}
	}
	fmt.Fprintf(&b, "#%d %s\n", e.ID, e.Time.Format(time.RFC3339Nano))
	line("kind", string(e.Kind))
	line("call", e.Method+" "+e.Path)
	line("outcome", string(e.Outcome))
	line("answer", e.code())
	line("detail", e.Detail)
	line("cause", e.Cause)
	line("hint", e.explanation.Hint(signing.English))
	line("message", e.Message)
	line("signed", e.explanation.Signed)
	line("expected", e.Expected)
	line("received", e.Received)
	for _, field := range e.Fields {
		line("field", field.Name+"="+field.Value)
	}
	for _, field := range e.Headers {
		line("header", field.Name+": "+field.Value)
	}
	line("body", e.Body)
	return b.String()
}
