package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"ocsso/internal/metrics"
)

func newConfigCommand(term terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "config",
		Short: "Make, check or show the configuration",
		RunE:  func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newConfigInitCommand(term))
	for _, child := range []struct {
		name, short string
		run         func(term terminal, file configFile) error
	}{
		{"check", "Report everything that is wrong with the configuration and the member file, and do nothing else", checkConfig},
		{"show", "Print the effective settings, the secrets masked", showConfig},
	} {
		var file configFile
		leaf := &cobra.Command{Use: child.name, Short: child.short, RunE: func(*cobra.Command, []string) error { return child.run(term, file) }}
		file.addFlag(leaf)
		command.AddCommand(leaf)
	}
	return command
}

// checkConfig checks the files that serve would read. It connects to no database and no other
// server.
func checkConfig(term terminal, file configFile) error {
	cfg, err := file.load(term)
	if err != nil {
		return err
	}
	if cfg.NeedsMembers() && cfg.Members.Kind == "file" {
		if _, err := loadMembers(cfg.Members.File.Path); err != nil {
			return err
		}
	}
	if cfg.Store.Kind == "redis" {
		if _, err := redisOptions(cfg.Store.Redis); err != nil {
			return err
		}
	}
	if _, err := loadCertificate(cfg.Server.TLS, slog.New(slog.DiscardHandler), metrics.New("")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.stdout, "%s is fine\n", file)
	return err
}

// showConfig prints the settings as YAML.
func showConfig(term terminal, file configFile) error {
	cfg, err := file.load(term)
	if err != nil {
		return err
	}
	_, err = term.stdout.Write(cfg.Show())
	return err
}
