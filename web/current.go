package web

import (
	"errors"
	"net/http"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

// Errors of Login.named.
var (
	errUnnamed     = errors.New("the request itself need not name a member")
	errNobodyNamed = errors.New("the request names no member")
	errNamesNobody = errors.New("the request says that nobody is logged in")
	errNamedTwice  = errors.New("the request names the member more than once")
)

// A claim is what a request itself says about who it is from.
type claim struct {
	member member.Member
	err    error // of Login.named, or the usercode can't be sent
}

func (s *server) claimOf(r *http.Request) claim {
	who, err := s.login.named(r)
	if err == nil {
		who, _, err = who.Sendable()
	}
	return claim{who, err}
}

// allows reports whether the request may be from the member with this usercode, as a cookie or a
// token says. Where mustName is true, a request that has to name a member and names nobody is from
// nobody.
func (c claim) allows(usercode string, mustName bool) bool {
	if errors.Is(c.err, errUnnamed) || errors.Is(c.err, errNobodyNamed) && !mustName {
		return true
	}
	return c.err == nil && c.member.UserCode == usercode
}

// current returns the session of r, or nil when nobody is logged in. An error is the store's, or
// says that r names somebody in a way that may be forged.
func (s *server) current(w http.ResponseWriter, r *http.Request) (*session.Session, error) {
	return s.currentOf(w, r, true)
}

// currentFresh is current with the member's data as of now, for a handoff.
func (s *server) currentFresh(w http.ResponseWriter, r *http.Request) (*session.Session, error) {
	current, err := s.current(w, r)
	if current == nil || err != nil {
		return nil, err
	}
	fresh, err := s.sessions.Refresh(r.Context(), *current)
	if errors.Is(err, session.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return &fresh, nil
}

// currentOf ends the session of r when r does not allow its member, before anything is answered; see
// claim.
func (s *server) currentOf(
	w http.ResponseWriter, r *http.Request, mustName bool,
) (*session.Session, error) {
	says := s.claimOf(r)
	current, err := s.sessions.Current(r.Context(), r)
	if errors.Is(err, session.ErrNone) {
		if errors.Is(says.err, errNamedTwice) {
			return nil, says.err
		}
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	if source, known := s.login.source(r); mustName && known && source != s.sessions.Source(current) {
		return s.refreshFrom(w, r, current, source)
	}
	if says.allows(current.Member.UserCode, mustName) {
		if says.err == nil {
			current.Member = says.member
		}
		return &current, nil
	}
	if err := s.end(w, r, current); err != nil {
		return nil, err
	}
	if errors.Is(says.err, errNamedTwice) {
		return nil, says.err
	}
	return nil, nil
}

// end ends a session because its member is not who is logged in now.
func (s *server) end(w http.ResponseWriter, r *http.Request, current session.Session) error {
	s.audit.write(w, r, "logout", s.login.way(), "changed", current.Member.UserCode)
	return s.endSession(w, r, &current)
}

// endSession ends the session of r, which is current or nil, and deletes its tokens.
func (s *server) endSession(w http.ResponseWriter, r *http.Request, current *session.Session) error {
	err := s.sessions.End(w, r)
	if current != nil {
		err = errors.Join(err, s.tokens.Forget(r.Context(), current.ID))
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// refreshFrom asks about the member of current from the source that r has brought.
func (s *server) refreshFrom(
	w http.ResponseWriter, r *http.Request, current session.Session, source string,
) (*session.Session, error) {
	if source == "" {
		return nil, s.end(w, r, current)
	}
	var fresh session.Session
	err := s.loginFlow().limited(w, r, func() (err error) {
		fresh, err = s.sessions.RefreshFrom(r.Context(), current, source)
		return err
	})
	tooMany := (*tooManyError)(nil)
	switch {
	case errors.Is(err, session.ErrNone):
		return nil, s.end(w, r, current)
	case errors.As(err, &tooMany):
		return nil, err
	case err != nil:
		return nil, unavailable(err)
	}
	return &fresh, nil
}
