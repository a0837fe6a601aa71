package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ocsso/internal/audit"
	"ocsso/internal/cli"
	"ocsso/internal/token"
)

func newAuditIDCommand(term cli.Terminal) *cobra.Command {
	var file cli.ConfigFile
	command := &cobra.Command{
		Use:   "audit-id USERCODE",
		Short: "Print the id that a member has in the audit lines of the log",
		Long: "Print the id that a member has in the audit lines of the log: one for each\n" +
			"session key. The first is the one in use; older lines may have\n" +
			"another one.",
		Example: "  $ ocsso audit-id minji\n  8f0c2d51b7a94e36",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.Usage(fmt.Errorf("%d usercodes given, want one", len(args)), "ocsso audit-id USERCODE")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return printAuditIDs(term, file, args[0]) },
	}
	file.AddFlag(command)
	return command
}

func printAuditIDs(term cli.Terminal, file cli.ConfigFile, usercode string) error {
	if err := token.CheckField(token.FieldUserCode, usercode); err != nil {
		return cli.Usage(err, "give the usercode as it is in the member directory")
	}
	cfg, err := file.Load(term)
	if err != nil {
		return err
	}
	for _, key := range cfg.Session.KeyBytes() {
		if _, err := fmt.Fprintln(term.Stdout, audit.NewKey(key).ID(usercode)); err != nil {
			return err
		}
	}
	return nil
}
