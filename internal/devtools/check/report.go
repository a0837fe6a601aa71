package check

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"
)

// A Report has the results of a run, in the order of its cases.
type Report struct {
	Version string            `json:"version,omitempty"` // of the checker; the caller sets it
	Started time.Time         `json:"started"`
	Seconds float64           `json:"seconds"`
	Target  map[string]string `json:"target"` // what was checked, without secrets
	Steps   []Step            `json:"steps,omitempty"`
	Results []Result          `json:"results"`

	lang      Lang
	hasMember bool
}

// described is the target for a report.
func (t Target) described() map[string]string {
	list := map[string]string{
		"help-center": t.HelpCenter, "service": t.Service, "usercode": t.UserCode, "login-url": t.LoginURL, "login-status-url": t.LoginStatusURL,
		"token-verify-url": t.TokenVerifyURL, "link-url": t.LinkURL, "logout-url": t.LogoutURL, "frame-url": t.FrameURL,
	}
	for name, value := range list {
		if value == "" {
			delete(list, name)
		}
	}
	return list
}

// with returns the results of an outcome.
func (r Report) with(outcome Outcome) []Result {
	return slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool { return result.Outcome != outcome })
}

// Count returns how many results have this outcome.
func (r Report) Count(outcome Outcome) int { return len(r.with(outcome)) }

// Passed reports whether no result is a Fail. Warnings and skipped cases don't count.
func (r Report) Passed() bool { return r.Count(Fail) == 0 }

// Unchecked says what kept the run from checking what it was started for, or "" if nothing did. A
// login or a handoff that was to be checked and was not is never right, unless no browser was
// wanted.
func (r Report) Unchecked(withoutBrowser bool) string {
	// some reports whether there are results of a kind, and whether one of them ran.
	some := func(kind func(Result) bool) (there, ran bool) {
		there = slices.ContainsFunc(r.Results, kind)
		return there, slices.ContainsFunc(r.Results, func(result Result) bool { return kind(result) && result.Outcome != Skip })
	}
	_, anyRan := some(func(Result) bool { return true })
	ofMember, memberRan := some(func(result Result) bool {
		return slices.Contains(result.needs, needMember) || slices.Contains(result.needs, needPassword)
	})
	handoffs, handoffRan := some(func(result Result) bool {
		return strings.HasPrefix(result.ID, "handoff/") || result.ID == "link/token" || result.ID == "link/given"
	})
	logins, loginRan := some(func(result Result) bool { return result.ID == "login/works" })
	switch {
	case withoutBrowser && anyRan:
		return ""
	case !anyRan:
		return Text{"nothing was checked: every case was skipped", "아무것도 검사하지 않았습니다: 모든 항목을 건너뛰었습니다"}.In(r.lang)
	case r.hasMember && ofMember && !memberRan:
		return Text{"a member was given, and no case that needs one could run", "회원을 지정했지만 회원이 필요한 항목을 하나도 검사하지 못했습니다"}.In(r.lang)
	case handoffs && !handoffRan, logins && !loginRan && !handoffRan:
		return Text{"the login and the handoff were not checked", "로그인과 핸드오프를 검사하지 못했습니다"}.In(r.lang)
	}
	return ""
}

// The labels of a case that is not met.
var labels = [...]Text{{"want", "기대"}, {"got", "실제"}, {"hint", "해결"}, {"seen", "관찰"}}

// detail has lines for a case that is not met.
func (r Report) detail(result Result) string {
	var text strings.Builder
	for i, lines := range [][]string{{result.Want}, {result.Got}, {result.Hint}, result.Evidence} {
		for at, line := range lines {
			label := labels[i].In(r.lang)
			if at > 0 {
				label = strings.Repeat(" ", len([]rune(label)))
			}
			if line != "" {
				fmt.Fprintf(&text, "%-4s  %s\n", label, line)
			}
		}
	}
	return text.String()
}

// few is how many cases are listed one by one.
const few = 12

