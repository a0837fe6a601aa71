package check

import (
	"context"
	"strconv"
	"strings"
	"time"

	"ocsso/internal/contract"
)

// verifyCases are those of the token verify URL (PROTOCOL 9).
func verifyCases() []Case {
	needs := []need{needVerify, needMember}
	return []Case{
		{"verify/issued", Must, "An issued token and its usercode are true (PROTOCOL 9)", needs, verifyIssued},
		{"verify/changed-token", Must, "A changed token is false (PROTOCOL 9)", needs, verifyFalse(changedToken)},
		{"verify/other-usercode", Must, "An issued token with another usercode is false (PROTOCOL 9)",
			needs, verifyFalse(otherUserCode)},
		{"verify/empty", Must, "An empty or missing token or usercode is false (PROTOCOL 9)", needs, verifyEmpty},
		{"verify/plus-as-space", Must, "A token whose + came as a space is false (PROTOCOL 3)", needs, verifyPlus},
		{"verify/old", Must, "A well-signed token of yesterday that was never issued is false (PROTOCOL 9, D7)",
			append(needs, needKey), verifyFalse(yesterdaysToken)},
		{"verify/shape", Must, `True and false are both 200 with login and usercode, and false has the usercode null (PROTOCOL 9)`,
			needs, verifyShape},
	}
}

// A question is one to the verify URL.
type question struct{ usercode, token string }

func (s *session) askVerify(ctx context.Context, q question) (answer, error) {
	return s.visitor().get(ctx, withQuery(s.target.TokenVerifyURL, header{"usercode", q.usercode}, header{"token", q.token}))
}

// issued is the question about a new token of the shared member.
func (s *session) issued(ctx context.Context) (question, error) {
	m, err := s.member(ctx)
	if err != nil {
		return question{}, err
	}
	token, err := s.issuedToken(ctx, m.browser)
	return question{s.target.UserCode, token}, err
}

// saysTrue reports whether a verify answer is a yes in any shape. The shape is for verify/shape.
func saysTrue(a answer) bool {
	return strings.Contains(strings.ReplaceAll(strings.ReplaceAll(string(a.body), `"`, ""), " ", ""), "login:true")
}

func verifyIssued(ctx context.Context, s *session) error {
	q, err := s.issued(ctx)
	if err != nil {
		return err
	}
	a, err := s.askVerify(ctx, q)
	if err != nil {
		return err
	}
	if !saysTrue(a) {
		return found(`{"login":"true","usercode":"`+q.usercode+`"}`, a.String(),
			"remember each token as it is issued, with its usercode, before the browser gets it")
	}
	return nil
}

// verifyFalse wants a no to a question that differs from a right one.
func verifyFalse(change func(*session, question) question) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		q, err := s.issued(ctx)
		if err != nil {
			return err
		}
		return s.wantFalse(ctx, change(s, q))
	}
}

func (s *session) wantFalse(ctx context.Context, q question) error {
	a, err := s.askVerify(ctx, q)
	if err != nil {
		return err
	}
	if saysTrue(a) {
		return found(`{"login":"false","usercode":null}`, a.String(), "say true for a remembered token and its own usercode only")
	}
	return nil
}

func changedToken(s *session, q question) question {
	last := byte('A')
	if q.token[0] == last {
		last = 'B'
	}
	q.token = string(last) + q.token[1:]
	s.secrets = append(s.secrets, q.token)
	return q
}

func otherUserCode(_ *session, q question) question {
	q.usercode += "x"
	return q
}

func yesterdaysToken(s *session, q question) question {
	at := strconv.FormatInt(s.now().Add(-24*time.Hour).UnixMilli(), 10)
	message := contract.Message(contract.CallLink, contract.Fields{Service: s.target.Service, UserCode: q.usercode, Time: at})
	q.token = contract.Sign(s.target.OrganizationKey, message)
	s.secrets = append(s.secrets, q.token)
	return q
}

func verifyEmpty(ctx context.Context, s *session) error {
	q, err := s.issued(ctx)
	if err != nil {
		return err
	}
	for _, empty := range []question{{"", q.token}, {q.usercode, ""}, {"", ""}} {
		if err := s.wantFalse(ctx, empty); err != nil {
			return err
		}
	}
	a, err := s.visitor().get(ctx, s.target.TokenVerifyURL)
	if err == nil && saysTrue(a) {
		err = found("false without parameters", a.String(), "a missing parameter is a plain false")
	}
	return err
}

const (
	// plusTries is how many tokens are asked for to find one with a +, which about every second has.
	plusTries = 20
	// plusPause is the time between them: a link's token is the same until the millisecond is over.
	plusPause = 2 * time.Millisecond
)

func verifyPlus(ctx context.Context, s *session) error {
	for range plusTries {
		q, err := s.issued(ctx)
		if err != nil {
			return err
		}
		if strings.Contains(q.token, "+") {
			q.token = strings.ReplaceAll(q.token, "+", " ")
			s.secrets = append(s.secrets, q.token)
			return s.wantFalse(ctx, q)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(plusPause):
		}
	}
	return skip("none of %d tokens had a +", plusTries)
}

func verifyShape(ctx context.Context, s *session) error {
	q, err := s.issued(ctx)
	if err != nil {
		return err
	}
	for _, each := range []question{q, changedToken(s, q), {"", ""}} {
		a, err := s.askVerify(ctx, each)
		if err != nil {
			return err
		}
		read, err := stateOf(a)
		if err != nil {
			return err
		}
		if read.loggedIn && read.usercode != each.usercode {
			return found("the usercode that was asked for", a.String(), "answer true for a token's own usercode only, and name it")
		}
	}
	return nil
}
