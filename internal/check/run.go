package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"ocsso/internal/contract"
)

// Outcome is what became of a case.
type Outcome string

// The outcomes.
const (
	OK   Outcome = "ok"
	Fail Outcome = "FAIL" // a must is not met
	Warn Outcome = "warn" // a should is not met
	Skip Outcome = "skip" // something for it was not given, or an earlier case stands in its way
)

// A Result is what came of one case. No secret is in it, and no text is long.
type Result struct {
	ID          string  `json:"id"`
	Level       Level   `json:"level"`
	Requirement string  `json:"requirement"`
	Outcome     Outcome `json:"outcome"`
	Want        string  `json:"want,omitempty"`   // of Fail and Warn
	Got         string  `json:"got,omitempty"`    // of Fail and Warn
	Hint        string  `json:"hint,omitempty"`   // of Fail and Warn
	Reason      string  `json:"reason,omitempty"` // of Skip
}

// A finding is the error of a case that is not met.
type finding struct{ want, got, hint string }

func (f *finding) Error() string { return "want " + f.want + ", got " + f.got }

// found is a finding for a case to return.
func found(want, got, hint string) error { return &finding{want, got, hint} }

// A skipped is the error of a case that can't tell.
type skipped struct{ reason string }

func (s *skipped) Error() string { return s.reason }

func skip(format string, args ...any) error { return &skipped{fmt.Sprintf(format, args...)} }

// Run checks the target by the cases, one after the other, each request a RoundTrip of transport. It is an error when the target
// makes no sense, when one of its URLs can't be reached at all, or when ctx is done; what else is wrong is in the results.
func Run(ctx context.Context, target Target, cases []Case, transport http.RoundTripper, now func() time.Time) (Report, error) {
	if err := target.validate(); err != nil {
		return Report{}, err
	}
	s := &session{target: target, transport: transport, now: now}
	if err := s.reach(ctx); err != nil {
		return Report{}, err
	}
	var report Report
	for _, c := range cases {
		report.Results = append(report.Results, s.judge(ctx, c))
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

// reach asks each URL once, for any answer.
func (s *session) reach(ctx context.Context) error {
	for _, text := range s.target.urls() {
		if _, err := s.visitor().get(ctx, text); err != nil {
			return fmt.Errorf("reach the integration: %w", err)
		}
	}
	return nil
}

// judge runs one case.
func (s *session) judge(ctx context.Context, c Case) Result {
	result := Result{ID: c.ID, Level: c.Level, Requirement: c.Requirement, Outcome: OK}
	err := s.missing(c)
	if err == nil {
		err = c.run(ctx, s)
	}
	var why *skipped
	var f *finding
	switch {
	case err == nil:
		return result
	case errors.As(err, &why):
		result.Outcome, result.Reason = Skip, s.presentable(why.reason)
		return result
	case !errors.As(err, &f):
		f = &finding{"an answer", err.Error(), "look into the integration's own log"}
	}
	result.Outcome = Fail
	if c.Level == Should {
		result.Outcome = Warn
	}
	result.Want, result.Got, result.Hint = s.presentable(f.want), s.presentable(f.got), f.hint
	return result
}

// missing is a skip that names everything that c needs and that was not given, or nil.
func (s *session) missing(c Case) error {
	var flags []string
	for _, n := range c.needs {
		if !s.target.has(n) {
			flags = append(flags, string(n))
		}
	}
	if flags == nil {
		return nil
	}
	return skip("needs %s", strings.Join(flags, ", "))
}

// maxShown is the most characters of a text from the integration that a result has.
const maxShown = 300

// presentable is text with the secrets masked, on one line and bounded.
func (s *session) presentable(text string) string {
	for _, secret := range slices.Concat(s.secrets, []string{s.target.Password.Reveal(), string(s.target.OrganizationKey)}) {
		if secret != "" {
			text = strings.NewReplacer(secret, mask, url.QueryEscape(secret), mask, url.PathEscape(secret), mask).Replace(text)
		}
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if shown := []rune(text); len(shown) > maxShown {
		return string(shown[:maxShown]) + "…"
	}
	return text
}

// signature judges a handoff's token under the organization key.
func (s *session) signature(call contract.Call, fields contract.Fields) error {
	verdict := contract.Verify(call, s.target.OrganizationKey, fields)
	if verdict.Valid {
		return nil
	}
	s.secrets = append(s.secrets, verdict.Expected)
	why := contract.Explain(call, s.target.OrganizationKey, fields)
	var causes []string
	for _, cause := range why.Causes {
		causes = append(causes, string(cause))
	}
	return found("the token of the message "+verdict.Message, "another token, probably by: "+strings.Join(causes, ", "), why.Hint())
}
