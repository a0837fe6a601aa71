package cli

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"ocsso/internal/audit"
)

// NewLogger logs to w as "text" or "json".
func NewLogger(w io.Writer, format string, least slog.Level) *slog.Logger {
	w = escapingWriter{w}
	options := &slog.HandlerOptions{Level: least, ReplaceAttr: readable}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// readable writes a duration as 1.5s, in JSON too, which would have nanoseconds, and joined errors
// in one line.
func readable(_ []string, attr slog.Attr) slog.Attr {
	switch value := attr.Value.Any().(type) {
	case time.Duration:
		attr.Value = slog.StringValue(value.String())
	case error:
		attr.Value = slog.StringValue(strings.ReplaceAll(value.Error(), "\n", "; "))
	}
	return attr
}

// escapingWriter escapes the control characters that slog leaves in its lines, so that a stranger's
// text can't steer a terminal or change the order in which a line is read. slog writes a whole line
// at a time.
type escapingWriter struct{ io.Writer }

func (w escapingWriter) Write(line []byte) (int, error) {
	if !bytes.ContainsFunc(line, steers) {
		return w.Writer.Write(line)
	}
	escaped := make([]byte, 0, len(line)+16)
	for _, r := range string(line) {
		if steers(r) {
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		} else {
			escaped = utf8.AppendRune(escaped, r)
		}
	}
	if _, err := w.Writer.Write(escaped); err != nil {
		return 0, err
	}
	return len(line), nil
}

// steers reports whether a terminal acts on r and doesn't show it: DEL, the C1 controls, and the
// marks that change the writing direction.
func steers(r rune) bool {
	switch {
	case r >= 0x7F && r <= 0x9F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return r == 0x061C || r == 0x200E || r == 0x200F || r == 0x2028 || r == 0x2029
}

// A serverLog takes what an http.Server has to say, with the networks of its clients in place of
// their addresses.
type serverLog struct{ *slog.Logger }

// addressPattern is like an address with a port.
var addressPattern = regexp.MustCompile(`(\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.]+(%\w+)?\]):\d+`)

func (l serverLog) Write(line []byte) (int, error) {
	l.Warn(addressPattern.ReplaceAllStringFunc(strings.TrimSpace(string(line)), func(text string) string {
		client, err := netip.ParseAddrPort(text)
		if err != nil {
			return "…"
		}
		return audit.Network(client.Addr().Unmap().WithZone(""))
	}))
	return len(line), nil
}
