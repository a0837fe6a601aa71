package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A fork is a copy of the sources that can be changed.
type fork struct {
	t   *testing.T
	dir string
}

func newFork(t *testing.T) fork {
	t.Helper()
	f, sources := fork{t, t.TempDir()}, strings.Fields(".ci cmd internal static templates web")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		from, to := filepath.Join(root, entry.Name()), filepath.Join(f.dir, entry.Name())
		switch name := entry.Name(); {
		case entry.IsDir() && slices.Contains(sources, name):
			err = os.CopyFS(to, os.DirFS(from))
		case entry.Type().IsRegular() && name != ".git": // which is a file in a linked working tree
			var data []byte
			if data, err = os.ReadFile(from); err == nil {
				err = os.WriteFile(to, data, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// run is a command in the fork, which is in no repository but its own.
func (f fork) run(name string, args ...string) (output string, err error) {
	command := exec.CommandContext(f.t.Context(), name, args...)
	command.Dir = f.dir
	command.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(f.dir))
	data, err := command.CombinedOutput()
	return string(data), err
}

// must run well.
func (f fork) must(name string, args ...string) (output string) {
	f.t.Helper()
	output, err := f.run(name, args...)
	if err != nil {
		f.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, output)
	}
	return output
}

// wantRenameRefused renames to a name that can't be, and holds that nothing has changed.
func (f fork) wantRenameRefused(name, reason string) {
	f.t.Helper()
	before := f.must("go", "list", "-m")
	output, err := f.run("sh", ".ci/rename.sh", name)
	if err == nil || !strings.Contains(output, reason) {
		f.t.Errorf("rename to %q: got error %v and\n%swant it refused because of %q", name, err, output, reason)
	}
	if after := f.must("go", "list", "-m"); after != before {
		f.t.Errorf("rename to %q, which was refused: the module is %swant %s", name, after, before)
	}
}

// TestAForkCanRenameTheModuleAgainAndAgain builds each time: the script ends with go vet, which reads the tests too.
func TestAForkCanRenameTheModuleAgainAndAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles everything twice")
	}
	f := newFork(t)
	for _, name := range []string{"github.com/acme/sso", "help.acme.co.kr/sso/v2"} {
		f.must("sh", ".ci/rename.sh", name)
	}
	if got, want := f.must("go", "list", "./cmd/..."), "help.acme.co.kr/sso/v2/cmd/ocsso\n"; got != want {
		t.Errorf("got the command %q, want %q", got, want)
	}
	f.must("go", "test", "./internal/archtest", "-run", "Imports|OnlyCmd")
	f.must("sh", ".ci/generated.sh")
	f.must("go", "tool", "templ", "fmt", "-fail", "templates", "internal/simulator")
	if unformatted := f.must("gofmt", "-l", "."); unformatted != "" {
		t.Errorf("not as gofmt writes them:\n%s", unformatted)
	}
}

func TestARenameThatCannotBeChangesNothing(t *testing.T) {
	f := newFork(t)
	for name, reason := range map[string]string{
		"":                            "say to what",
		moduleName(t):                 "already",
		"net/sso":                     "standard library",
		"github.com/acme/our sso":     "malformed import path",
		"https://github.com/acme/sso": "malformed import path",
		"github.com/acme/sso/":        "malformed import path",
	} {
		f.wantRenameRefused(name, reason)
	}
	f.must("git", "init", "--quiet")
	f.wantRenameRefused("github.com/acme/sso", "uncommitted changes")
}
