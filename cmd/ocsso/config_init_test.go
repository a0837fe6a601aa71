package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAConfigurationThatCameInBetweenIsNotWrittenOver has another process write the file while the questions are answered. The
// rest of `ocsso config init` is in testdata/script/init.txtar.
func TestAConfigurationThatCameInBetweenIsNotWrittenOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	writeFile(t, file, []byte("theirs"))
	var text strings.Builder
	if code := report(&text, writeNew(configFile(file), "ours")); code != exitUsage || !strings.Contains(text.String(), "is there already\nhint: ") {
		t.Errorf("got exit code %d and %q, want %d and what to do", code, text.String(), exitUsage)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "theirs" {
		t.Errorf("got %q, %v in the file, want it as it was", got, err)
	}
}
