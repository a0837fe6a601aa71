package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheDemoSaysHowToSeeABlockedCookie(t *testing.T) {
	for handoff, want := range map[string]bool{"form": true, "api": true, "link": false} {
		var text bytes.Buffer
		if err := (demoCommand{handoff: handoff}).print(&text, demoInfo{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(text.String(), "incognito"); got != want {
			t.Errorf("handoff %s: got %q, want how to see it: %t", handoff, text.String(), want)
		}
	}
}
