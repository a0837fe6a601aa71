package main

import (
	"os"
	"strings"
	"testing"

	"ocsso/internal/cli/clitest"
)

// TestConfigCheckWarnsOfATLSKeyThatOthersMayRead is for the one secret that no setting holds. The
// others are in testdata/script/config.txtar.
func TestConfigCheckWarnsOfATLSKeyThatOthersMayRead(t *testing.T) {
	s := writeSettings(t, anyHelpCenter)
	files := newCertificate(t)
	s.with("OCSSO_SERVER_TLS_CERT_FILE", files.CertFile).with("OCSSO_SERVER_TLS_KEY_FILE", files.KeyFile).
		with("OCSSO_SERVER_PUBLIC_URL", "https://localhost:8443")
	for mode, want := range map[os.FileMode]int{0o600: 0, 0o644: 1, 0o640: 0, 0o604: 1} {
		if err := os.Chmod(files.KeyFile, mode); err != nil {
			t.Fatal(err)
		}
		_, stderr, code := clitest.RunCommand(t, "ocsso", run, s.environment, "config", "check", "--config", s.file)
		if got := strings.Count(stderr, "warning: other users may read "+files.KeyFile); got != want || code != 0 {
			t.Errorf("mode %o: got exit code %d and %q, want 0 and %d warnings", mode, code, stderr, want)
		}
	}
}
