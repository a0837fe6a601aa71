// Package secret holds text that doesn't print itself.
package secret

import (
	"fmt"
	"io"
)

// A Text is a secret. Every fmt verb, slog, JSON and YAML show "[redacted]", or nothing when it is
// empty. Only Reveal returns the text. Don't compare two Texts with ==: compare what Reveal
// returns. The zero Text is empty.
type Text struct {
	// A pointer, because fmt prints the value of an unexported field without calling its methods.
	text *string
}

// New returns a Text that holds text.
func New(text string) Text {
	if text == "" {
		return Text{}
	}
	return Text{&text}
}

// Reveal returns the text, for the one place that needs it.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// String returns "[redacted]", or "" for an empty Text.
func (t Text) String() string {
	if t.text == nil {
		return ""
	}
	return "[redacted]"
}

// Format writes what String returns, whatever the verb.
func (t Text) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// MarshalText returns what String returns. JSON, YAML and slog call it.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
