package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the command `ocdev` on the path of scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ocdev": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
