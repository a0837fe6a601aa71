package cli

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"unicode/utf8"

	"ocsso/internal/config"
)

// NewLogger logs to w.
func NewLogger(w io.Writer, settings config.Log) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(settings.Level)); err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	w = escapingWriter{w}
	options := &slog.HandlerOptions{Level: level}
	if settings.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return slog.New(slog.NewTextHandler(w, options)), nil
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
