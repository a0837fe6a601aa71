package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/metrics"
	"ocsso/internal/yamlfile"
)

func newConfigCommand(term cli.Terminal) *cobra.Command {
	command := &cobra.Command{Use: "config", Short: "Make, check or show the configuration", RunE: cli.ShowHelp}
	command.AddCommand(
		newConfigInitCommand(term),
		withConfig(&cobra.Command{
			Use:   "check",
			Short: "Report all that is wrong with the settings and the member file",
		}, func(_ context.Context, file cli.ConfigFile, _ []string) error { return checkConfig(term, file) }),
		withConfig(&cobra.Command{
			Use:   "show",
			Short: "Print the effective settings, the secrets masked",
		}, func(_ context.Context, file cli.ConfigFile, _ []string) error {
			cfg, err := file.Load(term)
			if err != nil {
				return err
			}
			_, err = term.Stdout.Write(cfg.Show())
			return err
		}),
	)
	return command
}

// checkConfig checks the files that serve would read, and warns of those that others may read. It
// reports all problems, and connects to no database and no other server.
func checkConfig(term cli.Terminal, file cli.ConfigFile) error {
	cfg, err := file.Load(term)
	problems, ok := errors.AsType[yamlfile.Problems](err)
	if err != nil && !ok {
		return err
	}
	errs := []error{err}
	// A file is read only where the settings that name it have no problem.
	sound := func(sections ...string) bool {
		return !slices.ContainsFunc(problems, func(p yamlfile.Problem) bool {
			isIn := func(section string) bool { return strings.HasPrefix(p.Path, section) }
			return p.Path == "" && !strings.HasPrefix(p.Source, "$") || slices.ContainsFunc(sections, isIn)
		})
	}
	if cfg.NeedsMembers() && cfg.Members.Kind == "file" && sound("members", "login", "links_api") {
		_, err := openMemberFile(context.Background(), cfg.Members, nil)
		errs = append(errs, err)
	}
	if cfg.Store.Kind == "redis" && sound("store") {
		_, err := redisOptions(cfg.Store.Redis)
		errs = append(errs, err)
	}
	if sound("server.tls") {
		_, err := loadCertificate(cfg.Server.TLS, slog.New(slog.DiscardHandler), metrics.New(""))
		errs = append(errs, err)
	}
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if last := len(errs) - 1; last >= 0 {
		for _, err := range errs[:last] {
			term.Report("ocsso", err)
		}
		return errs[last]
	}
	for _, p := range cfg.Warnings() {
		printWarning(term, "%s %s", p.Path, p.Text)
		term.Hint(p.Hint)
	}
	warnOfReaders(term, cfg)
	_, err = fmt.Fprintln(term.Stdout, term.Styled(cli.Green, term.Stdout, string(file)+" is fine"))
	return err
}

func printWarning(term cli.Terminal, format string, args ...any) {
	fmt.Fprintf(term.Stderr, "ocsso: "+term.Styled(cli.Yellow, term.Stderr, "warning")+": "+format+"\n", args...)
}

// warnOfReaders warns of secrets and members' data in files that other users of the machine may
// read.
func warnOfReaders(term cli.Terminal, cfg config.Config) {
	if runtime.GOOS == "windows" { // where the mode says nothing about readers
		return
	}
	names := cfg.SecretFiles
	if cfg.NeedsMembers() && cfg.Members.Kind == "file" {
		names = append(names, cfg.Members.File.Path)
	}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o007 != 0 {
			printWarning(term, "other users may read %s, which has mode %04o", name, info.Mode().Perm())
			term.Hint("chmod 600 " + name + ", and let it belong to the user that runs ocsso")
		}
	}
}
