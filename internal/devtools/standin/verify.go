package standin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"ocsso/internal/devtools/signing"
)

const (
	verifyTimeout = 5 * time.Second
	maxAnswer     = 4 << 10 // bytes of the customer's answer
)

// loginAnswer is what the customer's login status URL and token verify URL say.
type loginAnswer struct {
	login    bool
	userCode string // "" unless login
	unusable bool   // then login is false, and the notes say why
	notes    []note // where the answer differs from the contract
	status   int    // of the answer
	body     string
}

func unusable(why words, args ...any) loginAnswer {
	return loginAnswer{unusable: true, notes: []note{noted(why, args...)}}
}

// readLoginAnswer reads the JSON of CONTRACT 7. It accepts a Boolean, with a warning (D1).
func readLoginAnswer(body []byte) loginAnswer {
	var wire struct {
		Login    any     `json:"login"`
		UserCode *string `json:"usercode"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return unusable(sayAnswerNoJSON, err)
	}
	var answer loginAnswer
	switch login := wire.Login.(type) {
	case bool:
		answer.login, answer.notes = login, []note{noted(sayAnswerBoolean)}
	case string:
		if login != "true" && login != "false" {
			return unusable(sayAnswerNeither, login)
		}
		answer.login = login == "true"
	default:
		return unusable(sayAnswerNoLogin)
	}
	if answer.login {
		if wire.UserCode == nil || signing.Blank(*wire.UserCode) {
			return unusable(sayAnswerNoUserCode)
		}
		answer.userCode = *wire.UserCode
	}
	return answer
}

// askVerify asks the customer whether a link's token is valid (CONTRACT 9). Without a usable answer
// it is not.
func (s *Simulator) askVerify(ctx context.Context, verifyURL string, f signing.Fields) bool {
	event := Event{
		Kind: KindVerify, Method: http.MethodGet, Path: verifyURL, Outcome: OutcomeOK,
		Fields: []Field{{"usercode", f.UserCode}, {"token", f.Token}},
	}
	start := time.Now()
	answer := s.callVerify(ctx, withQuery(withQuery(verifyURL, "usercode", f.UserCode), "token", f.Token))
	event.Status, event.Body, event.Milliseconds = answer.status, answer.body, int(time.Since(start).Milliseconds())
	confirmed := answer.login && answer.userCode == f.UserCode
	switch {
	case answer.unusable:
		event = event.refused(answer.notes...)
	case confirmed:
		event = event.warned(answer.notes...)
	case answer.login:
		event = event.refused(noted(sayAnswerOtherMember)).with(answer.notes...)
	default:
		event = event.refused(noted(sayLoginFalse)).with(answer.notes...)
	}
	s.record(event)
	return confirmed
}

func (s *Simulator) callVerify(ctx context.Context, target string) loginAnswer {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return unusable(sayVerifyURL)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return unusable(sayNoAnswer, withoutURL(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	answer := readLoginAnswer(body)
	switch {
	case response.StatusCode != http.StatusOK:
		answer = unusable(sayAnswered, response.StatusCode)
	case err != nil:
		answer = unusable(sayAnswerCut, err)
	}
	answer.status, answer.body = response.StatusCode, clip(string(body))
	return answer
}

// withoutURL is an error of a client without its URL, which may have a token.
func withoutURL(err error) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
