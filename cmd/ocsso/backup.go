package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"ocsso/internal/kv/sqlite"
)

func newBackupCommand(term terminal) *cobra.Command {
	var file configFile
	command := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the SQLite store to a new file, also while the server runs",
		Long: "Copy the SQLite store to a new file, also while the server runs. Whoever has the copy and the\n" +
			"session keys is logged in as any member: keep it as safe as the store.",
		Example: "  ocsso backup --config config.yaml /backup/ocsso-monday.db",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("%d files given, want one", len(args)), "ocsso backup FILE")
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			return backUp(command.Context(), term, file, args[0])
		},
	}
	file.addFlag(command)
	return command
}

func backUp(ctx context.Context, term terminal, file configFile, to string) error {
	cfg, err := file.load(term)
	if err != nil {
		return err
	}
	if cfg.Store.Kind != "sqlite" {
		return usage(fmt.Errorf("store.kind is %s, and there is no file to back up", cfg.Store.Kind),
			"Redis has backups of its own (RDB, AOF), and what is in memory ends with the process")
	}
	if err := sqlite.Backup(ctx, cfg.Store.SQLite.Path, to); err != nil {
		return &commandError{err, "name a new file in a folder that you may write; the store is store.sqlite.path", exitFailed}
	}
	_, err = fmt.Fprintf(term.stdout, "%s has the store of %s\n", to, cfg.Store.SQLite.Path)
	return err
}
