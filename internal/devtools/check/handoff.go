package check

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// formCases test the handoff by a form in the browser (CONTRACT 4).
func formCases() []Case {
	needs := []need{needLogin, needMember}
	return []Case{
		{"handoff/form-endpoint", Must, "4", needs, withForm(formEndpoint)},
		{"handoff/form-charset", Must, "2 4", needs, withForm(formCharsetIsUTF8)},
		{"handoff/form-policy", Must, "4", needs, withForm(formPolicy)},
		{"handoff/form-submits", Must, "4", needs, withHandoff(wayForm, formSubmits)},
		{"handoff/form-required", Must, "2", needs, withForm(formRequired)},
		{"handoff/form-service", Must, "2 D15", needs, withForm(formService)},
		{"handoff/form-usercode", Must, "2", needs, withForm(formUserCode)},
		{"handoff/form-limits", Must, "2", needs, withForm(formLimits)},
		{"handoff/form-time", Must, "2", needs, withForm(formTime)},
		{"handoff/form-fresh", Must, "2 4", needs, withHandoff(wayForm, formFresh)},
		{"handoff/form-token", Must, "3", append(needs, needKey), withHandoff(wayForm, formToken)},
		{"handoff/form-return-url", Must, "4", needs, withHandoff(wayForm, formReturnURL)},
	}
}

// withForm returns a case that checks the form after the shared member's login.
func withForm(check func(*session, handoff) error) runFunc {
	return withHandoff(wayForm, func(_ context.Context, s *session, m *member) error { return check(s, m.handoff) })
}

func formEndpoint(s *session, h handoff) error {
	want := s.target.HelpCenter + "/v2/enduser/remote.json"
	encoded := h.form.enctype == "" || strings.EqualFold(h.form.enctype, "application/x-www-form-urlencoded")
	if h.form.method == http.MethodPost && withoutQuery(h.form.action) == want && encoded {
		return nil
	}
	return fail("POST "+want, strings.TrimSpace(h.form.method+" "+withoutQuery(h.form.action)+" "+h.form.enctype), hintEndpoint)
}

func formCharsetIsUTF8(_ *session, h handoff) error {
	if h.form.charset == "utf-8" {
		return nil
	}
	return fail("a form that is sent in UTF-8", "one that is sent in "+h.form.charset, hintCharset)
}

func formPolicy(_ *session, h handoff) error {
	if h.page.sent != nil {
		return nil // Chromium has applied it
	}
	if blocked, directive := h.page.allowsForm(h.form.action, nil); blocked != nil {
		return fail("a Content-Security-Policy that lets the form go to "+originOf(blocked), directive, hintFormAction)
	}
	return nil
}

func formSubmits(ctx context.Context, s *session, m *member) error {
	const want = "a form that submits itself when the page opens"
	if m.handoff.location != nil {
		return skip(whyRedirect)
	}
	if !m.handoff.page.isHTML() {
		return failHeader(m.handoff.page, "Content-Type", "text/html", hintHTML)
	}
	if err := m.handoff.opensHere(want); err != nil {
		return err
	}
	if page := m.handoff.page; page.inChromium && page.sent == nil {
		return fail(want, "nothing was posted; "+page.rendered.String(), hintSubmits)
	} else if page.inChromium {
		return nil
	}
	if problem := m.submission(ctx, m.handoff.page, m.handoff.form); problem != "" {
		return fail(want, problem, hintSubmits)
	}
	return nil
}

// opensHere fails if the form opens another window.
func (h handoff) opensHere(want string) error {
	if target := strings.ToLower(h.form.target); target != "" && target != "_self" && target != "_top" && target != "_parent" {
		return fail(want, "a form with the target "+target, hintTarget)
	}
	return nil
}

func formRequired(_ *session, h handoff) error {
	return checkRequired(h.values(), hintNames, "service", "usercode", "time", "token")
}

