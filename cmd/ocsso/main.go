// Command ocsso signs the members of a company's site in to its help center at NHN Cloud Online Contact (Contiple).
//
// It joins the packages below it: it alone reads flags, files and the environment, and picks implementations.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ocsso/internal/yamlfile"
)

// The exit codes beside 0.
const (
	exitFailed = 1
	exitUsage  = 2 // the command line, the configuration or the member file is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr)
	os.Exit(report(os.Stderr, err))
}

// A commandError is an error with a way out.
type commandError struct {
	err  error
	hint string
	code int
}

func (e *commandError) Error() string { return e.err.Error() }
func (e *commandError) Unwrap() error { return e.err }

// usage is an error that the caller mends by following hint.
func usage(err error, hint string) error { return &commandError{err, hint, exitUsage} }

// report writes err for a person and returns the exit code.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if problems := (yamlfile.Problems)(nil); errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Fprintf(stderr, "ocsso: %s\n", p)
			if p.Hint != "" {
				fmt.Fprintf(stderr, "hint: %s\n", p.Hint)
			}
		}
		return exitUsage
	}
	fmt.Fprintf(stderr, "ocsso: %v\n", err)
	if command := (*commandError)(nil); errors.As(err, &command) {
		fmt.Fprintf(stderr, "hint: %s\n", command.hint)
		return command.code
	}
	return exitFailed
}

// A terminal is what a command reads and writes beside files and the network.
type terminal struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lookupEnv      func(string) (string, bool)
}

// run carries out one command line. It returns when the command is done, or when ctx is and what was in flight has ended.
func run(ctx context.Context, args []string, lookupEnv func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) error {
	root := newRootCommand(terminal{stdin, stdout, stderr, lookupEnv})
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

// newRootCommand is the whole command line; each command is made in the file that runs it.
func newRootCommand(term terminal) *cobra.Command {
	root := &cobra.Command{
		Use:               "ocsso",
		Short:             "Single sign-on for a help center at NHN Cloud Online Contact (Contiple)",
		SilenceErrors:     true, // report does that
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE:              func(root *cobra.Command, _ []string) error { return root.Help() },
	}
	root.SetOut(term.stdout)
	root.SetErr(term.stderr)
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return usage(err, command.CommandPath()+" --help lists the flags")
	})
	root.AddCommand(
		newDemoCommand(term), newServeCommand(term), newSimulateCommand(term), newConfigCommand(term),
		newHashPasswordCommand(term), newNewKeyCommand(term), newHealthcheckCommand(), newVersionCommand(term), newTokenCommand(term), newCheckCommand(term),
	)
	refuseArguments(root)
	return root
}

// refuseArguments makes what is neither a command nor a flag an error that names it, all the way down.
func refuseArguments(command *cobra.Command) {
	command.Args = func(command *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return usage(fmt.Errorf("unexpected argument %q", args[0]), "ocsso --help lists the commands, ocsso COMMAND --help their flags")
	}
	for _, child := range command.Commands() {
		refuseArguments(child)
	}
}

// A choice is a flag that takes one of some words.
type choice struct {
	value *string
	words []string
}

// String implements pflag.Value.
func (c choice) String() string { return *c.value }

// Type implements pflag.Value.
func (c choice) Type() string { return strings.Join(c.words, "|") }

// Set implements pflag.Value.
func (c choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("must be %s", strings.Join(c.words, " or "))
	}
	*c.value = word
	return nil
}
