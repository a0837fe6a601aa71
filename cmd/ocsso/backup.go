package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"ocsso/internal/cli"
	"ocsso/internal/kv/sqlite"
)

func newBackupCommand(term cli.Terminal) *cobra.Command {
	var file cli.ConfigFile
	command := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the SQLite store to a new file, also while the server runs",
		Long: "Copy the SQLite store to a new file, also while the server runs. Whoever has the copy and the\n" +
			"session keys is logged in as any member: keep it as safe as the store.",
		Example: "  ocsso backup --config config.yaml /backup/ocsso-monday.db",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.Usage(fmt.Errorf("%d files given, want one", len(args)), "ocsso backup FILE")
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			return backUp(command.Context(), term, file, args[0])
		},
	}
	file.AddFlag(command)
	return command
}

func backUp(ctx context.Context, term cli.Terminal, file cli.ConfigFile, to string) error {
	cfg, err := file.Load(term)
	if err != nil {
		return err
	}
	if cfg.Store.Kind != "file" {
		return cli.Usage(fmt.Errorf("store.kind is %s, and there is no file to back up", cfg.Store.Kind),
			"Redis has backups of its own (RDB, AOF), and what is in memory ends with the process")
	}
	if err := sqlite.Backup(ctx, cfg.Store.File.Path, to); err != nil {
		return cli.Failed(err, "name a new file in a folder that you may write; the store is store.file.path")
	}
	_, err = fmt.Fprintf(term.Stdout, "%s has the store of %s\n", to, cfg.Store.File.Path)
	return err
}
