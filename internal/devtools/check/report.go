package check

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"io"
	"maps"
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

func (t Target) described() map[string]string {
	list := map[string]string{
		"help-center": t.HelpCenter, "service": t.Service, "usercode": t.UserCode, "login-url": t.LoginURL, "login-status-url": t.LoginStatusURL,
		"token-verify-url": t.TokenVerifyURL, "link-url": t.LinkURL, "logout-url": t.LogoutURL, "frame-url": t.FrameURL,
	}
	maps.DeleteFunc(list, func(_, value string) bool { return value == "" })
	return list
}

func (r Report) where(kind func(Result) bool) []Result {
	return slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool { return !kind(result) })
}

func (r Report) with(outcome Outcome) []Result {
	return r.where(func(result Result) bool { return result.Outcome == outcome })
}

// Count returns how many results have this outcome.
func (r Report) Count(outcome Outcome) int { return len(r.with(outcome)) }

// Passed reports whether no result is a Fail. Warnings and skipped cases don't count.
func (r Report) Passed() bool { return r.Count(Fail) == 0 }

// Unchecked says what kept the run from checking what it was started for, or "" if nothing did. A
// login or a handoff that was to be checked and was not is never right, unless no browser was
// wanted.
func (r Report) Unchecked(withoutBrowser bool) string {
	// skipped reports whether there are results of a kind, and none of them ran.
	skipped := func(kind func(Result) bool) bool {
		list := r.where(kind)
		return len(list) > 0 && !slices.ContainsFunc(list, func(result Result) bool { return result.Outcome != Skip })
	}
	ofMember := func(result Result) bool {
		return slices.Contains(result.needs, needMember) || slices.Contains(result.needs, needPassword)
	}
	handoff := func(result Result) bool {
		return strings.HasPrefix(result.ID, "handoff/") || result.ID == "link/token" || result.ID == "link/given"
	}
	login := func(result Result) bool { return result.ID == "login/works" || handoff(result) }
	switch {
	case r.Count(Skip) == len(r.Results):
		return Text{"nothing was checked: every case was skipped", "아무것도 검사하지 않았습니다: 모든 항목을 건너뛰었습니다"}.In(r.lang)
	case withoutBrowser:
		return ""
	case r.hasMember && skipped(ofMember):
		return Text{"a member was given, and no case that needs one could run", "회원을 지정했지만 회원이 필요한 항목을 하나도 검사하지 못했습니다"}.In(r.lang)
	case skipped(handoff), skipped(login):
		return Text{"the login and the handoff were not checked", "로그인과 핸드오프를 검사하지 못했습니다"}.In(r.lang)
	}
	return ""
}

// A row is one thing that a report says about a case that is not met.
type row struct {
	Label string
	Lines []string
}

func (r Report) rows(result Result) []row {
	list := []row{
		{Text{"want", "기대"}.In(r.lang), []string{result.Want}}, {Text{"got", "실제"}.In(r.lang), []string{result.Got}},
		{Text{"hint", "해결"}.In(r.lang), []string{result.Hint}}, {Text{"seen", "관찰"}.In(r.lang), result.Evidence},
	}
	return slices.DeleteFunc(list, func(each row) bool { return strings.Join(each.Lines, "") == "" })
}

