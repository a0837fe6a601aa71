package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ocsso/internal/cli"
	"ocsso/internal/config"
	"ocsso/internal/password"
	"ocsso/internal/paste"
)

func newHashPasswordCommand(t cli.Terminal) *cobra.Command {
	return &cobra.Command{
		Use:     "hash-password",
		Short:   "Read a password and print its hash for the member file",
		Example: "  $ printf %s \"$PASSWORD\" | ocsso hash-password\n  $argon2id$v=19$m=19456,t=2,p=1$...",
		RunE:    func(*cobra.Command, []string) error { return hashPassword(t) },
	}
}

// hashPassword reads one line and prints its hash. A terminal doesn't show what is typed.
func hashPassword(t cli.Terminal) error {
	typed, err := readPassword(t)
	if err != nil {
		return cli.Usage(fmt.Errorf("read the password: %w", err), "type it, or pipe it: printf %s \"$PASSWORD\" | ocsso hash-password")
	}
	hash, err := hashTyped(typed)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Stdout, hash)
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

// readHidden asks for a password at a terminal, which doesn't show what is typed. It is not ok
// where the input is none.
func readHidden(t cli.Terminal, prompt string) (typed string, ok bool, err error) {
	file, ok := t.Stdin.(*os.File)
	if !ok || !cli.IsTerminal(file) {
		return "", false, nil
	}
	shown, err := term.GetState(int(file.Fd()))
	if err != nil {
		return "", true, err
	}
	fmt.Fprint(t.Stderr, prompt+": ")
	typed, err = t.Await(func() (string, error) {
		password, err := term.ReadPassword(int(file.Fd()))
		return string(password), err
	})
	fmt.Fprintln(t.Stderr)
	if errors.Is(err, cli.ErrInterrupted) {
		err = errors.Join(err, term.Restore(int(file.Fd()), shown))
	}
	return typed, true, err
}

func readPassword(t cli.Terminal) (string, error) {
	if typed, ok, err := readHidden(t, "Password"); ok {
		return typed, err
	}
	line, err := bufio.NewReader(t.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

func newNewKeyCommand(t cli.Terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "new-key",
		Short: "Print a new session key for session.keys",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(t.Stdout, config.NewSessionKey())
			return err
		},
	}
}
