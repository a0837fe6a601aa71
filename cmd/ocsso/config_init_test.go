package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

// TestConfigInitDoesNotOverwriteAFile is for a file that another process writes while the questions
// are answered. The rest of `ocsso config init` is tested by testdata/script/init.txtar.
func TestConfigInitDoesNotOverwriteAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	clitest.WriteFile(t, file, "theirs")
	var text strings.Builder
	if code := (cli.Terminal{Stderr: &text, Environ: noEnvironment}).Report("ocsso", writeNew(cli.ConfigFile(file), "ours")); code != cli.ExitUsage || !strings.Contains(text.String(), "is there already\nhint: ") {
		t.Errorf("got exit code %d and %q, want %d and what to do", code, text.String(), cli.ExitUsage)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "theirs" {
		t.Errorf("got %q, %v in the file, want it as it was", got, err)
	}
}
