package check

import (
	"context"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/contract"
)

// verifyCases test the token verify URL (PROTOCOL 9).
func verifyCases() []Case {
	needs := []need{needVerify, needMember}
	return []Case{
		{"verify/issued", Must, "An issued token and its usercode are true (PROTOCOL 9)", needs, withIssued(verifyIssued)},
		{"verify/changed-token", Must, "A changed token is false (PROTOCOL 9)", needs, verifyFalse(changedToken)},
		{"verify/other-usercode", Must, "An issued token with another usercode is false (PROTOCOL 9)",
			needs, verifyFalse(otherUserCode)},
		{"verify/empty", Must, "An empty or missing token or usercode is false (PROTOCOL 9)", needs, withIssued(verifyEmpty)},
		{"verify/plus-as-space", Must, "A token whose + came as a space is false (PROTOCOL 3)", needs, withMember(verifyPlus)},
		{"verify/old", Must, "A correctly signed token from yesterday that was never issued is false (PROTOCOL 9, D7)",
			append(needs, needKey), verifyFalse(yesterdaysToken)},
		{"verify/shape", Must, `True and false are both 200 with login and usercode, and false has the usercode null (PROTOCOL 9)`,
			needs, withIssued(verifyShape)},
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
	return strings.Contains(strings.NewReplacer(`"`, "", " ", "").Replace(string(a.body)), "login:true")
}

func verifyIssued(ctx context.Context, s *session, r verifyRequest) error {
	a, err := s.askVerify(ctx, r)
	if err != nil {
		return err
	}
	if !saysTrue(a) {
		return fail(`{"login":"true","usercode":"`+r.usercode+`"}`, a.String(),
			"store each token with its usercode when it is issued, before the browser gets it")
	}
	return nil
}

// verifyFalse returns a case that wants false after a change to a request that is true.
func verifyFalse(change func(*session, verifyRequest) verifyRequest) runFunc {
	return withIssued(func(ctx context.Context, s *session, r verifyRequest) error { return s.wantFalse(ctx, change(s, r)) })
}

func (s *session) wantFalse(ctx context.Context, r verifyRequest) error {
	a, err := s.askVerify(ctx, r)
	if err != nil {
		return err
	}
	if saysTrue(a) {
		return fail(`{"login":"false","usercode":null}`, a.String(), "answer true only for a stored token and its own usercode")
	}
	return nil
}

func changedToken(s *session, r verifyRequest) verifyRequest {
	first := "A"
	if r.token[0] == 'A' {
		first = "B"
	}
	r.token = first + r.token[1:]
	s.secrets = append(s.secrets, r.token)
	return r
}

func otherUserCode(_ *session, r verifyRequest) verifyRequest {
	r.usercode += "x"
	return r
}

func yesterdaysToken(s *session, r verifyRequest) verifyRequest {
	at := strconv.FormatInt(s.now().Add(-24*time.Hour).UnixMilli(), 10)
	message := contract.Message(contract.CallLink, contract.Fields{Service: s.target.Service, UserCode: r.usercode, Time: at})
	r.token = contract.Sign(s.target.OrganizationKey, message)
	s.secrets = append(s.secrets, r.token)
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
		err = fail("false without parameters", a.String(), "answer false when a parameter is missing")
	}
	return err
}

const (
	// plusTries is how many tokens are requested to find one with a +.
	plusTries = 20
	// plusPause makes the next token different: a link's token changes with the millisecond.
	plusPause = 2 * time.Millisecond
)

func verifyPlus(ctx context.Context, s *session, m *member) error {
	for range plusTries {
		token, err := s.issuedToken(ctx, m.browser)
		if err != nil {
			return err
		}
		if strings.Contains(token, "+") {
			token = strings.ReplaceAll(token, "+", " ")
			s.secrets = append(s.secrets, token)
			return s.wantFalse(ctx, verifyRequest{s.target.UserCode, token})
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(plusPause):
		}
	}
	return skip("none of %d tokens had a +", plusTries)
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
			return fail("the usercode of the request", a.String(), "answer true only for a token's own usercode, and name it")
		}
	}
	return nil
}