// WriteText writes the failures, the warnings, a line for each group (or for each case, where they
// are few), and what was not checked. It ends with the numbers, and the failures again. Colors are
// ANSI's.
func (r Report) WriteText(w io.Writer, colors bool) error {
	color := func(outcome Outcome, text string) string {
		code, ok := map[Outcome]string{OK: "32", Fail: "31", Warn: "33"}[outcome]
		if !colors || !ok {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	var text strings.Builder
	line := func(outcome Outcome, label, id, says string) {
		fmt.Fprintf(&text, "%s  %-34s  %s\n", color(outcome, fmt.Sprintf("%-4s", label)), id, says)
	}
	for _, outcome := range []Outcome{Fail, Warn} {
		for _, result := range r.with(outcome) {
			line(outcome, string(outcome), result.ID, result.Requirement)
			text.WriteString("        " + strings.ReplaceAll(strings.TrimSpace(r.detail(result)), "\n", "\n        ") + "\n\n")
		}
	}
	for _, result := range r.with(OK) {
		if result.Note != "" {
			line("", "note", result.ID, result.Note)
		}
	}
	if len(r.Results) <= few {
		for _, result := range slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool { return result.Outcome == Fail || result.Outcome == Warn }) {
			line(result.Outcome, string(result.Outcome), result.ID, cmp.Or(result.Reason, result.Requirement))
		}
	} else {
		for _, group := range r.groups() {
			line(group.worst, string(group.worst), group.name+"/", r.counts(group.results))
		}
	}
	text.WriteString("\n")
	for _, reason := range r.reasons() {
		text.WriteString(reason + "\n")
	}
	if r.Count(Fail)+r.Count(Warn) > 0 {
		text.WriteString(Text{"`ocdev check --explain ID` says what the contract asks for in a case", "`ocdev check --explain ID`는 항목이 요구하는 내용을 설명합니다"}.In(r.lang) + "\n")
	}
	fmt.Fprintf(&text, "%s (%.1f s)\n", r.counts(r.Results), r.Seconds)
	for _, result := range r.with(Fail) {
		line(Fail, string(Fail), result.ID, cmp.Or(result.Hint, result.Got))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// counts says how many results have each outcome.
func (r Report) counts(results []Result) string {
	n := map[Outcome]int{}
	for _, result := range results {
		n[result.Outcome]++
	}
	return Text{"%d ok, %d failed, %d warnings, %d skipped", "통과 %d, 실패 %d, 경고 %d, 건너뜀 %d"}.with(n[OK], n[Fail], n[Warn], n[Skip]).In(r.lang)
}

// A group has the results whose ids begin alike.
type group struct {
	name    string
	worst   Outcome
	results []Result
}

func (r Report) groups() (list []group) {
	order := []Outcome{Skip, OK, Warn, Fail}
	for _, result := range r.Results {
		name, _, _ := strings.Cut(result.ID, "/")
		if len(list) == 0 || list[len(list)-1].name != name {
			list = append(list, group{name: name, worst: Skip})
		}
		last := &list[len(list)-1]
		last.results = append(last.results, result)
		if slices.Index(order, result.Outcome) > slices.Index(order, last.worst) {
			last.worst = result.Outcome
		}
	}
	return list
}

// reasons returns a line for each reason for which cases were skipped.
func (r Report) reasons() (lines []string) {
	var order []string
	ids := map[string][]string{}
	for _, result := range r.with(Skip) {
		if ids[result.Reason] == nil {
			order = append(order, result.Reason)
		}
		ids[result.Reason] = append(ids[result.Reason], result.ID)
	}
	const shown = 4
	for _, reason := range order {
		names := ids[reason]
		if more := len(names) - shown; more > 1 {
			names = append(slices.Clone(names[:shown]), Text{"%d more", "외 %d개"}.with(more).In(r.lang))
		}
		lines = append(lines, Text{"not checked: %s: %s", "검사하지 않음: %s: %s"}.with(strings.Join(names, ", "), reason).In(r.lang))
	}
	return lines
}

// WriteJSON writes one object with the report and the number of each outcome.
func (r Report) WriteJSON(w io.Writer) error {
	summary := map[Outcome]int{}
	for _, outcome := range []Outcome{OK, Fail, Warn, Skip} {
		summary[outcome] = r.Count(outcome)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Report
		Summary map[Outcome]int `json:"summary"`
	}{r, summary})
}

// The elements of JUnit's XML.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Started  string      `xml:"timestamp,attr"`
		Cases    []junitCase `xml:"testcase"`
		Output   string      `xml:"system-out,omitempty"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes a test suite in JUnit's XML. JUnit has no warnings: a warning is a test that
// passed, with an output, and is told in the suite's output once more.
func (r Report) WriteJUnit(w io.Writer) error {
	suite := junitSuite{Name: "ocdev check", Tests: len(r.Results), Failures: r.Count(Fail), Skipped: r.Count(Skip),
		Time: fmt.Sprintf("%.3f", r.Seconds), Started: r.Started.Format(time.RFC3339)}
	for _, result := range r.Results {
		class, name, _ := strings.Cut(result.ID, "/")
		c := junitCase{Name: name, Class: class, Time: fmt.Sprintf("%.3f", result.Seconds)}
		switch result.Outcome {
		case Fail:
			c.Failure = &junitMessage{result.Requirement, r.detail(result)}
		case Warn:
			c.Output = "warning: " + result.Requirement + "\n" + r.detail(result)
			suite.Output += result.ID + ": " + c.Output
		case Skip:
			c.Skipped = &junitMessage{Message: result.Reason}
		}
		suite.Cases = append(suite.Cases, c)
	}
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

//go:embed report.html
var reportPage string

// WriteHTML writes one page that needs no other file.
func (r Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Parse(reportPage)
	if err != nil {
		return err
	}
	type section struct {
		Title   string
		Results []Result
	}
	return t.Execute(w, struct {
		Report
		Lang   Lang
		Counts string
		Groups []section
		Labels [4]string
	}{r, cmp.Or(r.lang, EN), r.counts(r.Results), []section{{string(Fail), r.with(Fail)}, {string(Warn), r.with(Warn)}, {string(Skip), r.with(Skip)}, {string(OK), r.with(OK)}},
		[4]string{labels[0].In(r.lang), labels[1].In(r.lang), labels[2].In(r.lang), labels[3].In(r.lang)}})
}
