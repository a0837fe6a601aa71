package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/devtools/check"
	"ocsso/static"
)

// readmes are every README, relative to the module's folder.
var readmes = []string{
	"README.md", "README.ko.md", "deploy/README.md", "deploy/README.ko.md", "internal/devtools/check/README.md",
	"internal/devtools/standin/README.md",
}

func readREADME(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTheREADMEIsShortAndNamesTheOthers wants what is not for every reader in a README of its own,
// linked from the first screen.
func TestTheREADMEIsShortAndNamesTheOthers(t *testing.T) {
	for name, others := range map[string][]string{
		"README.md":    {"deploy/README.md", "internal/devtools/check/README.md", "internal/devtools/standin/README.md"},
		"README.ko.md": {"deploy/README.ko.md", "internal/devtools/check/README.md", "internal/devtools/standin/README.md"},
	} {
		lines := strings.Split(readREADME(t, name), "\n")
		if len(lines) >= 500 {
			t.Errorf("%s: got %d lines, want less than 500", name, len(lines))
		}
		links := linksIn(strings.Join(lines[:20], "\n"))
		for _, other := range others {
			if links[other] == nil {
				t.Errorf("%s: the first screen has no link to %s", name, other)
			}
		}
	}
}

// codeBlock is a block of code in Markdown.
var codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```$")

// TestTheREADMEsOfBothLanguagesSayTheSame compares headings, code without its comments, and links.
func TestTheREADMEsOfBothLanguagesSayTheSame(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^#+ `)
	comment := regexp.MustCompile(` +# .*`)
	outline := func(name string) []string {
		text := strings.ReplaceAll(readREADME(t, name), "README.ko.md", "README.md")
		list := []string{comment.ReplaceAllString(strings.Join(codeBlock.FindAllString(text, -1), "\n"), "")}
		list = append(list, heading.FindAllString(codeBlock.ReplaceAllString(text, ""), -1)...)
		return append(list, slices.Sorted(maps.Keys(linksIn(text)))...)
	}
	for _, name := range []string{"README", "deploy/README"} {
		if diff := cmp.Diff(outline(name+".md"), outline(name+".ko.md")); diff != "" {
			t.Errorf("%s (-English +Korean):\n%s", name, diff)
		}
	}
}

// linksIn returns the files that a README links to, each with the headings in it.
func linksIn(text string) map[string][]string {
	link := regexp.MustCompile(`\]\(([^#)]*)(#[^)]*)?\)`)
	files := map[string][]string{}
	for _, match := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		files[match[1]] = append(files[match[1]], match[2])
	}
	return files
}

func TestEveryLinkInTheREADMEsLeadsSomewhere(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	punctuation := regexp.MustCompile(`[^\pL\pN _-]`)
	for _, name := range readmes {
		for file, anchors := range linksIn(readREADME(t, name)) {
			target := path.Join(path.Dir(name), file)
			if file == "" {
				target = name
			}
			if _, err := os.Stat(filepath.Join("../..", target)); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, anchor := range anchors {
				if anchor == "" {
					continue
				}
				// As GitHub makes anchors of headings
				found := slices.ContainsFunc(heading.FindAllStringSubmatch(readREADME(t, target), -1), func(match []string) bool {
					words := punctuation.ReplaceAllString(strings.ToLower(match[1]), "")
					return anchor == "#"+strings.ReplaceAll(words, " ", "-")
				})
				if !found {
					t.Errorf("%s links to %s%s, which is no heading", name, target, anchor)
				}
			}
		}
	}
}

// commandLine is ocsso with its arguments: at the beginning of a line of code, or of code within a
// sentence.
var commandLine = regexp.MustCompile("(?m)(?:^ *|^ *- run: |`)(?:\\./|bin/)?ocsso ([a-z-][^`\n]*)")

// commandLines are the arguments of every command line in a README.
func commandLines(text string) [][]string {
	var lines [][]string
	for _, match := range commandLine.FindAllStringSubmatch(strings.ReplaceAll(text, "\\\n", " "), -1) {
		words := strings.Fields(match[1])
		if end := slices.IndexFunc(words, func(word string) bool { return word == "#" || word == ">" }); end >= 0 {
			words = words[:end]
		}
		lines = append(lines, words)
	}
	return lines
}

