package repo

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTheTopLevelHoldsNothingElse keeps the repository's front page short. A fork that puts its own
// files there removes this package.
func TestTheTopLevelHoldsNothingElse(t *testing.T) {
	allowed := strings.Fields("go.mod go.sum cmd deploy internal web templates static config.example.yaml " +
		"example.go Dockerfile Makefile README.md README.ko.md")
	// What building and running leave there
	ignored, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(ignored)) {
		allowed = append(allowed, strings.Trim(strings.TrimSpace(line), "/"))
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) {
			t.Errorf("%s is at the top level, where only %v may be", name, allowed)
		}
	}
}
