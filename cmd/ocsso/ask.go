package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"ocsso/internal/cli"
)

// An asker asks somebody at a terminal, or reads the answers from a pipe.
type asker struct {
	cli.Terminal
	input *bufio.Reader // of Stdin
}

func newAsker(t cli.Terminal) asker { return asker{t, bufio.NewReader(t.Stdin)} }

// line asks for a line. At the end of the input the error is io.ErrUnexpectedEOF.
func (a asker) line(prompt string) (string, error) {
	fmt.Fprint(a.Stderr, prompt)
	line, err := a.Await(func() (string, error) { return a.input.ReadString('\n') })
	if line == "" && err != nil {
		if prompt != "" {
			fmt.Fprintln(a.Stderr)
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// password is line, but a terminal doesn't show what is typed.
func (a asker) password(prompt string) (string, error) {
	if !cli.IsTerminal(a.Stdin) {
		return a.line(prompt)
	}
	terminal := int(a.Stdin.(*os.File).Fd())
	shown, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	fmt.Fprint(a.Stderr, prompt)
	typed, err := a.Await(func() (string, error) {
		typed, err := term.ReadPassword(terminal)
		return string(typed), err
	})
	fmt.Fprintln(a.Stderr)
	if errors.Is(err, cli.ErrInterrupted) {
		err = errors.Join(err, term.Restore(terminal, shown))
	}
	return typed, err
}
