package enginetest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The version of axe-core and its hash, as printed by: npm view axe-core version dist.integrity
const (
	axeVersion   = "4.14.1"
	axeIntegrity = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)

// wantAccessible checks what WCAG 2.2 AA demands and axe-core can judge, and axe-core's best
// practices, in the document without its frames.
func (v *visit) wantAccessible(axe, frame, name string) {
	v.t.Helper()
	for _, violation := range v.axe(axe, frame) {
		v.t.Errorf("%s: %s", name, violation)
	}
}

func (v *visit) axe(source, frame string) []string {
	v.t.Helper()
	// This is not a script of the page, which its Content-Security-Policy would forbid.
	v.run(frame, "window.axe || (() => {"+source+"})()")
	v.run(frame, `(delete document.axe, axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
		resultTypes: ["violations"],
		iframes: false,
	}).then((found) => { document.axe = found.violations.flatMap((rule) =>
		rule.nodes.map((node) => rule.id + ": " + node.html + ": " + node.failureSummary)); }))`)
	v.until(frame, "document.axe")
	return ask[[]string](v, frame, "document.axe")
}

// TestAxeFindsWhatIsWrong: otherwise, no findings would mean nothing.
func TestAxeFindsWhatIsWrong(t *testing.T) {
	v := startBrowser(t, chromium, settings{}).visit(t)
	v.see(v.Site + "/login")
	v.run("", `[document.querySelector("label").remove(), document.documentElement.lang = "", document.querySelector("h1").remove()]`)
	got := strings.Join(v.axe(axeSource(t), ""), "\n")
	for _, rule := range []string{"label", "html-has-lang", "page-has-heading-one"} {
		if !strings.Contains(got, rule+": ") {
			t.Errorf("got %q, want a violation of %s", got, rule)
		}
	}
}

// axeSource returns axe-core's script. npm downloads it on the first run and keeps it in its cache.
func axeSource(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Fatal("got no npm on the path, to download axe-core: install it, as make test does on Debian and Ubuntu")
	}
	dir := t.TempDir()
	npm := exec.CommandContext(t.Context(), "npm", "pack", "axe-core@"+axeVersion, "--prefer-offline", "--silent")
	npm.Dir = dir
	if output, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm pack axe-core@%s: %v\n%s", axeVersion, err, output)
	}
	pack, err := os.ReadFile(filepath.Join(dir, "axe-core-"+axeVersion+".tgz"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(pack)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != axeIntegrity {
		t.Fatalf("got an axe-core %s of %s, want %s", axeVersion, got, axeIntegrity)
	}
	source, err := unpack(pack, "package/axe.min.js")
	if err != nil {
		t.Fatalf("unpack axe-core: %v", err)
	}
	return source
}

// unpack returns one file of a .tgz.
func unpack(pack []byte, name string) (string, error) {
	plain, err := gzip.NewReader(bytes.NewReader(pack))
	if err != nil {
		return "", err
	}
	for files := tar.NewReader(plain); ; {
		file, err := files.Next()
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		if file.Name == name {
			source, err := io.ReadAll(files)
			return string(source), err
		}
	}
}
