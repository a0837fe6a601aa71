package check

import (
	"context"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"ocsso/internal/contract"
)

// apiCases are those of the handoff from the server (PROTOCOL 5): first what any browser sees of it, then what the help
// center does.
func apiCases() []Case {
	browser := []need{needLogin, needMember}
	center := append(browser, needCenter)
	return []Case{
		{"handoff/api-redirect", Must, "After the server's call the browser goes to the help center with usercode, time and accessToken (PROTOCOL 5, D5)",
			browser, apiRedirect},
		{"handoff/api-return-url", Must, "The redirect leads to the returnUrl that a logged-in member asked for (PROTOCOL 5)",
			browser, apiReturnURL},
		{"handoff/api-call", Must, "The server's call is a urlencoded POST to /api/v2/enduser/remote.json (PROTOCOL 5)",
			center, inCall(apiCall)},
		{"handoff/api-required", Must, "The call has the member's usercode, the service, time and token, each once and within its limit (PROTOCOL 2)",
			center, inCall(apiRequired)},
		{"handoff/api-unsent-return-url", Must, "The call has no returnUrl (PROTOCOL 2, D3)", center, inCall(apiUnsentReturnURL)},
		{"handoff/api-time", Must, "The call's time is in milliseconds and within 5 s of now (PROTOCOL 2)",
			center, inCall(apiTime)},
		{"handoff/api-token", Must, "The call's token is the one of its fields, without a returnUrl, under the organization key (PROTOCOL 3)",
			append(center, needKey), inCall(apiToken)},
		{"handoff/api-passed-on", Must, "The redirect has the call's usercode and time, and the access token that the call got (PROTOCOL 5, D5)",
			center, apiPassedOn},
		{"handoff/api-refused", Must, "A refused call gives the member a page (PROTOCOL 5)", center, afterReply(replyRefusal)},
		{"handoff/api-error", Must, "A help center that is out of order gives the member a page (PROTOCOL 5)",
			center, afterReply(replyError)},
		{"handoff/api-rubbish", Must, "An answer that is not the contract's gives the member a page (PROTOCOL 5)",
			center, afterReply(replyRubbish)},
		{"handoff/api-silence", Must, "A help center that doesn't answer gives the member a page in bounded time (PROTOCOL 5)",
			center, afterReply(replySilence)},
	}
}

// apiMember is the shared member, where the login hands off by api.
func (s *session) apiMember(ctx context.Context) (*member, error) {
	m, err := s.member(ctx)
	if err == nil && m.handoff.way != wayAPI {
		err = skip("the login URL doesn't hand off by api")
	}
	return m, err
}

func apiRedirect(ctx context.Context, s *session) error {
	m, err := s.apiMember(ctx)
	if err != nil {
		return err
	}
	query := m.handoff.values()
	if originOf(m.handoff.location) != s.target.HelpCenter || query.Get("usercode") != s.target.UserCode || query.Get("accessToken") == "" || query.Get("time") == "" {
		return found("a redirect to "+s.target.HelpCenter+" with usercode, time and accessToken", m.handoff.location.String(),
			"add all three to the query of the returnUrl")
	}
	return isNow(query, m.handoff.at)
}

func apiReturnURL(ctx context.Context, s *session) error {
	m, err := s.apiMember(ctx)
	if err != nil {
		return err
	}
	returnURL := s.returnPage()
	h, err := s.handOff(ctx, m.browser, returnURL)
	if err != nil {
		return skip("a logged-in member isn't handed off; login/already-logged-in says more")
	}
	if !leadsBack(h, returnURL) {
		return found("a redirect to "+returnURL+" with more in its query", h.leadsTo(),
			"add to the query of the returnUrl, behind what it has")
	}
	return nil
}

// inCall judges the call of a handoff.
func inCall(judge func(*session, call) error) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		received, _, err := s.callFor(ctx)
		if err != nil {
			return err
		}
		return judge(s, received)
	}
}

