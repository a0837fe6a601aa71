package check

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// verifyCases test the token verify URL (CONTRACT 9).
func verifyCases() []Case {
	needs := []need{needVerify, needMember}
	return []Case{
		{"verify/issued", Must, "9", needs, withIssued(verifyIssued)},
		{"verify/twice", Must, "9", needs, withIssued(verifyTwice)},
		{"verify/earlier", Should, "9", needs, withMember(verifyEarlier)},
		{"verify/plus", Must, "3 9", needs, withMember(verifyPlus)},
		{"verify/changed-token", Must, "9", needs, verifyFalse(changedToken)},
		{"verify/other-usercode", Must, "9", needs, verifyFalse(otherUserCode)},
		{"verify/look-alike", Should, "9", needs, withIssued(verifyLookAlike)},
		{"verify/empty", Must, "9", needs, withIssued(verifyEmpty)},
		{"verify/plus-as-space", Should, "3", needs, withMember(verifyPlusAsSpace)},
		{"verify/old", Must, "9 D7", append(needs, needKey), verifyFalse(yesterdaysToken)},
		{"verify/shape", Must, "9", needs, withIssued(verifyShape)},
		{"verify/strings", Should, "9 D1", needs, withIssued(eachVerify(checkStrings))},
		{"verify/keys", Should, "9 D18", needs, withIssued(eachVerify(checkKeys))},
		{"verify/content-type", Should, "9", needs, withIssued(eachVerify(checkContentType))},
	}
}

// A verifyRequest has the parameters of the verify URL.
type verifyRequest struct{ usercode, token string }

func (s *session) askVerify(ctx context.Context, r verifyRequest) (answer, error) {
	return s.newBrowser().get(ctx, withQuery(s.target.TokenVerifyURL, header{"usercode", r.usercode}, header{"token", r.token}))
}

// withIssued returns a case that runs check with a token just issued to the shared member.
func withIssued(check func(context.Context, *session, verifyRequest) error) runFunc {
	return withMember(func(ctx context.Context, s *session, m *member) error {
		token, err := s.issuedToken(ctx, m.browser)
		if err != nil {
			return err
		}
		return check(ctx, s, verifyRequest{s.target.UserCode, token})
	})
}

// saysTrue reports whether a verify answer has a true login. It leaves the JSON to verify/shape.
func saysTrue(a answer) bool {
	bare := strings.Join(strings.Fields(strings.ReplaceAll(string(a.body), `"`, "")), "")
	return strings.Contains(bare, "login:true")
}

func verifyIssued(ctx context.Context, s *session, r verifyRequest) error {
	return s.wantTrue(ctx, r, hintStoreTokens)
}

func (s *session) wantTrue(ctx context.Context, r verifyRequest, h hint) error {
	a, err := s.askVerify(ctx, r)
	if err != nil {
		return err
	}
	if saysTrue(a) {
		return nil
	}
	if _, err := parseStatus(a); err != nil {
		h = err.(*failure).hint
	}
	return fail(`{"login":"true","usercode":"`+r.usercode+`"}`, a.String(), h)
}

// verifyTwice asks again, as the help center does on the next page.
func verifyTwice(ctx context.Context, s *session, r verifyRequest) error {
	if a, err := s.askVerify(ctx, r); err != nil || !saysTrue(a) {
		return skip(whyNotTrue)
	}
	return s.wantTrue(ctx, r, hintTwiceTrue)
}

// verifyEarlier asks about the first of two tokens, as of two windows.
func verifyEarlier(ctx context.Context, s *session, m *member) error {
	first, err := s.trueToken(ctx, m.browser)
	if err != nil {
		return err
	}
	if err := pause(ctx, plusPause); err != nil {
		return err
	}
	if _, err := s.issuedToken(ctx, m.browser); err != nil {
		return err
	}
	// A token that is used up is for verify/twice.
	again := verifyRequest{s.target.UserCode, first}
	if err := s.verifyTwiceOf(ctx, m); err != nil {
		return skip(whyNotTrue)
	}
	return s.wantTrue(ctx, again, hintEarlier)
}

// verifyTwiceOf is verifyTwice with a new token.
func (s *session) verifyTwiceOf(ctx context.Context, m *member) error {
	token, err := s.issuedToken(ctx, m.browser)
	if err != nil {
		return err
	}
	return verifyTwice(ctx, s, verifyRequest{s.target.UserCode, token})
}

// verifyFalse returns a case that wants false after a change to a request that is true.
func verifyFalse(change func(*session, verifyRequest) verifyRequest) runFunc {
	return withIssued(func(ctx context.Context, s *session, r verifyRequest) error { return s.wantFalse(ctx, change(s, r)) })
}

func (s *session) wantFalse(ctx context.Context, r verifyRequest) error {
	return s.wantFalseFor(ctx, r, hintStoredOnly)
}

