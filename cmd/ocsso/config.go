package main

import (
	"fmt"
	"log/slog"
)

// configCommand is `ocsso config`.
type configCommand struct {
	Check configCheckCommand `cmd:"" help:"Report everything that is wrong with the configuration and the member file, and do nothing else."`
	Show  configShowCommand  `cmd:"" help:"Print the effective settings, the secrets masked."`
}

type configCheckCommand struct {
	configFlag
}

// Run checks the files that serve would read. It asks no database and no other server.
func (c configCheckCommand) Run(term terminal) error {
	cfg, err := c.load(term)
	if err != nil {
		return err
	}
	if cfg.NeedsMembers() && cfg.Members.Kind == "file" {
		if _, err := loadMembers(cfg.Members.File.Path); err != nil {
			return err
		}
	}
	if _, err := loadCertificate(cfg.Server.TLS, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.stdout, "%s is fine\n", c.Config)
	return err
}

type configShowCommand struct {
	configFlag
}

// Run prints the settings as YAML.
func (c configShowCommand) Run(term terminal) error {
	cfg, err := c.load(term)
	if err != nil {
		return err
	}
	_, err = term.stdout.Write(cfg.Show())
	return err
}
