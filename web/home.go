package web

import (
	"net/http"
	"net/url"

	"ocsso/internal/helpcenter"
	"ocsso/templates"
)

// home is the front page of the customer's site. A member's links hand off on the way, and so work where the browser
// keeps cookies from the help center; a guest's lead straight there, since it may take guests. Where members come by signed
// link, the help center sends nobody here to log in: then guests log in on the way.
func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	current, err := s.current(r)
	if err != nil {
		return err
	}
	page := s.newPage(w, r, current)
	throughLogin := current != nil || s.Handoff == Link
	return s.render(w, r, http.StatusOK, templates.HomePage(templates.Home{
		Page:       page,
		InquiryURL: s.entrance(s.site.Page("", helpcenter.Inquiry), throughLogin),
		HistoryURL: s.entrance(s.site.Page("", helpcenter.History), throughLogin),
		HelpURL:    "/help",
	}))
}

// entrance is the URL by which a page of the help center is entered.
func (s *server) entrance(to helpcenter.ReturnURL, throughLogin bool) string {
	if throughLogin {
		return loginURL("/login", to.String())
	}
	return to.String()
}

// loginURL is the login page at path, with returnURL to go on to; "" is none.
func loginURL(path, returnURL string) string {
	if returnURL == "" {
		return path
	}
	return path + "?returnUrl=" + url.QueryEscape(returnURL)
}
