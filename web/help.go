package web

import (
	"net/http"

	"ocsso/internal/helpcenter"
	"ocsso/templates"
)

// help frames the help center (PROTOCOL section 10). For a member the frame begins at our own login page, which hands off
// in the configured way, so that the member is logged in inside it.
func (s *server) help(w http.ResponseWriter, r *http.Request) error {
	current, err := s.current(r)
	if err != nil {
		return err
	}
	framed := s.site.Page(parameter(r, "service"), helpcenter.Home).Framed()
	return s.render(w, r, http.StatusOK, templates.HelpPage(templates.Help{
		Page:        s.newPage(w, r, current),
		FrameURL:    s.entrance(framed, current != nil),
		FrameOrigin: string(s.site.Origin()),
	}))
}
