package enginetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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

// axeSource returns axe-core's script. npm downloads it on the first run, keeps it in its cache,
// and compares its hash with testdata.
func axeSource(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit")
	npm.Dir = dir
	if output, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("download axe-core with npm, which make test installs: %v\n%s", err, output)
	}
	source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}
