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
	unusable bool   // then login is false
	why      words  // it is unusable, or a warning
	status   int    // of the answer
	body     string
}

func unusable(en, ko string, args ...any) loginAnswer {
	return loginAnswer{unusable: true, why: say(en, ko, args...)}
}

// readLoginAnswer reads the JSON of CONTRACT 7. It accepts a Boolean, with a warning (D1).
func readLoginAnswer(status int, body []byte) loginAnswer {
	if status != http.StatusOK {
		return unusable("answered %d, not 200", "응답 코드 %d (200이어야 함)", status)
	}
	var wire struct {
		Login    any     `json:"login"`
		UserCode *string `json:"usercode"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return unusable("the answer is not the contract's JSON: %v", "응답이 규격에 맞는 JSON이 아님: %v", err)
	}
	var answer loginAnswer
	switch login := wire.Login.(type) {
	case bool:
		answer.login, answer.why = login, words{"login is a Boolean, not a string", "login이 문자열이 아니라 Boolean임"}
	case string:
		if login != "true" && login != "false" {
			return unusable(`login is %q, neither "true" nor "false"`, `login 값: %q ("true" 또는 "false"여야 함)`, login)
		}
		answer.login = login == "true"
	default:
		return unusable("login is missing, or not a string", "login이 없거나 문자열이 아님")
	}
	if answer.login {
		if wire.UserCode == nil || signing.Blank(*wire.UserCode) {
			return unusable(`login is "true" but usercode is missing`, `login이 "true"인데 usercode가 없음`)
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
		event = event.refused(answer.why)
	case answer.login && !confirmed:
		event = event.refused(words{"the answer is for another usercode", "다른 usercode에 대한 응답임"})
	case !confirmed:
		event = event.refused(words{`login is "false"`, `login "false"`})
	}
	if answer.why != (words{}) && !answer.unusable {
		event = event.warned(answer.why, event.mend...)
	}
	s.record(event)
	return confirmed
}

func (s *Simulator) callVerify(ctx context.Context, target string) loginAnswer {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return unusable("the token verify URL can't be called", "Token 검증 URL을 호출할 수 없음")
	}
	response, err := s.client.Do(request)
	if err != nil {
		return unusable("no answer: %v", "응답 없음: %v", withoutURL(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	answer := readLoginAnswer(response.StatusCode, body)
	if err != nil && response.StatusCode == http.StatusOK {
		answer = unusable("the answer was cut off: %v", "응답이 중간에 끊김: %v", err)
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
