package contract

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

func TestASectionEndsBeforeTheNext(t *testing.T) {
	for number, title := range map[string]string{
		"1":   "Words / 용어",
		"10a": "The vendor's console / 콘솔",
		"D2":  "The order with memberno / memberno의 순서",
		"D25": "Frames of other sites / 다른 사이트의 프레임",
	} {
		got := Section(number)
		if !strings.HasPrefix(got, title+"\n") || strings.Contains(got, "\n#") || !strings.HasSuffix(strings.TrimSpace(got), "다.") {
			t.Errorf("section %s: got %q, want it from %q to its summary in Korean", number, got, title)
		}
	}
	if got := Section("0"); got != "" {
		t.Errorf("section 0: got %q, want none", got)
	}
}

var (
	// citation is "CONTRACT 7", "CONTRACT 2 to 10a" or "CONTRACT 4, 5 and 8", which a comment may
	// break between two lines, or a decision's number.
	citation = regexp.MustCompile(`CONTRACT(?: sections?)?(?:\s|//)+(\d+a?\b(?:(?:,| to| and) \d+a?\b)*)|[\s"(](D\d+)\b`)
	number   = regexp.MustCompile(`D?\d+a?`)
)

func TestEverySectionThatTheCodeCitesExists(t *testing.T) {
	count := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case filepath.Ext(name) != ".go" && filepath.Ext(name) != ".templ":
			return nil
		}
		source, err := os.ReadFile(filepath.Join(root, name))
		for _, match := range citation.FindAllStringSubmatch(string(source), -1) {
			for _, number := range number.FindAllString(match[1]+match[2], -1) {
				count++
				if Section(number) == "" {
					t.Errorf("%s cites %q, and the contract has no section %s", name, match[0], number)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 60 {
		t.Errorf("got %d citations, want those of the whole module", count)
	}
}
