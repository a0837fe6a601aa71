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
	round := s.roundOf(r, way, to, goOn)
	if !goOn && s.sessions.Rounds(current, round) >= loopRounds {
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
	if err := s.handOffBy(way, w, r, current, to, round); err != nil {
		s.countHandoff(w, r, way, "failed", current)
		// The member sees an error page that offers to try again. That begins a loop anew at most.
		round.Anew = true
		return errors.Join(err, s.sessions.Recount(r.Context(), current, round))
	}
	outcome := "ok"
	if way == Form {
		outcome = "sent" // the member's browser gets the answer
	}
	s.countHandoff(w, r, way, outcome, current)
	return nil
}

// warnOfLoop says what may be behind a loop: after a server call the help center knows the member,
// and the browser keeps it from us; after a form nobody has told us that it took the form.
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

// roundOf is r's round to a page. The help center sends the member back after the first one. A
// navigation that the browser knows to come from elsewhere starts anew: our own links, a reload, a
// restored tab. With the handoff "link" the help center sends nobody back.
func (s *server) roundOf(r *http.Request, way Way, to helpcenter.ReturnURL, goOn bool) session.Round {
	if way == Link {
		return session.Round{}
	}
	site := r.Header.Get("Sec-Fetch-Site") // "" in old browsers
	anew := site != "" && site != s.fromCenter && !goOn && !r.URL.Query().Has(shownFirst)
	return session.Round{Page: to.Bare().String(), Window: loopWindow, Anew: anew}
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
	round session.Round,
) error {
	switch way {
	case Form:
		return s.handOffByForm(w, r, current, to, round)
	case API:
		return s.handOffByCall(w, r, current, to, round)
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
	round session.Round,
) error {
	var form helpcenter.Form
	err := s.issue(r, current, round, func(at time.Time) (token string, err error) {
		form, err = s.center.Form(current.Member, to, at)
		return form.Token, err
	})
	if err != nil {
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
	round session.Round,
) error {
	var call helpcenter.Call
	err := s.issue(r, current, round, func(at time.Time) (token string, err error) {
		call, err = s.center.Call(current.Member, to, at)
		return call.Token, err
	})
	if err != nil {
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
) (link helpcenter.Link, err error) {
	err = s.issue(r, current, session.Round{}, func(at time.Time) (token string, err error) {
		link, err = s.center.Link(current.Member, to, at)
		return link.Token, err
	})
	return link, err
}

// issue remembers the token that sign has made. Another session of the member may have the same
// token of this millisecond: the later one takes the next.
func (s *server) issue(
	r *http.Request, current session.Session, round session.Round, sign func(at time.Time) (token string, err error),
) error {
	for at, first := time.Now(), false; !first; at = at.Add(time.Millisecond) {
		token, err := sign(at)
		if err != nil {
			return err
		}
		if first, err = s.sessions.Issue(r.Context(), current, token, round); err != nil {
			return unavailable(err)
		}
	}
	return nil
}
