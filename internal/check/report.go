package check

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// A Report has the results of a run, in the order of its cases.
type Report struct {
	Results []Result `json:"results"`
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

// WriteText writes a line for each case, three more for each that is not met, and a summary.
func (r Report) WriteText(w io.Writer) error {
	var text strings.Builder
	for _, result := range r.Results {
		fmt.Fprintf(&text, "%-4s  %-34s  %s\n", result.Outcome, result.ID, cmp.Or(result.Reason, result.Requirement))
		if result.Outcome == Fail || result.Outcome == Warn {
			fmt.Fprintf(&text, "        want  %s\n        got   %s\n        hint  %s\n", result.Want, result.Got, result.Hint)
		}
	}
	_, err := fmt.Fprintf(w, "%s\n%d ok, %d failed, %d warnings, %d skipped\n", &text, r.Count(OK), r.Count(Fail), r.Count(Warn), r.Count(Skip))
	return err
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
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}
