package check

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Report has the results of a run, in the order of its cases.
type Report struct {
	Results []Result `json:"results"`

	reader      Reader
	memberGiven bool
}

// Count returns how many results have this outcome.
func (r Report) Count(outcome Outcome) int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Passed reports whether no result is a Fail. Warnings and skipped cases don't count.
func (r Report) Passed() bool { return r.Count(Fail) == 0 }

// Unchecked says what kept the run from checking what it was started for, or "" if nothing did: all
// cases were skipped, or a member was given and no case that needs one could run.
func (r Report) Unchecked() string {
	ran := func(result Result) bool { return result.Outcome != Skip }
	needs := func(result Result) bool { return result.needsMember }
	switch {
	case !slices.ContainsFunc(r.Results, ran):
		return textNothingRan.In(r.reader.Lang)
	case r.memberGiven && slices.ContainsFunc(r.Results, needs) &&
		!slices.ContainsFunc(r.Results, func(result Result) bool { return needs(result) && ran(result) }):
		return textNoMemberRan.In(r.reader.Lang)
	}
	return ""
}

// WriteText writes a line for each case, three more for each that is not met, and a summary that
// begins with what was not checked.
func (r Report) WriteText(w io.Writer) error {
	var text strings.Builder
	for _, result := range r.Results {
		fmt.Fprintf(&text, "%-4s  %-34s  %s\n", result.Outcome, result.ID, cmp.Or(result.Reason, result.Requirement))
		if result.Outcome == Fail || result.Outcome == Warn {
			text.WriteString(r.detail(result, "        "))
		}
	}
	text.WriteString("\n")
	for _, reason := range r.reasons() {
		text.WriteString(reason + "\n")
	}
	if r.Count(Fail)+r.Count(Warn) > 0 {
		text.WriteString(textExplain.In(r.reader.Lang) + "\n")
	}
	fmt.Fprintln(&text, textCounts.with(r.Count(OK), r.Count(Fail), r.Count(Warn), r.Count(Skip)).In(r.reader.Lang))
	_, err := io.WriteString(w, text.String())
	return err
}

// detail has three lines for a case that is not met.
func (r Report) detail(result Result, indent string) string {
	lines := textDetail.with(result.Want, result.Got, result.Hint).In(r.reader.Lang)
	return indent + strings.ReplaceAll(lines, "\n", "\n"+indent) + "\n"
}

// reasons returns a line for each reason for which cases were skipped.
func (r Report) reasons() []string {
	var order []string
	ids := map[string][]string{}
	for _, result := range r.Results {
		if result.Outcome != Skip {
			continue
		}
		if ids[result.Reason] == nil {
			order = append(order, result.Reason)
		}
		ids[result.Reason] = append(ids[result.Reason], result.ID)
	}
	var lines []string
	for _, reason := range order {
		const shown = 4
		names := ids[reason]
		if more := len(names) - shown; more > 1 {
			names = append(slices.Clone(names[:shown]), textMore.with(more).In(r.reader.Lang))
		}
		lines = append(lines, textNotChecked.with(strings.Join(names, ", "), reason).In(r.reader.Lang))
	}
	return lines
}

// WriteJSON writes one object with the results and the number of each outcome.
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
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
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
// passed, with an output.
func (r Report) WriteJUnit(w io.Writer) error {
	suite := junitSuite{Name: "ocdev check", Tests: len(r.Results), Failures: r.Count(Fail), Skipped: r.Count(Skip)}
	for _, result := range r.Results {
		c := junitCase{Name: result.ID, Class: "ocsso." + string(result.Level)}
		detail := r.detail(result, "")
		switch result.Outcome {
		case Fail:
			c.Failure = &junitMessage{result.Requirement, detail}
		case Warn:
			c.Output = "warning: " + result.Requirement + "\n" + detail
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
