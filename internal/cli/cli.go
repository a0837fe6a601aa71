// Package cli is what the commands ocsso and ocdev share: the standard streams, errors with a hint
// and an exit code, the log, and listeners with limits for their clients.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ocsso/internal/config"
	"ocsso/internal/i18n"
	"ocsso/internal/yamlfile"
)

// The exit codes of a command that fails.
const (
	ExitFailed = 1
	// ExitUsage means that the command line, the configuration or the member file is wrong.
	ExitUsage = 2
	// ExitUnavailable means that the store or the database refuses this server, or that it isn't what
	// the settings say. One that only isn't there yet is waited for.
	ExitUnavailable = 3
)

// An Error has a hint for the user and an exit code.
type Error struct {
	Err  error
	Hint string
	Code int
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Usage returns an error that ends the process with ExitUsage.
func Usage(err error, hint string) error { return &Error{err, hint, ExitUsage} }

// Unavailable returns an error that ends the process with ExitUnavailable.
func Unavailable(err error, hint string) error { return &Error{err, hint, ExitUnavailable} }

// Failed returns an error that ends the process with ExitFailed.
func Failed(err error, hint string) error { return &Error{err, hint, ExitFailed} }

// Report writes err and its hint to t.Stderr, in the name of a program, and returns the exit code.
func (t Terminal) Report(program string, err error) int {
	if err == nil {
		return 0
	}
	if problems, ok := errors.AsType[yamlfile.Problems](err); ok {
		for _, p := range problems {
			fmt.Fprintf(t.Stderr, "%s: %s\n", t.Styled(Red, t.Stderr, program), p)
			if p.Hint != "" {
				t.Hint(p.Hint)
			}
		}
		return ExitUsage
	}
	fmt.Fprintf(t.Stderr, "%s: %v\n", t.Styled(Red, t.Stderr, program), err)
	if e, ok := errors.AsType[*Error](err); ok {
		t.Hint(e.Hint)
		return e.Code
	}
	return ExitFailed
}

// Hint writes what to do, in the language of Lang.
func (t Terminal) Hint(english string) {
	label := t.Say(i18n.Words{KO: "힌트", EN: "hint"})
	fmt.Fprintf(t.Stderr, "%s: %s\n", t.Styled(Bold, t.Stderr, label), i18n.Hint(t.Lang(), english))
}

// A Terminal holds the standard streams and the environment of a command.
type Terminal struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        func() []string // name=value each
	Interrupted    <-chan struct{} // closed by the first signal; nil for never
}

// IsTerminal reports whether stream is a terminal, where somebody reads or types.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Colors reports whether what is written to stream may have colors.
func (t Terminal) Colors(stream io.Writer) bool {
	unwanted, _ := t.LookupEnv("NO_COLOR")
	kind, _ := t.LookupEnv("TERM")
	return unwanted == "" && kind != "dumb" && IsTerminal(stream)
}

// The styles of a text that stands out.
const (
	Bold   = "1"
	Red    = "1;31"
	Green  = "32"
	Yellow = "33"
)

// Styled returns text in a style for stream, or as it is where stream has no colors.
func (t Terminal) Styled(style string, stream io.Writer, text string) string {
	if !t.Colors(stream) {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// ErrInterrupted is what a read of a terminal returns that a signal has ended.
var ErrInterrupted = errors.New("interrupted")

// Await returns what read reads, for which it waits for somebody at a terminal, or ErrInterrupted.
// A terminal's own read goes on then, because nothing can cancel it.
func (t Terminal) Await(read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := read()
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-t.Interrupted:
		return "", ErrInterrupted
	}
}

// Run is a whole program but for its signals and its exit code. A command that serves runs until
// ctx is done.
type Run func(ctx context.Context, args []string, term Terminal) error

// Main runs a program until SIGINT or SIGTERM and returns its exit code. A second signal ends the
// process at once.
func Main(program string, run Run) int {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // first, so that a second signal ends the process at once
		stop()
	}()
	term := Terminal{os.Stdin, os.Stdout, os.Stderr, os.Environ, ctx.Done()}
	return term.Report(program, run(ctx, os.Args[1:], term))
}