// callFor has the shared member handed off, and returns the call and the handoff.
func (s *session) callFor(ctx context.Context) (call, handoff, error) {
	m, err := s.apiMember(ctx)
	if err != nil {
		return call{}, handoff{}, err
	}
	s.target.Center.expect(replySuccess)
	h, err := s.handOff(ctx, m.browser, s.returnPage())
	calls := s.target.Center.received()
	switch {
	case err != nil:
		return call{}, h, skip("a logged-in member isn't handed off; login/already-logged-in says more")
	case len(calls) == 0:
		return call{}, h, skip("no call came: is %s the help center of the integration's configuration?", s.target.HelpCenter)
	}
	s.secrets = append(s.secrets, calls[0].values.Get("token"))
	return calls[0], h, nil
}

func apiCall(_ *session, c call) error {
	const path = "/api/v2/enduser/remote.json"
	mediaType, _, err := mime.ParseMediaType(c.contentType)
	if c.method == http.MethodPost && c.path == path && err == nil && mediaType == "application/x-www-form-urlencoded" {
		return nil
	}
	return found("POST "+path+" as application/x-www-form-urlencoded", c.method+" "+c.path+" as "+c.contentType,
		"the browser's path has no /api before /v2, the server's has")
}

func apiRequired(s *session, c call) error {
	for name, want := range map[string]string{"service": s.target.Service, "usercode": s.target.UserCode, "time": "", "token": ""} {
		got := c.values[name]
		if len(got) != 1 || got[0] == "" || want != "" && got[0] != want {
			return found("one field "+name+" "+want, strconv.Itoa(len(got))+" of them: "+strings.Join(got, ", "),
				"send the fields of the form handoff but for the returnUrl")
		}
	}
	return keepLimits(c.values)
}

func apiUnsentReturnURL(_ *session, c call) error {
	if c.values.Has("returnUrl") {
		return found("no returnUrl in the call", "returnUrl "+c.values.Get("returnUrl"),
			"the returnUrl is for the redirect after the call")
	}
	return nil
}

func apiTime(s *session, c call) error { return isNow(c.values, s.now()) }

func apiToken(s *session, c call) error {
	if c.values.Get("token") == "" {
		return skip("there is no token; handoff/api-required says more")
	}
	return s.signature(contract.CallAPI, fields(c.values.Get("service"), c.values))
}

func apiPassedOn(ctx context.Context, s *session) error {
	c, h, err := s.callFor(ctx)
	if err != nil {
		return err
	}
	for name, want := range map[string]string{"accessToken": accessToken, "time": c.values.Get("time"), "usercode": c.values.Get("usercode")} {
		if got := h.values().Get(name); got != want && got != "" { // what is missing is for api-redirect
			return found(name+"="+want+" in the redirect, percent-encoded", name+"="+got,
				"add what was sent and what came to the returnUrl, each by encodeURIComponent")
		}
	}
	return nil
}

// stackTrace matches what frameworks show of themselves when nobody handles an error.
var stackTrace = regexp.MustCompile(`goroutine \d+|\.java:\d+\)|Traceback \(most recent|Stack trace:|\.php on line|at \S+ \(.*\.js:\d+|Exception in|\.rb:\d+:in`)

// afterReply judges what a member sees when the call goes wrong in one way.
func afterReply(how reply) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		if _, _, err := s.callFor(ctx); err != nil {
			return err
		}
		m, err := s.apiMember(ctx)
		if err != nil {
			return err
		}
		s.target.Center.expect(how)
		defer s.target.Center.expect(replySuccess)
		const want, hint = "a page that says what to do", "catch what the call can have wrong, with a timeout of a few seconds; log the cause and show a page"
		a, err := s.openLogin(ctx, m.browser, s.returnPage())
		_, redirected := a.location()
		switch {
		case err != nil:
			return found(want, err.Error(), hint)
		case redirected:
			return found(want, a.String(), hint)
		case strings.TrimSpace(a.text()) == "":
			return found(want, a.String()+" and nothing to read", hint)
		case stackTrace.Match(a.body):
			return found(want, "a stack trace", hint)
		}
		return nil
	}
}
