package config

import (
	"fmt"
	"io"
)

// redacted stands in for a secret wherever one is printed.
const redacted = "[redacted]"

// A Secret is text that doesn't print itself: every fmt verb, slog, JSON and YAML show "[redacted]", or nothing when
// it is empty. Only Reveal gives the text; compare what it gives, not Secrets. The zero Secret is empty.
type Secret struct {
	// A pointer, because fmt prints what an unexported field holds without asking its methods.
	text *string
}

// NewSecret returns a Secret that holds text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String returns the mask.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// Format writes the mask, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText returns the mask. JSON, YAML and slog come here.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
