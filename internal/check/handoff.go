package check

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/contract"
)

// formCases test the handoff by a form in the browser (PROTOCOL 4).
func formCases() []Case {
	needs := []need{needLogin, needMember}
	return []Case{
		{"handoff/form-endpoint", Must, "The form posts to the help center's /v2/enduser/remote.json, urlencoded (PROTOCOL 4)",
			needs, withForm(formEndpoint)},
		{"handoff/form-required", Must, "The form has service, usercode, time and token, each once (PROTOCOL 2)",
			needs, withForm(formRequired)},
		{"handoff/form-service", Must, "The form's service is the one of the returnUrl (PROTOCOL 2, D15)",
			needs, withForm(formService)},
		{"handoff/form-usercode", Must, "The form's usercode is the member's (PROTOCOL 2)", needs, withForm(formUserCode)},
		{"handoff/form-limits", Must, "No field of the form is longer than its limit (PROTOCOL 2)", needs, withForm(formLimits)},
		{"handoff/form-time", Must, "The form's time is in milliseconds and within 5 s of now (PROTOCOL 2)",
			needs, withForm(formTime)},
		{"handoff/form-token", Must, "The form's token is the one of its fields under the organization key (PROTOCOL 3)",
			append(needs, needKey), withForm(formToken)},
		{"handoff/form-return-url", Must, "The form's returnUrl is the one that a logged-in member asked for (PROTOCOL 4)",
			needs, withHandoff(wayForm, formReturnURL)},
	}
}

// withForm returns a case that checks the form after the shared member's login.
func withForm(check func(*session, handoff) error) runFunc {
	return withHandoff(wayForm, func(_ context.Context, s *session, m *member) error { return check(s, m.handoff) })
}

func formEndpoint(s *session, h handoff) error {
	want := s.target.HelpCenter + "/v2/enduser/remote.json"
	encoded := h.form.enctype == "" || strings.EqualFold(h.form.enctype, "application/x-www-form-urlencoded")
	if h.form.method == http.MethodPost && h.form.action.String() == want && encoded {
		return nil
	}
	return fail("POST "+want, h.form.method+" "+withoutQuery(h.form.action)+" "+h.form.enctype,
		"post the form to the help center itself, and leave enctype out")
}

func formRequired(_ *session, h handoff) error {
	return checkRequired(h.values(), "the names are in lower case except returnUrl", "service", "usercode", "time", "token")
}

func checkRequired(values url.Values, hint string, names ...string) error {
	for _, name := range names {
		if got := values[name]; len(got) != 1 || got[0] == "" {
			return fail("one field "+name+" with a value", strconv.Itoa(len(got))+" of them, or one without a value", hint)
		}
	}
	return nil
}

func formService(s *session, h handoff) error {
	return checkField(h.values(), "service", s.target.Service, "the service is the first path segment of the help center's pages")
}

func formUserCode(s *session, h handoff) error { return s.checkUserCode(h.values()) }

func (s *session) checkUserCode(values url.Values) error {
	return checkField(values, "usercode", s.target.UserCode, "send the member's id as the status URL names it")
}

// checkField leaves a missing field to the case of the required fields.
func checkField(values url.Values, name, want, hint string) error {
	if got := values.Get(name); got != "" && got != want {
		return fail(name+" "+want, name+" "+got, hint)
	}
	return nil
}

func formLimits(_ *session, h handoff) error { return checkLimits(h.values()) }

func checkLimits(values url.Values) error {
	for name, limit := range contract.Limits {
		if n := contract.Length(values.Get(name)); n > limit {
			return fail(name+" of at most "+strconv.Itoa(limit)+" characters", strconv.Itoa(n)+" characters",
				"refuse or shorten the value before signing it")
		}
	}
	return nil
}

func formTime(_ *session, h handoff) error { return checkTime(h.values(), h.at) }

// checkTime compares the time of a handoff with when it arrived. It leaves a missing time to the
// case of the required fields.
func checkTime(values url.Values, at time.Time) error {
	text := values.Get("time")
	if text == "" {
		return nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || time.UnixMilli(ms).Sub(at).Abs() > 5*time.Second {
		return fail("a time within 5 s of "+strconv.FormatInt(at.UnixMilli(), 10), text,
			"send the milliseconds since the epoch (System.currentTimeMillis(), Date.now(), time.UnixMilli), and set the clock by NTP")
	}
	return nil
}

func formToken(s *session, h handoff) error {
	if h.values().Get("token") == "" {
		return skip("there is no token; see handoff/form-required")
	}
	return s.checkToken(contract.CallForm, contract.ReadFields(h.values()))
}

func formReturnURL(ctx context.Context, s *session, m *member) error {
	h, returnURL, err := s.handOffAgain(ctx, m)
	if err != nil {
		return err
	}
	if got := h.destination(); got != returnURL {
		return fail("returnUrl "+returnURL, `returnUrl "`+got+`"`, "send the returnUrl as it came, decoded once")
	}
	return nil
}
