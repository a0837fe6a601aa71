package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/internal/session"
	"ocsso/templates"
)

// A help center that can't see the login sends the member back at once, again and again (D8). The
// loopRounds-th handoff of a session to one page within loopWindow shows a page in its place.
const (
	loopRounds = 3
	loopWindow = 20 * time.Second
)

// handOff takes a logged-in member to the return URL, and tells the help center on the way who it
// is.
func (s *server) handOff(
	w http.ResponseWriter, r *http.Request, way Way, current session.Session, to helpcenter.ReturnURL,
) error {
	if to.Local() {
		return seeOther(w, to.String())
	}
	goOn := r.URL.Query().Has("continue") // by the button of the loop page
	rounds, err := s.countRound(r, way, &current, to, goOn)
	if err != nil {
		return unavailable(err)
	}
	if rounds >= loopRounds && !goOn {
		s.countHandoff(w, r, way, "loop", current)
		s.warnOfLoop(w, r, way)
		loop := templates.Loop{
			Page:        s.memberPage(w, r, &current),
			ContinueURL: withParameter(s.loginURL(r.URL.Path, to.String()), "continue"),
			Unconfirmed: way == Form,
		}
		if loop.Framed {
			loop.OpenURL = s.loginURL(r.URL.Path, to.Unframed().String())
		}
		return s.render(w, r, http.StatusOK, templates.LoopPage(loop))
	}
	if err := s.handOffBy(way, w, r, current, to); err != nil {
		s.countHandoff(w, r, way, "failed", current)
		// The member sees an error page that offers to try again. That begins a loop anew at most.
		_, failed := s.sessions.Count(r.Context(), &current, to.Bare().String(), loopWindow, true)
		return errors.Join(err, failed)
	}
	outcome := "ok"
	if way == Form {
		outcome = "sent" // the member's browser gets the answer
	}
	s.countHandoff(w, r, way, outcome, current)
	return nil
}

// warnOfLoop says what may be behind a loop: after a server call the help center knows the member, and
// the browser keeps it from us; after a form nobody has told us that it took the form.
func (s *server) warnOfLoop(w http.ResponseWriter, r *http.Request, way Way) {
	causes := "third-party cookies"
	if way == Form {
		causes += ", help_center.organization_key, the clock"
	}
	if s.seen.noticed(noticeLoop, string(way)) {
		s.log.LogAttrs(r.Context(), slog.LevelWarn, "the help center sends members back again and again",
			slog.String("way", string(way)), slog.String("causes", causes), slog.String("request_id", idOf(w)))
	}
}

// countRound returns how often the member has come for one page in a row, sent back by the help
// center after the first time. A navigation that the browser knows to come from elsewhere starts
// anew: our own links, a reload, a restored tab. With the handoff "link" the help center sends
// nobody back.
func (s *server) countRound(
	r *http.Request, way Way, current *session.Session, to helpcenter.ReturnURL, goOn bool,
) (int, error) {
	if way == Link {
		return 0, nil
	}
	site := r.Header.Get("Sec-Fetch-Site") // "" in old browsers
	anew := site != "" && site != s.fromCenter && !goOn && !r.URL.Query().Has(shownFirst)
	return s.sessions.Count(r.Context(), current, to.Bare().String(), loopWindow, anew)
}

func (s *server) countHandoff(
	w http.ResponseWriter, r *http.Request, way Way, outcome string, current session.Session,
) {
	if outcome == "failed" && gone(r) {
		return
	}
	s.metrics.Handoffs.With(outcome, string(way)).Inc()
	s.audit.write(w, r, "handoff", string(way), outcome, current.Member.UserCode, nil)
}

func (s *server) handOffBy(
	way Way, w http.ResponseWriter, r *http.Request, current session.Session, to helpcenter.ReturnURL,
) error {
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

// handOffByForm shows a page that posts itself to the help center (CONTRACT 4).
func (s *server) handOffByForm(
	w http.ResponseWriter, r *http.Request, current session.Session, to helpcenter.ReturnURL,
) error {
	form, err := s.center.Form(current.Member, to)
	if err != nil {
		return err
	}
	if err := s.issue(r, current, form.Token); err != nil {
		return err
	}
	page := templates.Handoff{Page: s.framedPage(w, r), Method: "post", Action: s.site.FormAction()}
	for _, f := range form.Fields {
		page.Fields = append(page.Fields, templates.Field(f))
	}
	return s.render(w, r, http.StatusOK, templates.HandoffPage(page))
}

// handOffByCall calls the help center's server and redirects to what it answers (CONTRACT 5).
func (s *server) handOffByCall(
	w http.ResponseWriter, r *http.Request, current session.Session, to helpcenter.ReturnURL,
) error {
	call, err := s.center.Call(current.Member, to)
	if err != nil {
		return err
	}
	if err := s.issue(r, current, call.Token); err != nil {
		return err
	}
	start := time.Now()
	answerWithin(w, longestWait)
	location, err := s.center.Send(r.Context(), call)
	answerWithin(w, AnswerTimeout)
	if !gone(r) {
		s.metrics.RemoteLogins.With(resultCode(err)).UpdateDuration(start)
	}
	if err != nil {
		return err
	}
	return seeOther(w, location)
}

// resultCode is a metrics label: how a remote login ended.
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

// signedLink makes a link for the session's member and remembers its token (CONTRACT 8).
func (s *server) signedLink(
	r *http.Request, current session.Session, to helpcenter.ReturnURL,
) (helpcenter.Link, error) {
	link, err := s.center.Link(current.Member, to)
	if err != nil {
		return helpcenter.Link{}, err
	}
	return link, s.issue(r, current, link.Token)
}

// issue remembers a token. Call it before the token is sent, because the help center may ask about
// the token at once.
func (s *server) issue(r *http.Request, current session.Session, token string) error {
	if err := s.tokens.Add(r.Context(), token, current.Member.UserCode, current.ID); err != nil {
		return unavailable(err)
	}
	return nil
}
