package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

// TestMain makes this test binary the command `ocdev` on the path of scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ocdev": main})
}

func TestHelpFitsATerminal(t *testing.T) {
	clitest.WantHelpFits(t, newRootCommand(cli.Terminal{}), run)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
