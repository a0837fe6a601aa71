package web

import (
	"net/http"
	"strings"
	"time"
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

// maxHeaders is the most bytes of an answer's header. Proxies take little: nginx 4 KB in all. It
// answers 502 for more, and takes this replica for dead.
const (
	maxHeaders   = 3500
	serversOwn   = 150 // the status line, and the headers that the HTTP server adds
	headerSyntax = len(": ") + len("\r\n")
)

// room is how long the value of one more header may be.
func room(header http.Header, name string) int {
	left := maxHeaders - serversOwn - len(name) - headerSyntax
	for name, values := range header {
		for _, value := range values {
			left -= len(name) + len(value) + headerSyntax
		}
	}
	return left
}

// seeOther sends the browser by GET to the first of the locations that fits into the header. Unlike
// http.Redirect it writes no body that would repeat a token.
func seeOther(w http.ResponseWriter, locations ...string) error {
	most := room(w.Header(), "Location")
	for _, location := range locations {
		if len(location) <= most {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusSeeOther)
			return nil
		}
	}
	return errTooLong
}