func TestEveryCommandInTheREADMEsExists(t *testing.T) {
	count := 0
	for _, name := range readmes {
		for _, words := range commandLines(readREADME(t, name)) {
			count++
			line := name + ": ocsso " + strings.Join(words, " ")
			command, arguments, err := newRootCommand(terminal{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}).Find(words)
			if err == nil {
				err = errors.Join(command.ParseFlags(arguments), command.ValidateArgs(command.Flags().Args()))
			}
			if err != nil || !command.HasParent() {
				t.Errorf("%s: got error %v, want a command with its flags and arguments", line, err)
				continue
			}
			if cases, err := command.Flags().GetStringSlice("only"); err == nil {
				if _, err := check.Select(cases...); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
		}
	}
	if count < 60 {
		t.Errorf("got %d command lines, want those of all READMEs", count)
	}
}

// TestTheTokensInTheREADMEAreWrongAsItSays runs its examples with the vendor's published key, in
// the README's language.
func TestTheTokensInTheREADMEAreWrongAsItSays(t *testing.T) {
	for name, label := range map[string]string{"README.md": "wrong ", "README.ko.md": "잘못된 점 "} {
		lang := map[string]string{"README.md": "en_US.UTF-8", "README.ko.md": "ko_KR.UTF-8"}[name]
		environment := &environment{values: map[string]string{keyVariable: "7cf2828608274a49a3f06152b2188927", "LANG": lang}}
		text := readREADME(t, name)
		sentences := strings.Join(strings.Fields(text), " ") // without line breaks
		count := 0
		for _, words := range commandLines(text) {
			if !slices.Contains(words, "--token") {
				continue
			}
			count++
			var stdout bytes.Buffer
			if err := run(t.Context(), words, environment.list, strings.NewReader(""), &stdout, &bytes.Buffer{}); err == nil {
				t.Errorf("%s: ocsso %s: got a right token, want a wrong one", name, strings.Join(words, " "))
			}
			verdict, _, _ := strings.Cut(stdout.String(), "\n")
			cause, wrong := strings.CutPrefix(verdict, label)
			if cause = strings.TrimSpace(cause); !wrong || !strings.Contains(sentences, `"`+cause+`"`) {
				t.Errorf("%s: ocsso %s: got %q, want the README to say that", name, strings.Join(words, " "), verdict)
			}
		}
		if count != 2 {
			t.Errorf("%s: got %d tokens, want the two of the troubleshooting", name, count)
		}
	}
}

// route is a method, or several, and a path in a table of the README.
var route = regexp.MustCompile("`([A-Z,]+) (/[^ `]*)`")

func TestEveryRouteInTheREADMEIsServed(t *testing.T) {
	const password = anyHelpCenter + `
links_api: {keys: [9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08]}
`
	const oidc = anyHelpCenter + `
login: {with: oidc, oidc: {issuer: "http://localhost:1", client_id: help}}
`
	byPassword, byOIDC := writeSettings(t, password).serve(t), writeSettings(t, oidc).serve(t)
	paths := strings.NewReplacer("{usercode}", "minji", "/static/*", static.URL("favicon.svg"))
	count := 0
	for line := range strings.Lines(readREADME(t, "README.md")) {
		if !strings.HasPrefix(line, "| `GET") && !strings.HasPrefix(line, "| `POST") {
			continue
		}
		row, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, match := range route.FindAllStringSubmatch(row, -1) {
			for method := range strings.SplitSeq(match[1], ",") {
				count++
				path := paths.Replace(match[2])
				served := false
				for _, origin := range []string{byPassword.site, byPassword.admin, byOIDC.site} {
					status := newVisitor(t, "").must(t, method, origin+path, nil).code
					served = served || status != 404 && status != 405
				}
				if !served {
					t.Errorf("%s %s: got 404 or 405, want it served", method, path)
				}
			}
		}
	}
	if count < 20 {
		t.Errorf("got %d routes, want those of the whole table", count)
	}
}
