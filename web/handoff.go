package web

import (
	"errors"
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
	w http.ResponseWriter, r *http.Request, way helpcenter.Way, current session.Session, to helpcenter.ReturnURL,
) error {
	if to.Local() {
		return seeOther(w, to.String())
	}
	goOn := r.URL.Query().Has("continue") // by the button of the loop page
	round := s.roundOf(r, way, to, goOn)
	if !goOn && s.sessions.Rounds(current, round) >= loopRounds {
		s.countHandoff(w, r, way, "loop", current)
		s.warnOfLoop(w, way)
		loop := templates.Loop{
			Page:        s.memberPage(w, r, &current),
			ContinueURL: withParameter(s.loginURL(r.URL.Path, to.String()), "continue", "1"),
			Unconfirmed: way == helpcenter.Form,
		}
		if loop.Framed {
			loop.OpenURL = s.loginURL(r.URL.Path, to.Unframed().String())
		}
		return s.render(w, r, http.StatusOK, templates.LoopPage(loop))
	}
	if err := s.handOffBy(w, r, way, current, to, round); err != nil {
		s.countHandoff(w, r, way, "failed", current)
		// The member sees an error page that offers to try again. That begins a loop anew at most.
		round.Anew = true
		return errors.Join(err, s.sessions.Recount(r.Context(), current, round))
	}
	outcome := "ok"
	if way == helpcenter.Form {
		outcome = "sent" // the member's browser gets the answer
	}
	s.countHandoff(w, r, way, outcome, current)
	return nil
}

// roundOf is r's round to a page. The help center sends the member back after the first one. A
// navigation that the browser knows to come from elsewhere starts anew: our own links, a reload, a
// restored tab. With the handoff "link" the help center sends nobody back.
func (s *server) roundOf(r *http.Request, way helpcenter.Way, to helpcenter.ReturnURL, goOn bool) session.Round {
	if way == helpcenter.Link {
		return session.Round{}
	}
	site := r.Header.Get("Sec-Fetch-Site") // "" in old browsers
	anew := site != "" && site != s.fromCenter && !goOn && !r.URL.Query().Has(shownFirst)
	return session.Round{Page: to.Bare().String(), Window: loopWindow, Anew: anew}
}

// warnOfLoop says what may be behind a loop: after a server call the help center knows the member,
// and the browser keeps it from us; after a form nobody has told us that it took the form.
func (s *server) warnOfLoop(w http.ResponseWriter, way helpcenter.Way) {
	causes := "third-party cookies"
	if way == helpcenter.Form {
		causes += ", help_center.organization_key, the clock"
	}
	if s.seen.noticed(noticeLoop, string(way)) {
		s.log.Warn("the help center sends members back again and again", "way", way, "causes", causes, "request_id", idOf(w))
	}
}

// handOffBy signs the handoff and answers with it.
func (s *server) handOffBy(
	w http.ResponseWriter, r *http.Request, way helpcenter.Way, current session.Session, to helpcenter.ReturnURL,
	round session.Round,
) error {
	signed, err := s.sign(r, way, current, to, round)
	if err != nil {
		return err
	}
	switch way {
	case helpcenter.Form: // a page that posts itself (CONTRACT 4)
		page := templates.Handoff{Page: s.framedPage(w, r), Method: "post", Action: s.site.FormAction()}
		for _, f := range signed.Fields() {
			page.Fields = append(page.Fields, templates.Field(f))
		}
		return s.render(w, r, http.StatusOK, templates.HandoffPage(page))
	case helpcenter.Link: // CONTRACT 8
		location, err := signed.URL()
		if err != nil {
			return err
		}
		return seeOther(w, location)
	}
	start := time.Now()
	answerWithin(w, longestWait)
	location, err := s.center.Send(r.Context(), signed) // CONTRACT 5
	answerWithin(w, AnswerTimeout)
	if !gone(r) {
		s.metrics.RemoteLogins.With(resultCode(err)).UpdateDuration(start)
	}
	if err != nil {
		return err
	}
	return seeOther(w, location)
}

// sign vouches for the session's member, and remembers the token. Another session of the member may
// have the same token of this millisecond: the later one takes the next.
func (s *server) sign(
	r *http.Request, way helpcenter.Way, current session.Session, to helpcenter.ReturnURL, round session.Round,
) (helpcenter.Handoff, error) {
	for at := time.Now(); ; at = at.Add(time.Millisecond) {
		signed, err := s.center.Sign(way, current.Member, to, at)
		if err != nil {
			return helpcenter.Handoff{}, err
		}
		first, err := s.sessions.Issue(r.Context(), current, signed.Token, round)
		if err != nil {
			return helpcenter.Handoff{}, unavailable(err)
		}
		if first {
			return signed, nil
		}
	}
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

func (s *server) countHandoff(
	w http.ResponseWriter, r *http.Request, way helpcenter.Way, outcome string, current session.Session,
) {
	if outcome == "failed" && gone(r) {
		return
	}
	s.metrics.Handoffs.With(outcome, string(way)).Inc()
	s.audit(w, r, "handoff", string(way), outcome, current.Member.UserCode, nil)
}
