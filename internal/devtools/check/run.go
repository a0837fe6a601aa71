package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// Outcome says how a case ended.
type Outcome string

// The outcomes.
const (
	OK   Outcome = "ok"
	Fail Outcome = "FAIL" // a must is not met
	Warn Outcome = "warn" // a should is not met
	Skip Outcome = "skip" // the target lacks something, or the case can't tell
)

// A Result is how one case ended. Secrets and personal data are masked in it, and long answers are
// cut.
type Result struct {
	ID          string  `json:"id"`
	Level       Level   `json:"level"`
	Requirement string  `json:"requirement"`
	Outcome     Outcome `json:"outcome"`
	Want        string  `json:"want,omitempty"`   // for Fail and Warn
	Got         string  `json:"got,omitempty"`    // for Fail and Warn
	Hint        string  `json:"hint,omitempty"`   // for Fail and Warn
	Reason      string  `json:"reason,omitempty"` // for Skip

	needsMember bool
}

// A failure is the error of a case whose requirement is not met.
type failure struct {
	want, got string
	hint      hint
	outcome   Outcome // Fail or Warn in place of the level's; "" for the level's
}

func (f *failure) Error() string { return "want " + f.want + ", got " + f.got }

func fail(want, got string, h hint) error { return &failure{want: want, got: got, hint: h} }

// warn is a fail of what the vendor's pages do not ask for, in a case that is a must.
func warn(want, got string, h hint) error {
	return &failure{want: want, got: got, hint: h, outcome: Warn}
}

// A skipped is the error of a case that can't tell.
type skipped struct{ reason hint }

func (s *skipped) Error() string { return s.reason.text.EN }

func skip(reason hint, args ...any) error {
	if len(args) > 0 {
		reason = hint{text: reason.text.with(args...)}
	}
	return &skipped{reason}
}

// Run checks the target with the cases, one after the other, and sends each request by transport.
// It fails when the target is not valid, one of its URLs can't be reached, or ctx is done. Anything
// else that is wrong is in the report, in the words for the reader.
func Run(ctx context.Context, target Target, cases []Case, transport http.RoundTripper, now func() time.Time, reader Reader) (Report, error) {
	if err := target.validate(); err != nil {
		return Report{}, err
	}
	s := &session{target: target, transport: transport, now: now, reader: reader, patience: &patience{target.Patience}}
	if target.Chromium != nil {
		running, err := target.Chromium.start(ctx, mustParse(target.HelpCenter))
		if err != nil {
			return Report{}, err
		}
		defer running.close()
		s.chromium = running
	}
	for _, text := range target.urls() {
		if _, err := s.newBrowser().get(ctx, text); err != nil && !errors.Is(err, errLimited) {
			return Report{}, fmt.Errorf("reach the integration: %w", err)
		}
	}
	report := Report{reader: reader, memberGiven: target.has(needMember)}
	for _, c := range cases {
		report.Results = append(report.Results, s.runCase(ctx, c))
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

func (s *session) runCase(ctx context.Context, c Case) Result {
	result := Result{
		ID: c.ID, Level: c.Level, Requirement: c.Requirement().In(s.reader.Lang), Outcome: OK, needsMember: c.needsMember(),
	}
	err := s.missing(c)
	if err == nil {
		err = c.run(ctx, s)
	}
	if err == nil {
		return result
	}
	if errors.Is(err, errLimited) {
		err = skip(whyLimited)
	}
	if why, ok := errors.AsType[*skipped](err); ok {
		result.Outcome, result.Reason = Skip, s.printable(s.reader.hint(why.reason))
		return result
	}
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = &failure{want: "an answer", got: err.Error(), hint: hintNoAnswer}
	}
	result.Outcome = cmp.Or(f.outcome, map[Level]Outcome{Must: Fail, Should: Warn}[c.Level])
	result.Want, result.Got, result.Hint = s.reader.phrase(s.printable(f.want)), s.reader.phrase(s.printable(f.got)), s.printable(s.reader.hint(f.hint))
	return result
}

// missing returns a skip that names all that c needs and that was not given, or nil.
func (s *session) missing(c Case) error {
	var flags, words []string
	for _, n := range c.needs {
		if !s.target.has(n) {
			flags = append(flags, string(n))
			words = append(words, needsOnPage[n].In(s.reader.Lang))
		}
	}
	if flags == nil {
		return nil
	}
	list := strings.Join(flags, ", ")
	return skip(hint{text: whyNeeds.text.with(list), page: whyNeeds.page.with(strings.Join(words, ", "))})
}

// checkToken checks the token of a handoff with the organization key. The returnURLs may have been
// signed, although they are not in the fields. It leaves missing fields to the case of the required
// fields.
func (s *session) checkToken(call signing.Call, fields signing.Fields, returnURLs ...string) error {
	if fields.Service == "" || fields.UserCode == "" || fields.Time == "" || fields.Token == "" {
		return skip(whyFieldMissing)
	}
	if signing.Verify(call, s.target.OrganizationKey, fields) {
		return nil
	}
	message := signing.Message(call, fields)
	s.hide(signing.Sign(s.target.OrganizationKey, message))
	c := signing.Case{Call: call, Key: s.target.OrganizationKey, Fields: fields, ReturnURLs: returnURLs}
	why, lang := signing.Explain(context.Background(), c), signing.Lang(cmp.Or(s.reader.Lang, EN))
	return fail("the token of the message "+message, "another token: "+why.Verdict(lang),
		hint{text: Text{why.Hint(signing.English), why.Hint(signing.Korean)}})
}
