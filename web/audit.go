package web

import (
	"log/slog"
	"net/http"
	"net/netip"

	"ocsso/internal/audit"
)

// auditLog answers "why could this member not log in yesterday?". It has a line for each login,
// refusal, handoff and logout, without personal data: the member is a keyed hash, which the command
// audit-id prints for a usercode.
type auditLog struct {
	log  *slog.Logger
	key  audit.Key
	seen *Seen
}

// write writes a line. way is how: "password", "form" and the like; outcome is the metric's.
// usercode is "" when nobody is named.
func (a auditLog) write(w http.ResponseWriter, r *http.Request, event, way, outcome, usercode string) {
	if event == "handoff" || event == "login" && outcome != "ok" {
		a.seen.happened(event, way, outcome, usercode, a.key)
	}
	a.log.LogAttrs(r.Context(), slog.LevelInfo, "audit",
		slog.String("event", event),
		slog.String("way", way),
		slog.String("outcome", outcome),
		slog.String("member", a.key.ID(usercode)),
		slog.String("network", auditNetwork(clientOf(r))),
		slog.String("request_id", idOf(w)))
}

// auditNetwork is the client's network without the part that names one line or device.
func auditNetwork(address netip.Addr) string {
	bits := 24
	if address.Is6() {
		bits = 48
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}
