package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the command `ocdev` on the path of scripts.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"ocdev": main})
}

// A suite runs all tests and then closes the browsers that they share.
type suite struct{ *testing.M }

// Run implements testscript.TestingM.
func (s suite) Run() int {
	defer closeBrowsers()
	return s.M.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