// LookupEnv returns an environment variable, and whether it is set.
func (t Terminal) LookupEnv(name string) (string, bool) {
	for _, variable := range t.Environ() {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// Secret returns the environment variable that holds a secret. The hint is for when it is unset or
// empty, which is an error. check is one of package paste's.
func (t Terminal) Secret(variable, hint string, check func(string) (fault, hint string)) (string, error) {
	value, _ := t.LookupEnv(variable)
	if value == "" {
		return "", Usage(fmt.Errorf("the environment variable %s is not set", variable), hint)
	}
	if fault, hint := check(value); fault != "" {
		return "", Usage(fmt.Errorf("the environment variable %s %s", variable, fault), hint)
	}
	return value, nil
}

// Lang returns the one of i18n.OperatorLangs that the environment asks for.
func (t Terminal) Lang() i18n.Lang {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, _ := t.LookupEnv(variable); value != "" {
			if strings.HasPrefix(value, "ko") {
				return i18n.KO
			}
			break
		}
	}
	return i18n.EN
}

// Say returns words in the language of Lang.
func (t Terminal) Say(words i18n.Words) string { return words.In(t.Lang()) }

// Execute runs a command line. root gets a command and a flag that print root.Version. Unknown
// flags and arguments are errors with a hint. An argument is one unless the command has a function
// Args.
func Execute(ctx context.Context, root *cobra.Command, args []string, term Terminal) error {
	root.SilenceErrors, root.SilenceUsage = true, true // Report prints them
	root.CompletionOptions.DisableDefaultCmd = true
	addVersion(root, term)
	root.SetOut(term.Stdout)
	root.SetErr(term.Stderr)
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return Usage(err, command.CommandPath()+" --help lists the flags")
	})
	usage := root.UsageFunc()
	root.SetUsageFunc(func(command *cobra.Command) error {
		var text strings.Builder
		out, flags := command.OutOrStderr(), command.LocalFlags()
		command.SetOut(&text)
		defer command.SetOut(out)
		if err := usage(command); err != nil {
			return err
		}
		_, err := io.WriteString(out, strings.Replace(text.String(),
			strings.TrimRight(flags.FlagUsages(), "\n"), strings.TrimRight(flags.FlagUsagesWrapped(columns), "\n"), 1))
		return err
	})
	refuseArguments(root)
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

// columns is how wide a help text is.
const columns = 80

// addVersion makes root print its version by a flag and by a command. Cobra's own flag needs a
// text/template for this form, and with that the linker keeps every exported method.
func addVersion(root *cobra.Command, term Terminal) {
	text := root.Name() + " " + root.Version + " " + runtime.Version()
	root.Version = "" // no flag of Cobra's
	show := func(*cobra.Command, []string) error {
		_, err := fmt.Fprintln(term.Stdout, text)
		return err
	}
	root.AddCommand(&cobra.Command{Use: "version", Short: "Print the version", RunE: show})
	asked := root.Flags().BoolP("version", "v", false, "version for "+root.Name())
	root.RunE = func(root *cobra.Command, args []string) error {
		if *asked {
			return show(root, args)
		}
		return ShowHelp(root, args)
	}
}

// ShowHelp is what a command runs that has only commands below it.
func ShowHelp(command *cobra.Command, _ []string) error { return command.Help() }

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
		root := command.Root().Name()
		hint := root + " --help lists the commands, " + root + " COMMAND --help their flags"
		command.SuggestionsMinimumDistance = 2 // cobra's own default, which it sets elsewhere
		if meant := command.SuggestionsFor(args[0]); len(meant) > 0 {
			hint = "did you mean " + command.CommandPath() + " " + meant[0] + "? " + hint
		}
		return Usage(fmt.Errorf("unexpected argument %q", args[0]), hint)
	}
}

// LangChoice is a flag for one of i18n.OperatorLangs.
func LangChoice(value *string) Choice {
	var words []string
	for _, lang := range i18n.OperatorLangs {
		words = append(words, string(lang))
	}
	return Choice{value, words}
}

// A Choice is a flag whose value is one of Words. It implements pflag.Value.
type Choice struct {
	Value *string
	Words []string
}

func (c Choice) String() string { return *c.Value }

// Type is what a command's help shows for the value.
func (c Choice) Type() string { return strings.Join(c.Words, "|") }

// Set takes one of Words.
func (c Choice) Set(word string) error {
	if !slices.Contains(c.Words, word) {
		return fmt.Errorf("must be %s", strings.Join(c.Words, " or "))
	}
	*c.Value = word
	return nil
}

// Version returns the version and the commit of this build. linked is the version that the linker
// has set, or "": then it is the one that git gave the build.
func Version(linked string) string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(linked, "unknown")
	}
	text := cmp.Or(linked, build.Main.Version)
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			text += " " + setting.Value
		}
	}
	return text
}

// ConfigFile is the path of the configuration file.
type ConfigFile string

// Load reads the configuration.
func (f ConfigFile) Load(term Terminal) (config.Config, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrPermission) && os.Getuid() >= 0 { // not on Windows
		return config.Config{}, Usage(err, fmt.Sprintf("this process runs as user %d, who must be able to read it: sudo chown %[1]d %s", os.Getuid(), f))
	}
	if err != nil {
		return config.Config{}, Usage(err, "make one with ocsso config init, or name another with --config")
	}
	return config.Load(string(f), data, term.Environ(), os.ReadFile)
}
