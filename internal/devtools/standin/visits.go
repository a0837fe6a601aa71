package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

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
		visit.Title = kindNames[first.Kind].In(l)
		if worst.Outcome == OutcomeRefused {
			visit.Title += " — " + words{"failed", "실패"}.In(l)
		} else if worst.Outcome == OutcomeWarning {
			visit.Title += " — " + words{"warning", "경고"}.In(l)
		}
	}
	return visits
}

func (o Outcome) severity() int {
	return slices.Index([]Outcome{OutcomeOK, OutcomeFault, OutcomeWarning, OutcomeRefused}, o)
}

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
	return joined(l, e.notes)
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
	switch x := e.explanation; {
	case e.title == words{}:
		return "", ""
	case e.badToken:
		return x.Verdict(l), x.Hint(l)
	case x.Right() || x.Unknown():
		return e.title.In(l), joined(l, e.mend)
	default:
		return e.title.In(l), x.Verdict(l) + ": " + x.Hint(l)
	}
}

// about says what there is to say about a field: its length, and what is odd about it.
func (e Event) about(l lang, field Field) string {
	var all []string
	if limit := signing.Limits[field.Name]; limit > 0 && e.Kind.handoff() {
		all = append(all, fmt.Sprintf("%d/%d", signing.Length(field.Value), limit))
	}
	if sent, err := strconv.ParseInt(field.Value, 10, 64); field.Name == "time" && err == nil {
		if apart := e.Time.Sub(time.UnixMilli(sent)).Seconds(); apart >= 0 {
			all = append(all, say("%.1f s before", "%.1f초 전", apart).In(l))
		} else {
			all = append(all, say("%.1f s ahead", "%.1f초 앞섬", -apart).In(l))
		}
	}
	for _, remark := range e.explanation.Remarks {
		if remark.Field == field.Name {
			all = append(all, strings.TrimPrefix(remark.In(l), field.Name+": "))
		}
	}
	return strings.Join(all, " · ")
}

// curl is the call as a command. Secrets are masked as in the event.
func (e Event) curl(origin string) string {
	command := "curl -i "
	if e.Method != http.MethodPost {
		command += "-G "
	}
	if e.Kind.toCustomer() {
		command += shellQuoted(e.Path) + " -H " + shellQuoted("Origin: "+origin)
	} else {
		command += shellQuoted(origin + e.Path)
	}
	for _, field := range e.Fields {
		command += " \\\n  --data-urlencode " + shellQuoted(field.Name+"="+field.Value)
	}
	return command
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
	lines := []Field{
		{"kind", string(e.Kind)}, {"call", e.Method + " " + e.Path}, {"outcome", string(e.Outcome)}, {"answer", e.code()}, {"detail", e.Detail},
		{"cause", e.Cause}, {"hint", e.explanation.Hint(langEN)}, {"message", e.Message}, {"signed", e.explanation.Signed},
		{"expected", e.Expected}, {"received", e.Received},
	}
	for _, field := range e.Fields {
		lines = append(lines, Field{"field", field.Name + "=" + field.Value})
	}
	for _, field := range e.Headers {
		lines = append(lines, Field{"header", field.Name + ": " + field.Value})
	}
	text := fmt.Sprintf("#%d %s\n", e.ID, e.Time.Format(time.RFC3339Nano))
	for _, line := range append(lines, Field{"body", e.Body}) {
		if line.Value != "" {
			text += fmt.Sprintf("%-9s %s\n", line.Name, line.Value)
		}
	}
	return text
}
