package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
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
	ID          string   `json:"id"`
	Level       Level    `json:"level"`
	Requirement string   `json:"requirement"`
	Outcome     Outcome  `json:"outcome"`
	Want        string   `json:"want,omitempty"`     // for Fail and Warn
	Got         string   `json:"got,omitempty"`      // for Fail and Warn
	Hint        string   `json:"hint,omitempty"`     // for Fail and Warn
	Evidence    []string `json:"evidence,omitempty"` // for Fail and Warn: what the browser said
	Reason      string   `json:"reason,omitempty"`   // for Skip
	Note        string   `json:"note,omitempty"`     // for OK
	Seconds     float64  `json:"seconds"`

	needs []need
}

// A finding is the error of a case about which there is something to say. What is wanted and what
// came are wire values, which need no language.
type finding struct {
	want, got string
	text      Text    // the hint; of Skip the reason, and of OK a note
	outcome   Outcome // "" for the one of the case's level
	evidence  []string
}

func (f *finding) Error() string { return cmp.Or(f.text.EN, "want "+f.want+", got "+f.got) }

func fail(want, got string, hint Text, evidence ...string) error {
	return &finding{want: want, got: got, text: hint, evidence: evidence}
}

// warn is a fail of what the vendor's pages do not ask for, in a case that is a must.
func warn(want, got string, hint Text) error {
	return &finding{want: want, got: got, text: hint, outcome: Warn}
}

// unless is a fail if the requirement is not met.
func unless(met bool, want, got string, hint Text, evidence ...string) error {
	if met {
		return nil
	}
	return fail(want, got, hint, evidence...)
}

func skip(en, ko string) error { return &finding{outcome: Skip, text: Text{en, ko}} }

// see skips a case for which another one says what is wrong.
func see(id string) error { return skip("see "+id, id+" 참고") }

func note(en, ko string) error { return &finding{outcome: OK, text: Text{en, ko}} }

// unmet returns the finding that a requirement is not met, or nil.
func unmet(err error) *finding {
	f, _ := errors.AsType[*finding](err)
	if f != nil && (f.outcome == Skip || f.outcome == OK) {
		return nil
	}
	return f
}

// A run is one run over a target.
type run struct {
	ctx       context.Context
	target    Target
	transport http.RoundTripper
	now       func() time.Time
	lang      Lang
	progress  func(Step)
	waited    time.Duration // for a server that limits logins
	secrets   map[string]hidden
	broken    map[string]string // the ids of the cases that have told of an error, by its text
	pageCount int               // of returnPage

	journey
	member jar // the cookies of the member who is logged in; nil: nobody is
	steps  []Step
	recording
	statuses map[side]func() (answer, error)

	calls      []handoff // of the server, for the handoff calledFrom
	calledFrom handoff
	ended      *logout
}

// A Step is something that a run did.
type Step struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Run checks the target with the cases, and sends each request of its own by transport. It fails
// when the target is not valid, one of its URLs can't be reached, the browser ends, or ctx is done.
// Anything else that is wrong is in the report. progress gets each step of the browser; it may be
// nil.
func Run(ctx context.Context, target Target, cases []Case, transport http.RoundTripper, now func() time.Time, lang Lang, progress func(Step)) (Report, error) {
	if err := target.validate(); err != nil {
		return Report{}, err
	}
	r := &run{
		ctx: ctx, target: target, transport: transport, now: now, lang: lang, progress: progress,
		secrets: map[string]hidden{}, broken: map[string]string{}, journey: journey{found: map[string]error{}}, statuses: map[side]func() (answer, error){},
	}
	r.hide(target.Password.Reveal(), string(target.OrganizationKey))
	started := now()
	report := Report{Started: started.UTC(), Target: target.described(), lang: lang, hasMember: target.has(needMember)}
	if r.target.Center == nil {
		r.target.Center = &Center{}
	}
	if err := r.target.Center.start(target, now); err != nil {
		return Report{}, fmt.Errorf("start the stand-in help center: %w", err)
	}
	for _, text := range target.urls() {
		if a, err := r.get(text, nil); err != nil && err != errLimited && a.status == 0 {
			return Report{}, fmt.Errorf("reach the integration: %w", err)
		}
	}
	if err := r.prepare(cases); err != nil {
		return Report{}, err
	}
	if r.tab != nil {
		defer r.tab.cancel()
	}
	if r.stopped != "" && !slices.ContainsFunc(cases, func(c Case) bool { return c.ID == r.stopped }) {
		why, _ := Select(r.stopped) // the others are skipped
		cases = slices.Concat(cases, why)
	}
	report.Results = make([]Result, len(cases))
	for _, late := range []bool{false, true} {
		for i, c := range cases {
			if c.late == late {
				report.Results[i] = r.result(c)
			}
			if err := ctx.Err(); err != nil {
				return Report{}, err
			}
		}
	}
	report.Steps, report.Seconds = r.steps, now().Sub(started).Seconds()
	return report, nil
}

