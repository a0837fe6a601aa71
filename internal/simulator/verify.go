package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// verifyTimeout bounds a token verify call.
	verifyTimeout = 5 * time.Second
	// maxAnswer bounds what is read of the customer's answer, in bytes.
	maxAnswer = 4 << 10
)

// loginAnswer is what the customer's login status URL and token verify URL say.
type loginAnswer struct {
	login    bool
	userCode string // "" unless login
	warning  string // what the contract says otherwise
}

// readLoginAnswer reads the JSON of PROTOCOL 7. A Boolean passes with a warning (D1).
func readLoginAnswer(body []byte) (loginAnswer, error) {
	var wire struct {
		Login    any     `json:"login"`
		UserCode *string `json:"usercode"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return loginAnswer{}, fmt.Errorf("the answer is not the contract's JSON: %w", err)
	}
	var answer loginAnswer
	switch login := wire.Login.(type) {
	case bool:
		answer.login, answer.warning = login, "login is a Boolean, not a string"
	case string:
		if login != "true" && login != "false" {
			return loginAnswer{}, fmt.Errorf("login is %q, neither \"true\" nor \"false\"", login)
		}
		answer.login = login == "true"
	default:
		return loginAnswer{}, errors.New("login is missing, or no string")
	}
	if answer.login {
		if wire.UserCode == nil || isBlank(*wire.UserCode) {
			return loginAnswer{}, errors.New("login is \"true\" and usercode is missing")
		}
		answer.userCode = *wire.UserCode
	}
	return answer, nil
}

// askVerify asks the customer whether a link's token is still good (PROTOCOL 9). No usable answer is a no.
func (s *Simulator) askVerify(ctx context.Context, verifyURL string, f Fields) bool {
	event := Event{
		Kind: KindVerify, Method: http.MethodGet, Path: verifyURL, Outcome: OutcomeOK,
		Fields: []Field{{"usercode", f.UserCode}, {"token", f.Token}},
	}
	answer, err := s.callVerify(ctx, withQuery(withQuery(verifyURL, "usercode", f.UserCode), "token", f.Token))
	confirmed := err == nil && answer.login && answer.userCode == f.UserCode
	switch {
	case err != nil:
		event.Outcome, event.Detail = OutcomeRefused, err.Error()
	case answer.login && !confirmed:
		event.Outcome, event.Detail = OutcomeRefused, "the answer is for another usercode"
	case !answer.login:
		event.Outcome, event.Detail = OutcomeRefused, "login is \"false\""
	}
	if answer.warning != "" {
		event = event.warned(answer.warning)
	}
	s.record(event)
	return confirmed
}

func (s *Simulator) callVerify(ctx context.Context, target string) (loginAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return loginAnswer{}, errors.New("the token verify URL can't be called")
	}
	response, err := s.client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // the whole would print the URL, token and all
		}
		return loginAnswer{}, fmt.Errorf("no answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return loginAnswer{}, fmt.Errorf("answered %d, not 200", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return loginAnswer{}, fmt.Errorf("read the answer: %w", err)
	}
	return readLoginAnswer(body)
}
