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
	hash, err := hashTyped(typed)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.stdout, hash)
	return err
}

// hashTyped returns the hash of a password that members can type.
func hashTyped(typed string) (hash string, err error) {
	if fault, hint := paste.Password(typed); fault != "" {
		return "", usage(fmt.Errorf("the password %s", fault), hint)
	}
	if hash, err = password.Hash(typed); err != nil {
		return "", usage(err, "give one line with the password on standard input")
	}
	return hash, nil
}

// readHidden asks for a password at a terminal, which doesn't show what is typed. It is not ok
// where the input is none.
func readHidden(t terminal, prompt string) (typed string, ok bool, err error) {
	file, ok := t.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return "", false, nil
	}
	fmt.Fprint(t.stderr, prompt+": ")
	password, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(t.stderr)
	return string(password), true, err
}

func readPassword(t terminal) (string, error) {
	if typed, ok, err := readHidden(t, "Password"); ok {
		return typed, err
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
