package check

import (
	"cmp"
	"context"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"ocsso/internal/devtools/signing"
)

// apiCases test the handoff by a call from the server (CONTRACT 5): first the redirect that any
// browser sees, then the call, which only the help center sees.
func apiCases() []Case {
	browser := []need{needLogin, needMember}
	center := append(browser, needCenter)
	return []Case{
		{"handoff/api-redirect", Must, "5 D5", browser, withHandoff(wayAPI, apiRedirect)},
		{"handoff/api-return-url", Must, "5", browser, withHandoff(wayAPI, apiReturnURL)},
		{"handoff/api-fresh", Must, "2 5", browser, withHandoff(wayAPI, apiFresh)},
		{"handoff/api-call", Must, "5", center, withCall(apiCall)},
		{"handoff/api-required", Must, "2", center, withCall(fieldsOf(apiRequired))},
		{"handoff/api-unsent-return-url", Should, "2 D3", center, withCall(fieldsOf(apiUnsentReturnURL))},
		{"handoff/api-time", Must, "2", center, withCall(fieldsOf(apiTime))},
		{"handoff/api-token", Must, "3", append(center, needKey), withCall(fieldsOf(apiToken))},
		{"handoff/api-passed-on", Must, "5 D5", center, withCall(fieldsOf(apiPassedOn))},
		{"handoff/api-refused", Should, "5", center, afterReply(replyRefusal)},
		{"handoff/api-error", Should, "5", center, afterReply(replyError)},
		{"handoff/api-rubbish", Should, "5", center, afterReply(replyRubbish)},
		{"handoff/api-silence", Should, "5", center, afterReply(replySilence)},
	}
}

func apiRedirect(_ context.Context, s *session, m *member) error {
	query := m.handoff.values()
	if originOf(m.handoff.location) != s.target.HelpCenter || query.Get("usercode") != s.target.UserCode || query.Get("accessToken") == "" || query.Get("time") == "" {
		return fail("a redirect to "+s.target.HelpCenter+" with usercode, time and accessToken", m.handoff.location.String(), hintAddThree)
	}
	return checkTime(query, m.handoff.at)
}

// apiReturnURL asks for a page with a query and a fragment, and for one without either.
func apiReturnURL(ctx context.Context, s *session, m *member) error {
	h, returnURL, err := s.handOffAgain(ctx, m)
	if err != nil {
		return err
	}
	if err := h.returnsTo(returnURL); err != nil {
		return err
	}
	plain, _, _ := strings.Cut(returnURL, "?")
	if h, err = s.handOff(ctx, m.browser, plain); err != nil {
		return fail("a redirect to "+plain+" with ? and the parameters", err.Error(), hintQuestionMark)
	}
	return h.returnsTo(plain)
}

func apiFresh(ctx context.Context, s *session, m *member) error {
	both, err := s.handOffTwice(ctx, m)
	if err != nil {
		return err
	}
	return checkFresh(both.first.values(), both.second.values(), "time")
}

// withCall returns a case that checks a new call of the integration, and the handoff after it.
func withCall(check func(*session, call, handoff) error) runFunc {
	return withHandoff(wayAPI, func(ctx context.Context, s *session, m *member) error {
		c, h, err := s.newCall(ctx, m)
		if err != nil {
			return err
		}
		return check(s, c, h)
	})
}

// fieldsOf skips a check of a call whose fields can't be read, which handoff/api-call reports.
func fieldsOf(check func(*session, call, handoff) error) func(*session, call, handoff) error {
	return func(s *session, c call, h handoff) error {
		if !c.isForm() {
			return skip(whyNotForm)
		}
		return check(s, c, h)
	}
}

// isForm reports whether the call is urlencoded.
func (c call) isForm() bool {
	mediaType, _, err := mime.ParseMediaType(c.contentType)
	return err == nil && mediaType == "application/x-www-form-urlencoded"
}

// newCall hands the member off again, and returns the call that the help center got.
func (s *session) newCall(ctx context.Context, m *member) (call, handoff, error) {
	s.target.Center.expect(replySuccess)
	h, returnURL, err := s.handOffAgain(ctx, m)
	if err != nil {
		return call{}, h, err
	}
	calls := s.target.Center.received()
	if len(calls) == 0 {
		return call{}, h, skip(whyNoCall, s.target.HelpCenter)
	}
	s.hidePersonal(calls[0].values.Get)
	calls[0].returnURL = returnURL
	return calls[0], h, nil
}

func apiCall(_ *session, c call, _ handoff) error {
	const path = "/api/v2/enduser/remote.json"
	if c.method == http.MethodPost && c.path == path && c.isForm() {
		return nil
	}
	return fail("POST "+path+" as application/x-www-form-urlencoded", c.method+" "+c.path+" as "+c.contentType, hintAPICall)
}

func apiRequired(s *session, c call, _ handoff) error {
	return cmp.Or(
		checkRequired(c.values, hintAPIFields, "service", "usercode", "time", "token"),
		checkField(c.values, "service", s.target.Service, hintAPIFields),
		checkField(c.values, "usercode", s.target.UserCode, hintAPIFields),
		checkLimits(c.values),
	)
}

func apiUnsentReturnURL(_ *session, c call, _ handoff) error {
	if c.values.Has("returnUrl") {
		return fail("no returnUrl in the call", "returnUrl "+c.values.Get("returnUrl"), hintNotSent)
	}
	return nil
}

func apiTime(s *session, c call, _ handoff) error { return checkTime(c.values, s.now()) }

func apiToken(s *session, c call, _ handoff) error {
	return s.checkToken(signing.CallAPI, signing.ReadFields(c.values), c.returnURL)
}

// apiPassedOn leaves a missing parameter to handoff/api-redirect.
func apiPassedOn(_ *session, c call, h handoff) error {
	for name, want := range map[string]string{"accessToken": accessToken, "time": c.values.Get("time"), "usercode": c.values.Get("usercode")} {
		if got := h.values().Get(name); got != want && got != "" {
			if strings.ReplaceAll(got, " ", "+") == want {
				got += " (with a space for its +)"
			}
			return fail(name+"="+want+" in the redirect, percent-encoded", name+"="+got, hintPassOn)
		}
	}
	return nil
}

// stackTrace matches the stack traces that web frameworks show for an unhandled error.
var stackTrace = regexp.MustCompile(`goroutine \d+|\.java:\d+\)|Traceback \(most recent|Stack trace:|\.php on line|at \S+ \(.*\.js:\d+|Exception in|\.rb:\d+:in`)

// afterReply returns a case that checks what a member sees when the help center replies this way.
func afterReply(how reply) runFunc {
	return withHandoff(wayAPI, func(ctx context.Context, s *session, m *member) error {
		if _, _, err := s.newCall(ctx, m); err != nil {
			return err
		}
		s.target.Center.expect(how)
		defer s.target.Center.expect(replySuccess)
		const want = "a page that says what to do"
		a, err := s.openLogin(ctx, m.browser, s.returnPage())
		_, redirected := a.location()
		switch {
		case err != nil:
			return fail(want, err.Error(), hintFailedCall)
		case redirected:
			return fail(want, a.String(), hintFailedCall)
		case strings.TrimSpace(a.text()) == "":
			return fail(want, a.String()+" and nothing to read", hintFailedCall)
		case stackTrace.Match(a.body):
			return fail(want, "a stack trace", hintFailedCall)
		}
		return nil
	})
}
