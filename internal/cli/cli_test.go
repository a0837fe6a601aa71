package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"ocsso/internal/i18n"
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
		if got := term.Styled(Red, test.file, "ocsso"); got != test.want {
			t.Errorf("%v: got %q, want %q", test.environment, got, test.want)
		}
	}
	term := Terminal{Environ: func() []string { return nil }}
	if got := term.Styled(Red, &bytes.Buffer{}, "ocsso"); got != "ocsso" {
		t.Errorf("got %q in a buffer, want no color", got)
	}
}

func TestTheLanguageIsTheEnvironments(t *testing.T) {
	for environment, want := range map[string]i18n.Lang{
		"LANG=ko_KR.UTF-8": i18n.KO, "LANG=en_US.UTF-8": i18n.EN, "LANG=ko_KR.UTF-8 LC_ALL=C": i18n.EN,
		"LANG=C LC_MESSAGES=ko_KR": i18n.KO, "LANG=ja_JP": i18n.EN, "": i18n.EN,
	} {
		term := Terminal{Environ: func() []string { return strings.Fields(environment) }}
		if got := term.Lang(); got != want {
			t.Errorf("%q: got %s, want %s", environment, got, want)
		}
	}
}
