package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the command `ocsso` on the path, for scripts and for child
// processes.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"ocsso": main})
}

// A suite runs all tests and then closes the browsers that they share.
type suite struct{ *testing.M }

// Run implements testscript.TestingM.
func (s suite) Run() int {
	defer closeBrowsers()
	return s.M.Run()
}

func TestScripts(t *testing.T) {
	site, admin := freeAddress(t), freeAddress(t)
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(env *testscript.Env) error {
		env.Setenv("SITE", site)
		env.Setenv("ADMIN", admin)
		return nil
	}})
}
