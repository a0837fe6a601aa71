// Command ocdev is for people who build or test an integration with the help center, in any
// language: a demo, the stand-in help center, the checker, and the vendor's reading of a token.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
)

func main() { os.Exit(cli.Main("ocdev", run)) }

// run executes one command line.
func run(ctx context.Context, args []string, term cli.Terminal) error {
	return cli.Execute(ctx, newRootCommand(term), args, term)
}

// newRootCommand returns the command line. Each command is defined in the file that runs it.
func newRootCommand(term cli.Terminal) *cobra.Command {
	root := &cobra.Command{
		Use:     "ocdev",
		Short:   "Build and test an integration with NHN Cloud Online Contact (Contiple)",
		Version: cli.Version(version),
	}
	root.AddCommand(
		newDemoCommand(term), newSimulateCommand(term), newCheckCommand(term), newTokenCommand(term),
	)
	return root
}

// version is set by the linker where the build has no git to take it from: -X main.version=v1.2.3.
var version string
