package check

import (
	"cmp"
	"context"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"ocsso/internal/contract"
)

// apiCases test the handoff by a call from the server (PROTOCOL 5): first the redirect that any
// browser sees, then the call, which only the help center sees.
func apiCases() []Case {
	browser := []need{needLogin, needMember}
	center := append(browser, needCenter)
	return []Case{
		{"handoff/api-redirect", Must, "After the server's call the browser goes to the help center with usercode, time and accessToken (PROTOCOL 5, D5)",
			browser, withHandoff(wayAPI, apiRedirect)},
		{"handoff/api-return-url", Must, "The redirect leads to the returnUrl that a logged-in member asked for (PROTOCOL 5)",
			browser, withHandoff(wayAPI, apiReturnURL)},
		{"handoff/api-call", Must, "The server's call is a urlencoded POST to /api/v2/enduser/remote.json (PROTOCOL 5)",
			center, withCall(apiCall)},
		{"handoff/api-required", Must, "The call has the member's usercode, the service, time and token, each once and within its limit (PROTOCOL 2)",
			center, withCall(apiRequired)},
		{"handoff/api-unsent-return-url", Must, "The call has no returnUrl (PROTOCOL 2, D3)", center, withCall(apiUnsentReturnURL)},
		{"handoff/api-time", Must, "The call's time is in milliseconds and within 5 s of now (PROTOCOL 2)",
			center, withCall(apiTime)},
		{"handoff/api-token", Must, "The call's token is the one of its fields, without a returnUrl, under the organization key (PROTOCOL 3)",
			append(center, needKey), withCall(apiToken)},
		{"handoff/api-passed-on", Must, "The redirect has the call's usercode and time, and the access token that the call got (PROTOCOL 5, D5)",
			center, withCall(apiPassedOn)},
		{"handoff/api-refused", Must, "A refused call gives the member a page (PROTOCOL 5)", center, afterReply(replyRefusal)},
		{"handoff/api-error", Must, "An error of the help center gives the member a page (PROTOCOL 5)",
			center, afterReply(replyError)},
		{"handoff/api-rubbish", Must, "An answer that breaks the contract gives the member a page (PROTOCOL 5)",
			center, afterReply(replyRubbish)},
		{"handoff/api-silence", Must, "A help center that doesn't answer gives the member a page in bounded time (PROTOCOL 5)",
			center, afterReply(replySilence)},
	}
}

func apiRedirect(_ context.Context, s *session, m *member) error {
	query := m.handoff.values()
	if originOf(m.handoff.location) != s.target.HelpCenter || query.Get("usercode") != s.target.UserCode || query.Get("accessToken") == "" || query.Get("time") == "" {
		return fail("a redirect to "+s.target.HelpCenter+" with usercode, time and accessToken", m.handoff.location.String(),
			"add all three to the query of the returnUrl")
	}
	return checkTime(query, m.handoff.at)
}

func apiReturnURL(ctx context.Context, s *session, m *member) error {
	h, returnURL, err := s.handOffAgain(ctx, m)
	if err != nil {
		return err
	}
	if !h.returnsTo(returnURL) {
		return fail("a redirect to "+returnURL+" with more in its query", h.destination(),
			"keep the query of the returnUrl and add to it")
	}
	return nil
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

// newCall hands the member off again, and returns the call that the help center got.
func (s *session) newCall(ctx context.Context, m *member) (call, handoff, error) {
	s.target.Center.expect(replySuccess)
	h, _, err := s.handOffAgain(ctx, m)
	if err != nil {
		return call{}, h, err
	}
	calls := s.target.Center.received()
	if len(calls) == 0 {
		return call{}, h, skip("no call came: is %s the help center in the integration's configuration?", s.target.HelpCenter)
	}
	s.secrets = append(s.secrets, calls[0].values.Get("token"))
	return calls[0], h, nil
}

func apiCall(_ *session, c call, _ handoff) error {
	const path = "/api/v2/enduser/remote.json"
	mediaType, _, err := mime.ParseMediaType(c.contentType)
	if c.method == http.MethodPost && c.path == path && err == nil && mediaType == "application/x-www-form-urlencoded" {
		return nil
	}
	return fail("POST "+path+" as application/x-www-form-urlencoded", c.method+" "+c.path+" as "+c.contentType,
		"the server's path has /api before /v2, the browser's has not")
}

func apiRequired(s *session, c call, _ handoff) error {
	const hint = "send the fields of the form handoff without the returnUrl"
	return cmp.Or(
		checkRequired(c.values, hint, "service", "usercode", "time", "token"),
		checkField(c.values, "service", s.target.Service, hint),
		checkField(c.values, "usercode", s.target.UserCode, hint),
		checkLimits(c.values),
	)
}

func apiUnsentReturnURL(_ *session, c call, _ handoff) error {
	if c.values.Has("returnUrl") {
		return fail("no returnUrl in the call", "returnUrl "+c.values.Get("returnUrl"),
			"the returnUrl is for the redirect after the call")
	}
	return nil
}

func apiTime(s *session, c call, _ handoff) error { return checkTime(c.values, s.now()) }

func apiToken(s *session, c call, _ handoff) error {
	if c.values.Get("token") == "" {
		return skip("there is no token; see handoff/api-required")
	}
	return s.checkToken(contract.CallAPI, contract.ReadFields(c.values))
}

// apiPassedOn leaves a missing parameter to handoff/api-redirect.
func apiPassedOn(_ *session, c call, h handoff) error {
	for name, want := range map[string]string{"accessToken": accessToken, "time": c.values.Get("time"), "usercode": c.values.Get("usercode")} {
		if got := h.values().Get(name); got != want && got != "" {
			return fail(name+"="+want+" in the redirect, percent-encoded", name+"="+got,
				"add what was sent and what came back to the returnUrl, each encoded by encodeURIComponent")
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
		const want, hint = "a page that says what to do", "handle every way in which the call can fail, with a timeout of a few seconds; log the cause and show a page"
		a, err := s.openLogin(ctx, m.browser, s.returnPage())
		_, redirected := a.location()
		switch {
		case err != nil:
			return fail(want, err.Error(), hint)
		case redirected:
			return fail(want, a.String(), hint)
		case strings.TrimSpace(a.text()) == "":
			return fail(want, a.String()+" and nothing to read", hint)
		case stackTrace.Match(a.body):
			return fail(want, "a stack trace", hint)
		}
		return nil
	})
}
