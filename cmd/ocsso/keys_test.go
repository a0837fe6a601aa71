package main

import (
	"bytes"
	"strings"
	"testing"

	"ocsso/internal/cli"
)

// TestHashPasswordRefusesAnotherEncoding has what PowerShell and a Korean Windows put into a pipe.
// noEnvironment is an environment without variables.
func noEnvironment() []string { return nil }

func TestHashPasswordRefusesAnotherEncoding(t *testing.T) {
	for _, test := range []struct{ name, input, want string }{
		{"UTF-16", "\xff\xfeh\x00u\x00n\x00t\x00e\x00r\x002\x00\r\x00\n\x00", "ocsso: the password is not UTF-8\nhint: "},
		{"cp949", "\xba\xf1\xb9\xd0\r\n", "ocsso: the password is not UTF-8\nhint: "},
	} {
		var stdout, stderr bytes.Buffer
		term := cli.Terminal{Stdin: strings.NewReader(test.input), Stdout: &stdout, Stderr: &stderr, Environ: noEnvironment}
		code := term.Report("ocsso", run(t.Context(), []string{"hash-password"}, term))
		if code != cli.ExitUsage || !strings.HasPrefix(stderr.String(), test.want) || stdout.Len() > 0 {
			t.Errorf("%s: got exit code %d, %q and %q, want %d, %q and nothing", test.name, code, stderr.String(), stdout.String(), cli.ExitUsage, test.want)
		}
	}
}
