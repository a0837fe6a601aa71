package cli

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"
)

// TestValuesAreReadable in both forms.
func TestValuesAreReadable(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		NewLogger(&out, format, slog.LevelInfo).With("since", time.Minute).Info("request", "took", 1500*time.Microsecond, slog.Group("in", "all", 2*time.Second), "error", errors.Join(io.EOF, io.ErrNoProgress))
		for _, want := range []string{"1.5ms", "1m0s", "2s", "EOF; multiple Read calls"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: got %s, want %s in it", format, &out, want)
			}
		}
	}
}

// TestTheLogEscapesWhatSteersATerminal: a stranger's path or Host is in the log.
func TestTheLogEscapesWhatSteersATerminal(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := NewLogger(&out, format, slog.LevelInfo)
		for _, r := range "\x7f\u0080\u0085\u009b\u009f\u202a\u202e\u2066\u2069\u200e\u200f\x1b\n\r" {
			out.Reset()
			log.Info("request", "path", "/가"+string(r)+"[31mred")
			line := strings.TrimSuffix(out.String(), "\n")
			if strings.ContainsFunc(line, unicode.IsControl) || strings.ContainsRune(line, r) {
				t.Errorf("%s: %U is in the line %q", format, r, line)
			}
			if !strings.Contains(line, "/가\\") || !strings.Contains(line, "[31mred") {
				t.Errorf("%s: %U: got %s, want the rest as it is", format, r, line)
			}
		}
	}
}

// TestTheServersOwnLinesHaveNoAddress: net/http names the client of a handshake that failed.
func TestTheServersOwnLinesHaveNoAddress(t *testing.T) {
	var out bytes.Buffer
	log := serverLog{NewLogger(&out, "text", slog.LevelInfo)}
	for line, want := range map[string]string{
		"http: TLS handshake error from 203.0.113.77:51234: EOF\n":         "http: TLS handshake error from 203.0.113.0/24: EOF",
		"http: TLS handshake error from [2001:db8:1:2::77]:51234: EOF\n":   "http: TLS handshake error from 2001:db8:1::/48: EOF",
		"http: TLS handshake error from [fe80::77%eth0]:51234: EOF\n":      "http: TLS handshake error from fe80::/48: EOF",
		"http: panic serving [::ffff:203.0.113.77]:51234: out of memory\n": "http: panic serving 203.0.113.0/24: out of memory",
		"http: Accept error: too many open files; retrying in 5ms\n":       "http: Accept error: too many open files; retrying in 5ms",
	} {
		out.Reset()
		log.Write([]byte(line))
		if _, got, _ := strings.Cut(out.String(), " "); got != `level=WARN msg="`+want+"\"\n" { // behind the time
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
