package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ocsso/internal/audit"
	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/password"
	"ocsso/internal/paste"
	"ocsso/internal/token"
)

func newHashPasswordCommand(term cli.Terminal) *cobra.Command {
	return &cobra.Command{
		Use:     "hash-password",
		Short:   "Read a password and print its hash for the member file",
		Example: "  $ printf %s \"$PASSWORD\" | ocsso hash-password\n  $argon2id$v=19$m=19456,t=2,p=1$...",
		RunE:    func(*cobra.Command, []string) error { return hashPassword(term) },
	}
}

// hashPassword reads one line and prints its hash.
func hashPassword(term cli.Terminal) error {
	prompt := ""
	if cli.IsTerminal(term.Stdin) {
		prompt = "Password: "
	}
	typed, err := newAsker(term).password(prompt)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return cli.Usage(fmt.Errorf("read the password: %w", err), "type it, or pipe it: printf %s \"$PASSWORD\" | ocsso hash-password")
	}
	hash, err := hashTyped(typed)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(term.Stdout, hash)
	return err
}

// hashTyped returns the hash of a password that members can type.
func hashTyped(typed string) (hash string, err error) {
	if fault, hint := paste.Password(typed); fault != "" {
		return "", cli.Usage(fmt.Errorf("the password %s", fault), hint)
	}
	if hash, err = password.Hash(typed); err != nil {
		return "", cli.Usage(err, "give one line with the password on standard input")
	}
	return hash, nil
}

func newNewKeyCommand(term cli.Terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "new-key",
		Short: "Print a new session key for session.keys",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(term.Stdout, config.NewSessionKey())
			return err
		},
	}
}

func newAuditIDCommand(term cli.Terminal) *cobra.Command {
	return withConfig(&cobra.Command{
		Use:   "audit-id USERCODE",
		Short: "Print the id that a member has in the audit lines of the log",
		Long: "Print the id that a member has in the audit lines of the log: one for each\n" +
			"session key. The first is the one in use; older lines may have another one.",
		Example: "  $ ocsso audit-id minji\n  8f0c2d51b7a94e36",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.Usage(fmt.Errorf("%d usercodes given, want one", len(args)), "ocsso audit-id USERCODE")
			}
			return nil
		},
	}, func(_ context.Context, file cli.ConfigFile, args []string) error {
		if err := token.CheckField(token.FieldUserCode, args[0]); err != nil {
			return cli.Usage(err, "give the usercode as it is in the member directory")
		}
		cfg, err := file.Load(term)
		if err != nil {
			return err
		}
		for _, key := range cfg.Session.KeyBytes() {
			if _, err := fmt.Fprintln(term.Stdout, audit.NewKey(key).ID(args[0])); err != nil {
				return err
			}
		}
		return nil
	})
}
