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

// formCases are those of the handoff from the browser (PROTOCOL 4).
func formCases() []Case {
	needs := []need{needLogin, needMember}
	return []Case{
		{"handoff/form-endpoint", Must, "The form posts to the help center's /v2/enduser/remote.json, urlencoded (PROTOCOL 4)",
			needs, inForm(formEndpoint)},
		{"handoff/form-required", Must, "The form has service, usercode, time and token, each once (PROTOCOL 2)",
			needs, inForm(formRequired)},
		{"handoff/form-service", Must, "The form's service is the one of the returnUrl (PROTOCOL 2, D15)",
			needs, inForm(formService)},
		{"handoff/form-usercode", Must, "The form's usercode is the member's (PROTOCOL 2)", needs, inForm(formUserCode)},
		{"handoff/form-limits", Must, "No field of the form is longer than its limit (PROTOCOL 2)", needs, inForm(formLimits)},
		{"handoff/form-time", Must, "The form's time is in milliseconds and within 5 s of now (PROTOCOL 2)",
			needs, inForm(formTime)},
		{"handoff/form-token", Must, "The form's token is the one of its fields under the organization key (PROTOCOL 3)",
			append(needs, needKey), inForm(formToken)},
		{"handoff/form-return-url", Must, "The form's returnUrl is the one that a logged-in member asked for (PROTOCOL 4)",
			needs, formReturnURL},
	}
}

// inForm judges the form that the shared member's login ended in.
func inForm(judge func(*session, handoff) error) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		m, err := s.member(ctx)
		if err != nil {
			return err
		}
		if m.handoff.way != wayForm {
			return skip("the login URL doesn't hand off by form")
		}
		return judge(s, m.handoff)
	}
}

func formEndpoint(s *session, h handoff) error {
	want := s.target.HelpCenter + "/v2/enduser/remote.json"
	encoded := h.form.enctype == "" || strings.EqualFold(h.form.enctype, "application/x-www-form-urlencoded")
	if h.form.method == http.MethodPost && h.form.action.String() == want && encoded {
		return nil
	}
	return found("POST "+want, h.form.method+" "+withoutQuery(h.form.action)+" "+h.form.enctype,
		"the form goes to the help center itself, with no enctype of its own")
}

func formRequired(_ *session, h handoff) error {
	for _, name := range []string{"service", "usercode", "time", "token"} {
		if got := h.values()[name]; len(got) != 1 || got[0] == "" {
			return found("one field "+name+" with a value", strconv.Itoa(len(got))+" of them, or none with a value",
				"the names are in lower case but for returnUrl")
		}
	}
	return nil
}

func formService(s *session, h handoff) error {
	return expectField(h, "service", s.target.Service, "the service is the first path segment of the help center's pages")
}

func formUserCode(s *session, h handoff) error {
	return expectField(h, "usercode", s.target.UserCode, "send the member's id as the status URL names it")
}

// expectField judges one field. Whether it is there at all is for the case of the required ones.
func expectField(h handoff, name, want, hint string) error {
	got := h.values().Get(name)
	if got == "" || got == want {
		return nil
	}
	return found(name+" "+want, name+" "+got, hint)
}

func formLimits(_ *session, h handoff) error { return keepLimits(h.values()) }

func keepLimits(values url.Values) error {
	for name, limit := range contract.Limits {
		if n := contract.Length(values.Get(name)); n > limit {
			return found(name+" of at most "+strconv.Itoa(limit)+" characters", strconv.Itoa(n)+" characters",
				"refuse or shorten the value before signing it")
		}
	}
	return nil
}

func formTime(_ *session, h handoff) error { return isNow(h.values(), h.at) }

// isNow judges the time of a handoff that came at the given moment.
func isNow(values url.Values, at time.Time) error {
	text := values.Get("time")
	if text == "" {
		return nil // for the case of the required ones
	}
	const hint = "send the milliseconds since the epoch: System.currentTimeMillis(), Date.now(), time.UnixMilli; and keep the clock by NTP"
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || time.UnixMilli(ms).Sub(at).Abs() > 5*time.Second {
		return found("a time within 5 s of "+strconv.FormatInt(at.UnixMilli(), 10), text, hint)
	}
	return nil
}

func formToken(s *session, h handoff) error {
	if h.values().Get("token") == "" {
		return skip("there is no token; handoff/form-required says more")
	}
	return s.signature(contract.CallForm, fields(h.values().Get("service"), h.values()))
}

func formReturnURL(ctx context.Context, s *session) error {
	m, err := s.member(ctx)
	if err != nil {
		return err
	}
	if m.handoff.way != wayForm {
		return skip("the login URL doesn't hand off by form")
	}
	returnURL := s.returnPage()
	h, err := s.handOff(ctx, m.browser, returnURL)
	if err != nil {
		return skip("a logged-in member isn't handed off; login/already-logged-in says more")
	}
	if got := h.leadsTo(); got != returnURL {
		return found("returnUrl "+returnURL, `returnUrl "`+got+`"`, "send the returnUrl as it came, decoded once")
	}
	return nil
}
