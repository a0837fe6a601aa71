package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/session"
	"ocsso/templates"
)

// A help center that can't see the login sends the member back at once, again and again (D8). The loopRounds-th handoff of a
// session to one page within loopWindow is held back.
const (
	loopRounds = 3
	loopWindow = 20 * time.Second
)

// handOff takes a logged-in member on to the return URL, and tells the help center on the way who it is.
func (s *server) handOff(w http.ResponseWriter, r *http.Request, way Way, current session.Session, to helpcenter.ReturnURL) error {
	if to.Local() {
		return seeOther(w, to.String())
	}
	rounds, err := s.sessions.Count(r.Context(), current, to.Bare().String(), loopWindow)
	if err != nil {
		return outOfOrder(err)
	}
	if rounds >= loopRounds && !r.URL.Query().Has("continue") {
		s.metrics.Handoffs.WithLabelValues(string(way), "loop").Inc()
		return s.render(w, r, http.StatusOK, templates.LoopPage(templates.Loop{
			Page:        s.newPage(w, r, &current),
			ContinueURL: loginURL(r.URL.Path, to.String()) + "&continue=1",
		}))
	}
	if err := s.handOffBy(way, w, r, current, to); err != nil {
		s.metrics.Handoffs.WithLabelValues(string(way), "failed").Inc()
		// The member is here, with a page that offers to try again: no help center has sent anybody back.
		return errors.Join(err, s.sessions.Forget(r.Context(), current, to.Bare().String()))
	}
	s.metrics.Handoffs.WithLabelValues(string(way), "ok").Inc()
	return nil
}

func (s *server) handOffBy(way Way, w http.ResponseWriter, r *http.Request, current session.Session, to helpcenter.ReturnURL) error {
	switch way {
	case Form:
		return s.handOffByForm(w, r, current, to)
	case API:
		return s.handOffByCall(w, r, current, to)
	case Link:
		link, err := s.signedLink(r, current, to)
		if err != nil {
			return err
		}
		return seeOther(w, link.URL)
	}
	return fmt.Errorf("handoff %q: no such way", way)
}

// newHandoffs returns the page that hands off, by what it says in each language. It has no header, as nobody is to stay on it.
func newHandoffs(settings Settings, site helpcenter.Site) map[*i18n.Messages]templates.Handoff {
	pages := make(map[*i18n.Messages]templates.Handoff, len(i18n.Langs))
	for _, lang := range i18n.Langs {
		text := i18n.For(lang)
		page := templates.Page{Lang: lang, T: text, SiteName: settings.SiteName, Framed: true}
		pages[text] = templates.NewHandoff(page, site.FormAction())
	}
	return pages
}

// handOffByForm shows a page that posts itself to the help center (PROTOCOL section 4).
func (s *server) handOffByForm(w http.ResponseWriter, r *http.Request, current session.Session, to helpcenter.ReturnURL) error {
	form, err := s.signer.Form(helpcenter.Member(current.Member), to, s.now())
	if err != nil {
		return err
	}
	if err := s.issue(r, current, form.Token); err != nil {
		return err
	}
	fields := make([]templates.Field, len(form.Fields))
	for i, f := range form.Fields {
		fields[i] = templates.Field(f)
	}
	page := s.handoffs[i18n.For(s.language(w, r))].Page(fields)
	return s.render(w, r, http.StatusOK, page)
}

// handOffByCall tells the help center's server, and redirects with what it answers (PROTOCOL section 5).
func (s *server) handOffByCall(w http.ResponseWriter, r *http.Request, current session.Session, to helpcenter.ReturnURL) error {
	call, err := s.signer.Call(helpcenter.Member(current.Member), to, s.now())
	if err != nil {
		return err
	}
	if err := s.issue(r, current, call.Token); err != nil {
		return err
	}
	start := s.now()
	location, err := s.client.Send(r.Context(), call)
	s.metrics.RemoteLogins.WithLabelValues(resultCode(err)).Observe(s.now().Sub(start).Seconds())
	if err != nil {
		return err
	}
	return seeOther(w, location)
}

// resultCode is the label of a remote login's outcome.
func resultCode(err error) string {
	var refused *helpcenter.RefusedError
	switch {
	case err == nil:
		return "200"
	case errors.As(err, &refused):
		return strconv.Itoa(refused.Code)
	case errors.Is(err, helpcenter.ErrUnreachable):
		return "unreachable"
	}
	return "unexpected"
}

// signedLink makes a link for the session's member and remembers its token (PROTOCOL section 8).
func (s *server) signedLink(r *http.Request, current session.Session, to helpcenter.ReturnURL) (helpcenter.Link, error) {
	link, err := s.signer.Link(helpcenter.Member(current.Member), to, s.now())
	if err != nil {
		return helpcenter.Link{}, err
	}
	return link, s.issue(r, current, link.Token)
}

// issue remembers a token before it leaves, so that no question for it can come too early.
func (s *server) issue(r *http.Request, current session.Session, token string) error {
	if err := s.tokens.Add(r.Context(), token, current.Member.UserCode, current.ID); err != nil {
		return outOfOrder(err)
	}
	return nil
}
