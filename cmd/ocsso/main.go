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
	"syscall"

	"github.com/alecthomas/kong"
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
	if list := (*problemsError)(nil); errors.As(err, &list) {
		list.write(stderr)
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

// commands is the command line.
type commands struct {
	Demo         demoCommand         `cmd:"" help:"Run everything on this machine: a customer's site, a stand-in help center and three members."`
	Serve        serveCommand        `cmd:"" help:"Run the server of a real organization."`
	Simulate     simulateCommand     `cmd:"" help:"Run the stand-in help center alone, for an integration of your own."`
	Config       configCommand       `cmd:"" help:"Check or show the configuration."`
	HashPassword hashPasswordCommand `cmd:"" help:"Read a password from standard input and print its hash for the member file."`
	NewKey       newKeyCommand       `cmd:"" help:"Print a new session key for session.keys."`
	Healthcheck  healthcheckCommand  `cmd:"" help:"Ask a running server whether it is well, for container images."`
	Version      versionCommand      `cmd:"" help:"Print the version."`
}

// run carries out one command line. It returns when the command is done, or when ctx is and what was in flight has ended.
func run(ctx context.Context, args []string, lookupEnv func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) error {
	var cli commands
	helped := false
	parser, err := kong.New(&cli,
		kong.Name("ocsso"),
		kong.Description("Single sign-on for a help center at NHN Cloud Online Contact (Contiple)."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(terminal{stdin, stdout, stderr, lookupEnv}),
	)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return usage(err, "ocsso --help lists the commands, ocsso COMMAND --help their flags")
	}
	return command.Run()
}
