package web

import (
	"net/http"
	"time"

	"ocsso/internal/helpcenter"
)

// link redirects a member to a page of the help center by a signed link. An app gets the link as
// JSON. Somebody logged out logs in first.
func (s *server) link(page helpcenter.Page) http.HandlerFunc {
	return s.negotiated(func(w http.ResponseWriter, r *http.Request) error {
		current, err := s.current(r)
		if err != nil {
			return err
		}
		if current == nil {
			if wantsJSON(r) {
				return errLoggedOut
			}
			return seeOther(w, loginURL("/login", string(s.Own)+r.URL.RequestURI()))
		}
		link, err := s.signedLink(r, *current, s.site.Page(r.URL.Query().Get("service"), page))
		if err != nil {
			return err
		}
		if !wantsJSON(r) {
			return seeOther(w, link.URL)
		}
		writeJSON(w, http.StatusOK, "application/json", newLinkAnswer(link))
		return nil
	})
}

// linkAnswer is a signed link for an app.
type linkAnswer struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"` // when the help center stops accepting it
}

func newLinkAnswer(link helpcenter.Link) linkAnswer {
	return linkAnswer{link.URL, link.ExpiresAt.UTC().Truncate(time.Second)}
}
