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

// Outcome says how a case ended.
type Outcome string

// The outcomes.
const (
	OK   Outcome = "ok"
	Fail Outcome = "FAIL" // a must is not met
	Warn Outcome = "warn" // a should is not met
	Skip Outcome = "skip" // the target lacks something, or another case must pass first
)

// A Result is how one case ended. Secrets are masked in it, and long answers are cut.
type Result struct {
	ID          string  `json:"id"`
	Level       Level   `json:"level"`
	Requirement string  `json:"requirement"`
	Outcome     Outcome `json:"outcome"`
	Want        string  `json:"want,omitempty"`   // for Fail and Warn
	Got         string  `json:"got,omitempty"`    // for Fail and Warn
	Hint        string  `json:"hint,omitempty"`   // for Fail and Warn
	Reason      string  `json:"reason,omitempty"` // for Skip
}

// A failure is the error of a case whose requirement is not met.
type failure struct{ want, got, hint string }

func (f *failure) Error() string { return "want " + f.want + ", got " + f.got }

func fail(want, got, hint string) error { return &failure{want, got, hint} }

// A skipped is the error of a case that can't tell.
type skipped struct{ reason string }

func (s *skipped) Error() string { return s.reason }

func skip(format string, args ...any) error { return &skipped{fmt.Sprintf(format, args...)} }

// Run checks the target with the cases, one after the other, and sends each request by transport.
// It fails when the target is not valid, one of its URLs can't be reached, or ctx is done. Anything
// else that is wrong is in the report.
func Run(ctx context.Context, target Target, cases []Case, transport http.RoundTripper, now func() time.Time) (Report, error) {
	if err := target.validate(); err != nil {
		return Report{}, err
	}
	s := &session{target: target, transport: transport, now: now}
	for _, text := range target.urls() {
		if _, err := s.newBrowser().get(ctx, text); err != nil {
			return Report{}, fmt.Errorf("reach the integration: %w", err)
		}
	}
	var report Report
	for _, c := range cases {
		report.Results = append(report.Results, s.runCase(ctx, c))
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

func (s *session) runCase(ctx context.Context, c Case) Result {
	result := Result{ID: c.ID, Level: c.Level, Requirement: c.Requirement, Outcome: OK}
	err := s.missing(c)
	if err == nil {
		err = c.run(ctx, s)
	}
	if err == nil {
		return result
	}
	if why, ok := errors.AsType[*skipped](err); ok {
		result.Outcome, result.Reason = Skip, s.printable(why.reason)
		return result
	}
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = &failure{"an answer", err.Error(), "look into the integration's own log"}
	}
	result.Outcome = Fail
	if c.Level == Should {
		result.Outcome = Warn
	}
	result.Want, result.Got, result.Hint = s.printable(f.want), s.printable(f.got), f.hint
	return result
}

// missing returns a skip that names all flags that c needs and that were not given, or nil.
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

// maxShown is how many characters of a text a result shows.
const maxShown = 300

// printable returns text for a report: with secrets masked, on one line, cut at maxShown.
func (s *session) printable(text string) string {
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

// checkToken checks the token of a handoff with the organization key.
func (s *session) checkToken(call contract.Call, fields contract.Fields) error {
	verdict := contract.Verify(call, s.target.OrganizationKey, fields)
	if verdict.Valid {
		return nil
	}
	s.secrets = append(s.secrets, verdict.Expected)
	why := contract.Explain(context.Background(), contract.Case{Call: call, Key: s.target.OrganizationKey, Fields: fields})
	return fail("the token of the message "+verdict.Message, "another token: "+why.Verdict(contract.English), why.Hint(contract.English))
}