func (s *session) wantFalseFor(ctx context.Context, r verifyRequest, h hint) error {
	a, err := s.askVerify(ctx, r)
	if err != nil {
		return err
	}
	if saysTrue(a) {
		return fail(`{"login":"false","usercode":null}`, a.String(), h)
	}
	return nil
}

func changedToken(s *session, r verifyRequest) verifyRequest {
	first := "A"
	if r.token[0] == 'A' {
		first = "B"
	}
	r.token = first + r.token[1:]
	s.hide(r.token)
	return r
}

func otherUserCode(_ *session, r verifyRequest) verifyRequest {
	r.usercode += "x"
	return r
}

func yesterdaysToken(s *session, r verifyRequest) verifyRequest {
	at := strconv.FormatInt(s.now().Add(-24*time.Hour).UnixMilli(), 10)
	message := signing.Message(signing.CallLink, signing.Fields{Service: s.target.Service, UserCode: r.usercode, Time: at})
	r.token = signing.Sign(s.target.OrganizationKey, message)
	s.hide(r.token)
	return r
}

func verifyEmpty(ctx context.Context, s *session, r verifyRequest) error {
	for _, empty := range []verifyRequest{{"", r.token}, {r.usercode, ""}, {"", ""}} {
		if err := s.wantFalse(ctx, empty); err != nil {
			return err
		}
	}
	a, err := s.newBrowser().get(ctx, s.target.TokenVerifyURL)
	if err == nil && saysTrue(a) {
		err = fail("false without parameters", a.String(), hintParameterMissing)
	}
	return err
}

// verifyLookAlike asks in ways that a careless comparison, as in a database, takes for the same.
func verifyLookAlike(ctx context.Context, s *session, r verifyRequest) error {
	for _, other := range []verifyRequest{changedToken(s, r), otherUserCode(s, r)} {
		if s.wantFalse(ctx, other) != nil {
			return skip(whyTooTrue)
		}
	}
	for _, other := range []verifyRequest{
		{r.usercode, swapCase(r.token)}, {r.usercode, r.token + " "}, {swapCase(r.usercode), r.token}, {r.usercode + " ", r.token},
		{r.usercode, "%"}, // matches anything in a LIKE of SQL
	} {
		s.hide(other.token)
		if other == r {
			continue
		}
		a, err := s.askVerify(ctx, other)
		if err != nil {
			return err
		}
		if saysTrue(a) {
			return fail(`{"login":"false","usercode":null} for usercode `+strconv.Quote(other.usercode)+" and token "+strconv.Quote(other.token),
				a.String(), hintExactly)
		}
	}
	return nil
}

// swapCase changes the case of each ASCII letter.
func swapCase(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r ^ ' '
		}
		return r
	}, text)
}

// tokenWith gets tokens for the member until one has a +, or has none.
func (s *session) tokenWith(ctx context.Context, plus bool, m *member) (token string, err error) {
	err = tryFor(ctx, plus, func() (string, error) {
		var err error
		token, err = s.issuedToken(ctx, m.browser)
		return token, err
	})
	return token, err
}

// verifyPlus is skipped where a token without a + is not true either, which verify/issued reports.
func verifyPlus(ctx context.Context, s *session, m *member) error {
	plain, err := s.tokenWith(ctx, false, m)
	if err != nil {
		return err
	}
	if a, err := s.askVerify(ctx, verifyRequest{s.target.UserCode, plain}); err != nil || !saysTrue(a) {
		return skip(whyNotTrue)
	}
	token, err := s.tokenWith(ctx, true, m)
	if err != nil {
		return err
	}
	return s.wantTrue(ctx, verifyRequest{s.target.UserCode, token}, hintPlus)
}

func verifyPlusAsSpace(ctx context.Context, s *session, m *member) error {
	token, err := s.tokenWith(ctx, true, m)
	if err != nil {
		return err
	}
	token = strings.ReplaceAll(token, "+", " ")
	s.hide(token)
	return s.wantFalse(ctx, verifyRequest{s.target.UserCode, token})
}

// eachVerify returns a check of a true and of a false answer.
func eachVerify(check func(answer) error) func(context.Context, *session, verifyRequest) error {
	return func(ctx context.Context, s *session, r verifyRequest) error {
		for _, each := range []verifyRequest{r, changedToken(s, r)} {
			a, err := s.askVerify(ctx, each)
			if err == nil && a.status == http.StatusOK { // for verify/shape
				err = check(a)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func verifyShape(ctx context.Context, s *session, r verifyRequest) error {
	for _, each := range []verifyRequest{r, changedToken(s, r), {"", ""}} {
		a, err := s.askVerify(ctx, each)
		if err != nil {
			return err
		}
		got, err := parseStatus(a)
		if err != nil {
			return err
		}
		if got.loggedIn && got.usercode != each.usercode {
			return fail("the usercode of the request", a.String(), hintStoredOnly)
		}
	}
	return nil
}
