package web

import (
	"errors"
	"fmt"
	"net/http"

	"ocsso/internal/member"
	"ocsso/internal/session"
	"ocsso/internal/sitelogin"
)

// A claim is what a request itself says about who it is from. The zero claim says nothing.
type claim struct {
	says   says
	member member.Member // of saysMember
	source string        // what the session's member is asked about with; "" for its own Source
	err    error         // why nobody, or the conflict
}

type says int

const (
	saysNothing  says = iota // the session alone knows
	saysNobody               // nobody is logged in
	saysMember               // this member is, and no other
	saysConflict             // it names more than one, so somebody may have forged it
)

// errConflict is what a claim of saysConflict has.
var errConflict = fmt.Errorf("%w: the request names the member more than once", errNotByProxy)

// claimOf is what r says. A member whom the help center can't know is nobody.
func (s *server) claimOf(r *http.Request) claim {
	login, ok := s.login.(claimant)
	if !ok {
		return claim{}
	}
	c := login.claim(r)
	if c.says == saysMember {
		fit, _, err := c.member.Sendable()
		if err != nil {
			return claim{says: saysNobody, err: err}
		}
		c.member = fit
	}
	return c
}

// allows reports whether the request may be from the member with this usercode, as a cookie or a
// token says.
func (c claim) allows(usercode string) bool {
	return c.says == saysNothing || c.says == saysMember && c.member.UserCode == usercode
}

// conflict is the error of a saysConflict, or nil.
func (c claim) conflict() error {
	if c.says == saysConflict {
		return c.err
	}
	return nil
}

// current returns the session of r, or nil when nobody is logged in. It ends the session when r
// says that its member is somebody else, before anything is answered. An error is the store's, or
// a conflict.
func (s *server) current(w http.ResponseWriter, r *http.Request) (*session.Session, error) {
	claim := s.claimOf(r)
	current, err := s.sessions.Current(r)
	switch {
	case errors.Is(err, session.ErrNone):
		return nil, claim.conflict()
	case err != nil:
		return nil, unavailable(err)
	case claim.source != "" && sitelogin.Cookies(claim.source) != sitelogin.Cookies(current.Source):
		return s.refreshFrom(w, r, current, claim.source)
	case !claim.allows(current.Member.UserCode):
		if err := s.end(w, r, current); err != nil {
			return nil, err
		}
		return nil, claim.conflict()
	case claim.says == saysMember:
		current.Member = claim.member
	}
	return &current, nil
}

// currentFresh is current with the member's data as of now, for a handoff.
func (s *server) currentFresh(w http.ResponseWriter, r *http.Request) (*session.Session, error) {
	current, err := s.current(w, r)
	if current == nil || err != nil {
		return nil, err
	}
	fresh, err := s.sessions.Refresh(r.Context(), *current, current.Source)
	if errors.Is(err, session.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return &fresh, nil
}

// refreshFrom asks about the member of current with the source that r has brought.
func (s *server) refreshFrom(
	w http.ResponseWriter, r *http.Request, current session.Session, source string,
) (*session.Session, error) {
	buckets := s.limits.ofAddress(r)
	if err := s.countAttempt(w, r, "", buckets); err != nil {
		return nil, err
	}
	fresh, err := s.sessions.Refresh(r.Context(), current, source)
	if errors.Is(err, session.ErrNone) {
		return nil, s.end(w, r, current)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return &fresh, s.limits.takeBack(r, buckets)
}

// end ends a session because its member is not who is logged in now.
func (s *server) end(w http.ResponseWriter, r *http.Request, current session.Session) error {
	s.identify(w, r)
	s.audit.write(w, r, "logout", s.LoginWith, "changed", current.Member.UserCode, nil)
	if err := s.sessions.End(w, r); err != nil {
		return unavailable(err)
	}
	return nil
}
