package cli

import (
	"bytes"
	"os"
	"testing"
)

func TestColorsAreForTerminals(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this system makes no terminal: %v", err)
	}
	defer terminal.Close()
	for _, test := range []struct {
		environment []string
		file        *os.File
		want        string
	}{
		{nil, terminal, "\x1b[1;31mocsso\x1b[0m"},
		{[]string{"NO_COLOR="}, terminal, "\x1b[1;31mocsso\x1b[0m"}, // no-color.org: where it isn't empty
		{[]string{"NO_COLOR=1"}, terminal, "ocsso"},
		{[]string{"TERM=dumb"}, terminal, "ocsso"},
		{nil, nil, "ocsso"},
	} {
		term := Terminal{Environ: func() []string { return test.environment }}
		if got := term.In(Red, test.file, "ocsso"); got != test.want {
			t.Errorf("%v: got %q, want %q", test.environment, got, test.want)
		}
	}
	term := Terminal{Environ: func() []string { return nil }}
	if got := term.In(Red, &bytes.Buffer{}, "ocsso"); got != "ocsso" {
		t.Errorf("got %q in a buffer, want no color", got)
	}
}