// NeedsBrowser reports whether one of the cases, which a target has all else for, is for the
// browser.
func NeedsBrowser(cases []Case, target Target) bool {
	return slices.ContainsFunc(cases, func(c Case) bool {
		inBrowser := slices.Contains(c.needs, needBrowser) || c.ID == "login/page" || strings.HasPrefix(c.ID, "handoff/") || c.needsMember() && target.Cookie.Reveal() == ""
		return inBrowser && !slices.ContainsFunc(c.needs, func(n need) bool { return n != needBrowser && !target.has(n) })
	})
}

// prepare logs the member in, if a case needs somebody who is logged in.
func (r *run) prepare(cases []Case) error {
	if cookies, err := http.ParseCookie(r.target.Cookie.Reveal()); err == nil && r.target.has(needMember) {
		for _, text := range r.target.urls() {
			for _, c := range cookies {
				r.member = r.member.with(&http.Cookie{Name: c.Name, Value: c.Value, Domain: mustParse(text).Hostname(), Path: "/"})
			}
		}
		r.hideCookies(r.member)
	}
	if r.target.Browser == nil || !NeedsBrowser(cases, r.target) {
		return nil
	}
	if err := r.travel(cases); err != nil {
		return err
	}
	if r.target.has(needStatus) && r.member != nil {
		r.names, _ = r.sessionCookies() // while they are good
	}
	return nil
}

func (c Case) needsMember() bool {
	return slices.Contains(c.needs, needMember) || slices.Contains(c.needs, needPassword)
}

func (r *run) result(c Case) Result {
	began := time.Now()
	result := Result{ID: c.ID, Level: c.Level, Requirement: c.Requirement.In(r.lang), Outcome: OK, needs: c.needs}
	err := r.try(c)
	result.Seconds = time.Since(began).Seconds()
	if err == nil {
		return result
	}
	f, ok := errors.AsType[*finding](err)
	if !ok {
		f = &finding{want: "HTTP", got: err.Error(), text: Text{"look into the integration's own log", "연동 서버의 로그를 확인하세요"}}
		if strings.HasSuffix(f.got, "gzip: invalid header") {
			f.text = Text{"Content-Encoding says gzip, and the body is not: one of the application and a proxy compresses, and the other sets the header",
				"Content-Encoding은 gzip인데 본문은 아닙니다. 애플리케이션과 프록시 중 한쪽만 압축하거나 헤더를 설정합니다"}
		}
		if id := r.broken[f.got]; id != "" {
			f, _ = errors.AsType[*finding](see(id))
		} else {
			r.broken[f.got] = c.ID
		}
	}
	result.Outcome = cmp.Or(f.outcome, map[Level]Outcome{Must: Fail, Should: Warn}[c.Level])
	text := map[Outcome]*string{Skip: &result.Reason, OK: &result.Note, Fail: &result.Hint, Warn: &result.Hint}[result.Outcome]
	*text, result.Want, result.Got = r.printable(f.text.In(r.lang)), r.printable(f.want), r.printable(f.got)
	for _, line := range f.evidence {
		result.Evidence = append(result.Evidence, r.printable(line))
	}
	return result
}

// try returns what there is to say about a case. What the journey has found out about it comes
// first.
func (r *run) try(c Case) error {
	if missing := listed(slices.DeleteFunc(slices.Clone(c.needs), r.target.has)); missing != "" {
		return skip("needs "+missing, missing+" 필요")
	}
	if c.needsMember() && r.member == nil && r.target.Browser == nil {
		return skip("needs a browser, in which the member logs in", "회원이 로그인할 브라우저 필요")
	}
	if err := r.found[c.ID]; err != nil {
		return err
	}
	if r.member == nil && slices.Contains(c.needs, needMember) {
		return see(cmp.Or(r.stopped, "login/works"))
	}
	return c.check(r)
}

// returnPage returns a different page of the help center each time, so that a limit on login loops
// does not stop the run. Each of its parts is lost by some mistake: the second parameter by a cut
// at &, %2B by decoding twice, + by a path decoder, the fragment by a redirect that drops it.
func (r *run) returnPage() string {
	r.pageCount++
	count := strconv.Itoa(r.pageCount)
	return r.pages()[1] + "?check=" + count + "&keyword=%ED%99%98%EB%B6%88%2B%EA%B5%90%ED%99%98+1&from=menu#faq-" + count
}

func (r *run) pages() []string {
	home := r.target.HelpCenter + "/" + url.PathEscape(r.target.Service) + "/hc/"
	return []string{home, home + "ticket/", home + "ticket/list/"}
}

func (r *run) loginFor(returnURL string) string {
	return withQuery(r.target.LoginURL, "returnUrl", returnURL)
}
