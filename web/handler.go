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

// AnswerTimeout is how long a request may take until its answer is written. The server has to cut
// off clients that read more slowly. Where a handler waits for another server, it sets the deadline
// itself; see whileWaiting.
const AnswerTimeout = 15 * time.Second

// longestWait exceeds every wait for another server. The longest is help_center.request_timeout,
// which is a minute at most.
const longestWait = 75 * time.Second

// whileWaiting runs wait, which waits for another server, and gives the answer its time afterwards.
func whileWaiting(w http.ResponseWriter, wait func()) {
	// It fails only for a writer that has no deadline.
	deadline := http.NewResponseController(w).SetWriteDeadline
	_ = deadline(time.Now().Add(longestWait))
	wait()
	_ = deadline(time.Now().Add(AnswerTimeout))
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