func checkRequired(values url.Values, h hint, names ...string) error {
	for _, name := range names {
		if got := values[name]; len(got) != 1 || got[0] == "" {
			return fail("one field "+name+" with a value", count(got), cmp.Or(hintFor(got), h))
		}
	}
	for _, name := range signing.FieldNames {
		if got := values[name]; len(got) > 1 {
			return fail("one field "+name+", or none", count(got), hintOnce)
		}
	}
	return nil
}

// hintFor is the hint where the name is right, or nil.
func hintFor(values []string) hint {
	switch {
	case len(values) > 1:
		return hintOnce
	case len(values) == 1:
		return hintEmpty
	}
	return hint{}
}

func count(values []string) string {
	if len(values) == 1 {
		return "one without a value"
	}
	return strconv.Itoa(len(values)) + " of them"
}

func formService(s *session, h handoff) error {
	return checkField(h.values(), "service", s.target.Service, hintService)
}

func formUserCode(s *session, h handoff) error { return s.checkUserCode(h.values()) }

func (s *session) checkUserCode(values url.Values) error {
	return checkField(values, "usercode", s.target.UserCode, hintUserCode)
}

// checkField leaves a missing field to the case of the required fields.
func checkField(values url.Values, name, want string, h hint) error {
	if got := values.Get(name); got != "" && got != want {
		return fail(name+" "+want, name+" "+got, h)
	}
	return nil
}

func formLimits(_ *session, h handoff) error { return checkLimits(h.values()) }

func checkLimits(values url.Values) error {
	for name, limit := range signing.Limits {
		if n := signing.Length(values.Get(name)); n > limit {
			return fail(name+" of at most "+strconv.Itoa(limit)+" characters", strconv.Itoa(n)+" characters", hintLimit)
		}
	}
	return nil
}

func formTime(_ *session, h handoff) error { return checkTime(h.values(), h.at) }

// checkTime compares the time of a handoff with when it arrived. It warns of a time that the help
// center still accepts, and leaves a missing time to the case of the required fields.
func checkTime(values url.Values, at time.Time) error {
	text := values.Get("time")
	if text == "" {
		return nil
	}
	want := "a time within 5 s of " + strconv.FormatInt(at.UnixMilli(), 10)
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fail(want, text, hintMilliseconds)
	}
	switch off := time.UnixMilli(ms).Sub(at).Abs(); {
	case off > 24*time.Hour && (time.Unix(ms, 0).Sub(at).Abs() < time.Hour || time.UnixMicro(ms).Sub(at).Abs() < time.Hour):
		return fail(want, text, hintMilliseconds)
	case off >= signing.Validity:
		return fail(want, text, hintTimeZone)
	case off > 5*time.Second:
		return warn(want, text, hintTimeZone)
	}
	return nil
}

func formFresh(ctx context.Context, s *session, m *member) error {
	both, err := s.handOffTwice(ctx, m)
	if err != nil {
		return err
	}
	return checkFresh(both.first.values(), both.second.values(), "time", "token")
}

// formToken checks the token of the login, and then more until one has a +.
func formToken(ctx context.Context, s *session, m *member) error {
	if m.handoff.form.charset != "utf-8" {
		return skip(whyNotUTF8)
	}
	h, returnURL, first := m.handoff, m.returnURL, true
	err := tryFor(ctx, true, func() (token string, err error) {
		if !first {
			h, returnURL, err = s.handOffAgain(ctx, m)
		}
		if first = false; err != nil {
			return "", err
		}
		return h.values().Get("token"), s.checkToken(signing.CallForm, signing.ReadFields(h.values()), returnURL)
	})
	if errors.Is(err, errNoPlus) {
		return nil
	}
	return err
}

func formReturnURL(ctx context.Context, s *session, m *member) error {
	h, returnURL, err := s.handOffAgain(ctx, m)
	if err != nil {
		return err
	}
	return h.returnsTo(returnURL)
}
