package standin

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ocsso/internal/devtools/signing"
)

// How many of each are kept. The oldest are dropped first.
const (
	maxEvents    = 500
	maxInquiries = 1000
	maxSessions  = 1000
	maxGrants    = 1000
)

// state is everything that a reset clears.
type state struct {
	settings    Settings
	faults      Faults
	events      []Event
	lastEvent   int
	inquiries   []Inquiry
	lastInquiry int
	sessions    []session
	grants      []grant
	// login is the id of the event of the login URL for which no handoff has come; 0 if none.
	login     int
	lastVisit int
}

// session is one browser's login at the help center. Read-only.
type session struct {
	id     string
	fields signing.Fields // of the login; the login status call may send them back
	// confirmed is set once the login status URL has said that the member is logged in.
	confirmed bool
}

// name is the member's name on the pages.
func (s session) name() string {
	if signing.Blank(s.fields.UserName) {
		return s.fields.UserCode
	}
	return s.fields.UserName
}

// grant is an access token that was not used yet (CONTRACT 5).
type grant struct {
	accessToken string
	issued      time.Time
	fields      signing.Fields
}

// keep appends the item and drops the oldest ones over the limit.
func keep[T any](list []T, item T, limit int) []T {
	list = append(list, item)
	return slices.Delete(list, 0, max(0, len(list)-limit))
}

func (s *Simulator) settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.settings
}

// changeSettings replaces the settings if they are valid, and returns their problems if not.
// Without a new key the present key stays.
func (s *Simulator) changeSettings(settings Settings) []fieldError {
	s.mu.Lock()
	defer s.mu.Unlock()
	settings = settings.keepKey(s.state.settings)
	if found := settings.problems(); len(found) > 0 {
		return found
	}
	s.state.settings = settings
	return nil
}

func (s *Simulator) faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.faults
}

func (s *Simulator) setFaults(faults Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.faults = faults
}

// reset clears events, inquiries, logins and faults, and restores the first settings.
func (s *Simulator) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state{settings: s.start}
	s.tell()
}

// tell lets the consoles know of a change. The caller holds the lock.
func (s *Simulator) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// record keeps an event and returns its id. Fields and detail are personal data, so the log gets
// neither.
func (s *Simulator) record(e Event) int {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.state.waiting(); i >= 0 && (e.Kind == KindForm || e.Kind == KindAPI) {
		opened := &s.state.events[i]
		opened.notes = nil
		*opened = opened.with(noted(sayCameBack, now.Sub(opened.Time).Seconds()))
		s.state.login = 0
	}
	return s.add(e, now)
}

// add keeps an event. The caller holds the lock.
func (s *Simulator) add(e Event, at time.Time) int {
	if s.state.startsVisit(e, at) {
		s.state.lastVisit++
	}
	s.state.lastEvent++
	e.ID, e.Visit, e.Time = s.state.lastEvent, s.state.lastVisit, at
	if e.Fields == nil {
		e.Fields = []Field{}
	}
	s.state.events = keep(s.state.events, e, maxEvents)
	s.log.Info("help center call", "id", e.ID, "kind", e.Kind, "method", e.Method, "path", e.Path, "outcome", e.Outcome)
	s.tell()
	return e.ID
}

// pause is the time after which a handoff belongs to no earlier visit.
const pause = 5 * time.Minute

// startsVisit reports whether an event is the first of a visit: a page that is not shown by the
// login before it, or a login of which no page knows.
func (st *state) startsVisit(e Event, at time.Time) bool {
	if len(st.events) == 0 {
		return true
	}
	last := st.events[len(st.events)-1]
	afterLogin := last.Kind.handoff() && last.Outcome != OutcomeRefused
	switch {
	case e.Kind == KindAccessToken || e.Kind == KindVerify || e.Kind.toCustomer() || e.Method != http.MethodGet && !e.Kind.handoff():
		return false
	case e.Kind.handoff():
		return last.Kind.handoff() || at.Sub(last.Time) > pause
	}
	return !afterLogin
}

// handoffPatience is how long after the login URL was opened a handoff is missed.
const handoffPatience = 10 * time.Second

// openLogin notes that the script sends a browser to the login URL.
func (s *Simulator) openLogin(loginURL string) {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	opened := Event{Kind: KindLogin, Method: http.MethodGet, Path: loginURL, Outcome: OutcomeOK}
	s.state.login = s.add(opened.with(noted(sayOpened)), now)
}

// waiting is the place of the event of the login URL for which no handoff has come, or -1.
func (st *state) waiting() int {
	return slices.IndexFunc(st.events, func(e Event) bool { return e.ID == st.login })
}

// events returns the kept events, newest first. A login without a handoff is a warning while none
// comes.
func (s *Simulator) events() []Event {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	events := slices.Clone(s.state.events)
	if i := s.state.waiting(); i >= 0 && now.Sub(events[i].Time) >= handoffPatience {
		events[i] = events[i].warned(noted(sayNoHandoff, handoffPatience))
	}
	slices.Reverse(events)
	return events
}

// startSession logs a member in and returns the new session's id.
func (s *Simulator) startSession(fields signing.Fields) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	s.state.sessions = keep(s.state.sessions, session{id: id, fields: fields}, maxSessions)
	return id
}

// session returns the session with that id, or nil.
func (s *Simulator) session(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.state.sessions {
		if known.id == id {
			return &known
		}
	}
	return nil
}

// confirmSession notes that the login status URL has said that the member is logged in.
func (s *Simulator) confirmSession(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.state.sessions {
		if s.state.sessions[i].id == id {
			s.state.sessions[i].confirmed = true
		}
	}
}

func (s *Simulator) endSession(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.sessions = slices.DeleteFunc(s.state.sessions, func(known session) bool { return known.id == id })
}

// grantAccess makes an access token for an api login.
func (s *Simulator) grantAccess(fields signing.Fields) string {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	accessToken := rand.Text()
	s.state.grants = keep(s.state.grants, grant{accessToken: accessToken, issued: now, fields: fields}, maxGrants)
	return accessToken
}

// redeem removes the grant of an access token, or of a usercode and a time without one, and returns
// it. It works only once.
func (s *Simulator) redeem(query url.Values) (grant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, g := range s.state.grants {
		if g.accessToken == query.Get("accessToken") ||
			!query.Has("accessToken") && g.fields.UserCode == query.Get("usercode") && g.fields.Time == query.Get("time") {
			s.state.grants = slices.Delete(s.state.grants, i, i+1)
			return g, true
		}
	}
	return grant{}, false
}

// addInquiry keeps an inquiry under a new id.
func (s *Simulator) addInquiry(inquiry Inquiry) {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.lastInquiry++
	inquiry.ID, inquiry.Time = s.state.lastInquiry, now
	s.state.inquiries = keep(s.state.inquiries, inquiry, maxInquiries)
}

// inquiries returns the kept inquiries, newest first.
func (s *Simulator) inquiries() []Inquiry {
	s.mu.Lock()
	defer s.mu.Unlock()
	inquiries := slices.Clone(s.state.inquiries)
	slices.Reverse(inquiries)
	return inquiries
}
