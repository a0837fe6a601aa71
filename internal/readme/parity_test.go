package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// eachSection calls compare with each section of the English README and the one at its place in the Korean one. It ends the
// test where they haven't got the same headings, because nothing else can be held together then.
func eachSection(t *testing.T, compare func(english, korean *section)) {
	t.Helper()
	english, korean := readDocument(t, readmes[0]), readDocument(t, readmes[1])
	for i, section := range english.sections {
		if i >= len(korean.sections) {
			t.Fatalf("%s ends before %q", korean.name, section.heading)
		}
		if other := korean.sections[i]; other.level != section.level {
			t.Fatalf("%s has %q, of level %d, where %s has %q, of level %d", korean.name, other.heading, other.level, english.name, section.heading, section.level)
		}
		compare(section, korean.sections[i])
	}
	if more := len(english.sections); more < len(korean.sections) {
		t.Fatalf("%s has %q, and %s has no such heading", korean.name, korean.sections[more].heading, english.name)
	}
}

func TestBothREADMEsHaveTheSameHeadings(t *testing.T) {
	eachSection(t, func(english, korean *section) {
		if english.level > 1 && english.heading == korean.heading {
			t.Errorf("got the heading %q in both, want it translated", english.heading)
		}
	})
}

func TestBothREADMEsHaveTheSameCodeButForComments(t *testing.T) {
	eachSection(t, func(english, korean *section) {
		if diff := cmp.Diff(english.code, korean.code); diff != "" {
			t.Errorf("code below %q and %q differs (-English +Korean):\n%s", english.heading, korean.heading, diff)
		}
	})
}

// codeOnly is a cell that is the same in every language.
var codeOnly = regexp.MustCompile("^(?:`[^`]*`|–|,|<br>| )+$")

func TestBothREADMEsHaveTheSameTables(t *testing.T) {
	eachSection(t, func(english, korean *section) {
		if got, want := len(korean.tables), len(english.tables); got != want {
			t.Errorf("got %d rows below %q, want the %d of %q", got, korean.heading, want, english.heading)
			return
		}
		for i, want := range english.tables {
			got := korean.tables[i]
			if len(got) != len(want) {
				t.Errorf("got the row %q below %q, want %d cells", got, korean.heading, len(want))
				continue
			}
			for j := range want {
				if codeOnly.MatchString(want[j]) && got[j] != want[j] {
					t.Errorf("got %q in a table below %q, want %q", got[j], korean.heading, want[j])
				}
			}
		}
	})
}

func TestBothREADMEsLinkToTheSame(t *testing.T) {
	eachSection(t, func(english, korean *section) {
		if diff := cmp.Diff(filesOf(english), filesOf(korean)); diff != "" {
			t.Errorf("links below %q and %q differ (-English +Korean):\n%s", english.heading, korean.heading, diff)
		}
	})
}

// filesOf are the files that a section links to, but for the other README.
func filesOf(s *section) []string {
	var files []string
	for _, link := range s.links {
		if file, _, _ := strings.Cut(link, "#"); file != "" && !slices.Contains(readmes, file) {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return files
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	for _, name := range readmes {
		d := readDocument(t, name)
		anchors := map[string]bool{}
		for _, s := range d.sections {
			if anchors[anchor(s.heading)] {
				t.Errorf("%s has the heading %q twice, want links to be clear", name, s.heading)
			}
			anchors[anchor(s.heading)] = true
		}
		for _, s := range d.sections {
			for _, link := range s.links {
				file, fragment, _ := strings.Cut(link, "#")
				if file == "" && !anchors[fragment] {
					t.Errorf("%s links to #%s, and has no such heading", name, fragment)
				}
				if _, err := os.Stat(filepath.Join(root, file)); err != nil {
					t.Errorf("%s links to %s: %v", name, link, err)
				}
			}
		}
	}
}

func TestEveryMakeTargetThatTheREADMEsNameExists(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)")
	for _, name := range readmes {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range command.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains("\n"+string(makefile), "\n"+target[1]+":") {
				t.Errorf("%s says make %s, and the Makefile has no such target", name, target[1])
			}
		}
	}
}

// registered is a path in a line of package web that gives it a handler.
var registered = regexp.MustCompile(`\.(?:Get|Post|Put|Delete|Options|Handle|HandleFunc)\("(?:[A-Z]+ )?(/[^"]*)"`)

// TestEveryRouteOfTheServerIsInTheTable reads the source; that every route in the table is served, cmd/ocsso asks a server.
func TestEveryRouteOfTheServerIsInTheTable(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, readmes[0]))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "web", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, match := range registered.FindAllStringSubmatch(string(source), -1) {
			count++
			path := strings.TrimSuffix(match[1], "{$}")
			if !strings.Contains(string(readme), " "+path+"`") && !strings.Contains(string(readme), " "+path+"*`") {
				t.Errorf("%s serves %s, and %s has no such route", filepath.Base(file), path, readmes[0])
			}
		}
	}
	if count < 10 {
		t.Errorf("got %d routes in the source, want more", count)
	}
}
