package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

// TestMain makes this test binary the command `ocsso` on the path, for scripts and for child
// processes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ocsso": main})
}

func TestHelpFitsATerminal(t *testing.T) {
	clitest.WantHelpFits(t, newRootCommand(cli.Terminal{}), run)
}

func TestScripts(t *testing.T) {
	site, admin := clitest.FreeAddress(t), clitest.FreeAddress(t)
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(env *testscript.Env) error {
		env.Setenv("SITE", site)
		env.Setenv("ADMIN", admin)
		return nil
	}})
}
