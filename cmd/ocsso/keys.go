package main

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ocsso/internal/config"
	"ocsso/internal/password"
	"ocsso/internal/paste"
)

func newHashPasswordCommand(t terminal) *cobra.Command {
	return &cobra.Command{
		Use:     "hash-password",
		Short:   "Read a password from standard input and print its hash for the member file",
		Example: "  $ printf %s \"$PASSWORD\" | ocsso hash-password\n  $argon2id$v=19$m=19456,t=2,p=1$...",
		RunE:    func(*cobra.Command, []string) error { return hashPassword(t) },
	}
}

// hashPassword reads one line and prints its hash. A terminal doesn't show what is typed.
func hashPassword(t terminal) error {
	typed, err := readPassword(t)
	if err != nil {
		return usage(fmt.Errorf("read the password: %w", err), "type it, or pipe it: printf %s \"$PASSWORD\" | ocsso hash-password")
	}
	if fault, hint := paste.Password(typed); fault != "" {
		return usage(fmt.Errorf("the password %s", fault), hint)
	}
	hash, err := password.Hash(typed)
	if err != nil {
		return usage(err, "give one line with the password on standard input")
	}
	_, err = fmt.Fprintln(t.stdout, hash)
	return err
}

func readPassword(t terminal) (string, error) {
	if file, ok := t.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(t.stderr, "Password: ")
		typed, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(t.stderr)
		return string(typed), err
	}
	line, err := bufio.NewReader(t.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

func newNewKeyCommand(t terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "new-key",
		Short: "Print a new session key for session.keys",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(t.stdout, newSessionKey())
			return err
		},
	}
}

func newSessionKey() string {
	key := make([]byte, config.KeySize)
	rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

func newVersionCommand(t terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		RunE: func(command *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(t.stdout, "ocsso", command.Root().Version)
			return err
		},
	}
}

// version is set by the linker where the build has no git to take it from: -X main.version=v1.2.3.
var version string

// buildVersion returns the version and the commit, if the build has them.
func buildVersion() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(version, "unknown")
	}
	text := cmp.Or(version, build.Main.Version)
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			text += " " + setting.Value
		}
	}
	return text
}
