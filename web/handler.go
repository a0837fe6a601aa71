package web

import (
	"net/http"
	"strings"
)

// A handler answers a request or returns an error, which an adapter answers by the table in error.go. It has not written anything
// when it returns one.
type handler func(w http.ResponseWriter, r *http.Request) error

// page adapts a handler whose errors are a page for a member.
func (s *server) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.problemPage(w, r, err)
		}
	}
}

// negotiated adapts a handler whose errors are a page, or JSON where the caller asks for that.
func (s *server) negotiated(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		err := h(w, r)
		switch {
		case err == nil:
		case wantsJSON(r):
			s.problemJSON(w, r, err)
		default:
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

// wantsJSON reports whether r asks for JSON and not for a page, as an app does and a browser's navigation doesn't.
func wantsJSON(r *http.Request) bool {
	accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// seeOther sends the browser to location by GET. Unlike http.Redirect it writes no body, where a token could be read.
func seeOther(w http.ResponseWriter, location string) error {
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
