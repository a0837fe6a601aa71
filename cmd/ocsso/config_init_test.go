package main

import (
	"io"
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
	if got := readFile(t, file); got != "theirs" {
		t.Errorf("got %q in the file, want it as it was", got)
	}
}

// A promptWatcher closes asked when a prompt is written.
type promptWatcher struct {
	prompt string
	asked  chan struct{}
}

func (w promptWatcher) Write(text []byte) (int, error) {
	if strings.Contains(string(text), w.prompt) {
		close(w.asked)
	}
	return len(text), nil
}

// TestOneInterruptEndsAQuestion, also one that may stay unanswered, and nothing is written.
func TestOneInterruptEndsAQuestion(t *testing.T) {
	for _, prompt := range []string{"Help center", "Public URL", "First member"} {
		t.Chdir(t.TempDir())
		answers, never := io.Pipe()
		t.Cleanup(func() { never.Close() })
		asked := make(chan struct{})
		term := cli.Terminal{
			Stdin:  io.MultiReader(strings.NewReader(map[string]string{"Public URL": page, "First member": page + "\n\n"}[prompt]), answers),
			Stdout: io.Discard, Stderr: promptWatcher{prompt, asked}, Environ: noEnvironment, Interrupted: asked,
		}
		if err := run(t.Context(), []string{"config", "init"}, term); err == nil {
			t.Errorf("%s: got no error", prompt)
		}
		if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
			t.Errorf("%s: got %v, %v, want nothing written", prompt, files, err)
		}
	}
}

// page is the answer to the first questions.
const page = "https://acme.oc.nhncloud.com/hangame/hc/\n"
