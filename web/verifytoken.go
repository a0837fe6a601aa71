package web

import "net/http"

// verifyToken tells the help center's server whether a token is one that we issued to that usercode, and its member is still
// logged in (PROTOCOL section 9, D7). A missing parameter is a plain "false".
func (s *server) verifyToken(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := s.bounded(r.Context())
	defer cancel()
	usercode := parameter(r, "usercode")
	valid, err := s.tokens.Check(ctx, parameter(r, "token"), usercode)
	if !valid {
		usercode = ""
	}
	s.answerLoginState(w, r, s.metrics.VerifyAnswers, usercode, err)
}
