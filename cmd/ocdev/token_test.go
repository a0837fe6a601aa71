package main

import (
	"strings"
	"testing"

	"ocsso/internal/cli"
	"ocsso/internal/cli/clitest"
)

func TestTheExitCodeOfExplainIsItsVerdict(t *testing.T) {
	environment := &clitest.Environment{Values: map[string]string{keyVariable: "7cf2828608274a49a3f06152b2188927"}}
	for token, want := range map[string]int{
		"Sh/8sq7JPB8FYL4/86BZyRzqKjNsVbzXcVxS3OwA8/c=": 0, // right
		"HGoyTfMvETpYySQM1hg4Wy1yd5H0JmyhOIDZYq/t5/g=": cli.ExitFailed,
		"": cli.ExitUsage,
	} {
		_, _, got := clitest.RunCommand(t, "ocdev", run, environment,
			"token", "explain", "--service", "hangame", "--usercode", "alice", "--time", "1660095873001", "--token", token)
		if got != want {
			t.Errorf("token %q: got exit code %d, want %d", token, got, want)
		}
	}
}

// TestExplainAsksForWhatTheSignerMayHaveUsed is for the vendor's sample, which writes lower-case hex
// and signs a returnUrl in an api call.
func TestExplainAsksForWhatTheSignerMayHaveUsed(t *testing.T) {
	environment := &clitest.Environment{Values: map[string]string{keyVariable: "7cf2828608274a49a3f06152b2188927"}}
	sample := []string{"token", "explain", "--lang", "en", "--handoff", "api", "--service", "hangame", "--usercode", "alice", "--time", "1660095873001",
		"--token", "79fcd254768151d0d1209e53bad4dd29cd004ba2f286bb638373be20545240d8"}
	_, stderr, _ := clitest.RunCommand(t, "ocdev", run, environment, sample...)
	for _, want := range []string{"--return-url", "--also-key-file"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("without a returnUrl: got %q, want it to name %s", stderr, want)
		}
	}
	stdout, _, _ := clitest.RunCommand(t, "ocdev", run, environment, append(sample, "--return-url", "https://acme.oc.nhncloud.com/hangame/hc/")...)
	for _, want := range []string{"returnUrl signed in an api call", "token not in standard Base64", "&https://acme.oc.nhncloud.com/hangame/hc/&"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("with it: got\n%swant %q in it", stdout, want)
		}
	}
}
