package web

import (
	"net/http"
	"strings"
	"time"

	"ocsso/internal/helpcenter"
)

// A handler answers a request, or writes nothing and returns an error. An adapter answers the error
// by the table in error.go.
type handler func(w http.ResponseWriter, r *http.Request) error

// page adapts a handler whose errors are a page for a member.
func (s *server) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.problemPage(w, r, err)
		}
	}
}

// fails answers with err's page.
func (s *server) fails(err error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.problemPage(w, r, err) }
}

// json adapts a handler whose errors are JSON.
func (s *server) json(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.problemJSON(w, r, err)
		}
	}
}

// negotiated adapts a handler whose errors are JSON for a caller that asks for JSON, else a page.
func (s *server) negotiated(h handler) http.HandlerFunc {
	asPage, asJSON := s.page(h), s.json(h)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		if wantsJSON(r) {
			asJSON(w, r)
		} else {
			asPage(w, r)
		}
	}
}

// wantsJSON reports whether r asks for JSON and not for a page. Apps do; a browser's navigation
// doesn't.
func wantsJSON(r *http.Request) bool {
	accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

const (
	// AnswerTimeout is how long a request may take until its answer is written. The server has to
	// cut off clients that read more slowly.
	AnswerTimeout = 15 * time.Second
	// longestWait exceeds every wait for another server, which is some seconds. A provider is asked
	// several times.
	longestWait = 75 * time.Second
)

// answerWithin gives the answer this time from now. Call it before and after a wait for another
// server.
func answerWithin(w http.ResponseWriter, left time.Duration) {
	// It fails only for a writer that has no deadline.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(left))
}

// seeOther sends the browser to location by GET. Unlike http.Redirect it writes no body that would
// repeat a token. It refuses a location that proxies would not take in a header: nginx would answer
// 502 and take this replica for dead.
func seeOther(w http.ResponseWriter, location string) error {
	if len(location) > helpcenter.MaxURL {
		return errTooLong
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
