// Command ocsso signs the members of a company's site in to its help center at NHN Cloud Online
// Contact (Contiple).
//
// It joins the module's packages. Only this package reads flags, settings and the environment, and
// only this package picks implementations.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ocsso/internal/nearest"
	"ocsso/internal/yamlfile"
)

const (
	exitFailed = 1
	// exitUsage means that the command line, the configuration or the member file is wrong.
	exitUsage = 2
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // first, so that a second signal ends the process at once
		stop()
	}()
	err := run(ctx, os.Args[1:], os.Environ, os.Stdin, os.Stdout, os.Stderr)
	os.Exit(report(os.Stderr, err))
}

// A commandError is an error with a hint for the user and an exit code.
type commandError struct {
	err  error
	hint string
	code int
}

func (e *commandError) Error() string { return e.err.Error() }
func (e *commandError) Unwrap() error { return e.err }

// usage returns an error that ends the process with exitUsage.
func usage(err error, hint string) error { return &commandError{err, hint, exitUsage} }

// report writes err and its hint to stderr and returns the exit code.
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

// A terminal holds the standard streams and the environment of a command.
type terminal struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        func() []string // name=value each
}

// lookupEnv returns an environment variable, and whether it is set.
func (t terminal) lookupEnv(name string) (string, bool) {
	for _, variable := range t.environ() {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// secret returns the environment variable that holds a secret. The hint is for when it is unset or
// empty, which is an error. check is one of package paste's.
func (t terminal) secret(variable, hint string, check func(string) (fault, hint string)) (string, error) {
	value, _ := t.lookupEnv(variable)
	if value == "" {
		return "", usage(fmt.Errorf("the environment variable %s is not set", variable), hint)
	}
	if fault, hint := check(value); fault != "" {
		return "", usage(fmt.Errorf("the environment variable %s %s", variable, fault), hint)
	}
	return value, nil
}

// run executes one command line. A command that serves runs until ctx is done.
func run(ctx context.Context, args []string, environ func() []string, stdin io.Reader, stdout, stderr io.Writer) error {
	root := newRootCommand(terminal{stdin, stdout, stderr, environ})
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

// newRootCommand returns the command line. Each command is defined in the file that runs it.
func newRootCommand(term terminal) *cobra.Command {
	root := &cobra.Command{
		Use:               "ocsso",
		Short:             "Single sign-on for a help center at NHN Cloud Online Contact (Contiple)",
		Version:           buildVersion() + " " + runtime.Version(),
		SilenceErrors:     true, // report prints them
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE:              func(root *cobra.Command, _ []string) error { return root.Help() },
	}
	root.SetOut(term.stdout)
	root.SetErr(term.stderr)
	root.SetVersionTemplate("ocsso {{.Version}}\n")
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		hint := command.CommandPath() + " --help lists the flags"
		if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
			var flags []string
			command.Flags().VisitAll(func(flag *pflag.Flag) { flags = append(flags, flag.Name) })
			if meant := nearest.Word(unknown.GetSpecifiedName(), flags); meant != "" {
				hint = "did you mean --" + meant + "? " + hint
			}
		}
		return usage(err, hint)
	})
	root.AddCommand(
		newDemoCommand(term), newServeCommand(term), newSimulateCommand(term), newConfigCommand(term),
		newHashPasswordCommand(term), newNewKeyCommand(term), newHealthcheckCommand(term), newVersionCommand(term),
		newTokenCommand(term), newCheckCommand(term), newAuditIDCommand(term), newBackupCommand(term),
	)
	refuseArguments(root)
	return root
}

// refuseArguments makes command and all commands below it fail for any argument that is not a flag,
// except those that say which arguments they take.
func refuseArguments(command *cobra.Command) {
	for _, child := range command.Commands() {
		refuseArguments(child)
	}
	if command.Args != nil {
		return
	}
	command.Args = func(command *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		hint := "ocsso --help lists the commands, ocsso COMMAND --help their flags"
		var names []string
		for _, child := range command.Commands() {
			names = append(names, child.Name())
		}
		if meant := nearest.Word(args[0], names); meant != "" {
			hint = "did you mean " + command.CommandPath() + " " + meant + "? " + hint
		}
		return usage(fmt.Errorf("unexpected argument %q", args[0]), hint)
	}
}

// A choice is a flag whose value is one of words. It implements pflag.Value.
type choice struct {
	value *string
	words []string
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return strings.Join(c.words, "|") }

func (c choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("must be %s", strings.Join(c.words, " or "))
	}
	*c.value = word
	return nil
}
