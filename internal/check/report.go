package check

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
)

// A Report is what a run found, in the order of its cases.
type Report struct {
	Results []Result `json:"results"`
}

// Count is how many results have the outcome.
func (r Report) Count(outcome Outcome) int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// Passed reports whether no must has failed.
func (r Report) Passed() bool { return r.Count(Fail) == 0 }

// WriteText writes a line for each case, what to do about those that are not met, and a summary.
func (r Report) WriteText(w io.Writer) error {
	for _, result := range r.Results {
		line := fmt.Sprintf("%-4s  %-34s  %s\n", result.Outcome, result.ID, result.Requirement)
		switch result.Outcome {
		case Skip:
			line = fmt.Sprintf("%-4s  %-34s  %s\n", result.Outcome, result.ID, result.Reason)
		case Fail, Warn:
			line += fmt.Sprintf("        want  %s\n        got   %s\n        hint  %s\n", result.Want, result.Got, result.Hint)
		}
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%d ok, %d failed, %d warnings, %d skipped\n", r.Count(OK), r.Count(Fail), r.Count(Warn), r.Count(Skip))
	return err
}

// WriteJSON writes one object: the results, and how many there are of each outcome.
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

// The elements of JUnit's XML that CI systems read.
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

// WriteJUnit writes a test suite. A warning is a test that passed and has an output, for JUnit knows none.
func (r Report) WriteJUnit(w io.Writer) error {
	suite := junitSuite{Name: "ocsso check", Tests: len(r.Results), Failures: r.Count(Fail), Skipped: r.Count(Skip)}
	for _, result := range r.Results {
		c := junitCase{Name: result.ID, Class: "ocsso." + string(result.Level)}
		detail := fmt.Sprintf("want  %s\ngot   %s\nhint  %s\n", result.Want, result.Got, result.Hint)
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
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(suite); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
