package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ocsso/internal/helpcenter"
)

// link redirects a member to a page of the help center by a signed link. An app gets the link as
// JSON. Somebody logged out logs in first.
func (s *server) link(page helpcenter.Page) http.HandlerFunc {
	return s.negotiated(func(w http.ResponseWriter, r *http.Request) error {
		current, err := s.currentFresh(w, r)
		if err != nil {
			return err
		}
		if current == nil {
			if wantsJSON(r) {
				return errLoggedOut
			}
			return seeOther(w, s.loginURL("/login", s.own[0]+s.linkPath(r)))
		}
		to := s.site.Page(r.URL.Query().Get("service"), page)
		if forApp(r) {
			to = to.ForApp()
		}
		link, err := s.signedLink(r, *current, to)
		if err != nil {
			s.countHandoff(w, r, Link, "failed", *current)
			return err
		}
		s.countHandoff(w, r, Link, "ok", *current)
		if !wantsJSON(r) {
			return seeOther(w, link.URL)
		}
		writeJSON(w, http.StatusOK, "application/json", newLinkAnswer(link))
		return nil
	})
}

// linkPath is r's path with what is known of its query, so that the redirect to the login can't
// grow with the request.
func (s *server) linkPath(r *http.Request) string {
	path, query := strings.TrimSuffix(r.URL.Path, "/"), url.Values{}
	if service := r.URL.Query().Get("service"); slices.Contains(s.site.Services(), service) {
		query.Set("service", service)
	}
	if forApp(r) {
		query.Set("app", "1")
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// forApp reports whether r asks for a page in the web view of an app.
func forApp(r *http.Request) bool { return r.URL.Query().Get("app") == "1" }

// linkAnswer is a signed link for an app.
type linkAnswer struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"` // when the help center stops accepting it
}

func newLinkAnswer(link helpcenter.Link) linkAnswer {
	return linkAnswer{link.URL, link.ExpiresAt.UTC().Truncate(time.Second)}
}