// detail has lines for a case that is not met.
func (r Report) detail(result Result) string {
	var text strings.Builder
	for _, each := range r.rows(result) {
		for at, line := range each.Lines {
			if at > 0 {
				each.Label = strings.Repeat(" ", len([]rune(each.Label)))
			}
			fmt.Fprintf(&text, "%-4s  %s\n", each.Label, line)
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
	var text strings.Builder
	line := func(label Outcome, id, says string) {
		word := fmt.Sprintf("%-4s", label)
		if code := map[Outcome]string{OK: "32", Fail: "31", Warn: "33"}[label]; colors && code != "" {
			word = "\x1b[" + code + "m" + word + "\x1b[0m"
		}
		fmt.Fprintf(&text, "%s  %-34s  %s\n", word, id, says)
	}
	for _, result := range slices.Concat(r.with(Fail), r.with(Warn)) {
		line(result.Outcome, result.ID, result.Requirement)
		text.WriteString("        " + strings.ReplaceAll(strings.TrimSpace(r.detail(result)), "\n", "\n        ") + "\n\n")
	}
	for _, result := range r.with(OK) {
		if result.Note != "" {
			line("note", result.ID, result.Note)
		}
	}
	if len(r.Results) <= few {
		for _, result := range r.where(func(result Result) bool { return result.Outcome == OK || result.Outcome == Skip }) {
			line(result.Outcome, result.ID, cmp.Or(result.Reason, result.Requirement))
		}
	} else {
		for rest := r.Results; len(rest) > 0; {
			group, _, _ := strings.Cut(rest[0].ID, "/")
			end := slices.IndexFunc(append(slices.Clip(rest), Result{}), func(result Result) bool { return !strings.HasPrefix(result.ID, group+"/") })
			line(worst(rest[:end]), group+"/", r.counts(rest[:end]))
			rest = rest[end:]
		}
	}
	text.WriteString("\n" + r.unrun())
	if r.Count(Fail)+r.Count(Warn) > 0 {
		text.WriteString(Text{"`ocdev check --explain ID` says what the contract asks for in a case", "`ocdev check --explain ID`는 항목이 요구하는 내용을 설명합니다"}.In(r.lang) + "\n")
	}
	fmt.Fprintf(&text, "%s (%.1f s)\n", r.counts(r.Results), r.Seconds)
	for _, result := range r.with(Fail) {
		line(Fail, result.ID, cmp.Or(result.Hint, result.Got))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func worst(results []Result) Outcome {
	order := []Outcome{Skip, OK, Warn, Fail}
	return slices.MaxFunc(results, func(a, b Result) int { return slices.Index(order, a.Outcome) - slices.Index(order, b.Outcome) }).Outcome
}

func (r Report) counts(results []Result) string {
	n := map[Outcome]int{}
	for _, result := range results {
		n[result.Outcome]++
	}
	return Text{"%d ok, %d failed, %d warnings, %d skipped", "통과 %d, 실패 %d, 경고 %d, 건너뜀 %d"}.with(n[OK], n[Fail], n[Warn], n[Skip]).In(r.lang)
}

// unrun has a line for each reason for which cases were skipped.
func (r Report) unrun() (lines string) {
	const shown = 4
	var told []string
	for _, first := range r.with(Skip) {
		if slices.Contains(told, first.Reason) {
			continue
		}
		told = append(told, first.Reason)
		var ids []string
		for _, result := range r.where(func(result Result) bool { return result.Outcome == Skip && result.Reason == first.Reason }) {
			ids = append(ids, result.ID)
		}
		if more := len(ids) - shown; more > 1 {
			ids = append(ids[:shown], Text{"%d more", "외 %d개"}.with(more).In(r.lang))
		}
		lines += Text{"not checked: %s: %s\n", "검사하지 않음: %s: %s\n"}.with(strings.Join(ids, ", "), first.Reason).In(r.lang)
	}
	return lines
}

// WriteJSON writes one object with the report and the number of each outcome.
func (r Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Report
		Summary map[Outcome]int `json:"summary"`
	}{r, map[Outcome]int{OK: r.Count(OK), Fail: r.Count(Fail), Warn: r.Count(Warn), Skip: r.Count(Skip)}})
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
	t, err := template.New("report").Funcs(template.FuncMap{"rows": r.rows, "of": r.with}).Parse(reportPage)
	if err != nil {
		return err
	}
	return t.Execute(w, struct {
		Report
		Lang   Lang
		Counts string
		Groups []Outcome
	}{r, cmp.Or(r.lang, EN), r.counts(r.Results), []Outcome{Fail, Warn, Skip, OK}})
}
