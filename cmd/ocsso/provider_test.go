package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"ocsso/internal/cli/clitest"
	"ocsso/internal/oidc/oidctest"
)

// TestAPrivateCertificateAuthorityIsInAFile that SSL_CERT_FILE names.
func TestAPrivateCertificateAuthorityIsInAFile(t *testing.T) {
	p, server := oidctest.NewTLS(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	clitest.WriteFile(t, file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	sections := anyHelpCenter + fmt.Sprintf("login: {with: oidc, oidc: {issuer: %q, client_id: help, client_secret: here}}\n", p.Issuer)
	for ca, want := range map[string]int{file: http.StatusSeeOther, file + ".none": http.StatusBadGateway} {
		c := newChild(t, writeSettings(t, sections).with("SSL_CERT_FILE", ca))
		c.start()
		if got := newVisitor(t, "").must(t, "GET", c.site+"/login", nil); got.code != want {
			t.Errorf("SSL_CERT_FILE %s: got %d, want %d\n%s", ca, got.code, want, c.log)
		}
	}
}
