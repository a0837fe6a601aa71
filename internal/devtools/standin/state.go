package standin

import (
	"net/http"
	"slices"
	"time"

	"ocsso/internal/devtools/signing"
)

// state is everything that a reset clears.
type state struct {
	settings    Settings
	faults      Faults
	events      []Event
	lastEvent   int
	inquiries   []Inquiry
	lastInquiry int
	sessions    map[string]session // by the cookie's value
	grants      []grant
	// login is the id of the event of the login URL for which no handoff has come; 0 if none.
	login     int
	lastVisit int
}

// session is one browser's login at the help center.
type session struct {
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

// lock returns the state and what unlocks it.
func (s *Simulator) lock() (*state, func()) {
	s.mu.Lock()
	return &s.state, s.mu.Unlock
}

func (s *Simulator) settings() Settings {
	st, unlock := s.lock()
	defer unlock()
	return st.settings
}

// changeSettings replaces the settings if they are valid, and returns their problems if not.
// Without a new key the present key stays.
func (s *Simulator) changeSettings(settings Settings) problems {
	st, unlock := s.lock()
	defer unlock()
	if settings.OrganizationKey == "" || settings.OrganizationKey == signing.Mask {
		settings.OrganizationKey = st.settings.OrganizationKey
	}
	found := settings.problems()
	if len(found) == 0 {
		st.settings = settings
	}
	return found
}

func (s *Simulator) faults() Faults {
	st, unlock := s.lock()
	defer unlock()
	return st.faults
}

// changeFaults replaces the faults if they are valid, and returns their problems if not.
func (s *Simulator) changeFaults(faults Faults) problems {
	st, unlock := s.lock()
	defer unlock()
	found := faults.problems()
	if len(found) == 0 {
		st.faults = faults
	}
	return found
}

// reset clears events, inquiries, logins and faults, and restores the first settings.
func (s *Simulator) reset() {
	st, unlock := s.lock()
	defer unlock()
	*st = state{settings: s.start, sessions: map[string]session{}}
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
	st, unlock := s.lock()
	defer unlock()
	if i := st.waiting(); i >= 0 && (e.Kind == KindForm || e.Kind == KindAPI) {
		opened := &st.events[i]
		opened.notes, st.login = nil, 0
		*opened = opened.with(say("the handoff came after %.1f s", "%.1f초 뒤에 원격 로그인이 옴", now.Sub(opened.Time).Seconds()))
	}
	if st.startsVisit(e, now) {
		st.lastVisit++
	}
	st.lastEvent++
	e.ID, e.Visit, e.Time = st.lastEvent, st.lastVisit, now
	if e.Kind == KindLogin {
		st.login = e.ID
	}
	if e.Fields == nil {
		e.Fields = []Field{}
	}
	st.events = keep(st.events, e, 500)
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
	switch {
	case e.Kind == KindAccessToken || e.Kind.toCustomer() || e.Method != http.MethodGet && !e.Kind.handoff():
		return false
	case e.Kind.handoff():
		return last.Kind.handoff() || at.Sub(last.Time) > pause
	}
	return !last.Kind.handoff() || last.Outcome == OutcomeRefused
}

// handoffPatience is how long after the login URL was opened a handoff is missed.
const handoffPatience = 10 * time.Second

// waiting is the place of the event of the login URL for which no handoff has come, or -1.
func (st *state) waiting() int {
	return slices.IndexFunc(st.events, func(e Event) bool { return e.ID == st.login })
}

// events returns the kept events, newest first. A login without a handoff is a warning while none
// comes.
func (s *Simulator) events() []Event {
	now := s.clock()
	st, unlock := s.lock()
	defer unlock()
	events := slices.Clone(st.events)
	if i := st.waiting(); i >= 0 && now.Sub(events[i].Time) >= handoffPatience {
		events[i] = events[i].warned(words{"no handoff came", "원격 로그인이 오지 않음"}, say(
			"The login URL was opened %s ago: either the member is still at the login page, or the page after the login sends no form. "+
				"Then its script is missing or fails, its Content-Security-Policy forbids the script or the form-action, or a field of the form is named submit.",
			"로그인 URL이 열린 지 %s 지났습니다. 회원이 아직 로그인 페이지에 있거나, 로그인한 뒤의 페이지가 폼을 보내지 않았습니다: "+
				"폼을 제출하는 스크립트가 없거나 오류가 남, Content-Security-Policy가 스크립트나 form-action을 막음, 이름이 submit인 항목이 폼에 있음.", handoffPatience))
	}
	slices.Reverse(events)
	return events
}

// inquiries returns the kept inquiries, newest first.
func (s *Simulator) inquiries() []Inquiry {
	st, unlock := s.lock()
	defer unlock()
	inquiries := slices.Clone(st.inquiries)
	slices.Reverse(inquiries)
	return inquiries
}
