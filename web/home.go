package web

import (
	"net/http"

	"ocsso/internal/helpcenter"
	"ocsso/templates"
)

// home is the front page of the customer's site. A member's links lead through the handoff. A
// guest's links lead straight to the help center, which may take guests. With the handoff "link"
// the help center has no login URL to send a guest to, so a guest's links lead through the login
// too.
func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	current, err := s.current(w, r)
	if err != nil {
		return err
	}
	throughLogin := current != nil || s.Handoff == helpcenter.Link
	return s.render(w, r, http.StatusOK, templates.HomePage(templates.Home{
		Page:       s.memberPage(w, r, current),
		InquiryURL: s.entrance(s.site.Page("", helpcenter.Inquiry), throughLogin),
		HistoryURL: s.entrance(s.site.Page("", helpcenter.History), throughLogin),
	}))
}

// help frames the help center (CONTRACT 10). For a member the frame starts at our login
// page, which hands off inside the frame.
func (s *server) help(w http.ResponseWriter, r *http.Request) error {
	current, err := s.current(w, r)
	if err != nil {
		return err
	}
	page := func(page helpcenter.Page) helpcenter.ReturnURL {
		return s.site.Page(r.URL.Query().Get("service"), page)
	}
	// Whoever is logged in takes the login to what only members see.
	inFrame := func(to helpcenter.Page) string { return s.entrance(page(to).Framed(), current != nil) }
	around := s.memberPage(w, r, current)
	if current == nil {
		around.LoginURL = s.loginURL("/login", s.own[0]+s.linkPath(r)) // back here
	}
	return s.render(w, r, http.StatusOK, templates.HelpPage(templates.Help{
		Page:        around,
		OpenURL:     s.entrance(page(helpcenter.Home), true),
		FrameURL:    inFrame(helpcenter.Home),
		FrameOrigin: string(s.site.Origin()),
		NoticesURL:  page(helpcenter.Notices).Framed().String(),
		ArticlesURL: page(helpcenter.Articles).Framed().String(),
		InquiryURL:  inFrame(helpcenter.Inquiry),
		HistoryURL:  inFrame(helpcenter.History),
	}))
}

// entrance is the URL that leads to a page of the help center.
func (s *server) entrance(to helpcenter.ReturnURL, throughLogin bool) string {
	if throughLogin {
		return s.loginURL("/login", to.String())
	}
	return to.String()
}
