// Command ocsso signs the members of a company's site in to its help center at NHN Cloud Online
// Contact (Contiple).
//
// It reads flags, settings and the environment, opens the store and the member directory, and
// serves what internal/app joins.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
)

func main() { os.Exit(cli.Main("ocsso", run)) }

// run executes one command line.
func run(ctx context.Context, args []string, term cli.Terminal) error {
	return cli.Execute(ctx, newRootCommand(term), args, term)
}

// newRootCommand returns the command line. Each command is defined in the file that runs it.
func newRootCommand(term cli.Terminal) *cobra.Command {
	root := &cobra.Command{
		Use:     "ocsso",
		Short:   "Single sign-on for a help center at NHN Cloud Online Contact (Contiple)",
		Version: cli.Version(version),
	}
	root.AddCommand(
		newServeCommand(term), newConfigCommand(term), newHashPasswordCommand(term), newNewKeyCommand(term),
		newHealthcheckCommand(term), newAuditIDCommand(term),
	)
	return root
}

// withConfig returns command with the flag --config, which names the file that run is given.
func withConfig(
	command *cobra.Command, run func(ctx context.Context, file cli.ConfigFile, args []string) error,
) *cobra.Command {
	file := command.Flags().String("config", "config.yaml", "the configuration `file`")
	command.RunE = func(command *cobra.Command, args []string) error {
		return run(command.Context(), cli.ConfigFile(*file), args)
	}
	return command
}

// version is set by the linker where the build has no git to take it from: -X main.version=v1.2.3.
var version string
