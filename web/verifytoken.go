package web

import "net/http"

// verifyToken tells the help center's server whether a token is one that we issued to that usercode, and its member is still
// logged in (PROTOCOL section 9, D7). A missing parameter is a plain "false".
func (s *server) verifyToken(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	usercode := query.Get("usercode")
	valid, err := s.tokens.Check(r.Context(), query.Get("token"), usercode)
	if !valid {
		usercode = ""
	}
	s.metrics.VerifyAnswers.WithLabelValues(s.writeLoginState(w, r, usercode, err)).Inc()
}
