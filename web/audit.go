package web

import (
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ocsso/internal/audit"
	"ocsso/internal/member"
	"ocsso/internal/password"
	"ocsso/internal/token"
)

// audit writes a line that answers "why could this member not log in yesterday?": for each login,
// refusal, handoff and logout, without personal data. The member is a keyed hash, which the command
// audit-id prints for a usercode. way is how: "password", "form" and the like; outcome is the
// metric's, and err why it is not "ok". usercode is "" when nobody is named.
func (s *server) audit(w http.ResponseWriter, r *http.Request, event, way, outcome, usercode string, err error) {
	if event == "handoff" || event == "login" && outcome != "ok" {
		s.seen.happened(event, way, outcome, usercode, s.AuditKey)
	}
	attrs := []slog.Attr{
		slog.String("event", event),
		slog.String("way", way),
		slog.String("outcome", outcome),
	}
	if reason := reasonOf(err); reason != "" {
		attrs = append(attrs, slog.String("reason", reason))
	}
	if caller, ok := r.Context().Value(callerKey{}).(string); ok {
		attrs = append(attrs, slog.String("caller", caller))
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "audit", append(attrs,
		slog.String("member", s.AuditKey.ID(usercode)),
		slog.String("network", audit.Network(clientOf(r))),
		slog.String("request_id", idOf(w)))...)
}

// callerKey is the context key of the backend that calls: how its key's hash begins in the
// settings.
type callerKey struct{}

// reasonOf is why an attempt failed, for those who answer a member's question, or "" where the
// line of the request says more.
func reasonOf(err error) string {
	var (
		refused *member.RefusedError
		tooMany *tooManyError
		field   *token.FieldError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Why
	case errors.As(err, &tooMany):
		return tooMany.by
	case errors.Is(err, password.ErrBusy):
		return "queue_full"
	case errors.Is(err, member.ErrGuest):
		return "guest"
	case errors.Is(err, errStillLoggedOut), errors.Is(err, errNotByProxy):
		return "not_logged_in"
	case errors.As(err, &field):
		return "unsendable"
	}
	return ""
}

// Seen is what the public listener has seen lately, for the setup page: of this process alone, and
// bounded. The zero value has seen nothing. It is safe for concurrent use.
type Seen struct {
	mu       sync.Mutex
	events   map[string][]seenEvent        // by Event.Name, the newest last
	notices  [notices]map[string]time.Time // what one is about, and when it was logged
	sentBack atomic.Int64                  // see SentBack
}

// Bounds of what is kept: the events of one name, and what notices of one kind are about.
const (
	maxEvents  = 20
	maxNoticed = 8
)

// An Event is a handoff, a login that was not let in, or an answer to the help center's server. It
// has no more of a member than the audit log.
type Event struct {
	Time               time.Time
	Name, Way, Outcome string // as in the audit log
	Member             string // the audit id; "" for nobody
}

type seenEvent struct {
	Event
	usercode string
	key      audit.Key
}

// happened keeps an event. The id of its member is made when somebody looks.
func (s *Seen) happened(name, way, outcome, usercode string, key audit.Key) {
	if len(usercode) > 200 { // no member's
		usercode = ""
	}
	event := seenEvent{Event{time.Now(), name, way, outcome, ""}, strings.Clone(usercode), key}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.events == nil {
		s.events = map[string][]seenEvent{}
	}
	list := append(s.events[name], event)
	s.events[name] = list[max(0, len(list)-maxEvents):]
}

// Events returns the last ones of each name, the newest first.
func (s *Seen) Events() (list []Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, events := range s.events {
		for _, e := range events {
			e.Member = e.key.ID(e.usercode)
			list = append(list, e.Event)
		}
	}
	slices.SortStableFunc(list, func(a, b Event) int { return b.Time.Compare(a.Time) })
	return list
}

// SentBack returns when the help center last sent back a usercode and a token to the login status
// URL (D8), or the zero time.
func (s *Seen) SentBack() time.Time {
	if at := s.sentBack.Load(); at != 0 {
		return time.Unix(at, 0)
	}
	return time.Time{}
}

// A Notice is something about the requests that an operator has to mend.
type Notice int

// The notices. Each is about a value.
const (
	NoticeService Notice = iota // the help center sent members for a service that is not configured
	NoticeProxy                 // an address that is not a trusted proxy's sends X-Forwarded-For
	noticeLoop                  // the help center sends members back again and again; about the way
	notices                     // their number
)

// noticed reports whether to log a notice about a value: once an hour. Of many values, which a
// stranger can make up, the first ones of an hour count.
func (s *Seen) noticed(n Notice, value string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, values := time.Now(), s.notices[n]
	maps.DeleteFunc(values, func(_ string, at time.Time) bool { return now.Sub(at) >= time.Hour })
	if _, known := values[value]; known || len(values) >= maxNoticed {
		return false
	}
	if values == nil {
		values = map[string]time.Time{}
		s.notices[n] = values
	}
	values[strings.Clone(value)] = now
	return true
}

// Noticed returns what there were notices about, sorted.
func (s *Seen) Noticed(n Notice) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.notices[n]))
}
