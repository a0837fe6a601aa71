package web

import (
	"errors"
	"log/slog"
	"net/http"

	"ocsso/internal/audit"
	"ocsso/internal/member"
	"ocsso/internal/password"
	"ocsso/internal/token"
)

// auditLog answers "why could this member not log in yesterday?". It has a line for each login,
// refusal, handoff and logout, without personal data: the member is a keyed hash, which the command
// audit-id prints for a usercode.
type auditLog struct {
	log  *slog.Logger
	key  audit.Key
	seen *Seen
}

// write writes a line. way is how: "password", "form" and the like; outcome is the metric's, and
// err why it is not "ok". usercode is "" when nobody is named.
func (a auditLog) write(
	w http.ResponseWriter, r *http.Request, event, way, outcome, usercode string, err error,
) {
	if event == "handoff" || event == "login" && outcome != "ok" {
		a.seen.happened(event, way, outcome, usercode, a.key)
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
	a.log.LogAttrs(r.Context(), slog.LevelInfo, "audit", append(attrs,
		slog.String("member", a.key.ID(usercode)),
		slog.String("network", audit.Network(clientOf(r))),
		slog.String("request_id", idOf(w)))...)
}

// callerKey is the context key of the backend that calls: how its key's hash begins in the
// settings.
type callerKey struct{}

// reasonOf is why an attempt failed, for those who answer a member's question, or "" where the
// line of the request says more.
func reasonOf(err error) string {
	refused, tooMany, field := (*member.RefusedError)(nil), (*tooManyError)(nil), (*token.FieldError)(nil)
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
